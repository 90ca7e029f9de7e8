# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who is there when the others have gone: the council with its public, and the cleaners."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bezet.model import SpaceKind
from demo.dice import dice, generator
from demo.people import Booking, Fate
from demo.people.clock import MINUTE_MS, SECOND_MS, between, hour_of
from demo.people.patterns import (
    CLEANED_AFTER_H,
    CLEANING_MIN,
    CLEANING_S_M2,
    COUNCIL_H,
    COUNCIL_MEMBERS,
    COUNCIL_PUBLIC,
    COUNCIL_RECESS,
    COUNCIL_ROOM,
    COUNCIL_WEEKDAY,
    PRESENT,
    SPACES_PER_CLEANER,
    presence,
)
from demo.people.rooms import fullest
from demo.people.staff import WALK_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bezet.model import Building, Space
    from demo.people.clock import Clock

#: Nobody cleans later than this.
CLEANED_UNTIL_H = 23.9


class Evening(NamedTuple):
    """The council meets: the booking, and who comes."""

    booking: Booking
    members: int
    public: int


def council(building: Building, seed: int, clock: Clock) -> Evening | None:
    """The council's evening, every other week; None where there is none. In recess it is cancelled."""
    week = clock.day.toordinal() // 7 + int(2 * dice(seed, "council"))
    if clock.day.weekday() != COUNCIL_WEEKDAY or week % 2 or not presence(building, clock.day):
        return None
    layouts = [(space.layout_on(clock.day), space.id) for space in building.spaces.values()]
    halls = [(one.capacity, name) for one, name in layouts if one.kind is SpaceKind.HYBRID]
    capacity, hall = max(halls, default=(0, ""))
    if capacity < COUNCIL_ROOM:
        return None
    is_recess = presence(building, clock.day) < COUNCIL_RECESS * PRESENT[COUNCIL_WEEKDAY]
    name = f"{seed}-council"
    from_ms, to_ms = map(clock.at, COUNCIL_H)
    fate = Fate.CANCELLED if is_recess else Fate.HELD
    booking = Booking(f"{name}-{clock.day}", hall, from_ms, to_ms, capacity, fate, name)
    members = round(COUNCIL_MEMBERS * capacity)
    public = round(between(COUNCIL_PUBLIC, dice(seed, "public", clock.day)) * capacity)
    return Evening(booking, members, min(public, fullest(capacity) - members))


class Cleaned(NamedTuple):
    """A cleaner in a space."""

    cleaner: str
    space: str
    from_ms: int
    to_ms: int


def cleaners(building: Building, seed: int, clock: Clock, left_ms: Mapping[str, int]) -> Iterator[Cleaned]:
    """Who cleans what was open on a day, each in the order of their way.

    `left_ms` is when the last one left each space; a space is cleaned when it is closed and empty.
    """
    if clock.day in building.holidays:
        return
    closed_ms = {one.id: _closed_ms(building, one, clock) for one in building.spaces.values()}
    for floor in building.floors:
        there = [one for one in building.spaces.values() if one.floor == floor.id and closed_ms[one.id]]
        for part in range(-(-len(there) // SPACES_PER_CLEANER)):
            mine = there[part * SPACES_PER_CLEANER : (part + 1) * SPACES_PER_CLEANER]
            ready_ms = {one.id: max(closed_ms[one.id], left_ms.get(one.id, 0) + WALK_MS) for one in mine}
            yield from _way(f"cleaner-{floor.id}-{part}", mine, ready_ms, seed, clock)


def _closed_ms(building: Building, space: Space, clock: Clock) -> int:
    """When a space can be cleaned; 0 for one that was closed all day."""
    site = building.hours.get(clock.day.weekday())
    own = site if space.hours is None else space.hours.get(clock.day.weekday())
    if own is None:
        return 0
    closes_h = hour_of(own[1])
    begins_h = hour_of(site[1]) + CLEANED_AFTER_H if site else closes_h
    return clock.at(max(closes_h, begins_h))


def _way(
    cleaner: str, spaces: Sequence[Space], ready_ms: Mapping[str, int], seed: int, clock: Clock
) -> Iterator[Cleaned]:
    drawn = generator(seed, cleaner, clock.day).random((len(spaces), 2)).tolist()
    at_ms, left = 0, list(spaces)
    for walk, length in drawn:
        # What is next on the way, but for what is still in use.
        space = min(left, key=lambda one: max(ready_ms[one.id], at_ms))
        left.remove(space)
        from_ms = max(ready_ms[space.id], at_ms) + round((20 + 60 * walk) * SECOND_MS)
        minutes = CLEANING_S_M2 * space.area_m2 / 60 * between((0.8, 1.2), length)
        at_ms = from_ms + round(min(max(minutes, CLEANING_MIN[0]), CLEANING_MIN[1]) * MINUTE_MS)
        if at_ms > clock.at(CLEANED_UNTIL_H):
            return
        yield Cleaned(cleaner, space.id, from_ms, at_ms)
