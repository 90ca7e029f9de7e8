# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Radars: one sees who sits still, one follows who moves, and both may see ghosts."""

from __future__ import annotations

import itertools
from collections import Counter
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
from demo.sensing import make_signal
from demo.sensing.radar import GHOST_MS, MOST_TARGETS, SURE_M, UNMANNED_S, RadarSignal
from edge.report import Reporter
from edge.sensors import Measured
from tests.demo.physics.weeks import FROM_MS, INSTANTS, TO_MS, busy_town
from tests.demo.towns import DAY_MS, Room, clock, meeting, small_town, stay

if TYPE_CHECKING:
    from bezet.usage.columns import Ints
    from demo.town import Town

BUSY = busy_town(faults=ALL)
RADARS = ("ld2410", "ld2450")
BOOTH = (Room("1.01", SpaceKind.PHONE, 1, 2.25),)


def hung(driver: str, space: str = "1.01", number: int = 1) -> Hung:
    """A radar of that driver."""
    return Hung(f"{driver}-{number}-{space}", space, "pi", driver, phase_ms=33)


def numbers(town: Town, of: Hung, start_ms: int, end_ms: int) -> Ints:
    """The numbers of its reports."""
    found: Ints = make_signal(town, of).reports(start_ms, end_ms).numbers
    return found


# --- LD2410 -------------------------------------------------------------------------------------------------


def test_who_sits_still_nearby_is_seen() -> None:
    """Somebody who reads in a booth is there in every report, from a second after they came."""
    town = small_town(stay("reads", 9, 17, Doing.QUIET), spaces=BOOTH)
    state, moving_pct, still_pct = numbers(town, hung("ld2410"), clock(9) + 1_000, clock(17))

    assert state.min() > 0
    assert still_pct.min() > 50
    assert moving_pct[:60].max() > 20
    assert np.median(moving_pct) < 5


def test_the_far_edge_is_lost_now_and_then() -> None:
    """Who sits still far away is lost for a minute at a time, and who sits near never."""
    rooms = (Room("1.01", SpaceKind.FOCUS, 12, 36.0),)
    lost = {}
    for seat in range(12):
        town = small_town(stay("reads", 9, 17, Doing.QUIET, seat=seat), spaces=rooms)
        signal = RadarSignal(town, hung("ld2410"))
        state, *_ = signal.reports(clock(9) + 1_000, clock(17)).numbers
        lost[signal.distance_m(seat)] = np.mean(state == 0)

    near = [share for distance_m, share in lost.items() if distance_m < SURE_M]
    edge = [share for distance_m, share in lost.items() if SURE_M < distance_m < 6]
    assert max(near) == 0
    assert 0 < np.mean(edge) < 0.2
    assert min(len(near), len(edge)) > 2


@pytest.mark.parametrize("driver", RADARS)
def test_who_left_is_gone_soon(driver: str) -> None:
    """A few seconds after the last has left nobody is reported any more."""
    town = small_town(*meeting(3, 9, 10))
    said = make_signal(town, hung(driver)).words(clock(9.9), clock(11))
    last_ms = said.t_ms[said.amounts[0] > 0].max()

    assert clock(10) - 1_000 <= last_ms <= clock(10) + 1_000 * (UNMANNED_S + 3)
    assert said.amounts[:, said.t_ms > last_ms].max() == 0


def test_energies_make_few_readings() -> None:
    """A lively room costs at most 60 readings of energy an hour, after what is no news was left out."""
    town = small_town(*meeting(4, 9, 12), kind=SpaceKind.FOCUS)
    words = make_signal(town, hung("ld2410")).words(clock(9.5), clock(11.5))
    reporter, count = Reporter(), Counter[Kind]()
    for t_ms, row in zip(words.t_ms.tolist(), words.amounts.T.tolist(), strict=True):
        measured = [Measured(kind, amount) for (kind, _), amount in zip(words.said, row, strict=True)]
        count.update(due.measured.kind for due in reporter.offer("radar", measured, t_ms))

    assert 24 <= count[Kind.MOVING_ENERGY_PCT] + count[Kind.STILL_ENERGY_PCT] <= 2 * 60


# --- LD2450 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", ["1.01", "1.02", "1.03"])
def test_it_never_counts_more_than_there_are(space: str) -> None:
    """It follows nobody who is not there, and three at most."""
    town = busy_town(faults=ALL - {Fault.RADAR_GHOSTS})
    t_ms, (count,) = make_signal(town, hung("ld2450", space)).reports(FROM_MS, TO_MS)
    people = town.steps(space, FROM_MS, TO_MS).at(t_ms)

    assert np.all(count <= people)
    assert count.max() == MOST_TARGETS


