# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Copy this file to write a driver: what the sensor is, its frame drawn with the datasheet's section.

    ┌──────┬─────────┬──────────┐
    │ 0xA5 │ value   │ checksum │   value: ppm, the high byte first; checksum: sum of the bytes before it
    └──────┴─────────┴──────────┘   (datasheet 1.0, section 4.2)

Then add its line to edge/sensors/__init__.py, a recording in tests/edge/sensors/cases/ (`bezet edge record`
makes one from the real thing), a page in docs/sensors/ and an example in firmware-config/pi/agent.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import BadFrame
from bezet.model import Kind
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import UART

BAUD = 9_600
ASK = bytes.fromhex("a5 01")
FRAME_BYTES = 4


class Blueprint:
    """A sensor that answers when it is asked; one that speaks by itself has `listen` instead of `read`.

    The keyword arguments after `bus` are its settings; a wrong one is a `ValueError` naming key and value.
    """

    def __init__(self, bus: UART, *, offset_ppm: int = 0) -> None:
        self._bus = bus
        self._offset_ppm = offset_ppm

    async def open(self) -> None:
        """Make it ready; also after it was gone."""
        await self._bus.open(BAUD)

    async def read(self) -> list[Measured]:
        """What it measures now. The agent keeps the time: this waits for as long as it takes."""
        await self._bus.write(ASK)
        frame = b""
        while len(frame) < FRAME_BYTES:
            frame += await self._bus.read()
        return [Measured(Kind.CO2_PPM, decode(frame) + self._offset_ppm)]


def decode(frame: bytes) -> int:
    """A frame to ppm; `BadFrame` holds the bytes that are wrong."""
    if frame[0] != 0xA5 or sum(frame[:3]) & 0xFF != frame[3]:
        raise BadFrame(f"not a frame: {frame.hex(' ')}")
    return int.from_bytes(frame[1:3], "big")
