# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The file of an embedded store: its connections, its transactions and its version."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import StoreBusy, StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Schema(NamedTuple):
    """What a file is: the scripts of its versions in order, the mark in its head, and what a person calls it.

    `first_tables` are those of a version 1 that had no such mark yet.
    """

    scripts: tuple[str, ...]
    application_id: int
    words: str
    first_tables: frozenset[str] = frozenset()


@cache
def schema_in(package: str, application_id: int, words: str, *first_tables: str) -> Schema:
    """The schema of which the versions 001.sql, 002.sql … lie in the folder `schema` of a package."""
    folder = resources.files(package).joinpath("schema")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return Schema(tuple(one.read_text() for one in files), application_id, words, frozenset(first_tables))


#: "bezt" is in the head of every store since version 2 of the schema.
STORE = schema_in(
    "store", 0x62657A74, "a store of bezet", "reading", "reject", "reject_count", "series", "state"
)
#: After a long transaction the log beside the file gives back what is more than this.
_LOG_BYTES = 64 * 2**20
#: The newest pages of a few thousand sensors; what SQLite takes by itself (2 MB) makes writing half as fast.
_CACHE_BYTES = 16 * 2**20


class Database:
    """One file, for several threads: each reads by a connection of its own, all write by one, in turn."""

    def __init__(self, path: Path, busy_timeout_s: float, schema: Schema = STORE) -> None:
        """Open the file, made if it is not there, brought up to date if it is older."""
        self.path = path
        self._schema = schema
        self._busy_timeout_s = busy_timeout_s
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        # SQLite lets writers look again now and then; between threads the turn is handed on at once. And one
        # connection knows which of its pages are still good, where several would read them again.
        self._turn = threading.Lock()
        # Closing a connection that another thread is using takes the whole program down.
        self._free = threading.Condition()
        self._users = 0
        self._writer: sqlite3.Connection | None = None
        try:
            self._upgrade()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is committed together, or nothing is."""
        if not self._turn.acquire(timeout=self._busy_timeout_s):
            raise StoreBusy(f"{self.path}: another thread of this program is writing")
        try:
            with self._used():
                if self._writer is None:
                    self._writer = self._connected()
                    self._writer.execute(f"PRAGMA cache_size = {-_CACHE_BYTES // 1024}")
                with translated(self.path), began(self._writer, "BEGIN IMMEDIATE") as connection:
                    yield connection
        finally:
            self._turn.release()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """What is read inside is of one instant; it keeps nobody from writing."""
        with self._used():
            found: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if found is None:
                found = self._local.connection = self._connected()
            with translated(self.path), began(found, "BEGIN") as connection:
                yield connection

    @contextmanager
    def _used(self) -> Iterator[None]:
        with self._free:
            self._users += 1
        try:
            yield
        finally:
            with self._free:
                self._users -= 1
                self._free.notify_all()

    def close(self) -> None:
        """Close the connections of all threads, once they are done, or after the time that a writer waits."""
        with self._free:
            self._free.wait_for(lambda: not self._users, timeout=self._busy_timeout_s)
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local, self._writer = threading.local(), None

    def _connected(self) -> sqlite3.Connection:
        found = connected(self.path, self._busy_timeout_s)
        self._connections.append(found)
        return found

    def _upgrade(self) -> None:
        """Run every schema file that this store has not seen; refuse what is no store, or a newer one."""
        scripts = self._schema.scripts
        with self.snapshot() as connection:
            if checked_version(connection, self.path, self._schema) == len(scripts):
                return
        with self.transaction() as connection:
            for script in scripts[checked_version(connection, self.path, self._schema) :]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(scripts)}")


def connected(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection of one's own, to be closed by whoever asked."""
    with translated(path):
        found = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
        try:
            _set_up(found, path)
        except BaseException:
            found.close()
            raise
    return found


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreUnusable(f"{path}: cannot be read while it is written; is it on a network file system?")
    # FULL: a receipt promises that a power cut takes nothing back.
    connection.execute("PRAGMA synchronous = FULL")
    # What retention removed is not left in the file for somebody to find.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")


# --- versions ---------------------------------------------------------------------------------------------


def checked_version(connection: sqlite3.Connection, path: Path, schema: Schema = STORE) -> int:
    """The version of a file that this program can use, 0 of an empty file; else `StoreUnusable`."""
    version, mark = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("user_version", "application_id")
    )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    known = len(schema.scripts)
    is_marked = mark == schema.application_id
    is_first = is_marked or (bool(schema.first_tables) and tables >= schema.first_tables)
    is_ours = {0: not tables, 1: is_first}.get(version, is_marked)
    if not is_ours:
        raise StoreUnusable(f"{path}: holds something else than {schema.words}; choose another file")
    if version > known:
        raise StoreUnusable(
            f"{path}: made by a newer bezet (schema {version}, this one knows {known}); upgrade bezet"
        )
    return version


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


# --- transactions -----------------------------------------------------------------------------------------


@contextmanager
def began(connection: sqlite3.Connection, how: str) -> Iterator[sqlite3.Connection]:
    """A transaction of a connection, committed at the end or rolled back."""
    connection.execute(how)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


#: SQLite's own words for what may pass by itself, or when somebody makes room.
_PASSING = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_PROTOCOL"}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """What SQLite says, in the words of the tree of errors."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if any(name.startswith(passing) for passing in _PASSING):
            raise StoreBusy(f"{path}: {error}") from error
        raise StoreUnusable(f"{path}: {error}") from error
    except zlib.error as error:
        raise StoreUnusable(f"{path}: damaged facts: {error}") from error
