# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Facts in an embedded store: one row for each zone and UTC day, which holds its 96 quarter hours as columns.

A row's `columns`, decompressed, are float64 amounts `[fact, quarter]` in the order of the table `FACTS`, then
96 int32 revisions, -1 for a quarter hour that is not there; all little-endian. How many facts there are
follows from the length: in a row of a version that knew fewer the others are NaN, and facts that only a later
version knows are not read.
"""

from __future__ import annotations

import secrets
import zlib
from typing import TYPE_CHECKING

import numpy as np

from bezet.model import Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS
from store import Month, Touched

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bezet.usage.columns import Floats, Ints
    from store.sqlite.file import Database
    from store.sqlite.numbers import Numbers

QUARTERS = 96
DAY_MS = QUARTERS * QUARTER_MS
#: A row's id is its zone's number times this, and its day since 1970.
DAYS = 2**20
_ABSENT = -1
_DAY = np.dtype([("amounts", "<f8", (len(FACTS), QUARTERS)), ("revision", "<i4", (QUARTERS,))])
_FACT_BYTES = 8 * QUARTERS
_REVISION_BYTES = 4 * QUARTERS
_AMOUNT_BYTES = _FACT_BYTES * len(FACTS)
_UNKNOWN_FACT = np.full(QUARTERS, np.nan, "<f8").tobytes()

_WRITE = """
    INSERT INTO facts (id, quarters, columns) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET quarters = excluded.quarters, columns = excluded.columns
"""
_ZONES = """
    SELECT zone.id, site, name, device FROM space JOIN zone ON zone.space = space.id
    WHERE site = ? AND name = IFNULL(?, name) ORDER BY name, device
"""
_TOUCHED = """
    SELECT site, name, quarter, token FROM space JOIN touched ON space = space.id
    WHERE site = ? ORDER BY name, quarter
"""
_DONE = """
    DELETE FROM touched WHERE (quarter, token) = (?, ?)
    AND space = (SELECT id FROM space WHERE (site, name) = (?, ?))
"""
_AGAIN = """
    INSERT INTO touched (space, quarter, token) SELECT id, ?, ? FROM space WHERE (site, name) = (?, ?)
    ON CONFLICT DO NOTHING
