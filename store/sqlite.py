# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: one SQLite file in WAL mode, which other processes read while the collector writes."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from importlib import resources
from typing import TYPE_CHECKING

from bezet.errors import Cause, StoreBusy, StoreUnusable
from bezet.model import Because, Kind, Occupancy, Reading, State
from store import MAX_REJECT_BYTES, MAX_REJECTS, DeviceReading, DeviceState, Reject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bezet.wire import Batch

BUSY_TIMEOUT_S = 5.0

_SERIES = "INSERT INTO series (site, space, device, sensor, kind) VALUES (?, ?, ?, ?, ?)"
_FIND_SERIES = "SELECT id FROM series WHERE (site, space, device, sensor, kind) = (?, ?, ?, ?, ?)"
_READING = "INSERT OR IGNORE INTO reading (series, t_ms, value) VALUES (?, ?, ?)"
_STATE = """
    INSERT OR IGNORE INTO state (site, space, device, t_ms, rule, occupancy, probability, since_ms, because,
                                 people, people_low, people_high)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_READINGS = """
    SELECT device, t_ms, sensor, kind, value FROM series JOIN reading ON reading.series = series.id
    WHERE site = ? AND space = ? AND (? IS NULL OR kind = ?) AND t_ms >= ? AND t_ms < ?
    ORDER BY t_ms, device, sensor, kind
"""
_STATE_COLUMNS = """
    device, t_ms, rule, occupancy, probability, since_ms, because, people, people_low, people_high
"""
_STATES = f"""
    SELECT {_STATE_COLUMNS} FROM state WHERE site = ? AND space = ? AND t_ms >= ? AND t_ms < ?
    UNION ALL
    SELECT {_STATE_COLUMNS} FROM state JOIN (
        SELECT device AS name, MAX(t_ms) AS last_ms FROM state
        WHERE site = ? AND space = ? AND t_ms < ? GROUP BY device
    ) ON device = name AND t_ms = last_ms
    WHERE site = ? AND space = ?
    ORDER BY t_ms, device, rule
