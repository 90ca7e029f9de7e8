# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""TI INA260: direct-current power of a small AV device, by a shunt inside the chip.

A register is two bytes, the high one first, behind its number (datasheet SBOS656C, 8.5.3.3):

    00 configuration   15: reset ···· 11-9: average ···· 8-6, 5-3: time ···· 2-0: both, without end  (8.6.1)
    03 power           without sign, 10 mW                                                           (8.6.4)
    06 mask/enable     3: converted since this was read ···· 2: overflow                             (8.6.5)
    fe manufacturer    5449, "TI"                                                                    (8.6.7)
    ff die             15-4: 227 ···· 3-0: revision                                                  (8.6.8)

(Adafruit's library is not used: on a Pi it looks for GPIO libraries that I²C does not need, and does not load
without them.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.av import thresholds
from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import I2C

CONFIGURATION, POWER, MASK_ENABLE, MANUFACTURER, DIE = 0x00, 0x03, 0x06, 0xFE, 0xFF
#: Averages of 128 samples of 1.1 ms for each of both voltage and current, so a new one every 0.28 s.
CONTINUOUSLY = 0b0110_1001_0010_0111
TEXAS_INSTRUMENTS = b"TI"
INA260_DIE = 0x227
CONVERTED, OVERFLOW = 0b1000, 0b0100


class INA260:
    """A chip at `address`.

    `device` is the class of the AV device (`bezet.av.AV_DEVICES`). Where somebody measured it, `on_above_w`
    and `in_use_above_w` are better than those of its class.
    """

    def __init__(
        self,
        bus: I2C,
        *,
        address: int = 0x40,
        device: str = "generic",
        on_above_w: float | None = None,
        in_use_above_w: float | None = None,
    ) -> None:
        if not 0x40 <= address <= 0x4F:
            raise ValueError(f"address = {address:#04x}: 0x40 to 0x4f are wanted")
        self._bus = bus
        self._address = address
        self._thresholds = thresholds(device, on_above_w=on_above_w, in_use_above_w=in_use_above_w)

    async def open(self) -> None:
        """Start measuring; `BadFrame` if another chip lives at the address."""
        await self._bus.run(self._start)

    def _start(self) -> None:
        maker, die = self._register(MANUFACTURER), self._register(DIE)
        if maker != TEXAS_INSTRUMENTS or int.from_bytes(die, "big") >> 4 != INA260_DIE:
            raise BadFrame(f"no INA260: manufacturer {maker.hex(' ')}, die {die.hex(' ')}")
        self._bus.transfer(self._address, bytes([CONFIGURATION]) + CONTINUOUSLY.to_bytes(2, "big"))

    async def read(self) -> list[Measured]:
        """Watts, and what the device does by them; `SensorNotReady` where there are no new ones."""
        mask, power = await self._bus.run(lambda: (self._register(MASK_ENABLE), self._register(POWER)))
        power_w = decode(mask, power)
        return [Measured(Kind.POWER_W, power_w), Measured(Kind.AV_STATE, self._thresholds.state(power_w))]

    def _register(self, register: int) -> bytes:
        return self._bus.transfer(self._address, bytes([register]), 2)


def decode(mask: bytes, power: bytes) -> float:
    """The mask/enable and power registers to watts; `BadFrame` after an overflow."""
    bits = int.from_bytes(mask, "big")
    if not bits & CONVERTED:
        raise SensorNotReady("nothing was converted since the last")
    if bits & OVERFLOW:
        raise BadFrame(f"overflow: mask/enable {mask.hex(' ')}, power {power.hex(' ')}")
    return int.from_bytes(power, "big") / 100
