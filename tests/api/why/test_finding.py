# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What explains a space: the evidence in force, what cannot speak, what changed, and what may be told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.live import Shown
from api.why.asking import CannotAnswer, Grain, Question, instant_ms, must_show, space_called, stored
from api.why.finding import Why, found
from api.why.reading import Side, slope_ppm_min
from api.why.telling import Teller
from api.words import Language
from bezet.messages import SensorState
from bezet.model import Because, Kind, Occupancy, Reading, State
from bezet.usage.columns import DeviceReading
from store.memory import MemoryStore
from tests.api.conftest import NOW_MS
from tests.api.why.past import MEETING, MINUTE_MS, kept, lived, minutes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.model import Building

FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN
HOUR = 60


def explained(
    building: Building,
    readings: Sequence[Reading],
    states: Sequence[State] | None = None,
    *,
    space: str = "0.01",
    at: int = 0,
    now: int | None = None,
) -> Why:
    """Why the space is what it is at a minute, of these readings and what a device said of them."""
    store = MemoryStore()
    said = lived(building, space, readings) if states is None else states
    kept(store, space, readings, said)
    at_ms, now_ms = (NOW_MS + minute * MINUTE_MS for minute in (at, at if now is None else now))
    question = Question(building, building.spaces[space], at_ms, now_ms)
    return found(question, stored(store, question))


def text(why: Why, language: Language = Language.EN) -> str:
    """All of it in words."""
    return Teller(why, language).text()


def test_a_meeting_is_explained(building: Building) -> None:
    """Since when, how sure, by what: motion, heavy air, a door that is shut; and what changed."""
    why = explained(building, MEETING)
    told = text(why)

    assert (why.now.shown, why.grain, why.read_again, why.kept_hours) == (
        Shown.OCCUPIED,
        Grain.ALL,
        None,
        None,
    )
    assert {one.kind for one in why.evidence if one.side is Side.FOR} >= {Kind.MOTION, Kind.CO2_PPM}
    assert told.startswith("0.01 Plein is occupied since 10:40, ")
    assert "motion by pir-1: last at 11:00:00, counts until 11:15" in told
    assert "by scd4x-1: 710 ppm, rising 14 ppm a minute" in told
    assert "door door-1 closed, with somebody inside: closed since 10:41" in told
    assert "10:40  free → occupied: motion by pir-1, last at 10:40:00" in told
    assert f"Rules {why.installed_rule}. Data up to 11:00:00. Coverage of the last 24 hours: 12 %." in told


def test_what_faded_is_what_changed_it(building: Building) -> None:
    """A space that became free because nothing moved any more says since when nothing did."""
    readings = [*minutes("pir-1", Kind.MOTION, -90, -60, 1), *minutes("pir-1", Kind.MOTION, -59, 0, 0)]

    told = text(explained(building, readings))

    assert re.search("occupied → free: no motion by pir-1, last at 10:0[01]:00", told)


def test_the_same_in_dutch(building: Building) -> None:
    """The other language says the same."""
    told = text(explained(building, MEETING), Language.NL)

    assert told.startswith("0.01 Plein is bezet sinds 10:40, ")
    assert "710 ppm, stijgt 14 ppm per minuut" in told
    assert "10:40  vrij → bezet: beweging volgens pir-1" in told


def test_the_past_is_told_as_it_was(building: Building) -> None:
    """At 10:30 nobody was there, and nothing that came later is told."""
    why = explained(building, MEETING, at=-30, now=0)
    told = text(why)

    assert told.startswith("0.01 Plein was free at 10:30, and had been since ")
    assert "no motion by pir-1" in told
    assert "10:40" not in told
    assert {one.side for one in why.evidence} <= {Side.AGAINST, Side.NEITHER}


@pytest.mark.parametrize(
    ("readings", "how", "words"),
    [
        (
            [*minutes("pir-1", Kind.MOTION, -180, -40, 0), *minutes("air", Kind.CO2_PPM, -180, 0, 430)],
            SensorState.SILENT,
            "nothing heard from pir-1 since 10:20",
        ),
        (
            [*minutes("pir-1", Kind.MOTION, -400, 0, 1)],
            SensorState.STUCK_ON,
            "not listened to: pir-1, stuck on",
        ),
        (
            [*minutes("pir-1", Kind.MOTION, -60, 0, 0), *minutes("air", Kind.CO2_PPM, -60, 0, 12)],
            SensorState.IMPLAUSIBLE,
            "not listened to: air, measures what cannot be",
        ),
    ],
)
def test_what_cannot_speak_is_named(
    building: Building, readings: list[Reading], how: SensorState, words: str
) -> None:
    """A sensor that is silent, stuck or impossible is told, and is no evidence."""
    why = explained(building, readings)

    assert [one.how for one in why.faults] == [how]
    assert why.faults[0].sensor not in {one.sensor for one in why.evidence}
    assert words in text(why)


