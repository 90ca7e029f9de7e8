# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a space is open."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.building import read_building
from demo.truth.hours import Spans, open_spans
from tests.conftest import ROOT
from tests.demo.towns import HOUR_MS, clock

BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")


@pytest.mark.parametrize(
    ("space", "day", "hours"),
    [
        pytest.param("1.04", date(2026, 11, 24), (8, 18), id="hours of the site"),
        pytest.param("1.04", date(2026, 11, 26), (8, 20), id="a late evening"),
        pytest.param("0.01", date(2026, 11, 24), (7.5, 21), id="hours of its own"),
        pytest.param("0.01", date(2026, 11, 28), (10, 16), id="a Saturday of its own"),
        pytest.param("1.04", date(2026, 11, 28), None, id="closed on Saturday"),
        pytest.param("0.01", date(2026, 12, 25), None, id="a holiday"),
    ],
)
def test_a_day(space: str, day: date, hours: tuple[float, float] | None) -> None:
    """A day is open by the hours of the space, or else of the site, unless it is a holiday."""
    found = open_spans(BUILDING, space, clock(0, day), clock(24, day))

    wanted = [] if hours is None else [(clock(hours[0], day), clock(hours[1], day))]
    assert [*zip(*(column.tolist() for column in found), strict=True)] == wanted


def test_hours_go_by_the_clock_on_the_wall() -> None:
    """In a week in which the clock changes every day opens and closes at the same hours of the clock."""
    friday, monday = date(2026, 10, 23), date(2026, 10, 26)

    found = open_spans(BUILDING, "1.04", clock(0, friday), clock(24, monday))

    assert ((found.to_ms - found.from_ms) / HOUR_MS).tolist() == [9, 10]
    assert (found.from_ms[1] - found.from_ms[0]) / HOUR_MS == 3 * 24 + 1


def test_a_night_in_which_the_clock_changes() -> None:
    """A space that is open while the clock is put back is open for an hour longer than its hours say."""
    text = (ROOT / "building.toml").read_text(encoding="utf-8")
    building = read_building(text.replace('sat = "10:00-16:00"', 'sun = "01:00-05:00"'), "building.toml")
    sunday = date(2026, 10, 25)

    found = open_spans(building, "0.01", clock(0, sunday), clock(26, sunday))

    assert ((found.to_ms - found.from_ms) / HOUR_MS).tolist() == [5]


@given(st.lists(st.integers(0, 50), unique=True), st.integers(0, 25), st.integers(25, 50))
def test_spans_hold_what_lies_in_them(edges: list[int], start: int, end: int) -> None:
    """An instant is in a span from its first to before its last, as far as the span is cut."""
    spans = [*pairwise(sorted(edges))][::2]
    t_ms = np.arange(-1, 52)

    found = Spans.of(spans, start, end).hold(t_ms)

    assert found.tolist() == [start <= t < end and any(a <= t < b for a, b in spans) for t in range(-1, 52)]
