# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The files of the truth: one per sheet and week, as comma-separated text that any tool reads.

Weeks begin on a Monday, 00:00 UTC. What goes on over that instant stands in both files, cut there.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.faults import MONDAY_MS, WEEK_MS
from demo.folder import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bezet.usage.columns import Floats, Ints

#: The folder of the truth in the data folder of the demo.
FOLDER = "truth"
TOWN, README = "town.json", "README.txt"
AIR = "air"
#: The instants of true air are multiples of this.
AIR_EVERY_MS = 5 * 60_000


class Sheet(NamedTuple):
    """One row of the table: the columns of a file, and what a row is."""

    columns: tuple[str, ...]
    meaning: str


#: The files with rows that last from an instant up to another. A booking stands whole in the week in which it
#: begins.
SHEETS: Mapping[str, Sheet] = {
    "stays": Sheet(
        ("space", "from", "to", "person", "doing", "seat"), "one person in one space, and what they do there"
    ),
    "bookings": Sheet(
        ("space", "from", "to", "people", "fate", "series", "uid"),
        "a space that was booked, for how many, and what became of it",
    ),
    "things": Sheet(("space", "from", "to"), "a bag on a chair, or the like: it keeps a place"),
    "faults": Sheet(("what", "where", "from", "to"), "a sensor, a device or the broker has a fault"),
}


class Row(NamedTuple):
    """A row of a sheet: from an instant up to another, and the other columns in order."""

    from_ms: int
    to_ms: int
    words: tuple[str, ...]


class Week(NamedTuple):
    """The part [`from_ms`, `to_ms`) of a week, and the name of that week, as "2026-W40"."""

    name: str
    from_ms: int
    to_ms: int


def weeks(start_ms: int, end_ms: int) -> Iterator[Week]:
    """The weeks of a span, the first and the last cut to it."""
    for number in range((start_ms - MONDAY_MS) // WEEK_MS, (end_ms - 1 - MONDAY_MS) // WEEK_MS + 1):
        begin_ms = MONDAY_MS + number * WEEK_MS
        year, week, _ = datetime.fromtimestamp(begin_ms / 1000, UTC).isocalendar()
        yield Week(f"{year}-W{week:02}", max(start_ms, begin_ms), min(end_ms, begin_ms + WEEK_MS))


def is_monday(t_ms: int) -> bool:
    """Whether a week begins at this instant."""
    return (t_ms - MONDAY_MS) % WEEK_MS == 0


# --- rows -------------------------------------------------------------------------------------------------


def replaced(before: Iterable[Row], found: Iterable[Row], start_ms: int, end_ms: int) -> list[Row]:
    """Rows in which [`start_ms`, `end_ms`) is as it was found, and the rest as before.

    What was found is cut to the span, and joined with what goes on before and after it.
    """
    rows = [part for row in before for part in _outside(row, start_ms, end_ms)]
    rows += (Row(max(one.from_ms, start_ms), min(one.to_ms, end_ms), one.words) for one in found)
    return joined((row for row in rows if row.from_ms < row.to_ms), lambda t_ms: t_ms in (start_ms, end_ms))


def joined(rows: Iterable[Row], is_joint: Callable[[int], bool]) -> list[Row]:
    """Rows in order; two that say the same, and meet at a joint, are one."""
    found: list[Row] = []
    ends: defaultdict[tuple[tuple[str, ...], int], list[int]] = defaultdict(list)
    for row in sorted(rows):
        meets = is_joint(row.from_ms) and ends[row.words, row.from_ms]
        if meets:
            place = meets.pop()
            found[place] = found[place]._replace(to_ms=row.to_ms)
        else:
            place = len(found)
            found.append(row)
        ends[row.words, row.to_ms].append(place)
    return found


def _outside(row: Row, start_ms: int, end_ms: int) -> Iterator[Row]:
    if row.from_ms < start_ms:
        yield row._replace(to_ms=min(row.to_ms, start_ms))
    if row.to_ms > end_ms:
        yield row._replace(from_ms=max(row.from_ms, end_ms))


# --- text -------------------------------------------------------------------------------------------------


def instants(t_ms: Ints | Sequence[int]) -> list[str]:
    """Instants in words, as "2026-10-05T08:00:00.000Z"."""
    words: list[str] = np.datetime_as_string(np.array(t_ms, "M8[ms]"), timezone="UTC").tolist()
    return words


def in_ms(words: Sequence[str]) -> Ints:
    """Instants from words."""
    return np.array([word.removesuffix("Z") for word in words], "M8[ms]").astype(np.int64)


def read_rows(file: Path, sheet: Sheet) -> list[Row]:
    """The rows of a file; none where there is no file."""
    try:
        _, *lines = csv.reader(file.read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return []
    first, last = sheet.columns.index("from"), sheet.columns.index("to")
    from_ms, to_ms = (in_ms([line[place] for line in lines]).tolist() for place in (first, last))
    words = ((*line[:first], *line[last + 1 :]) for line in lines)
    return [Row(*row) for row in zip(from_ms, to_ms, words, strict=True)]


def write_rows(file: Path, sheet: Sheet, rows: Sequence[Row]) -> None:
    """Put these rows in the place of what is in the file."""
    first = sheet.columns.index("from")
    begins, ends = instants([row.from_ms for row in rows]), instants([row.to_ms for row in rows])
    told = zip(rows, begins, ends, strict=True)
    put_table(
        file,
        sheet.columns,
        ((*row.words[:first], begin, end, *row.words[first:]) for row, begin, end in told),
    )


class TrueAir(NamedTuple):
    """CO2 in ppm, shape (len(spaces), n), at instants that rise, shape (n,)."""

    spaces: tuple[str, ...]
    t_ms: Ints
    co2_ppm: Floats


def read_air(file: Path) -> TrueAir | None:
    """The true air of a file; None where there is no file."""
    try:
        head, *lines = csv.reader(file.read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return None
    co2_ppm = np.array([line[1:] for line in lines], np.float64).reshape(-1, len(head) - 1)
    return TrueAir(tuple(head[1:]), in_ms([line[0] for line in lines]), co2_ppm.T)


def write_air(file: Path, air: TrueAir) -> None:
    """Put this in the place of what is in the file; ppm to one tenth."""
    rows = zip(instants(air.t_ms), air.co2_ppm.T.tolist(), strict=True)
    put_table(file, ("t", *air.spaces), ((t, *(f"{ppm:.1f}" for ppm in row)) for t, row in rows))


def put_table(file: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write comma-separated text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    put(file, text.getvalue())
