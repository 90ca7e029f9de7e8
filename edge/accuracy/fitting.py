# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How often the air of a recorded room is changed while it is in use, by the people who were counted there.

By the very code that counts them: the number of a grid with which the count is off the least.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from bezet.occupancy.evidence import RULE
from edge.accuracy.playing import Played, play_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.accuracy.shapes import Numbers, Recording

#: Air changes per hour in use that are tried, and how far on either side of the best it is tried finer.
GRID_PER_H = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.5, 7.5)
FINER = (0.85, 0.92, 1.0, 1.08, 1.17)
#: A fit that makes the count better by less than this share is not worth a setting.
WORTH = 0.02


class Fit(NamedTuple):
    """What came of a recording: None where no number counts better than what is learned without the truth.

    `before` and `after` are mean absolute errors of the count, people.
    """

    recording: Recording
    air_changes_per_h: float | None
    before: float
    after: float


def can_be_fitted(recording: Recording) -> bool:
    """Whether CO2 was measured, and people were counted."""
    return Kind.CO2_PPM in recording.kinds and not recording.is_spots and bool(counted(recording).any())


def counted(recording: Recording) -> Numbers:
    """The rows in which people were counted."""
    return ~np.isnan(recording.people)


def fit(recording: Recording, told: Callable[[int], None] = lambda _: None) -> Fit:
    """The best number for all rows of a recording."""
    rows = counted(recording)
    coarse = _errors(recording, [None, *GRID_PER_H], rows, told)
    before = coarse.pop(None)
    best = min(coarse, key=lambda per_h: coarse[per_h])
    assert best is not None
    finer = _errors(recording, [round(best * by, 2) for by in FINER], rows, told)
    best, after = min(finer.items(), key=lambda one: one[1])
    if after > before * (1 - WORTH):
        return Fit(recording, None, before, before)
    return Fit(recording, best, before, after)


def _errors(
    recording: Recording, grid: Sequence[float | None], rows: Numbers, told: Callable[[int], None]
) -> dict[float | None, float]:
    """The mean absolute error of the count with each number; None is what is learned."""
    played = _played(recording, grid, told)
    return {
        per_h: float(np.abs(one.people - recording.people)[rows & ~np.isnan(one.people)].mean())
        for per_h, one in zip(grid, played, strict=True)
    }


def _played(recording: Recording, grid: Sequence[float | None], told: Callable[[int], None]) -> list[Played]:
    rooms = [replace(recording.room, air_changes_per_h=per_h) for per_h in grid]
    return play_each(recording, [Kind.CO2_PPM], rooms, told=told)


def leave_one_day_out(recording: Recording, told: Callable[[int], None] = lambda _: None) -> Played:
    """Each day played with the number that counts best on all other days."""
    played = _played(recording, GRID_PER_H, told)
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
    said = [f"# {recording.set} {recording.name}: {rows} rows of {days} days, rules {RULE}, fitted {day}."]
    if one.air_changes_per_h is None:
        said.append(
            f"# No number counts better than what is learned: off by {one.before:.2f} people on average."
        )
    else:
        said.append(
            f"# The count is off by {one.after:.2f} people on average, without it by {one.before:.2f}."
        )
    said += ["[[space]]", f'id = "{recording.name}"']
    if room.kind is not None:
        said.append(f'kind = "{room.kind}"')
    if room.capacity is not None:
        said.append(f"capacity = {room.capacity}")
    if room.volume_m3 is not None:
        said.append(f"volume_m3 = {room.volume_m3:.1f}")
    if one.air_changes_per_h is not None:
        said.append(f"air_changes_per_h = {one.air_changes_per_h:g}")
    return "\n".join(said) + "\n"
