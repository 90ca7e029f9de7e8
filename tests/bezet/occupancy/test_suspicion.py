# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which sensors do not deserve belief: a table of bad habits, and what a space is while they last."""

from __future__ import annotations

import pytest

from bezet.messages import SensorState
from bezet.model import Because, Kind, Occupancy, Reading
from bezet.occupancy.belief import Belief, freeze, thaw
from bezet.occupancy.filter import step, suspicions

T_MS = 1_790_000_000_000
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000

#: A sensor says one thing every five minutes; what is thought of it after hours.
HABITS: dict[str, tuple[Kind, float, dict[float, SensorState | None]]] = {
    "a motion sensor that never rests": (Kind.MOTION, 1, {1.9: None, 2.1: SensorState.STUCK_ON}),
    "a radar that sees a ghost all night": (Kind.PRESENCE, 1, {15.9: None, 16.1: SensorState.STUCK_ON}),
    "a counter with an imaginary guest": (Kind.PEOPLE_COUNT, 1, {15.9: None, 16.1: SensorState.STUCK_ON}),
    "a motion sensor under a lamp shade": (
        Kind.MOTION,
        0,
        {7 * 24 - 1: None, 7 * 24 + 1: SensorState.NEVER_TRIGGERED},
    ),
    "a door contact without its magnet": (
        Kind.DOOR_OPEN,
        0,
        {14 * 24 - 1: None, 14 * 24 + 1: SensorState.NEVER_TRIGGERED},
    ),
    "a door that stands open for weeks": (Kind.DOOR_OPEN, 1, {20 * 24: None}),
    "air that is cleaner than outdoors": (Kind.CO2_PPM, 340, {0: SensorState.IMPLAUSIBLE}),
    "air in which nobody could live": (Kind.CO2_PPM, 30_000, {0: SensorState.IMPLAUSIBLE}),
    "air that never changes": (Kind.CO2_PPM, 612, {5.9: None, 6.1: SensorState.IMPLAUSIBLE}),
    "an empty weekend with a sensor that begins at 400 ppm": (Kind.CO2_PPM, 400, {60: None}),
    "a frozen thermometer": (Kind.TEMPERATURE_C, 21.5, {47: None, 49: SensorState.IMPLAUSIBLE}),
    "a wall that burns": (Kind.TEMPERATURE_C, 80, {0: SensorState.IMPLAUSIBLE}),
    "a plug that feeds the net": (Kind.POWER_W, -40, {0: SensorState.IMPLAUSIBLE}),
    "light that never changes": (Kind.ILLUMINANCE_LUX, 0, {21 * 24: None}),
}


def said(kind: Kind, value: float, hours: float, *, every_ms: int = 5 * MINUTE_MS) -> Belief:
    """The belief after a sensor said one thing for so long."""
    belief = Belief()
    for t_ms in range(T_MS, T_MS + round(hours * HOUR_MS) + 1, every_ms):
        belief = step(belief, (Reading(t_ms, "s", kind, value),), t_ms).belief
    return belief


@pytest.mark.parametrize("habit", HABITS)
def test_habits(habit: str) -> None:
    """A sensor is suspected when the table says so, and not before."""
    kind, value, wanted = HABITS[habit]
    for hours, why in wanted.items():
        found = suspicions(said(kind, value, hours), T_MS + round(hours * HOUR_MS))

        assert found.get("s") is why


def test_what_is_not_believed_is_unknown_not_free() -> None:
    """When the only sensor of a space is stuck, the space is unknown, because of that."""
    belief = said(Kind.MOTION, 1, 3)

    assert belief.said is not None
    assert (belief.said.occupancy, belief.said.because) == (Occupancy.UNKNOWN, (Because.SENSOR_FAULT,))


