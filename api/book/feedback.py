# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What people said of spaces: how many gave which answer in which hour; never who, nor in which order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from api.feedback.answers import Face, FeedbackReason
from api.feedback.periods import Hour

if TYPE_CHECKING:
    from api.book.book import Book


def count_answer(book: Book, space: str, hour_ms: int, face: Face, reason: FeedbackReason | None) -> None:
    """Commit one answer more."""
    with book.transaction() as connection:
        connection.execute(
            "INSERT INTO feedback (space, hour_ms, face, reason, answers) VALUES (?, ?, ?, ?, 1) "
            "ON CONFLICT DO UPDATE SET answers = answers + 1",
            (space, hour_ms, face, reason or ""),
        )


def read_answers(book: Book, *, start_ms: int, end_ms: int) -> dict[str, list[Hour]]:
    """The hours that begin in the span, in order, by space."""
    with book.snapshot() as connection:
        rows = connection.execute(
            "SELECT space, hour_ms, face, reason, answers FROM feedback WHERE hour_ms >= ? AND hour_ms < ? "
            "ORDER BY hour_ms, face, reason",
            (start_ms, end_ms),
        ).fetchall()
    found: defaultdict[str, list[Hour]] = defaultdict(list)
    for space, hour_ms, face, reason, answers in rows:
        found[space].append(Hour(hour_ms, Face(face), FeedbackReason(reason) if reason else None, answers))
    return dict(found)


def forget_answers_before(book: Book, before_ms: int) -> int:
    """Remove the hours that began earlier, and say how many answers went."""
    with book.transaction() as connection:
        found: int = connection.execute(
            "SELECT coalesce(sum(answers), 0) FROM feedback WHERE hour_ms < ?", (before_ms,)
        ).fetchone()[0]
        connection.execute("DELETE FROM feedback WHERE hour_ms < ?", (before_ms,))
    return found
