# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Lamps, witnesses, and who has no voice."""

from __future__ import annotations

from itertools import permutations

import pytest

from bezet.messages import SensorState
from bezet.model import KINDS, Because, Kind, Occupancy, Reading, SpaceKind
from bezet.occupancy.belief import Belief
from bezet.occupancy.course import Course
from bezet.occupancy.evidence import EVIDENCE, RULE, SECOND_WITNESS
from bezet.occupancy.filter import grounds, step, suspicions
from bezet.occupancy.room import Room

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
Said = tuple[float, str, Kind, float]


def course_of(said: list[Said], minutes: float, room: Room | None = None) -> Course:
    """What is believed some minutes after the start, of what was said (minute, sensor, kind, number)."""
    course = Course(room or Room())
    for minute, sensor, kind, number in sorted(said):
        course.take([Reading(T_MS + round(minute * MINUTE_MS), sensor, kind, number)])
    course.pass_time(T_MS + round(minutes * MINUTE_MS))
    return course


#: What was said, how long after, and what the space is.
LAMPS: dict[str, tuple[list[Said], int, Occupancy]] = {
    "lamps that were switched on": (
        [(0.0, "lux", Kind.ILLUMINANCE_LUX, 80.0), (1.0, "lux", Kind.ILLUMINANCE_LUX, 400.0)],
        2,
        Occupancy.OCCUPIED,
    ),
    "the dark": ([(0.0, "lux", Kind.ILLUMINANCE_LUX, 2.0)], 1, Occupancy.FREE),
    "a sunrise": (
        [(n, "lux", Kind.ILLUMINANCE_LUX, 50.0 * 1.12**n) for n in range(20)],
        19,
        Occupancy.UNKNOWN,
    ),
}


@pytest.mark.parametrize("case", LAMPS)
def test_lamps(case: str) -> None:
    """Where nothing looks, lamps say what the table says."""
    said, minutes, occupancy = LAMPS[case]
    state = course_of(said, minutes).belief.said

    assert (Occupancy.UNKNOWN if state is None else state.occupancy) is occupancy


def test_one_radar_is_one_witness() -> None:
    """A radar that says it in two ways counts once; two motion sensors count one and a half times."""
    radar: list[Said] = [(0.0, "radar", Kind.PRESENCE, 1.0), (0.0, "radar", Kind.TARGET_COUNT, 2.0)]
    two: list[Said] = [(0.0, "left", Kind.MOTION, 1.0), (0.0, "right", Kind.MOTION, 1.0)]

    assert len(grounds(course_of(radar, 0).belief, Room(), T_MS)) == 1
    (both,) = grounds(course_of(two, 0).belief, Room(), T_MS)
    assert both.log_odds == EVIDENCE[Kind.MOTION].present * (1 + SECOND_WITNESS)


@pytest.mark.parametrize(
    ("kind", "minutes"), [(SpaceKind.PHONE, 3), (SpaceKind.MEETING, 6), (SpaceKind.DESKS, 11)]
)
def test_a_phone_booth_empties_faster_than_a_meeting_room(kind: SpaceKind, minutes: int) -> None:
    """A space is held for used after the last motion for as long as its kind needs, and not much longer."""
    said: list[Said] = [(0.0, "pir", Kind.MOTION, 1.0), (2.0, "pir", Kind.MOTION, 0.0)]
    held, released = (course_of(said, one, Room(kind)).belief.said for one in (minutes - 1, minutes))

    assert held is not None
    assert released is not None
    assert held.occupancy is Occupancy.OCCUPIED or kind is SpaceKind.PHONE
    assert released.occupancy is Occupancy.FREE


def test_a_sensor_that_reads_too_low_is_suspect_and_listened_to() -> None:
    """CO2 of 290 ppm cannot be true, and is told as such; that it rises still speaks."""
    said: list[Said] = [(float(n), "air", Kind.CO2_PPM, 270.0 + max(0, n - 120)) for n in range(150)]
    course = course_of(said, 149, Room(capacity=4, volume_m3=40.0))

    assert suspicions(course.belief, T_MS + 149 * MINUTE_MS) == {"air": SensorState.IMPLAUSIBLE}
    assert course.belief.said is not None
    assert course.belief.said.because == (Because.CO2_PPM,)


