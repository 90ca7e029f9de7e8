# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What one device of the town would have told the collector: its agent, without waiting and without a bus.

The words come from the signals, what is said of them from `demo.history.saying`, and what it means from the
agent's own zones. A power cut and a start without the time leave the traces here that they leave there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from bezet import wire
from bezet.model import KINDS, Level, Reading, Zone
from bezet.retention import DAY_MS
from collector.retelling import room_at, turns_ms
from demo.faults import Fault, Spell
from demo.history.saying import Saying
from demo.sensing import make_signal
from edge.sensors import DRIVERS
from edge.voice import Device as Sender
from edge.voice import health_message
from edge.zone import ZoneLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from demo.plan import Device
    from demo.sensing import Signal
    from demo.town import Town


@dataclass(slots=True)
class Told:
    """What a device told of a span: in time, and what came too late, because nothing carried it."""

    batches: list[wire.Batch] = field(default_factory=list)
    late: list[wire.Batch] = field(default_factory=list)
    healths: list[wire.Health] = field(default_factory=list)


class Telling:
    """One device; spans must follow each other. What it remembers between them can be pickled."""

    def __init__(self, town: Town, device: Device) -> None:
        self._device = device
        self._saying = Saying()
        self._kept: dict[str, str | None] = dict.fromkeys(device.spaces)
        self._boots = 0
        self._was_on = False
        self._site = town.building.site

    def tell(self, town: Town, start_ms: int, end_ms: int, *, presence_from_ms: int) -> Told:
        """Everything of [`start_ms`, `end_ms`); readings of presence only from an instant on.

        The others would have been removed by now (`bezet.retention`), and nobody may find them.
        """
        told = Told()
        signals = [make_signal(town, hung) for hung in self._device.sensors]
        zones = self._zones()
        off, unheard = (
            town.without_power(self._device.name, start_ms, end_ms),
            self._unheard(town, start_ms, end_ms),
        )
        for from_ms, to_ms in pairwise(_cuts([*off, *unheard], self._turns_ms(town), start_ms, end_ms)):
            is_on = not _is_in(from_ms, off)
            if is_on != self._was_on:
                zones = self._switch(zones, from_ms, told, is_on=is_on)
            if is_on:
                self._furnish(town, zones, from_ms)
                self._speak(zones, signals, from_ms, to_ms)
                found = [self._shown(one, presence_from_ms) for one in self._drafts(zones)]
                (told.late if _is_in(from_ms, unheard) else told.batches).extend(found)
        self._kept = {space: zone.remember() for space, zone in zones.items()}
        self._saying.rest()
        return told

    def _zones(self) -> dict[str, ZoneLog]:
        return {
            space: ZoneLog(Zone(self._site, space, self._device.name), kept)
            for space, kept in self._kept.items()
        }

    def _furnish(self, town: Town, zones: dict[str, ZoneLog], t_ms: int) -> None:
        """Let the rules know what each space is from an instant on."""
        for space, zone in zones.items():
            zone.room = room_at(town.building, space, t_ms)

    def _turns_ms(self, town: Town) -> list[int]:
        """When somebody tells the rules that a space is another one now: as its layout begins."""
        return [t_ms for space in self._device.spaces for t_ms in turns_ms(town.building, space)]

    # --- when it has power, and is heard ---

    def _unheard(self, town: Town, start_ms: int, end_ms: int) -> list[Spell]:
        """When what it tells comes later: nothing carries it, or it does not know the time yet."""
        boots = town.spells(Fault.CLOCKLESS_BOOT, self._device.name, start_ms, end_ms)
        return [*town.spells(Fault.BROKER_OUT, "", start_ms, end_ms), *boots]

    def _switch(self, zones: dict[str, ZoneLog], t_ms: int, told: Told, *, is_on: bool) -> dict[str, ZoneLog]:
        """The power comes or goes: the agent starts anew from what it kept on disk."""
        self._was_on = is_on
        self._boots += is_on
        self._saying.forget()
        told.healths.append(self._health(t_ms, is_on=is_on))
        self._kept = {space: zone.remember() for space, zone in zones.items()}
        return self._zones()

    def _boot(self) -> str:
        return f"{self._boots:016x}"

    def _health(self, t_ms: int, *, is_on: bool) -> wire.Health:
        sensors = {hung.id: wire.SensorState.OK for hung in self._device.sensors} if is_on else {}
        sender = Sender(self._site, self._device.name)
        clock = wire.Clock.TRUSTED if is_on else wire.Clock.UNTRUSTED
        return health_message(sender, self._boot(), t_ms, online=is_on, sensors=sensors, clock=clock)

    # --- what it says ---

    def _speak(self, zones: dict[str, ZoneLog], signals: list[Signal], start_ms: int, end_ms: int) -> None:
        heard = [
            (hung, DRIVERS[hung.driver].stands_s, signal.words(start_ms, end_ms))
            for hung, signal in zip(self._device.sensors, signals, strict=True)
        ]
        by_space = attrgetter("space")
        for t_ms, said in self._saying.say(heard, end_ms):
            for space, spoken in groupby(sorted(said, key=by_space), by_space):
                zones[space].take([Reading(t_ms, one.name, one.kind, one.amount) for one in spoken])
        for zone in zones.values():
            zone.pass_time(end_ms - 1)

    def _drafts(self, zones: dict[str, ZoneLog]) -> Iterator[wire.Batch]:
        for zone in zones.values():
            yield from zone.drafts(self._boot(), wire.Clock.TRUSTED)

    def _shown(self, batch: wire.Batch, presence_from_ms: int) -> wire.Batch:
        kept = tuple(
            one
            for one in batch.readings
            if one.t_ms >= presence_from_ms or KINDS[one.kind].level is not Level.PRESENCE
        )
        return batch if len(kept) == len(batch.readings) else replace(batch, readings=kept)


def _is_in(t_ms: int, spells: Iterable[Spell]) -> bool:
    return any(spell.from_ms <= t_ms < spell.to_ms for spell in spells)


def _cuts(spells: Iterable[Spell], turns_ms: Iterable[int], start_ms: int, end_ms: int) -> list[int]:
    """The instants between which no spell begins or ends and nothing turns, and at which a UTC day ends."""
    days = range(-(-start_ms // DAY_MS) * DAY_MS, end_ms, DAY_MS)
    turns = {start_ms, end_ms, *days, *turns_ms, *(t_ms for spell in spells for t_ms in spell)}
    return sorted(t_ms for t_ms in turns if start_ms <= t_ms <= end_ms)
