# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts a whole day together: who comes, what they do where, and who sits on which chair."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bezet.model import SpaceKind
from demo.people import Booking, Day, Doing, Fate, Stay, Thing, Visit
from demo.people.clock import MINUTE_MS, SECOND_MS, Clock, rolls
from demo.people.errands import Fill, errands, visits
from demo.people.evenings import cleaners, council
from demo.people.patterns import THING, THING_FROM_MIN, TRICKLE_S
from demo.people.rooms import RoomDay, Use, is_bookable
from demo.people.seats import ANY_SEAT, STANDS, seated
from demo.people.staff import WALK_MS, Diary, who_comes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bezet.model import Building
    from demo.people.seats import Row
    from demo.people.staff import Worker

#: So many days are kept: those of a history of twelve weeks, and some ahead.
KEPT_DAYS = 128
#: Nobody sits down at a desk for less than this.
SHORTEST_DESK_MS = 2 * MINUTE_MS


class People:
    """The people of a town hall: what they do on a day follows from the building, the seed and the date."""

    def __init__(self, building: Building, seed: int) -> None:
        self._building = building
        self._seed = seed
        self._made = lru_cache(KEPT_DAYS)(self._make)

    def day(self, day: date) -> Day:
        """What happens on a day."""
        return self._made(day)

    def _make(self, day: date) -> Day:
        return _Draft(self._building, self._seed, day).day()


