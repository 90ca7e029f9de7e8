# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The window's own book: every version of its file becomes the newest, with all that it holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import api.book
from api.book.alarms import read_alarms, read_untold
from api.book.audit import Entry, write_down, written_down
from api.book.book import APPLICATION_ID, Book
from store.sqlite.file import schema_in

FOLDER = Path(api.book.__file__).parent / "schema"
SCRIPTS = schema_in("api.book", APPLICATION_ID, "a book of bezet's window").scripts


def make_version(path: Path, version: int) -> None:
    """A book as that version of the schema left it, with a line of what was done."""
    with closing(sqlite3.connect(path)) as connection:
        for script in SCRIPTS[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")
        if version:
            connection.execute("INSERT INTO audit VALUES (1, 2, 'a', 'b', 'c', 'd', 'e')")
        connection.commit()


def tables(path: Path) -> list[tuple[str, ...]]:
    """What the file holds, as SQLite wrote it down, and its version."""
    with closing(sqlite3.connect(path)) as connection:
        return [
            *connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"),
            *connection.execute("PRAGMA user_version"),
            *connection.execute("PRAGMA application_id"),
        ]


def test_schema_files_are_numbered_without_a_gap() -> None:
    """Every version is kept, and its number is its place."""
    names = [f"{number:03}.sql" for number in range(1, len(SCRIPTS) + 1)]

    assert sorted(file.name for file in FOLDER.iterdir()) == names


@pytest.mark.parametrize("version", range(len(SCRIPTS) + 1))
def test_upgrades_every_version(tmp_path: Path, version: int) -> None:
    """A book of any earlier version, from the empty file on, becomes what a new one is, and loses nothing."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    make_version(old, version)
    for path in (old, new):
        book = Book(path)
        lines = written_down(book)
        write_down(book, Entry(3, "f", "g", "h", "i", "j"))
        book.close()
        assert len(lines) == (path == old and version > 0)

    assert tables(old) == tables(new)


def test_what_was_told_until_version_3(tmp_path: Path) -> None:
    """Alarms of version 2 were told at once, as opened and as ended; none of it is told again."""
    path = tmp_path / "book.db"
    make_version(path, 2)
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, ended_ms in (("open", None), ("over", 5)):
            row = (name, "deviceSilent", name, 1, 4, None, ended_ms, None, None)
            connection.execute("INSERT INTO alarm VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    with closing(Book(path)) as book:
        assert [(one.id, one.ended_ms) for one in read_alarms(book)] == [("open", None), ("over", 5)]
        assert read_untold(book) == []
