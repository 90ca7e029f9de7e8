# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulated air: nothing is made from nothing, nothing is lost, and it does not depend on who asks."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.happenings import Happening, What
from demo.lens import Piece
from demo.people import Doing
from demo.physics.air import balance, co2_ppm
from demo.physics.bodies import breath_m3_s
from demo.physics.doors import door_open
from demo.physics.ventilation import (
    CORRIDOR_PPM,
    DOOR_M3_S,
    FRESH_AIR_M3_S,
    infiltration_m3_s,
    volume_m3,
)
from demo.physics.weather import outdoor_ppm
from tests.demo.physics.weeks import FROM_MS, INSTANTS, ROOMS, TO_MS, busy_town
from tests.demo.towns import DAY_MS, HOUR_MS, TUESDAY, Room, clock, meeting, small_town

BUSY = busy_town()
ROOM = "1.01"


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(
    ("from_ms", "to_ms"), [(FROM_MS, TO_MS), (clock(9.123), clock(9.124)), (clock(3), clock(75.7))]
)
def test_the_mass_balance_closes(room: Room, from_ms: int, to_ms: int) -> None:
    """What people breathed out has left by one of three ways, or is still in the space, to a millionth."""
    found = balance(BUSY, room.id, from_ms, to_ms)
    missing_l = found.generated_l - sum(found[1:])
    ends_ppm = co2_ppm(BUSY, room.id, np.array([from_ms, to_ms - 1]))

    assert missing_l == pytest.approx(0, abs=1e-6 * found.generated_l + 1e-9)
    assert found.stored_l == pytest.approx(volume_m3(BUSY, room.id) * np.diff(ends_ppm)[0] / 1e3, abs=1e-3)


def test_what_was_breathed_out_is_what_people_breathe() -> None:
    """The balance holds the breath of everybody who was there, for as long as they were."""
    stays = BUSY.stays(ROOM, FROM_MS, TO_MS)
    breathed_m3 = sum(
        breath_m3_s(BUSY.seed, one.person, one.doing) * (min(one.to_ms, TO_MS) - one.from_ms) / 1e3
        for one in stays
    )

    assert balance(BUSY, ROOM, FROM_MS, TO_MS).generated_l == pytest.approx(1e3 * breathed_m3)


def test_decay_in_an_empty_room() -> None:
    """After the last one left at night, the air goes to that of outdoors at the rate of cracks and door."""
    town = small_town(*(one._replace(doing=Doing.CLEANING) for one in meeting(4, 20, 21)))
    t_ms = np.arange(clock(21) + 10_000, clock(22), 60_000)
    assert door_open(town, ROOM, int(t_ms[0]), int(t_ms[-1])).count.tolist() == [1]
    rate_per_s = (DOOR_M3_S + infiltration_m3_s(town, ROOM)) / volume_m3(town, ROOM)
    found_ppm = co2_ppm(town, ROOM, t_ms)
    outdoor = outdoor_ppm(town, t_ms)

    expected_ppm = outdoor + (found_ppm[0] - outdoor) * np.exp(-rate_per_s * (t_ms - t_ms[0]) / 1e3)
    assert found_ppm[0] > 600
    assert found_ppm == pytest.approx(expected_ppm, abs=1e-9)


def test_the_level_in_the_long_run() -> None:
    """A room that is full for hours comes to the level at which as much leaves as is breathed out."""
    town = small_town(*meeting(6, 9, 14))
    doors = door_open(town, ROOM, clock(10), clock(13.9))
    t_ms = np.array([clock(13.9)])
    assert doors.count.tolist() == [0]
    breath = sum(breath_m3_s(town.seed, f"p{seat}", Doing.MEETING) for seat in range(6))
    flow = 6 * FRESH_AIR_M3_S + infiltration_m3_s(town, ROOM)

    expected_ppm = outdoor_ppm(town, t_ms) + 1e6 * breath / flow
    assert co2_ppm(town, ROOM, t_ms) == pytest.approx(expected_ppm, abs=2)


@pytest.mark.parametrize("seed", range(12))
def test_a_full_meeting_of_an_hour(seed: int) -> None:
    """A full room for an hour reaches 900 to 1,500 ppm, less if its door is open; by night that has gone."""
    town = small_town(*meeting(6, 10, 11), seed=seed)
    during, night = np.arange(clock(10), clock(11), 10_000), np.arange(clock(25), clock(29), HOUR_MS)
    is_shut = 0 in door_open(town, ROOM, clock(10.2), clock(10.9)).count

    low_ppm, high_ppm = (900, 1_500) if is_shut else (600, 900)
    assert low_ppm < co2_ppm(town, ROOM, during).max() < high_ppm
    assert co2_ppm(town, ROOM, night) == pytest.approx(outdoor_ppm(town, night), abs=15)


