# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a site and a space are open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.building import read_building
from bezet.hours import AHEAD_MS, is_open, next_opening_ms, openings
from bezet.retention import DAY_MS, HOUR_MS, local_day

ROOT = Path(__file__).parents[2]
BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
YEAR_2026_MS, YEAR_2028_MS = 1_767_222_000_000, 1_830_294_000_000


def at(clock: str) -> int:
    """An instant by the clock on the wall of the building."""
    return round(datetime.fromisoformat(clock).replace(tzinfo=BUILDING.timezone).timestamp() * 1000)


#: Of which space (None: the site), at which instant, whether it is open, and when it opens next.
MOMENTS = {
    "in the morning": (None, "2026-11-25T10:00", True, "2026-11-26T08:00"),
    "at the first instant": (None, "2026-11-25T08:00", True, "2026-11-26T08:00"),
    "just before": (None, "2026-11-25T07:59", False, "2026-11-25T08:00"),
    "at the end": (None, "2026-11-25T18:00", False, "2026-11-26T08:00"),
    "a late evening": (None, "2026-11-26T19:30", True, "2026-11-27T08:00"),
    "on a Saturday": (None, "2026-11-28T12:00", False, "2026-11-30T08:00"),
    "a space with hours of its own": ("0.01", "2026-11-28T12:00", True, "2026-11-30T07:30"),
    "a space without": ("1.04", "2026-11-28T12:00", False, "2026-11-30T08:00"),
    "on a holiday": (None, "2026-05-05T12:00", False, "2026-05-06T08:00"),
    "over Christmas": (None, "2026-12-24T21:00", False, "2026-12-28T08:00"),
}


@pytest.mark.parametrize("case", MOMENTS)
def test_moments(case: str) -> None:
    """A site is open by its hours, a space by its own or else the site's, and neither on a holiday."""
    name, now, open_now, opens_next = MOMENTS[case]
    space = None if name is None else BUILDING.spaces[name]

    assert is_open(BUILDING, at(now), space) is open_now
    assert next_opening_ms(BUILDING, at(now), space) == at(opens_next)


def test_hours_go_by_the_clock_on_the_wall() -> None:
    """In a week in which the clock changes every day opens and closes at the same hours of the clock."""
    friday, monday = openings(BUILDING, at("2026-10-23T00:00"), at("2026-10-27T00:00"))

    assert (monday.start_ms - friday.start_ms) / HOUR_MS == 3 * 24 + 1
    assert [(one.end_ms - one.start_ms) / HOUR_MS for one in (friday, monday)] == [9, 10]


def test_a_site_that_never_opens_again() -> None:
    """Where every day is a holiday there is no next opening."""
    begins_ms = at("2026-01-01T00:00")
    spans = range(begins_ms, begins_ms + AHEAD_MS + DAY_MS, DAY_MS)
    days = frozenset(local_day(t_ms, BUILDING.timezone) for t_ms in spans)

    assert next_opening_ms(replace(BUILDING, holidays=days), begins_ms) is None


@given(st.integers(YEAR_2026_MS, YEAR_2028_MS), st.integers(0, 20 * DAY_MS))
def test_what_is_open_is_in_an_opening(start_ms: int, long_ms: int) -> None:
    """Openings are in order, whole and apart, and overlap the span; an instant in one is open, no other."""
    found = [*openings(BUILDING, start_ms, start_ms + long_ms)]

    assert found == sorted(found)
    assert all(one.start_ms < one.end_ms for one in found)
    assert all(one.start_ms < start_ms + long_ms and one.end_ms > start_ms for one in found)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(found))
    for t_ms in range(start_ms, start_ms + long_ms, DAY_MS // 2):
        assert is_open(BUILDING, t_ms) is any(one.start_ms <= t_ms < one.end_ms for one in found)
