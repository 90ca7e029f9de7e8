# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""AV equipment: what it does follows from who is there, and what it draws from what it does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.av import AV_DEVICES, AVState, av_state
from bezet.model import SpaceKind
from demo.happenings import Happening, What
from demo.people import Doing
from demo.physics.power import DEVICES, HABITS, av_use, power_w
from tests.demo.physics.weeks import FROM_MS, INSTANTS, ROOMS, TO_MS, busy_town
from tests.demo.towns import MINUTE_MS, Room, clock, meeting, small_town, stay

BUSY = busy_town()
ROOM = "1.01"


@pytest.mark.parametrize("kind", [SpaceKind.MEETING, SpaceKind.HYBRID, SpaceKind.CREATIVE, SpaceKind.DESKS])
def test_how_many_meetings_use_it(kind: SpaceKind) -> None:
    """The share of meetings that use it is that of the table, from one to three minutes after the start."""
    used = 0
    for seed in range(300):
        town = small_town(*meeting(3, 10, 11), kind=kind, seed=seed)
        t_ms, state = av_use(town, ROOM, clock(9), clock(11))
        assert AVState.IN_USE not in state[:1]
        if AVState.IN_USE in state:
            used += 1
            assert 1 * MINUTE_MS <= t_ms[-1] - clock(10) <= 3 * MINUTE_MS
            assert state[-1] == AVState.IN_USE
    assert used / 300 == pytest.approx(HABITS[kind].used, abs=0.09)


def test_one_alone_does_not_use_it() -> None:
    """In a room for meetings it takes two, and cleaners do not count."""
    for seed in range(30):
        alone = stay("p", 10, 12), stay("cleaner", 11, 11.5, Doing.CLEANING)
        town = small_town(*alone, kind=SpaceKind.HYBRID, seed=seed)
        assert AVState.IN_USE not in av_use(town, ROOM, clock(9), clock(13)).count


def test_what_is_left_on() -> None:
    """After some meetings it stays lit, after some of those until the cleaners come."""
    lit_h = []
    for seed in range(300):
        people = *meeting(3, 10, 11), stay("cleaner", 13, 13.2, Doing.CLEANING)
        town = small_town(*people, kind=SpaceKind.HYBRID, seed=seed)
        t_ms, state = av_use(town, ROOM, clock(9), clock(23))
        (lit,) = np.nonzero(state == AVState.ON)
        lit_h += [(t_ms[at + 1] - t_ms[at]) / 3_600_000 for at in lit]

    assert 0.12 < len(lit_h) / 300 < 0.32
    assert max(lit_h) == 2
    assert min(lit_h) < 0.3


def test_some_days_it_is_really_off() -> None:
    """On a few days it is switched off when it is not in use; on the others it stands by."""
    idle = [av_use(small_town(seed=seed), ROOM, clock(9), clock(10)).count.tolist() for seed in range(400)]

    assert all(one in ([AVState.OFF], [AVState.STANDBY]) for one in idle)
    assert 0.03 < idle.count([AVState.OFF]) / 400 < 0.1


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("room", ROOMS)
def test_watts_say_what_it_does(device: str, room: Room) -> None:
    """The product's own thresholds find the state in the watts, in all but use, which no watts can tell."""
    t_ms = np.arange(FROM_MS, TO_MS, 61_000)
    state = av_use(BUSY, room.id, FROM_MS, TO_MS).at(t_ms)
    told = np.array([av_state(watts, device) for watts in power_w(BUSY, room.id, device, t_ms)])

    if room.id != ROOMS[2].id:  # nobody uses a screen at the desks
        assert set(state) >= {AVState.STANDBY, AVState.ON, AVState.IN_USE}
    assert np.array_equal(told, np.minimum(state, AVState.ON))


def test_every_class_of_the_product_has_watts() -> None:
    """Each class of devices that the product knows can be simulated; another one cannot."""
    assert set(DEVICES) == set(AV_DEVICES)
    with pytest.raises(KeyError):
        power_w(BUSY, ROOM, "toaster", np.array([clock(9)]))


def test_devices_ripple_and_differ() -> None:
    """A lit display does not draw the same all the time, nor what another one draws."""
    town = small_town(*meeting(3, 10, 16), kind=SpaceKind.HYBRID)
    t_ms = np.arange(clock(10.1), clock(16), 20_000)
    watts = power_w(town, ROOM, "display", t_ms)

    assert len(np.unique(watts)) == pytest.approx(len(t_ms) / 3, abs=2)
    assert watts.std() < 0.02 * watts.mean()


@settings(deadline=None, max_examples=40)
@given(st.lists(INSTANTS, min_size=3, max_size=6, unique=True), st.sampled_from(ROOMS))
def test_any_split_gives_the_same(edges: list[int], room: Room) -> None:
    """What it does and draws is the same however the span is split, and steps are changes only."""
    edges.sort()
    t_ms = np.arange(edges[0], edges[-1], 300_007)
    whole = av_use(BUSY, room.id, edges[0], edges[-1])
    watts = power_w(BUSY, room.id, "display", t_ms)

    assert whole.t_ms[0] == edges[0]
    assert np.all(whole.count[1:] != whole.count[:-1])
    for pair in itertools.pairwise(edges):
        inside = (t_ms >= pair[0]) & (t_ms < pair[1])
        assert np.array_equal(whole.at(t_ms[inside]), av_use(BUSY, room.id, *pair).at(t_ms[inside]))
        assert np.array_equal(watts[inside], power_w(BUSY, room.id, "display", t_ms[inside]))


def test_the_past_stays_as_it_was() -> None:
    """Whatever somebody makes happen at two, what it did until two is what it was."""
    made = Happening(What.EMPTY, ROOM, clock(14), clock(15))
    quiet = small_town(*meeting(3, 10, 16), kind=SpaceKind.HYBRID)
    changed = small_town(*meeting(3, 10, 16), kind=SpaceKind.HYBRID, happenings=(made,))
    before, same = (av_use(town, ROOM, clock(8), clock(14)) for town in (quiet, changed))

    assert AVState.IN_USE in before.count
    assert all(np.array_equal(*pair) for pair in zip(before, same, strict=True))
    assert AVState.IN_USE not in av_use(changed, ROOM, clock(14), clock(15)).count
