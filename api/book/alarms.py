# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Alarms while they last and for some time after, and what was muted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from api.alarms.judging import Alarm, Key
from api.alarms.rules import AlarmKind, Why
from api.alarms.telling import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from api.book.book import Book


_COLUMNS = "id, kind, subject, since_ms, seen_ms, number, ended_ms, known_ms, known_why"


class Mute(NamedTuple):
    """Of what nothing is told until an instant, and why."""

    key: Key
    until_ms: int
    why: Why


def write_alarms(book: Book, alarms: Iterable[Alarm]) -> None:
    """Put these in the place of those of their ids; what was told of them stays."""
    with book.transaction() as connection:
        connection.executemany(
            f"INSERT INTO alarm ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608  our own words
            "ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms, number = excluded.number, "
            "ended_ms = excluded.ended_ms, known_ms = excluded.known_ms, known_why = excluded.known_why",
            [
                (
                    *(one.id, one.key.kind, one.key.subject, one.since_ms, one.seen_ms),
                    *(one.number, one.ended_ms, one.known_ms, one.known_why),
                )
                for one in alarms
            ],
        )


def read_alarms(book: Book) -> list[Alarm]:
    """All that are kept, those that are not over first, then the newest."""
    with book.snapshot() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM alarm ORDER BY ended_ms IS NOT NULL, since_ms DESC, id"  # noqa: S608  as above
        ).fetchall()
    return [_alarm(row) for row in rows]


def read_untold(book: Book) -> list[tuple[Alarm, Told]]:
    """Those of which other systems think otherwise, what is over first, and what they were told last."""
    with book.snapshot() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS}, told FROM alarm WHERE (told = 'opened') = (ended_ms IS NOT NULL) "  # noqa: S608
            "ORDER BY ended_ms IS NULL, since_ms, id"
        ).fetchall()
    return [(_alarm(row), Told(told)) for *row, told in rows]


def write_told(book: Book, told: Iterable[tuple[str, Told]]) -> None:
    """Keep what other systems were told last of the alarms of these ids."""
    with book.transaction() as connection:
        connection.executemany("UPDATE alarm SET told = ?2 WHERE id = ?1", [*told])


def forget_alarms_before(book: Book, before_ms: int) -> int:
    """Remove those that were over by then, and say how many."""
    with book.transaction() as connection:
        return connection.execute("DELETE FROM alarm WHERE ended_ms < ?", (before_ms,)).rowcount


def write_mute(book: Book, mute: Mute) -> None:
    """Mute, or mute otherwise."""
    with book.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO mute VALUES (?, ?, ?, ?)", (*mute.key, mute.until_ms, mute.why)
        )


def remove_mute(book: Book, key: Key) -> None:
    """Let it be told again."""
    with book.transaction() as connection:
        connection.execute("DELETE FROM mute WHERE kind = ? AND subject = ?", key)


def read_mutes(book: Book, now_ms: int) -> dict[Key, Mute]:
    """What is muted now."""
    with book.snapshot() as connection:
        rows = connection.execute("SELECT * FROM mute WHERE until_ms > ?", (now_ms,)).fetchall()
    found = [Mute(Key(AlarmKind(kind), subject), until_ms, Why(why)) for kind, subject, until_ms, why in rows]
    return {one.key: one for one in found}


def forget_mutes_before(book: Book, before_ms: int) -> int:
    """Remove those whose time was over by then, and say how many."""
    with book.transaction() as connection:
        return connection.execute("DELETE FROM mute WHERE until_ms <= ?", (before_ms,)).rowcount


def _alarm(row: Sequence[Any]) -> Alarm:
    alarm_id, kind, subject, since_ms, seen_ms, number, ended_ms, known_ms, why = row
    known_why = None if why is None else Why(why)
    key = Key(AlarmKind(kind), subject)
    return Alarm(alarm_id, key, since_ms, seen_ms, number, ended_ms, known_ms, known_why)
