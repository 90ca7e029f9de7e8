# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The first rule for state: a table of mornings, and what holds for every one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import KINDS, Because, Kind, Occupancy, Reading, State
from bezet.occupancy.belief import Belief, freeze, thaw
from bezet.occupancy.evidence import EVIDENCE, SAY_AGAIN_S
from bezet.occupancy.filter import Step, step

T_MS = 1_790_000_000_000
MINUTE_MS = 60_000
LONGEST_MS = max(row.valid_s for row in EVIDENCE.values()) * 1000

Said = tuple[float, Kind, float]

#: What was read (minute, kind, value), and what the space is at minutes after the start.
MORNINGS: dict[str, tuple[list[Said], dict[float, Occupancy]]] = {
    "nothing was ever heard": ([], {1: Occupancy.UNKNOWN}),
    "movement": ([(0, Kind.MOTION, 1)], {0: Occupancy.OCCUPIED}),
    "no movement": ([(0, Kind.MOTION, 0)], {0: Occupancy.FREE}),
    "somebody sits still for four minutes": (
        [(0, Kind.MOTION, 1), *((n, Kind.MOTION, 0) for n in (1, 2, 3, 4))],
        {4: Occupancy.OCCUPIED},
    ),
    "the hold ends by itself": (
        [(0, Kind.MOTION, 1), (1, Kind.MOTION, 0)],
        {6.2: Occupancy.OCCUPIED, 6.3: Occupancy.FREE},
    ),
    "silence is not absence": ([(0, Kind.MOTION, 0)], {14.9: Occupancy.FREE, 15.1: Occupancy.UNKNOWN}),
    "silence is not presence either": ([(0, Kind.MOTION, 1)], {15.1: Occupancy.UNKNOWN}),
    "who sits still for longer than a motion sensor waits": (
        [(0, Kind.MOTION, 1), (2, Kind.MOTION, 0)],
        {5.2: Occupancy.OCCUPIED, 5.3: Occupancy.FREE},
    ),
    "breath makes it wait for longer": (
        [(0, Kind.MOTION, 1), (2, Kind.MOTION, 0), *((n, Kind.CO2_PPM, 500 + 60 * n) for n in range(7))],
        {6.4: Occupancy.OCCUPIED, 6.6: Occupancy.FREE},
    ),
    "a counter that sees nobody outweighs old air": (
        [(0, Kind.CO2_PPM, 1_200), (1, Kind.PEOPLE_COUNT, 0)],
        {0: Occupancy.OCCUPIED, 1: Occupancy.FREE},
    ),
    "air of half a person says nothing": ([(0, Kind.CO2_PPM, 600)], {0: Occupancy.UNKNOWN}),
    "air as it is outdoors": ([(0, Kind.CO2_PPM, 420)], {0: Occupancy.FREE}),
    "air that rises": (
        [(n, Kind.CO2_PPM, 450 + 20 * n) for n in range(15)],
        {14: Occupancy.OCCUPIED},
    ),
    "air that falls is no proof of people, however high": (
        [(n, Kind.CO2_PPM, 1_800 - 30 * n) for n in range(30)],
        {0: Occupancy.OCCUPIED, 29: Occupancy.FREE},
    ),
    "somebody was seen after the door was shut, and has not come out": (
        [
            *((0, Kind.DOOR_OPEN, 0), (3, Kind.MOTION, 1)),
            *((n, Kind.MOTION, 0) for n in range(4, 60, 5)),
            *((n, Kind.DOOR_OPEN, 0) for n in range(5, 60, 5)),
        ],
        {59: Occupancy.OCCUPIED},
    ),
    "nobody moved after the door was shut": (
        [
            *((0, Kind.MOTION, 1), (0.5, Kind.DOOR_OPEN, 1), (0.7, Kind.DOOR_OPEN, 0), (1, Kind.MOTION, 0)),
            (5, Kind.DOOR_OPEN, 0),
        ],
        {5: Occupancy.OCCUPIED, 6: Occupancy.FREE},
    ),
    "a radar sees a ghost where nothing ever moved": (
        [(0, Kind.MOTION, 0), (0, Kind.PRESENCE, 0), *((n, Kind.PRESENCE, 1) for n in range(1, 10))],
        {9: Occupancy.FREE},
    ),
    "a radar sees who came in and sits still": (
        [(0, Kind.MOTION, 1), (1, Kind.MOTION, 0), *((n, Kind.PRESENCE, 1) for n in range(1, 13))],
        {12: Occupancy.OCCUPIED},
    ),
    "kinds that are no evidence": (
        [(0, Kind.TEMPERATURE_C, 21), (0, Kind.ILLUMINANCE_LUX, 400)],
        {1: Occupancy.UNKNOWN},
    ),
}


