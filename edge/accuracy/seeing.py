# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a plain baseline sees of a recording at each row, and nothing of later."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from bezet.model import Kind
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from edge.accuracy.shapes import Instants, Numbers, Recording

MIN_MS = 60_000
#: A number that nothing followed is taken for this long, ms.
STALE_MS = 15 * MIN_MS
#: Over how long the rise of CO2 is taken, minutes.
RISES_MIN = (5, 15, 30)
SLOT_MS = 30 * MIN_MS
SLOTS_A_DAY = DAY_MS // SLOT_MS
#: 1970 began on a Thursday.
FIRST_WEEKDAY = 3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A row for each row of a recording, or of several one after the other.

    `slot` is the half hour of the day, those of weekends after those of weekdays. `rises` are in ppm a
    minute, a column for each of RISES_MIN. `since_motion_s` is infinite before the first.
    """

    days: Instants
    slot: Instants
    co2_ppm: Numbers
    rises: Numbers
    light_lux: Numbers
    since_motion_s: Numbers
    present: Numbers
    people: Numbers

    def at(self, rows: NDArray[np.bool_]) -> Seen:
        """Some of the rows."""
        return Seen(*(getattr(self, one.name)[rows] for one in fields(self)))


def together(parts: Sequence[Seen]) -> Seen:
    """The rows of several recordings."""
    return Seen(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Seen)))


def see(recording: Recording) -> Seen:
    """All that baselines use."""
    t_ms, days = recording.t_ms, recording.days
    weekday = (days + FIRST_WEEKDAY) % 7
    slot = t_ms % DAY_MS // SLOT_MS + np.where(weekday >= 5, SLOTS_A_DAY, 0)
    co2_ppm = _mean(recording, Kind.CO2_PPM)
    rises = np.stack([_rise(recording, co2_ppm, minutes) for minutes in RISES_MIN], axis=1)
    return Seen(
        *(days, slot, co2_ppm, rises, _mean(recording, Kind.ILLUMINANCE_LUX), _since_motion_s(recording)),
        *(recording.present, recording.people),
    )


def _mean(recording: Recording, kind: Kind) -> Numbers:
    """The mean of the last words of all sensors of a kind; not a number where none is fresh."""
    last = [_last(recording, one.values) for one in recording.heard([kind])]
    if not last:
        return np.full(len(recording.t_ms), np.nan)
    words = np.stack(last)
    is_there = ~np.isnan(words)
    count = is_there.sum(axis=0)
    return np.where(count > 0, np.where(is_there, words, 0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _last(recording: Recording, values: Numbers) -> Numbers:
    """The last number at each row, as long as it is fresh."""
    rows = np.arange(len(values))
    newest = np.maximum.accumulate(np.where(np.isnan(values), -1, rows))
    is_fresh = (newest >= 0) & (recording.t_ms - recording.t_ms[newest] <= STALE_MS)
    if recording.days_apart:
        is_fresh &= recording.days == recording.days[newest]
    return np.where(is_fresh, values[newest], np.nan)


def _rise(recording: Recording, values: Numbers, minutes: int) -> Numbers:
    """How much a number rose in the last minutes, a minute; 0 where there is no number from so long ago."""
    t_ms, lag_ms = recording.t_ms, minutes * MIN_MS
    before = np.maximum(np.searchsorted(t_ms, t_ms - lag_ms, side="right") - 1, 0)
    took_ms = t_ms - t_ms[before]
    is_there = (took_ms >= lag_ms) & (took_ms <= 2 * lag_ms)
    if recording.days_apart:
        is_there &= recording.days == recording.days[before]
    rise = np.where(is_there, (values - values[before]) / np.maximum(took_ms, 1) * MIN_MS, 0.0)
    return np.where(np.isnan(rise), 0.0, rise)


def _since_motion_s(recording: Recording) -> Numbers:
    """How long ago any motion was seen; not a number where no motion sensor speaks."""
    channels = recording.heard([Kind.MOTION])
    if not channels:
        return np.full(len(recording.t_ms), np.nan)
    moves = np.any([one.values > 0 for one in channels], axis=0)
    newest = np.maximum.accumulate(np.where(moves, np.arange(len(moves)), -1))
    since_s = np.where(newest >= 0, (recording.t_ms - recording.t_ms[newest]) / 1000, np.inf)
    return np.where(np.isnan(_mean(recording, Kind.MOTION)), np.nan, since_s)
