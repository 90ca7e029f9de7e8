# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Two wires with the chips of one space on them."""

from __future__ import annotations

import asyncio
import errno
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from bezet.errors import SensorGone
from edge.bus.i2c import NACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bezet.usage.columns import Ints
    from demo.hardware import World
    from demo.plan import Hung
    from demo.town import Town

Done = TypeVar("Done")

#: So far ahead a sensor asks its signal for what it will measure.
AHEAD_MS = 600_000

#: What hangs on the wires, by driver: module and class. Each is made of the world and the sensor.
CHIPS: Mapping[str, tuple[str, str]] = {
    "scd4x": ("air_chips", "SCD4xChip"),
    "scd30": ("air_chips", "SCD30Chip"),
    "vl53l1x": ("doorway_chip", "VL53L1XChip"),
    "amg8833": ("heat_chips", "AMG8833Chip"),
    "mlx90640": ("heat_chips", "MLX90640Chip"),
    "ina219": ("watt_chips", "INA219Chip"),
    "ina260": ("watt_chips", "INA260Chip"),
}


class Chip(Protocol):
    """What answers at one address."""

    @property
    def address(self) -> int:
        """Where it answers, in seven bits."""

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """Take the bytes that are written, if any, and give so many; `nack()` where it does not acknowledge.

        Both in one transfer are one with a repeated start; neither asks whether it is there.
        """


def nack() -> OSError:
    """What Linux says of a chip that does not acknowledge."""
    return OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))


class TownI2C:
    """`edge.bus.I2C`: a conversation is held at once, and the time that it took passes after it."""

    def __init__(self, world: World, sensors: Sequence[Hung]) -> None:
        self._world = world
        self._waited_s = 0.0
        self.chips: dict[int, Any] = {}
        for hung in sensors:
            module, made = CHIPS[hung.driver]
            chip: Chip = getattr(import_module(f"demo.hardware.{module}"), made)(world, hung)
            if self.chips.setdefault(chip.address, chip) is not chip:
                raise ValueError(f"{hung.id}: another chip answers at {chip.address:02x} already")

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do a conversation; a chip that does not answer is `SensorGone`."""
        self._waited_s = 0.0
        try:
            return work()
        except OSError as error:
            if error.errno in NACK:
                raise SensorGone("the chip does not answer") from error
            raise
        finally:
            waited_s, self._waited_s = self._waited_s, 0.0
            await asyncio.sleep(waited_s)

    def transfer(self, address: int, write: bytes, read: int = 0) -> bytes:
        """Write bytes, if any, and read so many back, with a repeated start in between."""
        if address not in self.chips:
            raise nack()
        found: bytes = self.chips[address].transfer(
            write, read, self._world.now_ms() + round(1000 * self._waited_s)
        )
        return found

    def wait(self, wait_s: float) -> None:
        """Give a chip time: later transfers of this conversation are so much later."""
        self._waited_s += wait_s

    async def close(self) -> None:
        """Nothing is open."""


class Heard:
    """The signal of a sensor, made anew when something was made to happen in the town."""

    def __init__(self, world: World, hung: Hung) -> None:
        self._world, self._hung = world, hung
        self._of_town: Town | None = None
        self._signal: Any = None

    @property
    def signal(self) -> Any:
        """Of the town that is now."""
        if self._of_town is not self._world.town:
            self._of_town, self._signal = self._world.town, self._world.signal(self._hung)
        return self._signal


class Foreseen:
    """What a sensor measures, asked of its signal for some time at once, which is cheaper by far.

    `numbers` takes the signal and instants, and gives what was measured at each, shape (…, n).
    """

    def __init__(self, world: World, hung: Hung, numbers: Callable[[Any, Ints], Any]) -> None:
        self._heard, self._numbers = Heard(world, hung), numbers
        self._of_signal: Any = None
        self._found: dict[int, Any] = {}

    def newest(self, now_ms: int, every_ms: int) -> Any:
        """The newest measurement, as a number or a list, of those at each multiple of `every_ms`."""
        signal, at_ms = self._heard.signal, now_ms // every_ms * every_ms
        if self._of_signal is not signal or at_ms not in self._found:
            instants = np.arange(at_ms, at_ms + AHEAD_MS, every_ms, dtype=np.int64)
            self._of_signal, numbers = signal, self._numbers(signal, instants)
            self._found = dict(zip(instants.tolist(), numbers.T.tolist(), strict=True))
        return self._found[at_ms]
