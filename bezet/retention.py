# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How long things are kept: what people were promised, and how far a site may differ from it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Term(NamedTuple):
    """One row: what was promised, the least that still works, and the most that an agreement can allow."""

    promised: int
    least: int
    most: int
    meaning: str


#: By the keys of `[retention]` in a building file; each key carries its unit.
TERMS: Mapping[str, Term] = {
    # An hour is the shortest time that a bucket of InfluxDB can keep.
    "presence_hours": Term(24, 1, 8_784, "motion, doors and counts: who was where, almost"),
    # Two days: facts are made within minutes, but a collector may have to wait out a night for its store.
    "environment_days": Term(90, 2, 3_660, "air, light and the power of AV devices"),
    "states_days": Term(90, 2, 3_660, "free, occupied or unknown, with what agents said of themselves"),
    # Two months: then last month is whole while late data for it may come.
    "facts_months": Term(25, 2, 120, "quarter hours of each space; months of the building stay for ever"),
}


def local_day(t_ms: int, timezone: ZoneInfo) -> date:
    """The day that it is at the site."""
    return _local(t_ms, timezone).date()


def day_begins_ms(day: date, timezone: ZoneInfo) -> int:
    """When a day of the site begins."""
    return round(datetime.combine(day, time(), timezone).timestamp() * 1000)


def months_before_ms(t_ms: int, months: int, timezone: ZoneInfo) -> int:
    """The instant so many calendar months earlier, by the clock of the site.

    Where that month has no such day it is the end of the month: what is kept is never more than was said.
    """
    local = _local(t_ms, timezone)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    try:
        before = local.replace(year=year, month=month + 1)
    except ValueError:  # 31 March, a month earlier
        before = datetime(year, month + 2, 1, tzinfo=timezone)
    return (before.astimezone(UTC) - _EPOCH) // _MS


def whole_hours(span_ms: int) -> timedelta:
    """A span in whole hours, begun ones included: what a server is told to keep."""
    return timedelta(hours=-(-span_ms // HOUR_MS))


def _local(t_ms: int, timezone: ZoneInfo) -> datetime:
    return (_EPOCH + t_ms * _MS).astimezone(timezone)
