# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How often the air of a recorded room is changed while it is in use, by the people who were counted there.

By the very code that counts them: the number of a grid with which the count is off the least.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from bezet.occupancy.air import volume_m3
from bezet.occupancy.evidence import RULE
from edge.accuracy.playing import Played, play_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.accuracy.shapes import Numbers, Recording

#: Air changes per hour in use that are tried, and how far on either side of the best it is tried finer.
GRID_PER_H = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.5, 7.5)
FINER = (0.85, 0.92, 1.0, 1.08, 1.17)
#: How often the rows of a recording are played for a fit: once without a number.
PLAYS = 1 + len(GRID_PER_H) + len(FINER)
#: A fit that makes the count better by less than this share is not worth a setting.
WORTH = 0.02


class Fit(NamedTuple):
    """What came of a recording: None where no number counts better than what is learned without the truth.

    `before`, `after` and `others` are mean absolute errors of the count, people: without a number, with this
    one on the rows that it was fitted on, and where each day is counted with what was best on all others.
    """

    recording: Recording
    air_changes_per_h: float | None
    before: float
    after: float
    others: float


def can_be_fitted(recording: Recording) -> bool:
    """Whether CO2 was measured, and people were counted, on two days or more."""
    days = np.unique(recording.days[counted(recording)])
    return Kind.CO2_PPM in recording.kinds and not recording.is_spots and len(days) > 1


def counted(recording: Recording) -> Numbers:
    """The rows in which people were counted."""
    return ~np.isnan(recording.people)


def fit(recording: Recording, told: Callable[[int], None] = lambda _: None) -> Fit:
    """The best number for all rows of a recording, if it is any good on days that it was not fitted on.

    A best number at the end of the grid says that the count needs another remedy, and is none.
    """
    before, *coarse = _played(recording, [None, *GRID_PER_H], told)
    others = _error(_by_other_days(coarse))
    best = int(np.argmin([_error(one) for one in coarse]))
    is_inside = 0 < best < len(GRID_PER_H) - 1
    if not is_inside or others > _error(before) * (1 - WORTH):
        return Fit(recording, None, _error(before), _error(coarse[best]), others)
    finer = [round(GRID_PER_H[best] * by, 2) for by in FINER]
    errors = [_error(one) for one in _played(recording, finer, told)]
    return Fit(recording, finer[int(np.argmin(errors))], _error(before), min(errors), others)


def leave_one_day_out(
    recording: Recording, told: Callable[[int], None] = lambda _: None, *, warm: bool | None = None
) -> Played:
    """Each day played with the number that counts best on all other days."""
    return _by_other_days(_played(recording, GRID_PER_H, told, warm=warm))


def _played(
    recording: Recording,
    grid: Sequence[float | None],
    told: Callable[[int], None],
    *,
    warm: bool | None = None,
) -> list[Played]:
    rooms = [replace(recording.room, air_changes_per_h=per_h) for per_h in grid]
    return play_each(recording, [Kind.CO2_PPM], rooms, warm=warm, told=told)


def _error(played: Played) -> float:
    """The mean absolute error of the count, people."""
    return float(np.nanmean(np.abs(played.people - played.recording.people)))


def _by_other_days(played: Sequence[Played]) -> Played:
    recording = played[0].recording
    off = np.abs(np.stack([one.people for one in played]) - recording.people)
    chosen = np.zeros(len(recording.t_ms), np.int64)
    for day in np.unique(recording.days):
        other = recording.days != day
        chosen[~other] = int(np.nanmean(off[:, other], axis=1).argmin())
    picked = {
        name: np.choose(chosen, [getattr(one, name) for one in played])
        for name in ("occupancy", "probability", "people", "low", "high", "switches")
    }
    return Played(recording, **picked)


def as_toml(fits: Sequence[Fit], day: str) -> str:
    """Sections for an agent's configuration, each with where its number comes from."""
    return "\n".join(_section(one, day) for one in fits)


def _section(one: Fit, day: str) -> str:
    recording, room = one.recording, one.recording.room
    rows, days = int(counted(recording).sum()), len(np.unique(recording.days))
    said = [
        f"# {recording.set} {recording.name}: {rows} rows of {days} days, rules {RULE}, fitted {day}.",
        f"# The count is off by {one.before:.2f} people on average without a number, by {one.after:.2f} with",
        f"# the best, and by {one.others:.2f} where each day is counted with what was best on the others.",
    ]
    if one.air_changes_per_h is None:
        said.append(
            "# That is no better than what is learned, or the best is the last that was tried: no number."
        )
    said += ["[[space]]", f'id = "{_id(recording.name)}"']
    if room.kind is not None:
        said.append(f'kind = "{room.kind}"')
    if room.capacity is not None:
        said.append(f"capacity = {room.capacity}")
    said.append(
        f"volume_m3 = {volume_m3(room):.1f}" + ("" if room.volume_m3 else "  # taken for it, not known")
    )
    if one.air_changes_per_h is not None:
        said.append(f"air_changes_per_h = {one.air_changes_per_h:g}")
    return "\n".join(said) + "\n"


def _id(name: str) -> str:
    """A name as an id of the contract (bezet/wire.py)."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).lstrip("._-")[:64] or "space"
