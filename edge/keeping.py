# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts on disk what zones have to say, and what waits for the time; one by one, and never half of it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bezet import wire
from bezet.errors import OutboxFull

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from edge.clock import Clock
    from edge.health import HealthBook
    from edge.holding import Holding
    from edge.outbox import Outbox
    from edge.zone import ZoneLog

LOG = logging.getLogger("bezet.edge")

#: Readings that change no state wait so long for company before they are put on disk; a change of state goes
#: at once. It is what a power cut costs at most, and what spares the SD card: a commit for each costs four
#: times as much.
COMPANY_MS = 5_000


class Keeper:
    """Keeps for one agent; `posted` hears of new messages, `again` when health has something new to say."""

    def __init__(
        self,
        zones: Mapping[str, ZoneLog],
        outbox: Outbox,
        holding: Holding,
        health: HealthBook,
        clock: Clock,
        boot: str,
        *,
        posted: Callable[[Sequence[int]], None],
        again: Callable[[], None],
    ) -> None:
        self._zones = zones
        self._outbox = outbox
        self._holding = holding
        self._health = health
        self._clock = clock
        self._boot = boot
        self._posted = posted
        self._again = again
        self._under_way: set[asyncio.Task[None]] = set()
        self._kept_ms = clock.monotonic_ms()
        #: Held while anything is on its way to the disk.
        self.lock = asyncio.Lock()

    async def flush(self) -> None:
        """Put what is pending on disk, together with what a restart must know."""
        await self._uncut(self._put())

    async def flush_if_due(self) -> None:
        """The same, if it has waited for company long enough."""
        if self._clock.monotonic_ms() - self._kept_ms >= COMPANY_MS:
            await self.flush()

    async def hold(self) -> None:
        """Put what waits for the time on disk."""
        await self._uncut(self._hold())

    async def save(self) -> None:
        """Leave nothing unsaved."""
        await self.flush()
        if self._holding:
            await self.hold()

    async def _uncut(self, work: Coroutine[Any, Any, None]) -> None:
        """See work to its end, also when whoever waits for it is cancelled: half of it may be on disk."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _put(self) -> None:
        async with self.lock:
            zones = [zone for zone in self._zones.values() if zone.pending]
            releases = self._holding.released
            if not zones and releases is None:
                return
            drafts = [draft for zone in zones for draft in zone.drafts(self._boot, wire.Clock.TRUSTED)]
            keep = {f"zone {zone.zone.space}": zone.remember() for zone in zones}
            keep |= {f"newest {zone.zone.space}": str(zone.newest_ms) for zone in zones if zone.newest_ms}
            try:
                evicted = await asyncio.to_thread(self._outbox.put, drafts, keep, releases=releases)
            except OutboxFull as error:
                for zone in zones:
                    zone.not_written()
                self._note_full(error)
                return
            self._holding.gone()
            self._kept_ms = self._clock.monotonic_ms()
            self._note_room(evicted)
            self._posted(evicted)

    async def _hold(self) -> None:
        async with self.lock:
            try:
                await asyncio.to_thread(self._holding.keep)
            except OutboxFull as error:
                self._note_full(error)
            else:
                self._note_room(())

    def _note_full(self, error: OutboxFull) -> None:
        if self._health.trouble(wire.Trouble.DISK_FULL, there=True):
            LOG.error("%s: readings wait in memory, the oldest are dropped first", error)
            self._again()

    def _note_room(self, evicted: Sequence[int]) -> None:
        if self._health.trouble(wire.Trouble.DISK_FULL, there=False):
            LOG.info("the disk takes messages again")
        if evicted and self._health.trouble(wire.Trouble.OUTBOX_FULL, there=True):
            LOG.warning("the outbox is full: its oldest messages are refused to make room for new ones")
            self._again()