# --- who has no voice -------------------------------------------------------------------------------------

SPEAKS = [
    *(Kind.MOTION, Kind.PRESENCE, Kind.TARGET_COUNT, Kind.PEOPLE_COUNT, Kind.CO2_PPM, Kind.ILLUMINANCE_LUX),
    Kind.PEOPLE_IN,
]


@pytest.mark.parametrize("number", [0.0, 1.0, 1_200.0])
@pytest.mark.parametrize("kind", SPEAKS)
def test_when_all_are_silent_the_space_is_unknown(kind: Kind, number: float) -> None:
    """Whatever was said last, a quarter of an hour later nothing is known, for want of a word."""
    state = course_of([(0.0, "s", kind, min(number, KINDS[kind].high))], 16).belief.said

    assert state is not None
    assert (state.occupancy, state.probability, state.rule) == (Occupancy.UNKNOWN, 0.5, RULE)
    assert state.people is None


@pytest.mark.parametrize("beside", [[], [(n, "heat", Kind.PEOPLE_COUNT, 0.0) for n in range(175, 186, 5)]])
def test_the_word_of_a_stuck_sensor_is_worth_nothing(beside: list[Said]) -> None:
    """With a motion sensor that has not rested for three hours a space is what it is without it."""
    stuck: list[Said] = [(n, "pir", Kind.MOTION, 1.0) for n in range(0, 186, 5)]
    course = course_of([*stuck, *beside], 186)
    (found, without) = (one.belief.said for one in (course, course_of(beside, 186)))

    assert suspicions(course.belief, T_MS + 186 * MINUTE_MS) == {"pir": SensorState.STUCK_ON}
    assert [one.sensor for one in grounds(course.belief, Room(), T_MS + 186 * MINUTE_MS)] == (
        ["heat"] if beside else []
    )
    assert found is not None
    assert found.occupancy is (Occupancy.UNKNOWN if without is None else without.occupancy)


@pytest.mark.parametrize("co2_ppm", [200.0, 280.0, 349.0])
def test_a_level_that_is_too_low_speaks_by_its_rise(co2_ppm: float) -> None:
    """A sensor that is off by 150 ppm is told to facilities, and people who come are still found by it."""
    said: list[Said] = [(n, "air", Kind.CO2_PPM, co2_ppm + max(0, 10 * (n - 60))) for n in range(75)]
    empty, used = (course_of(said[:until], until - 1, Room(capacity=4, volume_m3=40.0)) for until in (60, 75))

    assert suspicions(empty.belief, T_MS + 59 * MINUTE_MS) == {"air": SensorState.IMPLAUSIBLE}
    assert empty.belief.said is not None
    assert empty.belief.said.occupancy is Occupancy.FREE
    assert used.belief.said is not None
    assert used.belief.said.occupancy is Occupancy.OCCUPIED


def test_who_says_nothing_is_not_the_fault() -> None:
    """A stuck sensor that fell silent hours ago makes its space unknown by silence, as health has it."""
    said: list[Said] = [(n, "pir", Kind.MOTION, 1.0) for n in range(0, 181, 5)]
    course = course_of(said, 400)

    assert suspicions(course.belief, T_MS + 400 * MINUTE_MS) == {}
    assert course.belief.said is not None
    assert course.belief.said.because == (Because.SILENCE,)


def test_it_does_not_matter_who_is_read_first() -> None:
    """The readings of one instant give one state in whatever order they stand."""
    readings = [
        *(Reading(T_MS, "a", Kind.PRESENCE, 0.0), Reading(T_MS, "b", Kind.PRESENCE, 0.0)),
        *(Reading(T_MS, "a", Kind.TARGET_COUNT, 1.0), Reading(T_MS, "c", Kind.MOTION, 0.0)),
    ]

    assert len({step(Belief(), one, T_MS).state for one in permutations(readings)}) == 1
