# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""People by the mass balance of CO2: right where the physics is known, bounded whatever is heard."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.occupancy.air import (
    CO2_EMPTY,
    CO2_PRESENT,
    HIGHEST_PPM,
    LEAST_CHANGES,
    LOWEST_PPM,
    MOST_CHANGES,
    Air,
    Breath,
    breathed,
    breathing,
    one_person_ppm_h,
    people_breathing,
    presence_log_odds,
)
from bezet.occupancy.room import Room

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
ROOM = Room(capacity=10, volume_m3=75.0)
OUTDOOR_PPM = 420.0


def balance(air: Air | None, minutes: range, people: float, changes_per_h: float, co2_ppm: float) -> Air:
    """The air after minutes of the exact solution with so many people, read each minute."""
    born = people * one_person_ppm_h(ROOM)
    steady = OUTDOOR_PPM + born / changes_per_h
    for n, minute in enumerate(minutes):
        now_ppm = steady + (co2_ppm - steady) * math.exp(-changes_per_h * n / 60)
        air = breathed(air, T_MS + minute * MINUTE_MS, now_ppm, ROOM)
    assert air is not None
    return air


@pytest.mark.parametrize("people", [0, 1, 4, 9])
def test_people_are_found_where_the_air_is_known(people: int) -> None:
    """With air changes as they are learned at first, the people come out within a third of one."""
    air = balance(None, range(240), people, 0.8, OUTDOOR_PPM)

    assert breathing(air, ROOM).people == pytest.approx(people, abs=0.34)


def test_the_outdoor_air_of_a_sensor_that_is_off_is_learned() -> None:
    """A sensor that says 320 ppm outdoors finds nobody in an empty room after a night."""
    air = None
    for minute in range(600):
        air = breathed(air, T_MS + minute * MINUTE_MS, 320.0, ROOM)

    assert air is not None
    assert air.outdoor_ppm == pytest.approx(320, abs=12)
    assert air.log_odds < 0


@given(
    st.lists(st.tuples(st.integers(0, 10 * 3_600_000), st.floats(0, 100_000)), max_size=60),
    st.one_of(st.none(), st.integers(1, 1_000)),
    st.one_of(st.none(), st.floats(0.1, 1e6)),
)
def test_nothing_that_is_heard_leaves_the_bounds(
    heard: list[tuple[int, float]], capacity: int | None, volume_m3: float | None
) -> None:
    """Whatever a sensor says and however seldom, what is learned stays in its bounds, and all is finite."""
    room, air, t_ms = Room(capacity=capacity, volume_m3=volume_m3), None, T_MS
    for later_ms, co2_ppm in heard:
        t_ms += later_ms
        air = breathed(air, t_ms, co2_ppm, room)

        assert all(math.isfinite(one) for one in air)
        assert LOWEST_PPM <= air.outdoor_ppm <= HIGHEST_PPM
        assert LEAST_CHANGES <= air.changes_per_h <= MOST_CHANGES
        assert CO2_EMPTY <= air.log_odds <= CO2_PRESENT
        assert people_breathing(air, room).sd > 0


@given(st.floats(-1e6, 1e6), st.floats(0, 100), st.floats(0.01, 1e3), st.integers(1, 1_000))
def test_more_people_never_say_less(people: float, more: float, sd: float, capacity: int) -> None:
    """Of two airs that are equally unsure, the one with more people speaks as loudly or louder."""
    room = Room(capacity=capacity)
    less, much = (presence_log_odds(Breath(one, sd), room) for one in (people, people + more))

    assert CO2_EMPTY <= less <= much + 1e-6
    assert much <= CO2_PRESENT


def test_a_known_ventilation_counts() -> None:
    """Where it is known how often air is changed in use, the steady state gives the people by it."""
    room = Room(capacity=10, volume_m3=75.0, air_changes_per_h=3.0)
    co2_ppm, air = OUTDOOR_PPM + 5 * one_person_ppm_h(room) / 3.0, None
    for minute in range(240):
        air = breathed(air, T_MS + minute * MINUTE_MS, co2_ppm if minute else OUTDOOR_PPM, room)

    assert air is not None
    assert people_breathing(air, room).people == pytest.approx(5, rel=0.1)
