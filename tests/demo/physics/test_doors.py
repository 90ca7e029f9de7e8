# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Doors and who goes through them: everybody once on coming and once on going."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import SpaceKind
from demo.happenings import Happening, What
from demo.people import Doing
from demo.physics.doors import HABITS, LATE_MS, apart, door_open, passages
from tests.demo.physics.weeks import FROM_MS, INSTANTS, ROOMS, TO_MS, busy_town
from tests.demo.towns import MINUTE_MS, Room, clock, meeting, small_town, stay

if TYPE_CHECKING:
    from demo.town import Town

BUSY = busy_town()
ROOM = "1.01"


@pytest.mark.parametrize("room", ROOMS)
def test_everybody_comes_once_and_goes_once(room: Room) -> None:
    """There are as many passages inwards as stays, as many outwards, each near the end it belongs to."""
    stays = BUSY.stays(room.id, FROM_MS, TO_MS)
    t_ms, inwards = passages(BUSY, room.id, FROM_MS - LATE_MS, TO_MS + LATE_MS)

    assert inwards.sum() == (~inwards).sum() == len(stays) > 50
    assert np.all(np.diff(t_ms) > 0)
    for sign, passed in ((1, t_ms[inwards]), (-1, t_ms[~inwards])):
        expected = sorted(one.from_ms if sign == 1 else one.to_ms for one in stays)
        late_ms = sign * (passed - np.array(expected))
        assert late_ms.min() > -len(stays)
        assert late_ms.max() < LATE_MS + len(stays)


@pytest.mark.parametrize("room", ROOMS)
def test_nobody_leaves_who_did_not_come(room: Room) -> None:
    """Whoever counts at the door never counts less than nobody, and nobody is left at the end."""
    _, inwards = passages(BUSY, room.id, FROM_MS, TO_MS)
    inside = np.cumsum(np.where(inwards, 1, -1))

    assert inside.min() >= 0
    assert inside[-1] == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(INSTANTS, min_size=3, max_size=6, unique=True), st.sampled_from(ROOMS))
def test_any_split_gives_the_same(edges: list[int], room: Room) -> None:
    """Passages and the state of the door are the same however the span is split."""
    edges.sort()
    whole = passages(BUSY, room.id, edges[0], edges[-1])
    parts = [passages(BUSY, room.id, *pair) for pair in itertools.pairwise(edges)]
    door = door_open(BUSY, room.id, edges[0], edges[-1])

    for column in range(2):
        assert np.array_equal(whole[column], np.concatenate([part[column] for part in parts]))
    for pair in itertools.pairwise(edges):
        t_ms = np.arange(pair[0], pair[1], 100_003)
        assert np.array_equal(door.at(t_ms), door_open(BUSY, room.id, *pair).at(t_ms))


@pytest.mark.parametrize("kind", SpaceKind)
def test_who_passes_finds_the_door_open(kind: SpaceKind) -> None:
    """The door is open while somebody goes through it; where there is none it always is."""
    town = busy_town_of(kind)
    door = door_open(town, ROOM, clock(0), clock(24))

    assert np.all(door.at(passages(town, ROOM, clock(0), clock(24)).t_ms) == 1)
    assert set(door.count) == ({0, 1} if kind in HABITS else {1})
    assert np.all(door.count[1:] != door.count[:-1])


def busy_town_of(kind: SpaceKind) -> Town:
    """A space of a kind with people in it at twelve times of the day."""
    stays = [stay(f"p{number}", 6 + number, 6.5 + number) for number in range(12)]
    return small_town(*stays, kind=kind)


def test_a_meeting_shuts_the_door() -> None:
    """The door of most meetings is shut some minutes after the first came, and opens as they leave."""
    shut = after = 0
    for seed in range(100):
        town = small_town(*meeting(4, 10, 11), seed=seed)
        door = door_open(town, ROOM, clock(9), clock(12))
        shut += door.at(np.array([clock(10.5)]))[0] == 0
        after += door.at(np.array([clock(11.5)]))[0] == 1

    assert 75 < shut < 95
    assert 75 < after < 95


def test_who_comes_late_opens_the_door() -> None:
    """Somebody who joins a meeting opens its door for some seconds."""
    town = small_town(*meeting(3, 10, 11), stay("late", 10.5, 11, seat=5), seed=1)
    t_ms, count = door_open(town, ROOM, clock(10.4), clock(10.9))

    assert count.tolist() == [0, 1, 0]
    assert 2_000 < t_ms[2] - t_ms[1] < 9_000


def test_cleaners_leave_the_door_open() -> None:
    """Nobody shuts a door to clean behind it."""
    town = small_town(stay("cleaner", 19, 19.5, Doing.CLEANING))

    assert np.all(door_open(town, ROOM, clock(19) + MINUTE_MS, clock(19.45)).count == 1)


def test_the_past_stays_as_it_was() -> None:
    """Whatever somebody makes happen at two, doors and passages until two are what they were."""
    quiet = small_town(*meeting(3, 10, 16))
    made = small_town(*meeting(3, 10, 16), happenings=(Happening(What.EMPTY, ROOM, clock(14), clock(15)),))
    span = clock(8), clock(14) - LATE_MS

    for found in (door_open, passages):
        for column, same in zip(found(quiet, ROOM, *span), found(made, ROOM, *span), strict=True):
            assert np.array_equal(column, same)
    assert (
        passages(made, ROOM, clock(14) - LATE_MS, clock(15) + LATE_MS).inwards.tolist()
        == [False] * 3 + [True] * 3
    )


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_no_two_at_once(instants: list[int]) -> None:
    """Instants are moved apart by as little as makes them rise, and stay before the end."""
    moved = apart(np.array(sorted(instants)), 60)

    assert np.all(np.diff(moved) > 0)
    assert moved[-1] < 60
