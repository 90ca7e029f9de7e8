# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whole days of the people of the town hall: nobody is lost, nobody is in two places at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bezet.building import read_building
from bezet.model import SpaceKind
from demo.people import Doing, Fate
from demo.people.days import People
from demo.people.patterns import STILL_MIN
from demo.people.rooms import fullest, is_bookable
from tests.conftest import ROOT
from tests.demo.towns import Room, small_building

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bezet.model import Building
    from demo.people import Day, Stay

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
#: All weekdays before and after the pilot's change, and weeks with a school holiday and the clock change.
DAYS = [
    first + timedelta(days=number)
    for first in (date(2026, 7, 27), date(2026, 9, 3), date(2026, 10, 22))
    for number in range(7)
]


def clock(day: date, hour: float, building: Building = BUILDING) -> int:
    """The instant in ms of an hour by the clock of the building."""
    at = datetime.combine(day, time(int(hour), round(hour % 1 * 60)), building.timezone)
    return round(at.timestamp() * 1_000)


def some_days(building: Building = BUILDING, seeds: int = 3) -> Iterator[tuple[Building, Day]]:
    """Days of several seeds."""
    for seed in range(seeds):
        people = People(building, seed)
        yield from ((building, people.day(day)) for day in DAYS)


@pytest.fixture(scope="module")
def days() -> list[tuple[Building, Day]]:
    """Days of the example building, and of small ones that have only one kind of space each."""
    small = [small_building(Room(kind=kind, capacity=4)) for kind in SpaceKind]
    small += [small_building(Room(kind=SpaceKind.HYBRID, capacity=14), Room("2", SpaceKind.DESKS, 9))]
    return [*some_days(), *(one for building in small for one in some_days(building, seeds=1))]


def test_who_comes_in_goes_out(days: list[tuple[Building, Day]]) -> None:
    """As many people leave the building on a day as come in, and all of it on that day."""
    for building, day in days:
        begin_ms, end_ms = clock(day.day, 0, building), clock(day.day + timedelta(days=1), 0, building)
        inside = 0
        turns = [(one.from_ms, 1) for one in day.visits] + [(one.to_ms, -1) for one in day.visits]
        for t_ms, change in sorted(turns, key=lambda turn: (turn[0], -turn[1])):
            inside += change
            assert inside >= 0
            assert begin_ms <= t_ms <= end_ms
        assert inside == 0


def test_everybody_is_in_one_place_at_a_time(days: list[tuple[Building, Day]]) -> None:
    """No two stays and no two visits of one person overlap."""
    for _, day in days:
        for those in (day.stays, day.visits):
            by_person: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
            for one in those:
                assert one.from_ms < one.to_ms
                by_person[one.person].append((one.from_ms, one.to_ms))
            for spans in by_person.values():
                assert all(before[1] < after[0] for before, after in pairwise(sorted(spans)))


def test_stays_lie_inside_visits(days: list[tuple[Building, Day]]) -> None:
    """Whoever is in a space has come into the building and has not left it."""
    for _, day in days:
        visits = defaultdict(list)
        for one in day.visits:
            visits[one.person].append(one)
        assert all(
            any(visit.from_ms <= stay.from_ms and stay.to_ms <= visit.to_ms for visit in visits[stay.person])
            for stay in day.stays
        )


def test_nobody_sits_on_a_lap(days: list[tuple[Building, Day]]) -> None:
    """No two people have one seat at a time, few stand, and only where all seats are taken or to clean."""
    for building, day in days:
        for space in building.spaces.values():
            capacity = space.layout_on(day.day).capacity
            here: list[Stay] = []
            for stay in day.of_space(space.id):
                here = [one for one in here if one.to_ms > stay.from_ms]
                assert stay.seat not in {one.seat for one in here}
                is_full = len(here) >= capacity
                assert stay.seat < capacity or is_full or stay.doing is Doing.CLEANING
                here.append(stay)
                assert len(here) <= max(fullest(capacity), 1)


def test_all_is_in_order_of_time(days: list[tuple[Building, Day]]) -> None:
    """Visits, stays, bookings and things are in order of their beginning."""
    for _, day in days:
        columns = ([one.from_ms for one in those] for those in (day.visits, day.stays, day.bookings))
        for begins_ms in [*columns, [one.from_ms for one in day.things]]:
            assert begins_ms == sorted(begins_ms)


def test_bookings_do_not_overlap(days: list[tuple[Building, Day]]) -> None:
    """A space is booked by one group at a time, inside opening hours but for the council; each uid is one."""
    for building, day in days:
        booked = [one for one in day.bookings if one.fate is not Fate.CANCELLED]
        for space in building.spaces.values():
            mine = [one for one in booked if one.space == space.id]
            assert not mine or is_bookable(space.layout_on(day.day))
            assert all(before.to_ms <= after.from_ms for before, after in pairwise(mine))
        for one in day.bookings:
            opens, closes = building.hours[day.day.weekday()]
            is_open = one.from_ms >= clock(day.day, opens.hour, building)
            is_open &= one.to_ms <= clock(day.day, closes.hour, building)
            assert is_open or one.series.endswith("council")
        assert len({one.uid for one in day.bookings}) == len(day.bookings)


def test_what_is_held_is_held(days: list[tuple[Building, Day]]) -> None:
    """People are there for a booking that is held, from about its time on; nobody for one that is missed."""
    for _, day in days:
        for one in day.bookings:
            there = [
                stay.from_ms
                for stay in day.of_space(one.space)
                # Those of the next booking may come a little before its time.
                if stay.from_ms < one.to_ms - MINUTE_MS and stay.to_ms > one.from_ms
            ]
            if one.fate is Fate.HELD:
                assert any(one.from_ms - MINUTE_MS <= t_ms <= one.from_ms + 6 * MINUTE_MS for t_ms in there)
            assert one.fate is not Fate.NO_SHOW or not there


