# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""ST's VL53L1X on its two wires: a register is a byte, behind its number of two bytes, the high one first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.hardware.chips import Heard
from edge.sensors.vl53l1x import BUDGET_MS, CENTRES

if TYPE_CHECKING:
    from demo.hardware import World
    from demo.plan import Hung

#: Registers (UM2555 and UM2600).
POLARITY, READY, CENTRE, SIZE = 0x0030, 0x0031, 0x007F, 0x0080
CLEAR, START, STATUS, DISTANCE = 0x0086, 0x0087, 0x0089, 0x0096
MODEL, MODEL_ID = 0x010F, bytes.fromhex("eacc10")
ACTIVE_LOW, STARTED, ALL_RECEIVERS, VALID = 0x10, 0x40, 0xFF, 0x09


class VL53L1XChip:
    """A chip that measures one part of what it sees, from when it is started until that is taken."""

    address = 0x29

    def __init__(self, world: World, hung: Hung) -> None:
        self._heard, self._phase_ms = Heard(world, hung), hung.phase_ms
        self._kept = bytearray(0x0200)
        self._kept[MODEL : MODEL + len(MODEL_ID)] = MODEL_ID
        self._kept[STATUS] = VALID
        self._at = 0
        self._is_new_size = False
        self._begun_ms: int | None = None
        self._zone = 0

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`."""
        if write:
            self._at = int.from_bytes(write[:2], "big")
        for number, byte in enumerate(write[2:], self._at):
            self._kept[number] = byte
        if len(write) == 3:
            self._told(self._at, write[2], now_ms)
        if not read:
            return b""
        if self._at == READY:
            is_low = bool(self._kept[POLARITY] & ACTIVE_LOW)
            return bytes([0x02 | self._is_ready(now_ms) ^ is_low])
        if self._at == DISTANCE and self._begun_ms is not None:
            distance_mm: int = self._heard.signal.distance_mm(self._zone, self._begun_ms)
            return distance_mm.to_bytes(2, "big")[:read]
        return bytes(self._kept[self._at : self._at + read])

    def _told(self, number: int, byte: int, now_ms: int) -> None:
        if number == SIZE:
            self._is_new_size = True
        elif number == CLEAR:
            self._begun_ms = None
        elif number == START and byte == STARTED:
            self._zone = CENTRES.index(self._kept[CENTRE]) if self._kept[CENTRE] in CENTRES else 0
            self._begun_ms = self._begins_ms(now_ms)
            self._is_new_size = False

    def _begins_ms(self, now_ms: int) -> int:
        """When a measurement begins: at once, but where it was told to look at another part, later.

        By then it is the turn of the first zone, as in `demo.sensing.doorways`.
        """
        if not self._is_new_size:
            return now_ms
        every_ms: int = self._heard.signal.every_ms
        return now_ms + (self._phase_ms + every_ms - now_ms) % (2 * every_ms)

    def _is_ready(self, now_ms: int) -> bool:
        """Whether it has measured; at once with all receivers, for which the library waits as it starts."""
        if self._begun_ms is None:
            return False
        takes_ms = 0 if self._kept[SIZE] == ALL_RECEIVERS else BUDGET_MS
        return now_ms >= self._begun_ms + takes_ms
