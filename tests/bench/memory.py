# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of the memory: what a store takes, what facts cost to make again, and how fast columns are read."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np

from bezet.cli import load_building
from bezet.messages import Batch, Clock
from bezet.model import Because, Kind, Occupancy, Reading, State, Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS
from collector.facts import FactMaker
from store.sqlite import SqliteStore
from tests.conftest import ROOT
from tests.store.influx_server import influx_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bezet.model import Building
    from store import Store
    from store.influx.store import InfluxStore

SITE = "townhall"
DAY_MS = 24 * 3_600_000
MINUTE_MS = 60_000
#: Monday 2026-08-31, 00:00 UTC: twelve weeks from here are over.
START_MS = 1_788_134_400_000
WEEKS, SPACES = 12, 100
YEAR_SPACES = 500


@contextmanager
def timed(what: str, *, than: list[float] | None = None) -> Iterator[None]:
    """Print how long the block took, and how many times as fast it was as the one before it."""
    began_s = time.perf_counter()
    yield
    took_s = time.perf_counter() - began_s
    ratio = f", {than[-1] / took_s:.1f} times as fast" if than else ""
    if than is not None:
        than.append(took_s)
    print(f"{what}: {took_s:.2f} s{ratio}", flush=True)


def day(space: str, number: int) -> Batch:
    """A day of one space: states at changes and every five minutes, CO2 every minute, AV power every five."""
    start_ms = START_MS + number * DAY_MS
    dice = np.random.default_rng([number, int(space[1:])])
    readings = [
        Reading(start_ms + minute * MINUTE_MS, "co2", Kind.CO2_PPM, amount)
        for minute, amount in enumerate(dice.normal(700, 150, 1440).clip(400, 2000).round().tolist())
    ]
    readings += [
        Reading(start_ms + minute * MINUTE_MS, "plug", Kind.POWER_W, 140.0 if 600 < minute < 700 else 0.4)
        for minute in range(0, 1440, 5)
    ]
    changes = sorted(dice.integers(480, 1080, 40).tolist())
    states = []
    for minute in sorted({*range(0, 1440, 5), *changes}):
        taken = sum(change <= minute for change in changes) % 2 == 1
        occupancy = Occupancy.OCCUPIED if taken else Occupancy.FREE
        t_ms = start_ms + minute * MINUTE_MS
        states.append(State(t_ms, occupancy, 0.9, t_ms, (Because.MOTION,), "first-1", 3.0 if taken else 0.0))
    return Batch(SITE, f"pi-{space}", space, "0" * 16, 1, Clock.TRUSTED, tuple(readings), tuple(states))


def fill(store: Store, *, weeks: int, spaces: int) -> None:
    """Write so many weeks of so many spaces."""
    rows = 0
    with timed(f"writing {weeks} weeks of {spaces} spaces"):
        for number in range(weeks * 7):
            batches = [day(f"s{space:03}", number) for space in range(spaces)]
            store.write(batches)
            rows += sum(len(one.readings) + len(one.states) for one in batches)
    print(f"    {rows:,} rows")


def facts_from_nothing(store: Store, building: Building, *, weeks: int, spaces: int) -> None:
    """Every quarter hour of a filled store, of which none has facts yet."""
    maker = FactMaker(store, building, lambda: START_MS + (weeks * 7 + 1) * DAY_MS)
    began_s = time.perf_counter()
    made = maker.make_due()
    took_s = time.perf_counter() - began_s
    print(
        f"facts of {weeks} weeks of {spaces} spaces from nothing: {made.quarters:,} quarter hours in "
        f"{took_s:.1f} s, {made.quarters / took_s:,.0f} a second"
    )


def reads_of_a_day(store: Store, plain: Callable[[str, int, int], int], space: str) -> None:
    """A day of one space as columns, against the plain query for the same rows."""
    start_ms = START_MS + 20 * DAY_MS
    plain_s, columns_s = [], []
    for _ in range(20):
        began_s = time.perf_counter()
        count = plain(space, start_ms, start_ms + DAY_MS)
        plain_s.append(time.perf_counter() - began_s)
        began_s = time.perf_counter()
        found = store.readings(SITE, space, start_ms=start_ms, end_ms=start_ms + DAY_MS)
        columns_s.append(time.perf_counter() - began_s)
        assert len(found) == count
    one, other = statistics.median(plain_s), statistics.median(columns_s)
    print(
        f"a day of one space, {count:,} readings: plain query {one * 1000:.1f} ms, "
        f"as columns {other * 1000:.1f} ms ({other / one:.2f} times the time)"
    )


