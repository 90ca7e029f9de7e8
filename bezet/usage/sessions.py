# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sessions: stretches in which a space was used, with the hold of the rules taken off their ends."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Occupancy
from bezet.occupancy.evidence import EVIDENCE, PATIENCE
from bezet.occupancy.filter import FREE_LOG_ODDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bezet.model import SpaceKind, State
    from bezet.occupancy.zones import Piece

#: A space that is called free, or unknown, for less than this between two uses was in use all along (ours).
JOIN_MS = 120_000


class Session(NamedTuple):
    """`[start_ms, end_ms)` in which a space was used.

    `unknown_ms` is how much of that was unknown; `is_cut` tells that on one of the sides the space was
    unknown, or the asked time ended, so that it may have been longer. People are None where nothing counted.
    """

    start_ms: int
    end_ms: int
    unknown_ms: int
    is_cut: bool
    people_mean: float | None
    people_max: float | None


def sessions(told: Iterable[Piece], kind: SpaceKind | None) -> Iterator[Session]:
    """The sessions in pieces of a history of one space of a kind (`bezet.occupancy.zones.pieces`)."""
    runs = [(occupancy, [*run]) for occupancy, run in groupby(told, key=lambda piece: piece.state.occupancy)]
    at = 0
    while at < len(runs):
        if runs[at][0] is not Occupancy.OCCUPIED:
            at += 1
            continue
        last = at
        while (
            last + 2 < len(runs) and runs[last + 2][0] is Occupancy.OCCUPIED and _is_short(runs[last + 1][1])
        ):
            last += 2
        before = runs[at - 1][0] if at else Occupancy.UNKNOWN
        after = runs[last + 1][0] if last + 1 < len(runs) else Occupancy.UNKNOWN
        yield _session([piece for _, run in runs[at : last + 1] for piece in run], before, after, kind)
        at = last + 1


def release_ms(state: State, kind: SpaceKind | None) -> int:
    """For how long the evidence of a state goes on to speak for somebody who has left a space of a kind.

    Until what holds and fades is too weak by itself; where nothing that holds speaks, not at all.
    """
    rows = [row for row in EVIDENCE.values() if row.because in state.because]
    patience = PATIENCE.get(kind, 1.0)
    held_s = (
        row.hold_s + row.fade_s * (row.present - FREE_LOG_ODDS) / (row.present - row.empty) for row in rows
    )
    return round(max(held_s, default=0.0) * patience * 1000)


def _is_short(run: Sequence[Piece]) -> bool:
    return run[-1].end_ms - run[0].start_ms < JOIN_MS


def _session(run: Sequence[Piece], before: Occupancy, after: Occupancy, kind: SpaceKind | None) -> Session:
    start_ms, end_ms = run[0].start_ms, run[-1].end_ms
    if after is Occupancy.FREE:
        end_ms = max(start_ms, end_ms - release_ms(run[-1].state, kind))
    unknown_ms = sum(one.span_ms for one in run if one.state.occupancy is Occupancy.UNKNOWN)
    counted = [(one.state.people, one.span_ms) for one in run if one.state.people is not None]
    counted_ms = sum(span_ms for _, span_ms in counted)
    mean = sum(people * span_ms for people, span_ms in counted) / counted_ms if counted_ms else None
    most = max((people for people, _ in counted), default=None)
    is_cut = Occupancy.UNKNOWN in (before, after)
    return Session(start_ms, end_ms, unknown_ms, is_cut, mean, most)
