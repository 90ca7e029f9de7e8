# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: every version of its file becomes the newest, with all that it holds."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import Cause, StoreUnusable
from bezet.model import Kind, Occupancy
from store import Reject
from store.memory import MemoryStore
from store.sqlite import SqliteStore
from store.sqlite.file import STORE
from tests.bezet.strategies import unhurried
from tests.store.stage import (
    SITE,
    T_MS,
    any_batch,
    batch,
    content,
    fact_rows,
    health,
    quarters,
    reading,
    reading_seconds,
    state,
    zone_facts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.messages import Batch

NEWEST = len(STORE.scripts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "bezet.db"


def make_version(path: Path, version: int) -> None:
    """A store as that version of the schema left it."""
    with closing(sqlite3.connect(path)) as connection:
        for script in STORE.scripts[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")


def fill_version_1(path: Path, batches: Sequence[Batch]) -> None:
    """Rows as the program of version 1 wrote them: its statements, and the first word stayed."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for one in batches:
            for row in one.readings:
                series = (one.site, one.space, one.device, row.sensor, str(row.kind))
                connection.execute("INSERT OR IGNORE INTO series VALUES (NULL, ?, ?, ?, ?, ?)", series)
                find = "SELECT id FROM series WHERE (site, space, device, sensor, kind) = (?, ?, ?, ?, ?)"
                (number,) = connection.execute(find, series).fetchone()
                connection.execute(
                    "INSERT OR IGNORE INTO reading VALUES (?, ?, ?)", (number, row.t_ms, row.value)
                )
            for said in one.states:
                connection.execute(
                    "INSERT OR IGNORE INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(one.site, one.space, one.device, said.t_ms, said.rule, said.occupancy),
                        *(said.probability, said.since_ms, " ".join(said.because)),
                        *(said.people, said.people_low, said.people_high),
                    ),
                )


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
    folder = Path(__file__).parent.parent.parent / "store" / "schema"

    assert sorted(file.name for file in folder.iterdir()) == [f"{one:03}.sql" for one in range(1, NEWEST + 1)]


@pytest.mark.parametrize("version", range(NEWEST + 1))
def test_upgrades_every_version(tmp_path: Path, version: int) -> None:
    """A store of any earlier version, from the empty file on, becomes what a new store is."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    make_version(old, version)
    for path in (old, new):
        with closing(SqliteStore(path)) as store:
            store.write([batch(reading(1), state(1))])
            store.write_facts([zone_facts({0: 1.0})], [])
            store.write_health([health(1)])
            assert reading_seconds(store) == [1]
            assert len(fact_rows(store)) == 1

    assert tables(old) == tables(new)


#: What could be measured when stores had version 1.
KINDS_OF_VERSION_1 = [
    *(Kind.MOTION, Kind.DOOR_OPEN, Kind.PEOPLE_COUNT, Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.HUMIDITY_PCT),
    *(Kind.ILLUMINANCE_LUX, Kind.POWER_W),
]


def of_version_1(one: Batch) -> Batch:
    """The batch without what could not be measured then."""
    return replace(one, readings=tuple(row for row in one.readings if row.kind in KINDS_OF_VERSION_1))


@settings(unhurried, max_examples=30)
@given(st.lists(any_batch.map(of_version_1), max_size=5))
def test_everything_of_version_1_is_there(written: list[Batch]) -> None:
    """Every row of a store of version 1 comes back as it was, and its quarter hours wait for their facts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bezet.db"
        make_version(path, 1)
        fill_version_1(path, written)
        with closing(SqliteStore(path)) as store, closing(MemoryStore()) as wanted:
            for one in written[::-1]:  # there, of two rows with one identity, the first stayed
                wanted.write([replace(one, readings=one.readings[::-1], states=one.states[::-1])])
            assert content(store, written) == content(wanted, written)
            assert store.zones() == wanted.zones()
            for site in {one.site for one in written}:
                assert [one[:3] for one in store.touched(site)] == [one[:3] for one in wanted.touched(site)]
                assert store.latest(site) == wanted.latest(site)


def test_version_1_goes_on(path: Path) -> None:
    """A store that was upgraded knows its sensors again: repeats are repeats; refused messages are kept."""
    refused = Reject(T_MS, "bezet/v1/x", Cause.NOT_JSON, "what", b"\xff")
    rows = [batch(reading(1), reading(2, "pir", Kind.MOTION, 1.0), state(1), state(901, Occupancy.UNKNOWN))]
    make_version(path, 1)
    fill_version_1(path, rows)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO reject (t_ms, topic, cause, what, payload) VALUES (?, ?, ?, ?, ?)",
            (refused.t_ms, refused.topic, refused.cause, refused.what, refused.payload),
        )
        connection.execute("INSERT INTO reject_count VALUES ('not_json', 7)")
    with closing(SqliteStore(path)) as store:
        before = content(store, rows)
        touched = store.touched(SITE)
        store.write(rows)

        assert content(store, rows) == before
        assert len(before[0][2]) == len(before[0][3]) == 2
        assert quarters(touched) == [0, 1, 2]
        store.write_facts([], touched)  # what was written again since then stays touched
        assert quarters(store.touched(SITE)) == [0, 1, 2]
        assert store.rejects() == [refused]
        assert store.reject_counts() == {Cause.NOT_JSON: 7}
        store.reject([refused])
        assert store.reject_counts() == {Cause.NOT_JSON: 8}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


#: The disk is full while a store is upgraded, and later it is not.
UPGRADE = """
import resource
import sys
from pathlib import Path
from bezet.errors import StoreBusy
from store.sqlite import SqliteStore
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
try:
    SqliteStore(Path(sys.argv[1]))
except StoreBusy as error:
    sys.exit(str(error))
"""


def test_an_upgrade_that_fails_changes_nothing(path: Path) -> None:
    """Where the disk fills up the store stays what it was, and is upgraded when there is room."""
    rows = [batch(*(state(second, rule=f"rule-{second % 3}") for second in range(4_000)))]
    make_version(path, 1)
    fill_version_1(path, rows)
    before = tables(path)
    done = subprocess.run(
        [sys.executable, "-c", UPGRADE, str(path)],
        capture_output=True,
        text=True,
        env=os.environ,
        check=False,
    )

    assert (done.returncode, str(path) in done.stderr) == (1, True)
    assert tables(path) == before
    with closing(SqliteStore(path)) as store:
        assert len(content(store, rows)[0][3]) == 4_000


def test_refuses_a_newer_version(path: Path) -> None:
    """A store that a newer bezet made is left alone, and the message says what to do."""
    make_version(path, NEWEST)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    before = tables(path)
    with pytest.raises(StoreUnusable, match=f"newer bezet.*schema {NEWEST + 1}.*upgrade bezet") as refused:
        SqliteStore(path)

    assert str(path) in str(refused.value)
    assert tables(path) == before
