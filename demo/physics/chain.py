# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What follows from the hours before it: worked out from some days before each week on, by stretches.

A week is long enough that each day is worked out once and a half only, and what was four days before it does
not matter any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from demo.faults import MONDAY_MS, WEEK_MS
from demo.physics.spans import DAY_MS, spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.town import Town

#: From Thursday on: the least that changes the air of a closed space, 0.1 volumes an hour, leaves 7 parts in
#: 100,000 of what was there before.
WARM_UP_MS = 4 * DAY_MS


class Table(Protocol):
    """What was worked out of one stretch."""

    @property
    def span(self) -> Span:
        """The stretch."""


Found = TypeVar("Found", bound=Table)


class Chain(Generic[Found]):
    """The stretches of one week, each made when it is first asked for, of the stretch and of the one before.

    `make` is given None in place of the first.
    """

    def __init__(self, town: Town, week_ms: int, make: Callable[[Span, Found | None], Found]) -> None:
        self._spans = spans(town, week_ms - WARM_UP_MS, week_ms + WEEK_MS)
        self._make = make
        self._found: list[Found] = []

    def tables(self, start_ms: int, end_ms: int) -> Iterator[Found]:
        """What is known of [`start_ms`, `end_ms`), which lies within the week, in order."""
        while not self._found or self._found[-1].span.to_ms < end_ms:
            self._found.append(self._make(next(self._spans), self._found[-1] if self._found else None))
        yield from (one for one in self._found if one.span.from_ms < end_ms and one.span.to_ms > start_ms)


def tables(week: Callable[[int], Chain[Found]], start_ms: int, end_ms: int) -> Iterator[Found]:
    """What is known of [`start_ms`, `end_ms`), in order.

    `week` gives the chain of the week that begins at an instant.
    """
    first_ms = (start_ms - MONDAY_MS) // WEEK_MS * WEEK_MS + MONDAY_MS
    for week_ms in range(first_ms, end_ms, WEEK_MS):
        yield from week(week_ms).tables(max(start_ms, week_ms), min(end_ms, week_ms + WEEK_MS))


def evaluated(week: Callable[[int], Chain[Found]], at: Callable[[Found, Ints], Floats], t_ms: Ints) -> Floats:
    """What `at` reads in the tables at these rising instants."""
    if not len(t_ms):
        return np.empty(0)
    read = []
    for table in tables(week, int(t_ms[0]), int(t_ms[-1]) + 1):
        first, behind = np.searchsorted(t_ms, table.span)
        read.append(at(table, t_ms[first:behind]))
    return np.concatenate(read)
