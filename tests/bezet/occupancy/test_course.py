# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A belief on its way through time: when it is asked, written down or split changes nothing."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import KINDS, Kind, Occupancy, Reading, SpaceKind, State
from bezet.occupancy.belief import freeze, thaw
from bezet.occupancy.course import Course, walk
from bezet.occupancy.evidence import MOST_PATIENCE, RULE
from bezet.occupancy.learned import learned, unlearned
from bezet.occupancy.room import Room

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
END_MS = T_MS + 400 * MINUTE_MS
FOCUS = Room(SpaceKind.FOCUS, 4, 40.0)
kinds = [
    *(Kind.MOTION, Kind.PRESENCE, Kind.CO2_PPM, Kind.DOOR_OPEN, Kind.PEOPLE_IN, Kind.PEOPLE_OUT),
    *(Kind.ILLUMINANCE_LUX, Kind.PEOPLE_COUNT, Kind.TEMPERATURE_C),
]
MOST = {Kind.CO2_PPM: 2_000.0, Kind.ILLUMINANCE_LUX: 800.0, Kind.PEOPLE_COUNT: 9.0, Kind.TEMPERATURE_C: 30.0}


def _reading(minute: int, kind: Kind, share: float, sensor: str) -> Reading:
    high = MOST.get(kind, 1.0)
    number = share * high if kind in (Kind.CO2_PPM, Kind.ILLUMINANCE_LUX) else float(round(share * high))
    return Reading(T_MS + minute * MINUTE_MS, sensor, kind, min(number, KINDS[kind].high))


#: An agent has a turn now and then; one that had none for an hour was off.
BEATS = [Reading(T_MS + minute * MINUTE_MS, "beat", Kind.TEMPERATURE_C, 20.0) for minute in range(0, 400, 30)]
days = st.lists(
    st.builds(
        _reading, st.integers(0, 390), st.sampled_from(kinds), st.floats(0, 1), st.sampled_from(["a", "b"])
    ),
    max_size=60,
    unique_by=lambda one: (one.t_ms, one.sensor, one.kind),
).map(lambda readings: sorted([*readings, *BEATS]))


def _instants(readings: list[Reading]) -> list[list[Reading]]:
    return [list(group) for _, group in groupby(readings, attrgetter("t_ms"))]


@given(days, st.lists(st.integers(0, 400 * MINUTE_MS), max_size=20))
def test_asking_in_between_changes_nothing(readings: list[Reading], asked: list[int]) -> None:
    """However often time is told to pass, the same states come of the same readings."""
    once = [*walk(Course(FOCUS), _instants(readings), END_MS)]
    course, often, waiting = Course(FOCUS), list[State](), sorted(T_MS + one for one in asked)
    for instant in _instants(readings):
        while waiting and waiting[0] < instant[0].t_ms:
            often += course.pass_time(waiting.pop(0))
        often += course.take(instant)
    often += course.pass_time(END_MS)

    assert often == once
    assert all(one.rule == RULE for one in once)


@given(days, st.integers(0, 60))
def test_a_restart_forgets_nothing(readings: list[Reading], cut: int) -> None:
    """A belief that was written down and read back anywhere goes on to the same states."""
    once = [*walk(Course(FOCUS), _instants(readings), END_MS)]
    course, states = Course(FOCUS), list[State]()
    for n, instant in enumerate(_instants(readings)):
        if n == cut:
            course = Course(FOCUS, thaw(freeze(course.belief)), course.deadline_ms)
        states += course.take(instant)
    states += course.pass_time(END_MS)

    assert states == once


def test_a_belief_of_the_version_before_is_read() -> None:
    """What an older version wrote, without air, doors, lamps and patience, is no reason to begin anew."""
    old = '{"heard": [["pir", "motion", 1790000000000, 1.0, 1790000000000]], "said": null, "records": []}'

    assert thaw(old).heard


# --- patience ---------------------------------------------------------------------------------------------


def _fidgets(every_min: int, hours: int, room: Room) -> Course:
    """Somebody who sits still, and moves once in so many minutes."""
    course = Course(room)
    for minute in range(hours * 60):
        moves = minute % every_min == 0
        course.take([Reading(T_MS + minute * MINUTE_MS, "pir", Kind.MOTION, float(moves))])
    return course


def test_patience_is_learned_where_people_sit_still() -> None:
    """Called free and used again soon, a focus room is held longer, up to a bound; a meeting room is not."""
    focus, meeting = (_fidgets(25, 24, Room(kind)).belief for kind in (SpaceKind.FOCUS, SpaceKind.MEETING))

    assert 1 < focus.patience.factor <= MOST_PATIENCE
    assert focus.patience.returns > 0
    assert meeting.patience.factor == 1
    assert focus.said is not None
    assert focus.said.occupancy is Occupancy.OCCUPIED


def test_patience_shrinks_where_nobody_comes_back() -> None:
    """Each hour that a focus room stays empty after it was called free takes a little of it back."""
    course = _fidgets(25, 24, Room(SpaceKind.FOCUS))
    before = course.belief.patience.factor
    for hour in range(24, 72):
        for minute in range(60):
            moves = minute == 0 and hour % 3 == 0
            t_ms = T_MS + (hour * 60 + minute) * MINUTE_MS
            course.take([Reading(t_ms, "pir", Kind.MOTION, float(moves))])

    assert 1 <= course.belief.patience.factor < before
    assert course.belief.patience.leaves > 0


def test_what_was_learned_is_shown_and_forgotten() -> None:
    """Every lesson lies in its bounds, and forgetting brings it back to where it begins; the rest stays."""
    course = _fidgets(25, 24, Room(SpaceKind.FOCUS))
    for minute in range(24 * 60, 27 * 60):
        course.take([Reading(T_MS + minute * MINUTE_MS, "air", Kind.CO2_PPM, 2_000.0 - 7 * (minute - 1_440))])
    lessons = learned(course.belief)
    after = unlearned(course.belief)

    assert all(one.low <= one.number <= one.high for one in lessons)
    assert any(one.number != one.begins for one in lessons)
    assert all(one.number == pytest.approx(one.begins) for one in learned(after))
    assert (after.heard, after.said) == (course.belief.heard, course.belief.said)
