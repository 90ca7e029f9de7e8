# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A recording through the code of a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind
from edge.accuracy.playing import FREE, OCCUPIED, UNKNOWN, Played, play
from tests.edge.accuracy.made import NAN, recorded

if TYPE_CHECKING:
    from edge.accuracy.shapes import Recording

KINDS = frozenset({Kind.MOTION, Kind.CO2_PPM})
DAY_MIN = 24 * 60


def _until(recording: Recording, row: int) -> Recording:
    """Its rows up to one."""
    channels = tuple(one._replace(values=one.values[:row]) for one in recording.channels)
    return replace(
        recording,
        t_ms=recording.t_ms[:row],
        channels=channels,
        present=recording.present[:row],
        people=recording.people[:row],
    )


def _words(played: Played, row: int | None = None) -> list[list[float]]:
    numbers = (played.occupancy, played.probability, played.people, played.low, played.high, played.switches)
    return [np.nan_to_num(one[:row], nan=-9).tolist() for one in numbers]


def test_somebody_who_moves_is_there() -> None:
    """What a motion sensor saw at a row is believed at that row."""
    moves = [0.0] * 20 + [1.0] * 5
    played = play(recorded(range(25), {"pir": (Kind.MOTION, moves)}), KINDS)

    assert played.occupancy[19] != OCCUPIED
    assert (played.occupancy[20:] == OCCUPIED).all()


def test_somebody_who_left_is_gone_at_last() -> None:
    """Free is said in the end, and the one change between the two is counted once."""
    moves = [1.0] * 5 + [0.0] * 55
    played = play(recorded(range(60), {"pir": (Kind.MOTION, moves)}), KINDS)

    assert played.occupancy[0] == OCCUPIED
    assert played.occupancy[-1] == FREE
    assert played.switches.sum() == 1


def test_silence_is_unknown() -> None:
    """Cells without a number say nothing: after a while nothing is known, as before the first."""
    moves = [NAN] * 3 + [1.0] * 3 + [NAN] * 40
    played = play(recorded(range(46), {"pir": (Kind.MOTION, moves)}), KINDS)

    assert (played.occupancy[:3] == UNKNOWN).all()
    assert played.occupancy[3] == OCCUPIED
    assert played.occupancy[-1] == UNKNOWN
    assert np.isnan(played.people[-1])


def test_only_the_kinds_that_are_asked_for_are_played() -> None:
    """What other sensors of the recording saw changes nothing."""
    channels = {"pir": (Kind.MOTION, [1.0] * 10), "air": (Kind.CO2_PPM, [450.0] * 10)}
    both = recorded(range(10), channels)
    alone = recorded(range(10), {"air": channels["air"]})

    assert _words(play(both, {Kind.CO2_PPM})) == _words(play(alone, KINDS))


def test_numbers_that_no_sensor_can_give_are_not_played() -> None:
    """A motion of 7 is a broken sensor, as it is for an agent."""
    played = play(recorded(range(10), {"pir": (Kind.MOTION, [7.0] * 10)}), KINDS)

    assert (played.occupancy == UNKNOWN).all()


numbers = st.one_of(st.just(NAN), st.sampled_from([0.0, 1.0]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(numbers, st.floats(380, 1500)), min_size=4, max_size=60), st.integers(1, 4))
def test_nothing_is_known_before_its_time(rows: list[tuple[float, float]], quarter: int) -> None:
    """What is said up to a row is the same, whatever comes after it."""
    moves, co2_ppm = zip(*rows, strict=True)
    whole = recorded(range(len(rows)), {"p": (Kind.MOTION, moves), "c": (Kind.CO2_PPM, co2_ppm)})
    row = max(1, len(rows) * quarter // 4)

    assert _words(play(whole, KINDS), row) == _words(play(_until(whole, row), KINDS))


def test_the_truth_is_never_looked_at() -> None:
    """The same sensors with another truth say the same."""
    minutes = [*range(30), *range(DAY_MIN, DAY_MIN + 30), *range(2 * DAY_MIN, 2 * DAY_MIN + 30)]
    air = {"air": (Kind.CO2_PPM, [400 + 7.0 * (minute % 30) for minute in minutes])}
    true = recorded(minutes, air, people=[3.0] * 90, present=[1.0] * 90, days_apart=True, is_warm=True)
    false = replace(true, people=true.people * 0, present=true.present * 0)

    assert _words(play(true, KINDS)) == _words(play(false, KINDS))


def test_days_apart_begin_knowing_nothing_of_each_other() -> None:
    """Cold, each day is as if it were alone; warm, it still says nothing but its own states."""
    minutes = [*range(20), *range(DAY_MIN, DAY_MIN + 20)]
    moves = {"pir": (Kind.MOTION, [1.0] * 20 + [0.0] * 20)}
    both = recorded(minutes, moves, days_apart=True, is_warm=True)
    second = recorded(minutes[20:], {"pir": (Kind.MOTION, [0.0] * 20)})

    cold, warm = play(both, KINDS, warm=False), play(both, KINDS)

    assert [one[20:] for one in _words(cold)] == _words(play(second, KINDS))
    assert warm.occupancy[0] == OCCUPIED
    assert warm.occupancy[-1] == FREE
    assert warm.switches[20:].sum() == 0


def test_progress_is_told() -> None:
    """Whoever waits hears of every five hundred rows."""
    heard: list[int] = []
    play(recorded(range(1_100), {"pir": (Kind.MOTION, [0.0] * 1_100)}), KINDS, told=heard.append)

    assert heard == [500, 500]
