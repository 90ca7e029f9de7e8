# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensors of carbon dioxide at the far end of a line, which answer when they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.hardware.chips import Foreseen
from demo.sensing.air import MHZ19, SENSEAIR_S8, MHZ19Signal, SenseairS8Signal
from edge.sensors.senseair_s8 import crc

if TYPE_CHECKING:
    from demo.hardware import World
    from demo.plan import Hung


class MHZ19End:
    """An MH-Z19B or MH-Z19C: manual MH-Z19B V1.5 on the serial port; a range is taken as it was set."""

    def __init__(self, world: World, hung: Hung) -> None:
        self._foreseen = Foreseen(world, hung, MHZ19Signal.ppm)

    def answer(self, sent: bytes, now_ms: int) -> bytes:
        """CO2 to a whole question for it; nothing to settings, nor to what is no command."""
        if len(sent) != 9 or not sent.startswith(b"\xff\x01\x86") or sum(sent[1:]) & 0xFF:
            return b""
        inside = b"\x86" + _high_low(self._foreseen.newest(now_ms, MHZ19.every_ms)) + bytes(4)
        return b"\xff" + inside + bytes([-sum(inside) & 0xFF])

    def next_report(self, after_ms: int) -> None:
        """It says nothing by itself."""


class SenseairS8End:
    """A Senseair S8: Modbus RTU at the address of whichever sensor there is (TDE2067).

    Exceptions: Modbus application protocol V1.1b3, section 6.4.
    """

    def __init__(self, world: World, hung: Hung) -> None:
        self._foreseen = Foreseen(world, hung, SenseairS8Signal.ppm)

    def answer(self, sent: bytes, now_ms: int) -> bytes:
        """Input registers, an exception, or nothing to what is not for it or is damaged."""
        if len(sent) < 4 or sent[0] != 0xFE or crc(sent[:-2]) != sent[-2:]:
            return b""
        said = self._said(sent[1], sent[2:-2], now_ms)
        return b"\xfe" + said + crc(b"\xfe" + said)

    def _said(self, function: int, asked: bytes, now_ms: int) -> bytes:
        refusal = bytes([function | 0x80])
        if function != 4:
            return refusal + b"\x01"
        first, count = int.from_bytes(asked[:2], "big"), int.from_bytes(asked[2:], "big")
        if len(asked) != 4 or not 1 <= count <= 125:
            return refusal + b"\x03"
        registers = [0] * 32  # no error, no alarm, nothing on the outputs, and nobody reads the rest
        registers[3] = self._foreseen.newest(now_ms, SENSEAIR_S8.every_ms)
        if first + count > len(registers):
            return refusal + b"\x02"
        told = b"".join(map(_high_low, registers[first : first + count]))
        return bytes([function, len(told)]) + told

    def next_report(self, after_ms: int) -> None:
        """It says nothing by itself."""


def _high_low(number: int) -> bytes:
    return number.to_bytes(2, "big")
