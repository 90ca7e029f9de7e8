# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Files to columns of numbers: comma-separated text by the standard library, Parquet by pyarrow."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge.accuracy.shapes import Instants, Numbers

#: What stands in a cell where a sensor said nothing.
NOTHING = frozenset({"", "na", "nan", "null", "none"})


class LibraryMissing(CannotStart):
    """A recording is in a format that needs a library which is not installed."""


class Columns:
    """The columns of a file by name, as text until they are asked for. Raises `CannotStart`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                rows = [row for row in csv.reader(lines) if row]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CannotStart(f"{path}: cannot be read: {error}") from error
        if len(rows) < 2:
            raise CannotStart(f"{path}: holds no rows")
        self.names, self._rows = rows[0], rows[1:]
        # The row names of R have no name of their own.
        self._skip = 1 if len(self._rows[0]) == len(self.names) + 1 else 0
        for number, row in enumerate(self._rows, 1):
            if len(row) != len(self.names) + self._skip:
                what = f"{len(row)} cells where {len(self.names) + self._skip} are needed"
                raise CannotStart(f"{path}: row {number}: {what}")

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def text(self, name: str) -> list[str]:
        """The cells of a column."""
        if name not in self.names:
            raise CannotStart(f"{self.path}: has no column {name!r}; it has: {', '.join(self.names)}")
        place = self.names.index(name) + self._skip
        return [row[place].strip() for row in self._rows]

    def numbers(self, name: str) -> Numbers:
        """A column of numbers; not a number where a cell is empty."""
        found = np.empty(len(self._rows))
        for place, cell in enumerate(self.text(name)):
            try:
                found[place] = np.nan if cell.lower() in NOTHING else float(cell)
            except ValueError:
                raise CannotStart(f"{self.path}: row {place + 1}: {name}: {cell!r} is not a number") from None
        return found

    def times_ms(self, names: Sequence[str]) -> Instants:
        """The wall clock of each row, taken as UTC; of a date and a time apart two columns."""
        parts = zip(*(self.text(name) for name in names), strict=True)
        found = np.empty(len(self._rows), np.int64)
        for place, cells in enumerate(parts):
            found[place] = self._wall_ms(" ".join(cells), place)
        return found

    def _wall_ms(self, cell: str, place: int) -> int:
        try:
            # 2017/12/22 10:49:41, and 2021-09-07 00:00 +08:00
            wall = datetime.fromisoformat(cell.replace("/", "-").replace(" +", "+").replace(" -", "-"))
        except ValueError:
            raise CannotStart(f"{self.path}: row {place + 1}: {cell!r} is not a date with a time") from None
        return round(wall.replace(tzinfo=UTC).timestamp() * 1000)


def parquet_columns(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Columns of a Parquet file as arrays of NumPy. Raises `CannotStart`."""
    try:
        parquet = import_module("pyarrow.parquet")  # only who plays such a file needs it
    except ImportError:
        what = "is Parquet, which needs pyarrow: pip install 'bezet[accuracy]'"
        raise LibraryMissing(f"{path}: {what}") from None
    try:
        table = parquet.read_table(path)
    except (OSError, ValueError, NotImplementedError) as error:  # pyarrow's own errors are among these
        raise CannotStart(f"{path}: cannot be read as Parquet: {error}") from error
    lacking = [name for name in names if name not in table.column_names]
    if lacking:
        raise CannotStart(f"{path}: has no column {lacking[0]!r}; it has: {', '.join(table.column_names)}")
    return {name: table[name].to_numpy() for name in names}
