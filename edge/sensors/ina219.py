# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""TI INA219: direct current and voltage of a small AV device, by the drop over a shunt.

A register is two bytes, the high one first, behind its number (datasheet SBOS448G, 8.5.6):

    00 configuration   15 ···· 13 ···· 12 11 ···· 10-7 ···· 6-3 ···· 2-0                          (8.6.2.1)
                       reset   32 V    range      average   average  both, without end
    01 shunt voltage   signed, 10 µV                                                              (8.6.3.1)
    02 bus voltage     15-3: 4 mV ···· 1: converted ···· 0: overflow of a power that is not used  (8.6.3.2)

Current is the shunt voltage by the shunt, and needs no calibration register (8.5.3); watts are current times
bus voltage. (Adafruit's library is not used: on a Pi it looks for GPIO libraries that I²C does not need, and
does not load without them; and it knows no shunt but its own.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.av import thresholds
from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import I2C

CONFIGURATION, SHUNT_VOLTAGE, BUS_VOLTAGE = range(3)
#: 32 V; both voltages averaged over 128 samples, which takes 68 ms each; again and again.
CONTINUOUSLY = 0b0010_0111_1111_1111
#: The ranges of the shunt voltage in mV; the place of each is its number in bits 12 and 11.
RANGES_MV = (40, 80, 160, 320)
CONVERTED = 0b10


class INA219:
    """A chip at `address` with a shunt of `shunt_ohm`; `current_max_a` chooses its range (None: the widest).

    `device` is the class of the AV device (`bezet.av.AV_DEVICES`). Where somebody measured it, `on_above_w`
    and `in_use_above_w` are better than those of its class.
    """

    def __init__(
        self,
        bus: I2C,
        *,
        address: int = 0x40,
        shunt_ohm: float = 0.1,
        current_max_a: float | None = None,
        device: str = "generic",
        on_above_w: float | None = None,
        in_use_above_w: float | None = None,
    ) -> None:
        if not 0x40 <= address <= 0x4F:
            raise ValueError(f"address = {address:#04x}: 0x40 to 0x4f are wanted")
        if not 0.001 <= shunt_ohm <= 10:
            raise ValueError(f"shunt_ohm = {shunt_ohm}: 0.001 to 10 ohm are wanted")
        self._bus = bus
        self._address = address
        self._shunt_ohm = shunt_ohm
        self._range_mv = _range_mv(current_max_a, shunt_ohm)
        self._thresholds = thresholds(device, on_above_w=on_above_w, in_use_above_w=in_use_above_w)

    async def open(self) -> None:
        """Choose the range and start measuring; `BadFrame` if another chip lives at the address."""
        await self._bus.run(self._start)

    def _start(self) -> None:
        wanted = (CONTINUOUSLY | RANGES_MV.index(self._range_mv) << 11).to_bytes(2, "big")
        self._bus.transfer(self._address, bytes([CONFIGURATION]) + wanted)
        found = self._register(CONFIGURATION)
        if found != wanted:
            raise BadFrame(f"no INA219: configured {wanted.hex(' ')}, found {found.hex(' ')}")

    async def read(self) -> list[Measured]:
        """Watts, and what the device does by them; `SensorNotReady` in the first tenths of a second."""
        # In this order: once the bus voltage was converted, so was the shunt voltage.
        bus, shunt = await self._bus.run(lambda: (self._register(BUS_VOLTAGE), self._register(SHUNT_VOLTAGE)))
        power_w = decode(bus, shunt, self._shunt_ohm, self._range_mv)
        return [Measured(Kind.POWER_W, power_w), Measured(Kind.AV_STATE, self._thresholds.state(power_w))]

    def _register(self, register: int) -> bytes:
        return self._bus.transfer(self._address, bytes([register]), 2)


def decode(bus: bytes, shunt: bytes, shunt_ohm: float, range_mv: int) -> float:
    """Both voltage registers to watts; `BadFrame` where the shunt voltage is at the end of its range."""
    bus_bits, shunt_10uv = int.from_bytes(bus, "big"), int.from_bytes(shunt, "big", signed=True)
    if not bus_bits & CONVERTED:
        raise SensorNotReady("nothing was converted yet")
    if abs(shunt_10uv) >= range_mv * 100:
        raise BadFrame(f"shunt voltage {shunt.hex(' ')}: more current than current_max_a")
    return round((bus_bits >> 3) * 0.004 * shunt_10uv * 0.00001 / shunt_ohm, 3)


def _range_mv(current_max_a: float | None, shunt_ohm: float) -> int:
    """The smallest range for that current over that shunt."""
    if current_max_a is None:
        return RANGES_MV[-1]
    # Rounded, as 3.2 A over 0.1 ohm are not 320 mV for a float.
    most_mv = round(current_max_a * shunt_ohm * 1000, 6)
    if not 0 < most_mv <= RANGES_MV[-1]:
        known_a = RANGES_MV[-1] / 1000 / shunt_ohm
        raise ValueError(f"current_max_a = {current_max_a}: at most {known_a:g} A over {shunt_ohm} ohm")
    return next(range_mv for range_mv in RANGES_MV if most_mv <= range_mv)
