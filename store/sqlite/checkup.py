# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whether the file of an embedded store is sound, and what is in it; nothing here changes it."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import CannotStart, Cause, StoreUnusable
from bezet.model import KINDS, Because, Kind, Occupancy
from bezet.usage.facts import QUARTER_MS
from bezet.wire import T_MAX_MS, T_MIN_MS
from store.sqlite.days import DAYS, decoded, encoded
from store.sqlite.file import STORE, began, checked_version, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Progress = Callable[[str, int, int], None]

_MAGIC = b"SQLite format 3\0"
#: So many of one sort of trouble are named; a file with more is no better known by all of them.
MOST_NAMED = 20


class Contents(NamedTuple):
    """What a store holds: rows by table, spaces, the first and last instant (None: no rows), and bytes."""

    rows: dict[str, int]
    spaces: int
    first_ms: int | None
    last_ms: int | None
    size_bytes: int


@dataclass(slots=True)
class Verdict:
    """The schema of a store, what is wrong, and what it holds (None: nobody can tell)."""

    version: int
    wrong: list[str] = field(default_factory=list)
    contents: Contents | None = None


@contextmanager
def looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads a store at one instant and changes nothing; else `CannotStart`."""
    if not path.is_file():
        raise CannotStart(f"store {path}: there is no such file")
    if not is_database(path):  # SQLite itself would throw away a log that lies beside it
        raise StoreUnusable(f"{path}: file is not a database")
    address = f"{path.absolute().as_uri()}?mode=rw"
    with translated(path), closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA query_only = ON")
        with began(connection, "BEGIN"):
            yield connection


def is_database(path: Path) -> bool:
    """Whether a file begins as every SQLite file does; an empty one may become one."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) in (_MAGIC, b"")
    except OSError as error:
        raise CannotStart(f"store {path}: {error.strerror}") from error


