# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Columns of a recording, read row by row as if the sensors of then hung on this device."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bezet.model import Kind
    from edge.bus.recording import Recording


#: With the sensor's own name, a part's name stays within an id of the contract.
MOST_LETTERS = 32


class Recorded:
    """One sensor with a part for each column; at an empty or NA cell the part was silent."""

    def __init__(self, bus: Recording, columns: Mapping[str, Kind]) -> None:
        self._bus = bus
        self._columns = columns

    async def open(self) -> None:
        """The recording is open while its bus is."""

    async def listen(self) -> AsyncIterator[list[Measured]]:
        """One list of measurements a row, at the time of the row."""
        async for cells in self._bus.play():
            yield [
                Measured(kind, cells[column], part=part_of(column))
                for column, kind in self._columns.items()
                if column in cells
            ]


def part_of(column: str) -> str:
    """The name of a column as an id of the contract: lower case, and `-` for what an id may not hold."""
    return re.sub(r"[^a-z0-9._-]+", "-", column.lower())[:MOST_LETTERS]
