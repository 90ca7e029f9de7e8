# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A LoRaWAN sensor, as The Things Stack 3 hands on its messages by MQTT.

    v3/<application>@<tenant>/devices/<device>/up
    {"end_device_ids": {…}, "uplink_message": {"f_cnt": 7, "f_port": 85, "frm_payload": "A2cYAQRobQ==",
     "rx_metadata": [{"gateway_ids": …, "location": …}], …}, …}

(The Things Stack, "MQTT Server" and "Data Formats". What is 0, false or empty is left out.) Of all this the
payload is decoded and the rest forgotten: names, and where which gateway heard it. Messages that the console
simulates are no measurements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.bus.mqtt import check_topics
from edge.payloads.json_object import member, read_object
from edge.payloads.uplink import Uplink, Uplinks, read_uplink

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from edge.bus import MQTT
    from edge.sensors import Measured


class ThingsStack:
    """The `device` of an `application` (with its tenant); `codec` is how its payloads are packed."""

    def __init__(self, bus: MQTT, *, application: str, device: str, codec: str) -> None:
        check_topics(application=application, device=device)
        self._bus = bus
        self._topic = f"v3/{application}/devices/{device}/up"
        self._uplinks = Uplinks(codec)

    async def open(self) -> None:
        """Nothing to make ready: it speaks by itself."""

    def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it says, as it says it."""
        return self._uplinks.hear(self._bus.listen(self._topic), decode)


def decode(payload: bytes) -> Uplink | None:
    """The uplink in a message; None if it has no payload, or was simulated."""
    message = read_object(payload)
    uplink = member(message, "uplink_message")
    if message.get("simulated"):
        return None
    return read_uplink(uplink.get("f_cnt"), uplink.get("f_port"), uplink.get("frm_payload"))
