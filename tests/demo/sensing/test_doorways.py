# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Doorways: everybody is counted where nothing is wrong, and a few are missed where it is."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.faults import Fault
from demo.physics.doors import passages
from demo.physics.spans import Span
from demo.plan import Hung
from demo.sensing.doorways import CLEAR_MS, DoorwaySignal, in_file
from tests.demo.towns import DAY_MS, HOUR_MS, SECOND_MS, clock, small_town, stay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.people import Stay

HUNG = Hung("vl53l1x-1.01", "1.01", "pi", "vl53l1x", phase_ms=33, every_s=0.05)
MISSES = frozenset({Fault.DOOR_MISSES})
START_MS, END_MS = clock(8.9), clock(12)


def busy(people: int = 300) -> Iterator[Stay]:
    """People who come and go all morning, a few of them at once."""
    for number in range(people):
        from_h = 9 + 0.008 * (number // 4 * 4)
        yield stay(f"p{number}", from_h, from_h + 0.02 + 0.004 * (number % 7), seat=number)


def counted(signal: DoorwaySignal, start_ms: int = START_MS, end_ms: int = END_MS) -> list[int]:
    """How many come in and how many go out."""
    found: list[int] = signal.words(start_ms, end_ms).amounts.sum(axis=1).astype(int).tolist()
    return found


@pytest.mark.parametrize(
    "settings", [{}, {"inside": "a"}, {"height_mm": 3_000, "threshold": 0.6}, {"height_mm": 1_900}]
)
def test_everybody_is_counted(settings: dict[str, object]) -> None:
    """Without the fault as many come in and go out as go through the door, whichever way it is mounted."""
    town = small_town(*busy())
    inwards = passages(town, "1.01", START_MS, END_MS).inwards

    signal = DoorwaySignal(town, dataclasses.replace(HUNG, settings=settings))

    assert counted(signal) == [inwards.sum(), (~inwards).sum()] == [300, 300]


def test_some_are_missed() -> None:
    """With the fault it misses a few in each direction, and never counts one too many."""
    for seed in range(8):
        for count in counted(DoorwaySignal(small_town(*busy(), seed=seed, faults=MISSES), HUNG)):
            assert 0.82 * 300 <= count <= 0.98 * 300


def test_who_is_not_below_the_threshold_is_not_seen() -> None:
    """A chip that is mounted high and set low sees no heads."""
    hung = dataclasses.replace(HUNG, settings={"height_mm": 3_500, "threshold": 0.3})

    assert counted(DoorwaySignal(small_town(*busy()), hung)) == [0, 0]


def test_words_do_not_depend_on_what_is_asked() -> None:
    """A span says what its parts say, and a signal that was asked for something else before says the same."""
    town = small_town(*busy(), faults=MISSES)
    edges_ms = [START_MS, clock(9.01), clock(9.77) + 12_345, clock(24), clock(24.5), END_MS + DAY_MS]
    whole = DoorwaySignal(town, HUNG).words(edges_ms[0], edges_ms[-1])
    signal = DoorwaySignal(town, HUNG)
    parts = [signal.words(*ends) for ends in reversed([*pairwise(edges_ms)])][::-1]

    assert np.concatenate([part.t_ms for part in parts]).tolist() == whole.t_ms.tolist()
    assert np.concatenate([part.amounts for part in parts], axis=1).tolist() == whole.amounts.tolist()


def test_between_passages_it_says_zero_each_second() -> None:
    """Every second has a word of nobody or of somebody, at one of the looks of the driver."""
    words = DoorwaySignal(small_town(*busy()), HUNG).words(START_MS, END_MS)

    assert (np.diff(words.t_ms) > 0).all()
    assert np.diff(words.t_ms).max() == SECOND_MS
    assert ((words.t_ms - HUNG.phase_ms) % 50 == 0).all()
    assert (words.amounts.sum(axis=0) <= 1).all()


def test_who_comes_later_changes_nothing() -> None:
    """What was said before somebody more comes stays what it was."""
    guests = [stay(f"g{number}", 10.5, 11.2, seat=number) for number in range(20)]
    before, after = (
        DoorwaySignal(small_town(*busy(), *more, faults=MISSES), HUNG).words(START_MS, clock(10.49))
        for more in ([], guests)
    )

    assert before.t_ms.tolist() == after.t_ms.tolist()
    assert before.amounts.tolist() == after.amounts.tolist()


def test_somebody_is_nearer_than_the_floor() -> None:
    """Who walks in is under zone a first and b last, for less than a second; else both see the floor."""
    town = small_town(stay("p", 9, 10))
    signal = DoorwaySignal(town, HUNG)
    (came_ms,) = passages(town, "1.01", START_MS, clock(9.5)).t_ms.tolist()
    around_ms = range(came_ms - 2_000, came_ms + 2_000, 10)
    seen = np.array([[signal.distance_mm(zone, t_ms) for t_ms in around_ms] for zone in (0, 1)])

    assert set(seen[:, [0, -1]].ravel().tolist()) == {2_200}
    (in_a, in_b) = (np.flatnonzero(row < 2_000) for row in seen)
    assert (in_a[0] < in_b[0] < in_a[-1] < in_b[-1], len(in_a) == len(in_b)) == (True, True)
    assert 10 * (in_b[-1] - in_a[0]) <= 1_000
    assert 200 <= seen.min() <= 700


@given(st.lists(st.tuples(st.integers(0, HOUR_MS - 1), st.integers(1, 60_000)), max_size=120))
def test_people_go_in_file(rows: list[tuple[int, int]]) -> None:
    """Nobody goes before another, too close behind them, or near the ends of a stretch."""
    t_ms = np.sort(np.array([row[0] for row in rows], np.int64))
    behind_ms = np.array([row[1] for row in rows], np.int64)
    filed_ms = in_file(t_ms, behind_ms, Span(0, HOUR_MS))

    assert ((filed_ms >= CLEAR_MS) & (filed_ms <= HOUR_MS - CLEAR_MS)).all()
    assert (np.diff(filed_ms) >= 0).all()
    if behind_ms.sum() <= HOUR_MS - 2 * CLEAR_MS:
        assert (np.diff(filed_ms) >= behind_ms[1:]).all()
