# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Motion sensors: they see who moves, miss who sits still, and now and then one is stuck."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind, SpaceKind
from demo.faults import ALL, Fault
from demo.happenings import Happening, What
from demo.people import Doing
from demo.plan import Hung, hung_in
from demo.sensing.motion import BLIND_MS, HOLD_MS, REPEAT_MS, MotionSignal, highs
from edge.bus.gpio import REPEAT_S
from tests.demo.physics.weeks import FROM_MS, INSTANTS, TO_MS, busy_town
from tests.demo.towns import DAY_MS, HOUR_MS, MINUTE_MS, clock, meeting, small_town, stay

if TYPE_CHECKING:
    from demo.town import Steps

BLIND = frozenset({Fault.PIR_BLIND})
BUSY = busy_town(faults=ALL)
PHASE_MS = 44


def pir(space: str = "1.01", seat: int = 0, id_: str = "pir-1.01") -> Hung:
    """A motion sensor."""
    return Hung(id_, space, "pi", "pir", seat=seat, phase_ms=PHASE_MS, settings={"pin": 17})


def share(steps: Steps, end_ms: int) -> float:
    """How much of the time it is high."""
    lasts_ms = np.diff(steps.t_ms, append=end_ms)
    return float(lasts_ms @ steps.count / lasts_ms.sum())


# --- the sensor itself --------------------------------------------------------------------------------------


def stepwise(seen_ms: list[int], hold_ms: int) -> list[tuple[int, int]]:
    """The same as `highs`, as the chip does it: motion by motion."""
    found: list[tuple[int, int]] = []
    for t_ms in seen_ms:
        if not found or t_ms >= found[-1][1] + BLIND_MS:
            found.append((t_ms, t_ms + hold_ms))
    return found


@given(st.lists(st.integers(0, 15_000), max_size=40), st.integers(1, 9_000))
def test_it_stays_high_and_is_blind_after_that(gaps_ms: list[int], hold_ms: int) -> None:
    """Motion makes the output high for its time, and what comes meanwhile and just after that is lost."""
    seen_ms = np.cumsum(np.array(gaps_ms, np.int64)) + 1

    assert list(highs(seen_ms, hold_ms)) == stepwise(seen_ms.tolist(), hold_ms)


def test_each_sensor_has_its_own_time() -> None:
    """One walk through an empty space is one pulse, as long as that sensor's own time, or a little longer."""
    town = small_town(stay("walks", 10, 10 + 1 / 3600), faults=BLIND)
    lasts_ms = []
    for number in range(20):
        steps = MotionSignal(town, pir(id_=f"pir-{number}")).levels(clock(9), clock(11))
        assert steps.count.tolist() in ([0, 1, 0], [0])
        lasts_ms += np.diff(steps.t_ms)[1:].tolist()

    assert HOLD_MS[0] <= min(lasts_ms) < max(lasts_ms) < HOLD_MS[1] + 2_000
    assert len(set(lasts_ms)) > 15


# --- what it sees and misses --------------------------------------------------------------------------------


def test_who_sits_still_is_mostly_missed() -> None:
    """Of a day alone with a book it sees little."""
    town = small_town(stay("reads", 9, 17, Doing.QUIET), faults=BLIND)

    assert 0 < share(MotionSignal(town, pir()).levels(clock(9.1), clock(16.9)), clock(16.9)) < 0.15


def test_a_meeting_is_mostly_seen() -> None:
    """Four people who talk are seen most of the time, and never missed for as long as a space is held."""
    town = small_town(*meeting(4, 9, 17), faults=BLIND)
    steps = MotionSignal(town, pir()).levels(clock(9.1), clock(16.9))

    assert share(steps, clock(16.9)) > 0.7
    assert np.diff(steps.t_ms).max() < 5 * MINUTE_MS or steps.count[np.diff(steps.t_ms).argmax()] == 1


def test_who_comes_in_is_seen() -> None:
    """Nearly everybody who comes in is seen within five seconds, also who then sits still."""
    hours = np.arange(8, 18, 0.25).tolist()
    town = small_town(*(stay("reads", hour, hour + 0.2, Doing.QUIET) for hour in hours), faults=BLIND)
    signal = MotionSignal(town, pir())
    seen = [signal.levels(clock(hour), clock(hour) + 5_000).count.max() for hour in hours]

    assert np.mean(seen) > 0.95


def test_nobody_is_not_seen() -> None:
    """An empty space is dark, whatever else may be wrong."""
    steps = MotionSignal(small_town(faults=BLIND), pir()).levels(clock(0), clock(24))

    assert steps.count.tolist() == [0]


def test_without_its_fault_it_sees_everybody() -> None:
    """A sensor that is not blind is high nearly all the time while anybody is there."""
    town = busy_town(faults=ALL - {Fault.PIR_BLIND, Fault.PIR_STUCK})
    instants = np.arange(FROM_MS, TO_MS, 1_007)
    is_used = town.steps("1.03", FROM_MS - HOLD_MS[1], TO_MS)
    levels = MotionSignal(town, pir("1.03")).levels(FROM_MS, TO_MS)

    assert np.mean(levels.at(instants)[is_used.at(instants) > 0]) > 0.94
    gone = (is_used.at(instants) == 0) & (is_used.at(instants - HOLD_MS[1]) == 0)
    assert not levels.at(instants)[gone].any()


