# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion SCD40 and SCD41: CO2, temperature and humidity, by the maker's own driver.

A word is two bytes, the high one first, and a checksum (datasheet SCD4x 1.4, section 3.11: CRC-8,
polynomial 0x31, from 0xFF). After `start_periodic_measurement` (21b1, section 3.5.1) there is a new
measurement every 5 seconds:

    get_data_ready_status   e4b8 → [status]           ready when the low 11 bits are not 0        (3.8.2)
    read_measurement        ec05 → [co2] [t] [rh]     ppm; -45 + 175 t/65535 °C; 100 rh/65535 %   (3.5.2)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sensirion_driver_adapters.i2c_adapter.i2c_channel import I2cChannel
from sensirion_i2c_driver import CrcCalculator
from sensirion_i2c_driver.errors import I2cChecksumError
from sensirion_i2c_scd4x.device import Scd4xDevice

from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.bus.i2c import SensirionFace
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import I2C

ADDRESS = 0x62


class SCD4x:
    """A chip on the bus, measuring every 5 seconds.

    `altitude_m` of the place, because the chip measures molecules. `self_calibration` takes the lowest
    value of a week for fresh air; switch it off in a space that is never aired.
    """

    def __init__(self, bus: I2C, *, altitude_m: int = 0, self_calibration: bool = True) -> None:
        if not 0 <= altitude_m <= 3_000:
            raise ValueError(f"altitude_m = {altitude_m}: the chip knows 0 to 3000 m")
        self._bus = bus
        self._altitude_m = altitude_m
        self._self_calibration = self_calibration
        crc = CrcCalculator(8, 0x31, 0xFF, 0x00)
        self._chip = Scd4xDevice(I2cChannel(SensirionFace(bus), ADDRESS, crc))

    async def open(self) -> None:
        """Stop what may be running, tell the chip where it is, and start measuring."""
        await self._bus.run(self._start)

    def _start(self) -> None:
        self._chip.stop_periodic_measurement()
        self._chip.set_sensor_altitude(self._altitude_m)
        self._chip.set_automatic_self_calibration_enabled(int(self._self_calibration))
        self._chip.start_periodic_measurement()

    async def read(self) -> list[Measured]:
        """The newest measurement; `SensorNotReady` where there is none since the last."""
        return await self._bus.run(self._measure)

    def _measure(self) -> list[Measured]:
        try:
            if not self._chip.get_data_ready_status():
                raise SensorNotReady("no new measurement yet")
            co2_ppm, temperature_c, humidity_pct = self._chip.read_measurement()
        except I2cChecksumError as error:
            raise BadFrame(f"checksum: {bytes(error.received_data).hex(' ')}") from error
        return [
            Measured(Kind.CO2_PPM, co2_ppm.value),
            Measured(Kind.TEMPERATURE_C, round(temperature_c.value, 2)),
            Measured(Kind.HUMIDITY_PCT, round(humidity_pct.value, 2)),
        ]
