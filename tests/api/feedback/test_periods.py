# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Answers as they may be shown: never few, and never so that two questions tell of one answer."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from api.feedback.answers import Face, FeedbackReason
from api.feedback.periods import FEWEST, Hour, Period, periods
from bezet.retention import DAY_MS, HOUR_MS, day_begins_ms, local_day

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST = date(2026, 10, 1)


def hours_of(*days: tuple[int, int]) -> list[Hour]:
    """So many bad answers at noon of that day, counted from 1 October 2026."""
    return [
        Hour(
            day_begins_ms(FIRST + timedelta(day), ZONE) + 12 * HOUR_MS, Face.BAD, FeedbackReason.AIR, answers
        )
        for day, answers in days
    ]


def told(hours: list[Hour], now: date, left_out: frozenset[date] = frozenset()) -> list[Period]:
    """What is shown at noon of a day."""
    now_ms = day_begins_ms(now, ZONE) + 12 * HOUR_MS
    return [*periods(hours, ZONE, now_ms, lambda day: day not in left_out)]


def spans(found: list[Period]) -> list[tuple[str, str, int]]:
    """First and last day of each period, and how many answers it has."""
    return [
        (f"{local_day(one.start_ms, ZONE):%d-%m}", f"{local_day(one.end_ms - 1, ZONE):%d-%m}", one.answers)
        for one in found
    ]


def test_days_are_put_together_until_they_hold_enough() -> None:
    """A period ends with the day that makes five; what is too little at the end of a month is never shown."""
    hours = hours_of((0, 2), (3, 3), (4, 9), (20, 4), (31, 1), (33, 4))

    found = told(hours, date(2026, 12, 1))

    assert spans(found) == [("01-10", "04-10", 5), ("05-10", "05-10", 9), ("01-11", "03-11", 5)]


def test_today_counts_when_it_is_over() -> None:
    """Who asks again and again sees no answer come in."""
    hours = hours_of((0, 9))

    assert told(hours, FIRST) == []
    assert spans(told(hours, FIRST + timedelta(1))) == [("01-10", "01-10", 9)]


def test_a_day_on_which_the_space_was_too_small_is_left_out() -> None:
    """What was answered under another layout, for few people, is in no period."""
    hours = hours_of((0, 9), (1, 9))

    found = told(hours, date(2026, 10, 9), frozenset({FIRST}))

    assert spans(found) == [("01-10", "02-10", 9)]


def test_a_day_is_that_of_the_building() -> None:
    """On the day that the clock changes it has 25 hours, and midnight is that of the building."""
    hours = hours_of((24, 5))

    [found] = told(hours, date(2026, 11, 1))

    assert found.end_ms - day_begins_ms(date(2026, 10, 25), ZONE) == 25 * HOUR_MS


many = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 12)), max_size=40, unique_by=lambda one: one[0])


@given(days=many, first=st.integers(1, 90), later=st.integers(0, 90))
def test_no_two_views_can_be_subtracted(days: list[tuple[int, int]], first: int, later: int) -> None:
    """What was shown once is shown so for ever: later days add periods of enough answers, and change none."""
    hours = hours_of(*sorted(days))
    before = told(hours, FIRST + timedelta(first))
    after = told(hours, FIRST + timedelta(first + later))

    assert after[: len(before)] == before
    assert all(one.answers >= FEWEST for one in after)
    assert all(one.end_ms <= next_.start_ms for one, next_ in itertools.pairwise(after))
    assert all((one.end_ms - one.start_ms) % DAY_MS in (0, HOUR_MS, DAY_MS - HOUR_MS) for one in after)


@given(days=many)
def test_a_month_that_went_changes_no_other(days: list[tuple[int, int]]) -> None:
    """What retention took away does not move the periods of the months that are left."""
    hours, now = hours_of(*sorted(days)), FIRST + timedelta(100)
    november_ms = day_begins_ms(date(2026, 11, 1), ZONE)
    left = told([one for one in hours if one.hour_ms >= november_ms], now)

    assert left == [one for one in told(hours, now) if one.start_ms >= november_ms]