def test_two_look_at_different_seats() -> None:
    """Of two sensors in a space each sees more of those on its own side."""
    shares = np.zeros((2, 2))
    for side in range(2):
        works = stay("works", 9, 17, Doing.DESK, seat=side)
        town = small_town(works, faults=BLIND, kind=SpaceKind.FOCUS)
        for seat in range(2):
            steps = MotionSignal(town, pir(seat=seat, id_=f"pir{seat}")).levels(clock(9), clock(17))
            shares[side, seat] = share(steps, clock(17))

    assert shares[0, 0] > shares[0, 1]
    assert shares[1, 1] > shares[1, 0]


# --- stuck --------------------------------------------------------------------------------------------------


def test_stuck_is_high() -> None:
    """A sensor that somebody sticks is high from then on, up to the end of it; the others are not."""
    happening = Happening(What.STICK, "pir-1.01", clock(3), clock(4))
    town = small_town(faults=BLIND, happenings=(happening,))

    steps = MotionSignal(town, pir()).levels(clock(0), clock(24))
    assert (steps.t_ms.tolist(), steps.count.tolist()) == ([clock(0), clock(3), clock(4)], [0, 1, 0])
    assert MotionSignal(town, pir(id_="other")).levels(clock(0), clock(24)).count.tolist() == [0]


def test_one_is_stuck_every_four_weeks() -> None:
    """With the fault one sensor of the town is stuck for a day and more, once in four weeks."""
    town = small_town(faults=BLIND | {Fault.PIR_STUCK}, kind=SpaceKind.FOCUS)
    pirs = [one for one in hung_in(town.plan) if one.driver == "pir"]
    found = [MotionSignal(town, one).levels(clock(0), clock(0) + 28 * DAY_MS) for one in pirs]

    free, stuck = sorted(found, key=lambda steps: len(steps.t_ms))
    assert free.count.tolist() == [0]
    assert stuck.count.tolist() == [0, 1, 0]
    assert np.diff(stuck.t_ms)[1] > DAY_MS


# --- any town -----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.lists(INSTANTS, min_size=3, max_size=6, unique=True), st.sampled_from(("1.01", "1.03")))
def test_any_split_gives_the_same(edges: list[int], space: str) -> None:
    """Its level is the same however the span is split."""
    edges.sort()
    signal = MotionSignal(BUSY, pir(space))
    whole = signal.levels(edges[0], edges[-1])
    for from_ms, to_ms in itertools.pairwise(edges):
        part = MotionSignal(BUSY, pir(space)).levels(from_ms, to_ms)
        inside = (whole.t_ms > from_ms) & (whole.t_ms < to_ms)
        assert np.array_equal(part.t_ms, np.append(from_ms, whole.t_ms[inside]))
        assert np.array_equal(part.count, whole.at(part.t_ms))


def test_no_two_edges_are_close() -> None:
    """Edges of two weeks lie seconds apart, and none on the millisecond in which the pin is said again."""
    steps = MotionSignal(BUSY, pir()).levels(FROM_MS, TO_MS)

    assert np.diff(steps.t_ms).min() >= BLIND_MS
    assert not np.any(steps.t_ms[1:] % REPEAT_MS == PHASE_MS)


@pytest.mark.parametrize("what", [What.FILL, What.EMPTY, What.STICK])
def test_what_happens_leaves_the_past_as_it_was(what: What) -> None:
    """Whatever somebody makes happen, the sensor said the same up to a few seconds before."""
    where = "pir-1.01" if what is What.STICK else "1.01"
    happening = Happening(what, where, clock(12), clock(13), people=4)
    towns = [small_town(*meeting(3, 9, 17), faults=BLIND, happenings=made) for made in ((), (happening,))]

    def edges_ms(from_ms: int, to_ms: int) -> list[list[int]]:
        return [MotionSignal(town, pir()).levels(from_ms, to_ms).t_ms.tolist() for town in towns]

    before, after = edges_ms(clock(8), clock(12) - 5_000)
    assert before == after
    before, after = edges_ms(clock(12), clock(13))
    assert before != after


def test_it_says_each_change_and_itself_again() -> None:
    """A word at the start, at each edge, and every half minute at the phase of the sensor."""
    signal = MotionSignal(BUSY, pir())
    start_ms = clock(10) + 7
    t_ms, amounts = signal.words(start_ms, start_ms + HOUR_MS)[1:]
    steps = signal.levels(start_ms, start_ms + HOUR_MS)

    assert REPEAT_MS == REPEAT_S * 1000
    assert np.array_equal(amounts[0], steps.at(t_ms))
    again = t_ms % REPEAT_MS == PHASE_MS
    assert again.sum() == HOUR_MS // REPEAT_MS
    assert np.array_equal(t_ms[~again], steps.t_ms)
    assert signal.words(start_ms, start_ms + 1).said == ((Kind.MOTION, ""),)
