# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet store`: what a person can do with a store, and what it says when that cannot be."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

from bezet.errors import CannotStart
from bezet.model import Kind, Reading, State, Zone
from bezet.usage.columns import JOINT, ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, ROW
from store.commands import store as commands
from store.sqlite import SqliteStore
from store.sqlite.file import STORE
from tests.conftest import ROOT, bezet, free_port
from tests.store.influx_server import influx
from tests.store.stage import (
    SITE,
    SPACE,
    T_MS,
    batch,
    content,
    fact_rows,
    health,
    reading,
    reading_seconds,
    state,
    state_seconds,
    zone_facts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROWS = [
    batch(
        *(reading(second) for second in range(0, 3_000, 10)),
        *(state(second) for second in range(0, 3_000, 300)),
    ),
    batch(reading(1, "pir", Kind.MOTION, 1.0), state(7), space="1.05"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a little of everything."""
    return fill(tmp_path / "bezet.db")


def fill(path: Path) -> Path:
    """Make a store with readings, states, facts, marks and health."""
    with closing(SqliteStore(path)) as store:
        store.write(ROWS)
        store.write_facts([zone_facts({0: 1.0, 1: 2.0})], [])
        store.write_health([health(1)])
    return path


def run(*words: str | Path, stdin: str = "", env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """What a command answers: its exit code, and all that it says."""
    done = CliRunner().invoke(commands, [str(word) for word in words], input=stdin, env=env)
    if isinstance(done.exception, CannotStart):  # `bezet` says it in one line and ends with 1
        assert "\n" not in str(done.exception)
        return 1, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def sabotage(path: Path, statement: str, *values: object) -> None:
    """Change a store behind its back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def seconds(path: Path) -> list[int]:
    """The readings of the first space."""
    with closing(SqliteStore(path)) as store:
        return reading_seconds(store)


NAMES = sorted(str(one.callback.__name__) for one in commands.registered_commands if one.callback)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_shows_an_example(name: str) -> None:
    """The help of a command holds a line that can be typed."""
    code, said = run(name, "--help")

    assert code == 0
    assert f"bezet store {name}" in " ".join(said.split())


@pytest.mark.parametrize("name", ["verify", "vacuum", "size", "backup", "restore"])
def test_what_is_for_files_says_so(tmp_path: Path, name: str) -> None:
    """Asked for a server, a command for files names what to use instead, in one line."""
    address, file = "influx:http://127.0.0.1:8086/bezet", tmp_path / "x.db"
    both: dict[str, list[str | Path]] = {"backup": [address, file], "restore": [file, address]}
    words = both.get(name, [address])
    code, said = run(name, *words)

    assert (code, "is for a file" in said, "InfluxDB" in said) == (1, True, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["verify", "vacuum", "size", "remove", "copy", "backup"])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, name: str) -> None:
    """Looking after a store that does not exist says so, and leaves nothing behind."""
    address = f"sqlite:{tmp_path / 'bezet.db'}"
    more: dict[str, list[str | Path]] = {
        "remove": ["--site", SITE, "--space", SPACE],
        "copy": [f"sqlite:{tmp_path / 'other.db'}"],
        "backup": [tmp_path / "other.db"],
    }
    code, said = run(name, address, *more.get(name, []))

    assert (code, "there is no such file" in said) == (1, True)
    assert list(tmp_path.iterdir()) == []


# --- verify -----------------------------------------------------------------------------------------------


def test_verify_says_what_is_there(path: Path) -> None:
    """A sound store is told with its rows, spaces, instants and bytes, and is not changed."""
    before = path.read_bytes()
    code, said = run("verify", f"sqlite:{path}")

    assert code == 0
    for part in ("2 spaces", "301 readings", "11 states", "2 quarter hours of facts", "nothing is wrong"):
        assert part in said
    assert "from 2026-09-21T00:00:00Z to 2026-09-21T00:49:50Z" in said
    assert f"{len(before):,} bytes" in said
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["bezet.db"]


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("DELETE FROM series", "301 rows of reading belong to a series that is not there"),
        ("DELETE FROM space", "belong to a space that is not there"),
        ("UPDATE series SET kind = 'smell' WHERE kind = 'motion'", "series: nobody knows the word 'smell'"),
        ("UPDATE saying SET because = 'motion boredom'", "saying: nobody knows the word 'boredom'"),
        (
            "UPDATE reading SET value = -1 WHERE value = 1",
            "1 readings of townhall 1.05 pi-1 pir motion are outside",
        ),
        (
            "UPDATE reading SET t_ms = 5 WHERE value = 1",
            "1 readings of townhall 1.05 pi-1 pir motion are outside",
        ),
        ("UPDATE state SET t_ms = t_ms / 1000", "11 states are outside of time"),
        ("UPDATE state SET probability = 1.5", "11 states have no such probability"),
        ("UPDATE health SET t_ms = 0", "1 healths are outside of time"),
        ("UPDATE touched SET quarter = quarter * 900", "marks of quarter hours are outside of time"),
        ("UPDATE facts SET quarters = 96", "day 20717 since 1970: holds another number of quarter hours"),
        ("UPDATE facts SET columns = substr(columns, 1, 30)", "day 20717 since 1970: "),
        ("UPDATE facts SET columns = zeroblob(99)", "day 20717 since 1970: "),
    ],
)
def test_verify_names_what_is_wrong(path: Path, statement: str, wrong: str) -> None:
    """Rows that belong nowhere, words nobody knows, numbers that cannot be: each is named; exit 1."""
    sabotage(path, statement)
    code, said = run("verify", f"sqlite:{path}")

    assert (code, wrong in said) == (1, True), said
    assert "nothing is wrong" not in said


