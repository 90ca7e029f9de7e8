# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: one SQLite file in WAL mode, which other processes read while the collector writes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bezet.errors import Cause
from store import Reject
from store.sqlite import columns, days, removal, rows, writing
from store.sqlite.file import Database
from store.sqlite.numbers import Numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from bezet.messages import Batch, Health
    from bezet.model import Kind, Level, State, Zone
    from bezet.usage.columns import ReadingColumns, StateColumns, ZoneFacts
    from store import Month, Touched

BUSY_TIMEOUT_S = 5.0


class SqliteStore:
    """A `Store` in the file at `path`; made if it is not there, brought up to date if it is older.

    May be used from several threads, and the file by several programs.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """`busy_timeout_s`: how long to wait for another writer before it is `StoreBusy`."""
        self._database = Database(path, busy_timeout_s)
        self._numbers = Numbers()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which the numbers of words are right."""
        with self._database.transaction() as connection:
            self._numbers.check(connection)
            try:
                yield connection
            except BaseException:
                self._numbers.forget()
                raise

    # --- what devices say ---------------------------------------------------------------------------------

    def write(self, batches: Sequence[Batch]) -> None:
        """Commit all of it or nothing."""
        with self._writing() as connection:
            writing.write_batches(connection, self._numbers, batches)

    def write_health(self, healths: Sequence[Health]) -> None:
        """Commit all of it or nothing."""
        with self._database.transaction() as connection:
            writing.write_health(connection, healths)

    def readings(
        self,
        site: str,
        space: str,
        *,
        start_ms: int,
        end_ms: int,
        kinds: Collection[Kind] | None = None,
    ) -> ReadingColumns:
        """Readings of a space, of some kinds or of all."""
        with self._database.snapshot() as connection:
            return columns.read_readings(connection, (site, space), start_ms, end_ms, kinds)

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> StateColumns:
        """States of a space, and each device's last ones before the span."""
        with self._database.snapshot() as connection:
            return columns.read_states(connection, (site, space), start_ms, end_ms)

    def latest(self, site: str) -> list[tuple[Zone, State]]:
        """The newest state of every zone, in order of the zone."""
        with self._database.snapshot() as connection:
            return rows.read_newest(connection, site)

    def healths(self, site: str, *, start_ms: int, end_ms: int) -> list[Health]:
        """What agents said of themselves, in order of time and device."""
        with self._database.snapshot() as connection:
            return rows.read_healths(connection, site, start_ms, end_ms)

    def zones(self) -> list[Zone]:
        """Every zone of which there is a reading or a state, in order."""
        with self._database.snapshot() as connection:
            return rows.read_zones(connection)

    def batches(self, zone: Zone, *, start_ms: int, end_ms: int) -> Iterator[Batch]:
        """Everything of one zone in order of time, in portions."""
        return rows.stream_zone(self._database, zone, start_ms, end_ms)

    # --- facts ----------------------------------------------------------------------------------------------

    def touched(self, site: str) -> list[Touched]:
        """Quarter hours written to since their facts were made, in order of space and time."""
        with self._database.snapshot() as connection:
            return days.read_touched(connection, site)

    def write_facts(self, facts: Sequence[ZoneFacts], done: Sequence[Touched]) -> None:
        """Put these quarter hours in the place of what was there, and forget the touches that are done."""
        with self._writing() as connection:
            days.write_facts(connection, self._numbers, facts, done)

    def facts(
        self, site: str, space: str | None = None, *, start_ms: int, end_ms: int
    ) -> Iterator[ZoneFacts]:
        """Facts of one space or of all, zone by zone in order."""
        return days.stream_facts(self._database, site, space, start_ms, end_ms)

    def write_months(self, months: Sequence[Month]) -> None:
        """Put these months in the place of what was there."""
        with self._database.transaction() as connection:
            days.write_months(connection, months)

    def months(self, site: str) -> list[Month]:
        """The months of a site, in order."""
        with self._database.snapshot() as connection:
            return days.read_months(connection, site)

    # --- removal --------------------------------------------------------------------------------------------

    def remove_before(self, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:
        """Remove what is older, and say how many rows went of each level that was named."""
        return removal.remove_before(self._database, site, before_ms)

    def remove_space(self, site: str, space: str) -> dict[Level, int]:
        """Remove everything of a space, its facts too, and say how many rows went."""
        return removal.remove_space(self._database, site, space)

    # --- what was refused -----------------------------------------------------------------------------------

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep refused messages: counted for ever, the newest 1,000 whole."""
        with self._database.transaction() as connection:
            writing.write_rejects(connection, rejects)

    def rejects(self, limit: int = 50) -> list[Reject]:
        """The newest refused messages, newest first."""
        query = "SELECT t_ms, topic, cause, what, payload FROM reject ORDER BY id DESC LIMIT ?"
        with self._database.snapshot() as connection:
            found = connection.execute(query, [limit]).fetchall()
        return [
            Reject(t_ms, topic, Cause(cause), what, payload) for t_ms, topic, cause, what, payload in found
        ]

    def reject_counts(self) -> dict[Cause, int]:
        """How many messages were ever refused, by cause."""
        with self._database.snapshot() as connection:
            found = connection.execute("SELECT cause, messages FROM reject_count").fetchall()
        return {Cause(cause): messages for cause, messages in found}

    def close(self) -> None:
        """Close the connections of all threads."""
        self._database.close()
