# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Looks for alarms each minute, and keeps what somebody said of them."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from api.alarms.judging import Alarm, DeviceNow, Seen, absent, findings, settled
from api.alarms.rules import AV_WORD_MS, COVERAGE_AFTER_MS, LOOK_MS, Why
from api.alarms.telling import must_know
from api.book.alarms import (
    Mute,
    read_alarms,
    read_mutes,
    read_untold,
    remove_mute,
    write_alarms,
    write_mute,
    write_told,
)
from api.sensed import av_words, is_left_on, sensed
from bezet.errors import StoreError
from bezet.hours import is_open, openings
from bezet.model import Kind
from bezet.usage.air import limits_ppm
from bezet.usage.facts import GRACE_MS, QUARTER_MS, ROW
from bezet.usage.spaces import LOOK_BACK_MS, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from api.alarms.judging import Key
    from api.alarms.telling import Told
    from api.book import Book
    from api.calendars.bookings import Bookings
    from api.live import Board, Sensed
    from bezet.model import Building, Space
    from bezet.usage.columns import DeviceReading
    from store import Store

LOG = logging.getLogger("bezet.api.alarms")

EACH_S = 60.0
_KINDS = {Kind.CO2_PPM, Kind.AV_STATE, Kind.POWER_W}


class Watch:
    """The alarms of one window.

    `told` is called with what other systems must know (api/alarms/telling.py), in the event loop; `changed`
    with each alarm that opened, ended, or of which somebody said something, in any thread.
    """

    def __init__(
        self,
        store: Store,
        building: Building,
        board: Board,
        bookings: Bookings,
        book: Book,
        clock: Callable[[], int],
    ) -> None:
        self._store, self._building, self._board = store, building, board
        self._bookings, self._book, self._clock = bookings, book, clock
        air = building.air
        self._limits_ppm = limits_ppm(air.profile, air.outdoor_ppm, air.limits_ppm or None)
        self._unread_ms: dict[str, int] = {}
        self._absent_ms: dict[str, int] = {}
        self._down_ms: int | None = None
        self._newest: dict[Key, Alarm] = {}
        self._judging = threading.Lock()
        self._looking = asyncio.Lock()
        for alarm in reversed(read_alarms(book)):
            self._newest[alarm.key] = alarm
        self._muted: set[Key] = set()
        self.told: list[Callable[[Alarm, Told], None]] = []
        self.changed: list[Callable[[Alarm, Mute | None], None]] = []
        #: Is given what was sensed of every space lately, in the event loop.
        self.sensed: Callable[[Mapping[str, Sensed]], None] = lambda _: None

    async def watch(self) -> None:
        """Look for ever; whoever cannot be asked now is asked again in a minute."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                LOG.warning("alarms cannot be kept: %s", error)
            await asyncio.sleep(EACH_S)

    async def look(self) -> None:
        """Look once; who comes while somebody looks waits, or both would tell the same."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        seen = self._seen()
        try:
            seen, lately = await asyncio.to_thread(self._with_store, seen)
        except StoreError:
            seen = replace(seen, store_is_readable=False)
        else:
            self.sensed(lately)
        for alarm, mute in await asyncio.to_thread(self._judge, seen):
            self._stir(alarm, mute)
        untold = await asyncio.to_thread(self._untold, seen.now_ms)
        for alarm, told in untold:
            for tell in self.told:
                tell(alarm, told)
        # Not before: who ends between the two tells it twice, and that is better than never.
        await asyncio.to_thread(write_told, self._book, [(alarm.id, told) for alarm, told in untold])

    def _judge(self, seen: Seen) -> list[tuple[Alarm, Mute | None]]:
        """Keep what is found; what opened and ended, and what was muted until now."""
        with self._judging:
            found = findings(seen, self._newest)
            after, changes = settled(self._newest, found, seen, _ids())
            write_alarms(self._book, [one for key, one in after.items() if one != self._newest.get(key)])
            self._newest = after
            mutes = read_mutes(self._book, seen.now_ms)
            over = [after[key] for key in self._muted - mutes.keys() if key in after]
            self._muted = set(mutes)
        unmuted = [one for one in over if one.ended_ms is None]
        changed = {one.id: one for one in [*unmuted, *(change.alarm for change in changes)]}
        return [(one, mutes.get(one.key)) for one in changed.values()]

    def _stir(self, alarm: Alarm, mute: Mute | None) -> None:
        for hear in self.changed:
            hear(alarm, mute)

    def _untold(self, now_ms: int) -> list[tuple[Alarm, Told]]:
        """What is to be told now of which alarms."""
        mutes = read_mutes(self._book, now_ms)
        known = [
            (one, told, must_know(told, one, is_muted=one.key in mutes, now_ms=now_ms))
            for one, told in read_untold(self._book)
        ]
        return [(one, now) for one, before, now in known if now is not before]

    # --- what is looked at ---

    def _seen(self) -> Seen:
        now_ms, building = self._clock(), self._building
        whys = {space: known for space, known in self._bookings.known().items() if known.why}
        self._unread_ms = {space: self._unread_ms.get(space, now_ms) for space in whys}
        self._down_ms = None if self._board.link_is_up else self._down_ms or now_ms
        devices = [
            DeviceNow(name, heard.health if heard else None, self._board.last_word_ms(name))
            for name, heard, _ in self._board.devices()
        ]
        self._absent_ms = {one: self._absent_ms.get(one, now_ms) for one in absent(devices)}
        return Seen(
            now_ms=now_ms,
            site=building.site,
            is_open=is_open(building, now_ms),
            co2_limit_ppm=self._limits_ppm[-1],
            spaces=self._board.spaces(now_ms),
            devices=devices,
            unread_ms=self._unread_ms,
            absent_ms=self._absent_ms,
            link_is_up=self._board.link_is_up,
            down_ms=self._down_ms,
        )

    def _with_store(self, seen: Seen) -> tuple[Seen, dict[str, Sensed]]:
        """What the store knows: recent air and AV of every measured space, and today's coverage."""
        co2_ppm, av_is_on, coverage, lately = {}, {}, {}, {}
        # Where no sensor ever spoke none is missing.
        heard = {space for _, _, spaces in self._board.devices() for space in spaces}
        for space in self._building.spaces.values():
            if not space.measured:
                continue
            rows, start_ms = self._readings(space, seen.now_ms), seen.now_ms - LOOK_MS
            recent = [row for row in rows if row.reading.t_ms >= start_ms]
            lately[space.id] = found = sensed(recent, self._limits_ppm)
            if found.co2_ppm is not None:
                co2_ppm[space.id] = found.co2_ppm
            is_on = is_left_on(rows, start_ms)
            if is_on or not all(word.is_on for words in av_words(recent) for word in words):
                av_is_on[space.id] = is_on  # else nobody said that it was off, nor that it was on all along
            share = self._coverage(space, seen.now_ms) if space.id in heard else None
            if share is not None:
                coverage[space.id] = share
        return replace(seen, co2_ppm=co2_ppm, av_is_on=av_is_on, coverage=coverage), lately

    def _readings(self, space: Space, now_ms: int) -> list[DeviceReading]:
        # From before the time that is looked at, for the word that stood as it began.
        site, start_ms = self._building.site, now_ms - LOOK_MS - AV_WORD_MS
        found = self._store.readings(site, space.id, start_ms=start_ms, end_ms=now_ms + 1, kinds=_KINDS)
        return [*found.rows()]

    def _coverage(self, space: Space, now_ms: int) -> float | None:
        """The share of today's opening hours so far that is known; None before there is enough of them."""
        over_ms = (now_ms - GRACE_MS) // QUARTER_MS * QUARTER_MS
        today = next(openings(self._building, now_ms, now_ms + 1, space), None)
        if today is None or over_ms - today.start_ms < COVERAGE_AFTER_MS:
            return None
        start_ms = -(-today.start_ms // QUARTER_MS) * QUARTER_MS
        found = self._store.facts(
            self._building.site, space.id, start_ms=start_ms - LOOK_BACK_MS, end_ms=over_ms
        )
        told = merged([*found], np.arange(start_ms, over_ms, QUARTER_MS, dtype=np.int64))
        return float(np.nansum(told.amounts[ROW["covered_s"]]) * 1000 / (over_ms - start_ms))

    # --- what is asked and said ---

    def alarms(self) -> list[tuple[Alarm, Mute | None]]:
        """All alarms that are kept, with what they are muted by."""
        mutes = read_mutes(self._book, self._clock())
        return [(one, mutes.get(one.key)) for one in read_alarms(self._book)]

    def acknowledge(self, alarm: Alarm, why: Why | None) -> Alarm:
        """Somebody knows (None: does not any more), until the alarm is over."""
        with self._judging:
            newest = self._newest.get(alarm.key)
            if newest is not None and newest.id == alarm.id:
                alarm = newest
            known = replace(alarm, known_ms=self._clock() if why else None, known_why=why)
            write_alarms(self._book, [known])
            if alarm is newest:
                self._newest[alarm.key] = known
        self._stir(known, read_mutes(self._book, self._clock()).get(known.key))
        return known

    def mute(self, alarm: Alarm, until_ms: int | None, why: Why) -> None:
        """Let nothing be told of it until an instant (None: let it be told again)."""
        mute = None if until_ms is None else Mute(alarm.key, until_ms, why)
        with self._judging:
            if mute is None:
                remove_mute(self._book, alarm.key)
                self._muted.discard(alarm.key)
            else:
                write_mute(self._book, mute)
        self._stir(alarm, mute)


def _ids() -> Iterator[str]:
    while True:
        yield uuid.uuid4().hex[:12]
