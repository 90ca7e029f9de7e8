# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: other programs and threads, a full disk and a sudden death."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bezet.errors import StoreBusy
from bezet.model import Level
from bezet.usage.facts import QUARTER_MS, touched_quarters
from store.sqlite import SqliteStore
from tests.store.stage import (
    EVER,
    SITE,
    SPACE,
    T_MS,
    batch,
    fact_rows,
    quarters,
    reading,
    reading_seconds,
    state,
    state_seconds,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "bezet.db"


#: Each write is two messages of ten readings and a state; the number is printed once it is committed.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from store.sqlite import SqliteStore
from tests.store.stage import batch, reading, state
store = SqliteStore(Path(sys.argv[1]))
for number in count():
    rows = [reading(number * 20 + place) for place in range(20)]
    store.write([batch(*rows[:10]), batch(*rows[10:], state(number))])
    print(number, flush=True)
"""


def start(script: str, path: Path) -> subprocess.Popen[str]:
    """A process that does not stop."""
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True, env=os.environ
    )


def assert_whole(readings: list[int], states: list[int]) -> None:
    """Writes 0 to n are there completely, and nothing of another."""
    assert readings == list(range(len(states) * 20))
    assert states == list(range(len(states)))


def test_another_process_reads_while_one_writes(path: Path) -> None:
    """A reader is never turned away and sees whole writes: all that was committed when it asked, at least."""
    with closing(SqliteStore(path)) as store, start(WRITER, path) as writer:
        assert writer.stdout is not None
        for _ in range(30):
            committed = int(writer.stdout.readline())
            states, readings = state_seconds(store), reading_seconds(store)

            assert states == list(range(len(states)))
            assert len(states) > committed
            assert readings == list(range(len(readings)))
            assert len(readings) % 20 == 0
        writer.kill()


@pytest.mark.parametrize("after", [1, 3, 20, 60])
def test_a_killed_writer_leaves_whole_writes(path: Path, after: int) -> None:
    """After a SIGKILL the store is readable, holds whole writes only, and every one that had returned."""
    with start(WRITER, path) as writer:
        said = _kill(writer, after)
    with closing(SqliteStore(path)) as store:
        states = state_seconds(store)
        assert_whole(reading_seconds(store), states)
        store.write([batch(reading(10**6))])

    assert len(states) >= len(said)
    assert_sound(path)


def _kill(process: subprocess.Popen[str], after: int) -> list[int]:
    """SIGKILL after it said so many numbers; all that it said."""
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    return said + [int(line) for line in process.stdout if line.endswith("\n")]


def assert_sound(path: Path) -> None:
    """SQLite finds nothing wrong."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


#: One thread writes a state a minute, in and out of order; the other makes the facts of what is touched: how
#: many states there are in a quarter hour.
WRITER_AND_MAKER = """
import sys
import threading
from itertools import count
from pathlib import Path
from bezet.usage.facts import QUARTER_MS
from store.sqlite import SqliteStore
from tests.store.stage import SITE, SPACE, T_MS, batch, state, zone_facts
store = SqliteStore(Path(sys.argv[1]))
def make():
    while True:
        touched = store.touched(SITE)
        made = []
        for one in touched:
            end_ms = one.quarter_ms + QUARTER_MS
            found = store.states(SITE, SPACE, start_ms=one.quarter_ms, end_ms=end_ms).t_ms
            number = (one.quarter_ms - T_MS) // QUARTER_MS
            made.append(zone_facts({number: float((found >= one.quarter_ms).sum())}))
        store.write_facts(made, touched)
threading.Thread(target=make, daemon=True).start()
for number in count():
    store.write([batch(state(60 * (number * 7 % 211 + 211 * (number // 211))))])
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 2, 7, 40, 150, 400])
def test_a_killed_maker_of_facts_forgets_nothing(path: Path, after: int) -> None:
    """After a SIGKILL each quarter hour is marked, or its facts know every state that is there."""
    with start(WRITER_AND_MAKER, path) as writer:
        said = _kill(writer, after)
    with closing(SqliteStore(path)) as store:
        seconds = state_seconds(store)
        touched = quarters(store.touched(SITE))
        made = {number: row[0] for (_zone, number), row in fact_rows(store).items()}
    assert len(seconds) >= len(said)
    assert_sound(path)

    there = [second * 1000 // QUARTER_MS for second in seconds]
    wanted = {
        (quarter_ms - T_MS) // QUARTER_MS
        for second in seconds
        for quarter_ms in touched_quarters(batch(state(second)))
    }
    assert set(touched) <= wanted
    assert {quarter: made.get(quarter) for quarter in wanted if quarter not in touched} == {
        quarter: there.count(quarter) for quarter in wanted if quarter not in touched
    }


def test_two_writers_take_turns(path: Path) -> None:
    """Two processes may write to one store; neither loses or spoils what the other wrote."""
    with closing(SqliteStore(path)) as store, start(WRITER, path) as writer:
        assert writer.stdout is not None
        for number in range(50):
            store.write([batch(reading(number), device="pi-2")])
        writer.stdout.readline()
        writer.kill()
    with closing(SqliteStore(path)) as store:
        rows = list(store.readings(SITE, SPACE, **EVER).rows())

    assert [(row.reading.t_ms - T_MS) // 1000 for row in rows if row.device == "pi-2"] == list(range(50))
    assert len([row for row in rows if row.device == "pi-1"]) % 20 == 0


def test_a_locked_store_is_busy(path: Path) -> None:
    """While another program holds the store a write gives up after a while, and can be tried again."""
    with closing(SqliteStore(path, busy_timeout_s=0.05)) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="locked"):
            store.write([batch(reading(1))])
        other.rollback()
        store.write([batch(reading(2))])

        assert reading_seconds(store) == [2]


def test_removal_lets_others_write(path: Path) -> None:
    """While very many rows are removed others write many times, in this program and in another one."""
    removed: dict[Level, int] = {}
    with closing(SqliteStore(path)) as store, closing(SqliteStore(path)) as elsewhere:
        for start_s in range(0, 200_000, 50_000):
            store.write([batch(*(reading(start_s + second) for second in range(50_000)))])

        def remove() -> None:
            removed.update(store.remove_before(SITE, {Level.ENVIRONMENT: T_MS + 199_000_000}))

        remover = threading.Thread(target=remove)
        remover.start()
        written = {"here": 0, "elsewhere": 0}
        while remover.is_alive():
            for name, writer in (("here", store), ("elsewhere", elsewhere)):
                writer.write([batch(reading(10**6 + written[name]), device=name)])
                written[name] += remover.is_alive()
        remover.join()

        assert removed == {Level.ENVIRONMENT: 199_000}
        assert min(written.values()) >= 5
        assert len(reading_seconds(store)) >= 1_000 + sum(written.values())


# --- a full disk ------------------------------------------------------------------------------------------

#: Files may grow to 300 kB, and later as they like: what a full disk is, and one on which room was made.
FULL = """
import resource
import sys
from itertools import count
from pathlib import Path
from bezet.errors import Cause, StoreBusy
from store import Reject
from store.sqlite import SqliteStore
from tests.store.stage import batch, reading, reading_seconds, state
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
readings = len(reading_seconds(store))
try:
    store.reject([Reject(place, "t", Cause.FUTURE, "what", bytes(4096)) for place in range(1000)])
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
        assert_whole(reading_seconds(store), state_seconds(store))
        assert len(state_seconds(store)) == number + 1
