# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who was seen inside after the door was shut is there until it opens; what else a door may say, and not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Because, Kind, Occupancy, Reading
from bezet.occupancy.course import Course
from bezet.occupancy.evidence import DOOR_INSIDE, DOOR_INSIDE_S, DOOR_LEFT, DOOR_SETTLE_S, DOOR_VALID_S
from bezet.occupancy.filter import grounds
from bezet.occupancy.room import ANY_ROOM

if TYPE_CHECKING:
    from bezet.occupancy.voices import Ground

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
Said = tuple[float, str, Kind, float]
OPEN, SHUT = 1.0, 0.0


def course_of(said: list[Said], until_min: float) -> Course:
    """What is believed at a minute, of what was said (minute, sensor, kind, number) until then."""
    course = Course()
    for minute, sensor, kind, number in sorted(said):
        if minute <= until_min:
            course.take([Reading(T_MS + round(minute * MINUTE_MS), sensor, kind, number)])
    course.pass_time(T_MS + round(until_min * MINUTE_MS))
    return course


def door_at(said: list[Said], minute: float) -> Ground | None:
    """What the doors say at a minute; None where they say nothing."""
    found = grounds(course_of(said, minute).belief, ANY_ROOM, T_MS + round(minute * MINUTE_MS))
    return next((one for one in found if one.kind is Kind.DOOR_OPEN), None)


def says(sensor: str, kind: Kind, number: float, start_min: float, end_min: float) -> list[Said]:
    """The same said each five minutes, the end left out."""
    return [(start_min + n, sensor, kind, number) for n in range(0, round(end_min - start_min), 5)]


def shut(start_min: float, end_min: float, sensor: str = "door") -> list[Said]:
    """A door that is shut."""
    return says(sensor, Kind.DOOR_OPEN, SHUT, start_min, end_min)


def still(start_min: float, end_min: float) -> list[Said]:
    """A motion sensor that sees nobody, and can speak."""
    return says("pir", Kind.MOTION, 0.0, start_min, end_min)


def seen(minute: float) -> list[Said]:
    """Somebody moved at a minute, for half of one."""
    return [(minute, "pir", Kind.MOTION, 1.0), (minute + 0.5, "pir", Kind.MOTION, 0.0)]


SETTLE_MIN, INSIDE_MIN, VALID_MIN = DOOR_SETTLE_S / 60, DOOR_INSIDE_S / 60, DOOR_VALID_S / 60
#: What was said, the minute at which doors are asked, and what they say.
DOORS: dict[str, tuple[list[Said], float, float | None]] = {
    "seen inside": ([*shut(0, 60), *seen(10)], 59, DOOR_INSIDE),
    "seen only while it settled": ([*shut(0, 60), *seen(0.5), *still(5, 60)], 59, DOOR_LEFT),
    "not settled yet": ([*seen(0), *shut(1, 60)], 1 + SETTLE_MIN - 0.1, None),
    "just settled": ([*seen(0), *shut(1, 60)], 1 + SETTLE_MIN + 0.1, DOOR_LEFT),
    "nobody was ever seen": (shut(0, 60), 59, None),
    "not yet four hours": ([*shut(0, 300), *seen(10)], 10 + INSIDE_MIN, DOOR_INSIDE),
    "four hours": ([*shut(0, 300), *seen(10)], 10.5 + INSIDE_MIN + 0.1, None),
    "seen again": ([*shut(0, 300), *seen(10), *seen(200)], 10.5 + INSIDE_MIN + 0.1, DOOR_INSIDE),
    "it opens": ([*shut(0, 30), *seen(10), (30, "door", Kind.DOOR_OPEN, OPEN)], 30, None),
    "it opened and was shut again": (
        [*shut(0, 30), *seen(10), *still(15, 60), (30, "door", Kind.DOOR_OPEN, OPEN), *shut(31, 60)],
        59,
        DOOR_LEFT,
    ),
    "not yet silent": ([*shut(0, 20), *seen(10)], 15 + VALID_MIN - 0.1, DOOR_INSIDE),
    "silent": ([*shut(0, 20), *seen(10)], 15 + VALID_MIN, None),
    "both shut": ([*shut(0, 60), *shut(0, 60, "back"), *seen(10)], 59, DOOR_INSIDE),
    "one of two stands open": (
        [*shut(0, 60), *says("back", Kind.DOOR_OPEN, OPEN, 0, 60), *seen(10)],
        59,
        None,
    ),
    "one of two is silent": ([*shut(0, 60), *shut(0, 20, "back"), *seen(10)], 59, None),
    "the other was shut later": (
        [
            *(*shut(0, 60), *says("back", Kind.DOOR_OPEN, OPEN, 0, 20), *shut(20, 60, "back")),
            *(*seen(10), *still(15, 60)),
        ],
        59,
        DOOR_LEFT,
    ),
}


