# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What rooms to meet in are booked for on a day, and what they are then used for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import SpaceKind
from demo.dice import dice, generator
from demo.people import Booking, Doing, Fate
from demo.people.clock import MINUTE_MS, between, hour_of, rolls
from demo.people.patterns import (
    AD_HOC_H,
    AD_HOC_MIN,
    BEGINS_LATE_MIN,
    CANCELLED_SERIES,
    CANCELLED_SINGLE,
    COMES,
    CROWDED,
    EARLY_MIN,
    ENDS_EARLY,
    ENDS_LATE,
    FOCUS_BOOKABLE,
    FORTNIGHTLY,
    FULLEST,
    GROUPS,
    HABITS,
    LATE_MIN,
    LIKED,
    MEAN_PRESENT,
    NO_SHOW,
    PRESENT,
    SERIES_WEEKS,
    STARTS,
    STILL,
    STILL_H,
    STILL_MIN,
    STILL_ROOM,
    TIMETABLE,
    choose,
    effect_of,
    presence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.model import Building, Layout, Space
    from demo.people.clock import Clock

#: How often chance is asked on a day whether something is booked once, or used without booking.
_TRIES = 6
#: Between two groups a room is empty at least so long; nobody sits down without a booking for less than this.
GAP_MS, SHORTEST_MS = MINUTE_MS, 10 * MINUTE_MS


class Use(NamedTuple):
    """A space is used by some people together from `from_ms` up to `to_ms`; `uid` says by which booking.

    Where they have all of it (`has_all`) nobody else sits down.
    """

    from_ms: int
    to_ms: int
    space: str
    people: int
    doing: Doing
    uid: str = ""
    has_all: bool = False


def is_bookable(layout: Layout) -> bool:
    """Whether a space with this layout can be booked."""
    if layout.kind is SpaceKind.FOCUS:
        return layout.capacity <= FOCUS_BOOKABLE
    return layout.kind in HABITS


def fullest(capacity: int) -> int:
    """How many people a space for so many holds at most."""
    return int(FULLEST * capacity)


class Series(NamedTuple):
    """A place in the weekly timetable of a room, as shares in [0, 1) that say what becomes of it."""

    there: float
    start: float
    length: float
    size: float
    often: float
    phase: float


@lru_cache(16_384)
def series_of(seed: int, space: str, weekday: int, number: int, era: int) -> Series:
    """The series that may have a place in the timetable for an era, which is some months."""
    return Series(*generator(seed, "series", space, weekday, number, era).random(6).tolist())


@lru_cache(16_384)
def trait(*words: object) -> float:
    """Something of a room that stays: a number in [0, 1)."""
    return dice(*words)


class RoomDay:
    """A bookable room on a day on which the building is open; everything follows from dice of its own."""

    def __init__(self, building: Building, seed: int, space: Space, clock: Clock) -> None:
        self.seed, self.space, self.clock = seed, space.id, clock
        layout = space.layout_on(clock.day)
        self._capacity, self._habit = layout.capacity, HABITS[layout.kind]
        opens, closes = building.hours[clock.day.weekday()]
        self._open_ms = clock.at(hour_of(opens)), clock.at(hour_of(closes))
        # How often it is used, by how often such a room is used in the mean.
        liked = 1 + LIKED * (2 * trait(seed, "liked", space.id) - 1)
        self._demand = liked * effect_of(space, clock.day)
        self._present = presence(building, clock.day)

    def bookings(self) -> list[Booking]:
        """What is booked, in order of time; that nobody was free is not known yet."""
        found = list(self._series())
        found += self._singles([*found])
        return sorted(found, key=_by_time)

    def uses(self, bookings: list[Booking]) -> list[Use]:
        """How it is used, if people are free: what is held of these, and what is not booked; in order."""
        roll = rolls(self.seed, "held", self.space, self.clock.day)
        booked = [one for one in bookings if one.fate is not Fate.CANCELLED]
        ends_ms = [*(one.from_ms for one in booked[1:]), self.clock.at(24)]
        found: list[Use] = []
        free_ms = 0
        for one, next_ms in zip(booked, ends_ms, strict=False):
            if one.fate is Fate.HELD:
                use = self._held(one, roll, free_ms, next_ms - GAP_MS)
                found.append(use)
                free_ms = use.to_ms + GAP_MS
        for tries in [*self._still(), *self._ad_hoc()]:
            for use in tries:
                if cut := _put(use, [*found, *booked]):
                    found.append(cut)
                    break
        return sorted(found)

    # --- booked -------------------------------------------------------------------------------------------

    def _series(self) -> Iterator[Booking]:
        """What is booked every week or every other; more of it is cancelled when few come."""
        day, usual = self.clock.day, PRESENT[self.clock.day.weekday()]
        week, weekday = day.toordinal() // 7, day.weekday()
        share = self._habit.series * self._demand * usual / MEAN_PRESENT
        drops = 1 - (1 - CANCELLED_SERIES) * min(1.0, self._present / usual)
        for number, hours in enumerate(TIMETABLE):
            phase = trait(self.seed, "era", self.space, weekday, number)
            era = (week + int(phase * SERIES_WEEKS)) // SERIES_WEEKS
            one = series_of(self.seed, self.space, weekday, number, era)
            if one.there < share and (one.often >= FORTNIGHTLY or (week + int(2 * one.phase)) % 2 == 0):
                name = f"{self.seed}-{self.space}-{weekday}-{number}-{era}"
                from_h, minutes = self._hours(one, hours)
                booking = self._booking(f"{name}-{day}", from_h, minutes, one.size, drops)
                if self._open_ms[0] <= booking.from_ms and booking.to_ms <= self._open_ms[1]:
                    yield booking._replace(series=name)

    def _hours(self, series: Series, hours: tuple[float, float]) -> tuple[float, int]:
        """At which hour a series begins, and for how many minutes it is, inside these hours."""
        free = round(60 * (hours[1] - hours[0]))
        minutes = min(choose(self._habit.minutes, series.length), free)
        return hours[0] + int(series.start * ((free - minutes) // 30 + 1)) / 2, minutes

    def _singles(self, taken: list[Booking]) -> Iterator[Booking]:
        """What is booked once, each where there is room for it."""
        share = self._habit.singles / _TRIES * self._demand * self._present / MEAN_PRESENT
        drawn = generator(self.seed, "singles", self.space, self.clock.day).random((_TRIES, 4)).tolist()
        for number, (there, start, length, size) in enumerate(drawn):
            if there >= share:
                continue
            uid, minutes = (
                f"{self.seed}-{self.space}-{self.clock.day}-{number}",
                choose(self._habit.minutes, length),
            )
            one = self._booking(uid, 0, minutes, size, CANCELLED_SINGLE)
            begins = self._begins(one, [] if one.fate is Fate.CANCELLED else taken)
            if begins:
                moved_ms = choose(begins, start * sum(begins.values())) - one.from_ms
                one = one._replace(from_ms=one.from_ms + moved_ms, to_ms=one.to_ms + moved_ms)
                taken.append(one)
                yield one

    def _begins(self, one: Booking, taken: list[Booking]) -> dict[int, float]:
        """When it can begin, in ms, and how well people like that."""
        opens_ms, closes_ms = self._open_ms
        length_ms = one.to_ms - one.from_ms
        others = [(other.from_ms, other.to_ms) for other in taken if other.fate is not Fate.CANCELLED]
        return {
            from_ms: liked
            for hour, liked in STARTS.items()
            if opens_ms <= (from_ms := self.clock.at(hour)) <= closes_ms - length_ms
            and all(from_ms >= to or from_ms + length_ms <= begin for begin, to in others)
        }

    def _booking(self, uid: str, from_h: float, minutes: int, size: float, drops: float) -> Booking:
        """A booking, and what becomes of it if people are free; the last two are shares."""
        fate = Fate.HELD
        if dice("drops", uid) < drops:
            fate = Fate.CANCELLED
        elif dice("comes", uid) < between(NO_SHOW, trait(self.seed, "no show", self.space)):
            fate = Fate.NO_SHOW
        from_ms = self.clock.at(from_h)
        return Booking(uid, self.space, from_ms, from_ms + minutes * MINUTE_MS, self._size(size), fate)

    def _size(self, share: float) -> int:
        """For how many: some groups are sized after the room, others look for any room that holds them."""
        capacity, large = self._capacity, self._habit.large
        if share < CROWDED:
            return fullest(capacity)
        share = (share - CROWDED) / (1 - CROWDED)
        if share < large:
            return max(1, round(capacity * between((0.5, 1.0), share / large)))
        share = (share - large) / (1 - large)
        size = choose(GROUPS, share)
        return size if size <= capacity else max(1, min(capacity, 2 + size % 3))

    # --- used ---------------------------------------------------------------------------------------------

    def _held(self, booking: Booking, roll: Iterator[float], free_ms: int, until_ms: int) -> Use:
        """What becomes of a booking: it begins a little late, and may end early or late."""
        late, end, by = next(roll), next(roll), next(roll)
        length_ms = booking.to_ms - booking.from_ms
        from_ms = max(booking.from_ms + round((BEGINS_LATE_MIN * late**2 - 0.7) * MINUTE_MS), free_ms)
        if end < ENDS_EARLY:
            to_ms = booking.to_ms - min(round(between(EARLY_MIN, by) * MINUTE_MS), length_ms * 2 // 5)
        elif end < ENDS_EARLY + ENDS_LATE:
            to_ms = booking.to_ms + round(between(LATE_MIN, by) * MINUTE_MS)
        else:
            to_ms = booking.to_ms + round((1.5 * by - 2) * MINUTE_MS)
        comes = max(1, sum(next(roll) < COMES for _ in range(booking.people)))
        to_ms = max(min(to_ms, until_ms), from_ms + SHORTEST_MS // 2)
        return Use(from_ms, to_ms, self.space, comes, Doing.MEETING, booking.uid, has_all=True)

    def _still(self) -> Iterator[list[Use]]:
        """Somebody who sits still alone for hours, now and then."""
        drawn = generator(self.seed, "still", self.space, self.clock.day).random(5).tolist()
        there, length, *starts = drawn
        if self._capacity <= STILL_ROOM and there < STILL:
            for_ms = round(between(STILL_MIN, length) * MINUTE_MS)
            yield [self._use(between(STILL_H, start), for_ms, 1, Doing.QUIET) for start in starts]

    def _ad_hoc(self) -> Iterator[list[Use]]:
        """What is not booked: for each the times that it may have, the first one first."""
        share = self._habit.ad_hoc / _TRIES * self._demand * self._present / MEAN_PRESENT
        drawn = generator(self.seed, "ad hoc", self.space, self.clock.day).random((_TRIES, 6)).tolist()
        for there, length, size, *starts in drawn:
            if there < share:
                for_ms, people = round(between(AD_HOC_MIN, length) * MINUTE_MS), self._size(size)
                yield [self._use(between(AD_HOC_H, start), for_ms, people, Doing.MEETING) for start in starts]

    def _use(self, from_h: float, for_ms: int, people: int, doing: Doing) -> Use:
        from_ms = self.clock.at(from_h)
        return Use(from_ms, from_ms + for_ms, self.space, people, doing, has_all=True)


def _put(use: Use, others: Sequence[Booking | Use]) -> Use | None:
    """A use if there is room for it: who finds a booking ahead leaves before it."""
    to_ms = use.to_ms
    if use.doing is not Doing.QUIET:
        to_ms = min([to_ms, *(one.from_ms - 2 * GAP_MS for one in others if one.from_ms > use.from_ms)])
    cut = use._replace(to_ms=to_ms)
    fits = to_ms - use.from_ms >= SHORTEST_MS and not any(_clash(cut, other, GAP_MS) for other in others)
    return cut if fits else None


def _by_time(booking: Booking) -> tuple[int, str]:
    return booking.from_ms, booking.uid


def _clash(one: Booking | Use, other: Booking | Use, gap_ms: int = 0) -> bool:
    """Whether two are at the same time; what was cancelled is not in the way."""
    if isinstance(other, Booking) and other.fate is Fate.CANCELLED:
        return False
    return one.from_ms < other.to_ms + gap_ms and other.from_ms < one.to_ms + gap_ms