def test_verify_names_no_more_than_is_of_use(path: Path) -> None:
    """Of very many sensors and days that are wrong some are named, and the others counted."""
    with closing(SqliteStore(path)) as store:
        store.write([batch(*(reading(1, f"s{number}") for number in range(100)))])
        store.write_facts([zone_facts({96 * day: 1.0 for day in range(100)})], [])
    sabotage(path, "UPDATE reading SET value = -1")
    sabotage(path, "UPDATE facts SET quarters = 50")
    code, said = run("verify", f"sqlite:{path}")

    assert (code, "82 more sensors are wrong" in said, "80 more days of facts are wrong" in said) == (
        1,
        True,
        True,
    )
    assert len(said.splitlines()) < 50


def test_verify_finds_a_damaged_file(path: Path) -> None:
    """Pages that were overwritten are told as damage, one line each and no more than are of use."""
    raw = bytearray(path.read_bytes())
    raw[8_192 : len(raw) - 4_096] = b"\xaa" * (len(raw) - 12_288)
    path.write_bytes(raw)
    code, said = run("verify", f"sqlite:{path}")

    assert code == 1
    assert "the file is damaged" in said or "malformed" in said
    assert len(said.splitlines()) < 40


def test_verify_reads_an_older_store_as_it_is(tmp_path: Path) -> None:
    """A store of an earlier version is checked without being upgraded."""
    old = make_version_1(tmp_path / "old.db")
    code, said = run("verify", f"sqlite:{old}")

    assert (code, said) == (0, f"{old}: schema 1, nothing is wrong\n")


def make_version_1(path: Path) -> Path:
    """A store as the first version left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(STORE.scripts[0])
        connection.execute("PRAGMA user_version = 1")
    return path


@pytest.mark.parametrize("name", ["verify", "check", "vacuum", "size"])
def test_what_is_no_store_is_left_alone(tmp_path: Path, name: str) -> None:
    """A file of something else, and a store of a newer bezet, are refused in one line."""
    odd, newer = tmp_path / "odd.db", tmp_path / "newer.db"
    sabotage(odd, "CREATE TABLE bookmark (url TEXT)")
    SqliteStore(newer).close()
    sabotage(newer, "PRAGMA user_version = 99")
    before = odd.read_bytes(), newer.read_bytes()

    for path, why in ((odd, "something else"), (newer, "made by a newer bezet")):
        code, said = run(name, f"sqlite:{path}")
        assert (code, why in said) == (1, True), said
    assert (odd.read_bytes(), newer.read_bytes()) == before


def test_an_error_is_one_line(path: Path) -> None:
    """As a user types it: one line on stderr, exit 1; and without words, the help."""
    there = subprocess.run(
        bezet("store", "verify", f"sqlite:{path}"), capture_output=True, text=True, check=False
    )
    lost = subprocess.run(
        bezet("store", "verify", "sqlite:none.db"), capture_output=True, text=True, check=False
    )

    assert (there.returncode, there.stderr) == (0, "")
    assert (lost.returncode, lost.stdout) == (1, "")
    assert lost.stderr == "bezet: store none.db: there is no such file\n"


# --- check ------------------------------------------------------------------------------------------------


def test_check_makes_a_store_that_is_missing(tmp_path: Path) -> None:
    """Where there is no store that is told with what to do; with --fix there is one."""
    address = f"sqlite:{tmp_path / 'bezet.db'}"
    code, said = run("check", address)
    assert (code, "NO" in said, "bezet store check --fix" in said) == (1, True, True)
    assert list(tmp_path.iterdir()) == []

    assert run("check", address, "--fix")[0] == 0
    assert run("check", address)[0] == 0


def test_check_upgrades_an_older_store(tmp_path: Path) -> None:
    """A store of an earlier version is told, and with --fix it is brought up to date."""
    address = f"sqlite:{make_version_1(tmp_path / 'old.db')}"
    code, said = run("check", address)
    assert (code, "schema 1" in said) == (1, True)
    assert run("size", address)[0] == run("check", address)[0] == 1

    code, said = run("check", address, "--fix")
    assert (code, "schema 2" in said) == (0, True)


def test_check_sees_what_is_missing_in_a_store(path: Path) -> None:
    """A table that is gone is named."""
    sabotage(path, "DROP TABLE touched")
    code, said = run("check", f"sqlite:{path}")

    assert (code, "table touched" in said) == (1, True)


def test_check_of_a_server_that_is_away() -> None:
    """A server that does not answer is a finding, not a trace."""
    code, said = run("check", f"influx:http://127.0.0.1:{free_port()}/bezet")

    assert (code, "NO" in said, "start it" in said) == (1, True, True)


def test_check_and_copy_to_a_server(path: Path) -> None:
    """A pilot's file grows into a server: its buckets are made, everything is copied, and counts prove it."""
    server = influx()
    name = server.new_name()
    address = server.address(name)
    try:
        assert run("check", address, env=server.environ)[0] == 1
        assert (
            run("check", address, "--fix", "--building", ROOT / "building.toml", env=server.environ)[0] == 0
        )
        with server.database() as keeps_for_ever:
            target = server.address(keeps_for_ever)
            code, said = run("copy", f"sqlite:{path}", target, env=server.environ)
            again = run("copy", f"sqlite:{path}", target, env=server.environ)[1]
    finally:
        server.drop(name)

    assert (code, "everything is there" in said) == (0, True), said
    counts = {words[0]: words[1:3] for line in said.splitlines() if len(words := line.split()) == 4}
    assert counts["environment"] == ["300", "300"]
    assert counts["states"] == ["11", "11"]
    assert counts["facts"] == ["2", "2"]
    assert "0 rows were written" in again


