# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Fills the store with weeks that were, a week of one device at a time, in processes beside each other.

    device 1:  week 1 ─▶ week 2 ─▶ …        each writes what it told by the collector's own way
    device 2:  week 1 ─▶ week 2 ─▶ …
                  └── all have told it ──▶ facts of that week

What came too late is written after the facts of its week were made, and revises them, as it does live.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

from bezet.errors import StoreBusy
from bezet.model import Level
from bezet.retention import DAY_MS
from bezet.usage.facts import GRACE_MS
from collector.facts import FactMaker
from collector.intake import Haul, Intake
from demo.history.telling import Telling, Told
from demo.standing import read_town
from demo.truth.files import FOLDER as TRUTH
from demo.truth.writing import write_truth
from store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bezet import wire
    from demo.town import Town
    from store import Store

WEEK_MS = 7 * DAY_MS
PROCESSES = 2
#: So many messages are written at once; the collector that runs beside must have its turns.
MOST_MESSAGES = 200
BUSY_WAIT_S, MOST_BUSY = 0.2, 300
#: The facts of a week are made when all of it is there: none of them is late by that.
LATE_MS = 2 * WEEK_MS
#: What was missed for less than this is not filled.
SHORTEST_MS = 60_000


@dataclass(frozen=True, slots=True)
class Turn:
    """A device before its week of that number: what it remembers, and what it tells late."""

    device: int
    week: int
    telling: Telling
    late: Sequence[wire.Batch] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """What is to be filled: [`start_ms`, `end_ms`) of the town in a folder, into the store at an address."""

    folder: Path
    store: str
    start_ms: int
    end_ms: int

    @property
    def weeks(self) -> list[tuple[int, int]]:
        """The spans that are filled one after the other."""
        starts = range(self.start_ms, self.end_ms, WEEK_MS)
        return [(start_ms, min(start_ms + WEEK_MS, self.end_ms)) for start_ms in starts]

    def run(self, progress: Callable[[float], None]) -> None:
        """Fill it; `progress` hears which share is done."""
        town, weeks = read_town(self.folder), self.weeks
        told, finished = [0] * len(weeks), 0
        late: list[wire.Batch] = []
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            turns = (Turn(number, 0, Telling(town, device)) for number, device in enumerate(town.plan))
            under_way = {pool.submit(tell, self, turn) for turn in turns}
            while under_way:
                ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for turn in (one.result() for one in ended):
                    told[turn.week - 1] += 1
                    if turn.week < len(weeks):
                        under_way.add(pool.submit(tell, self, turn))
                    else:
                        late += turn.late
                while finished < len(weeks) and told[finished] == len(town.plan):
                    self._finish(town, *weeks[finished])
                    finished += 1
                progress(sum(told) / (len(weeks) * len(town.plan)))
        if late:
            with closing(open_store(self.store)) as store:
                _write(store, town, Told(late), self.end_ms)
                self._make_facts(store, town, self.end_ms)

    def _finish(self, town: Town, start_ms: int, end_ms: int) -> None:
        """Make the facts of a week, and write its truth, which says that it is done."""
        with closing(open_store(self.store)) as store:
            self._make_facts(store, town, end_ms)
        write_truth(self.folder / TRUTH, town, start_ms, end_ms)

    def _make_facts(self, store: Store, town: Town, end_ms: int) -> None:
        made_ms = end_ms + GRACE_MS
        _patiently(FactMaker(store, town.building, lambda: made_ms, LATE_MS).make_due)


def tell(filling: Filling, turn: Turn) -> Turn:
    """Let one device tell a week, and write it; runs in a process of its own."""
    town = _town(filling.folder)
    start_ms, end_ms = filling.weeks[turn.week]
    limits = town.building.retention.limits(filling.end_ms, town.building.timezone)
    told = turn.telling.tell(town, start_ms, end_ms, presence_from_ms=limits[Level.PRESENCE])
    told.batches[:0] = turn.late
    with closing(open_store(filling.store)) as store:
        _write(store, town, told, end_ms)
    return Turn(turn.device, turn.week + 1, turn.telling, told.late)


@lru_cache(maxsize=1)
def _town(folder: Path) -> Town:
    return read_town(folder)


def _write(store: Store, town: Town, told: Told, now_ms: int) -> None:
    """Write what was told as the collector does."""
    intake = Intake(store, town.building, lambda: now_ms)
    messages: list[wire.Message] = [*told.healths, *told.batches]
    for first in range(0, len(messages), MOST_MESSAGES):
        haul = Haul()
        for message in messages[first : first + MOST_MESSAGES]:
            intake.take(message, haul, is_live=False)
        _patiently(lambda haul=haul: intake.write(haul))  # type: ignore[misc]


def _patiently(work: Callable[[], object]) -> None:
    """Do it, and again while others have the store."""
    for left in range(MOST_BUSY, 0, -1):
        try:
            work()
        except StoreBusy:
            if left == 1:
                raise
            time.sleep(BUSY_WAIT_S)
        else:
            return


def gaps(covered: Sequence[tuple[int, int]], start_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """The stretches of [`start_ms`, `end_ms`) that are not covered, in order, without the very short ones."""
    found, at_ms = [], start_ms
    for from_ms, to_ms in [*sorted(covered), (end_ms, end_ms)]:
        until_ms = min(from_ms, end_ms)
        if until_ms - at_ms >= SHORTEST_MS:
            found.append((at_ms, until_ms))
        at_ms = max(at_ms, to_ms)
    return found
