# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Keeps the bookings up to date: every feed in its turn, and less often while it fails."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, NamedTuple

from api.book.busy import read_as_of, read_busy, write_busy
from api.calendars.bookings import Known
from api.calendars.fetching import Fetcher, Marks, NotFetched
from api.calendars.reading import AHEAD
from bezet.errors import StoreError
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from api.book import Book
    from api.calendars.bookings import Bookings
    from api.calendars.reading import Busy
    from api.calendars.settings import CalendarSettings
    from bezet.model import Building

LOG = logging.getLogger("bezet.api.calendars")

#: A feed that fails is asked again after twice the time, up to this.
MOST_WAIT_S = 3_600.0
#: A calendar in which nothing changed is read all the same: what recurs comes nearer day by day.
READ_AGAIN_MS = DAY_MS // 2
#: So many are fetched at the same time.
TOGETHER = 4


class _Turn(NamedTuple):
    """What a look at a feed leaves: by what to know it next time, its failures in a row, how long to wait."""

    marks: Marks
    failures: int
    wait_s: float


class Watch:
    """The feeds of one window."""

    def __init__(
        self,
        settings: CalendarSettings,
        bookings: Bookings,
        book: Book,
        building: Building,
        clock: Callable[[], int],
    ) -> None:
        self._settings, self._bookings, self._book = settings, bookings, book
        self._building, self._clock = building, clock
        self._turns = asyncio.Semaphore(TOGETHER)
        self._fetcher = Fetcher()
        self._read_ms: dict[str, int] = {}
        for space in settings.feeds:
            as_of_ms = read_as_of(book, space)
            ahead_ms = as_of_ms + round(AHEAD.total_seconds() * 1000)
            busy = read_busy(book, space, start_ms=as_of_ms, end_ms=ahead_ms)
            bookings.learn(space, Known(busy, as_of_ms, "it was not read yet since the start"))

    async def watch(self) -> None:
        """Ask every feed, for ever."""
        try:
            async with asyncio.TaskGroup() as group:
                for space, feed in self._settings.feeds.items():
                    group.create_task(self._follow(space, feed), name=f"api.calendars.{space}")
        finally:
            await self._fetcher.aclose()

    async def _follow(self, space: str, feed: str | Path) -> None:
        marks, failures = Marks(), 0
        while True:
            marks, failures, wait_s = await self._turn(space, feed, marks, failures)
            await asyncio.sleep(wait_s * random.uniform(0.9, 1.1))  # noqa: S311  so that not all come at once

    async def _turn(self, space: str, feed: str | Path, marks: Marks, failures: int) -> _Turn:
        """One look at a feed."""
        usual_s = self._settings.refresh_min * 60.0
        try:
            marks = await self.look(space, feed, marks)
        except NotFetched as error:
            if not failures:
                LOG.warning("calendar of space %s: %s", space, error)
            known = self._bookings.known()[space]
            self._bookings.learn(space, Known(known.busy, known.as_of_ms, str(error)))
            return _Turn(marks, failures + 1, max(min(usual_s * 2**failures, MOST_WAIT_S), error.wait_s))
        if failures:
            LOG.info("calendar of space %s: can be read again", space)
        return _Turn(marks, 0, usual_s)

    async def look(self, space: str, feed: str | Path, marks: Marks) -> Marks:
        """Read a feed, and learn what it says; raises `NotFetched`."""
        async with self._turns:
            now_ms = self._clock()
            if now_ms - self._read_ms.get(space, 0) > READ_AGAIN_MS:
                marks = Marks()
            found = await self._fetcher.fetch(feed, marks, now_ms, self._building.timezone)
        if found.read is None:
            busy = self._bookings.known()[space].busy
        else:
            busy, self._read_ms[space] = found.read.busy, now_ms
        await asyncio.to_thread(self._keep, space, busy, now_ms)
        self._bookings.learn(space, Known(busy, now_ms))
        return found.marks

    def _keep(self, space: str, busy: Sequence[Busy], now_ms: int) -> None:
        """Write it down; a book that takes nothing now is written again at the next turn."""
        try:
            write_busy(self._book, space, busy, now_ms)
        except StoreError as error:
            LOG.warning("calendar of space %s: cannot be written down: %s", space, error)