def test_a_stuck_sensor_alone_makes_it_unknown_and_says_so(building: Building) -> None:
    """Nothing else speaks: unknown, because what measures cannot be believed."""
    told = text(explained(building, minutes("pir-1", Kind.MOTION, -400, 0, 1)))

    assert told.startswith("0.01 Plein is unknown: what still measures cannot be believed.")
    assert "occupied → unknown: what measured was not to be believed" in told


def test_a_dead_device_makes_it_unknown_and_is_named(building: Building) -> None:
    """What it measured last is no evidence any more, and its silence has an instant."""
    early = [one for one in MEETING if one.t_ms <= NOW_MS - 15 * MINUTE_MS]
    why = explained(building, early, lived(building, "0.01", early, until=-15))
    told = text(why)

    assert (why.now.shown, why.evidence) == (Shown.UNKNOWN, ())
    assert told.startswith("0.01 Plein is unknown: the device has said nothing for too long.")
    assert "nothing heard from device pi-1 since 10:45" in told


def test_nothing_was_ever_heard(building: Building) -> None:
    """A space without a sensor is unknown, not an error."""
    question = Question(building, building.spaces["0.01"], NOW_MS, NOW_MS)

    assert text(found(question, stored(MemoryStore(), question))).startswith(
        "0.01 Plein is unknown: no sensor"
    )


def test_readings_that_are_gone_do_not_speak(building: Building) -> None:
    """Presence is kept for 24 hours: before that only what was said, and what it rested on."""
    why = explained(building, MEETING, now=24 * HOUR)
    told = text(why)

    assert (why.evidence, why.kept_hours, why.now.shown) == ((), 24, Shown.OCCUPIED)
    assert "Presence readings are kept for 24 hours" in told
    assert "What was said then rested on: motion" in told
    assert "free → occupied: motion\n" in told


def test_other_rules_and_another_outcome_are_said(building: Building) -> None:
    """What was said by other rules is not passed off as what the installed ones say."""
    states = [
        State(NOW_MS - n * MINUTE_MS, FREE, 0.1, NOW_MS - HOUR * MINUTE_MS, (Because.MOTION,), "first-1")
        for n in range(HOUR, -1, -5)
    ]
    why = explained(building, MEETING, states)
    told = text(why)

    assert (why.now.shown, why.read_again, why.rules) == (Shown.FREE, OCCUPIED, ("first-1",))
    assert f"Said by rules first-1; the evidence is read by {why.installed_rule}" in told
    assert "Read again, these readings say occupied." in told


def test_several_devices_speak_together(building: Building) -> None:
    """Evidence is of all zones of a space, and one that is silent makes the others no less heard."""
    store, other = MemoryStore(), [*minutes("ld2410-2", Kind.PRESENCE, -60, 0, 0)]
    kept(store, "0.01", MEETING, lived(building, "0.01", MEETING))
    kept(store, "0.01", other, lived(building, "0.01", other), "pi-2")
    question = Question(building, building.spaces["0.01"], NOW_MS, NOW_MS)
    why = found(question, stored(store, question))

    assert {one.device for one in why.evidence} == {"pi-1", "pi-2"}
    assert "no presence by ld2410-2" in text(why)
    assert why.now.shown is Shown.OCCUPIED


@given(st.floats(-40, 40), st.floats(400, 2_000))
def test_the_slope_is_of_the_line(slope: float, start_ppm: float) -> None:
    """A straight line has its own slope."""
    rows = [
        DeviceReading("pi", Reading(NOW_MS + n * MINUTE_MS, "air", Kind.CO2_PPM, start_ppm + slope * n))
        for n in range(11)
    ]

    assert slope_ppm_min(rows, "pi", "air", NOW_MS + 10 * MINUTE_MS) == pytest.approx(slope, abs=1e-5)
    assert slope_ppm_min(rows, "pi", "air", NOW_MS + MINUTE_MS) is None, "two readings are no slope"


