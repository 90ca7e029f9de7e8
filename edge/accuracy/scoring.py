# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What was said against what was true, in figures; a figure that nothing can be said about is not a number.

Where the truth is not known nothing is judged. Unknown is not wrong and not right: it has a share of its own,
and is left out of accuracy, F1 and balanced accuracy; `accuracy_of_all` counts it as wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from edge.accuracy.playing import FREE, OCCUPIED, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.accuracy.playing import Played
    from edge.accuracy.shapes import Numbers, Recording

DAY_S = 86_400.0
#: Delays are of true stretches that last at least so long: shorter gaps nobody can use, and a truth by photos
#: or cameras flickers.
STRETCH_S = 600.0
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one recording; shares are 0 to 1.

    Of presence: shares of rows, as published figures are, and minutes and changes a day. A delay is the
    median over true stretches of ten minutes or more from their start until it was said; infinite where most
    ended before that. Of people: rows with a count in known time. `covered_90` is the share of rows whose
    interval holds the truth.
    """

    rows: int = 0
    days: float = NAN
    accuracy: float = NAN
    accuracy_of_all: float = NAN
    f1: float = NAN
    balanced: float = NAN
    unknown: float = NAN
    false_free_min_day: float = NAN
    false_occupied_min_day: float = NAN
    changes_day: float = NAN
    true_changes_day: float = NAN
    detected_after_s: float = NAN
    released_after_s: float = NAN
    never_detected: float = NAN
    occupied: float = NAN
    true_occupied: float = NAN
    counted: float = NAN
    count_mae: float = NAN
    count_bias: float = NAN
    count_exact: float = NAN
    count_within_1: float = NAN
    covered_90: float = NAN
    width_90: float = NAN


#: The names of the figures, in order.
FIGURES = tuple(one.name for one in fields(Score))


def score(played: Played) -> Score:
    """All figures of what was played."""
    recording = played.recording
    is_told = ~(np.isnan(recording.present) & np.isnan(recording.people))
    found: dict[str, float] = _of_presence(played) | _of_people(played)
    days = NAN if recording.is_spots else float(recording.lasts_s[is_told].sum() / DAY_S)
    return Score(rows=int(is_told.sum()), days=days, **found)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else NAN


def _of_presence(played: Played) -> dict[str, float]:
    recording = played.recording
    is_told = ~np.isnan(recording.present)
    if not is_told.any():
        return {}
    true, said = recording.present[is_told] > 0, played.occupancy[is_told]
    hit, miss = int((true & (said == OCCUPIED)).sum()), int((true & (said == FREE)).sum())
    quiet, ghost = int((~true & (said == FREE)).sum()), int((~true & (said == OCCUPIED)).sum())
    known = hit + miss + quiet + ghost
    found = {
        "accuracy": _share(hit + quiet, known),
        "accuracy_of_all": _share(hit + quiet, len(said)),
        "f1": _share(2 * hit, 2 * hit + miss + ghost),
        "balanced": (_share(hit, hit + miss) + _share(quiet, quiet + ghost)) / 2,
        "unknown": _share(len(said) - known, len(said)),
        "occupied": _share(hit + ghost, known),
        "true_occupied": _share(int(true.sum()), len(true)),
    }
    return found if recording.is_spots else found | _in_time(played, is_told)


def _in_time(played: Played, is_told: NDArray[np.bool_]) -> dict[str, float]:
    recording, said = played.recording, played.occupancy
    lasts_s, is_there = recording.lasts_s, recording.present > 0
    days = lasts_s[is_told].sum() / DAY_S
    is_absent = is_told & ~is_there
    follows = recording.follows & is_told & np.roll(is_told, 1)
    turns = follows & (is_there != np.roll(is_there, 1))
    found_after = _delays(recording, turns & is_there, said == OCCUPIED)
    # Where free was said all along there is nothing to release.
    releases = turns & is_absent & (np.roll(said, 1) != FREE)
    return {
        "false_free_min_day": float(lasts_s[is_there & (said == FREE)].sum() / 60 / days),
        "false_occupied_min_day": float(lasts_s[is_absent & (said == OCCUPIED)].sum() / 60 / days),
        "changes_day": float(played.switches[is_told].sum() / days),
        "true_changes_day": float(turns.sum() / days),
        "detected_after_s": _median(found_after),
        "released_after_s": _median(_delays(recording, releases, said == FREE)),
        "never_detected": _share(int(np.isinf(found_after).sum()), len(found_after)),
    }


def _median(delays_s: Numbers) -> float:
    """The middle one, the higher of two: half of infinity and a number is neither."""
    return float(np.sort(delays_s)[len(delays_s) // 2]) if len(delays_s) else NAN


def _delays(recording: Recording, starts: NDArray[np.bool_], is_said: NDArray[np.bool_]) -> Numbers:
    """For each true stretch that is long enough, from its start until it was said, in s.

    Infinite where it ended before that.
    """
    present, t_ms, lasts_s = recording.present, recording.t_ms, recording.lasts_s
    is_end = ~recording.follows | (present != np.roll(present, 1))
    ends = np.append(np.flatnonzero(is_end), len(t_ms))
    said = np.append(np.flatnonzero(is_said), len(t_ms))
    found = []
    for start in np.flatnonzero(starts):
        end = ends[np.searchsorted(ends, start, side="right")]
        first = said[np.searchsorted(said, start)]
        if lasts_s[start:end].sum() >= STRETCH_S:
            found.append((t_ms[first] - t_ms[start]) / 1000 if first < end else np.inf)
    return np.array(found)


def _of_people(played: Played) -> dict[str, float]:
    true = played.recording.people
    is_told = ~np.isnan(true)
    is_counted = is_told & ~np.isnan(played.people) & (played.occupancy != UNKNOWN)
    if not is_counted.any():
        return {}
    error = played.people[is_counted] - true[is_counted]
    rounded = np.abs(np.rint(played.people[is_counted]) - true[is_counted])
    is_ranged = is_counted & ~np.isnan(played.low) & ~np.isnan(played.high)
    low, high, inside = played.low[is_ranged], played.high[is_ranged], true[is_ranged]
    return {
        "counted": _share(int(is_counted.sum()), int(is_told.sum())),
        "count_mae": float(np.abs(error).mean()),
        "count_bias": float(error.mean()),
        "count_exact": float((rounded < 0.5).mean()),
        "count_within_1": float((rounded < 1.5).mean()),
        "covered_90": _share(int(((low <= inside) & (inside <= high)).sum()), len(inside)),
        "width_90": _share(float((high - low).sum()), len(inside)),
    }
