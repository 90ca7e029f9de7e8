# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The people of the town hall, counted over weeks, against the patterns that they are said to follow."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from bezet.building import read_building
from bezet.model import SpaceKind
from demo.people import Doing, Fate
from demo.people.days import People
from demo.people.patterns import EFFECT, PRESENT, choose, effect_of
from demo.people.staff import staff_homes
from tests.conftest import ROOT
from tests.demo.towns import Room, small_building

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.model import Building
    from bezet.usage.columns import Floats
    from demo.people import Day

BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
#: Weeks without a school holiday.
WEEKS = [date(2026, 10, 26) + timedelta(days=7 * number) for number in range(6)]
SEEDS = range(4)
HOUR_MS = 3_600_000
CHANGE = date(2026, 9, 7)
#: The pilot wing: rooms whose kind changes, and rooms of which only the walls do.
CHANGED, SAME = ("1.07", "1.09", "1.10"), ("1.11", "1.12", "1.13")


class Seen(NamedTuple):
    """A day of one seed, from Monday to Friday."""

    seed: int
    day: Day


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """Weeks of several towns."""
    return [
        Seen(seed, people.day(monday + timedelta(days=number)))
        for seed in SEEDS
        for people in [People(BUILDING, seed)]
        for monday in WEEKS
        for number in range(5)
    ]


def clock(day: date, hour: int) -> int:
    """The instant in ms of an hour by the clock of the building."""
    return round(datetime.combine(day, time(hour), BUILDING.timezone).timestamp() * 1_000)


def at_work(day: Day) -> set[str]:
    """The employees who come."""
    return {one.person for one in day.visits if one.person.startswith("staff-")}


# --- who comes --------------------------------------------------------------------------------------------


def test_half_of_the_employees_come(seen: list[Seen]) -> None:
    """The mean from Monday to Friday is 51 % of employees, as in the public sector, give or take 2."""
    shares = [len(at_work(one.day)) / len(staff_homes(BUILDING, one.day.day)) for one in seen]

    assert np.mean(shares) == pytest.approx(0.51, abs=0.02)


def test_each_weekday_has_its_share(seen: list[Seen]) -> None:
    """Tuesday and Thursday are the busiest and Friday is quiet, by the table."""
    by_weekday = defaultdict(list)
    for one in seen:
        by_weekday[one.day.day.weekday()].append(len(at_work(one.day)))
    shares = {weekday: np.mean(found) for weekday, found in by_weekday.items()}
    employees = len(staff_homes(BUILDING, WEEKS[0]))

    assert all(found / employees == pytest.approx(PRESENT[day], abs=0.03) for day, found in shares.items())
    assert min(shares[1], shares[3]) > 1.2 * max(shares[0], shares[2])
    assert shares[4] < 0.5 * min(shares[0], shares[2])


def test_desks_are_busy_on_tuesdays() -> None:
    """Between 60 % and 80 % of desks are sat at on Tuesdays at eleven."""
    full = [
        sum(one.from_ms <= clock(day.day, 11) < one.to_ms for one in day.of_space(space)) / capacity
        for seed in SEEDS
        for people in [People(BUILDING, seed)]
        for monday in WEEKS
        for day in [people.day(monday + timedelta(days=1))]
        for space, capacity in (("1.05", 20), ("1.14", 16))
    ]
    assert 0.6 < np.mean(full) < 0.8


def test_school_holidays_are_quiet() -> None:
    """In the middle of the summer holidays fewer come than in September, on the same weekdays."""
    people = People(BUILDING, 1)
    summer, autumn = (
        sum(len(at_work(people.day(monday + timedelta(days=number)))) for number in range(5))
        for monday in (date(2026, 7, 27), date(2026, 9, 21))
    )
    assert 0.5 < summer / autumn < 0.8


