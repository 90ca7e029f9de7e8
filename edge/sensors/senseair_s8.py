# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Senseair S8: CO2 by infrared light, over Modbus RTU.

Four input registers are read at once: meter status, two others, and CO2 in ppm (Senseair TDE2067, Modbus on
S8; 9600 baud; address FE is whichever sensor there is). Frames are those of Modbus over Serial Line V1.02,
sections 2.5.1 and 6.2.2, exceptions those of the Modbus application protocol V1.1b3, section 7:

    read       FE 04 00 00 00 04 E5 C6             address, function, first register, how many, CRC
    answer     FE 04 08 status(2) …(4) co2(2) CRC  the high byte first, but in the CRC the low one
    exception  FE 84 code CRC                      why it does not answer

They are made here: pymodbus's framer costs 1.8 MiB and 42 modules, and would save the ten lines of the CRC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import BadFrame
from bezet.model import Kind
from edge.bus.frames import Frames
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import UART

BAUD = 9_600
READ = bytes.fromhex("fe 04 00 00 00 04 e5 c6")
ADDRESS = b"\xfe"
ANSWER, EXCEPTION = bytes.fromhex("fe 04 08"), bytes.fromhex("fe 84")
ANSWER_BYTES, EXCEPTION_BYTES = 13, 5
#: The most that any S8 tells (specification PSP113 of the one for 5 % by volume).
MOST_PPM = 50_000

#: Bits of the meter status with which its CO2 is not to be believed. 0x08 is none of them: an error of the
#: outputs, which nobody uses here.
FAULTS = {
    0x01: "fatal error",
    0x02: "offset regulation error",
    0x04: "algorithm error",
    0x10: "self-diagnostics error",
    0x20: "out of range",
    0x40: "memory error",
}
EXCEPTIONS = {
    1: "it does not know the function",
    2: "it does not know the register",
    3: "it does not like the number of registers",
    4: "it failed",
    6: "it is busy",
}


class SenseairS8:
    """A sensor that answers when it is asked."""

    def __init__(self, bus: UART) -> None:
        self._bus = bus

    async def open(self) -> None:
        """Open the line; the sensor needs no command."""
        await self._bus.open(BAUD)

    async def read(self) -> list[Measured]:
        """The CO2 now; of several answers the newest. `BadFrame` also when it says that it is faulty."""
        await self._bus.write(READ)
        answers = Frames(ADDRESS, size_of, decode)
        co2_ppm: list[int] = []
        while not co2_ppm:
            co2_ppm = list(answers.feed(await self._bus.read()))
        return [Measured(Kind.CO2_PPM, co2_ppm[-1])]


def size_of(start: bytes) -> int:
    """How many bytes an answer has that begins like this; 0 if none does."""
    if EXCEPTION.startswith(start[:2]):
        return EXCEPTION_BYTES
    return ANSWER_BYTES if ANSWER.startswith(start[:3]) else 0


def decode(answer: bytes) -> int:
    """An answer to ppm; `BadFrame` holds the bytes that are wrong, or of what the sensor complains."""
    if len(answer) < EXCEPTION_BYTES or crc(answer[:-2]) != answer[-2:]:
        raise BadFrame(f"not an answer, or its CRC is wrong: {answer.hex(' ')}")
    if answer.startswith(EXCEPTION):
        raise BadFrame(f"{EXCEPTIONS.get(answer[2], 'it does not answer')}: {answer.hex(' ')}")
    if len(answer) != ANSWER_BYTES or not answer.startswith(ANSWER):
        raise BadFrame(f"not the answer that was asked for: {answer.hex(' ')}")
    status = int.from_bytes(answer[3:5], "big")
    if faults := [words for bit, words in FAULTS.items() if status & bit]:
        raise BadFrame(f"the sensor reports {', '.join(faults)}: {answer.hex(' ')}")
    co2_ppm = int.from_bytes(answer[9:11], "big")
    if co2_ppm > MOST_PPM:
        raise BadFrame(f"{co2_ppm} ppm is beyond the sensor: {answer.hex(' ')}")
    return co2_ppm


def crc(frame: bytes) -> bytes:
    """The CRC of a frame as it goes over the wire, the low byte first."""
    found = 0xFFFF
    for byte in frame:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return found.to_bytes(2, "little")