def demand_newest(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `CannotStart` for a store of an earlier schema than this program writes."""
    version = checked_version(connection, path)
    if version < len(STORE.scripts):
        remedy = "run `bezet store check --fix` first, or start the collector"
        raise CannotStart(f"{path}: is of schema {version}, this bezet writes {len(STORE.scripts)}; {remedy}")


def verify(path: Path, progress: Progress) -> Verdict:
    """Everything that can be checked: the file, what points where, and what the rows say.

    Raises `StoreUnusable` for what is no store, or one of a newer bezet.
    """
    with looked_at(path) as connection:
        verdict = Verdict(checked_version(connection, path))
        try:
            for trouble in _troubles(connection, verdict.version, progress):
                verdict.wrong.append(trouble)
            if verdict.version == len(STORE.scripts):
                verdict.contents = _contents(connection, path)
        except sqlite3.DatabaseError as error:
            verdict.wrong.append(f"cannot be read: {error}")
    return verdict


def _troubles(connection: sqlite3.Connection, version: int, progress: Progress) -> Iterator[str]:
    progress("the file", 0, 0)
    for (word,) in connection.execute(f"PRAGMA integrity_check({MOST_NAMED})"):
        if word != "ok":
            yield f"the file is damaged: {word}"
    progress("what points where", 0, 0)
    yield from _lost(connection)
    if version == len(STORE.scripts):
        yield from _unknown_words(connection)
        yield from _few(_odd_readings(connection, progress), "sensors")
        progress("states", 0, 0)
        yield from _odd_states(connection)
        yield from _few(_odd_days(connection, progress), "days of facts")


def _few(troubles: Iterator[str], of_what: str) -> Iterator[str]:
    """The first of them, and how many more there are."""
    yield from islice(troubles, MOST_NAMED)
    more = sum(1 for _ in troubles)
    if more:
        yield f"{more:,} more {of_what} are wrong"


def _lost(connection: sqlite3.Connection) -> Iterator[str]:
    found: dict[tuple[str, str], int] = {}
    for table, _row, parent, _key in connection.execute("PRAGMA foreign_key_check"):
        found[table, parent] = found.get((table, parent), 0) + 1
    for (table, parent), rows in found.items():
        yield f"{rows:,} rows of {table} belong to a {parent} that is not there"


#: Which words may stand where.
_WORDS: dict[str, frozenset[str]] = {
    "SELECT DISTINCT kind FROM series": frozenset(Kind),
    "SELECT DISTINCT occupancy FROM saying": frozenset(Occupancy),
    "SELECT DISTINCT because FROM saying": frozenset(Because),
    "SELECT DISTINCT cause FROM reject": frozenset(Cause),
}


def _unknown_words(connection: sqlite3.Connection) -> Iterator[str]:
    for query, known in _WORDS.items():
        there = {word for (words,) in connection.execute(query) for word in words.split()}
        for word in sorted(there - known):
            yield f"{query.split()[-1]}: nobody knows the word {word!r}"


def _odd_readings(connection: sqlite3.Connection, progress: Progress) -> Iterator[str]:
    series = connection.execute(
        "SELECT series.id, site, name, device, sensor, kind FROM series "
        "JOIN zone ON zone.id = zone JOIN space ON space.id = space"
    ).fetchall()
    query = """
        SELECT COUNT(*) FROM reading
        WHERE series = ? AND NOT (t_ms BETWEEN ? AND ? AND value BETWEEN ? AND ?)
    """
    for done, (number, *words) in enumerate(series):
        progress("readings", done, len(series))
        if words[-1] in frozenset(Kind):
            bounds = KINDS[Kind(words[-1])]
            asked = (number, T_MIN_MS, T_MAX_MS, bounds.low, bounds.high)
            (rows,) = connection.execute(query, asked).fetchone()
            if rows:
                yield f"{rows:,} readings of {' '.join(words)} are outside of time, or of their bounds"


#: What may not be, and how it is said.
_ODD_STATES = {
    "state WHERE t_ms NOT BETWEEN ? AND ?": "states are outside of time",
    "health WHERE t_ms NOT BETWEEN ? AND ?": "healths are outside of time",
    f"touched WHERE quarter * {QUARTER_MS} NOT BETWEEN ? AND ?": "marks of quarter hours are outside of time",
}


def _odd_states(connection: sqlite3.Connection) -> Iterator[str]:
    for place, what in _ODD_STATES.items():
        query = f"SELECT COUNT(*) FROM {place}"  # noqa: S608  it stands above
        (rows,) = connection.execute(query, (T_MIN_MS, T_MAX_MS)).fetchone()
        if rows:
            yield f"{rows:,} {what}"
    query = "SELECT COUNT(*) FROM state WHERE NOT (probability BETWEEN 0 AND 1 AND lasting_ms >= 0)"
    (rows,) = connection.execute(query).fetchone()
    if rows:
        yield f"{rows:,} states have no such probability, or begin after themselves"


def _odd_days(connection: sqlite3.Connection, progress: Progress) -> Iterator[str]:
    (total,) = connection.execute("SELECT COUNT(*) FROM facts").fetchone()
    days = connection.execute("SELECT id, quarters, columns FROM facts ORDER BY id")
    for done, (number, quarters, columns) in enumerate(days):
        if done % 1_000 == 0:
            progress("facts", done, total)
        try:
            why = (
                ""
                if encoded(decoded([columns])[0])[0] == quarters
                else "holds another number of quarter hours"
            )
        except zlib.error as error:
            why = str(error)
        if why:
            yield f"facts of zone {number // DAYS}, day {number % DAYS} since 1970: {why}"


# --- what is in it ----------------------------------------------------------------------------------------

#: What is counted, in the order in which it is told.
COUNTED = {
    "readings": "SELECT COUNT(*) FROM reading",
    "states": "SELECT COUNT(*) FROM state",
    "healths": "SELECT COUNT(*) FROM health",
    "quarter hours of facts": "SELECT IFNULL(SUM(quarters), 0) FROM facts",
    "months": "SELECT COUNT(*) FROM month",
    "quarter hours that wait for their facts": "SELECT COUNT(*) FROM touched",
    "refused messages": "SELECT COUNT(*) FROM reject",
}
_ENDS = """
    SELECT MIN(first_ms), MAX(last_ms) FROM (
        SELECT (SELECT MIN(t_ms) FROM reading WHERE series = id) AS first_ms,
               (SELECT MAX(t_ms) FROM reading WHERE series = id) AS last_ms FROM series
        UNION ALL
        SELECT (SELECT MIN(t_ms) FROM state WHERE voice = id),
               (SELECT MAX(t_ms) FROM state WHERE voice = id) FROM voice
    )
"""


def _contents(connection: sqlite3.Connection, path: Path) -> Contents:
    rows = {what: int(connection.execute(query).fetchone()[0]) for what, query in COUNTED.items()}
    (spaces,) = connection.execute("SELECT COUNT(*) FROM space").fetchone()
    first_ms, last_ms = connection.execute(_ENDS).fetchone()
    return Contents(rows, spaces, first_ms, last_ms, size_bytes(path))


def size_bytes(path: Path) -> int:
    """What a store takes of the disk, with the log beside it."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


# --- at a glance ------------------------------------------------------------------------------------------


class Finding(NamedTuple):
    """One thing that was looked at, and what to do about it where it is not well."""

    what: str
    ok: bool
    remedy: str = ""


def examine(path: Path) -> Iterable[Finding]:
    """What can be seen of a store without reading all of it; raises `StoreUnusable` for what is none."""
    if not path.exists():
        yield Finding(f"{path}: there is no store", ok=False, remedy="run `bezet store check --fix`")
        return
    newest = len(STORE.scripts)
    with looked_at(path) as connection:
        version = checked_version(connection, path)
        what = f"{path}: a store of schema {version}, {size_bytes(path):,} bytes"
        if version < newest:
            remedy = f"run `bezet store check --fix`, which makes it schema {newest}, or start the collector"
            yield Finding(what, ok=False, remedy=remedy)
            return
        yield Finding(what, ok=True)
        missing = _tables(_newest()) - _tables(connection)
        yield Finding(
            f"missing: {', '.join(sorted(missing))}" if missing else "every table and index is there",
            ok=not missing,
            remedy="`bezet store restore` a backup" if missing else "",
        )
        if missing:
            return
        (waiting,) = connection.execute("SELECT COUNT(*) FROM touched").fetchone()
        yield Finding(f"{waiting:,} quarter hours wait for their facts", ok=True)


def _newest() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for script in STORE.scripts:
        connection.executescript(script)
    return connection


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {f"{kind} {name}" for kind, name in connection.execute("SELECT type, name FROM sqlite_schema")}
