# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a site or a space is open: its hours by the weekday, in its own time, but not on holidays. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bezet.retention import DAY_MS, local_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bezet.model import Building, Space

#: A site that does not open within so long is closed for good.
AHEAD_MS = 366 * DAY_MS


class Opening(NamedTuple):
    """A stretch of opening hours, [`start_ms`, `end_ms`)."""

    start_ms: int
    end_ms: int


def openings(building: Building, start_ms: int, end_ms: int, space: Space | None = None) -> Iterator[Opening]:
    """Each opening, whole, of which some is in [start, end): of the site, or of a space by its own hours."""
    hours = building.hours if space is None or space.hours is None else space.hours
    day, last = (local_day(t_ms, building.timezone) for t_ms in (start_ms, end_ms))
    while day <= last:
        if day.weekday() in hours and day not in building.holidays:
            opens_ms, closes_ms = (
                round(datetime.combine(day, at, building.timezone).timestamp() * 1000)
                for at in hours[day.weekday()]
            )
            if opens_ms < end_ms and closes_ms > start_ms:
                yield Opening(opens_ms, closes_ms)
        day += timedelta(days=1)


def is_open(building: Building, t_ms: int, space: Space | None = None) -> bool:
    """Whether the site or the space is open at an instant."""
    return any(True for _ in openings(building, t_ms, t_ms + 1, space))


def next_opening_ms(building: Building, t_ms: int, space: Space | None = None) -> int | None:
    """When it opens first after an instant; None where it does not within a year."""
    found = openings(building, t_ms, t_ms + AHEAD_MS, space)
    return next((one.start_ms for one in found if one.start_ms > t_ms), None)
