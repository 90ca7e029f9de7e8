# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a screen is dim: at its own hours, or while the site is closed. Pure; days are those of the site."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bezet.hours import openings
from bezet.retention import DAY_MS, local_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from api.screens.settings import Night, Screen
    from bezet.model import Building

#: So far ahead a page knows its nights; it comes again long before that.
AHEAD_MS = 8 * DAY_MS


def nights(building: Building, screen: Screen, now_ms: int) -> list[tuple[int, int]]:
    """The nights of a screen that are not over, up to `AHEAD_MS`, each [start, end)."""
    end_ms = now_ms + AHEAD_MS
    if screen.night is None:
        found = _closed(building, now_ms, end_ms)
    else:
        found = _by_the_clock(building, screen.night, now_ms, end_ms)
    return [(begins_ms, ends_ms) for begins_ms, ends_ms in found if now_ms < ends_ms > begins_ms]


def is_night(building: Building, screen: Screen, now_ms: int) -> bool:
    """Whether a screen is dim now."""
    return is_within(nights(building, screen, now_ms), now_ms)


def is_within(found: Iterable[tuple[int, int]], now_ms: int) -> bool:
    """Whether an instant is in one of these nights."""
    return any(begins_ms <= now_ms < ends_ms for begins_ms, ends_ms in found)


def _closed(building: Building, start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    closed_ms = start_ms
    for opening in openings(building, start_ms, end_ms):
        yield closed_ms, opening.start_ms
        closed_ms = opening.end_ms
    yield closed_ms, end_ms


def _by_the_clock(building: Building, night: Night, start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    day = local_day(start_ms, building.timezone) - timedelta(days=1)
    while day <= local_day(end_ms, building.timezone):
        morning = day + timedelta(days=1) if night.ends < night.begins else day
        begins, ends = (
            datetime.combine(on, at, building.timezone)
            for on, at in ((day, night.begins), (morning, night.ends))
        )
        yield round(begins.timestamp() * 1000), round(ends.timestamp() * 1000)
        day += timedelta(days=1)