@dataclass(frozen=True)
class PlainSqlite:
    """The same rows by plain SQL, as tuples."""

    file: Path

    def readings(self, space: str, start_ms: int, end_ms: int) -> int:
        """How many rows a plain query of the readings gives."""
        query = """SELECT device, sensor, kind, t_ms, value
                   FROM space JOIN zone ON zone.space = space.id JOIN series ON series.zone = zone.id
                   JOIN reading ON reading.series = series.id
                   WHERE site = ? AND name = ? AND t_ms >= ? AND t_ms < ? ORDER BY t_ms"""
        with closing(sqlite3.connect(self.file)) as connection:
            return len(connection.execute(query, (SITE, space, start_ms, end_ms)).fetchall())


def year_of_facts(folder: Path) -> None:
    """A year of facts of many spaces as columns, against the same rows in a plain table."""
    quarters = START_MS + np.arange(365 * 96, dtype=np.int64) * QUARTER_MS
    dice = np.random.default_rng(1)
    busy = (np.arange(365 * 96) % 96 >= 32) & (np.arange(365 * 96) % 96 < 72)
    file, plain = folder / "year.db", folder / "plain.db"
    names = ", ".join(FACTS)
    with closing(SqliteStore(file)) as store, closing(sqlite3.connect(plain)) as table:
        table.execute(f"CREATE TABLE fact (space TEXT, t_ms INTEGER, {names}, PRIMARY KEY (space, t_ms))")
        with timed(f"writing a year of facts of {YEAR_SPACES} spaces, twice"):
            for number in range(YEAR_SPACES):
                amounts = np.where(busy, dice.integers(0, 900, (len(FACTS), len(quarters))), 0.0)
                zone = Zone(SITE, f"s{number:03}", "pi")
                facts = ZoneFacts(zone, quarters, amounts, np.zeros(len(quarters), np.int32))
                store.write_facts([facts], [])
                rows = zip([zone.space] * len(quarters), quarters.tolist(), *amounts.tolist(), strict=True)
                marks = ", ".join("?" * (len(FACTS) + 2))
                table.executemany(f"INSERT INTO fact VALUES ({marks})", rows)
                table.commit()
        size = [path.stat().st_size / 2**20 for path in (file, plain)]
        print(f"    {size[0]:,.0f} MiB in the store, {size[1]:,.0f} MiB in a plain table")
        took_s: list[float] = []
        with timed("a year of facts by plain SQL, as tuples", than=took_s):
            count = sum(1 for _ in table.execute(f"SELECT space, t_ms, {names} FROM fact"))
        with timed("the same as columns of the store", than=took_s):
            found = sum(len(one) for one in store.facts(SITE, start_ms=0, end_ms=2**53))
        assert found == count


def print_figures() -> None:
    """Fill stores, and print what they cost and how fast they are."""
    building = replace(load_building(ROOT / "building.toml"), spaces={})
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "bezet.db"
        with closing(SqliteStore(file)) as store:
            fill(store, weeks=WEEKS, spaces=SPACES)
            facts_from_nothing(store, building, weeks=WEEKS, spaces=SPACES)
            reads_of_a_day(store, PlainSqlite(file).readings, "s042")
        print(f"    {file.stat().st_size / 2**20:,.0f} MiB")
        file.unlink()
        year_of_facts(Path(name))
    in_influx(building)


def in_influx(building: Building) -> None:
    """The same on a real InfluxDB, with fewer spaces."""
    print("InfluxDB:")
    with influx_store(now_ms=lambda: START_MS + 29 * DAY_MS) as store:
        fill(store, weeks=4, spaces=10)
        facts_from_nothing(store, building, weeks=4, spaces=10)
        reads_of_a_day(store, lambda *asked: plain_rows(store, *asked), "s004")


def plain_rows(store: InfluxStore, space: str, start_ms: int, end_ms: int) -> int:
    """How many rows plain InfluxQL gives, as one JSON answer with a list for each row."""
    text = (
        f"SELECT amount, device, sensor, kind FROM environment WHERE site='{SITE}' AND space='{space}' "
        f"AND time >= {start_ms}ms AND time < {end_ms}ms"
    )
    asked = {"db": store.server.database, "rp": "environment", "epoch": "ms", "q": text}
    found = store.server.call("GET", "/query?" + urlencode(asked))
    return sum(len(series["values"]) for result in found["results"] for series in result["series"])
