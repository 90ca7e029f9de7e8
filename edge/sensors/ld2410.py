# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Hi-Link HLK-LD2410, LD2410B and LD2410C: radar for people who move and people who sit still.

It reports by itself about ten times a second (LD2410C serial communication protocol V1.07, section 2.3,
tables 10 to 15; all little endian):

    ┌─────────────┬────────┬──────┬────┬────────┬───────┬───────┬─────────────┐
    │ F4 F3 F2 F1 │ length │ type │ AA │ target │ gates │ 55 00 │ F8 F7 F6 F5 │
    └─────────────┴────────┴──────┴────┴────────┴───────┴───────┴─────────────┘
                   2 bytes   ╰────── as many bytes ─────────╯

    type    02: no gates, 13 bytes; 01: engineering mode, with the energies of every distance gate
    target  state (1); of what moves and of what is still: cm (2), energy (1); cm of the detection (2)
    state   0 nobody, 1 moving, 2 still, 3 both; 4, 5, 6 while it learns its background noise and sees nobody
    energy  0 to 100
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from bezet.errors import BadFrame
from bezet.model import Kind
from edge.bus.frames import Frames
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from edge.bus import UART

#: Baud rates that the radar can be set to (table 6); it leaves the factory with 256000.
BAUDS = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 256_000, 460_800)
HEADER, END = bytes.fromhex("f4f3f2f1"), bytes.fromhex("f8f7f6f5")
TARGET = struct.Struct("<4s H BB B HB HB H")
BASIC, ENGINEERING = 0x02, 0x01
BASIC_BYTES = 13
#: Engineering mode with all nine gates has 35 bytes; a length beyond this is garbage, and is not waited for.
MOST_BYTES = 64
OUTSIDE_BYTES = len(HEADER) + 2 + len(END)
#: About a second of reports that are wrong in a row; fewer are passed over, since the next is right.
MOST_BAD = 10


class LD2410:
    """A radar that speaks by itself; `baud` only if its rate was changed."""

    def __init__(self, bus: UART, *, baud: int = 256_000) -> None:
        if baud not in BAUDS:
            raise ValueError(f"baud = {baud}: the radar knows {', '.join(map(str, BAUDS))}")
        self._bus = bus
        self._baud = baud

    async def open(self) -> None:
        """Open the line; the radar needs no command."""
        await self._bus.open(self._baud)

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Every report; `BadFrame` when they stay wrong."""
        reports = Frames(HEADER, size_of, decode, most_bad=MOST_BAD)
        while True:
            for measured in reports.feed(await self._bus.read()):
                yield measured


def size_of(start: bytes) -> int:
    """How many bytes a report has that begins like this; 0 if none does."""
    if len(start) < len(HEADER) + 2:
        return OUTSIDE_BYTES + BASIC_BYTES
    length = int.from_bytes(start[4:6], "little")
    return OUTSIDE_BYTES + length if BASIC_BYTES <= length <= MOST_BYTES else 0


def decode(report: bytes) -> list[Measured]:
    """A report to presence and energies, to nothing while it learns; `BadFrame` holds the wrong bytes."""
    if len(report) < OUTSIDE_BYTES + BASIC_BYTES:
        raise BadFrame(f"too short for a report: {report.hex(' ')}")
    header, length, kind, head, state, _, moving_pct, _, still_pct, _ = TARGET.unpack_from(report)
    is_whole = (
        header == HEADER and length == len(report) - OUTSIDE_BYTES and report.endswith(b"\x55\x00" + END)
    )
    is_known = head == 0xAA and (kind == ENGINEERING or (kind == BASIC and length == BASIC_BYTES))
    if not (is_whole and is_known and state <= 6 and moving_pct <= 100 and still_pct <= 100):
        raise BadFrame(f"not a report: {report.hex(' ')}")
    if state > 3:
        return []
    return [
        Measured(Kind.PRESENCE, int(state > 0)),
        Measured(Kind.MOVING_ENERGY_PCT, moving_pct),
        Measured(Kind.STILL_ENERGY_PCT, still_pct),
    ]