def test_an_empty_building_is_that_of_outdoors() -> None:
    """Where nobody comes, the air is between that of outdoors and of the corridor, day and night."""
    t_ms = np.arange(clock(0), clock(168), 600_000)
    found_ppm = co2_ppm(small_town(), ROOM, t_ms)

    assert 400 < found_ppm.min() < found_ppm.max() < 440 + CORRIDOR_PPM


@settings(deadline=None, max_examples=60)
@given(st.lists(INSTANTS, min_size=2, max_size=40), st.integers(0, 40), st.sampled_from(ROOMS))
def test_any_split_gives_the_same(instants: list[int], at: int, room: Room) -> None:
    """The air at an instant is the same, to the bit, however instants are asked for, together or apart."""
    t_ms = np.array(sorted(instants))
    whole = co2_ppm(BUSY, room.id, t_ms)
    apart = [co2_ppm(BUSY, room.id, part) for part in (t_ms[:at], t_ms[at:])]
    single = [co2_ppm(BUSY, room.id, t_ms[place : place + 1]) for place in range(len(t_ms))]

    assert np.array_equal(whole, np.concatenate(apart))
    assert np.array_equal(whole, np.concatenate(single))


def test_the_order_of_asking_does_not_matter() -> None:
    """Two towns that are the same have the same air, whichever week was asked for first."""
    towns = busy_town(), busy_town()
    early, late = (np.arange(from_ms, from_ms + DAY_MS, HOUR_MS) for from_ms in (FROM_MS, TO_MS - DAY_MS))
    asked = [co2_ppm(towns[0], ROOM, t_ms) for t_ms in (early, late)]
    again = [co2_ppm(towns[1], ROOM, t_ms) for t_ms in (late, early)][::-1]

    assert np.array_equal(asked, again)


def test_the_week_that_begins_is_the_week_before_that_goes_on() -> None:
    """At midnight of UTC before a Monday, when a week is worked out anew, the air makes no step."""
    monday_ms = clock(1, TUESDAY + timedelta(days=6))
    party = meeting(6, 5 * 24 + 18, 6 * 24 + 2)
    around_ppm = co2_ppm(small_town(*party), ROOM, monday_ms + np.array([-2, -1, 0, 1]))

    assert around_ppm[0] > 1_000
    assert np.diff(around_ppm) == pytest.approx(np.zeros(3), abs=1e-3)


def test_the_past_stays_as_it_was() -> None:
    """Whatever somebody makes happen at two, the air until two is what it was."""
    quiet = small_town(*meeting(3, 10, 16))
    made = (
        Happening(What.FILL, ROOM, clock(14), clock(15), 5),
        Happening(What.EMPTY, ROOM, clock(15), clock(16)),
    )
    bent = small_town(*meeting(3, 10, 16), happenings=made)
    before = np.arange(clock(8), clock(14), 5_000)
    after = np.arange(clock(14.5), clock(15), 5_000)

    assert np.array_equal(co2_ppm(quiet, ROOM, before), co2_ppm(bent, ROOM, before))
    assert np.all(co2_ppm(bent, ROOM, after) > co2_ppm(quiet, ROOM, after) + 100)


def test_fast_life() -> None:
    """Where life goes sixty times as fast, the air is as continuous, and the same however it is asked for."""
    bent = (Piece(clock(22), float("inf"), clock(8), 60.0),)
    town = small_town(*meeting(6, 9, 17), bent=bent)
    t_ms = np.arange(clock(21.9), clock(22.4), 1_000)
    found_ppm = co2_ppm(town, ROOM, t_ms)

    assert found_ppm.max() > co2_ppm(town, ROOM, t_ms[:1])[0] + 100
    assert np.abs(np.diff(found_ppm)).max() < 3
    assert np.array_equal(found_ppm[700:900], co2_ppm(town, ROOM, t_ms[700:900]))


def test_nothing_asked_nothing_said() -> None:
    """No instants, no numbers."""
    assert co2_ppm(BUSY, ROOM, np.empty(0, np.int64)).shape == (0,)
