# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: its file, and what it remembers of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart, StoreUnusable
from bezet.model import Kind, Level, Zone
from store.memory import MemoryStore
from store.opening import open_store
from store.sqlite import SqliteStore
from tests.store.stage import (
    EVER,
    SITE,
    SPACE,
    ZONE,
    batch,
    content,
    fact_rows,
    reading,
    reading_seconds,
    state,
    zone_facts,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "bezet.db"


# --- its file ---------------------------------------------------------------------------------------------


def test_keeps_what_it_holds_when_opened_again(path: Path) -> None:
    """Closing and opening changes nothing, and leaves one file."""
    for number in range(3):
        with closing(SqliteStore(path)) as store:
            store.write([batch(reading(number), state(number))])
            store.write_facts([zone_facts({number: 1.0})], [])
    with closing(SqliteStore(path)) as store:
        assert reading_seconds(store) == [0, 1, 2]
        assert len(fact_rows(store)) == 3

    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_says_what_it_is(path: Path) -> None:
    """The file is in WAL mode and carries the mark of bezet."""
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        marks = [
            connection.execute(f"PRAGMA {name}").fetchone() for name in ("journal_mode", "application_id")
        ]

    assert marks == [("wal",), (int.from_bytes(b"bezt", "big"),)]


def test_refuses_a_file_that_is_no_database(path: Path) -> None:
    """A file of something else is not touched."""
    path.write_bytes(b"this is a letter to the works council\n" * 100)
    with pytest.raises(StoreUnusable, match="not a database"):
        SqliteStore(path)

    assert path.read_bytes().startswith(b"this is a letter")


@pytest.mark.parametrize("version", [0, 1, 2, 99])
def test_refuses_a_database_of_something_else(path: Path, version: int) -> None:
    """A database that another program made is not turned into a store, whatever its version says."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(StoreUnusable, match="something else"):
        SqliteStore(path)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("bookmark",)]


def test_refuses_a_damaged_database(path: Path) -> None:
    """A store whose file was damaged says so instead of giving what is left."""
    with closing(SqliteStore(path)) as store:
        store.write([batch(*(reading(number) for number in range(2_000)))])
    whole = path.read_bytes()
    path.write_bytes(whole[:4_096] + b"\xaa" * (len(whole) - 4_096))
    with pytest.raises(StoreUnusable, match=r"malformed|damaged"), closing(SqliteStore(path)) as store:
        store.write([batch(reading(5_000))])


def test_refuses_damaged_facts(path: Path) -> None:
    """A day of facts that cannot be read is no day without facts."""
    with closing(SqliteStore(path)) as store:
        store.write_facts([zone_facts({1: 1.0})], [])
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE facts SET columns = substr(columns, 1, 20)")
        with pytest.raises(StoreUnusable, match=f"{path}: damaged facts"):
            list(store.facts(SITE, **EVER))
        with pytest.raises(StoreUnusable, match="damaged facts"):
            store.write_facts([zone_facts({2: 1.0})], [])


def test_what_is_removed_is_not_left_in_the_file(path: Path) -> None:
    """After a space was removed its name stands nowhere in the file, and nothing points where it was."""
    with closing(SqliteStore(path)) as store:
        store.write([batch(*(reading(n) for n in range(500)), space="secret-room", device="pi-of-secret")])
        store.write_facts([zone_facts({1: 1.0}, Zone(SITE, "secret-room", "pi-of-secret"))], [])
        store.remove_space(SITE, "secret-room")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    raw = path.read_bytes()

    assert b"secret-room" not in raw
    assert b"pi-of-secret" not in raw


def test_reading_a_zone_holds_no_transaction(path: Path) -> None:
    """However slowly everything of a zone is read, the log beside the file can be folded into it."""
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as other:
        store.write([batch(*(reading(number) for number in range(12_000)))])
        store.write_facts([zone_facts({1: 1.0}), zone_facts({1: 1.0}, Zone(SITE, "1.05", "pi-1"))], [])
        portions, facts = store.batches(ZONE, **EVER), store.facts(SITE, **EVER)
        next(portions)
        next(facts)
        store.write([batch(reading(20_000))])

        busy, in_log, folded = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert (busy, in_log, folded) == (0, 0, 0)
        assert sum(len(one.readings) for one in portions) == 12_001 - 5_000
        assert len(list(facts)) == 1


# --- what it remembers ------------------------------------------------------------------------------------


def test_forgets_what_a_failed_write_had_numbered(path: Path) -> None:
    """A sensor that was new in a write that failed is not taken for one that came after."""
    spoiled = replace(batch(), readings=(None,))  # type: ignore[arg-type]
    new, other = batch(reading(1), state(1), space="1.05"), batch(reading(2), state(2), space="1.06")
    with closing(SqliteStore(path)) as store, closing(SqliteStore(path)) as elsewhere:
        with pytest.raises(AttributeError):
            store.write([new, spoiled])
        elsewhere.write([other])
        store.write([new])

        with closing(MemoryStore()) as wanted:
            wanted.write([new, other])
            assert content(store, [new, other]) == content(wanted, [new, other])


def test_forgets_a_space_that_another_program_removed(path: Path) -> None:
    """What is written after a removal elsewhere stands under its own name, not under one with its number."""
    first, other = batch(reading(1), state(1)), batch(reading(2, "pir", Kind.MOTION, 1.0), space="1.05")
    with closing(SqliteStore(path)) as store, closing(SqliteStore(path)) as elsewhere:
        store.write([first])
        store.write_facts([zone_facts({0: 1.0})], [])
        assert elsewhere.remove_space(SITE, SPACE)[Level.STATES] == 1
        elsewhere.write([other])
        again = batch(reading(3), state(3))
        store.write([again])
        store.write_facts([zone_facts({1: 1.0})], [])

        with closing(MemoryStore()) as wanted:
            wanted.write([other, again])
            assert content(store, [first, other]) == content(wanted, [first, other])
            assert [one[:3] for one in store.touched(SITE)] == [one[:3] for one in wanted.touched(SITE)]
        assert list(fact_rows(store)) == [(ZONE, 1)]


def test_a_repeat_writes_nothing(path: Path) -> None:
    """What comes a second time is not written to the disk again, so that a crash costs no more than time."""
    rows = [batch(*(reading(second) for second in range(5_000)), *(state(n) for n in range(500)))]
    with closing(SqliteStore(path)) as store:
        store.write(rows)
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.write(rows)

        assert path.with_name("bezet.db-wal").stat().st_size < 10 * 4_200
        assert reading_seconds(store) == [*range(5_000)]


# --- opening ----------------------------------------------------------------------------------------------


def test_opens_by_address(tmp_path: Path) -> None:
    """The words of a configuration name a store."""
    path = tmp_path / "a folder" / "bezet.db"
    path.parent.mkdir()
    with closing(open_store(f"sqlite:{path}")) as store:
        assert isinstance(store, SqliteStore)
    with closing(open_store("memory:")) as store:
        assert isinstance(store, MemoryStore)
    assert path.exists()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "needs the form sqlite:FILE"),
        ("bezet.db", "needs the form sqlite:FILE"),
        ("sqlite:", "needs the form sqlite:FILE"),
        ("oracle:bezet", "needs the form sqlite:FILE"),
        ("sqlite:{folder}/nowhere/bezet.db", "there is no folder"),
        ("sqlite:{folder}", "unable to open"),
    ],
)
def test_refuses_an_address(tmp_path: Path, address: str, why: str) -> None:
    """An address that names no store is one line that says why."""
    with pytest.raises(CannotStart, match=why) as refused:
        open_store(address.format(folder=tmp_path))

    assert "\n" not in str(refused.value)
