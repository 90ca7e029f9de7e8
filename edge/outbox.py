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
import os
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
#: Small pages, because each message touches a handful of them, and an SD card wears by the byte.
PAGE_BYTES = 1_024
#: Pages in the write-ahead log before it is moved into the file; well under the ballast.
CHECKPOINT_PAGES = 256
#: Settled messages are removed with the next that is put, or when so many wait for that.
MOST_SETTLED = 500

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
CREATE TABLE IF NOT EXISTS held (
    id INTEGER PRIMARY KEY,
    kernel_boot TEXT NOT NULL,
    monotonic_ms INTEGER NOT NULL,
    space TEXT NOT NULL,
    sensor TEXT NOT NULL,
    kind TEXT NOT NULL,
    value REAL NOT NULL
) STRICT;
"""

_RELEASE = """
DELETE FROM held WHERE id IN (SELECT id FROM held WHERE kernel_boot = ? ORDER BY id LIMIT ?)
"""
#: They walk the messages, the index of what waits, what is held and what is kept, each from end to end.
_LOOKS = {
    "last": "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'message'",
    "size": "SELECT COALESCE(SUM(LENGTH(payload)), 0) FROM message NOT INDEXED",
    "messages": "SELECT COUNT(*) FROM message INDEXED BY message_waiting WHERE parked >= 0",
    "held": "SELECT COUNT(*) FROM held NOT INDEXED",
    "kept": "SELECT SUM(LENGTH(text)) FROM kept",
}


class Letter(NamedTuple):
    """A message as it goes to the broker."""

    topic: str
    payload: bytes


class Held(NamedTuple):
    """A number that waits for the time to be known; `monotonic_ms` is of one start of the kernel."""

    monotonic_ms: int
    space: str
    sensor: str
    kind: str
    value: float


class Released(NamedTuple):
    """So many of the oldest numbers held since that start of the kernel."""

    kernel_boot: str
    numbers: int


class Outbox:
    """Messages in the file at `path`, at most `max_bytes` of payload.

    Its methods block on the disk; they may be called from any thread, one at a time.
    """

    def __init__(self, path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._connection, found = _open(path)
        self._ballast = path.with_name(f"{path.name}.ballast")
        self._take_ballast()
        self._next, self._bytes, self.queued = found.last + 1, found.size, found.messages
        self._settled: set[int] = set()
        self._unreadable: set[int] = set()
        self.refused = int(self.kept("refused") or 0)

    def put(
        self, batches: Sequence[wire.Batch], keep: Mapping[str, str], *, releases: Released | None = None
    ) -> list[int]:
        """Commit messages and what to remember; returns the numbers of messages refused to make room.

        The batches get their `seq` here. What `releases` names goes in the same breath: it is in the batches
        now. Raises `OutboxFull`, having changed nothing, when the disk is full.
        """
        with self._lock:
            numbered = [replace(batch, seq=self._next + place) for place, batch in enumerate(batches)]
            letters = [(batch.seq, batch.boot, *wire.encode(batch)) for batch in numbered]
            size = sum(len(payload) for *_, payload in letters)
            evicted = self._make_room(size)
            try:
                self._insert(letters, keep, releases)
            except OutboxFull:
                with self._ballast_given_up():
                    evicted += self._evict(max(4 * size, BALLAST_BYTES))
                    self._insert(letters, keep, releases)
            self._next += len(letters)
            self._bytes += size
            self.queued += len(letters)
            return evicted

    def waiting(self, limit: int) -> list[int]:
        """The oldest messages that are neither settled nor parked, and can be read."""
        with self._lock:
            passed_over = self._settled | self._unreadable
            rows = self._connection.execute(
                "SELECT seq FROM message WHERE parked = 0 ORDER BY seq LIMIT ?", [limit + len(passed_over)]
            )
            return [seq for (seq,) in rows if seq not in passed_over][:limit]

    def load(self, seq: int) -> Letter | None:
        """A message, or None when it is settled, no longer there, or its place on the disk is damaged."""
        query = "SELECT topic, payload FROM message WHERE seq = ?"
        with self._lock:
            if seq in self._settled:
                return None
            try:
                row = self._connection.execute(query, [seq]).fetchone()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                LOG.error("message %d cannot be read and is passed over: %s", seq, error)  # noqa: TRY400
                self._unreadable.add(seq)
                return None
        return None if row is None else Letter(*row)

    def forget(self, boot: str, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """Settle what is committed in the store; returns the numbers settled.

        The rows go with the next message that is put, for one write to the card instead of two; a power cut
        before that costs a repeat.
        """
        query = "SELECT seq, LENGTH(payload) FROM message WHERE boot = ? AND seq BETWEEN ? AND ?"
        with self._lock:
            rows = {
                seq: length
                for first, last in ranges
                for seq, length in self._connection.execute(query, [boot, first, last])
                if seq not in self._settled
            }
            self._settled |= rows.keys()
            self._bytes -= sum(rows.values())
            self.queued -= len(rows)
            if len(self._settled) >= MOST_SETTLED:
                self._sweep_somehow()
        return sorted(rows)

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

    @property
    def has_room(self) -> bool:
        """Whether it is well below its bound."""
        return self._bytes < (1 - 2 * EVICT_SHARE) * self._max_bytes

    def kept(self, key: str) -> str | None:
        """What was committed under `key` last."""
        with self._lock:
            row = self._connection.execute("SELECT text FROM kept WHERE key = ?", [key]).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Close the file, after whoever is at it is done."""
        with self._lock:
            self._sweep_somehow()
            self._connection.close()

    def hold(self, rows: Sequence[Held], kernel_boot: str) -> None:
        """Commit numbers that wait for the time; `OutboxFull` when the disk takes nothing."""
        with self._lock, _translated(self._path), self._connection:
            self._connection.executemany(
                "INSERT INTO held (kernel_boot, monotonic_ms, space, sensor, kind, value) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [(kernel_boot, *row) for row in rows],
            )

    def held(self, kernel_boot: str) -> list[Held]:
        """The numbers held since this start of the kernel, in order.

        Those of an earlier one can never be stamped: they are removed, and counted as refused.
        """
        with self._lock, contextlib.suppress(OutboxFull), _translated(self._path), self._connection:
            lost = self._connection.execute("DELETE FROM held WHERE kernel_boot != ?", [kernel_boot]).rowcount
            if lost:
                LOG.warning("%d readings were held without a time when the power went; they are lost", lost)
                self._write_refused(lost)
        self.refused = int(self.kept("refused") or 0)
        query = "SELECT monotonic_ms, space, sensor, kind, value FROM held WHERE kernel_boot = ? ORDER BY id"
        return [Held(*row) for row in self._connection.execute(query, [kernel_boot])]

    def _write_refused(self, count: int) -> None:
        """Write how many are refused with these; inside a transaction, which may yet fail."""
        self._connection.execute("REPLACE INTO kept VALUES ('refused', ?)", [str(self.refused + count)])

    def _insert(
        self,
        letters: Sequence[tuple[int, str, str, bytes]],
        keep: Mapping[str, str],
        releases: Released | None,
    ) -> None:
        with _translated(self._path), self._connection:
            self._delete_settled()
            if releases is not None:
                self._connection.execute(_RELEASE, releases)
            self._connection.executemany(
                "INSERT INTO message (seq, boot, topic, payload) VALUES (?, ?, ?, ?)", letters
            )
            self._connection.executemany(
                "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text", keep.items()
            )
        self._settled.clear()

    def _sweep(self) -> None:
        """Remove what is settled now."""
        if self._settled:
            with _translated(self._path), self._connection:
                self._delete_settled()
            self._settled.clear()

    def _sweep_somehow(self) -> None:
        """Remove what is settled, on a full disk too; what cannot go now goes with the next message."""
        with contextlib.suppress(OutboxFull):
            try:
                self._sweep()
            except OutboxFull:
                with self._ballast_given_up():
                    self._sweep()

    def _delete_settled(self) -> None:
        """Inside a transaction."""
        self._connection.executemany("DELETE FROM message WHERE seq = ?", [(seq,) for seq in self._settled])

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
        if self._ballast.exists():
            return
        try:
            with self._ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)  # takes the place, and writes nothing
        except OSError:  # half a ballast is none, and its place is wanted
            with contextlib.suppress(OSError):
                self._ballast.unlink()

    def _evict(self, size: int) -> list[int]:
        """Refuse the oldest messages until `size` bytes are free."""
        self._sweep()
        gone, freed = {}, 0
        for seq, length in self._connection.execute("SELECT seq, LENGTH(payload) FROM message ORDER BY seq"):
            gone[seq], freed = length, freed + length
            if freed >= size:
                break
        with _translated(self._path), self._connection:
            self._connection.execute("DELETE FROM message WHERE seq <= ?", [max(gone, default=0)])
            self._write_refused(len(gone))
        self.refused += len(gone)
        self._bytes -= freed
        self.queued -= len(gone)
        return list(gone)


class _Found(NamedTuple):
    """What lies in a file: the last number that was given, the messages and their bytes."""

    last: int
    messages: int
    size: int


def _open(path: Path) -> tuple[sqlite3.Connection, _Found]:
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
        for end in ("-wal", "-shm"):  # an empty file beside them would throw them away
            with contextlib.suppress(FileNotFoundError):
                path.with_name(f"{path.name}{end}").replace(aside.with_name(f"{aside.name}{end}"))
        return _connect(path)
    except OSError as error:
        raise CannotStart(f"outbox {path}: {error.strerror}") from error


def _connect(path: Path) -> tuple[sqlite3.Connection, _Found]:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: what was put survives a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.executescript(_SCHEMA)
        found = _look_through(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection, found


def _look_through(connection: sqlite3.Connection) -> _Found:
    """What lies in the file, found by going through every tree in it, so that damage shows now."""
    one = {name: connection.execute(query).fetchone()[0] for name, query in _LOOKS.items()}
    return _Found(one["last"], one["messages"], one["size"])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutboxFull(f"outbox {path}: {error}") from error
