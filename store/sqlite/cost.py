# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a store costs: rows and bytes by level, and those of a zone on a day on which nothing happens."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.messages import Batch, Clock, Health, SensorState
from bezet.model import KINDS, Because, Kind, Level, Occupancy, State, Zone
from bezet.occupancy.evidence import SAY_AGAIN_S
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, ROW
from store.portions import NO_BOOT
from store.sqlite import SqliteStore
from store.sqlite.checkup import demand_newest, looked_at
from store.sqlite.days import DAY_MS, DAYS, QUARTERS, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What takes room beside the rows of levels.
OTHER, FREE = "words, marks, refused messages", "free for rows to come"
_TABLES = {Level.STATES: "state", "health": "health", Level.FACTS: "facts", "months": "month"}
#: What agents say at least this often.
HEARTBEAT_MS = SAY_AGAIN_S * 1000
#: The collector keeps a device's word about itself so often when it is no news.
HEALTH_MS = 15 * 60_000
#: The scratch store is like a small building: the rows of its zones come in turn.
_ZONES, _DAYS = 10, 7
_FIRST_MS = 20_000 * DAY_MS
#: The smallest days of single devices are looked at first, and of these the newest.
_CANDIDATES = """
    SELECT facts.id, columns FROM facts JOIN zone ON zone.id = facts.zone
    WHERE quarters = ? AND device != '' ORDER BY length(columns), day DESC LIMIT 500
"""
#: A day on which the sensors were silent for longer is no measure.
_SPOKEN_S = 0.95 * DAY_MS / 1000
#: What SQLite adds to the columns of a day: the id, the length, its place on the page.
_DAY_ROW_BYTES = 16
_OF_DAY = {
    Level.STATES: """
        SELECT '', COUNT(*) FROM state JOIN voice ON voice.id = voice
        WHERE zone = ? AND t_ms >= ? AND t_ms < ?
    """,
    "readings": """
        SELECT kind, COUNT(*) FROM reading JOIN series ON series.id = series
        WHERE zone = ? AND t_ms >= ? AND t_ms < ? GROUP BY kind
    """,
    "health": """
        SELECT '', COUNT(*) FROM zone JOIN space ON space.id = space
        JOIN agent ON agent.site = space.site AND agent.device = zone.device
        JOIN health ON health.agent = agent.id WHERE zone.id = ? AND t_ms >= ? AND t_ms < ?
    """,
}


class Cost(NamedTuple):
    """Rows, and what they take of the file; None where this SQLite cannot tell."""

    rows: int
    size_bytes: float | None


class IdleDay(NamedTuple):
    """What one zone cost on one day on which nothing happened; whether it was found, or made for this."""

    costs: Mapping[str, Cost]
    is_measured: bool


def measure(path: Path) -> tuple[dict[str, Cost], IdleDay]:
    """Rows and bytes of each level and of what else takes room; and those of an idle day.

    That day is of the store itself where it has one, else of a store that is made for it. Raises
    `CannotStart` for an older schema.
    """
    with looked_at(path) as connection:
        demand_newest(connection, path)
        everything = _costs(connection)
        found = _idle(connection, everything)
    if found is not None:
        return everything, IdleDay(found, is_measured=True)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "scratch.db"
        _make_scratch(scratch)
        with looked_at(scratch) as connection:
            made = _idle(connection, _costs(connection))
    assert made is not None
    return everything, IdleDay(made, is_measured=False)


# --- all of it --------------------------------------------------------------------------------------------


def _costs(connection: sqlite3.Connection) -> dict[str, Cost]:
    table_bytes = _table_bytes(connection)
    readings: Counter[str] = Counter()
    per_series = "SELECT kind, COUNT(*) FROM reading JOIN series ON series.id = series GROUP BY series"
    for kind, rows in connection.execute(per_series):
        readings[KINDS[Kind(kind)].level] += rows
    found: dict[str, Cost] = {}
    for level in (Level.PRESENCE, Level.ENVIRONMENT):
        share = readings[level] / max(readings.total(), 1)
        size = table_bytes.get("reading")
        found[level] = Cost(readings[level], None if size is None else size * share)
    for name, table in _TABLES.items():
        (rows,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608  a name of ours
        found[name] = Cost(rows, table_bytes.pop(table, None))
    table_bytes.pop("reading", None)
    found[OTHER] = Cost(0, sum(table_bytes.values()) if table_bytes else None)
    pages, page_bytes = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_size")
    )
    found[FREE] = Cost(0, pages * page_bytes)
    return found


