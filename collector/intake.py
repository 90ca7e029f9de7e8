# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What of a building's messages is taken in, and how it gets into the store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bezet import wire
from bezet.errors import BadMessage, Cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from bezet.link import Delivery
    from bezet.model import Building
    from store import Reject, Store

#: What a device says of itself is stored when it is news, and else so often.
HEALTH_EVERY_MS = 15 * 60_000
#: So many devices are remembered by what they said last; somebody who makes up names fills no memory.
MOST_DEVICES = 10_000


@dataclass(slots=True)
class Haul:
    """One write's worth of deliveries, sorted."""

    deliveries: list[Delivery] = field(default_factory=list)
    batches: list[wire.Batch] = field(default_factory=list)
    newest_ms: list[int] = field(default_factory=list)
    private: list[wire.Batch] = field(default_factory=list)
    healths: list[wire.Health] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    refusals: list[tuple[str, str, str, wire.Refusal]] = field(default_factory=list)


class Intake:
    """Takes in what belongs to one building, and writes it."""

    def __init__(self, store: Store, building: Building, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._building = building
        self._now_ms = now_ms
        self._said: dict[str, wire.Health] = {}

    def take(self, message: wire.Message, haul: Haul, *, is_live: bool) -> None:
        """Put a message on the haul; `BadMessage` where it does not belong here."""
        match message:
            case wire.Batch():
                self._take_batch(message, haul)
            case wire.Health():
                self._take_health(message, haul, is_live=is_live)
            case _:
                raise BadMessage(Cause.BAD_TOPIC, "only readings and health are collected")

    def _take_batch(self, batch: wire.Batch, haul: Haul) -> None:
        if batch.site != self._building.site or batch.space not in self._building.spaces:
            what = f"space {batch.space} of site {batch.site} is not in the building file"
            raise BadMessage(Cause.UNKNOWN_SPACE, what, batch.boot, batch.seq)
        instants = [reading.t_ms for reading in batch.readings] + [state.t_ms for state in batch.states]
        newest_ms = max(instants, default=0)
        self._check_future(newest_ms, batch.boot, batch.seq)
        if self._building.spaces[batch.space].measured:
            haul.batches.append(batch)
            haul.newest_ms.append(newest_ms)
        else:
            haul.private.append(batch)

    def _take_health(self, health: wire.Health, haul: Haul, *, is_live: bool) -> None:
        """Keep what an agent says of itself if it is news."""
        if health.site != self._building.site:
            raise BadMessage(Cause.UNKNOWN_SPACE, f"site {health.site} is not in the building file")
        if is_live and not health.online:
            # A last will was written when its agent connected; the agent is gone since now.
            health = replace(health, t_ms=self._now_ms())
        self._check_future(health.t_ms)
        last = self._said.get(health.device)
        if last is None or _is_news(last, health):
            if len(self._said) >= MOST_DEVICES:
                self._said.clear()
            self._said[health.device] = health
            haul.healths.append(health)

    def _check_future(self, t_ms: int, boot: str | None = None, seq: int | None = None) -> None:
        ahead_ms = t_ms - self._now_ms()
        if ahead_ms > wire.FUTURE_MS:
            raise BadMessage(Cause.FUTURE, f"{ahead_ms / 1000:.0f} s ahead of our clock", boot, seq)

    def write(self, haul: Haul) -> None:
        """Commit a haul, or raise what the store raises."""
        if haul.batches:
            self._store.write(haul.batches)
        if haul.healths:
            self._store.write_health(haul.healths)
        if haul.rejects:
            self._store.reject(haul.rejects)
            haul.rejects.clear()


def _is_news(last: wire.Health, health: wire.Health) -> bool:
    """Whether it says something else, or the last one was long before or after."""
    same = replace(last, t_ms=health.t_ms, uptime_s=health.uptime_s, queued=health.queued)
    return same != health or abs(health.t_ms - last.t_ms) >= HEALTH_EVERY_MS
