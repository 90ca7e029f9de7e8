# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sessions, and which sensed one belongs to which true one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.usage.facts import SESSION_GAP_MS

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints
    from bezet.usage.stretches import Bools


class Sessions(NamedTuple):
    """Sessions in order, [`from_ms[n]`, `to_ms[n]`); all shape (n,).

    `begins` where it is known that it began then, and not before; `ends` where it is known that it ended.
    """

    from_ms: Ints
    to_ms: Ints
    begins: Bools
    ends: Bools


def sessions_of(starts_ms: Ints, ends_ms: Ints, occupied: Bools, free: Bools) -> Sessions:
    """The sessions of stretches of time in order and without gaps; all shape (n,).

    As in `bezet.usage.facts`: a gap of less than `SESSION_GAP_MS` does not split one, and after nothing but
    unknown time nobody can tell that one began.
    """
    free_ms = np.append(0, np.maximum.accumulate(ends_ms * free)[:-1])
    next_free = np.append(free[1:], [False])
    at = np.flatnonzero(occupied)
    from_ms, to_ms = starts_ms[at], ends_ms[at]
    is_first = np.append([True], from_ms[1:] - to_ms[:-1] >= SESSION_GAP_MS)[: len(at)]
    first, last = np.flatnonzero(is_first), np.append(np.flatnonzero(is_first)[1:], len(at)) - 1
    if not len(at):
        last = first
    begins = free_ms[at[first]] > from_ms[first] - SESSION_GAP_MS
    return Sessions(from_ms[first], to_ms[last], begins, next_free[at[last]])


class Match(NamedTuple):
    """By how much sensed sessions begin and end later than the true ones that they belong to, in seconds.

    `start_delay_s`, shape (n,), of those at `starts` among the true ones; `end_delay_s`, (m,), at `ends`.
    """

    starts: Ints
    start_delay_s: Floats
    ends: Ints
    end_delay_s: Floats


def match(true: Sessions, said: Sessions) -> Match:
    """Pairs of sessions that overlap: at its start each is the first of the other, at its end the last.

    So one that was sensed in two halves has a start and an end, and so have two that were sensed as one.
    """
    first = _pairs(_first(true, said), _first(said, true))
    last = _pairs(_last(true, said), _last(said, true))
    starts = first[:, true.begins[first[0]] & said.begins[first[1]]]
    ends = last[:, true.ends[last[0]] & said.ends[last[1]]]
    return Match(
        starts[0],
        (said.from_ms[starts[1]] - true.from_ms[starts[0]]) / 1000,
        ends[0],
        (said.to_ms[ends[1]] - true.to_ms[ends[0]]) / 1000,
    )


def _first(ours: Sessions, others: Sessions) -> Ints:
    """For each of ours the place of the first of the others that overlaps it; -1 where none does."""
    place = np.searchsorted(others.to_ms, ours.from_ms, side="right")
    begin_ms = np.append(others.from_ms, np.iinfo(np.int64).max)[place]
    return np.where(begin_ms < ours.to_ms, place, -1)


def _last(ours: Sessions, others: Sessions) -> Ints:
    """The last of the others that overlaps each of ours."""
    place = np.searchsorted(others.from_ms, ours.to_ms) - 1
    end_ms = np.append(others.to_ms, np.iinfo(np.int64).min)[place]
    return np.where(end_ms > ours.from_ms, place, -1)


def _pairs(theirs: Ints, ours: Ints) -> Ints:
    """Where two name each other; shape (2, n)."""
    mine = np.arange(len(theirs))
    back = np.append(ours, -1)[theirs]
    is_mutual = (theirs >= 0) & (back == mine)
    return np.array([mine[is_mutual], theirs[is_mutual]])
