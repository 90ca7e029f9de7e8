# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stretches of time that are worked out as a whole, and steps of what changes in them.

Whoever asks for any span of time gets pieces of the same stretches, and so the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.town import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bezet.usage.columns import Floats, Ints
    from demo.people import Stay
    from demo.town import Town

DAY_MS = 86_400_000
#: In how many parts a day is worked out, so that a part holds at most a day of life where life goes faster.
PARTS = (1, 24, 96, 288, 1_440)
#: What people did longer ago than this has no consequence for doors and equipment.
LATELY_MS = 6 * 3_600_000


class Span(NamedTuple):
    """A stretch of time, [`from_ms`, `to_ms`)."""

    from_ms: int
    to_ms: int


def spans(town: Town, start_ms: int, end_ms: int) -> Iterator[Span]:
    """The stretches that [`start_ms`, `end_ms`) touches, whole and in order: days of UTC or parts of them."""
    for day_ms in range(start_ms // DAY_MS * DAY_MS, end_ms, DAY_MS):
        fast = [
            piece.speed for piece in town.bent if piece.from_ms < day_ms + DAY_MS and piece.to_ms > day_ms
        ]
        parts = next(one for one in PARTS if one >= max(fast, default=1) or one == PARTS[-1])
        each_ms = DAY_MS // parts
        for from_ms in range(day_ms, day_ms + DAY_MS, each_ms):
            if from_ms < end_ms and from_ms + each_ms > start_ms:
                yield Span(from_ms, from_ms + each_ms)


def lately(town: Town, space: str, span: Span) -> Sequence[Stay]:
    """Who is in a space in a stretch, or was shortly before it, in order of coming."""
    return town.stays(space, span.from_ms - LATELY_MS, span.to_ms)


class Levels(NamedTuple):
    """How much there is from each instant on: `level[n]` from `t_ms[n]` up to the next; both shape (n,)."""

    t_ms: Ints
    level: Floats

    def at(self, t_ms: Ints) -> Floats:
        """How much there is at these instants, none of which is before the first."""
        return self.level[np.searchsorted(self.t_ms, t_ms, side="right") - 1]

    def means(self, edges_ms: Ints) -> Floats:
        """How much there is on average between each two edges, shape (len(edges_ms) - 1,).

        The first edge is not before the first level, the last one behind all levels.
        """
        t_ms = np.append(self.t_ms, edges_ms[-1])
        total = np.concatenate(([0.0], np.cumsum(self.level * np.diff(t_ms))))
        return np.diff(np.interp(edges_ms, t_ms, total)) / np.diff(edges_ms)


def heaped(turns: Iterable[tuple[int, int, float]], span: Span) -> Levels:
    """How much lies on top of each other, where every turn (from, to, how much) adds to what there is."""
    rows = np.array([turn for turn in turns if turn[0] < turn[1]], np.float64).reshape(-1, 3)
    t_ms = np.concatenate(((span.from_ms,), rows[:, 0], rows[:, 1])).astype(np.int64)
    change = np.concatenate(((0.0,), rows[:, 2], -rows[:, 2]))
    inside = t_ms < span.to_ms
    instants, place = np.unique(np.maximum(t_ms[inside], span.from_ms), return_inverse=True)
    return Levels(instants, np.cumsum(np.bincount(place, change[inside])))


def joined(parts: Iterable[Steps], start_ms: int, end_ms: int) -> Steps:
    """The steps of stretches that follow each other as one, from `start_ms` up to `end_ms`; only changes."""
    columns = tuple(parts)
    t_ms = np.concatenate([one.t_ms for one in columns])
    count = np.concatenate([one.count for one in columns])
    first, behind = np.searchsorted(t_ms, start_ms, side="right") - 1, np.searchsorted(t_ms, end_ms)
    t_ms, count = np.maximum(t_ms[first:behind], start_ms), count[first:behind]
    changes = np.append(True, count[1:] != count[:-1])
    return Steps(t_ms[changes], count[changes])