def live(said: list[Said], until_ms: int) -> list[State]:
    """The states that come of readings and of every deadline up to an instant."""
    belief, deadline_ms, states = Belief(), None, []
    readings = [Reading(T_MS + round(minute * MINUTE_MS), "s", kind, value) for minute, kind, value in said]
    for reading in [*sorted(readings), None]:
        now_ms = reading.t_ms if reading else until_ms
        while deadline_ms is not None and deadline_ms < now_ms:
            belief, state, deadline_ms = step(belief, (), deadline_ms)
            states.append(state)
        if reading is None or reading.t_ms > until_ms:
            break
        belief, state, deadline_ms = step(belief, (reading,), now_ms)
        states.append(state)
    return [state for state in states if state is not None]


@pytest.mark.parametrize("morning", MORNINGS)
def test_mornings(morning: str) -> None:
    """The space is what the table says, at each instant it names."""
    said, expected = MORNINGS[morning]
    for minute, occupancy in expected.items():
        states = live(said, T_MS + round(minute * MINUTE_MS))

        assert (states[-1].occupancy if states else Occupancy.UNKNOWN) is occupancy


readings_of_a_day = st.lists(
    st.tuples(
        st.floats(0, 240),
        st.sampled_from(list(Kind)),
        st.floats(0, 1),
    ).map(
        lambda one: (one[0], one[1], KINDS[one[1]].low + one[2] * (KINDS[one[1]].high - KINDS[one[1]].low))
    ),
    max_size=40,
)


@given(readings_of_a_day)
def test_states_are_in_order_and_each_has_its_own_instant(said: list[Said]) -> None:
    """Instants of states only grow, and `since` changes with the occupancy only, and is never later."""
    states = live(said, T_MS + 300 * MINUTE_MS)

    assert all(before.t_ms < after.t_ms for before, after in pairwise(states))
    assert all(state.since_ms <= state.t_ms for state in states)
    for before, after in pairwise(states):
        assert (before.since_ms == after.since_ms) == (before.occupancy is after.occupancy)


@given(readings_of_a_day)
def test_silence_ends_in_unknown(said: list[Said]) -> None:
    """When nothing has spoken for as long as any evidence holds, the space is unknown, never free."""
    last_ms = T_MS + max((round(minute * MINUTE_MS) for minute, *_ in said), default=0)
    states = live(said, last_ms + LONGEST_MS + MINUTE_MS)

    assert not states or states[-1].occupancy is Occupancy.UNKNOWN


@given(readings_of_a_day)
def test_says_something_at_least_every_five_minutes(said: list[Said]) -> None:
    """Between two states of a living agent there are never more than five minutes."""
    states = live(said, T_MS + 300 * MINUTE_MS)
    gaps_ms = [after.t_ms - before.t_ms for before, after in pairwise(states)]

    assert max(gaps_ms, default=0) <= SAY_AGAIN_S * 1000 + 1


@given(readings_of_a_day, st.integers(0, 40))
def test_a_belief_that_was_written_down_goes_on_the_same(said: list[Said], cut: int) -> None:
    """Freezing and thawing the belief anywhere changes nothing that follows."""
    belief = Belief()
    for minute, kind, value in sorted(said)[:cut]:
        t_ms = T_MS + round(minute * MINUTE_MS)
        belief = step(belief, (Reading(t_ms, "s", kind, value),), t_ms).belief

    assert thaw(freeze(belief)) == belief


@given(readings_of_a_day, st.integers(1, 100))
def test_an_older_reading_of_a_source_changes_nothing(said: list[Said], older_ms: int) -> None:
    """A reading older than the last one of its source is kept in history, and does not move the state."""
    belief, now_ms = Belief(), T_MS
    for minute, kind, value in sorted(said):
        now_ms = T_MS + round(minute * MINUTE_MS)
        belief = step(belief, (Reading(now_ms, "s", kind, value),), now_ms).belief
    for source, heard in belief.heard.items():
        late = Reading(heard.t_ms - older_ms, source.sensor, source.kind, KINDS[source.kind].high)

        # It is no news, so that nothing is judged; or the turn had come, and it is judged as without it.
        nothing = Step(belief, None, belief.turn_ms)
        assert step(belief, (late,), now_ms) in (nothing, step(belief, (), now_ms))


def test_the_evidence_in_force_is_named() -> None:
    """Because names the kinds that speak for what was decided, and no others."""
    belief = step(Belief(), (Reading(T_MS, "a", Kind.CO2_PPM, 450),), T_MS).belief
    state = step(belief, (Reading(T_MS, "b", Kind.MOTION, 1),), T_MS).state

    assert state is not None
    assert state.because == (Because.MOTION,)


