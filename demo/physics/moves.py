# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When people in a space move in a way that a sensor could see."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.dice import generator
from demo.people import Doing
from demo.physics.doors import apart
from demo.physics.spans import spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bezet.usage.columns import Floats, Ints
    from demo.people import Stay
    from demo.physics.spans import Span
    from demo.town import Town

#: Between two moves of one person lie so many seconds on average; the gaps are exponential. All ours: who
#: types moves head or trunk now and then, who reads alone may sit still for a quarter of an hour or longer.
EVERY_S: Mapping[Doing, float] = {
    Doing.DESK: 40,
    Doing.MEETING: 10,
    Doing.QUIET: 750,
    Doing.CALL: 15,
    Doing.MEAL: 10,
    Doing.CLEANING: 2,
}
#: Somebody walks so long when they come and before they leave, and each step is a move (ours).
WALK_MS, PACE_MS = 4_000, 500


class Moves(NamedTuple):
    """Moves at rising instants: whether it is walking, and at which seat; all shape (n,)."""

    t_ms: Ints
    walking: NDArray[np.bool_]
    seat: Ints


def moves(town: Town, space: str, start_ms: int, end_ms: int) -> Moves:
    """All moves in [`start_ms`, `end_ms`) of all who are in a space."""
    parts = [_moves(town, space, span) for span in spans(town, start_ms, end_ms)]
    t_ms, walking, seat = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = slice(*np.searchsorted(t_ms, (start_ms, end_ms)))
    return Moves(t_ms[inside], walking[inside], seat[inside])


@lru_cache(maxsize=64)
def _moves(town: Town, space: str, span: Span) -> Moves:
    found = [_of_stay(town.seed, stay, span) for stay in town.stays(space, *span)]
    if not found:
        return Moves(np.empty(0, np.int64), np.empty(0, bool), np.empty(0, np.int64))
    t_ms, walking, seat = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(t_ms, kind="stable")
    return Moves(apart(t_ms[order], span.to_ms), walking[order], seat[order])


def _of_stay(seed: int, stay: Stay, span: Span) -> Moves:
    """The moves of one person, as far as they lie in a stretch."""
    walk_ms = min(WALK_MS, (stay.to_ms - stay.from_ms) // 2)
    steps_ms = np.arange(0, walk_ms, PACE_MS, dtype=np.int64)
    seated_ms = stay.from_ms + walk_ms + _seated_ms(seed, stay, stay.to_ms - stay.from_ms - 2 * walk_ms)
    t_ms = np.concatenate((stay.from_ms + steps_ms, seated_ms, stay.to_ms - walk_ms + steps_ms))
    walking = np.full(len(t_ms), True)
    walking[len(steps_ms) : len(steps_ms) + len(seated_ms)] = stay.doing is Doing.CLEANING
    inside = slice(*np.searchsorted(t_ms, span))
    return Moves(t_ms[inside], walking[inside], np.full(len(t_ms[inside]), stay.seat, np.int64))


def _seated_ms(seed: int, stay: Stay, length_ms: int) -> Ints:
    """Moves within so many ms; those of a longer stay begin with the same."""
    dice = generator(seed, "moves", stay.person, stay.from_ms)
    every_ms = 1000 * EVERY_S[stay.doing]
    drawn: list[Floats] = []
    while sum(gaps.sum() for gaps in drawn) < length_ms:
        drawn.append(dice.exponential(every_ms, 16 + int(1.1 * length_ms / every_ms)))
    t_ms = np.cumsum(np.concatenate([np.empty(0), *drawn])).astype(np.int64)
    return t_ms[t_ms < length_ms]
