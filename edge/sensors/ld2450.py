# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Hi-Link HLK-LD2450: radar that follows up to three people who move.

It reports by itself ten times a second (instruction manual V1.00, section 6, tables 2 and 3; little endian):

    ┌─────────────┬──────────┬──────────┬──────────┬───────┐
    │ AA FF 03 00 │ target 1 │ target 2 │ target 3 │ 55 CC │     30 bytes
    └─────────────┴──────────┴──────────┴──────────┴───────┘

    target   x in mm, y in mm, speed in cm/s, distance gate in mm: two bytes each, all zero if there is none
    x, y     not two's complement: the top bit set is positive, the other 15 bits are the amount

y is straight ahead of the radar, x is sideways. Targets are counted here; their positions go no further.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import BadFrame
from bezet.model import Kind
from edge.bus.frames import Frames
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from edge.bus import UART

#: Baud rates that the radar can be set to; it leaves the factory with 256000.
BAUDS = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 256_000, 460_800)
HEADER, END = bytes.fromhex("aaff0300"), bytes.fromhex("55cc")
TARGETS = struct.Struct("<HHHH")
REPORT_BYTES = len(HEADER) + 3 * TARGETS.size + len(END)
SIGN = 0x8000
#: About a second of reports that are wrong in a row; fewer are passed over, since the next is right.
MOST_BAD = 10
#: The farthest that a report can tell: no limit.
FAR_MM = 0x7FFF


class Target(NamedTuple):
    """Where somebody is, as the radar sees it: sideways and straight ahead."""

    x_mm: int
    y_mm: int


class LD2450:
    """A radar that speaks by itself; `baud` only if its rate was changed.

    Only targets in the rectangle from (`x_min_mm`, `y_min_mm`) to (`x_max_mm`, `y_max_mm`) count: a thin wall
    does not stop a radar, so people in the corridor are left out here.
    """

    def __init__(
        self,
        bus: UART,
        *,
        baud: int = 256_000,
        x_min_mm: int = -FAR_MM,
        x_max_mm: int = FAR_MM,
        y_min_mm: int = -FAR_MM,
        y_max_mm: int = FAR_MM,
    ) -> None:
        if baud not in BAUDS:
            raise ValueError(f"baud = {baud}: the radar knows {', '.join(map(str, BAUDS))}")
        if x_min_mm >= x_max_mm:
            raise ValueError(f"x_min_mm = {x_min_mm}: less than x_max_mm = {x_max_mm} is wanted")
        if y_min_mm >= y_max_mm:
            raise ValueError(f"y_min_mm = {y_min_mm}: less than y_max_mm = {y_max_mm} is wanted")
        self._bus = bus
        self._baud = baud
        self._low = Target(x_min_mm, y_min_mm)
        self._high = Target(x_max_mm, y_max_mm)

    async def open(self) -> None:
        """Open the line; the radar needs no command."""
        await self._bus.open(self._baud)

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Every report; `BadFrame` when they stay wrong."""
        reports = Frames(HEADER, lambda _: REPORT_BYTES, decode, most_bad=MOST_BAD)
        while True:
            for targets in reports.feed(await self._bus.read()):
                count = sum(self._is_inside(target) for target in targets)
                yield [Measured(Kind.PRESENCE, int(count > 0)), Measured(Kind.TARGET_COUNT, count)]

    def _is_inside(self, target: Target) -> bool:
        is_beside = self._low.x_mm <= target.x_mm <= self._high.x_mm
        return is_beside and self._low.y_mm <= target.y_mm <= self._high.y_mm


def decode(report: bytes) -> list[Target]:
    """A report to the targets that are there; `BadFrame` holds the bytes that are wrong."""
    if len(report) != REPORT_BYTES or not report.startswith(HEADER) or not report.endswith(END):
        raise BadFrame(f"not a report: {report.hex(' ')}")
    found = [
        Target(_signed(x), _signed(y)) for x, y, _, _ in TARGETS.iter_unpack(report[len(HEADER) : -len(END)])
    ]
    return [target for target in found if target != (0, 0)]


def _signed(number: int) -> int:
    return number - SIGN if number & SIGN else -number