"""


# --- days -------------------------------------------------------------------------------------------------


def encoded(day: NDArray[np.void]) -> tuple[int, bytes]:
    """How many quarter hours a day holds, and its columns as they are stored."""
    return int(np.count_nonzero(day["revision"] != _ABSENT)), zlib.compress(day.tobytes())


def decoded(columns: Sequence[bytes]) -> NDArray[np.void]:
    """Days out of what is stored; may raise `zlib.error`."""
    raw = b"".join(_as_known(zlib.decompress(one, bufsize=_DAY.itemsize)) for one in columns)
    return np.frombuffer(raw, _DAY)


def _as_known(raw: bytes) -> bytes:
    """The columns of a day with as many facts as we know."""
    if len(raw) == _DAY.itemsize:
        return raw
    facts, rest = divmod(len(raw) - _REVISION_BYTES, _FACT_BYTES)
    if facts < 0 or rest:
        raise zlib.error(f"{len(raw)} bytes are no day")
    amounts = raw[: min(facts, len(FACTS)) * _FACT_BYTES] + _UNKNOWN_FACT * (len(FACTS) - facts)
    return amounts + raw[-_REVISION_BYTES:]


def days_before(t_ms: int) -> int:
    """How many whole days since 1970 are over, as far as a row's id can say."""
    return min(max(t_ms // DAY_MS, 0), DAYS - 1)


def _stored_day(connection: sqlite3.Connection, number: int) -> NDArray[np.void]:
    """The day of a row, as an array of one that may be changed; empty if there is no such row."""
    row = connection.execute("SELECT columns FROM facts WHERE id = ?", [number]).fetchone()
    if row is not None:
        return decoded(row).copy()
    day = np.empty(1, _DAY)
    day["amounts"], day["revision"] = np.nan, _ABSENT
    return day


# --- facts ------------------------------------------------------------------------------------------------


def write_facts(
    connection: sqlite3.Connection, numbers: Numbers, facts: Sequence[ZoneFacts], done: Sequence[Touched]
) -> None:
    """Put quarter hours in the place of what was there, and forget the touches that are done.

    A touch that somebody else settled meanwhile is made anew: whose facts are of later rows nobody can tell.
    """
    for one in facts:
        zone = numbers.zone(connection, *one.zone).zone
        days, quarters = np.divmod(one.quarter_ms // QUARTER_MS, QUARTERS)
        for number in np.unique(days).tolist():
            at = days == number
            day = _stored_day(connection, zone * DAYS + number)
            day["amounts"][0][:, quarters[at]] = one.amounts[:, at]
            day["revision"][0][quarters[at]] = one.revision[at]
            connection.execute(_WRITE, (zone * DAYS + number, *encoded(day)))
    token = secrets.randbits(63)
    for touch in done:
        quarter, place = touch.quarter_ms // QUARTER_MS, (touch.site, touch.space)
        if not connection.execute(_DONE, (quarter, touch.token, *place)).rowcount and facts:
            connection.execute(_AGAIN, (quarter, token, *place))


def stream_facts(
    database: Database, site: str, space: str | None, start_ms: int, end_ms: int
) -> Iterator[ZoneFacts]:
    """Facts of one space or of all, zone by zone; between two zones no transaction is open."""
    with database.snapshot() as connection:
        zones = connection.execute(_ZONES, (site, space)).fetchall()
    for number, *words in zones:
        first, last = (number * DAYS + days_before(t_ms) for t_ms in (start_ms, end_ms - 1))
        with database.snapshot() as connection:
            query = "SELECT id, columns FROM facts WHERE id BETWEEN ? AND ? ORDER BY id"
            rows = connection.execute(query, (first, last)).fetchall()
            found = _zone_facts(Zone(*words), rows, start_ms, end_ms)
        if len(found):
            yield found


def _zone_facts(zone: Zone, rows: Sequence[tuple[int, bytes]], start_ms: int, end_ms: int) -> ZoneFacts:
    days = decoded([columns for _number, columns in rows])
    first_ms = np.array([number % DAYS for number, _columns in rows], np.int64) * DAY_MS
    quarter_ms: Ints = (first_ms[:, None] + np.arange(QUARTERS) * QUARTER_MS).ravel()
    revision = days["revision"].ravel()
    asked = (revision != _ABSENT) & (quarter_ms >= start_ms) & (quarter_ms < end_ms)
    amounts: Floats = days["amounts"].transpose(1, 0, 2).reshape(len(FACTS), -1)
    return ZoneFacts(zone, quarter_ms[asked], amounts[:, asked], revision[asked].astype(np.int32))


def has_facts(connection: sqlite3.Connection, zone: int, before_ms: int) -> bool:
    """Whether there may be quarter hours of a zone before an instant."""
    asked = (zone * DAYS, zone * DAYS + days_before(before_ms))
    return (
        connection.execute("SELECT 1 FROM facts WHERE id BETWEEN ? AND ? LIMIT 1", asked).fetchone()
        is not None
    )


def remove_facts(connection: sqlite3.Connection, zone: int, before_ms: int) -> int:
    """Remove the quarter hours of a zone before an instant, and say how many there were."""
    first, last = zone * DAYS, zone * DAYS + days_before(before_ms)
    query = "SELECT IFNULL(SUM(quarters), 0) FROM facts WHERE id >= ? AND id < ?"
    removed = int(connection.execute(query, (first, last)).fetchone()[0])
    connection.execute("DELETE FROM facts WHERE id >= ? AND id < ?", (first, last))
    return removed + _remove_from_day(connection, last, before_ms)


def _remove_from_day(connection: sqlite3.Connection, number: int, before_ms: int) -> int:
    """Remove the quarter hours before an instant from the day that it is in."""
    day = _stored_day(connection, number)
    quarter_ms = number % DAYS * DAY_MS + np.arange(QUARTERS) * QUARTER_MS
    old = (day["revision"][0] != _ABSENT) & (quarter_ms < before_ms)
    if old.any():
        day["amounts"][0][:, old], day["revision"][0][old] = np.nan, _ABSENT
        quarters, columns = encoded(day)
        if quarters:
            connection.execute(_WRITE, (number, quarters, columns))
        else:
            connection.execute("DELETE FROM facts WHERE id = ?", [number])
    return int(np.count_nonzero(old))


# --- touches and months -----------------------------------------------------------------------------------


def read_touched(connection: sqlite3.Connection, site: str) -> list[Touched]:
    """Quarter hours that were written to since their facts were made, in order of space and time."""
    return [
        Touched(site, space, quarter * QUARTER_MS, token)
        for site, space, quarter, token in connection.execute(_TOUCHED, [site])
    ]


def write_months(connection: sqlite3.Connection, months: Sequence[Month]) -> None:
    """Put months in the place of what was there."""
    connection.executemany(
        "INSERT OR REPLACE INTO month (site, month, amounts, revision) VALUES (?, ?, ?, ?)",
        ((one.site, one.month, one.amounts.astype("<f8").tobytes(), one.revision) for one in months),
    )


def read_months(connection: sqlite3.Connection, site: str) -> list[Month]:
    """The months of a site, in order; a fact that was not known when a month was made is NaN."""
    query = "SELECT site, month, amounts, revision FROM month WHERE site = ? ORDER BY month"
    return [
        Month(site, month, _amounts(columns), revision)
        for site, month, columns, revision in connection.execute(query, [site])
    ]


def _amounts(columns: bytes) -> Floats:
    known = np.frombuffer(columns, "<f8")[: len(FACTS)]
    return np.append(known, np.full(len(FACTS) - len(known), np.nan))
