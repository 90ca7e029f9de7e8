# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A recording in CSV as a bus: the replay of whatever once hung on one.

Understands what instruments and R write: `,`, `;` or tab between cells, quotes, a header that lacks the name
of the row numbers, and a date and a time in one column or in two.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from edge.clock import ReplayClock, SystemClock

#: Cells that say that there is no number.
NO_NUMBER = {"", "na", "nan", "null", "none", "-"}


class Row(NamedTuple):
    """One row: its instant and the numbers in it by column; a column without a number is left out."""

    t_ms: int
    cells: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Source:
    """Which file, which columns hold the time (joined with a space), and in which zone they were written."""

    path: Path
    columns: tuple[str, ...]
    time_columns: tuple[str, ...] = ()
    zone: tzinfo = UTC

    def rows(self) -> Iterator[Row]:
        """The rows in the order of the file; `CannotStart` names file, line and column it cannot read."""
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as file:
                yield from self._read(file)
        except OSError as error:
            raise CannotStart(f"{self.path}: {error.strerror}") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise CannotStart(f"{self.path}: not a CSV file: {error}") from error

    def _read(self, file: Iterator[str]) -> Iterator[Row]:
        first = next(file, "")
        delimiter = max(",;\t", key=first.count)
        header = next(csv.reader([first], delimiter=delimiter), [])
        reader = csv.reader(file, delimiter=delimiter)
        time_columns: Sequence[str] = self.time_columns
        for cells in reader:
            if not cells:
                continue
            if len(cells) == len(header) + 1:  # R leaves the name of the row numbers out
                header = ["", *header]
            time_columns = time_columns or self._guess_time(header)
            yield self._row(dict(zip(header, cells, strict=False)), time_columns, reader.line_num + 1)

    def _guess_time(self, header: Sequence[str]) -> list[str]:
        found = [
            name for name in header if name.strip().lower() in ("timestamp", "datetime", "date", "time", "t")
        ]
        if not found:
            raise CannotStart(
                f"{self.path}:1: no time column found in {', '.join(header)}; name it with --time"
            )
        return found

    def _row(self, named: Mapping[str, str], time_columns: Sequence[str], line: int) -> Row:
        cells = {}
        for column in self.columns:
            number = self._number(column, self._cell(named, column, line), line)
            if number is not None:
                cells[column] = number
        written = " ".join(self._cell(named, column, line) for column in time_columns)
        return Row(self._instant(written, line), cells)

    def _cell(self, named: Mapping[str, str], column: str, line: int) -> str:
        if column not in named:
            columns = ", ".join(name for name in named if name)
            raise CannotStart(f"{self.path}:{line}: no column {column!r}; there are: {columns}")
        return named[column].strip()

    def _number(self, column: str, cell: str, line: int) -> float | None:
        if cell.lower() in NO_NUMBER:
            return None
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise CannotStart(f"{self.path}:{line}: {column}: {cell!r} is not a number")
        return number

    def _instant(self, written: str, line: int) -> int:
        try:
            when = datetime.fromisoformat(written.replace("/", "-"))
        except ValueError:
            raise CannotStart(f"{self.path}:{line}: {written!r} is not a date and time (ISO 8601)") from None
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zone)
        return round(when.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Recording:
    """A source played on a clock: each row when its instant has come, `shift_ms` later than it was recorded.

    Rows up to `after_ms` (recorded time) are passed over: they were played before.
    """

    source: Source
    clock: ReplayClock | SystemClock
    shift_ms: int = 0
    after_ms: int | None = None

    async def play(self) -> AsyncIterator[Mapping[str, float]]:
        """The numbers of one row after the other."""
        for row in self.source.rows():
            if self.after_ms is not None and row.t_ms <= self.after_ms:
                continue
            await self.clock.sleep_until(row.t_ms + self.shift_ms)
            yield row.cells
