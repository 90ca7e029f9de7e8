# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is on its way to webhooks: kept until it arrived, or is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from api.book.book import Book

#: So many wait for one receiver; the oldest make room.
MOST_WAITING = 1_000


class Parcel(NamedTuple):
    """One event for one receiver; `number` is its number here, `tries` how often it was sent in vain."""

    number: int
    made_ms: int
    event: str
    body: str
    tries: int
    due_ms: int


def put_parcel(book: Book, webhook: str, event: str, body: str, now_ms: int) -> int:
    """Commit one that is due now; the oldest make room for it, and how many did is returned."""
    with book.transaction() as connection:
        connection.execute(
            "INSERT INTO parcel (webhook, made_ms, event, body, due_ms) VALUES (?, ?, ?, ?, ?)",
            (webhook, now_ms, event, body, now_ms),
        )
        return connection.execute(
            "DELETE FROM parcel WHERE id IN "
            "(SELECT id FROM parcel WHERE webhook = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (webhook, MOST_WAITING),
        ).rowcount


def next_parcel(book: Book, webhook: str) -> Parcel | None:
    """The one that is due first; None where nothing waits."""
    with book.snapshot() as connection:
        row = connection.execute(
            "SELECT id, made_ms, event, body, tries, due_ms FROM parcel WHERE webhook = ? "
            "ORDER BY due_ms, id LIMIT 1",
            (webhook,),
        ).fetchone()
    return None if row is None else Parcel(*row)


def postpone(book: Book, parcel: Parcel, due_ms: int) -> None:
    """Count a try, and try again then."""
    with book.transaction() as connection:
        connection.execute(
            "UPDATE parcel SET tries = tries + 1, due_ms = ? WHERE id = ?", (due_ms, parcel.number)
        )


def drop_parcel(book: Book, parcel: Parcel) -> None:
    """It arrived, or is given up."""
    with book.transaction() as connection:
        connection.execute("DELETE FROM parcel WHERE id = ?", (parcel.number,))


def drop_all(book: Book, webhook: str) -> int:
    """Nothing is on its way to a receiver any more; how much was, is returned."""
    with book.transaction() as connection:
        return connection.execute("DELETE FROM parcel WHERE webhook = ?", (webhook,)).rowcount


def waiting(book: Book, webhook: str) -> int:
    """How many are on their way to a receiver."""
    with book.snapshot() as connection:
        found: int = connection.execute(
            "SELECT count(*) FROM parcel WHERE webhook = ?", (webhook,)
        ).fetchone()[0]
    return found
