# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who works in the town hall, who of them comes on a day, and who is free when."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import accumulate
from operator import xor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import SpaceKind
from demo.dice import generator
from demo.people.clock import MINUTE_MS, SLOTS, between, hour_of
from demo.people.patterns import (
    ARRIVED,
    EVENING,
    EVENING_FROM_H,
    HALF_DAY,
    LEFT,
    LUNCH_H,
    LUNCH_MIN,
    LUNCH_OUT,
    LUNCH_SOCIAL,
    NOON_H,
    ORDINARY_H,
    ROOMS,
    STAFF_PER_PLACE,
    SWING,
    presence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from bezet.model import Building
    from bezet.usage.columns import Floats
    from demo.people.clock import Clock

#: It takes so long to come from one space into another.
WALK_MS = MINUTE_MS
#: Nobody comes for less than this.
SHORTEST_H = 0.5
#: Kinds of spaces whose places are worked at.
_WORK = ROOMS | {SpaceKind.FOCUS, SpaceKind.DESKS}


class Place(NamedTuple):
    """A place to work at: the seat of a space; "" is elsewhere in the hall."""

    space: str
    seat: int


class Lunch(NamedTuple):
    """Lunch from `from_ms` up to `to_ms`, in the building or not."""

    from_ms: int
    to_ms: int
    goes_out: bool


NOWHERE = Place("", 0)


@dataclass(slots=True, eq=False)
class Worker:
    """An employee who is there on a day: when, where they work, and what else they do.

    `kept` is when they do anything else than work at their place; `out` when they go out for lunch.
    """

    name: str
    from_ms: int
    to_ms: int
    home: str
    place: Place = NOWHERE
    lunch: Lunch | None = None
    kept: list[tuple[int, int]] = field(default_factory=list)
    out: Lunch | None = None


def staff_homes(building: Building, day: date) -> list[str]:
    """Where each employee works on a day: a desk space, or "" for elsewhere in the hall.

    How many there are is the same on all days: whose desk has gone works elsewhere.
    """
    homes = []
    for space in building.spaces.values():
        most = max((one.capacity for one in space.layouts if one.kind in _WORK), default=0)
        now = space.layout_on(day)
        at_desks = round(STAFF_PER_PLACE * now.capacity) if now.kind is SpaceKind.DESKS else 0
        homes += [space.id if number < at_desks else "" for number in range(round(STAFF_PER_PLACE * most))]
    return homes


def who_comes(building: Building, seed: int, clock: Clock) -> list[Worker]:
    """The employees who come on a day, in an order of chance."""
    share = presence(building, clock.day)
    homes = staff_homes(building, clock.day)
    if not share or not homes:
        return []
    dice = generator(seed, "staff", clock.day)
    share *= 1 + SWING * (2 * dice.random() - 1)
    drawn = dice.random((len(homes), 8))
    come = np.flatnonzero(drawn[:, 0] < share)
    come = come[np.argsort(drawn[come, 1])]
    hours = np.column_stack((*_hours(building, clock, drawn[come]), drawn[come, 5:]))
    workers = []
    for number, (from_h, to_h, *lunch) in zip(come.tolist(), hours.tolist(), strict=True):
        worker = Worker(f"staff-{number}", clock.at(from_h), clock.at(to_h), homes[number])
        worker.lunch = _lunch(clock, from_h, to_h, lunch)
        workers.append(worker)
    _give_places(building, clock, seed, workers)
    return workers


def _hours(building: Building, clock: Clock, drawn: Floats) -> tuple[Floats, Floats]:
    """When they come and leave, in hours; where the building opens later or closes earlier, so do they."""
    opens_h, closes_h = map(hour_of, building.hours[clock.day.weekday()])
    from_h = np.interp(drawn[:, 2], *ARRIVED) + max(opens_h - ORDINARY_H[0], 0)
    to_h = np.interp(drawn[:, 3], *LEFT) + min(closes_h - ORDINARY_H[1], 0)
    what, noon_h = drawn[:, 4], between(NOON_H, drawn[:, 5])
    if closes_h >= EVENING_FROM_H:
        to_h = np.where(what > 1 - EVENING, closes_h + 0.05 * drawn[:, 3], to_h)
    to_h = np.where(what < HALF_DAY, noon_h, to_h)
    from_h = np.where((what >= HALF_DAY) & (what < 2 * HALF_DAY), noon_h, from_h)
    return from_h, np.maximum(to_h, from_h + SHORTEST_H)


def _lunch(clock: Clock, from_h: float, to_h: float, drawn: Sequence[float]) -> Lunch | None:
    """Lunch away from the desk, for those who are there before and after it."""
    start, length, where = drawn
    begins_h = between(LUNCH_H, start)
    ends_h = begins_h + between(LUNCH_MIN, length) / 60
    if where >= LUNCH_SOCIAL + LUNCH_OUT or from_h > begins_h - 0.5 or to_h < ends_h + 0.5:
        return None
    return Lunch(clock.at(begins_h), clock.at(ends_h), where >= LUNCH_SOCIAL)


def _give_places(building: Building, clock: Clock, seed: int, workers: Sequence[Worker]) -> None:
    """Who has a desk space takes a free seat there in order of coming; who finds none works elsewhere."""
    dice = generator(seed, "seats", clock.day)
    free = {
        space.id: dice.permutation(space.layout_on(clock.day).capacity).tolist()
        for space in building.spaces.values()
        if space.layout_on(clock.day).kind is SpaceKind.DESKS
    }
    leaving: list[tuple[int, str, int]] = []
    for worker in sorted((one for one in workers if one.home), key=_by_coming):
        while leaving and leaving[0][0] <= worker.from_ms:
            _, space, seat = heappop(leaving)
            free[space].append(seat)
        if free[worker.home]:
            worker.place = Place(worker.home, free[worker.home].pop())
            heappush(leaving, (worker.to_ms, *worker.place))


def _by_coming(worker: Worker) -> tuple[int, str]:
    return worker.from_ms, worker.name


class Diary:
    """Who of the workers is free when, in whole slots."""

    def __init__(self, clock: Clock, workers: Sequence[Worker]) -> None:
        self._clock = clock
        self._workers = workers
        # For each slot a number with a bit for each worker who is there and free.
        changes = [0] * (SLOTS + 1)
        for number, worker in enumerate(workers):
            whole = clock.slots(worker.from_ms, worker.to_ms)[1:-1]
            changes[whole.start] ^= 1 << number
            changes[whole.stop] ^= 1 << number
        self._free = [*accumulate(changes, xor)]

    def keep(self, number: int, from_ms: int, to_ms: int) -> None:
        """A worker does something of their own."""
        self._workers[number].kept.append((from_ms, to_ms))
        for slot in self._clock.slots(from_ms - WALK_MS, to_ms + WALK_MS):
            self._free[slot] &= ~(1 << number)

    def take(self, from_ms: int, to_ms: int, people: int, share: float) -> list[Worker]:
        """Up to so many workers who are free for all of that time, and from now on are not.

        `share`, in [0, 1), is where the choice begins.
        """
        slots = self._clock.slots(from_ms - WALK_MS, to_ms + WALK_MS)
        able = -1
        for slot in slots:
            able &= self._free[slot]
        if able <= 0:
            return []
        found, taken = [], 0
        for number in _chosen(able, int(share * len(self._workers)), len(self._workers)):
            taken |= 1 << number
            self._workers[number].kept.append((from_ms, to_ms))
            found.append(self._workers[number])
            if len(found) == people:
                break
        for slot in slots:
            self._free[slot] &= ~taken
        return found


def _chosen(able: int, turn: int, count: int) -> Iterator[int]:
    """The numbers of the bits that are set, beginning at `turn`."""
    able = (able >> turn) | ((able & ((1 << turn) - 1)) << (count - turn))
    while able:
        lowest = able & -able
        able ^= lowest
        yield (lowest.bit_length() - 1 + turn) % count
