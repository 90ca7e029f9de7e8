# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: its file, its versions, other processes, a full disk and a sudden death."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart, StoreBusy, StoreUnusable
from store.memory import MemoryStore
from store.opening import open_store
from store.sqlite import SqliteStore
from tests.store.test_contract import EVER, SITE, SPACE, batch, instants, reading, state

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = sorted(
    (file for file in resources.files("store").joinpath("schema").iterdir() if file.name.endswith(".sql")),
    key=lambda file: file.name,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "bezet.db"


def seconds(path: Path) -> list[int]:
    """When the readings of a store at rest were taken, in seconds after the beginning."""
    with closing(SqliteStore(path)) as store:
        return instants(store.readings(SITE, SPACE, **EVER))


# --- versions ---------------------------------------------------------------------------------------------


def make_version(path: Path, version: int) -> None:
    """A store as that version of the schema left it."""
    with closing(sqlite3.connect(path)) as connection:
        for file in SCHEMA[:version]:
            connection.executescript(file.read_text())
        connection.execute(f"PRAGMA user_version = {version}")


def tables(path: Path) -> list[tuple[str, ...]]:
    """What the file holds, as SQLite wrote it down, and its version."""
    with closing(sqlite3.connect(path)) as connection:
        return [
            *connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"),
            *connection.execute("PRAGMA user_version"),
        ]


def test_schema_files_are_numbered_without_a_gap() -> None:
    """Every version is kept, and its number is its place."""
    assert [file.name for file in SCHEMA] == [f"{number:03}.sql" for number in range(1, len(SCHEMA) + 1)]


@pytest.mark.parametrize("version", range(len(SCHEMA) + 1))
def test_upgrades_every_version(tmp_path: Path, version: int) -> None:
    """A store of any earlier version, from the empty file on, becomes what a new store is."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    make_version(old, version)
    for path in (old, new):
        with closing(SqliteStore(path)) as store:
            store.write([batch(reading(1), state(1))])

    assert tables(old) == tables(new)
    assert seconds(old) == [1]


def test_keeps_what_it_holds_when_opened_again(path: Path) -> None:
    """Closing and opening changes nothing."""
    for number in range(3):
        with closing(SqliteStore(path)) as store:
            store.write([batch(reading(number))])

    assert seconds(path) == [0, 1, 2]


def test_refuses_a_newer_version(path: Path) -> None:
    """A store that a newer bezet made is left alone, and the message says what to do."""
    make_version(path, len(SCHEMA))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(SCHEMA) + 1}")
    before = tables(path)
    with pytest.raises(
        StoreUnusable, match=f"newer bezet.*schema {len(SCHEMA) + 1}.*upgrade bezet"
    ) as refused:
        SqliteStore(path)

    assert str(path) in str(refused.value)
    assert tables(path) == before


def test_refuses_a_file_that_is_no_database(path: Path) -> None:
    """A file of something else is not touched."""
    path.write_bytes(b"this is a letter to the works council\n" * 100)
    with pytest.raises(StoreUnusable, match="not a database"):
        SqliteStore(path)

    assert path.read_bytes().startswith(b"this is a letter")


def test_refuses_a_database_of_something_else(path: Path) -> None:
    """A database that another program made is not turned into a store."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    with pytest.raises(StoreUnusable, match="something else"):
        SqliteStore(path)

    assert [name for kind, name, *_ in tables(path)[:-1]] == ["bookmark"]


def test_refuses_a_damaged_database(path: Path) -> None:
    """A store whose file was damaged says so instead of giving what is left."""
    with closing(SqliteStore(path)) as store:
        store.write([batch(*(reading(number) for number in range(2_000)))])
    whole = path.read_bytes()
    path.write_bytes(whole[:4_096] + b"\xaa" * (len(whole) - 4_096))
    with closing(SqliteStore(path)) as store, pytest.raises(StoreUnusable, match=r"malformed|damaged"):
        store.write([batch(reading(5_000))])


# --- other processes --------------------------------------------------------------------------------------

#: Each write is two messages of ten readings and a state; the number is printed once it is committed.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from store.sqlite import SqliteStore
from tests.store.test_contract import batch, reading, state
store = SqliteStore(Path(sys.argv[1]))
for number in count():
    rows = [reading(number * 20 + place) for place in range(20)]
    store.write([batch(*rows[:10]), batch(*rows[10:], state(number))])
    print(number, flush=True)
"""


def start_writer(path: Path) -> subprocess.Popen[str]:
    """A process that writes and does not stop."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=os.environ
    )


