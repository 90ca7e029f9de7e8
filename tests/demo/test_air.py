# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulated air: nothing is made from nothing, and nothing is lost."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import SpaceKind
from demo.air import GENERATION_M3_S, OUTDOOR_PPM, STEP_MS, Air, next_ppm, ventilation_of
from demo.building_life import SimulatedSpace, stays

NOW_MS = 1_795_428_000_000
ROOM = SimulatedSpace("1.03", SpaceKind.HYBRID, 10, 31.5, seed=1)
AIR = ventilation_of(ROOM)


def test_the_mass_balance_closes() -> None:
    """Over three hours, what people breathed out has left through the ventilation or is still in the room."""
    air = Air(ROOM)
    co2_ppm = first_ppm = air.co2_ppm(NOW_MS)
    breathed_m3 = left_m3 = 0.0
    rate = AIR.fresh_air_m3_s / AIR.volume_m3
    for t_ms in range(NOW_MS, NOW_MS + 3 * 3_600_000, STEP_MS):
        people, seconds = len(stays(ROOM, t_ms)), STEP_MS / 1000
        steady_ppm = OUTDOOR_PPM + 1e6 * GENERATION_M3_S * people / AIR.fresh_air_m3_s
        mean_ppm = steady_ppm + (co2_ppm - steady_ppm) * (1 - math.exp(-rate * seconds)) / (rate * seconds)
        breathed_m3 += GENERATION_M3_S * people * seconds
        left_m3 += AIR.fresh_air_m3_s * seconds * (mean_ppm - OUTDOOR_PPM) / 1e6
        co2_ppm = air.co2_ppm(t_ms + STEP_MS)
    stored_m3 = AIR.volume_m3 * (co2_ppm - first_ppm) / 1e6

    assert breathed_m3 > 0.01
    assert breathed_m3 == pytest.approx(left_m3 + stored_m3, abs=1e-9)


@given(st.floats(400, 5_000), st.integers(0, 10), st.integers(1, 40))
def test_steps_add_up(co2_ppm: float, people: int, steps: int) -> None:
    """Many small steps are one big one, as long as the people stay the same."""
    small_ppm = co2_ppm
    for _ in range(steps):
        small_ppm = next_ppm(small_ppm, people, AIR, 10)

    assert small_ppm == pytest.approx(next_ppm(co2_ppm, people, AIR, 10 * steps))


def test_a_full_room_in_the_long_run() -> None:
    """A room with as many people as it is meant for comes to 800 ppm above outdoors, by its ventilation."""
    assert next_ppm(OUTDOOR_PPM, 10, AIR, 86_400) == pytest.approx(OUTDOOR_PPM + 800)


def test_an_empty_room_airs() -> None:
    """Without people the air comes back to that of outdoors, and not below."""
    assert next_ppm(2_000, 0, AIR, 86_400) == pytest.approx(OUTDOOR_PPM)


def test_the_air_forgets_when_it_began() -> None:
    """Whether the simulation began now or an hour ago makes no difference that a sensor could see."""
    earlier = Air(ROOM)
    earlier.co2_ppm(NOW_MS - 3_600_000)

    assert earlier.co2_ppm(NOW_MS) == pytest.approx(Air(ROOM).co2_ppm(NOW_MS), abs=0.1)
