# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""TI's INA219 and INA260 on their two wires: a register is a word, the high byte first, behind its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.hardware.chips import Foreseen, nack
from demo.sensing.watts import INA219, INA260, INA219Signal, INA260Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.hardware import World
    from demo.plan import Hung


class _Registers:
    """The register that is spoken of; `tell` takes its number, a word and the time, `ask` gives a word."""

    def __init__(self, tell: Callable[[int, int, int], None], ask: Callable[[int, int], int]) -> None:
        self._tell, self._ask = tell, ask
        self._number = 0

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """Take a register's number and perhaps its word; give the word of the one spoken of last."""
        if write:
            self._number = write[0]
        if len(write) > 1:
            self._tell(self._number, int.from_bytes(write[1:3], "big"), now_ms)
        return self._ask(self._number, now_ms).to_bytes(2, "big")[:read] if read else b""


class _Converter:
    """Whether it has converted since it was last told to: it does at each multiple of `every_ms`."""

    def __init__(self, every_ms: int) -> None:
        self._every_ms = every_ms
        self._since_ms = 0

    def begin(self, now_ms: int) -> None:
        """Nothing is converted yet."""
        self._since_ms = now_ms

    def is_done(self, now_ms: int) -> bool:
        """Whether something was converted since."""
        return now_ms // self._every_ms * self._every_ms > self._since_ms


class INA219Chip:
    """An INA219: registers of datasheet SBOS448G, 8.6."""

    def __init__(self, world: World, hung: Hung) -> None:
        self.address: int = hung.settings.get("address", 0x40)
        self._foreseen = Foreseen(world, hung, INA219Signal.registers)
        self._converter = _Converter(INA219.every_ms)
        self._configuration = 0x399F  # after power-up (8.6.2.1)
        self._registers = _Registers(self._tell, self._ask)

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`."""
        return self._registers.transfer(write, read, now_ms)

    def _tell(self, number: int, word: int, now_ms: int) -> None:
        if number != 0:
            raise nack()
        self._configuration = word
        self._converter.begin(now_ms)

    def _ask(self, number: int, now_ms: int) -> int:
        if number == 0:
            return self._configuration
        if number > 2:
            raise nack()
        bus, shunt = self._foreseen.newest(now_ms, INA219.every_ms)
        return int(shunt) if number == 1 else int(bus) | self._converter.is_done(now_ms) << 1


class INA260Chip:
    """An INA260: registers of datasheet SBOS656C, 8.6."""

    def __init__(self, world: World, hung: Hung) -> None:
        self.address: int = hung.settings.get("address", 0x40)
        self._foreseen = Foreseen(world, hung, INA260Signal.registers)
        self._converter = _Converter(INA260.every_ms)
        self._registers = _Registers(self._tell, self._ask)

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """See `demo.hardware.chips.Chip`."""
        return self._registers.transfer(write, read, now_ms)

    def _tell(self, number: int, _: int, now_ms: int) -> None:
        if number != 0:
            raise nack()
        self._converter.begin(now_ms)

    def _ask(self, number: int, now_ms: int) -> int:
        match number:
            case 0x03:
                (power,) = self._foreseen.newest(now_ms, INA260.every_ms)
                return int(power)
            case 0x06:  # that it has converted is told once (8.6.5)
                is_done = self._converter.is_done(now_ms)
                self._converter.begin(now_ms)
                return is_done << 3
            case 0xFE:
                return int.from_bytes(b"TI", "big")
            case 0xFF:
                return 0x2270
        raise nack()
