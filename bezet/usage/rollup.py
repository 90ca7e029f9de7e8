# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Quarter hours to hours, days and months of the site's own time, right when its clock changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from bezet.usage.facts import FACTS, QUARTER_MS, Over

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from bezet.usage.columns import Floats, Ints
    from bezet.usage.spaces import SpaceFacts
    from bezet.usage.stretches import Bools

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_MS = timedelta(milliseconds=1)


class Span(StrEnum):
    """How long a period is, in the site's own time."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Facts by period, in order: `amounts[fact, n]` of `[start_ms[n], end_ms[n])`. Empty ones are left out.

    `quarters` counts the quarter hours that were added up; a day has 92 or 100 when the clock changes. A
    period is exact if all of them are, and revised if any is.
    """

    start_ms: Ints
    end_ms: Ints
    amounts: Floats
    quarters: Ints
    exact: Bools
    revised: Bools

    def __len__(self) -> int:
        return len(self.start_ms)


def rolled_up(facts: SpaceFacts, timezone: ZoneInfo, by: Span) -> Periods:
    """The facts by hour, day or month of a timezone; times are added up, of peaks the highest is taken.

    An hour that the clock repeats is two periods.
    """
    starts_ms, ends_ms = _spans(facts.quarter_ms, timezone, by)
    start_ms, first, period, quarters = np.unique(
        starts_ms, return_index=True, return_inverse=True, return_counts=True
    )
    rows = zip(FACTS.values(), facts.amounts, strict=True)
    amounts = [_over(fact.over, row, period, len(start_ms)) for fact, row in rows]
    return Periods(
        start_ms,
        ends_ms[first],
        np.array(amounts),
        quarters,
        exact=np.bincount(period, ~facts.exact, minlength=len(start_ms)) == 0,
        revised=np.bincount(period, facts.revised, minlength=len(start_ms)) > 0,
    )


def _over(over: Over, row: Floats, period: Ints, n_periods: int) -> Floats:
    """One fact of each period; NaN says nothing, and a peak of nothing is NaN."""
    if over is Over.SUM:
        known = np.where(np.isnan(row), 0.0, row)
        return np.bincount(period, known, minlength=n_periods).astype(np.float64)
    found = np.full(n_periods, np.nan)
    np.fmax.at(found, period, row)
    return found


def _spans(quarter_ms: Ints, timezone: ZoneInfo, by: Span) -> tuple[Ints, Ints]:
    """Beginning and end of the period of each quarter hour."""
    local_ms = _local_ms(quarter_ms, timezone)
    if by is Span.HOUR:
        # By the present offset from UTC, and not by the hour on the wall: that one may come twice. (Where the
        # clock changes by half an hour, as on Lord Howe Island, the hour of the change overlaps another.)
        starts_ms = quarter_ms - local_ms % _HOUR_MS
        return starts_ms, starts_ms + _HOUR_MS
    unit = "D" if by is Span.DAY else "M"
    number, place = np.unique(local_ms.astype("M8[ms]").astype(f"M8[{unit}]"), return_inverse=True)
    starts_ms, ends_ms = (_begin_ms(days.astype("M8[D]").tolist(), timezone) for days in (number, number + 1))
    return starts_ms[place], ends_ms[place]


def _begin_ms(days: Sequence[date], timezone: ZoneInfo) -> Ints:
    """The instants at which local days begin; where the clock skips midnight, when it does."""
    begins = (datetime(day.year, day.month, day.day, tzinfo=timezone) for day in days)
    return np.array([round(begin.timestamp() * 1000) for begin in begins], np.int64)


def _local_ms(t_ms: Ints, timezone: ZoneInfo) -> Ints:
    """What a clock on the wall of the site shows, counted as if it were UTC."""
    day, place = np.unique(t_ms // _DAY_MS, return_inverse=True)
    early, late = (
        _offsets_ms(instants, timezone) for instants in (day * _DAY_MS, (day + 1) * _DAY_MS - QUARTER_MS)
    )
    offsets_ms = early[place]
    # Only on a day that the clock changes are its quarter hours looked at one by one.
    changes = (early != late)[place]
    offsets_ms[changes] = _offsets_ms(t_ms[changes], timezone)
    return t_ms + offsets_ms


def _offsets_ms(t_ms: Ints, timezone: ZoneInfo) -> Ints:
    """How far local time is ahead of UTC at each instant."""
    locals_ = (datetime.fromtimestamp(instant / 1000, timezone) for instant in t_ms.tolist())
    return np.array([(local.utcoffset() or timedelta()) // _MS for local in locals_], np.int64)