def assert_whole(readings: list[int], states: list[int]) -> None:
    """Writes 0 to n are there completely, and nothing of another."""
    assert readings == list(range(len(states) * 20))
    assert states == list(range(len(states)))


def test_another_process_reads_while_one_writes(path: Path) -> None:
    """A reader is never turned away and sees whole writes: all that was committed when it asked, at least."""
    with closing(SqliteStore(path)) as store, start_writer(path) as writer:
        assert writer.stdout is not None
        for _ in range(30):
            committed = int(writer.stdout.readline())
            states = instants(store.states(SITE, SPACE, **EVER))
            readings = instants(store.readings(SITE, SPACE, **EVER))

            assert states == list(range(len(states)))
            assert len(states) > committed
            assert readings == list(range(len(readings)))
            assert len(readings) % 20 == 0
        writer.kill()


@pytest.mark.parametrize("after", [1, 3, 20, 60])
def test_a_killed_writer_leaves_whole_writes(path: Path, after: int) -> None:
    """After a SIGKILL the store is readable, holds whole writes only, and every one that had returned."""
    with start_writer(path) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        said += [int(line) for line in writer.stdout if line.endswith("\n")]
    with closing(SqliteStore(path)) as store:
        states = instants(store.states(SITE, SPACE, **EVER))
        assert_whole(instants(store.readings(SITE, SPACE, **EVER)), states)
        store.write([batch(reading(10**6))])

    assert len(states) >= len(said)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_two_writers_take_turns(path: Path) -> None:
    """Two processes may write to one store; neither loses or spoils what the other wrote."""
    with closing(SqliteStore(path)) as store, start_writer(path) as writer:
        assert writer.stdout is not None
        for number in range(50):
            store.write([batch(reading(number), device="pi-2")])
        writer.stdout.readline()
        writer.kill()
    with closing(SqliteStore(path)) as store:
        rows = list(store.readings(SITE, SPACE, **EVER))

    assert instants(iter(row for row in rows if row.device == "pi-2")) == list(range(50))
    assert len([row for row in rows if row.device == "pi-1"]) % 20 == 0


def test_a_locked_store_is_busy(path: Path) -> None:
    """While another program holds the store a write gives up after a while, and can be tried again."""
    with closing(SqliteStore(path, busy_timeout_s=0.05)) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="locked"):
            store.write([batch(reading(1))])
        other.rollback()
        store.write([batch(reading(2))])

    assert seconds(path) == [2]


# --- a full disk ------------------------------------------------------------------------------------------

#: Files may grow to 300 kB, and later as they like: what a full disk is, and one on which room was made.
FULL = """
import resource
import sys
from itertools import count
from pathlib import Path
from bezet.errors import StoreBusy
from store.sqlite import SqliteStore
from tests.store.test_contract import EVER, SITE, SPACE, batch, instants, reading, reject, state
store = SqliteStore(Path(sys.argv[1]))
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
def write(number):
    rows = [reading(number * 20 + place) for place in range(20)]
    store.write([batch(*rows[:10]), batch(*rows[10:], state(number))])
for number in count():
    try:
        write(number)
    except StoreBusy as error:
        print(error, file=sys.stderr)
        break
for _ in range(3):
    try:
        write(number)
    except StoreBusy:
        continue
    sys.exit("a full disk took something")
readings = len(instants(store.readings(SITE, SPACE, **EVER)))
try:
    store.reject([reject(place, payload=bytes(4096)) for place in range(1000)])
except StoreBusy:
    pass
else:
    sys.exit("a full disk took the rejects")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
write(number)
print(number, readings, len(store.rejects()), flush=True)
store.close()
"""


def test_a_full_disk_is_busy(path: Path) -> None:
    """On a full disk nothing is half written, what is there can be read, and all is well afterwards."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
    number, readings, rejects = map(int, done.stdout.split())

    assert str(path) in done.stderr
    assert (readings, rejects) == (number * 20, 0)
    with closing(SqliteStore(path)) as store:
        assert_whole(
            instants(store.readings(SITE, SPACE, **EVER)), instants(store.states(SITE, SPACE, **EVER))
        )
        assert len(instants(store.states(SITE, SPACE, **EVER))) == number + 1


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
        ("influx:bezet", "needs the form sqlite:FILE"),
        ("sqlite:{folder}/nowhere/bezet.db", "there is no folder"),
        ("sqlite:{folder}", "unable to open"),
    ],
)
def test_refuses_an_address(tmp_path: Path, address: str, why: str) -> None:
    """An address that names no store is one line that says why."""
    with pytest.raises(CannotStart, match=why) as refused:
        open_store(address.format(folder=tmp_path))

    assert "\n" not in str(refused.value)
