# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When people move: as often as what they do says, and always when they come and go."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.happenings import Happening, What
from demo.people import Doing
from demo.physics.moves import EVERY_S, WALK_MS, moves
from tests.demo.physics.weeks import INSTANTS, ROOMS, busy_town
from tests.demo.towns import Room, clock, meeting, small_town, stay

BUSY = busy_town()
ROOM = "1.01"


@pytest.mark.parametrize("doing", Doing)
def test_how_often_somebody_moves(doing: Doing) -> None:
    """Between two moves of somebody who does that lies what the table says, on average."""
    town = small_town(*(stay(f"p{number}", 8, 18, doing, seat=number) for number in range(20)))
    found = moves(town, ROOM, clock(8) + WALK_MS, clock(18) - WALK_MS)

    expected = 20 * 36_000 / EVERY_S[doing]
    assert len(found.t_ms) == pytest.approx(expected, abs=5 * expected**0.5)
    assert np.all(found.walking == (doing is Doing.CLEANING))
    assert np.bincount(found.seat).min() > 0


def test_who_reads_sits_still_for_long() -> None:
    """Somebody who reads alone for two hours is still for more than a quarter of an hour at a time."""
    town = small_town(*(stay("reader", 9, 11, Doing.QUIET) for _ in range(1)))
    gaps_ms = np.diff(moves(town, ROOM, clock(9), clock(11)).t_ms)

    assert gaps_ms.max() > 15 * 60_000


def test_coming_and_going_is_walking() -> None:
    """For four seconds after coming and before going each half second is a step."""
    town = small_town(stay("p", 10, 11, Doing.QUIET, seat=3))
    for from_ms in (clock(10), clock(11) - WALK_MS):
        found = moves(town, ROOM, from_ms, from_ms + WALK_MS)
        assert found.walking.sum() == WALK_MS // 500
        assert set(found.seat) == {3}
    assert len(moves(town, ROOM, clock(9), clock(10)).t_ms) == 0
    assert len(moves(town, ROOM, clock(11), clock(12)).t_ms) == 0


def test_a_stay_of_a_second() -> None:
    """Whoever only looks in walks in and out, within the stay."""
    found = moves(small_town(stay("p", 10, 10 + 1 / 3600)), ROOM, clock(9), clock(11))

    assert found.walking.all()
    assert found.t_ms[-1] < clock(10) + 1_000


@settings(deadline=None, max_examples=40)
@given(st.lists(INSTANTS, min_size=3, max_size=6, unique=True), st.sampled_from(ROOMS))
def test_any_split_gives_the_same(edges: list[int], room: Room) -> None:
    """Moves are the same however the span is split, and no two are at once."""
    edges.sort()
    whole = moves(BUSY, room.id, edges[0], edges[-1])
    parts = [moves(BUSY, room.id, *pair) for pair in itertools.pairwise(edges)]

    assert np.all(np.diff(whole.t_ms) > 0)
    for column in range(3):
        assert np.array_equal(whole[column], np.concatenate([part[column] for part in parts]))


def test_the_past_stays_as_it_was() -> None:
    """Whatever somebody makes happen at two, moves until two are what they were."""
    made = Happening(What.EMPTY, ROOM, clock(14), clock(15))
    towns = small_town(*meeting(3, 10, 16)), small_town(*meeting(3, 10, 16), happenings=(made,))
    quiet, changed = (moves(town, ROOM, clock(8), clock(14) - WALK_MS) for town in towns)

    assert len(quiet.t_ms) > 3_000
    assert all(np.array_equal(*pair) for pair in zip(quiet, changed, strict=True))
