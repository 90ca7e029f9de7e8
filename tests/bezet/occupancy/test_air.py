# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The mass balance against its exact solution, what it learns, and what it says at the edges of numbers."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Kind, Occupancy, Reading, SpaceKind
from bezet.occupancy.air import (
    CHANGES_PER_H,
    CO2_EMPTY,
    CO2_PRESENT,
    FORGET_PPM_H,
    HIGHEST_PPM,
    LOST_MS,
    LOWEST_PPM,
    OUTDOOR_PPM,
    Air,
    Breath,
    breathed,
    one_person_ppm_h,
    presence_log_odds,
)
from bezet.occupancy.course import Course
from bezet.occupancy.room import Room

T_MS = 1_790_000_000_000
MINUTE_MS, DAY_MIN = 60_000, 24 * 60
ROOM = Room(capacity=10, volume_m3=75.0)
#: A working day, in minutes of the day.
CAME, LEFT = 8 * 60, 17 * 60


def lived(room: Room, days: int, people: float, changes_per_h: float, noise_ppm: float) -> list[Reading]:
    """CO2 by the exact solution, each two minutes of days on which so many people worked, and its noise."""
    rnd, co2_ppm, readings = random.Random(1), OUTDOOR_PPM, []
    for minute in range(0, days * DAY_MIN, 2):
        now = people if CAME <= minute % DAY_MIN < LEFT else 0
        steady_ppm = OUTDOOR_PPM + now * one_person_ppm_h(room) / changes_per_h
        co2_ppm = steady_ppm + (co2_ppm - steady_ppm) * math.exp(-changes_per_h * 2 / 60)
        heard_ppm = co2_ppm + rnd.gauss(0, noise_ppm)
        readings.append(Reading(T_MS + minute * MINUTE_MS, "air", Kind.CO2_PPM, heard_ppm))
    return readings


def heard(air: Air | None, said: list[tuple[float, float]], room: Room = ROOM) -> Air:
    """The air after numbers of a sensor: (minute, ppm)."""
    for minute, co2_ppm in said:
        air = breathed(air, T_MS + round(minute * MINUTE_MS), co2_ppm, room)
    assert air is not None
    return air


# --- people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 3, 8])
@pytest.mark.parametrize("volume_m3", [40.0, 75.0, 300.0])
@pytest.mark.parametrize("changes_per_h", [0.3, 1.0, 4.0])
def test_what_is_born_comes_to_what_people_breathe_out(
    people: int, volume_m3: float, changes_per_h: float
) -> None:
    """A room filled by the exact solution, its air changes known, gives the people within 2 %, ever surer.

    What is forgotten of the outdoor air meanwhile is taken for breath that is missing, and no more than that.
    """
    room = Room(capacity=10, volume_m3=volume_m3)
    born_ppm_h = people * one_person_ppm_h(room)
    steady_ppm = OUTDOOR_PPM + born_ppm_h / changes_per_h
    first = breathed(None, T_MS, OUTDOOR_PPM, room)._replace(changes_per_h=changes_per_h)
    air = heard(
        first,
        [
            (n, steady_ppm + (OUTDOOR_PPM - steady_ppm) * math.exp(-changes_per_h * n / 60))
            for n in range(1, 481)
        ],
        room,
    )

    assert air.changes_per_h == changes_per_h
    forgotten_ppm_h = changes_per_h * (air.outdoor_ppm - OUTDOOR_PPM)
    assert air.outdoor_ppm <= OUTDOOR_PPM + 8 * FORGET_PPM_H + 0.01
    assert air.born_ppm_h + forgotten_ppm_h == pytest.approx(born_ppm_h, rel=0.02)
    assert 0 < air.var_co2 < first.var_co2
    assert air.var_born > 0


@pytest.mark.parametrize("repeats", [1, 50])
def test_an_instant_said_again_makes_no_time_pass(repeats: int) -> None:
    """The same number at the same instant moves nothing but how sure it is."""
    first = breathed(None, T_MS, 700.0, ROOM)
    air = heard(first, [(0, 700.0)] * repeats)

    assert (air.co2_ppm, air.born_ppm_h) == (first.co2_ppm, first.born_ppm_h)
    assert (air.changes_per_h, air.outdoor_ppm) == (first.changes_per_h, first.outdoor_ppm)
    assert 0 < air.var_co2 < first.var_co2


# --- learning --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes_per_h", [0.25, 0.5, 1.5, 2.5, 4.0])
def test_falling_air_teaches_towards_the_truth(changes_per_h: float) -> None:
    """After two working weeks what is learned is nearer to how often air is changed than where it began."""
    air = None
    for one in lived(ROOM, 10, 4, changes_per_h, 0.0):
        air = breathed(air, one.t_ms, one.value, ROOM)

    assert air is not None
    assert abs(air.changes_per_h - changes_per_h) < abs(CHANGES_PER_H - changes_per_h)
    assert air.taught_h > 1


