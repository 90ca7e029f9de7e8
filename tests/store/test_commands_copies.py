# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet store backup`, `restore`, `vacuum` and `copy`: no copy is made or put back that is not whole."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from store.sqlite import SqliteStore
from tests.store.stage import SITE, batch, content, reading, reading_seconds, state_seconds
from tests.store.test_commands import ROWS, fill, make_version_1, run, sabotage, seconds

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a little of everything."""
    return fill(tmp_path / "bezet.db")


def names(path: Path) -> set[str]:
    """What stands beside a store."""
    return {one.name for one in path.parent.iterdir()}


# --- backup -----------------------------------------------------------------------------------------------

#: Writes without end; the number is printed once it is committed.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from store.sqlite import SqliteStore
from tests.store.stage import batch, reading, state
store = SqliteStore(Path(sys.argv[1]))
for number in count():
    store.write([batch(*(reading(number * 200 + place) for place in range(200)), state(number))])
    print(number, flush=True)
"""


def test_backup_while_the_collector_writes(tmp_path: Path) -> None:
    """A copy that was made during writing is one file and sound, and holds whole writes up to its instant."""
    path, copy = tmp_path / "bezet.db", tmp_path / "copy.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as writer:
        assert writer.stdout is not None
        before = [int(writer.stdout.readline()) for _ in range(100)][-1]
        code, said = run("backup", f"sqlite:{path}", copy)
        assert (code, "a sound copy" in said) == (0, True), said
        assert int(writer.stdout.readline()) > before
        writer.kill()

    assert names(copy) >= {"copy.db"}
    assert names(copy) & {"copy.db-wal", "copy.db-shm", "copy.db-journal", "copy.db.part"} == set()
    with closing(SqliteStore(copy)) as store:
        states = state_seconds(store)
        assert states == list(range(len(states)))
        assert len(states) > before
        assert reading_seconds(store) == list(range(len(states) * 200))


def test_backup_never_overwrites(path: Path, tmp_path: Path) -> None:
    """A file that is there stays as it is, an empty one too."""
    for kept in (b"", b"holiday photographs"):
        (tmp_path / "copy.db").write_bytes(kept)
        code, said = run("backup", f"sqlite:{path}", tmp_path / "copy.db")

        assert (code, "is not overwritten" in said) == (1, True)
        assert (tmp_path / "copy.db").read_bytes() == kept


def test_a_backup_that_fails_leaves_nothing(path: Path, tmp_path: Path) -> None:
    """Of a store that is damaged no copy is kept, and there is none without a folder."""
    sabotage(path, "DELETE FROM series")
    code, said = run("backup", f"sqlite:{path}", tmp_path / "copy.db")
    assert (code, "the copy is not sound" in said) == (1, True)
    code, said = run("backup", f"sqlite:{path}", tmp_path / "none" / "copy.db")
    assert (code, "No such file or directory" in said) == (1, True)

    assert names(path) == {"bezet.db"}


# --- restore ----------------------------------------------------------------------------------------------


def test_restore_where_nothing_is(path: Path, tmp_path: Path) -> None:
    """A copy becomes a store where there is none, or one without rows; the copy stays."""
    assert run("backup", f"sqlite:{path}", tmp_path / "copy.db")[0] == 0
    empty = tmp_path / "empty.db"
    SqliteStore(empty).close()
    for target in (tmp_path / "new.db", empty):
        code, said = run("restore", tmp_path / "copy.db", f"sqlite:{target}")
        assert (code, "restored from" in said, "301 readings" in said) == (0, True, True)
        with closing(SqliteStore(target)) as store, closing(SqliteStore(path)) as original:
            assert content(store, ROWS) == content(original, ROWS)
            assert store.touched(SITE) == original.touched(SITE)

    assert names(path) == {"bezet.db", "copy.db", "new.db", "empty.db"}


def test_restore_keeps_what_was_there(path: Path, tmp_path: Path) -> None:
    """A store with rows is not replaced unless that is said, and then stands beside with a dated name."""
    run("backup", f"sqlite:{path}", tmp_path / "copy.db")
    with closing(SqliteStore(path)) as store:
        store.write([batch(reading(10**6))])
    code, said = run("restore", tmp_path / "copy.db", f"sqlite:{path}")
    assert (code, "--replace" in said, len(seconds(path))) == (1, True, 301)

    code, said = run("restore", tmp_path / "copy.db", f"sqlite:{path}", "--replace")
    [aside] = [one for one in tmp_path.iterdir() if one.name.startswith("bezet.db.20")]
    assert (code, str(aside) in said) == (0, True)
    assert (len(seconds(path)), len(seconds(aside))) == (300, 301)
    assert names(path) == {"bezet.db", "copy.db", aside.name}


def test_restore_over_a_damaged_store(path: Path, tmp_path: Path) -> None:
    """What cannot be read any more is kept beside too, byte for byte."""
    run("backup", f"sqlite:{path}", tmp_path / "copy.db")
    path.write_bytes(b"\xaa" * 9_999)
    path.with_name("bezet.db-wal").write_bytes(b"perhaps the better half")
    code, _said = run("restore", tmp_path / "copy.db", f"sqlite:{path}")
    assert (code, path.read_bytes()) == (1, b"\xaa" * 9_999)

    assert run("restore", tmp_path / "copy.db", f"sqlite:{path}", "--replace")[0] == 0
    assert len(seconds(path)) == 300
    kept = {one.read_bytes() for one in tmp_path.iterdir() if one.name.startswith("bezet.db.20")}
    assert kept == {b"\xaa" * 9_999, b"perhaps the better half"}


