# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Winsen MH-Z19B and MH-Z19C: CO2 by infrared light.

Commands and answers have nine bytes; the last makes the sum of all but the first zero (MH-Z19B manual V1.5
and MH-Z19C manual V1.2, section on the serial port; 9600 baud):

    read            FF 01 86 00 00 00 00 00 79   answer FF 86 high low … checksum: ppm
    self-calibrate  FF 01 79 A0 00 00 00 00 E6   no answer; 00 in the place of A0: do not
    range           FF 01 99 00 00 00 07 D0 8F   no answer; 2000 ppm, or 5000, 10000; the B's manual only

Nothing in an answer is documented to mark the minutes of warming up: meanwhile it repeats a number that might
be true. Some say 0 ppm then, which no air has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.bus.frames import Frames
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import UART

BAUD = 9_600
HEADER = bytes.fromhex("ff86")
FRAME_BYTES = 9
RANGES_PPM = (2_000, 5_000, 10_000)


class MHZ19:
    """A sensor that answers when it is asked.

    `self_calibration` takes the lowest value of a day for fresh air; switch it off in a space that is not
    aired every day. `range_ppm` is what it was delivered with unless given: 2000, 5000 or 10000, B only.
    """

    def __init__(self, bus: UART, *, self_calibration: bool = True, range_ppm: int | None = None) -> None:
        if range_ppm not in (None, *RANGES_PPM):
            raise ValueError(f"range_ppm = {range_ppm}: the sensor knows {', '.join(map(str, RANGES_PPM))}")
        self._bus = bus
        self._self_calibration = self_calibration
        self._range_ppm = range_ppm

    async def open(self) -> None:
        """Open the line and tell the sensor its settings."""
        await self._bus.open(BAUD)
        await self._bus.write(command(0x79, 0xA0 if self._self_calibration else 0x00))
        if self._range_ppm is not None:
            await self._bus.write(command(0x99, 0, 0, 0, *self._range_ppm.to_bytes(2, "big")))

    async def read(self) -> list[Measured]:
        """The CO2 now; of several answers the newest."""
        await self._bus.write(command(0x86))
        answers = Frames(HEADER, lambda _: FRAME_BYTES, decode)
        co2_ppm: list[int] = []
        while not co2_ppm:
            co2_ppm = list(answers.feed(await self._bus.read()))
        return [Measured(Kind.CO2_PPM, co2_ppm[-1])]


def command(code: int, *rest: int) -> bytes:
    """A command with its checksum."""
    inside = bytes([0x01, code, *rest]).ljust(FRAME_BYTES - 2, b"\0")
    return b"\xff" + inside + checksum(inside)


def checksum(inside: bytes) -> bytes:
    """What makes the sum zero."""
    return bytes([-sum(inside) & 0xFF])


def decode(answer: bytes) -> int:
    """An answer to ppm; `BadFrame` holds the bytes that are wrong, `SensorNotReady` while it warms up."""
    is_whole = len(answer) == FRAME_BYTES and answer.startswith(HEADER)
    if not is_whole or answer[-1:] != checksum(answer[1:-1]):
        raise BadFrame(f"not an answer, or its checksum is wrong: {answer.hex(' ')}")
    co2_ppm = int.from_bytes(answer[2:4], "big")
    if co2_ppm > RANGES_PPM[-1]:
        raise BadFrame(f"{co2_ppm} ppm is beyond the sensor: {answer.hex(' ')}")
    if co2_ppm == 0:
        raise SensorNotReady("it warms up")
    return co2_ppm