def test_the_others_go_on() -> None:
    """A stuck sensor has no say, and the sensors beside it have theirs."""
    belief = said(Kind.MOTION, 1, 3)
    now_ms = T_MS + 3 * HOUR_MS + MINUTE_MS
    state = step(belief, (Reading(now_ms, "heat", Kind.PEOPLE_COUNT, 0),), now_ms).state

    assert state is not None
    assert (state.occupancy, state.because) == (Occupancy.FREE, (Because.PEOPLE_COUNT,))


def test_it_is_believed_again() -> None:
    """A sensor that was stuck is believed as soon as it moves."""
    belief = said(Kind.MOTION, 1, 3)
    now_ms = T_MS + 3 * HOUR_MS + MINUTE_MS
    after = step(belief, (Reading(now_ms, "s", Kind.MOTION, 0),), now_ms).belief

    assert suspicions(after, now_ms) == {}


def test_a_sensor_that_misses_everybody() -> None:
    """A motion sensor that saw nobody in eight hours in which others did is stuck off."""
    belief, news = Belief(), []
    for t_ms in range(T_MS, T_MS + 9 * HOUR_MS, 5 * MINUTE_MS):
        readings = (Reading(t_ms, "heat", Kind.PEOPLE_COUNT, 2), Reading(t_ms, "pir", Kind.MOTION, 0))
        belief = step(belief, readings, t_ms).belief
        news.append(suspicions(belief, t_ms).get("pir"))

    assert news[: 8 * 12] == [None] * 8 * 12
    assert news[-1] is SensorState.STUCK_OFF


def test_an_empty_building_accuses_nobody() -> None:
    """Weeks without people are no reason to suspect a sensor that once worked."""
    belief = step(Belief(), (Reading(T_MS, "pir", Kind.MOTION, 1),), T_MS).belief
    for t_ms in range(T_MS + MINUTE_MS, T_MS + 30 * DAY_MS, 30 * MINUTE_MS):
        belief = step(belief, (Reading(t_ms, "pir", Kind.MOTION, 0),), t_ms).belief

    assert suspicions(belief, T_MS + 30 * DAY_MS) == {}


def test_an_impossible_jump_is_doubted_for_a_while() -> None:
    """Air cannot gain 3,000 ppm in half a minute: what says so is not believed for ten minutes."""
    belief = Belief()
    for t_ms, co2_ppm in ((T_MS, 600), (T_MS + 30_000, 3_700)):
        belief = step(belief, (Reading(t_ms, "air", Kind.CO2_PPM, co2_ppm),), t_ms).belief

    assert suspicions(belief, T_MS + 60_000) == {"air": SensorState.IMPLAUSIBLE}
    assert suspicions(belief, T_MS + 12 * MINUTE_MS) == {}


def test_a_silence_breaks_what_was_the_same_for_so_long() -> None:
    """An agent that was off for a night does not come back and call its sensors stuck."""
    belief = step(Belief(), (Reading(T_MS, "pir", Kind.MOTION, 1),), T_MS).belief
    now_ms = T_MS + 12 * HOUR_MS
    belief = step(belief, (Reading(now_ms, "pir", Kind.MOTION, 1),), now_ms).belief

    assert suspicions(belief, now_ms) == {}


def test_weeks_without_the_agent_accuse_nobody() -> None:
    """A sensor that was put up before the holidays, in which its device was off, has never been missed."""
    belief = said(Kind.MOTION, 0, 1)
    now_ms = T_MS + 15 * DAY_MS
    belief = step(belief, (Reading(now_ms, "s", Kind.MOTION, 0),), now_ms).belief

    assert suspicions(belief, now_ms) == {}


def test_who_says_nothing_is_accused_of_nothing() -> None:
    """What a sensor said last does not grow worse by its silence: it may be another one by now."""
    belief = said(Kind.MOTION, 1, 1)

    assert suspicions(belief, T_MS + 30 * DAY_MS) == {}


def test_records_survive_being_written_down() -> None:
    """What is known of the habits of a sensor outlives a restart."""
    belief = said(Kind.CO2_PPM, 612, 5)

    assert thaw(freeze(belief)) == belief
    assert thaw(freeze(belief)).records
