# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How many people go with a state, and between which bounds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Kind, Occupancy, Reading
from bezet.occupancy.belief import Belief
from bezet.occupancy.filter import step
from bezet.occupancy.people import NOBODY_COUNTS, SURE, Z_90, Count, people_now
from bezet.occupancy.room import Room, most_people

T_MS = 1_790_000_000_000
counts = st.lists(st.builds(Count, st.floats(-50, 500), st.floats(0.1, 50)), min_size=1, max_size=3)


@given(st.sampled_from([Occupancy.FREE, Occupancy.OCCUPIED]), st.floats(0, 1), counts, st.integers(1, 200))
def test_the_bounds_hold_the_number(
    occupancy: Occupancy, probability: float, said: list[Count], capacity: int
) -> None:
    """The number lies between its bounds, never below nobody and never above what a space can hold."""
    most = most_people(Room(capacity=capacity))
    people, low, high = people_now(occupancy, probability, said, most)

    assert people is not None
    assert low is not None
    assert high is not None
    assert 0 <= low <= people <= high <= round(most, 2) + 0.01
    if occupancy is Occupancy.FREE:
        assert people == low == 0


@pytest.mark.parametrize("occupancy", Occupancy)
def test_what_is_not_counted_is_not_known(occupancy: Occupancy) -> None:
    """Where nothing counts, and while a space is unknown, the number is not known, which is not zero."""
    assert people_now(occupancy, 0.9, [], 150) == NOBODY_COUNTS
    assert people_now(Occupancy.UNKNOWN, 0.5, [Count(3, 1)], 150) == NOBODY_COUNTS


def test_two_that_differ_are_less_sure() -> None:
    """Counts that contradict each other widen the bounds; counts that agree narrow them."""

    def width(*said: Count) -> float:
        _, low, high = people_now(Occupancy.OCCUPIED, 0.99, list(said), 150)
        assert low is not None
        assert high is not None
        return high - low

    assert width(Count(5, 1), Count(5, 1)) < width(Count(5, 1)) < width(Count(2, 1), Count(12, 1))


def test_who_sees_people_is_not_held_up_by_air() -> None:
    """Six who have just come in are six, though their breath has not changed the air yet."""
    belief, room = Belief(), Room(capacity=8, volume_m3=60.0)
    for minute in range(30):
        t_ms = T_MS + minute * 60_000
        belief = step(belief, [Reading(t_ms, "air", Kind.CO2_PPM, 420.0)], t_ms, room).belief
    t_ms = T_MS + 30 * 60_000
    state = step(belief, [Reading(t_ms, "heat", Kind.PEOPLE_COUNT, 6.0)], t_ms, room).state

    assert state is not None
    assert state.people == 6


# --- weighing --------------------------------------------------------------------------------------------


def test_the_surer_weighs_more() -> None:
    """The mean is weighted by inverse variance: half the standard deviation is four times the weight."""
    people, *_ = people_now(Occupancy.OCCUPIED, 0.99, [Count(4, 1), Count(9, 2)], 150)

    assert people == 5


@pytest.mark.parametrize("apart", [0, 1, 2, 4, 8])
def test_bounds_widen_by_the_birge_ratio(apart: float) -> None:
    """Two that differ by more than they should are as unsure as they are apart; else as they say."""
    _, low, high = people_now(Occupancy.OCCUPIED, 0.99, [Count(50 - apart, 1), Count(50 + apart, 1)], 150)
    birge = max(1.0, math.sqrt(2 * apart**2))

    assert low is not None
    assert high is not None
    assert high - low == pytest.approx(2 * Z_90 * birge / math.sqrt(2), abs=0.02)


@given(st.floats(-20, 200), st.floats(0.1, 20))
def test_one_that_counts_alone_is_never_widened(people: float, sd: float) -> None:
    """With one count there is nothing to differ from: the bounds are its own, cut to what a space holds."""
    _, low, high = people_now(Occupancy.OCCUPIED, 0.99, [Count(people, sd)], 150)

    assert low == pytest.approx(min(max(people - Z_90 * sd, 1.0), 150.0), abs=0.01)
    assert high == pytest.approx(min(max(people + Z_90 * sd, 1.0), 150.0), abs=0.01)


#: How likely somebody is there, and who is said to be there at least, where a count says nobody.
LIKELY: dict[float, tuple[Occupancy, float, float]] = {
    0.05: (Occupancy.FREE, 0, 0),
    0.3: (Occupancy.FREE, 0, 0),
    0.5: (Occupancy.OCCUPIED, 0, 0),
    0.7: (Occupancy.OCCUPIED, 1, 0),
    0.95: (Occupancy.OCCUPIED, 1, 1),
}


@pytest.mark.parametrize("probability", LIKELY)
def test_somebody_is_one_at_least(probability: float) -> None:
    """Where somebody likely is, there is one; where that is sure, the lower bound says so too."""
    occupancy, least, low = LIKELY[probability]
    found = people_now(occupancy, probability, [Count(-0.4, 0.5)], 150)

    assert (found.people, found.low) == (least, low)
    assert found.high is not None
    assert (found.high > 0) is (probability > 1 - SURE)


@pytest.mark.parametrize(
    ("kind", "number", "counts_people"),
    [
        *((Kind.MOTION, 1.0, False), (Kind.PRESENCE, 1.0, False), (Kind.TARGET_COUNT, 3.0, False)),
        *((Kind.ILLUMINANCE_LUX, 0.0, False), (Kind.PEOPLE_COUNT, 3.0, True), (Kind.CO2_PPM, 1_400.0, True)),
        (Kind.PEOPLE_IN, 3.0, True),
    ],
)
def test_only_what_counts_makes_a_number(kind: Kind, number: float, *, counts_people: bool) -> None:
    """A space in which nothing counts has no number of people, though it is known that somebody is there."""
    state = step(Belief(), [Reading(T_MS, "s", kind, number)], T_MS, Room(capacity=8)).state

    assert state is not None
    assert {state.people is not None, state.people_low is not None, state.people_high is not None} == {
        counts_people
    }