def test_restore_refuses_what_is_no_sound_copy(path: Path, tmp_path: Path) -> None:
    """A file of something else, of a newer bezet, a damaged one or none is refused; the store stays."""
    copies = {name: tmp_path / f"{name}.db" for name in ("odd", "newer", "damaged", "letter", "none")}
    sabotage(copies["odd"], "CREATE TABLE bookmark (url TEXT)")
    for name in ("newer", "damaged"):
        run("backup", f"sqlite:{path}", copies[name])
    sabotage(copies["newer"], "PRAGMA user_version = 99")
    sabotage(copies["damaged"], "DELETE FROM voice")
    copies["letter"].write_text("to the works council\n" * 99)
    before = names(path)
    for name, why in {
        "odd": "something else",
        "newer": "made by a newer bezet",
        "damaged": "belong to a voice that is not there",
        "letter": "not a database",
        "none": "there is no such file",
    }.items():
        code, said = run("restore", copies[name], f"sqlite:{path}", "--replace")
        assert (code, why in said) == (1, True), said

    assert names(path) == before
    assert len(seconds(path)) == 300


def test_restore_refuses_a_store_in_use(path: Path, tmp_path: Path) -> None:
    """While another program has the store open it is not pulled away from under it."""
    run("backup", f"sqlite:{path}", tmp_path / "copy.db")
    with closing(SqliteStore(path)) as store:
        store.write([batch(reading(10**6))])
        code, said = run("restore", tmp_path / "copy.db", f"sqlite:{path}", "--replace")

        assert (code, "stop the collector" in said) == (1, True)
        assert len(reading_seconds(store)) == 301
        store.write([batch(reading(10**6 + 1))])
    assert len(seconds(path)) == 302
    assert names(path) == {"bezet.db", "copy.db"}


def test_restore_of_an_older_version(tmp_path: Path) -> None:
    """A copy that an earlier bezet made is put back, and upgraded when it is opened."""
    old, new = make_version_1(tmp_path / "old.db"), tmp_path / "new.db"
    assert run("restore", old, f"sqlite:{new}")[0] == 0
    assert seconds(new) == []

    assert run("check", f"sqlite:{new}")[0] == 0


# --- vacuum -----------------------------------------------------------------------------------------------


def test_vacuum_gives_room_back(path: Path) -> None:
    """The file becomes smaller by what was removed, and holds what it held."""
    with closing(SqliteStore(path)) as store:
        store.write([batch(*(reading(second) for second in range(20_000)), space="1.06")])
        store.remove_space(SITE, "1.06")
        before = content(store, ROWS)
    bytes_before = path.stat().st_size
    code, said = run("vacuum", f"sqlite:{path}")

    assert (code, f"{bytes_before:,} bytes before" in said) == (0, True)
    assert path.stat().st_size < bytes_before / 2
    with closing(SqliteStore(path)) as store:
        assert content(store, ROWS) == before


def test_vacuum_beside_the_collector(path: Path) -> None:
    """A store that others have open is packed too, and they go on."""
    with closing(SqliteStore(path)) as store:
        assert len(reading_seconds(store)) == 300
        assert run("vacuum", f"sqlite:{path}")[0] == 0
        store.write([batch(reading(10**6))])

        assert len(reading_seconds(store)) == 301


# --- copy -------------------------------------------------------------------------------------------------


def test_copy_proves_that_everything_is_there(path: Path, tmp_path: Path) -> None:
    """All rows go to the other store, counted on both sides; a second time nothing is written."""
    target = f"sqlite:{tmp_path / 'other.db'}"
    code, said = run("copy", f"sqlite:{path}", target)
    assert (code, "and everything is there" in said) == (0, True), said
    with closing(SqliteStore(tmp_path / "other.db")) as store, closing(SqliteStore(path)) as original:
        assert content(store, ROWS) == content(original, ROWS)

    code, said = run("copy", f"sqlite:{path}", target)
    assert (code, "0 rows were written" in said) == (0, True)
    lines = [line.split() for line in said.splitlines()]
    assert ["environment", "300", "300", "0"] in lines


def test_copy_of_one_site(path: Path, tmp_path: Path) -> None:
    """Asked for one site, the others stay where they are."""
    with closing(SqliteStore(path)) as store:
        store.write([batch(reading(1), site="library")])
    assert run("copy", f"sqlite:{path}", f"sqlite:{tmp_path / 'other.db'}", "--site", "library")[0] == 0

    with closing(SqliteStore(tmp_path / "other.db")) as store:
        assert {zone.site for zone in store.zones()} == {"library"}


def test_copy_onto_itself(path: Path) -> None:
    """One store cannot be both ends."""
    code, said = run("copy", f"sqlite:{path}", f"sqlite:{path}")

    assert (code, "both FROM and TO" in said) == (1, True)


@pytest.mark.slow
def test_a_busy_store_is_one_line(path: Path) -> None:
    """While another program holds the store a command says so instead of a trace."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        code, said = run("vacuum", f"sqlite:{path}")

    assert (code, "locked" in said, "try again" in said) == (1, True, True)