# --- size -------------------------------------------------------------------------------------------------


def test_size_says_what_an_idle_zone_costs(path: Path) -> None:
    """Rows and bytes by level; of an idle day, made for this where there is none, little."""
    code, said = run("size", f"sqlite:{path}")
    first, idle = said.split("A zone on a day on which nothing happens, as made for this")

    assert code == 0
    assert table(first)["environment"][0] == 300
    assert table(first)["presence"][0] == 1
    rows, size_bytes, each = table(idle)["states"]
    assert (rows, size_bytes < 12_000, 30 < each < 40) == (288, True, True)
    assert table(idle)["facts"][:1] == [1]
    assert table(idle)["facts"][1] < 100


def test_size_measures_an_idle_day_where_there_is_one(path: Path) -> None:
    """The day on which sensors spoke and nobody came is taken from the store; a busy or silent one is not."""
    quarters = T_MS + np.arange(96, dtype=np.int64) * QUARTER_MS
    amounts = np.zeros((len(FACTS), 96))
    with closing(SqliteStore(path)) as store:
        for space, covered_s, occupied_s in (("busy", 900, 5), ("silent", 100, 0), ("idle", 900, 0)):
            amounts[ROW["covered_s"]], amounts[ROW["occupied_s"]] = covered_s, occupied_s
            for device in ("pi-9", JOINT):
                zone = Zone(SITE, space, device)
                store.write_facts([ZoneFacts(zone, quarters, amounts, np.zeros(96, np.int32))], [])
            rows: list[Reading | State] = [
                *(state(n * 300) for n in range(288)),
                *(reading(n * 60) for n in range(1_440)),
            ]
            store.write([batch(*rows, space=space, device="pi-9")])
        store.write_health([health(n * 900, device="pi-9") for n in range(96)])
    said = run("size", f"sqlite:{path}")[1].split("nothing happens, as found in it")[1]

    assert {name: columns[0] for name, columns in table(said).items() if name != "all"} == {
        "environment": 1_440,
        "states": 288,
        "health": 96,
        "facts": 1,
    }


def table(said: str) -> dict[str, list[float]]:
    """The numbers of each line, by its first word."""
    rows = [line.replace(",", "").split() for line in said.splitlines()]
    return {
        words[0]: [float(word) for word in words[1:]]
        for words in rows
        if len(words) > 1 and all(word.replace(".", "").isdigit() for word in words[1:])
    }


# --- remove -----------------------------------------------------------------------------------------------

REMOVE = ("--site", SITE, "--space", SPACE)


def test_remove_asks_first(path: Path) -> None:
    """What would go is told with how to keep a copy; without a yes nothing goes."""
    for answer in ("n\n", ""):
        code, said = run("remove", f"sqlite:{path}", *REMOVE, stdin=answer)
        assert code == 1
        assert "300 rows of environment, 10 rows of states, 2 rows of facts" in said
        assert f"bezet store backup sqlite:{path}" in said
    assert len(seconds(path)) == 300


@pytest.mark.parametrize(("more", "stdin"), [(["--yes"], ""), ([], "y\n")])
def test_remove_removes_one_space(path: Path, more: list[str], stdin: str) -> None:
    """After a yes everything of the space is gone, and said to be; the other space stays."""
    code, said = run("remove", f"sqlite:{path}", *REMOVE, *more, stdin=stdin)

    assert code == 0
    assert "removed 0 rows of presence, 300 rows of environment, 10 rows of states, 2 rows of facts" in said
    with closing(SqliteStore(path)) as store:
        assert content(store, ROWS)[0][2:] == ([], [])
        assert fact_rows(store) == {}
        assert state_seconds(store, space="1.05") == [7]
    code, said = run("remove", f"sqlite:{path}", *REMOVE, "--yes")
    assert (code, "holds nothing of space 1.04 of site townhall" in said) == (1, True)
