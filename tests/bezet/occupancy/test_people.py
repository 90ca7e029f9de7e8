# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How many people go with a state, and between which bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Kind, Occupancy, Reading
from bezet.occupancy.belief import Belief
from bezet.occupancy.filter import step
from bezet.occupancy.people import NOBODY_COUNTS, Count, people_now
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