def test_counters_add_up() -> None:
    """Where people are counted, the estimate is the sum of the counters."""
    readings = [Reading(T_MS, name, Kind.PEOPLE_COUNT, count) for name, count in (("a", 2), ("b", 3))]
    state = step(Belief(), readings, T_MS).state

    assert state is not None
    assert state.people == 5


def test_what_cannot_speak_of_presence_says_nothing() -> None:
    """A zone with a power meter only makes no states, and does not make its space unknown."""
    power = Reading(T_MS, "plug", Kind.POWER_W, 180.0)
    first = step(Belief(), [power], T_MS)
    motion = Reading(T_MS + 1, "pir", Kind.MOTION, 1.0)

    assert first.state is None
    assert step(first.belief, [], first.deadline_ms).state is None
    assert step(first.belief, [motion], T_MS + 1).state is not None


# --- doorways ---------------------------------------------------------------------------------------------

IN, OUT, MOTION, PRESENCE = Kind.PEOPLE_IN, Kind.PEOPLE_OUT, Kind.MOTION, Kind.PRESENCE
EVERY_5 = range(0, 24 * 60, 5)


def counted(*said: tuple[float, str, Kind, float], until: float) -> State:
    """The last state after what sensors said (minute, sensor, kind, value), and a counter each 5 minutes."""
    beats = [
        (float(minute), "door-a", kind, 0.0) for minute in EVERY_5 if minute <= until for kind in (IN, OUT)
    ]
    belief, last = Belief(), None
    for minute, sensor, kind, value in sorted([*said, *beats], key=lambda one: one[0]):
        t_ms = T_MS + round(minute * MINUTE_MS)
        belief, state, _ = step(belief, (Reading(t_ms, sensor, kind, value),), t_ms)
        last = state or last
    assert last is not None
    return last


def quiet(sensor: str, kind: Kind, until: float) -> list[tuple[float, str, Kind, float]]:
    """A sensor that sees nobody, every five minutes."""
    return [(minute + 0.1, sensor, kind, 0.0) for minute in EVERY_5 if minute < until]


def test_a_doorway_counts_people() -> None:
    """Three come in and one leaves: two are there, between honest bounds, because of the doorway."""
    state = counted((1, "door-a", IN, 3), (2, "door-a", OUT, 1), until=5)

    assert (state.occupancy, state.because, state.people) == (Occupancy.OCCUPIED, (Because.DOORWAY,), 2)
    assert state.people_low is not None
    assert state.people_high is not None
    assert state.people_low <= 2 <= state.people_high


def test_two_doors_are_one_tally() -> None:
    """Who comes in by one door and leaves by another is not there twice, nor missing."""
    state = counted((1, "door-a", IN, 3), (2, "door-b", OUT, 3), until=5)

    assert state.people == 0


def test_nobody_is_ever_fewer_than_nobody() -> None:
    """A door counter that missed somebody never says -3."""
    state = counted((1, "door-a", OUT, 3), until=5)

    assert state.people in (None, 0)


def test_imaginary_people_go_when_the_space_is_proven_empty() -> None:
    """Fifteen who were counted in and never out are gone when a radar has seen nobody for half an hour."""
    said = [(1 + n / 10, "door-a", IN, 1.0) for n in range(15)]
    before = counted(*said, *quiet("radar", PRESENCE, 25), until=25)
    after = counted(*said, *quiet("radar", PRESENCE, 40), until=40)

    assert before.people == 15
    assert (after.occupancy, after.people, after.people_high) == (Occupancy.FREE, 0, 0)


def test_who_sits_still_before_a_motion_sensor_is_not_counted_away() -> None:
    """Who came in and has not moved for an hour is there still: a motion sensor proves less than a radar."""
    state = counted((1, "door-a", IN, 1), *quiet("pir", MOTION, 60), until=60)

    assert (state.occupancy, state.people) == (Occupancy.OCCUPIED, 1)


def test_sensors_that_see_people_count_before_the_doorway() -> None:
    """Where people are seen their number is that of the sensor that sees them, not of the drifting tally."""
    state = counted((1, "door-a", IN, 5), (5.1, "heat", Kind.PEOPLE_COUNT, 3), until=5)

    assert state.people == 3


def test_the_tally_outlives_a_restart() -> None:
    """A belief with a doorway is written down and read back whole."""
    belief = step(Belief(), (Reading(T_MS, "door-a", IN, 2),), T_MS).belief

    assert belief.doorway is not None
    assert thaw(freeze(belief)) == belief