class _Draft:
    """A day that is being put together."""

    def __init__(self, building: Building, seed: int, day: date) -> None:
        self._building, self._seed = building, seed
        self._clock = Clock.of(building, day)
        self._layouts = {space.id: space.layout_on(day) for space in building.spaces.values()}
        self._workers = who_comes(building, seed, self._clock)
        self._diary = Diary(self._clock, self._workers)
        self._fills = {name: Fill(self._clock, layout.capacity) for name, layout in self._layouts.items()}
        self._rows: dict[str, list[Row]] = {name: [] for name in building.spaces}
        self._rolls = {name: rolls(seed, "ways", name, day) for name in building.spaces}
        self._visits: list[Visit] = []
        self._things: list[Thing] = []
        self._bookings: list[Booking] = []

    def day(self) -> Day:
        """All of it, in order of time."""
        self._lunches()
        self._meetings()
        self._errands()
        self._desks()
        self._visitors()
        self._council()
        self._cleaners()
        stays: list[Stay] = []
        for name, rows in self._rows.items():
            stays += seated(name, self._layouts[name].capacity, rows, self._seed, self._clock.day)
        return Day(
            self._clock.day,
            tuple(sorted(self._visits, key=_by_time)),
            tuple(sorted(stays, key=_by_time)),
            tuple(sorted(self._bookings, key=_by_time)),
            tuple(sorted(self._things, key=_by_time)),
        )

    # --- employees ----------------------------------------------------------------------------------------

    def _lunches(self) -> None:
        """Lunch where there is room for it, or out of the building."""
        social = [name for name, one in self._layouts.items() if one.kind is SpaceKind.SOCIAL]
        roll = rolls(self._seed, "lunch", self._clock.day)
        for number, worker in enumerate(self._workers):
            if worker.lunch is None:
                continue
            from_ms, to_ms, goes_out = worker.lunch
            first = int(next(roll) * len(social))
            for name in [] if goes_out else social[first:] + social[:first]:
                use = Use(from_ms, to_ms, name, 1, Doing.MEAL)
                if self._fills[name].has_room(use):
                    self._fills[name].put(use, 1)
                    self._come(use, [worker.name])
                    break
            else:
                worker.out = worker.lunch
            self._diary.keep(number, from_ms, to_ms)

    def _meetings(self) -> None:
        """Bookings, and who comes to them; where nobody is free nobody comes."""
        if not self._workers:
            return
        booked: list[Booking] = []
        uses: list[Use] = []
        for space in self._building.spaces.values():
            if is_bookable(self._layouts[space.id]):
                room = RoomDay(self._building, self._seed, space, self._clock)
                booked += (bookings := room.bookings())
                uses += room.uses(bookings)
        held = {use.uid: self._held(use) for use in sorted(uses)}
        for one in booked:
            if one.fate is not Fate.CANCELLED and not held.get(one.uid):
                self._bookings.append(one._replace(fate=Fate.NO_SHOW))
                # Whoever looks for a quiet place believes the screen at the door.
                kept = Use(one.from_ms, one.to_ms, one.space, 0, Doing.MEETING, has_all=True)
                self._fills[one.space].put(kept, 0)
            else:
                self._bookings.append(one)

    def _errands(self) -> None:
        for space in self._building.spaces.values():
            for use in errands(self._building, self._seed, space, self._clock):
                self._held(use)

    def _held(self, use: Use) -> bool:
        """Let employees use a space, if it has room and somebody is free."""
        share = next(self._rolls[use.space])
        # Who has all of a space comes before all others; only those who come one by one look for room.
        if not use.has_all and not self._fills[use.space].has_room(use):
            return False
        people = self._diary.take(use.from_ms, use.to_ms, use.people, share)
        if people:
            self._fills[use.space].put(use, len(people))
            self._come(use, [one.name for one in people])
        return bool(people)

    def _desks(self) -> None:
        """Whoever does nothing else is at their desk; whoever eats elsewhere goes out, and comes in again."""
        roll = rolls(self._seed, "desks", self._clock.day)
        for worker in self._workers:
            if worker.out:
                self._visits.append(Visit(worker.name, worker.from_ms, worker.out.from_ms))
                self._visits.append(Visit(worker.name, worker.out.to_ms, worker.to_ms))
            else:
                self._visits.append(Visit(worker.name, worker.from_ms, worker.to_ms))
            if worker.place.space:
                self._desk(worker, next(roll), next(roll))

    def _desk(self, worker: Worker, walk: float, thing: float) -> None:
        space, seat = worker.place
        walk_ms = round((20 + 35 * walk) * SECOND_MS)
        at_ms, left_ms = worker.from_ms, 0
        for from_ms, to_ms in [*sorted(worker.kept), (worker.to_ms, worker.to_ms)]:
            if from_ms - at_ms >= SHORTEST_DESK_MS + 2 * walk_ms:
                row = at_ms + walk_ms, from_ms - walk_ms, worker.name, Doing.DESK, seat
                # A bag keeps the place for somebody who comes back.
                thing = (thing + 0.618034) % 1
                if left_ms and row[0] - left_ms >= THING_FROM_MIN * MINUTE_MS and thing < THING:
                    self._things.append(Thing(space, left_ms, row[0]))
                self._rows[space].append(row)
                left_ms = row[1]
            at_ms = to_ms

    # --- all others ---------------------------------------------------------------------------------------

    def _visitors(self) -> None:
        for space in self._building.spaces.values():
            for number, use in enumerate(visits(self._building, self._seed, space, self._clock)):
                if self._fills[space.id].has_room(use):
                    self._fills[space.id].put(use, use.people)
                    self._welcome(use, [f"visitor-{space.id}-{number}-{one}" for one in range(use.people)])

    def _council(self) -> None:
        evening = council(self._building, self._seed, self._clock)
        if evening is None:
            return
        booking, members, public = evening
        self._bookings.append(booking)
        if booking.fate is Fate.HELD:
            use = Use(booking.from_ms, booking.to_ms, booking.space, members, Doing.MEETING)
            self._welcome(use, [f"council-{one}" for one in range(members)])
            listens = use._replace(doing=Doing.QUIET, to_ms=use.to_ms - 10 * MINUTE_MS)
            self._welcome(listens, [f"public-{one}" for one in range(public)])

    def _welcome(self, use: Use, names: Sequence[str]) -> None:
        """People who come into the building for this only."""
        self._come(use, names)
        self._visits += (Visit(name, use.from_ms - WALK_MS, use.to_ms + WALK_MS) for name in names)

    def _cleaners(self) -> None:
        left_ms = {name: max((row[1] for row in rows), default=0) for name, rows in self._rows.items()}
        ways: dict[str, list[int]] = {}
        for one in cleaners(self._building, self._seed, self._clock, left_ms):
            self._rows[one.space].append((one.from_ms, one.to_ms, one.cleaner, Doing.CLEANING, STANDS))
            ways.setdefault(one.cleaner, []).extend((one.from_ms, one.to_ms))
        for name, turns in ways.items():
            self._visits.append(Visit(name, turns[0] - 5 * WALK_MS, turns[-1] + 5 * WALK_MS))

    def _come(self, use: Use, names: Sequence[str]) -> None:
        """These people use a space; they trickle in and out."""
        roll, rows = self._rolls[use.space], self._rows[use.space]
        most_ms = min(TRICKLE_S * SECOND_MS, (use.to_ms - use.from_ms) // 4)
        for number, name in enumerate(names):
            late_ms, early_ms = (int(most_ms * next(roll)), int(most_ms * next(roll))) if number else (0, 0)
            rows.append((use.from_ms + late_ms, use.to_ms - early_ms, name, use.doing, ANY_SEAT))


def _by_time(one: Visit | Stay | Booking | Thing) -> tuple[int, str]:
    return one.from_ms, one[0]