def test_a_day_is_the_same_whatever_was_asked_before() -> None:
    """Two that know the same building and seed see the same days, in whatever order; another seed, others."""
    one, other = People(BUILDING, 3), People(BUILDING, 3)
    backwards = {day: other.day(day) for day in reversed(DAYS)}

    assert all(one.day(day) == backwards[day] for day in DAYS)
    assert People(BUILDING, 4).day(DAYS[8]) != one.day(DAYS[8])


# --- what happens now and then ----------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2026, 5, 25), date(2026, 12, 25), date(2026, 10, 25)])
def test_a_closed_building_is_empty(day: date) -> None:
    """On holidays and on days without opening hours nobody comes and nothing is booked."""
    found = People(BUILDING, 1).day(day)

    assert (found.visits, found.stays, found.bookings, found.things) == ((), (), (), ())


def test_on_saturday_visitors_come_where_it_is_open() -> None:
    """A space with hours of its own has visitors then, and is cleaned after them; nothing else is used."""
    found = People(BUILDING, 1).day(date(2026, 10, 10))
    guests = [one for one in found.stays if one.doing is not Doing.CLEANING]

    assert len(guests) > 5
    assert {one.space for one in found.stays} == {"0.01"}
    assert min(one.from_ms for one in guests) >= clock(found.day, 10)
    assert max(one.to_ms for one in guests) <= clock(found.day, 16)
    assert [one for one in found.stays if one.doing is Doing.CLEANING]


def test_the_council_meets_every_other_thursday() -> None:
    """In the biggest hybrid room the council and its public sit until late, and the room is cleaned after."""
    people = People(BUILDING, 1)
    thursdays = [people.day(date(2026, 11, 5) + timedelta(days=7 * number)) for number in range(4)]
    evenings = [
        [one for one in day.of_space("0.03") if one.from_ms >= clock(day.day, 19.4)] for day in thursdays
    ]
    held = [bool(evening and len(evening) > 10) for evening in evenings]
    [evening, _] = [one for one, is_held in zip(evenings, held, strict=True) if is_held]
    day = next(one for one, is_held in zip(thursdays, held, strict=True) if is_held)
    [booking] = [one for one in day.bookings if one.series.endswith("council")]
    cleaned = [one.from_ms for one in evening if one.doing is Doing.CLEANING]

    assert held in ([True, False, True, False], [False, True, False, True])
    assert (booking.from_ms, booking.to_ms) == (clock(day.day, 19.5), clock(day.day, 22.25))
    assert {"council", "public", "cleaner"} == {one.person.split("-")[0] for one in evening}
    assert max(one.to_ms for one in evening if one.doing is not Doing.CLEANING) == booking.to_ms
    assert all(t_ms > booking.to_ms for t_ms in cleaned)


def test_cleaners_go_from_space_to_space_when_all_have_left(days: list[tuple[Building, Day]]) -> None:
    """Each space that was open is cleaned once, for some minutes, after the last of the others has left."""
    for building, day in days:
        if not day.visits:
            continue
        for space in building.spaces.values():
            stays = day.of_space(space.id)
            cleaned = [one for one in stays if one.doing is Doing.CLEANING]
            assert len(cleaned) <= 1
            assert len(cleaned) == 1 or not building.hours.get(day.day.weekday())
            others = [one.to_ms for one in stays if one.doing is not Doing.CLEANING]
            assert all(one.from_ms > max(others, default=0) for one in cleaned)
            assert all(2 * MINUTE_MS <= one.to_ms - one.from_ms <= 10 * MINUTE_MS for one in cleaned)


def test_somebody_sits_still_alone_for_two_hours() -> None:
    """On some days somebody sits still in a room that can be booked for two hours, and nobody else comes."""
    people = People(BUILDING, 2)
    found = 0
    for day in (people.day(date(2026, 11, 2) + timedelta(days=number)) for number in range(28)):
        still = [
            one
            for one in day.stays
            if one.doing is Doing.QUIET and one.to_ms - one.from_ms >= STILL_MIN[0] * MINUTE_MS
        ]
        for stay in still:
            others = [one for one in day.of_space(stay.space) if one != stay]
            is_alone = all(one.to_ms <= stay.from_ms or one.from_ms >= stay.to_ms for one in others)
            found += is_alone and is_bookable(BUILDING.spaces[stay.space].layout_on(day.day))
    assert 4 <= found <= 20


def test_a_bag_keeps_the_chair_of_somebody_who_comes_back(days: list[tuple[Building, Day]]) -> None:
    """A thing lies at a desk between two stays of one person, for twenty minutes or longer."""
    found = 0
    for building, day in days:
        for thing in day.things:
            stays = day.of_space(thing.space)
            left = {one.person for one in stays if one.to_ms == thing.from_ms}
            back = {one.person for one in stays if one.from_ms == thing.to_ms}
            assert left & back
            assert thing.to_ms - thing.from_ms >= 20 * MINUTE_MS
            assert building.spaces[thing.space].layout_on(day.day).kind is SpaceKind.DESKS
            found += 1
    assert found > 100


def test_nobody_is_there_at_night(days: list[tuple[Building, Day]]) -> None:
    """Between midnight and seven nobody is in the building."""
    for building, day in days:
        assert all(one.from_ms >= clock(day.day, 7, building) for one in day.visits)
