# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When spaces are and were booked: times and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.calendars.reading import Busy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.book.book import Book


def write_busy(book: Book, space: str, busy: Sequence[Busy], as_of_ms: int) -> None:
    """Put these in the place of what was to come; what was over stays as it was."""
    with book.transaction() as connection:
        connection.execute("DELETE FROM busy WHERE space = ? AND end_ms > ?", (space, as_of_ms))
        connection.executemany(
            "INSERT INTO busy (space, start_ms, end_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(space, one.start_ms, one.end_ms) for one in busy if one.end_ms > as_of_ms],
        )
        connection.execute(
            "INSERT OR REPLACE INTO calendar (space, as_of_ms) VALUES (?, ?)", (space, as_of_ms)
        )


def read_busy(book: Book, space: str, *, start_ms: int, end_ms: int) -> list[Busy]:
    """The busy times of a space of which some is in the span, in order."""
    with book.snapshot() as connection:
        rows = connection.execute(
            "SELECT start_ms, end_ms FROM busy WHERE space = ? AND end_ms > ? AND start_ms < ? "
            "ORDER BY start_ms",
            (space, start_ms, end_ms),
        ).fetchall()
    return [Busy(*row) for row in rows]


def read_as_of(book: Book, space: str) -> int:
    """When the calendar of a space was read last; 0 if it never was."""
    with book.snapshot() as connection:
        row = connection.execute("SELECT as_of_ms FROM calendar WHERE space = ?", (space,)).fetchone()
    return 0 if row is None else int(row[0])


def forget_busy_before(book: Book, before_ms: int) -> int:
    """Remove what was over by then, and say how many."""
    with book.transaction() as connection:
        return connection.execute("DELETE FROM busy WHERE end_ms <= ?", (before_ms,)).rowcount
