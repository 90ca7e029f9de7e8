# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The outbox: on disk until the store has it.

A message leaves by a receipt. When the outbox reaches its bound, or the disk has no room, the oldest
messages are refused, and counted. What the agent must remember over a restart is committed together with
the messages that follow from it.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bezet import wire
from bezet.errors import CannotStart, OutboxFull

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LOG = logging.getLogger("bezet.edge.outbox")

DEFAULT_MAX_BYTES = 500_000_000
#: How much of the bound is made free at once when it is reached.
EVICT_SHARE = 0.05
#: A file that is only there to be given up when the disk is full.
BALLAST_BYTES = 524_288
#: Pages of 4 KiB in the write-ahead log before it is moved into the file; well under the ballast.
CHECKPOINT_PAGES = 64

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    boot TEXT NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    parked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS message_waiting ON message (parked, seq);
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


class Letter(NamedTuple):
    """A message as it goes to the broker."""

    topic: str
    payload: bytes


class Outbox:
    """Messages in the file at `path`, at most `max_bytes` of payload.

    Its methods block on the disk; they may be called from any thread, one at a time.
    """

    def __init__(self, path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._connection = _open(path)
        self._ballast = path.with_name(f"{path.name}.ballast")
        self._take_ballast()
        self._next = self._one("SELECT seq FROM sqlite_sequence WHERE name = 'message'") + 1
        self._bytes = self._one("SELECT SUM(LENGTH(payload)) FROM message")
        self.queued = self._one("SELECT COUNT(*) FROM message")
        self.refused = int(self.kept("refused") or 0)

    def put(self, batches: Sequence[wire.Batch], keep: Mapping[str, str]) -> list[int]:
        """Commit messages and what to remember; returns the numbers of messages refused to make room.

        The batches get their `seq` here. Raises `OutboxFull`, having changed nothing, when the disk is full.
        """
        with self._lock:
            numbered = [replace(batch, seq=self._next + place) for place, batch in enumerate(batches)]
            letters = [(batch.seq, batch.boot, *wire.encode(batch)) for batch in numbered]
            size = sum(len(payload) for *_, payload in letters)
            evicted = self._make_room(size)
            try:
                self._insert(letters, keep)
            except OutboxFull:
                with self._ballast_given_up():
                    evicted += self._evict(max(4 * size, BALLAST_BYTES))
                self._insert(letters, keep)
            self._next += len(letters)
            self._bytes += size
            self.queued += len(letters)
            return evicted

    def waiting(self, limit: int) -> list[int]:
        """The oldest messages that are not parked."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT seq FROM message WHERE parked = 0 ORDER BY seq LIMIT ?", [limit]
            )
            return [seq for (seq,) in rows]

    def load(self, seq: int) -> Letter | None:
        """A message, or None when it is no longer there."""
        with self._lock:
            row = self._connection.execute(
                "SELECT topic, payload FROM message WHERE seq = ?", [seq]
            ).fetchone()
        return None if row is None else Letter(*row)

    def forget(self, boot: str, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """Remove what is committed in the store; returns the numbers removed."""
        statement = (
            "DELETE FROM message WHERE boot = ? AND seq BETWEEN ? AND ? RETURNING seq, LENGTH(payload)"
        )
        asked = [(boot, first, last) for first, last in ranges]
        with self._lock:
            try:
                return self._remove(statement, asked)
            except OutboxFull:
                with self._ballast_given_up():
                    return self._remove(statement, asked)

    def park(self, boot: str, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """Set aside what was refused, until `unpark`; returns the numbers set aside."""
        with self._lock, _translated(self._path), self._connection:
            return [
                seq
                for first, last in ranges
                for (seq,) in self._connection.execute(
                    "UPDATE message SET parked = 1 WHERE boot = ? AND seq BETWEEN ? AND ? RETURNING seq",
                    [boot, first, last],
                )
            ]

    def unpark(self) -> None:
        """Let what was set aside be tried again."""
        with self._lock, _translated(self._path), self._connection:
            self._connection.execute("UPDATE message SET parked = 0 WHERE parked = 1")

    def kept(self, key: str) -> str | None:
        """What was committed under `key` last."""
        with self._lock:
            row = self._connection.execute("SELECT text FROM kept WHERE key = ?", [key]).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Close the file, after whoever is at it is done."""
        with self._lock:
            self._connection.close()

    def _insert(self, letters: Sequence[tuple[int, str, str, bytes]], keep: Mapping[str, str]) -> None:
        with _translated(self._path), self._connection:
            self._connection.executemany(
                "INSERT INTO message (seq, boot, topic, payload) VALUES (?, ?, ?, ?)", letters
            )
            self._connection.executemany(
                "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text", keep.items()
            )

    def _make_room(self, size: int) -> list[int]:
        over = self._bytes + size - self._max_bytes
        return self._evict(max(over, round(self._max_bytes * EVICT_SHARE))) if over > 0 else []

    @contextmanager
    def _ballast_given_up(self) -> Iterator[None]:
        """Deleting needs a little disk too: give up the ballast for it, and then take it back."""
        self._ballast.unlink(missing_ok=True)
        try:
            self._checkpoint()
            yield
        finally:
            self._checkpoint()
            self._take_ballast()

    def _checkpoint(self) -> None:
        with contextlib.suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _take_ballast(self) -> None:
        with contextlib.suppress(OSError):
            if not self._ballast.exists():
                self._ballast.write_bytes(bytes(BALLAST_BYTES))

    def _evict(self, size: int) -> list[int]:
        """Refuse the oldest messages until `size` bytes are free."""
        last, freed = 0, 0
        for seq, length in self._connection.execute("SELECT seq, LENGTH(payload) FROM message ORDER BY seq"):
            last, freed = seq, freed + length
            if freed >= size:
                break
        gone = self._remove("DELETE FROM message WHERE seq <= ? RETURNING seq, LENGTH(payload)", [(last,)])
        self.refused += len(gone)
        with _translated(self._path), self._connection:
            self._connection.execute("REPLACE INTO kept VALUES ('refused', ?)", [str(self.refused)])
        return gone

    def _remove(self, statement: str, asked: Sequence[tuple[object, ...]]) -> list[int]:
        with self._lock, _translated(self._path), self._connection:
            rows = [row for one in asked for row in self._connection.execute(statement, one)]
        self._bytes -= sum(length for _, length in rows)
        self.queued -= len(rows)
        return [seq for seq, _ in rows]

    def _one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0] or 0) if row else 0


def _open(path: Path) -> sqlite3.Connection:
    """Open or make the file; one that is damaged is set aside, for an agent must go on measuring."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except sqlite3.OperationalError as error:
        raise CannotStart(f"outbox {path}: {error}") from error
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"{path.name}.damaged")
        LOG.error(  # noqa: TRY400  the words say it all
            "outbox %s is damaged (%s): set aside as %s, starting an empty one", path, error, aside
        )
        path.replace(aside)
        return _connect(path)
    except OSError as error:
        raise CannotStart(f"outbox {path}: {error.strerror}") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: what was put survives a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutboxFull(f"outbox {path}: {error}") from error
