# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Warmth and moisture of a space: people, hours and seasons."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.physics.warmth import SET_C, SETBACK_C, humidity_pct, temperature_c
from demo.physics.weather import outdoor_c, saturation_g_m3
from tests.demo.physics.weeks import FROM_MS, INSTANTS, ROOMS, TO_MS, busy_town
from tests.demo.towns import DAY_MS, HOUR_MS, Room, clock, meeting, small_town

BUSY = busy_town()
ROOM = "1.01"


def test_a_full_meeting_warms_and_moistens() -> None:
    """A full room is 0.5 to 2.5 °C warmer after an hour, and a few per cent moister, than an empty one."""
    t_ms = np.array([clock(10), clock(11)])
    full, empty = small_town(*meeting(6, 10, 11)), small_town()
    warmer = temperature_c(full, ROOM, t_ms) - temperature_c(empty, ROOM, t_ms)
    moister = humidity_pct(full, ROOM, t_ms) - humidity_pct(empty, ROOM, t_ms)

    assert warmer[0] == moister[0] == 0
    assert 0.5 < warmer[1] < 2.5
    assert 1 < moister[1] < 15


def test_heating_follows_the_hours() -> None:
    """In winter a space is warm when it opens, colder at night, and never far below the setback."""
    town = small_town()
    opens, night, sunday = temperature_c(town, ROOM, np.array([clock(9), clock(28), clock(5 * 24 + 12)]))

    assert opens == pytest.approx(SET_C, abs=1.5)
    assert SETBACK_C - 1 < night < opens - 2
    assert SETBACK_C - 1 < sunday < opens - 2


@pytest.mark.parametrize(
    ("day", "low_pct", "high_pct"), [(date(2027, 1, 19), 15, 45), (date(2026, 7, 21), 45, 80)]
)
def test_seasons(day: date, low_pct: float, high_pct: float) -> None:
    """Rooms are dry in winter and moist in summer, and temperatures are those of an office in both."""
    t_ms = np.arange(clock(9, day), clock(17, day), HOUR_MS)
    town = small_town()
    humidity, temperature = humidity_pct(town, ROOM, t_ms), temperature_c(town, ROOM, t_ms)

    assert low_pct < humidity.min() < humidity.max() < high_pct
    assert 19 < temperature.min() < temperature.max() < 26


def test_the_weather_of_a_year() -> None:
    """Outdoors it is 10.5 °C over the year, with winters and summers of De Bilt."""
    t_ms = np.arange(clock(0, date(2026, 1, 1)), clock(0, date(2027, 1, 1)), HOUR_MS)
    found_c = outdoor_c(small_town(), t_ms).reshape(365, 24).mean(axis=1)

    assert found_c.mean() == pytest.approx(10.5, abs=0.7)
    assert found_c[:31].mean() == pytest.approx(3.6, abs=1.5)
    assert found_c[181:212].mean() == pytest.approx(18.3, abs=1.5)


def test_what_air_can_hold() -> None:
    """Saturated air holds 17.3 g/m³ at 20 °C and 4.85 at 0 °C (steam tables)."""
    assert saturation_g_m3(np.array([20.0, 0.0])) == pytest.approx([17.3, 4.85], rel=0.005)


@settings(deadline=None, max_examples=40)
@given(st.lists(INSTANTS, min_size=2, max_size=40), st.integers(0, 40), st.sampled_from(ROOMS))
def test_any_split_gives_the_same(instants: list[int], at: int, room: Room) -> None:
    """Warmth and moisture at an instant are the same, to the bit, however instants are asked for."""
    t_ms = np.array(sorted(instants))
    for found in (temperature_c, humidity_pct):
        apart = [found(BUSY, room.id, part) for part in (t_ms[:at], t_ms[at:])]
        assert np.array_equal(found(BUSY, room.id, t_ms), np.concatenate(apart))


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_jumps(room: Room) -> None:
    """From minute to minute, also over midnight and from week to week, warmth and moisture change little."""
    t_ms = np.arange(FROM_MS, TO_MS, 60_000)

    assert np.abs(np.diff(temperature_c(BUSY, room.id, t_ms))).max() < 0.3
    assert np.abs(np.diff(humidity_pct(BUSY, room.id, t_ms))).max() < 5
    midnights = np.arange(FROM_MS // DAY_MS + 1, TO_MS // DAY_MS) * DAY_MS
    for found in (temperature_c, humidity_pct):
        around = np.sort(np.concatenate((midnights - 1, midnights)))
        assert np.abs(np.diff(found(BUSY, room.id, around))[::2]).max() < 0.01