"""  # noqa: S608  the only thing put in is the list of columns above


class SqliteStore:
    """A `Store` in the file at `path`; made if it is not there, brought up to date if it is older.

    May be used from several threads; each has a connection of its own.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """`busy_timeout_s`: how long to wait for another writer before it is `StoreBusy`."""
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._series: dict[tuple[str, ...], int] = {}
        try:
            with _translated(path):
                _upgrade(self._connection, path)
        except BaseException:
            self.close()
            raise

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(
                self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
            )
            try:
                found.execute("PRAGMA journal_mode = WAL")
                # FULL: a receipt promises that a power cut takes nothing back.
                found.execute("PRAGMA synchronous = FULL")
            except sqlite3.Error:
                found.close()
                raise
            self._local.connection = found
            self._connections.append(found)
        return found

    def write(self, batches: Sequence[Batch]) -> None:
        """Commit all of it or nothing."""
        new: dict[tuple[str, ...], int] = {}
        with _translated(self._path), _transaction(self._connection) as connection:
            rows = [
                (self._series_id(connection, batch, reading, new), reading.t_ms, reading.value)
                for batch in batches
                for reading in batch.readings
            ]
            connection.executemany(_READING, rows)
            connection.executemany(
                _STATE, (_state_row(batch, state) for batch in batches for state in batch.states)
            )
        self._series.update(new)

    def _series_id(
        self, connection: sqlite3.Connection, batch: Batch, reading: Reading, new: dict[tuple[str, ...], int]
    ) -> int:
        key = (batch.site, batch.space, batch.device, reading.sensor, str(reading.kind))
        number = self._series.get(key) or new.get(key)
        if number is None:
            found = connection.execute(_FIND_SERIES, key).fetchone()
            number = new[key] = found[0] if found else int(connection.execute(_SERIES, key).lastrowid or 0)
        return number

    def readings(
        self, site: str, space: str, *, start_ms: int, end_ms: int, kind: Kind | None = None
    ) -> Iterator[DeviceReading]:
        """Readings of a space in order of time, device, sensor and kind."""
        asked = (site, space, kind, kind, start_ms, end_ms)
        with _translated(self._path), closing(self._connection.execute(_READINGS, asked)) as rows:
            for device, t_ms, sensor, kind_word, value in rows:
                yield DeviceReading(device, Reading(t_ms, sensor, Kind(kind_word), value))

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> Iterator[DeviceState]:
        """States of a space in order of time and device, each device's last one before the span first."""
        asked = (site, space, start_ms, end_ms, site, space, start_ms, site, space)
        with _translated(self._path), closing(self._connection.execute(_STATES, asked)) as rows:
            for row in rows:
                yield _stored_state(row)

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep refused messages: counted for ever, the newest 1,000 whole."""
        rows = [(one.t_ms, one.topic, one.cause, one.what, one.payload[:MAX_REJECT_BYTES]) for one in rejects]
        with _translated(self._path), _transaction(self._connection) as connection:
            connection.executemany(
                "INSERT INTO reject (t_ms, topic, cause, what, payload) VALUES (?, ?, ?, ?, ?)", rows
            )
            connection.execute(
                "DELETE FROM reject WHERE id <= (SELECT MAX(id) FROM reject) - ?", [MAX_REJECTS]
            )
            connection.executemany(
                "INSERT INTO reject_count VALUES (?, 1) ON CONFLICT DO UPDATE SET messages = messages + 1",
                ((one.cause,) for one in rejects),
            )

    def rejects(self, limit: int = 50) -> list[Reject]:
        """The newest refused messages, newest first."""
        query = "SELECT t_ms, topic, cause, what, payload FROM reject ORDER BY id DESC LIMIT ?"
        with _translated(self._path):
            rows = self._connection.execute(query, [limit]).fetchall()
        return [
            Reject(t_ms, topic, Cause(cause), what, payload) for t_ms, topic, cause, what, payload in rows
        ]

    def reject_counts(self) -> dict[Cause, int]:
        """How many messages were ever refused, by cause."""
        with _translated(self._path):
            rows = self._connection.execute("SELECT cause, messages FROM reject_count").fetchall()
        return {Cause(cause): messages for cause, messages in rows}

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()


def _state_row(batch: Batch, state: State) -> tuple[object, ...]:
    return (
        batch.site,
        batch.space,
        batch.device,
        state.t_ms,
        state.rule,
        state.occupancy,
        state.probability,
        state.since_ms,
        " ".join(state.because),
        state.people,
        state.people_low,
        state.people_high,
    )


def _stored_state(
    row: tuple[str, int, str, str, float, int, str, float | None, float | None, float | None],
) -> DeviceState:
    device, t_ms, rule, occupancy, probability, since_ms, because, people, low, high = row
    reasons = tuple(Because(word) for word in because.split())
    state = State(t_ms, Occupancy(occupancy), probability, since_ms, reasons, rule, people, low, high)
    return DeviceState(device, state)


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Run every schema file that this store has not seen; refuse one of a newer version."""
    files = sorted(
        (
            file
            for file in resources.files("store").joinpath("schema").iterdir()
            if file.name.endswith(".sql")
        ),
        key=lambda file: file.name,
    )
    if _version(connection) == len(files):
        return
    with _transaction(connection):
        version = _version(connection)
        if version > len(files):
            made = f"schema {version}, this one knows {len(files)}"
            raise StoreUnusable(f"{path}: made by a newer bezet ({made}); upgrade bezet")
        if version == 0 and connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()[0]:
            raise StoreUnusable(f"{path}: holds something else than a store of bezet; choose another file")
        for file in files[version:]:
            for statement in _statements(file.read_text()):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(files)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
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
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if any(name.startswith(passing) for passing in _PASSING):
            raise StoreBusy(f"{path}: {error}") from error
        raise StoreUnusable(f"{path}: {error}") from error
