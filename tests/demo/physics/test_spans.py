# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stretches of time, and steps within them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.lens import Piece
from demo.physics.sessions import sessions
from demo.physics.spans import DAY_MS, Span, heaped, joined, spans
from demo.town import Steps
from tests.demo.physics.weeks import INSTANTS, ROOMS, busy_town
from tests.demo.towns import HOUR_MS, Room, clock, small_town, stay

BUSY = busy_town()
TURNS = st.lists(st.tuples(st.integers(-20, 120), st.integers(-20, 120), st.integers(1, 5)), max_size=12)


@given(TURNS)
def test_what_lies_on_top_of_each_other(turns: list[tuple[int, int, float]]) -> None:
    """At each instant there is what all turns that hold then add up to, and on average too."""
    heap = heaped(turns, Span(0, 100))
    t_ms = np.arange(100)
    expected = np.array([sum(much for begin, end, much in turns if begin <= at < end) for at in t_ms])

    assert heap.t_ms[0] == 0
    assert heap.at(t_ms) == pytest.approx(expected)
    assert heap.means(np.array([0, 30, 31, 100])) == pytest.approx(
        [expected[:30].mean(), expected[30], expected[31:].mean()]
    )


@settings(deadline=None)
@given(INSTANTS, st.integers(1, 3 * DAY_MS))
def test_stretches_cover_what_was_asked(start_ms: int, length_ms: int) -> None:
    """Stretches follow each other without a gap, and are the same whatever part of them was asked for."""
    bent = (Piece(clock(26), clock(27), clock(8), 60.0),)
    for town in (BUSY, small_town(bent=bent)):
        found = list(spans(town, start_ms, start_ms + length_ms))
        assert found[0].from_ms <= start_ms < found[0].to_ms
        assert found[-1].from_ms < start_ms + length_ms <= found[-1].to_ms
        assert [one.to_ms for one in found[:-1]] == [one.from_ms for one in found[1:]]
        assert list(spans(town, start_ms, start_ms + 1)) == found[:1]


@pytest.mark.parametrize(("speed", "parts"), [(1.0, 1), (0.5, 1), (2.0, 24), (60.0, 96), (5_000.0, 1_440)])
def test_fast_days_are_worked_out_in_parts(speed: float, parts: int) -> None:
    """A day in which life goes faster is worked out in parts, each of about a day of life at most."""
    midnight_ms = clock(1)
    town = small_town(bent=(Piece(midnight_ms + HOUR_MS, midnight_ms + 2 * HOUR_MS, 0, speed),))

    assert len(list(spans(town, midnight_ms, midnight_ms + DAY_MS))) == parts
    assert len(list(spans(town, midnight_ms + DAY_MS, midnight_ms + 2 * DAY_MS))) == 1


def test_joined_steps_are_changes() -> None:
    """Steps of stretches become one, from the start on, without those that change nothing."""
    parts = [Steps(np.array([0, 10]), np.array([1, 0])), Steps(np.array([20, 30]), np.array([0, 1]))]

    t_ms, count = joined(parts, 5, 40)
    assert (t_ms.tolist(), count.tolist()) == ([5, 10, 30], [1, 0, 1])
    t_ms, count = joined(parts, 12, 30)
    assert (t_ms.tolist(), count.tolist()) == ([12], [0])


@pytest.mark.parametrize("room", ROOMS)
def test_sessions_are_where_somebody_is(room: Room) -> None:
    """Sessions are the stretches in which a space is not empty, and met is when it first holds two."""
    start_ms, end_ms = clock(0), clock(24)
    t_ms, count = BUSY.steps(room.id, start_ms, end_ms)
    held = sessions(BUSY.stays(room.id, start_ms, end_ms))
    is_start = (count > 0) & (np.append(0, count[:-1]) == 0)

    assert [one.from_ms for one in held] == t_ms[is_start].tolist()
    for one in held:
        inside = (t_ms >= one.from_ms) & (t_ms < one.to_ms)
        assert count[inside].min() > 0
        two_ms = t_ms[inside & (count > 1)]
        assert one.met_ms == (two_ms[0] if len(two_ms) else None)


def test_one_after_the_other_do_not_meet() -> None:
    """Who comes as another leaves has not met them, though the space was never empty."""
    (held,) = sessions([stay("a", 9, 10), stay("b", 10, 11)])

    assert (held.from_ms, held.to_ms, held.met_ms) == (clock(9), clock(11), None)
