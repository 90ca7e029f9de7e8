# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A Zigbee sensor or plug, as Zigbee2MQTT tells of it.

    zigbee2mqtt/<name>               {"occupancy": true, "battery": 87, "linkquality": 102, …}
    zigbee2mqtt/<name>/availability  {"state": "offline"}, or offline alone (1.x); kept by the broker
    zigbee2mqtt/bridge/state         the same of Zigbee2MQTT itself

(Zigbee2MQTT, "MQTT Topics and Messages" and "Device-Availability".) A message holds the last word of all that
the device measures, of which the table below is kept. A message that the broker kept is passed over: its
numbers may be of any age, and would be taken for those of now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bezet.av import Thresholds, thresholds
from bezet.errors import SensorGone
from bezet.model import Kind
from edge.bus.mqtt import check_topics
from edge.payloads.json_object import number, read_object, truth
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from edge.bus import MQTT


def _is_open(found: Any, key: str) -> float:
    """A contact is true while its magnet is near."""
    return float(not truth(found, key))


def _is_true(found: Any, key: str) -> float:
    return float(truth(found, key))


#: What is kept: the key, and what it is.
KEPT: Mapping[str, tuple[Kind, Callable[[Any, str], float]]] = {
    "occupancy": (Kind.MOTION, _is_true),
    "presence": (Kind.PRESENCE, _is_true),
    "contact": (Kind.DOOR_OPEN, _is_open),
    "co2": (Kind.CO2_PPM, number),
    "temperature": (Kind.TEMPERATURE_C, number),
    "humidity": (Kind.HUMIDITY_PCT, number),
    "illuminance": (Kind.ILLUMINANCE_LUX, number),
    "power": (Kind.POWER_W, number),
    "battery": (Kind.BATTERY_PCT, number),
}


class Zigbee2MQTT:
    """The device that Zigbee2MQTT calls `name`; of a plug, `device` is what hangs on it (`bezet.av`)."""

    def __init__(
        self,
        bus: MQTT,
        *,
        name: str,
        base_topic: str = "zigbee2mqtt",
        device: str = "generic",
        on_above_w: float | None = None,
        in_use_above_w: float | None = None,
    ) -> None:
        check_topics(name=name, base_topic=base_topic)
        self._bus = bus
        self._watts = thresholds(device, on_above_w=on_above_w, in_use_above_w=in_use_above_w)
        self._state = f"{base_topic}/{name}"
        self._words = (f"{base_topic}/{name}/availability", f"{base_topic}/bridge/state")

    async def open(self) -> None:
        """Nothing to make ready: it speaks by itself."""

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it says; `SensorGone` when Zigbee2MQTT takes it for lost, or is not there itself."""
        async for heard in self._bus.listen(self._state, *self._words):
            if heard.topic in self._words:
                if is_offline(heard.payload):
                    raise SensorGone(f"{heard.topic} is offline")
            elif not heard.retained:
                yield decode(heard.payload, self._watts)


def is_offline(payload: bytes) -> bool:
    """Whether a word of availability, plain or in JSON, says that nobody is there."""
    word = read_object(payload).get("state") if payload.startswith(b"{") else payload.decode(errors="replace")
    return word == "offline"


def decode(payload: bytes, watts: Thresholds) -> list[Measured]:
    """The numbers that are kept of a message; what is null is not known."""
    found = read_object(payload)
    if found.get("illuminance_lux") is not None:  # up to 1.x, where `illuminance` was a raw number beside it
        found["illuminance"] = found["illuminance_lux"]
    measured = [
        Measured(kind, read(found[key], key))
        for key, (kind, read) in KEPT.items()
        if found.get(key) is not None
    ]
    power = [one.value for one in measured if one.kind is Kind.POWER_W]
    return measured + [Measured(Kind.AV_STATE, watts.state(power_w)) for power_w in power]
