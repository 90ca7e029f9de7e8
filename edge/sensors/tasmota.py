# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A plug with Tasmota that measures what it feeds, by MQTT.

    tele/<topic>/SENSOR  {"Time": "…", "ENERGY": {"Power": 56, …}}    a list where it has several channels
    tele/<topic>/LWT     Online, or Offline as its last will; kept by the broker

(Tasmota, "MQTT" and "Commands": FullTopic, TelePeriod, PowerDelta.) `STATE` beside it tells of switches and
the network, and is not listened to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.av import Thresholds, thresholds
from bezet.errors import BadFrame, SensorGone
from bezet.model import Kind
from edge.bus.mqtt import check_topics
from edge.payloads.json_object import member, number, read_object
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from edge.bus import MQTT

TOKENS = ("%prefix%", "%topic%")
LAST_CHANNEL = 8


class Tasmota:
    """The plug with this `topic` in `full_topic`; `device` is what hangs on its `channel` (`bezet.av`)."""

    def __init__(
        self,
        bus: MQTT,
        *,
        topic: str,
        full_topic: str = "%prefix%/%topic%",
        channel: int = 1,
        device: str = "generic",
        on_above_w: float | None = None,
        in_use_above_w: float | None = None,
    ) -> None:
        base = str(full_topic).rstrip("/")
        check_topics(topic=topic, full_topic=base)
        if not all(token in base for token in TOKENS):
            raise ValueError(f"full_topic = {full_topic!r}: {' and '.join(TOKENS)} are wanted in it")
        if type(channel) is not int or not 1 <= channel <= LAST_CHANNEL:
            raise ValueError(f"channel = {channel!r}: 1 to {LAST_CHANNEL} is wanted")
        self._bus = bus
        self._channel = channel
        self._watts = thresholds(device, on_above_w=on_above_w, in_use_above_w=in_use_above_w)
        base = base.replace("%prefix%", "tele").replace("%topic%", topic)
        self._sensor, self._will = f"{base}/SENSOR", f"{base}/LWT"

    async def open(self) -> None:
        """Nothing to make ready: it speaks by itself."""

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Its watts; `SensorGone` when the broker has lost it."""
        async for heard in self._bus.listen(self._sensor, self._will):
            if heard.topic == self._will:
                if heard.payload == b"Offline":
                    raise SensorGone(f"{heard.topic} is Offline")
            elif not heard.retained:  # what the broker kept is of an unknown age
                yield decode(heard.payload, self._channel, self._watts)


def decode(payload: bytes, channel: int, watts: Thresholds) -> list[Measured]:
    """The watts on a channel; none where nothing measures them."""
    power = member(read_object(payload), "ENERGY").get("Power")
    if power is None:
        return []
    channels = power if isinstance(power, list) else [power]
    if channel > len(channels):
        raise BadFrame(f"ENERGY.Power has {len(channels)} channels, and {channel} is not among them")
    power_w = number(channels[channel - 1], "ENERGY.Power")
    return [Measured(Kind.POWER_W, power_w), Measured(Kind.AV_STATE, watts.state(power_w))]