# --- what may be told -------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes_long", [3, 25, 90])
def test_of_one_person_nothing_tells_since_when(building: Building, minutes_long: int) -> None:
    """However long somebody is in a space for one, the explanation is the same, in every word and number."""

    def booth(long: int) -> Why:
        return explained(
            building,
            [
                *minutes("ld2410", Kind.PRESENCE, -180, -long - 1, 0),
                *minutes("ld2410", Kind.PRESENCE, -long, 0, 1),
            ],
            space="1.01",
        )

    one, other = booth(minutes_long), booth(10)

    assert (one.evidence, one.faults, one.changes, one.coverage) == (other.evidence, (), (), None)
    assert text(one) == text(other)
    assert one.now.since_ms is None
    assert not re.search(r"\d\d:\d\d|ppm", text(one))


@pytest.mark.parametrize(
    ("space", "grain"),
    [
        ("0.01", Grain.ALL),
        ("0.04", Grain.NOTHING),
        ("1.01", Grain.NOW_WITHOUT_INSTANTS),
        ("1.02", Grain.NOW),
        ("1.03", Grain.ALL),
    ],
)
def test_how_much_is_told(building: Building, space: str, grain: Grain) -> None:
    """By the people that a space is for; only those with a history answer about the past."""
    question = Question(building, building.spaces[space], NOW_MS - MINUTE_MS, NOW_MS)

    assert question.grain is grain
    must_show(replace(question, at_ms=NOW_MS))
    if grain is not Grain.ALL:
        with pytest.raises(CannotAnswer):
            must_show(question)


def test_a_space_that_was_small_yesterday_has_no_past_today(building: Building) -> None:
    """The smallest layout of the 24 hours that are read decides."""
    space, hour_ms = building.spaces["1.03"], 3_600_000
    midnight_ms = NOW_MS - 11 * hour_ms - 3 * 24 * hour_ms  # 2026-11-20 at the site: the new layout begins

    assert Question(building, space, midnight_ms + 23 * hour_ms, NOW_MS).grain is Grain.NOW
    assert Question(building, space, midnight_ms + 24 * hour_ms, NOW_MS).grain is Grain.ALL


# --- what is asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "minute"),
    [
        ("10:42", -18),
        ("10:42:30", -17.5),
        ("2026-11-23T10:42", -18),
        ("2026-11-22 23:00", -12 * HOUR),
        ("2026-11-23T09:42:00Z", -18),
        ("11:00", 0),
    ],
)
def test_instants_are_of_the_site(building: Building, asked: str, minute: float) -> None:
    """A time is of today at the site; a day with a time too, unless it has an offset."""
    assert instant_ms(asked, NOW_MS, building.timezone) == NOW_MS + minute * MINUTE_MS


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("11:01", "11:01: is still to come; it is 2026-11-23 11:00 at the site"),
        ("2026-11-24T09:00", "is still to come"),
        ("25:00", "'25:00': needs a time of today"),
        ("yesterday", "'yesterday': needs a time of today"),
        ("9999-12-31T23:59:59", "is still to come"),
    ],
)
def test_what_is_no_instant_of_the_past_is_refused(building: Building, asked: str, said: str) -> None:
    """What was asked stands in the refusal."""
    with pytest.raises(CannotAnswer, match=said):
        instant_ms(asked, NOW_MS, building.timezone)


def test_before_anything_stored(building: Building) -> None:
    """The refusal says from when on there is something."""
    with pytest.raises(
        CannotAnswer, match=r"2026-11-20 11:00: nothing is stored of 0\.01 before 2026-11-23 08:00"
    ):
        explained(building, MEETING, at=-72 * HOUR, now=0)


@pytest.mark.parametrize("asked", ["0.03", "Raadzaal", "raadzaal"])
def test_a_space_is_called_by_id_or_name(building: Building, asked: str) -> None:
    """Either will do."""
    assert space_called(building, asked).id == "0.03"


@pytest.mark.parametrize(
    ("asked", "said"), [("raadzal", r"there is 0.03 \(Raadzaal\)"), ("1.1", "1.01"), ("?", "0.01")]
)
def test_an_unknown_space_is_answered_with_those_like_it(building: Building, asked: str, said: str) -> None:
    """Close matches, or else the first ones."""
    with pytest.raises(CannotAnswer, match=said):
        space_called(building, asked)
