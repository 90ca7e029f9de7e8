# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A Shelly plug or relay of generation 2 or later that measures what it feeds, by MQTT.

    <topic_prefix>/events/rpc       {"method": "NotifyStatus", "params": {"switch:0": {"apower": 11.5}}, …}
    <topic_prefix>/status/switch:0  {"id": 0, "output": true, "apower": 11.5, …}    where it is set to say so
    <topic_prefix>/online           true, or false as its last will

(Shelly, "Gen2+ Device API": Notifications, MQTT, Switch, PM1.) A notification leaves out what has not
changed, so the watts stand until it names others, and are unknown until it names the first. A relay without a
meter has no `apower`, which is no word about watts, and not 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.av import thresholds
from bezet.errors import SensorGone
from bezet.model import Kind
from edge.bus.mqtt import check_topics
from edge.payloads.json_object import member, number, read_object
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from edge.bus import MQTT

LAST_CHANNEL = 15


class Shelly:
    """The plug whose MQTT prefix is `topic_prefix`; `device` is what hangs on its `channel` (`bezet.av`)."""

    def __init__(
        self,
        bus: MQTT,
        *,
        topic_prefix: str,
        channel: int = 0,
        device: str = "generic",
        on_above_w: float | None = None,
        in_use_above_w: float | None = None,
    ) -> None:
        check_topics(topic_prefix=topic_prefix)
        if type(channel) is not int or not 0 <= channel <= LAST_CHANNEL:
            raise ValueError(f"channel = {channel!r}: 0 to {LAST_CHANNEL} is wanted")
        self._bus = bus
        self._watts = thresholds(device, on_above_w=on_above_w, in_use_above_w=in_use_above_w)
        self._meters = (f"switch:{channel}", f"pm1:{channel}")
        self._events, self._online = f"{topic_prefix}/events/rpc", f"{topic_prefix}/online"
        self._status = tuple(f"{topic_prefix}/status/{meter}" for meter in self._meters)

    async def open(self) -> None:
        """Nothing to make ready: it speaks by itself."""

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Its watts, at every word of it once they are known; `SensorGone` when the broker has lost it."""
        power_w: float | None = None
        async for heard in self._bus.listen(self._events, *self._status, self._online):
            if heard.topic == self._online:
                if heard.payload == b"false":
                    raise SensorGone(f"{heard.topic} is false")
                power_w = power_w if heard.retained else None  # it was away, and may have changed
            elif not heard.retained:  # what the broker kept is of an unknown age
                power_w = decode(heard.payload, self._meters if heard.topic == self._events else (), power_w)
                yield self._measured(power_w)

    def _measured(self, power_w: float | None) -> list[Measured]:
        if power_w is None:
            return []
        av_state = self._watts.state(power_w)
        return [Measured(Kind.POWER_W, power_w), Measured(Kind.AV_STATE, av_state)]


def decode(payload: bytes, meters: Sequence[str], before_w: float | None) -> float | None:
    """The watts after a notification about any of the `meters`, or after a status; None if not known."""
    found = read_object(payload)
    params = member(found, "params")
    power_w = before_w
    for status in [member(params, meter) for meter in meters] or [found]:
        if "apower" in status:
            power_w = None if status["apower"] is None else number(status["apower"], "apower")
    return power_w
