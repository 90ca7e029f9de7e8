# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A LoRaWAN sensor, as ChirpStack 4 hands on its messages by MQTT, in JSON.

    application/<application>/device/<dev_eui>/event/up
    {"deviceInfo": {…}, "fCnt": 7, "fPort": 85, "data": "A2cYAQRobQ==", "rxInfo": [{"gatewayId": …}], …}

(ChirpStack, "Event types": up, and integration.proto. A number that is 0 is left out.) Of all this the
payload is decoded and the rest forgotten: names, tags, and where which gateway heard it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edge.bus.mqtt import check_topics
from edge.payloads.json_object import read_object
from edge.payloads.uplink import Uplink, Uplinks, read_uplink

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from edge.bus import MQTT
    from edge.sensors import Measured

DEV_EUI = re.compile(r"[0-9a-f]{16}")


class ChirpStack:
    """The device with this DevEUI, in any `application` or in one; `codec` is how its payloads are packed."""

    def __init__(self, bus: MQTT, *, dev_eui: str, codec: str, application: str = "+") -> None:
        if not isinstance(dev_eui, str) or not DEV_EUI.fullmatch(dev_eui.lower()):
            raise ValueError(f"dev_eui = {dev_eui!r}: 16 hexadecimal digits are wanted")
        if application != "+":
            check_topics(application=application)
        self._bus = bus
        self._topic = f"application/{application}/device/{dev_eui.lower()}/event/up"
        self._uplinks = Uplinks(codec)

    async def open(self) -> None:
        """Nothing to make ready: it speaks by itself."""

    def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it says, as it says it."""
        return self._uplinks.hear(self._bus.listen(self._topic), decode)


def decode(payload: bytes) -> Uplink | None:
    """The uplink in an event; None if it has no payload."""
    event = read_object(payload)
    return read_uplink(event.get("fCnt"), event.get("fPort"), event.get("data"))
