# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Doors, and who goes through them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import SpaceKind
from demo.dice import dice
from demo.physics.sessions import sessions
from demo.physics.spans import Span, heaped, joined, lately, spans
from demo.town import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from bezet.usage.columns import Ints
    from demo.people import Stay
    from demo.physics.sessions import Session
    from demo.town import Town


class Habit(NamedTuple):
    """What people do with the doors of spaces of a kind.

    `rests_open` is the share of doors that stand open while nobody is there; `left_open` the share of
    sessions in which nobody shuts it; otherwise it is shut `shut_s` after the first came, on average.
    """

    rests_open: float
    left_open: float
    shut_s: float


#: Kinds of spaces that have a door; the others are open to the corridor. The numbers are ours: a booth's door
#: falls shut by itself, a meeting waits for those who are late.
HABITS: Mapping[SpaceKind, Habit] = {
    SpaceKind.FOCUS: Habit(0.6, 0.3, 15),
    SpaceKind.MEETING: Habit(0.85, 0.15, 75),
    SpaceKind.HYBRID: Habit(0.85, 0.08, 60),
    SpaceKind.CREATIVE: Habit(0.9, 0.6, 180),
    SpaceKind.PHONE: Habit(0.25, 0.02, 4),
}
#: How far from the beginning and the end of a stay somebody goes through the door, at most.
LATE_MS = 3_000
#: A shut door opens so long before somebody is in it, and for so long, at least and at most (ours).
BEFORE_MS = 1_000
HOLD_MS = (2_500, 7_000)


class Passages(NamedTuple):
    """When somebody goes through the door, rising, and whether inwards; both shape (n,)."""

    t_ms: Ints
    inwards: NDArray[np.bool_]


def has_door(town: Town, space: str, span: Span) -> bool:
    """Whether a space has a door, by what it is when a stretch begins."""
    return town.layout(space, span.from_ms).kind in HABITS


def door_open(town: Town, space: str, start_ms: int, end_ms: int) -> Steps:
    """Whether the door stands open, 1 or 0; always 1 where there is none."""
    return joined((_door(town, space, span) for span in spans(town, start_ms, end_ms)), start_ms, end_ms)


def passages(town: Town, space: str, start_ms: int, end_ms: int) -> Passages:
    """Who goes in and out in [`start_ms`, `end_ms`): in once as each stay begins, out once as it ends."""
    parts = [_passages(town, space, span) for span in spans(town, start_ms, end_ms)]
    t_ms = np.concatenate([part.t_ms for part in parts])
    first, behind = np.searchsorted(t_ms, (start_ms, end_ms))
    inwards = np.concatenate([part.inwards for part in parts])
    return Passages(t_ms[first:behind], inwards[first:behind])


@lru_cache(maxsize=256)
def _door(town: Town, space: str, span: Span) -> Steps:
    habit = HABITS.get(town.layout(space, span.from_ms).kind)
    if habit is None:
        return Steps(np.array([span.from_ms]), np.array([1]))
    stays = lately(town, space, span)
    turns = [(*shut, -1.0) for shut in _shut(town, space, span, habit, sessions(stays))]
    shortest_ms, longest_ms = HOLD_MS
    for t_ms, _ in _going(town, stays):
        if t_ms > span.from_ms - longest_ms:
            hold_ms = shortest_ms + (longest_ms - shortest_ms) * dice(town.seed, "hold", space, t_ms)
            turns.append((t_ms - BEFORE_MS, t_ms + round(hold_ms), 1.0))
    heap = heaped(turns, span)
    return Steps(heap.t_ms, (heap.level >= 0).astype(np.int64))


def _shut(town: Town, space: str, span: Span, habit: Habit, held: Sequence[Session]) -> Iterator[Span]:
    """When the door is shut, but for those who go through it."""
    for one in held:
        if one.is_cleaning or dice(town.seed, "left open", space, one.from_ms) < habit.left_open:
            continue
        delay_s = -habit.shut_s * np.log1p(-dice(town.seed, "shuts", space, one.from_ms))
        yield Span(min(one.from_ms + round(1000 * delay_s), one.to_ms), one.to_ms)
    if dice(town.seed, "rests", space) >= habit.rests_open:
        ends_ms = [span.from_ms, *(one.to_ms for one in held)]
        yield from map(Span, ends_ms, [*(one.from_ms for one in held), span.to_ms])


@lru_cache(maxsize=256)
def _passages(town: Town, space: str, span: Span) -> Passages:
    from_ms, to_ms = span
    stays = town.stays(space, from_ms - LATE_MS, to_ms + LATE_MS)
    going = sorted(one for one in _going(town, stays) if from_ms <= one[0] < to_ms)
    rows = np.array(going, np.int64).reshape(-1, 2)
    return Passages(apart(rows[:, 0], to_ms), rows[:, 1].astype(bool))


def _going(town: Town, stays: Iterable[Stay]) -> Iterator[tuple[int, bool]]:
    for stay in stays:
        late_ms = min(LATE_MS, (stay.to_ms - stay.from_ms) // 3)
        yield stay.from_ms + int(late_ms * dice(town.seed, "in", stay.person, stay.from_ms)), True
        yield stay.to_ms - int(late_ms * dice(town.seed, "out", stay.person, stay.to_ms)), False


def apart(t_ms: Ints, end_ms: int) -> Ints:
    """Instants in order as ones that rise, by a millisecond where need be; all are before `end_ms`."""
    number = np.arange(len(t_ms))
    risen_ms = np.maximum.accumulate(t_ms - number) + number
    return np.asarray(np.minimum(risen_ms, end_ms - len(t_ms) + number))
