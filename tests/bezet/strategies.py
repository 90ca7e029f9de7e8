# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whatever the contract can say, for hypothesis to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

from bezet import wire
from bezet.errors import Cause
from bezet.model import KINDS, Because, Kind, Occupancy, Reading, State

if TYPE_CHECKING:
    from collections.abc import Callable

#: A slow machine is no failure.
unhurried = settings(deadline=None)

ids = st.from_regex(wire.ID, fullmatch=True)
boots = st.from_regex(wire.BOOT, fullmatch=True)
software = st.from_regex(wire.SOFTWARE, fullmatch=True)
instants = st.integers(wire.T_MIN_MS, wire.T_MAX_MS)
counts = st.integers(0, 2**53)
seqs = st.integers(1, 2**53)
people = st.none() | st.floats(0, 10_000)


@st.composite
def readings(draw: st.DrawFn, instants: st.SearchStrategy[int] = instants) -> Reading:
    """A reading inside the bounds of its kind."""
    kind = draw(st.sampled_from(Kind))
    bounds = KINDS[kind]
    return Reading(draw(instants), draw(ids), kind, draw(st.floats(bounds.low, bounds.high)))


@st.composite
def states(draw: st.DrawFn, instants: st.SearchStrategy[int] = instants) -> State:
    """A state that did not begin after its instant."""
    since_ms, t_ms = sorted((draw(instants), draw(instants)))
    return State(
        t_ms=t_ms,
        occupancy=draw(st.sampled_from(Occupancy)),
        probability=draw(st.floats(0, 1)),
        since_ms=since_ms,
        because=tuple(draw(st.lists(st.sampled_from(Because), max_size=len(Because)))),
        rule=draw(ids),
        people=draw(people),
        people_low=draw(people),
        people_high=draw(people),
    )


def some(one: st.SearchStrategy[Any], most: int = 5) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few of them."""
    return st.lists(one, max_size=most).map(tuple)


batches = st.builds(
    wire.Batch,
    site=ids,
    device=ids,
    space=ids,
    boot=boots,
    seq=seqs,
    clock=st.sampled_from(wire.Clock),
    readings=some(readings()),
    states=some(states()),
)

lives = st.builds(wire.Live, site=ids, device=ids, space=ids, state=states())

healths = st.builds(
    wire.Health,
    site=ids,
    device=ids,
    t_ms=instants,
    boot=boots,
    online=st.booleans(),
    uptime_s=counts,
    queued=counts,
    refused=counts,
    clock=st.sampled_from(wire.Clock),
    sensors=st.dictionaries(ids, st.sampled_from(wire.SensorState), max_size=8),
    troubles=some(st.sampled_from(wire.Trouble)),
    version=software,
)


def spans(make: Callable[..., Any], *more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """From a first to a last number, with more behind it."""
    return st.tuples(seqs, seqs, *more).map(lambda found: make(*sorted(found[:2]), *found[2:]))


receipts = st.builds(
    wire.Receipt,
    site=ids,
    device=ids,
    boot=boots,
    ranges=some(spans(lambda first, last: (first, last))),
    refused=some(spans(wire.Refusal, st.sampled_from(Cause))),
)

people = st.one_of(st.none(), st.floats(0, 10_000))
demands = st.builds(
    wire.Demand,
    *(ids, ids, instants, st.sampled_from(wire.Need), people, people, people),
    *(st.one_of(st.none(), instants), st.one_of(st.none(), instants)),
)
messages: st.SearchStrategy[wire.Message] = st.one_of(batches, lives, healths, receipts, demands)
