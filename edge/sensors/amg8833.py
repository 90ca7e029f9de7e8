# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Panasonic AMG8833 (Grid-EYE): 8 by 8 thermopiles, counted on the spot; the picture stays in here.

A register is one byte behind its number (Grid-EYE reference specification, register map):

    00      power: 00 normal
    01      reset: 3f all registers as after power-up; then there are 10 pictures a second
    80-ff   pixels, row after row, the low byte first:   ┌─────────┐ ┌────────────────────┐
                                                         │ 7 ··· 0 │ │ ····  11 sign ·· 8 │   0.25 °C
                                                         └─────────┘ └────────────────────┘

The chip has no number by which it could be known, and no checksum; so what it cannot measure is refused.

(Adafruit's library is not used: on a Pi it looks for GPIO libraries that I²C does not need, and does not load
without them.)
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.heat import HeatCounter, Lens
from edge.sensors import DRIVERS, Measured

if TYPE_CHECKING:
    from edge.bus import I2C

ADDRESSES = (0x69, 0x68)
WAKE, RESET, PIXELS = bytes.fromhex("0000"), bytes.fromhex("013f"), bytes.fromhex("80")
LENS = Lens(8, 8, 60, 60)
#: The widest range of the family; a pixel beyond it was not measured.
COLDEST_C, HOTTEST_C = -20.0, 100.0


class AMG8833:
    """A chip at `address` at the ceiling, `height_m` above the floor."""

    def __init__(self, bus: I2C, *, address: int = 0x69, height_m: float = 2.7) -> None:
        if address not in ADDRESSES:
            raise ValueError(f"address = {address:#04x}: 0x69 or 0x68 is wanted")
        if not 2 <= height_m <= 5:
            raise ValueError(f"height_m = {height_m}: 2 to 5 m are wanted")
        self._bus = bus
        self._address = address
        self._counter = HeatCounter(LENS, height_m=height_m, every_s=DRIVERS["amg8833"].every_s)

    async def open(self) -> None:
        """Wake and reset the chip."""
        await self._bus.run(self._start)

    def _start(self) -> None:
        self._bus.transfer(self._address, WAKE)
        self._bus.transfer(self._address, RESET)

    async def read(self) -> list[Measured]:
        """How many people it sees; `SensorNotReady` before its first picture."""
        frame = await self._bus.run(
            lambda: self._bus.transfer(self._address, PIXELS, 2 * LENS.rows * LENS.columns)
        )
        return [Measured(Kind.PEOPLE_COUNT, self._counter.count(decode(frame)).people)]


def decode(frame: bytes) -> list[list[float]]:
    """The pixels to °C, a list for each row; `BadFrame` holds the first that cannot be, and no picture."""
    words = [word & 0xFFF for (word,) in struct.iter_unpack("<H", frame)]
    if len(set(words)) == 1:  # 64 pixels of a room are never all alike
        raise SensorNotReady("no picture yet")
    seen_c = [((word ^ 0x800) - 0x800) * 0.25 for word in words]
    for pixel, one_c in enumerate(seen_c):
        if not COLDEST_C <= one_c <= HOTTEST_C:
            raise BadFrame(f"pixel {pixel}: {frame[2 * pixel : 2 * pixel + 2].hex(' ')} is {one_c:g} °C")
    return [seen_c[first : first + LENS.columns] for first in range(0, len(seen_c), LENS.columns)]
