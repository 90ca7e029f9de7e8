# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SCD30: CO2, temperature and humidity, by the maker's own driver.

A word is two bytes, the high one first, and a checksum (Interface Description SCD30 1.0, section 1.1.3:
CRC-8, polynomial 0x31, from 0xFF). A measured number is two words, an IEEE float:

    get / set measurement interval   4600 → [s]                  2 to 1800 s, kept without power  (1.4.3)
    get data ready                   0202 → [ready]              1 until the measurement is read  (1.4.4)
    read measurement                 0300 → [co2] [t] [rh]       ppm, °C, %: two words each       (1.4.5)
    get / set self-calibration       5306 → [on]                 kept without power               (1.4.6)
    get / set altitude               5102 → [m]                  kept without power               (1.4.9)
    start continuous measurement     0010 [pressure]             0: go by the altitude            (1.4.1)

Between what is written and what is read there must be a stop (1.1), which `SensirionFace` makes.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sensirion_driver_adapters.i2c_adapter.i2c_channel import I2cChannel
from sensirion_i2c_driver import CrcCalculator
from sensirion_i2c_driver.errors import I2cChecksumError
from sensirion_i2c_scd30.device import Scd30Device

from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.bus.i2c import SensirionFace
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.bus import I2C

ADDRESS = 0x61


class SCD30:
    """A module on the bus, measuring every `interval_s` seconds.

    `altitude_m` of the place, because it measures molecules. `self_calibration` takes the lowest values of a
    week for fresh air; switch it off in a space that is not aired every day.
    """

    def __init__(
        self, bus: I2C, *, altitude_m: int = 0, interval_s: int = 2, self_calibration: bool = True
    ) -> None:
        if not 0 <= altitude_m <= 9_000:
            raise ValueError(f"altitude_m = {altitude_m}: 0 to 9000 m are wanted")
        if not 2 <= interval_s <= 1_800:
            raise ValueError(f"interval_s = {interval_s}: the chip knows 2 to 1800 s")
        self._bus = bus
        self._altitude_m = altitude_m
        self._interval_s = interval_s
        self._self_calibration = self_calibration
        self._is_first = True
        crc = CrcCalculator(8, 0x31, 0xFF, 0x00)
        self._chip = Scd30Device(I2cChannel(SensirionFace(bus), ADDRESS, crc))

    async def open(self) -> None:
        """Tell the module where it is, and start measuring."""
        with _checksums():
            await self._bus.run(self._start)

    def _start(self) -> None:
        chip, self._is_first = self._chip, True
        # The settings are kept in a memory that wears out, so they are written only where they differ.
        if chip.get_measurement_interval() != self._interval_s:
            chip.set_measurement_interval(self._interval_s)
        if chip.get_altitude_compensation() != self._altitude_m:
            chip.set_altitude_compensation(self._altitude_m)
        if chip.get_auto_calibration_status() != self._self_calibration:
            chip.activate_auto_calibration(int(self._self_calibration))
        chip.start_periodic_measurement(0)

    async def read(self) -> list[Measured]:
        """The newest measurement; `SensorNotReady` where there is none since the last."""
        with _checksums():
            return await self._bus.run(self._measure)

    def _measure(self) -> list[Measured]:
        if not self._chip.get_data_ready():
            raise SensorNotReady("no new measurement yet")
        is_first, self._is_first = self._is_first, False
        numbers = self._chip.read_measurement_data()
        if numbers[0] == 0 and is_first:
            # In no datasheet, but seen by many (adafruit/Adafruit_CircuitPython_SCD30#6).
            raise SensorNotReady("the first measurement after a start has no CO2")
        return decode(*numbers)


def decode(co2_ppm: float, temperature_c: float, humidity_pct: float) -> list[Measured]:
    """Numbers of a measurement; `BadFrame` where they are none, as a busy module gives."""
    numbers = co2_ppm, temperature_c, humidity_pct
    if not all(map(math.isfinite, numbers)) or co2_ppm <= 0:
        raise BadFrame(f"no measurement: {co2_ppm} ppm, {temperature_c} °C, {humidity_pct} %")
    kinds = Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.HUMIDITY_PCT
    return [Measured(kind, round(number, 2)) for kind, number in zip(kinds, numbers, strict=True)]


@contextmanager
def _checksums() -> Iterator[None]:
    """A checksum that is wrong, as our error, with the bytes."""
    try:
        yield
    except I2cChecksumError as error:
        raise BadFrame(f"checksum: {bytes(error.received_data).hex(' ')}") from error
