# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A day of truth written by hand, and stores in which somebody said something about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.messages import Batch, Clock
from bezet.model import Because, Kind, Occupancy, Reading, State
from demo.truth.files import TrueAir
from demo.truth.hours import Spans
from demo.truth.reading import Truth
from store.memory import MemoryStore
from tests.demo.towns import MINUTE_MS, clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from demo.people import Stay, Thing

FREE, BUSY, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN
SITE, SPACE = "small", "1.01"
#: Agents say again what they said.
AGAIN_MS = 5 * MINUTE_MS


class Said(NamedTuple):
    """What a device says between two hours of the clock, and how many people it counts."""

    from_h: float
    to_h: float
    occupancy: Occupancy
    people: float | None = None


def truth_of(
    stays: Iterable[Stay] = (),
    things: Iterable[Thing] = (),
    *,
    covered: Iterable[tuple[int, int]] | None = None,
    co2_ppm: float = 450.0,
    spaces: tuple[str, ...] = (SPACE,),
) -> Truth:
    """The truth of Tuesday: these stays, in air that is always the same."""
    start_ms, end_ms = clock(0), clock(24)
    here, left = list(stays), list(things)
    t_ms = np.arange(start_ms, end_ms, AGAIN_MS, dtype=np.int64)
    return Truth(
        seed=1,
        spaces=spaces,
        covered=Spans.of(covered or [(start_ms, end_ms)], 0, 2**53),
        always=(),
        changes=(),
        stays={space: tuple(one for one in here if one.space == space) for space in spaces},
        things={space: tuple(one for one in left if one.space == space) for space in spaces},
        bookings=(),
        faults=(),
        air=TrueAir(spaces, t_ms, np.full((len(spaces), len(t_ms)), co2_ppm)),
    )


def states(said: Iterable[Said]) -> Iterator[State]:
    """The states of a device that says this, again and again."""
    for one in said:
        for t_ms in range(clock(one.from_h), clock(one.to_h), AGAIN_MS):
            yield state(t_ms, one.occupancy, one.people)


def state(t_ms: int, occupancy: Occupancy, people: float | None = None) -> State:
    """What a device says at an instant."""
    return State(t_ms, occupancy, 0.9, t_ms, (Because.MOTION,), "rule-1", people)


def perfect(
    truth: Truth, space: str = SPACE, start_ms: int = clock(0), end_ms: int = clock(24)
) -> list[State]:
    """What a device says that knows everything."""
    steps = truth.steps(space, start_ms, end_ms)
    t_ms = np.unique(np.append(steps.t_ms, np.arange(start_ms, end_ms, AGAIN_MS)))
    people = zip(t_ms.tolist(), steps.at(t_ms).tolist(), strict=True)
    return [state(at_ms, BUSY if count else FREE, count) for at_ms, count in people]


def co2(from_h: float, to_h: float, ppm: float) -> Iterator[Reading]:
    """A sensor that says so, again and again."""
    for t_ms in range(clock(from_h), clock(to_h), AGAIN_MS):
        yield Reading(t_ms, "co2", Kind.CO2_PPM, ppm)


def stored(
    *rows: State | Reading, space: str = SPACE, device: str = "pi-1", into: MemoryStore | None = None
) -> MemoryStore:
    """A store, or this one, in which a device said this of a space."""
    store = into or MemoryStore()
    readings = tuple(row for row in rows if isinstance(row, Reading))
    said = tuple(row for row in rows if isinstance(row, State))
    store.write([Batch(SITE, device, space, "0" * 16, 1, Clock.TRUSTED, readings, said)])
    return store
