# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What two tellings of the same history make different: a store beside the one that was rederived from it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.occupancy.zones import GONE_MS, SPEAKS_MS
from bezet.retention import DAY_MS
from bezet.usage.columns import FREE, OCCUPIED, UNKNOWN, ReadingColumns
from bezet.usage.facts import QUARTER_MS, ROW, SESSION_GAP_MS, quarter_facts
from bezet.usage.stretches import devices, presence
from collector.rederive import hull
from collector.retelling import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TextIO

    from bezet.usage.columns import Ints, StateColumns
    from collector.rederive import Part
    from store import Store

#: Sessions do not ask about air, but facts want classes of it.
NO_AIR = ReadingColumns.of(())
ANY_PPM = (1.0, 2.0, 3.0)


class Difference(NamedTuple):
    """One space over a span: for how long each pair was said, and by which rules.

    `said_ms[old, new]` are milliseconds in which the old states said one thing and the new ones another, by
    the places of `bezet.usage.columns.OCCUPANCIES`. `sessions` and `rules` are of the old and of the new.
    """

    space: str
    span: Span
    said_ms: Ints
    sessions: tuple[int, int]
    rules: tuple[frozenset[str], frozenset[str]]

    def known_ms(self) -> tuple[int, int]:
        """For how long the space was known to be something, in the old and in the new."""
        old, new = self.said_ms.sum(axis=1), self.said_ms.sum(axis=0)
        return int(old.sum() - old[UNKNOWN]), int(new.sum() - new[UNKNOWN])

    def occupied_ms(self) -> tuple[int, int]:
        """For how long it was occupied."""
        return int(self.said_ms.sum(axis=1)[OCCUPIED]), int(self.said_ms.sum(axis=0)[OCCUPIED])

    def changed_ms(self) -> Mapping[str, int]:
        """For how long the two differ, and how."""
        said_ms = self.said_ms
        return {
            "free_to_occupied": int(said_ms[FREE, OCCUPIED]),
            "occupied_to_free": int(said_ms[OCCUPIED, FREE]),
            "to_unknown": int(said_ms[:, UNKNOWN].sum() - said_ms[UNKNOWN, UNKNOWN]),
            "from_unknown": int(said_ms[UNKNOWN].sum() - said_ms[UNKNOWN, UNKNOWN]),
        }


def differences(old: Store, new: Store, site: str, parts: Iterable[Part]) -> Iterator[Difference]:
    """Every space of which something was made anew, over that span of it; a day at a time."""
    for space, group in groupby(parts, key=lambda part: part.zone.space):
        span = hull(group)
        if span is not None:
            yield total(
                space,
                [
                    _of_day(space, day, *(_states(store, site, space, day) for store in (old, new)))
                    for day in _days(span)
                ],
            )


def total(space: str, found: Sequence[Difference]) -> Difference:
    """Several, at least one, as one."""
    old, new = zip(*(one.sessions for one in found), strict=True)
    rules_old, rules_new = zip(*(one.rules for one in found), strict=True)
    return Difference(
        space,
        Span(min(one.span.start_ms for one in found), max(one.span.end_ms for one in found)),
        np.sum([one.said_ms for one in found], axis=0),
        (sum(old), sum(new)),
        (frozenset().union(*rules_old), frozenset().union(*rules_new)),
    )


def _days(span: Span) -> Iterator[Span]:
    for start_ms in range(span.start_ms, span.end_ms, DAY_MS):
        yield Span(start_ms, min(start_ms + DAY_MS, span.end_ms))


def _states(store: Store, site: str, space: str, span: Span) -> StateColumns:
    start_ms = span.start_ms - SESSION_GAP_MS
    return store.states(site, space, start_ms=start_ms, end_ms=span.end_ms)


def _of_day(space: str, span: Span, old: StateColumns, new: StateColumns) -> Difference:
    turns = [
        turn
        for states in (old, new)
        for voice in devices(states, *span)
        for turn in voice.turns_ms(SPEAKS_MS, GONE_MS)
    ]
    edges_ms = np.unique(np.clip(np.concatenate([np.array(span), *turns]), *span))
    pairs = 3 * _said(old, span, edges_ms[:-1]) + _said(new, span, edges_ms[:-1])
    said_ms = np.bincount(pairs, np.diff(edges_ms), minlength=9).astype(np.int64).reshape(3, 3)
    sessions = _sessions(old, span), _sessions(new, span)
    return Difference(space, span, said_ms, sessions, (_rules(old, span), _rules(new, span)))


def _said(states: StateColumns, span: Span, starts_ms: Ints) -> Ints:
    """What a space is at each instant, by the places of occupancies."""
    told = presence(states, devices(states, *span), starts_ms, GONE_MS)
    return np.where(told.occupied, OCCUPIED, np.where(told.free, FREE, UNKNOWN))


def _sessions(states: StateColumns, span: Span) -> int:
    quarters = np.arange(span.start_ms, span.end_ms, QUARTER_MS, dtype=np.int64)
    return int(quarter_facts(states, NO_AIR, quarters, ANY_PPM)[ROW["sessions_started"]].sum())


def _rules(states: StateColumns, span: Span) -> frozenset[str]:
    inside = states.rule[states.t_ms >= span.start_ms]
    return frozenset(states.rules[number] for number in np.unique(inside).tolist())


# --- as a file --------------------------------------------------------------------------------------------


def write_csv(file: TextIO, found: Iterable[Difference]) -> None:
    """A line for each space; times in seconds, instants in UTC."""
    rows = [_row(one) for one in found]
    if rows:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)


def _row(one: Difference) -> dict[str, str | float]:
    start, end = (datetime.fromtimestamp(t_ms / 1000, UTC).isoformat() for t_ms in one.span)
    row: dict[str, str | float] = {"space": one.space, "start": start, "end": end}
    sides = ("old", "new")
    row |= {f"rules_{side}": " ".join(sorted(one.rules[n])) for n, side in enumerate(sides)}
    row |= {f"known_{side}_s": one.known_ms()[n] / 1000 for n, side in enumerate(sides)}
    row |= {f"occupied_{side}_s": one.occupied_ms()[n] / 1000 for n, side in enumerate(sides)}
    row |= {f"{how}_s": for_ms / 1000 for how, for_ms in one.changed_ms().items()}
    return row | {f"sessions_{side}": one.sessions[n] for n, side in enumerate(sides)}
