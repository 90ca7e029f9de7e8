# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What people and scripts did, a line each, with the fields that BIO2 8.15.01 asks for; never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from api.book.book import Book


class Entry(NamedTuple):
    """One line: `actor` did `action` to `object`, from `origin`, and how it ended."""

    t_ms: int
    actor: str
    action: str
    object: str
    result: str
    origin: str


def write_down(book: Book, entry: Entry) -> None:
    """Commit one line."""
    with book.transaction() as connection:
        connection.execute(
            "INSERT INTO audit (t_ms, actor, action, object, result, origin) VALUES (?, ?, ?, ?, ?, ?)", entry
        )


def written_down(book: Book, *, before: int | None = None, most: int = 100) -> list[tuple[int, Entry]]:
    """The newest lines with their numbers, newest first; only those with a number under `before`."""
    with book.snapshot() as connection:
        rows = connection.execute(
            "SELECT id, t_ms, actor, action, object, result, origin FROM audit "
            "WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
            (before, most),
        ).fetchall()
    return [(number, Entry(*fields)) for number, *fields in rows]


def last_result(book: Book, action: str, what: str) -> str | None:
    """How the newest line of that action on that object ended; None where there is none."""
    with book.snapshot() as connection:
        row = connection.execute(
            "SELECT result FROM audit WHERE action = ? AND object = ? ORDER BY id DESC LIMIT 1",
            (action, what),
        ).fetchone()
    return None if row is None else str(row[0])


def forget_entries_before(book: Book, before_ms: int) -> int:
    """Remove the lines that are older, and say how many."""
    with book.transaction() as connection:
        return connection.execute("DELETE FROM audit WHERE t_ms < ?", (before_ms,)).rowcount