def _table_bytes(connection: sqlite3.Connection) -> dict[str, float]:
    """What each table and index takes; nothing where SQLite was built without the means to tell."""
    try:
        return dict(connection.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE").fetchall())
    except sqlite3.OperationalError:
        return {}


# --- an idle day ------------------------------------------------------------------------------------------


def _idle(connection: sqlite3.Connection, everything: Mapping[str, Cost]) -> dict[str, Cost] | None:
    """The costs of the smallest of the newest days on which nobody came and the sensors spoke."""
    for number, columns in connection.execute(_CANDIDATES, [QUARTERS]).fetchall():
        zone, day = divmod(number, DAYS)
        amounts = decoded([columns])["amounts"][0]
        covered_s, occupied_s = (float(np.nansum(amounts[ROW[name]])) for name in ("covered_s", "occupied_s"))
        if covered_s >= _SPOKEN_S and not occupied_s:
            rows = _rows_of(connection, zone, day * DAY_MS)
            if rows[Level.STATES]:
                return _priced(rows, everything) | {Level.FACTS: Cost(1, len(columns) + _DAY_ROW_BYTES)}
    return None


def _rows_of(connection: sqlite3.Connection, zone: int, start_ms: int) -> Counter[str]:
    span = (zone, start_ms, start_ms + DAY_MS)
    rows: Counter[str] = Counter()
    for name, query in _OF_DAY.items():
        for kind, count in connection.execute(query, span):
            rows[KINDS[Kind(kind)].level if name == "readings" else name] += count
    return rows


def _priced(rows: Mapping[str, int], everything: Mapping[str, Cost]) -> dict[str, Cost]:
    """What so many rows cost when they are like the others of their level."""
    priced = {}
    for name, count in rows.items():
        whole = everything[name]
        size = None if whole.size_bytes is None else count * whole.size_bytes / max(whole.rows, 1)
        priced[name] = Cost(count, size)
    return priced


def _make_scratch(path: Path) -> None:
    """A small building in which nothing happens for a week, written hour by hour."""
    zones = [Zone("scratch", str(number), f"pi-{number}") for number in range(_ZONES)]
    with closing(SqliteStore(path)) as store:
        for hour_ms in range(_FIRST_MS, _FIRST_MS + _DAYS * DAY_MS, 3_600_000):
            beats = range(hour_ms, hour_ms + 3_600_000, HEARTBEAT_MS)
            states = tuple(
                State(t_ms, Occupancy.FREE, 0.03, _FIRST_MS, (Because.MOTION, Because.CO2_PPM), "idle-1")
                for t_ms in beats
            )
            store.write([Batch(*_sender(zone), (), states) for zone in zones])
            told = range(hour_ms, hour_ms + 3_600_000, HEALTH_MS)
            store.write_health([_health(zone, t_ms) for zone in zones for t_ms in told])
        quarters = np.arange(_FIRST_MS, _FIRST_MS + _DAYS * DAY_MS, QUARTER_MS)
        amounts = np.zeros((len(FACTS), len(quarters)))
        amounts[ROW["covered_s"]] = QUARTER_MS / 1000
        revisions = np.zeros(len(quarters), np.int32)
        store.write_facts([ZoneFacts(zone, quarters, amounts, revisions) for zone in zones], [])


def _sender(zone: Zone) -> tuple[str, str, str, str, int, Clock]:
    return zone.site, zone.device, zone.space, NO_BOOT, 1, Clock.TRUSTED


def _health(zone: Zone, t_ms: int) -> Health:
    return Health(
        site=zone.site,
        device=zone.device,
        t_ms=t_ms,
        boot=NO_BOOT,
        online=True,
        uptime_s=t_ms // 1000,
        queued=0,
        refused=0,
        clock=Clock.TRUSTED,
        sensors={"motion": SensorState.OK, "co2": SensorState.OK},
        troubles=(),
        version="0.1.0",
    )
