# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is too old goes out of the window's book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.alarms.judging import Alarm, Key
from api.alarms.rules import AlarmKind, Why
from api.book.alarms import Mute, read_alarms, read_mutes, write_alarms, write_mute
from api.book.audit import Entry, write_down, written_down
from api.book.busy import read_busy, write_busy
from api.book.feedback import count_answer, read_answers
from api.book.keeping import removed
from api.calendars.reading import Busy
from api.feedback.answers import Face, FeedbackReason
from bezet.retention import DAY_MS
from tests.api.conftest import NOW_MS

if TYPE_CHECKING:
    from tests.api.conftest import Stage


def test_what_is_too_old_goes_and_is_told(stage: Stage) -> None:
    """Lines of 13 months, alarms over for 90 days, mutes over, bookings with states, answers with facts."""
    key = Key(AlarmKind.DEVICE_SILENT, "pi-1")
    for age_days in (1, 380, 400):
        write_down(stage.book, Entry(NOW_MS - age_days * DAY_MS, "a", "b", "c", "d", "e"))
    ended = [NOW_MS - 91 * DAY_MS, NOW_MS - 89 * DAY_MS, None]
    write_alarms(stage.book, [Alarm(str(n), key, 0, 0, None, end_ms) for n, end_ms in enumerate(ended)])
    mutes = [Mute(Key(key.kind, f"pi-{n}"), NOW_MS + n, Why.WORKS) for n in range(2)]
    for mute in mutes:
        write_mute(stage.book, mute)
    spans = [Busy(NOW_MS - age_days * DAY_MS, NOW_MS - age_days * DAY_MS + 1) for age_days in (100, 80)]
    write_busy(stage.book, "0.02", spans, 0)

    for age_days in (780, 780, 750):
        hour_ms = NOW_MS - age_days * DAY_MS
        count_answer(stage.book, "0.02", hour_ms, Face.BAD, FeedbackReason.AIR)

    gone = removed(stage.book, stage.building, NOW_MS)

    assert gone == {
        "lines of what was done": 1,
        "alarms that were over": 1,
        "mutes that were over": 1,
        "bookings": 1,
        "answers about spaces": 2,
    }
    assert read_mutes(stage.book, 0) == {mutes[1].key: mutes[1]}
    assert len(written_down(stage.book)) == 2
    assert {one.id for one in read_alarms(stage.book)} == {"1", "2"}
    assert read_busy(stage.book, "0.02", start_ms=0, end_ms=2**53) == spans[1:]
    assert [len(hours) for hours in read_answers(stage.book, start_ms=0, end_ms=2**53).values()] == [1]
    assert set(removed(stage.book, stage.building, NOW_MS).values()) == {0}
    stage.book.close()
