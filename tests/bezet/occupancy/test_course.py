# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A belief on its way through time: when it is asked, written down or split changes nothing."""

from __future__ import annotations

import json
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import KINDS, Kind, Occupancy, Reading, SpaceKind, State
from bezet.occupancy.belief import Heard, freeze, thaw
from bezet.occupancy.course import Course
from bezet.occupancy.evidence import MOST_PATIENCE, RULE
from bezet.occupancy.filter import step
from bezet.occupancy.learned import learned, unlearned
from bezet.occupancy.room import Room
from tests.bezet.walks import walk

if TYPE_CHECKING:
    from random import Random

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


# --- order and deadlines ---------------------------------------------------------------------------------

LOOKS = [Kind.MOTION, Kind.PRESENCE, Kind.CO2_PPM, Kind.PEOPLE_COUNT]
#: What looks and what breathes, one sensor of each kind, so that which of two speaks is no question.
quiet_days = st.lists(
    st.builds(_reading, st.integers(0, 390), st.sampled_from(LOOKS), st.floats(0, 1), st.just("a")),
    min_size=1,
    max_size=40,
    unique_by=lambda one: (one.t_ms, one.kind),
).map(sorted)


@given(quiet_days, st.floats(0, 1))
def test_a_deadline_is_never_late(readings: list[Reading], share: float) -> None:
    """Asked at any instant before its deadline, to three milliseconds, a belief has nothing to say."""
    course = Course(FOCUS)
    for instant in _instants(readings):
        course.take(instant)
    now_ms, deadline_ms = readings[-1].t_ms, course.deadline_ms
    assert deadline_ms is not None
    asked_ms = now_ms + round(share * (deadline_ms - now_ms - 3))
    if asked_ms > now_ms:
        assert step(course.belief, (), asked_ms, FOCUS).state is None


@given(quiet_days, st.randoms(use_true_random=False))
def test_the_order_within_an_instant_does_not_matter(readings: list[Reading], random: Random) -> None:
    """Readings of one instant give the same states in whatever order they stand."""
    together = [
        Reading(one.t_ms - one.t_ms % (30 * MINUTE_MS), one.sensor, one.kind, one.value) for one in readings
    ]
    unique = {(one.t_ms, one.kind): one for one in together}
    instants = _instants(sorted(unique.values()))
    mixed = [random.sample(one, len(one)) for one in instants]

    assert [*walk(Course(FOCUS), mixed, END_MS)] == [*walk(Course(FOCUS), instants, END_MS)]


def test_a_clock_that_jumps_back_breaks_nothing() -> None:
    """Readings from before what is known move no state back in time, and none of them counts."""
    course = Course(FOCUS)
    states = [state for one in BEATS for state in course.take([one])]
    for minute, kind in ((100, Kind.MOTION), (50, Kind.MOTION), (99, Kind.CO2_PPM), (1, Kind.CO2_PPM)):
        states += course.take([_reading(minute, kind, 0.7, "a")])

    assert all(before.t_ms < after.t_ms for before, after in pairwise(states))
    assert [*course.belief.heard.values()] == [
        *(
            Heard(T_MS + 100 * MINUTE_MS, 1.0, T_MS + 100 * MINUTE_MS),
            Heard(T_MS + 99 * MINUTE_MS, 1400.0, None),
        ),
    ]


@given(days)
def test_what_is_written_down_stays_small(readings: list[Reading]) -> None:
    """A belief of two sensors of every kind is a few thousand characters of plain JSON after any day."""
    course = Course(FOCUS)
    for instant in _instants(readings):
        course.take(instant)
    text = freeze(course.belief)

    assert len(text) < 6_000
    assert json.loads(text, parse_constant=pytest.fail)


def test_a_gap_ends_as_if_time_had_passed_in_small_steps() -> None:
    """Of a sensor that fell silent a replay says when the space was free, as the device that lived it did."""
    said = [_reading(minute, Kind.MOTION, float(minute == 0), "a") for minute in (0, 1, 120)]
    replayed, lived = Course(), Course()
    states, told = [*walk(replayed, _instants(said), END_MS)], list[State]()
    for minute in range(121):
        now = [one for one in said if one.t_ms == T_MS + minute * MINUTE_MS]
        told += lived.take(now) if now else lived.pass_time(T_MS + minute * MINUTE_MS)

    first_free_ms = next(one.t_ms for one in told if one.occupancy is Occupancy.FREE)
    assert next(one.t_ms for one in states if one.occupancy is Occupancy.FREE) == first_free_ms


#: Not what `freeze` wrote, and not this version's.
DAMAGED = [
    *("", "3", "[]", "null", "{}", '{"heard": []}', '{"heard": [], "said": "free"}'),
    '{"heard": [["pir", "no such kind", 1, 1.0, 1]], "said": null}',
    '{"heard": [], "said": null, "patience": [1.0, null, 0, 0, 0]}',
    '{"heard": [], "said": null, "air": {"air": [1]}}',
    '{"heard": [], "said": null, "doors": []}',
    '{"heard": [], "said": null, "doorway": []}',
    '{"heard": [], "said": null, "doors": {"door": [true, "noon", 1]}}',
    '{"heard": [], "said": null, "lamps": {"lamp": [1, 1e999, true, 1]}}',
    '{"heard": [["pir", "motion", Infinity, 1.0, 1]], "said": null}',
    "[" * 100_000,
]


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_belief_that_cannot_be_read_is_refused(text: str) -> None:
    """What is no belief is a ValueError, after which an agent begins anew."""
    with pytest.raises(ValueError):  # noqa: PT011 - json has its own words
        thaw(text)


def test_a_belief_of_the_version_before_goes_on() -> None:
    """What an older version wrote of a room in use, with its state, goes on to states of this one's rule."""
    text = (
        '{"heard": [["pir", "motion", 1790000000000, 1.0, 1790000000000], ["air", "co2_ppm", 1790000000000,'
        ' 900.0, null]], "said": {"t_ms": 1790000000000, "occupancy": "occupied", "probability": 0.97,'
        ' "since_ms": 1790000000000, "because": ["motion"], "rule": "presence-1", "people": null,'
        ' "people_low": null, "people_high": null}, "records": [], "doorway": null}'
    )
    course = Course(FOCUS, thaw(text), T_MS)
    states = course.take([_reading(1, Kind.CO2_PPM, 0.5, "air")]) + course.pass_time(T_MS + 20 * MINUTE_MS)

    assert states[0].since_ms == T_MS
    assert {one.rule for one in states} == {RULE}
    assert states[-1].occupancy is Occupancy.UNKNOWN


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