def test_it_follows_who_moves_and_loses_who_does_not() -> None:
    """Two who talk are two most of the time; somebody who reads is soon lost."""
    town = small_town(*meeting(2, 9, 12), stay("reads", 13, 17, Doing.QUIET))
    (talk,) = numbers(town, hung("ld2450"), clock(9.1), clock(11.9))
    (read,) = numbers(town, hung("ld2450"), clock(13.1), clock(16.9))

    assert np.mean(talk == 2) > 0.9
    assert 0 < read.mean() < 0.5


# --- ghosts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", RADARS)
def test_there_are_no_ghosts_without_the_fault(driver: str) -> None:
    """An empty space is empty for four weeks."""
    town = small_town()

    assert numbers(town, hung(driver), clock(0), clock(0) + 7 * DAY_MS).max() == 0


@pytest.mark.parametrize("kind", [SpaceKind.PHONE, SpaceKind.SOCIAL])
def test_ghosts_come_for_minutes(kind: SpaceKind) -> None:
    """With the fault the one radar of a town sees somebody in its empty space for a while, most hours."""
    town = small_town(kind=kind, faults=frozenset({Fault.RADAR_GHOSTS}))
    (of,) = (one for one in hung_in(town.plan) if one.driver in RADARS)
    t_ms, amounts = make_signal(town, of).words(clock(0), clock(0) + 7 * DAY_MS)[1:]
    turns_ms = t_ms[np.flatnonzero(np.diff(amounts[0])) + 1]
    lasts_ms = np.diff(turns_ms)[::2]

    assert 0.05 < amounts[0].mean() < 0.25
    assert GHOST_MS[0] - 1_000 <= lasts_ms.min()
    assert np.median(lasts_ms) <= GHOST_MS[1]
    assert 60 < len(lasts_ms) < 168
    if of.driver == "ld2410":
        assert amounts[1].max() == 0
        assert 25 <= amounts[2][amounts[0] > 0].min() <= amounts[2].max() <= 60
    else:
        assert amounts[1].max() == 1


@pytest.mark.parametrize("driver", RADARS)
def test_ghosts_hide_while_people_are_there(driver: str) -> None:
    """The fault changes nothing in the reports while somebody is seen."""
    of = next(one for one in hung_in(busy_town().plan) if one.driver in RADARS)
    of = Hung(of.id, "1.01", "pi", driver, phase_ms=33)
    haunted, plain = (
        numbers(busy_town(faults=faults), of, FROM_MS, FROM_MS + 5 * DAY_MS)
        for faults in (frozenset({Fault.RADAR_GHOSTS}), frozenset[Fault]())
    )

    assert np.array_equal(haunted[:, plain[0] > 0], plain[:, plain[0] > 0])
    assert not np.array_equal(haunted, plain)


# --- any town -----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(
    st.lists(INSTANTS, min_size=3, max_size=4, unique=True),
    st.sampled_from(RADARS),
    st.sampled_from(("1.01", "1.03", "1.04")),
)
def test_any_split_gives_the_same(edges: list[int], driver: str, space: str) -> None:
    """Reports are the same however the span is split."""
    edges.sort()
    of = hung(driver, space)
    whole = make_signal(BUSY, of).words(edges[0], edges[-1])
    parts = [make_signal(BUSY, of).words(*pair) for pair in itertools.pairwise(edges)]

    assert np.array_equal(np.concatenate([part.t_ms for part in parts]), whole.t_ms)
    assert np.array_equal(np.concatenate([part.amounts for part in parts], axis=1), whole.amounts)
    assert np.all(whole.t_ms % 1_000 == of.phase_ms)


@pytest.mark.parametrize("driver", RADARS)
@pytest.mark.parametrize("what", [What.FILL, What.EMPTY])
def test_what_happens_leaves_the_past_as_it_was(driver: str, what: What) -> None:
    """Whatever somebody makes happen, the radar reported the same up to a few seconds before."""
    happening = Happening(what, "1.01", clock(12), clock(13), people=4)
    towns = [small_town(*meeting(2, 9, 17), happenings=made) for made in ((), (happening,))]

    before, after = (numbers(town, hung(driver), clock(8), clock(12) - 5_000) for town in towns)
    assert np.array_equal(before, after)
    before, after = (numbers(town, hung(driver), clock(12), clock(13)) for town in towns)
    assert not np.array_equal(before, after)
