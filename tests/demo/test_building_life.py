# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The simulated people: the same for the same seed, never too many, and never in two minds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import SpaceKind
from demo.building_life import RHYTHMS, SimulatedSpace, dice, stays, tables, walks_in

NOW_MS = 1_795_428_000_000
HOUR_S = 3_600
ROOM = SimulatedSpace("1.03", SpaceKind.HYBRID, 10, 31.5, seed=1)

spaces = st.builds(
    SimulatedSpace,
    id=st.sampled_from(["0.01", "1.04"]),
    kind=st.sampled_from(SpaceKind),
    capacity=st.integers(1, 60),
    area_m2=st.floats(1, 500),
    seed=st.integers(1, 10_000),
)
instants = st.integers(0, 4_102_444_800_000)


@given(spaces, instants)
def test_never_more_than_fit(space: SimulatedSpace, t_ms: int) -> None:
    """At no instant are there more people than the space is meant for, and all of them are there then."""
    found = stays(space, t_ms)

    assert len(found) <= space.capacity
    assert all(stay.from_ms <= t_ms < stay.to_ms for stay in found)
    assert len({stay.person for stay in found}) == len(found)


@given(spaces)
def test_tables_seat_everybody(space: SimulatedSpace) -> None:
    """The tables of a space together are for its capacity."""
    assert sum(tables(space)) == space.capacity


@given(spaces, instants, st.integers(0, 60_000))
def test_a_stay_is_a_stay_from_everywhere(space: SimulatedSpace, t_ms: int, later_ms: int) -> None:
    """Who is there at one instant, and has not gone by another, is there then."""
    then = set(stays(space, t_ms + later_ms))

    assert {stay for stay in stays(space, t_ms) if stay.to_ms > t_ms + later_ms} <= then


def hour(space: SimulatedSpace) -> list[int]:
    """How many people there are at each second of an hour."""
    return [len(stays(space, NOW_MS + second * 1000)) for second in range(HOUR_S)]


def test_a_seed_is_a_building() -> None:
    """The same seed gives the same people; another seed gives others."""
    assert hour(ROOM) == hour(replace(ROOM))
    assert hour(ROOM) != hour(replace(ROOM, seed=2))


def test_dice_fall_the_same_everywhere() -> None:
    """The dice depend on the words alone, on every machine and in every version of Python."""
    assert dice(1, "1.03", "start") == dice("1", "1.03", "start") == 0.059091750401584875


@pytest.mark.parametrize("kind", [SpaceKind.PHONE, SpaceKind.HYBRID, SpaceKind.MEETING])
def test_rooms_are_used_and_empty(kind: SpaceKind) -> None:
    """A room with one table is empty and used several times an hour, so that there is something to see."""
    people = hour(replace(ROOM, kind=kind, capacity=1 if kind is SpaceKind.PHONE else 8))
    arrivals = sum(before == 0 < now for before, now in pairwise(people))

    assert arrivals >= 8


def test_visits_are_as_long_as_their_kind_says() -> None:
    """Nobody stays longer than the rhythm of the kind of space allows."""
    longest_ms = RHYTHMS[ROOM.kind].longest_s * 1000

    assert all(
        0 < stay.to_ms - stay.from_ms <= longest_ms
        for second in range(HOUR_S)
        for stay in stays(ROOM, NOW_MS + second * 1000)
    )


def test_walking_in() -> None:
    """Somebody walks in where there is nobody at first, and somebody at the end."""
    people = hour(ROOM)
    expected = [people[s] == people[s + 3] == 0 < people[s + 8] for s in range(HOUR_S - 8)]
    found = [walks_in(ROOM, NOW_MS + s * 1000, within_ms=(3_000, 8_000)) for s in range(HOUR_S - 8)]

    assert any(expected)
    assert found == expected


@pytest.mark.parametrize("wrong", [{"capacity": 0}, {"area_m2": 0.0}])
def test_no_space_without_room(wrong: dict[str, float]) -> None:
    """A space for nobody, or without a floor, is refused."""
    with pytest.raises(ValueError, match="above 0"):
        replace(ROOM, **wrong)  # type: ignore[arg-type]