def test_lunch_is_social(seen: list[Seen]) -> None:
    """Half an hour past noon social spaces hold several times as many as at eleven, and desks fewer."""
    people: Counter[tuple[SpaceKind, int]] = Counter()
    for one in seen:
        for hour_ms, hour in ((clock(one.day.day, 11), 11), (clock(one.day.day, 12) + HOUR_MS // 2, 12)):
            for stay in one.day.stays:
                if stay.from_ms <= hour_ms < stay.to_ms:
                    people[BUILDING.spaces[stay.space].layout_on(one.day.day).kind, hour] += 1

    assert people[SpaceKind.SOCIAL, 12] > 4 * people[SpaceKind.SOCIAL, 11]
    assert people[SpaceKind.DESKS, 12] < 0.7 * people[SpaceKind.DESKS, 11]


# --- meetings -----------------------------------------------------------------------------------------------


def groups(day: Day) -> list[int]:
    """How many came to each booking that was held, but for the council's."""
    found = []
    for one in day.bookings:
        if one.fate is Fate.HELD and not one.series.endswith("council"):
            begin_ms, last_ms = one.from_ms - HOUR_MS // 60, one.from_ms + HOUR_MS // 6
            there = {
                stay.person
                for stay in day.of_space(one.space)
                if begin_ms <= stay.from_ms <= last_ms and stay.doing is Doing.MEETING
            }
            found.append(len(there))
    return found


def test_most_groups_are_of_two_to_four(seen: list[Seen]) -> None:
    """Two thirds to four fifths of meetings are of two to four people; hardly any are of a dozen or more."""
    sizes = Counter(size for one in seen for size in groups(one.day))

    assert 0.65 < sum(sizes[size] for size in (2, 3, 4)) / sizes.total() < 0.8
    assert sizes[0] == 0
    assert 0 < sum(count for size, count in sizes.items() if size > 12) / sizes.total() < 0.04


def test_some_bookings_are_missed(seen: list[Seen]) -> None:
    """Nobody comes to 15 % to 25 % of what is booked and not cancelled; rooms differ."""
    fates = Counter((booking.space, booking.fate) for one in seen for booking in one.day.bookings)
    total = Counter[Fate]()
    shares = []
    for space in BUILDING.spaces:
        held, missed = (fates[space, fate] for fate in (Fate.HELD, Fate.NO_SHOW))
        total.update({fate: fates[space, fate] for fate in Fate})
        if held + missed > 200:
            shares.append(missed / (held + missed))

    assert 0.15 < total[Fate.NO_SHOW] / (total[Fate.NO_SHOW] + total[Fate.HELD]) < 0.25
    assert 0.04 < total[Fate.CANCELLED] / total.total() < 0.1
    assert max(shares) - min(shares) > 0.05


def test_some_meetings_end_early_and_some_are_not_booked(seen: list[Seen]) -> None:
    """A tenth to a third of what is held is over ten minutes early; rooms are used without booking, too."""
    early, ad_hoc, held = 0, 0, 0
    for one in seen:
        for space in ("0.02", "0.09", "1.02", "1.03"):
            stays = one.day.of_space(space)
            booked = [
                booking
                for booking in one.day.bookings
                if booking.space == space
                and booking.fate is Fate.HELD
                and not booking.series.endswith("council")
            ]
            meant = set()
            for booking in booked:
                there = {
                    stay
                    for stay in stays
                    if abs(stay.from_ms - booking.from_ms) < HOUR_MS // 6 and stay.from_ms < booking.to_ms
                }
                meant |= there
                held += 1
                early += max(stay.to_ms for stay in there) <= booking.to_ms - HOUR_MS // 6
            ad_hoc += any(stay not in meant and stay.doing is Doing.MEETING for stay in stays)

    assert 0.1 < early / held < 0.33
    assert ad_hoc > 0.3 * len(seen)


def test_series_run_for_months() -> None:
    """A recurring meeting keeps its weekday and its time, every week or every other, for months."""
    people = People(small_building(*(Room(str(number)) for number in range(4))), 1)
    begins = defaultdict(list)
    for number in range(7 * 40):
        for one in people.day(date(2026, 2, 2) + timedelta(days=number)).bookings:
            if one.series:
                begins[one.series].append(datetime.fromtimestamp(one.from_ms / 1_000, BUILDING.timezone))
    weeks = [[(after.date() - one[0].date()).days // 7 for after in one] for one in begins.values()]

    assert all(len({(one.weekday(), one.time()) for one in found}) == 1 for found in begins.values())
    assert {after - before for found in weeks for before, after in pairwise(found)} == {1, 2}
    assert max(found[-1] for found in weeks) in (24, 25)
    assert np.median([found[-1] for found in weeks]) >= 12


# --- the pilot ----------------------------------------------------------------------------------------------


def test_the_effect_is_known() -> None:
    """Use is multiplied from the day on which a room to meet in changes its kind, and by no other change."""
    before = CHANGE - timedelta(days=1)
    effects = {
        name: (effect_of(space, before), effect_of(space, CHANGE)) for name, space in BUILDING.spaces.items()
    }

    assert {name for name, pair in effects.items() if pair != (1, 1)} == set(CHANGED)
    assert {effects[name] for name in CHANGED} == {(1, EFFECT)}


def used_h(day: Day, spaces: Sequence[str]) -> float:
    """For how many hours between 08:00 and 18:00 somebody is in a space, in the mean of these."""
    used_ms = 0
    for space in spaces:
        at_ms, end_ms = clock(day.day, 8), clock(day.day, 18)
        for stay in day.of_space(space):
            if stay.doing is not Doing.CLEANING:
                used_ms += max(min(stay.to_ms, end_ms) - max(stay.from_ms, at_ms), 0)
                at_ms = max(at_ms, stay.to_ms)
    return used_ms / HOUR_MS / len(spaces)


def is_found(before: Floats, after: Floats) -> bool:
    """Whether the interval of the difference of two means, of 95 %, leaves out nothing."""
    error = np.sqrt(before.var(ddof=1) / len(before) + after.var(ddof=1) / len(after))
    return bool(abs(after.mean() - before.mean()) > 2.0 * error)


@pytest.mark.slow
def test_the_effect_can_be_found_where_it_is() -> None:
    """Four weeks before against eight after: used hours rise where the kind changes, and only there."""
    found: Counter[tuple[str, ...]] = Counter()
    rises = []
    days = [CHANGE + timedelta(days=number) for number in range(-28, 56)]
    working = [day for day in days if day.weekday() < 5]
    for seed in range(20):
        people = People(BUILDING, seed)
        for spaces in (CHANGED, SAME):
            hours = np.array([used_h(people.day(day), spaces) for day in working])
            before, after = hours[:20], hours[20:]
            found[spaces] += is_found(before, after)
            if spaces is CHANGED:
                rises.append(after.mean() / before.mean())

    assert found[CHANGED] >= 18
    assert found[SAME] <= 3
    assert 1.3 < np.mean(rises) < EFFECT


def test_one_space_does_not_disturb_another() -> None:
    """What a room is booked for does not depend on whether another one has changed."""
    room = BUILDING.spaces["1.07"]
    unchanged = replace(BUILDING, spaces={**BUILDING.spaces, "1.07": replace(room, layouts=room.layouts[:1])})
    changed_rooms, unchanged_rooms = (booked(building) for building in (BUILDING, unchanged))

    assert changed_rooms.pop("1.07") > unchanged_rooms.pop("1.07")
    assert changed_rooms == unchanged_rooms


def booked(building: Building) -> Counter[str]:
    """How many bookings each space has in two weeks in October."""
    people = People(building, 1)
    days = (people.day(date(2026, 10, 26) + timedelta(days=number)) for number in range(12))
    return Counter(one.space for day in days for one in day.bookings)


def test_a_table_is_drawn_from_by_its_shares() -> None:
    """Each row has its part of [0, 1), the last one the rest of it."""
    table = {"a": 0.25, "b": 0.5, "c": 0.24}

    assert [choose(table, share) for share in (0, 0.24, 0.25, 0.74, 0.76, 0.999)] == [*"aabbcc"]