@pytest.mark.parametrize("case", DOORS)
def test_what_doors_say(case: str) -> None:
    """Doors say what the table says, and never for longer than all of them are heard."""
    said, minute, log_odds = DOORS[case]
    found = door_at(said, minute)

    assert (None if found is None else found.log_odds) == log_odds
    assert found is None or T_MS + minute * MINUTE_MS < found.until_ms <= T_MS + (minute + 15) * MINUTE_MS


def test_who_was_seen_inside_is_there_until_the_door_opens() -> None:
    """Nothing moves for an hour, and the space is occupied because of the door; it opens, and it is free."""
    said = [*shut(0, 70), *seen(10), *still(15, 80)]
    inside = course_of(said, 69).belief.said
    gone = course_of([*said, (70.2, "door", Kind.DOOR_OPEN, OPEN)], 71).belief.said

    assert inside is not None
    assert (inside.occupancy, inside.because) == (Occupancy.OCCUPIED, (Because.DOOR_OPEN,))
    assert gone is not None
    assert gone.occupancy is Occupancy.FREE


@given(st.lists(st.tuples(st.floats(0, 120), st.booleans()), max_size=20))
def test_an_open_door_says_nothing(said: list[tuple[float, bool]]) -> None:
    """Whatever it did before, a door that stands open is no evidence."""
    doors: list[Said] = [(minute, "door", Kind.DOOR_OPEN, float(is_open)) for minute, is_open in said]

    assert door_at([*doors, *seen(60), (121, "door", Kind.DOOR_OPEN, OPEN)], 121) is None


def test_a_space_without_a_sensor_that_looks_is_not_judged_by_its_door() -> None:
    """A door alone knows nobody who was seen, so that the zone has no say."""
    assert course_of(shut(0, 60), 59).belief.said is None


def test_a_door_does_not_free_a_space_into_which_nothing_looks_any_more() -> None:
    """The motion sensor is dead, and a door opens and shuts: who knows whether somebody came in or left."""
    said = [*seen(0), *shut(0, 60), (60, "door", Kind.DOOR_OPEN, OPEN), *shut(61, 90)]
    state = course_of(said, 80).belief.said

    assert state is not None
    assert state.occupancy is not Occupancy.FREE


#: What spoke for twenty minutes, fell silent, and says the same again; beside it, what else was heard.
AGAIN: dict[str, tuple[Kind, float, list[Said]]] = {
    "a door": (Kind.DOOR_OPEN, SHUT, seen(10)),
    "a light sensor in the dark": (Kind.ILLUMINANCE_LUX, 0.0, []),
    "a counter above a doorway": (Kind.PEOPLE_IN, 0.0, [(1.0, "again", Kind.PEOPLE_IN, 1.0)]),
}


@pytest.mark.parametrize("case", AGAIN)
def test_who_speaks_again_after_a_silence_is_heard_at_once(case: str) -> None:
    """A word after a silence is news, though it is the same word as before."""
    kind, number, more = AGAIN[case]
    said = [*says("again", kind, number, 0, 20), *more]
    silent = course_of(said, 43).belief.said
    spoken = course_of([*said, (42.0, "again", kind, number)], 43).belief.said

    assert silent is not None
    assert silent.occupancy is Occupancy.UNKNOWN
    assert spoken is not None
    assert spoken.occupancy is not Occupancy.UNKNOWN
