# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion's SCD4x and SCD30 on their two wires.

Both are told a command of two bytes, perhaps with words behind it, and are then read, after a stop; a word is
two bytes, the high one first, and a checksum. What the shipped drivers never say is not acknowledged.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING

from demo.hardware.chips import Foreseen, nack
from demo.sensing.air import SCD4X, SCD30, SCD4xSignal, SCD30Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.hardware import World
    from demo.plan import Hung


class _Wires:
    """What is said to a chip: `tell` takes a command, its words and the time, and gives the words to read."""

    def __init__(self, tell: Callable[[int, tuple[int, ...], int], tuple[int, ...]]) -> None:
        self._tell = tell
        self._answer = b""

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """Take a command, or give what the last one asked for."""
        if write and read:
            raise nack()  # the chip wants a stop, and time, in between
        if write:
            self._answer = b""
            command, given = int.from_bytes(write[:2], "big"), tuple(_words_of(write[2:]))
            self._answer = b"".join(map(word, self._tell(command, given, now_ms)))
        if not read:
            return b""
        if not self._answer:
            raise nack()
        found, self._answer = self._answer[:read].ljust(read, b"\xff"), b""
        return found


@lru_cache(maxsize=1_024)
def word(number: int) -> bytes:
    """A word with its checksum: CRC-8, polynomial 0x31, from 0xFF (datasheet SCD4x 1.4, 3.11)."""
    both = number.to_bytes(2, "big")
    crc = 0xFF
    for byte in both:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x31 if crc & 0x80 else 0)) & 0xFF
    return both + bytes([crc])


def _words_of(written: bytes) -> Iterator[int]:
    for place in range(0, len(written), 3):
        number = int.from_bytes(written[place : place + 2], "big")
        if written[place : place + 3] != word(number):
            raise nack()
        yield number


class _Measurer:
    """Which measurement is the newest, since when it measures, and which was read."""

    def __init__(self, every_ms: int) -> None:
        self.every_ms = every_ms
        self._since_ms: int | None = None

    @property
    def measures(self) -> bool:
        """Whether it was started."""
        return self._since_ms is not None

    def start(self, now_ms: int) -> None:
        """Measure from now on, at each multiple of `every_ms`."""
        self._since_ms = now_ms

    def stop(self) -> None:
        """Measure no more."""
        self._since_ms = None

    def is_ready(self, now_ms: int) -> bool:
        """Whether it has measured since it was started and since it was read."""
        return self._since_ms is not None and now_ms // self.every_ms * self.every_ms > self._since_ms

    def take_ms(self, now_ms: int) -> int:
        """When it measured what is read now; `nack()` where there is nothing new."""
        if not self.is_ready(now_ms):
            raise nack()
        self._since_ms = now_ms // self.every_ms * self.every_ms
        return self._since_ms


class SCD4xChip:
    """An SCD40 or SCD41: commands of datasheet SCD4x 1.4, sections 3.5 to 3.8."""

    address = 0x62

    def __init__(self, world: World, hung: Hung) -> None:
        self._foreseen = Foreseen(world, hung, SCD4xSignal.ticks)
        self._measurer = _Measurer(SCD4X.every_ms)
        self._busy_until_ms = 0
        self._wires = _Wires(self._tell)

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`."""
        if now_ms < self._busy_until_ms:
            raise nack()
        return self._wires.transfer(write, read, now_ms)

    def _tell(self, command: int, given: tuple[int, ...], now_ms: int) -> tuple[int, ...]:
        match command, given:
            case 0x3F86, ():  # stop_periodic_measurement takes half a second (3.5.3)
                self._measurer.stop()
                self._busy_until_ms = now_ms + 500
                return ()
            case 0xE4B8, ():  # get_data_ready_status
                return (0x8006 if self._measurer.is_ready(now_ms) else 0x8000,)
            case 0xEC05, ():  # read_measurement, once (3.5.2)
                return tuple(self._foreseen.newest(self._measurer.take_ms(now_ms), SCD4X.every_ms))
        if self._measurer.measures:
            raise nack()  # nothing else while it measures (3.5)
        match command, given:
            case 0x21B1, ():  # start_periodic_measurement
                self._measurer.start(now_ms)
                return ()
            case ((0x2427 | 0x2416), (_,)):  # set_sensor_altitude, …_self_calibration_enabled
                return ()
        raise nack()


class SCD30Chip:
    """An SCD30: commands of Interface Description SCD30 1.0, section 1.4; nothing was set before."""

    address = 0x61

    def __init__(self, world: World, hung: Hung) -> None:
        self._foreseen = Foreseen(world, hung, SCD30Signal.numbers)
        self._kept = {0x4600: 2, 0x5102: 0, 0x5306: 0}  # interval, altitude, self-calibration
        self._measurer = _Measurer(SCD30.every_ms)
        self._wires = _Wires(self._tell)

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`."""
        return self._wires.transfer(write, read, now_ms)

    def _tell(self, command: int, given: tuple[int, ...], now_ms: int) -> tuple[int, ...]:
        match command, given:
            case ((0x4600 | 0x5102 | 0x5306), ()):
                return (self._kept[command],)
            case ((0x4600 | 0x5102 | 0x5306), (number,)):
                self._kept[command] = number
                self._measurer.every_ms = 1_000 * self._kept[0x4600]
                return ()
            case 0x0010, (_,):  # start continuous measurement
                self._measurer.start(now_ms)
                return ()
            case 0x0202, ():  # get data ready status
                return (int(self._measurer.is_ready(now_ms)),)
            case 0x0300, ():  # read measurement
                at_ms, every_ms = self._measurer.take_ms(now_ms), self._measurer.every_ms
                numbers = self._foreseen.newest(at_ms, every_ms)
                return struct.unpack(">6H", struct.pack(">3f", *numbers))
        raise nack()