def test_air_that_people_keep_steady_teaches_nothing() -> None:
    """In a room that is used all day nothing falls, so nothing is learned."""
    steady_ppm = OUTDOOR_PPM + 4 * one_person_ppm_h(ROOM) / CHANGES_PER_H
    air = heard(None, [(n, steady_ppm) for n in range(600)])

    assert (air.changes_per_h, air.taught_h) == (CHANGES_PER_H, 0)


def test_noise_teaches_nothing_of_a_room_that_is_aired_well() -> None:
    """Four people in air that is changed four times an hour are not forgotten as days of noise go by."""
    course, used = Course(Room(SpaceKind.MEETING, 10, 75.0)), []
    for one in lived(course.room, 8, 4, 4.0, 10.0):
        course.take([one])
        minute = (one.t_ms - T_MS) // MINUTE_MS
        if minute > 7 * DAY_MIN and CAME + 30 <= minute % DAY_MIN < LEFT:
            assert course.belief.said is not None
            used.append(course.belief.said.occupancy is Occupancy.OCCUPIED)

    assert sum(used) / len(used) > 0.5


@pytest.mark.parametrize(("says_ppm", "learned_ppm"), [(300.0, 300.0), (205.0, LOWEST_PPM)])
def test_the_outdoor_air_is_the_lowest_there_was(says_ppm: float, learned_ppm: float) -> None:
    """What a sensor comes down to is its outdoor air, within the bounds."""
    air = heard(None, [(n, says_ppm) for n in range(60)])

    assert air.outdoor_ppm == pytest.approx(learned_ppm, abs=3)


def test_the_outdoor_air_is_forgotten_up_to_a_bound() -> None:
    """A sensor that never comes down again has other outdoor air by and by, and never more than the bound."""
    air = heard(None, [(n * 60, 900.0) for n in range(300)])

    assert air.outdoor_ppm == HIGHEST_PPM


def test_a_window_thrown_open_is_no_new_outdoor_air() -> None:
    """Outdoor air is not below all that was heard, however fast the air fell, and later nobody is there."""
    course = Course(Room(SpaceKind.MEETING, 15, 150.0))
    rise = [420.0 + 20 * min(n, 60) for n in range(90)]
    fall = [420.0 + 1_200 * math.exp(-15 * n / 60) for n in range(8 * 60)]
    for minute, co2_ppm in enumerate([*rise, *fall]):
        course.take([Reading(T_MS + minute * MINUTE_MS, "air", Kind.CO2_PPM, co2_ppm)])

    assert course.belief.air["air"].outdoor_ppm == pytest.approx(420, abs=10)
    assert course.belief.said is not None
    assert course.belief.said.occupancy is Occupancy.FREE


@pytest.mark.parametrize("away_ms", [LOST_MS + 1, 400 * DAY_MIN * MINUTE_MS])
def test_a_long_silence_begins_the_air_anew_and_keeps_what_was_learned(away_ms: int) -> None:
    """After two hours and more nothing is carried on but the outdoor air and how often air is changed."""
    known = breathed(None, T_MS, 1_800.0, ROOM)._replace(changes_per_h=2.0, outdoor_ppm=380.0, taught_h=9.0)
    air = breathed(known, T_MS + away_ms, 500.0, ROOM)

    assert (air.changes_per_h, air.taught_h) == (2.0, 9.0)
    assert 380 <= air.outdoor_ppm <= 382
    assert air.co2_ppm == pytest.approx(500, abs=20)


# --- the edges of numbers --------------------------------------------------------------------------------


@given(
    st.floats(-1e9, 1e9),
    st.floats(0.001, 1e6),
    st.one_of(st.none(), st.integers(1, 1_000)),
)
def test_what_air_says_is_a_number_within_its_clamps(people: float, sd: float, capacity: int | None) -> None:
    """However many people, however unsure: nothing overflows, and CO2 never says more than it may."""
    assert CO2_EMPTY <= presence_log_odds(Breath(people, sd), Room(capacity=capacity)) <= CO2_PRESENT


@pytest.mark.parametrize(
    ("capacity", "sd"),
    [
        *((1, 0.3), (1, 1.0), (1, 2.0), (4, 1.0), (4, 3.0), (4, 6.15)),
        *((10, 0.3), (10, 3.0), (50, 1.0), (50, 6.15)),
    ],
)
def test_each_person_more_says_more(capacity: int, sd: float) -> None:
    """At a fixed standard deviation the log-odds never fall as the people rise, at no step of a fine walk."""
    room = Room(capacity=capacity)
    said = [presence_log_odds(Breath(n / 50, sd), room) for n in range(-500, 2_500)]

    assert all(less <= more + 1e-9 for less, more in pairwise(said))
