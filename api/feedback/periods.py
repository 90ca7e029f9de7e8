# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Answers of a space as they may be shown: never fewer than `FEWEST` together, and no two views to subtract.

Days are put together until they hold enough. Where a period ends does not hang on what was asked, nor on
when: each month of the building begins anew, a day counts once it is over, and what is too little at the end
of a month is never shown. So whoever asks twice, or otherwise, learns nothing of a single answer. Pure.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from api.feedback.answers import Face, FeedbackReason
from bezet.retention import day_begins_ms, local_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo


#: A count of fewer could be one meeting, and its organiser known to all.
FEWEST = 5
#: A share of fewer says nothing, and too much of each.
LEAST_BASE = 10


class Hour(NamedTuple):
    """So many gave this answer in the hour that begins at `hour_ms`."""

    hour_ms: int
    face: Face
    reason: FeedbackReason | None
    answers: int


class Period(NamedTuple):
    """Whole days of the building, and what was answered in them."""

    start_ms: int
    end_ms: int
    faces: Counter[Face]
    reasons: Counter[FeedbackReason]

    @property
    def answers(self) -> int:
        """How many there were."""
        return self.faces.total()


def periods(
    hours: Sequence[Hour], timezone: ZoneInfo, now_ms: int, counts: Callable[[date], bool]
) -> Iterator[Period]:
    """The periods of whole months, in order; `hours` are of one space, and only days that it `counts`."""
    today = local_day(now_ms, timezone)

    def day_of(hour: Hour) -> date:
        return local_day(hour.hour_ms, timezone)

    days = [(day, [*found]) for day, found in groupby(hours, day_of) if day < today and counts(day)]
    for _, month in groupby(days, lambda one: (one[0].year, one[0].month)):
        yield from _of_month([*month], timezone)


def _of_month(days: Sequence[tuple[date, list[Hour]]], timezone: ZoneInfo) -> Iterator[Period]:
    first, held = days[0][0].replace(day=1), list[Hour]()
    for day, hours in days:
        held += hours
        if sum(one.answers for one in held) < FEWEST:
            continue
        after = day.fromordinal(day.toordinal() + 1)
        faces, reasons = Counter[Face](), Counter[FeedbackReason]()
        for one in held:
            faces[one.face] += one.answers
            if one.reason is not None:
                reasons[one.reason] += one.answers
        yield Period(day_begins_ms(first, timezone), day_begins_ms(after, timezone), faces, reasons)
        first, held = after, []
