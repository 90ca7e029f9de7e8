# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How still people sit: where that is learned, from what, and within which bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Kind, Occupancy, Reading, SpaceKind
from bezet.occupancy.belief import Patience, freeze, thaw
from bezet.occupancy.course import Course
from bezet.occupancy.evidence import (
    LEARNS_PATIENCE,
    LEFT_AFTER_S,
    LESS_PATIENCE,
    MORE_PATIENCE,
    MOST_PATIENCE,
    RETURN_WITHIN_S,
)
from bezet.occupancy.room import Room

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
MOVES = st.lists(st.integers(5, 300), max_size=25)


def moved(minutes: list[int], kind: SpaceKind = SpaceKind.FOCUS, beside: Kind | None = None) -> Course:
    """A motion sensor that saw somebody so many minutes after the last time, and tells of nobody each five.

    `beside` is a kind whose sensor sees nobody at all.
    """
    course, at_min = Course(Room(kind, 1, 30.0)), 0
    for away_min in [*minutes, 0]:
        for n in range(0, away_min, 5):
            t_ms = T_MS + (at_min + n) * MINUTE_MS
            said = [Reading(t_ms, "pir", Kind.MOTION, float(n == 0))]
            course.take(said if beside is None else [*said, Reading(t_ms, "other", beside, 0.0)])
        at_min += away_min
    course.take([Reading(T_MS + at_min * MINUTE_MS, "pir", Kind.MOTION, 1.0)])
    return course


#: Minutes between two movements, and what was learned of them.
TEACHES: dict[str, tuple[list[int], Patience]] = {
    "called free too soon": ([30], Patience(MORE_PATIENCE, None, 1, 0)),
    "too soon twice": ([30, 30], Patience(MORE_PATIENCE**2, None, 2, 0)),
    "rightly": ([150], Patience(1.0, None, 0, 1)),
    "too soon, then rightly": ([30, 150], Patience(MORE_PATIENCE * LESS_PATIENCE, None, 1, 1)),
    "neither soon nor late": ([65], Patience(1.0, None, 0, 0)),
    "never called free": ([5, 5, 5], Patience(1.0, None, 0, 0)),
}


@pytest.mark.parametrize("case", TEACHES)
def test_each_return_makes_it_longer_and_each_leave_a_little_shorter(case: str) -> None:
    """What was learned is what the table says."""
    minutes, learned = TEACHES[case]
    patience = moved(minutes).belief.patience

    assert patience[1:] == learned[1:]
    assert patience.factor == pytest.approx(learned.factor)


def test_between_too_soon_and_rightly_nothing_is_learned() -> None:
    """A return is soon, a leave is late, and there is time between the two in which nobody can tell."""
    assert RETURN_WITHIN_S < LEFT_AFTER_S


@given(MOVES)
def test_patience_stays_in_its_bounds(minutes: list[int]) -> None:
    """However people come and go, it is never shorter than at first, nor longer than the bound."""
    course = moved(minutes)

    assert 1 <= course.belief.patience.factor <= MOST_PATIENCE
    assert course.belief.patience.returns + course.belief.patience.leaves <= len(minutes)


def test_returns_without_end_reach_the_bound() -> None:
    """It stops growing where its own hold is long enough, or at the bound."""
    factors = [moved([minutes] * 30).belief.patience.factor for minutes in (20, 39)]

    assert all(1 < one <= MOST_PATIENCE for one in factors)
    assert factors[0] <= factors[1]


@pytest.mark.parametrize("kind", SpaceKind)
def test_only_the_kinds_where_people_sit_still_alone_learn(kind: SpaceKind) -> None:
    """In every other kind a return is another group, and teaches nothing."""
    patience = moved([35, 35, 35], kind).belief.patience

    assert (patience.returns > 0) is (kind in LEARNS_PATIENCE)
    assert (patience.factor > 1) is (kind in LEARNS_PATIENCE)


@pytest.mark.parametrize("beside", [Kind.PRESENCE, Kind.TARGET_COUNT, Kind.PEOPLE_COUNT])
def test_nothing_is_learned_where_more_than_motion_looks(beside: Kind) -> None:
    """A radar or a counter sees who sits still: called free by them too, a space teaches nothing."""
    course = moved([30, 30, 150], beside=beside)

    assert course.belief.patience == Patience()


def test_silence_is_no_leave() -> None:
    """A space that was unknown in between was not called free and found so."""
    course = moved([30])
    learned = course.belief.patience
    course.pass_time(T_MS + 300 * MINUTE_MS)
    assert course.belief.said is not None
    assert course.belief.said.occupancy is Occupancy.UNKNOWN
    course.take([Reading(T_MS + 300 * MINUTE_MS + 1, "pir", Kind.MOTION, 1.0)])

    assert course.belief.patience == learned


@given(MOVES)
def test_patience_outlives_a_restart(minutes: list[int]) -> None:
    """What was learned, and what is still to be learned from, is written down."""
    belief = moved(minutes).belief

    assert thaw(freeze(belief)).patience == belief.patience


def test_who_sits_stiller_is_held_longer() -> None:
    """After returns the same stillness is called free later than before."""

    def freed_after_min(course: Course) -> float:
        last = course.belief.said
        assert last is not None
        course.take([Reading(last.t_ms + MINUTE_MS, "pir", Kind.MOTION, 0.0)])
        states = course.pass_time(last.t_ms + 15 * MINUTE_MS)
        return next((one.t_ms - last.t_ms) / MINUTE_MS for one in states if one.occupancy is Occupancy.FREE)

    assert freed_after_min(moved([])) < freed_after_min(moved([30]))
