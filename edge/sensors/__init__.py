# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every sensor: the list of drivers, and what a driver is.

A driver talks to its bus and decodes; it does no smoothing, retry, logging or sleeping, and knows neither
the space nor the time. It raises a `bezet.errors.SensorError` when the sensor could not speak.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from bezet.model import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping


class Row(NamedTuple):
    """One driver: its class in the file of its name, the bus it hangs on, and what it is in a few words.

    `measures` are the kinds that it may give. One that is polled is asked every `every_s` seconds unless the
    configuration says otherwise. One that speaks by itself does so at least every `speaks_every_s` seconds
    (0: as it likes), and after three times that it is taken for gone. Where `stands_s` is given, its last
    word stands so long: it speaks only of changes, and its silence means that nothing changed.
    """

    made: str
    on: str
    what: str
    measures: tuple[Kind, ...]
    every_s: float = 1.0
    speaks_every_s: float = 0.0
    stands_s: float = 0.0


_AIR = (Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.HUMIDITY_PCT)
_AV = (Kind.POWER_W, Kind.AV_STATE)
_HOUR_S = 3_600.0
_LORAWAN = (
    *(Kind.PEOPLE_COUNT, Kind.PEOPLE_IN, Kind.PEOPLE_OUT, Kind.MOTION, Kind.PRESENCE, *_AIR),
    *(Kind.ILLUMINANCE_LUX, Kind.BATTERY_PCT),
)

#: Drivers by the name of their file. Drivers kept elsewhere register under the entry point `bezet.sensors`.
DRIVERS: Mapping[str, Row] = {
    # presence
    "pir": Row("PIR", "gpio", "passive infrared motion sensor, any", (Kind.MOTION,), speaks_every_s=30),
    "door": Row("DoorContact", "gpio", "magnetic door contact", (Kind.DOOR_OPEN,), speaks_every_s=30),
    "feedback": Row(
        "FeedbackButtons", "gpio", "buttons for good, so-so and bad", (Kind.FEEDBACK,), speaks_every_s=30
    ),
    "ld2410": Row(
        *("LD2410", "uart", "Hi-Link HLK-LD2410 radar"),
        (Kind.PRESENCE, Kind.MOVING_ENERGY_PCT, Kind.STILL_ENERGY_PCT),
        speaks_every_s=1,
    ),
    "ld2450": Row(
        "LD2450", "uart", "Hi-Link HLK-LD2450 radar", (Kind.PRESENCE, Kind.TARGET_COUNT), speaks_every_s=1
    ),
    # counting
    "vl53l1x": Row(
        "VL53L1X", "i2c", "ST VL53L1X in a doorway", (Kind.PEOPLE_IN, Kind.PEOPLE_OUT), every_s=0.05
    ),
    "amg8833": Row("AMG8833", "i2c", "Panasonic AMG8833, 8 by 8 heat", (Kind.PEOPLE_COUNT,)),
    "mlx90640": Row("MLX90640", "i2c", "Melexis MLX90640, 32 by 24 heat", (Kind.PEOPLE_COUNT,), every_s=2),
    # air
    "scd4x": Row("SCD4x", "i2c", "Sensirion SCD40 or SCD41", _AIR, every_s=5),
    "scd30": Row("SCD30", "i2c", "Sensirion SCD30", _AIR, every_s=5),
    "mhz19": Row("MHZ19", "uart", "Winsen MH-Z19B or C", (Kind.CO2_PPM,), every_s=10),
    "senseair_s8": Row("SenseairS8", "uart", "Senseair S8", (Kind.CO2_PPM,), every_s=10),
    # AV devices
    "pjlink": Row("PJLink", "tcp", "projector or display that speaks PJLink", (Kind.AV_STATE,), every_s=15),
    "cec": Row("CEC", "cec", "display on HDMI-CEC", (Kind.AV_STATE,), every_s=15),
    "ina219": Row("INA219", "i2c", "TI INA219 current sensor", _AV),
    "ina260": Row("INA260", "i2c", "TI INA260 current sensor", _AV),
    "reachable": Row(
        "Reachable", "tcp", "any device on the network, by TCP or ICMP", (Kind.REACHABLE,), every_s=30
    ),
    # off the shelf
    "zigbee2mqtt": Row(
        *("Zigbee2MQTT", "mqtt", "any sensor or plug of Zigbee2MQTT"),
        (
            *(Kind.MOTION, Kind.PRESENCE, Kind.DOOR_OPEN, *_AIR, Kind.ILLUMINANCE_LUX),
            *(*_AV, Kind.BATTERY_PCT),
        ),
        stands_s=1.1 * _HOUR_S,
    ),
    "shelly": Row("Shelly", "mqtt", "Shelly plug of generation 2 or later", _AV, stands_s=900),
    "tasmota": Row("Tasmota", "mqtt", "plug with Tasmota", _AV, stands_s=900),
    "chirpstack": Row(
        "ChirpStack", "mqtt", "LoRaWAN sensor by ChirpStack v4", _LORAWAN, stands_s=1.1 * _HOUR_S
    ),
    "things_stack": Row(
        "ThingsStack", "mqtt", "LoRaWAN sensor by The Things Stack v3", _LORAWAN, stands_s=1.1 * _HOUR_S
    ),
    # no hardware
    "recorded": Row("Recorded", "", "columns of a recording in CSV", tuple(Kind)),
}

ENTRY_POINTS = "bezet.sensors"


class Measured(NamedTuple):
    """One number that a sensor gave, in the unit of its kind; `part` tells two of a kind apart."""

    kind: Kind
    value: float
    part: str = ""


@runtime_checkable
class Polled(Protocol):
    """A sensor that answers when it is asked."""

    async def open(self) -> None:
        """Make the sensor ready; also after it was gone."""

    async def read(self) -> list[Measured]:
        """What it measures now."""


@runtime_checkable
class Speaking(Protocol):
    """A sensor that speaks by itself; only where asking would miss something."""

    async def open(self) -> None:
        """Make the sensor ready; also after it was gone."""

    def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it says, at the moment it says it; an empty list shows that it is there. Ends with its last
        word.
        """


def known_drivers() -> list[str]:
    """The names that a configuration may use, sorted."""
    return sorted({*DRIVERS, *(point.name for point in metadata.entry_points(group=ENTRY_POINTS))})


def row_of(name: str) -> Row:
    """The row of a driver; one kept elsewhere has a class attribute `ROW`, or a plain one."""
    if name in DRIVERS:
        return DRIVERS[name]
    plain = Row("", "", "a driver that is kept elsewhere", tuple(Kind))
    return getattr(load_driver(name), "ROW", plain)


def load_driver(name: str) -> type[Any]:
    """The driver class of that name, imported only now; `KeyError` for a name that is not known."""
    if name in DRIVERS:
        found: type[Any] = getattr(import_module(f"edge.sensors.{name}"), DRIVERS[name].made)
        return found
    (point,) = metadata.entry_points(group=ENTRY_POINTS, name=name) or [None]
    if point is None:
        raise KeyError(name)
    loaded: type[Any] = point.load()
    return loaded
