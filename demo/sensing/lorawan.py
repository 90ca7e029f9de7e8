# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""LoRaWAN sensors as their servers hand on what they say: ChirpStack, and The Things Stack.

    application/<application>/device/<dev_eui>/event/up  {"fCnt":7,"fPort":85,"data":"BMkDAA…",…}
    v3/<application>/devices/<device>/up                 {"uplink_message":{"f_cnt":7,…},…}

(ChirpStack, "Event types": up; The Things Stack, "Data Formats".) Neither is kept by the broker.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from uuid import UUID

from demo.sensing.lorawan_devices import ErsEye, PeopleCamera
from demo.sensing.topics_speaking import Message, TopicSignal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from demo.plan import Hung
    from demo.sensing.topics_speaking import Spoken
    from demo.town import Town

MODELS: Mapping[str, Callable[[Town, Hung], PeopleCamera | ErsEye]] = {
    "VS121": PeopleCamera,
    "ERS Eye": ErsEye,
}
#: Frames are numbered by the instants at which a device may send one, so that no other frame has the same
#: number; to a server that looks like frames that were lost.
FRAME_MS, FIRST_FRAME_MS = 10_000, 1_704_067_200_000
GATEWAY = "0016c001f153a14c"


#: The models here send at least this often.
UPLINK_MS = 300_000


class LoRaWANSignal(TopicSignal):
    """A LoRaWAN sensor behind a network server."""

    def hello(self, t_ms: int) -> list[Message]:
        """Its last uplink: network servers say it again where nobody was there to acknowledge it."""
        return self.once_more(t_ms, UPLINK_MS)


class ChirpStackSignal(LoRaWANSignal):
    """A LoRaWAN sensor that ChirpStack hears; `hung.model` says which."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._sensor = MODELS[hung.model](town, hung)
        super().__init__(town, self._sensor)
        self._dev_eui = str(hung.settings["dev_eui"])
        self._info = {
            "tenantId": _uuid("tenant"),
            "tenantName": "Stadhuis",
            "applicationId": _uuid("application"),
            "applicationName": "sensors",
            "deviceProfileId": _uuid(hung.model),
            "deviceProfileName": hung.model,
            "deviceName": hung.id,
            "devEui": self._dev_eui,
            "tags": {},
        }

    def message(self, spoken: Spoken, place: int) -> Message:
        """An uplink."""
        t_ms = int(spoken.t_ms[place])
        event = {
            "deduplicationId": _uuid(self._dev_eui, t_ms),
            "time": f"{_utc(t_ms)}+00:00",
            "deviceInfo": self._info,
            "devAddr": self._dev_eui[-8:],
            "adr": True,
            "dr": 5,
            "fCnt": _frame(t_ms),
            "fPort": self._sensor.port,
            "data": base64.b64encode(self._sensor.pack(spoken, place)).decode(),
            "rxInfo": [{"gatewayId": GATEWAY, "uplinkId": _frame(t_ms), "rssi": -71, "snr": 9.5}],
            "txInfo": {"frequency": 868_100_000},
        }
        topic = f"application/{self._info['applicationId']}/device/{self._dev_eui}/event/up"
        return Message(t_ms, topic, _packed(event))


class ThingsStackSignal(LoRaWANSignal):
    """A LoRaWAN sensor that The Things Stack hears; `hung.model` says which."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._sensor = MODELS[hung.model](town, hung)
        super().__init__(town, self._sensor)
        self._application, self._device_id = str(hung.settings["application"]), str(hung.settings["device"])
        self._dev_eui = _digest(8, hung.id).hex().upper()

    def message(self, spoken: Spoken, place: int) -> Message:
        """An uplink."""
        t_ms = int(spoken.t_ms[place])
        uplink = {
            "session_key_id": base64.b64encode(_digest(16, self._dev_eui)).decode(),
            "f_port": self._sensor.port,
            "f_cnt": _frame(t_ms),
            "frm_payload": base64.b64encode(self._sensor.pack(spoken, place)).decode(),
            "rx_metadata": [
                {"gateway_ids": {"gateway_id": "stadhuis", "eui": GATEWAY.upper()}, "rssi": -68, "snr": 8}
            ],
            "received_at": f"{_utc(t_ms)}Z",
            "consumed_airtime": "0.061696s",
        }
        message = {
            "end_device_ids": {
                "device_id": self._device_id,
                "application_ids": {"application_id": self._application},
                "dev_eui": self._dev_eui,
                "dev_addr": self._dev_eui[-8:],
            },
            "correlation_ids": [f"gs:uplink:{_uuid(self._dev_eui, t_ms)}"],
            "received_at": f"{_utc(t_ms)}Z",
            "uplink_message": uplink,
        }
        return Message(t_ms, f"v3/{self._application}/devices/{self._device_id}/up", _packed(message))


def _frame(t_ms: int) -> int:
    return (t_ms - FIRST_FRAME_MS) // FRAME_MS


def _utc(t_ms: int) -> str:
    return f"{datetime.fromtimestamp(t_ms // 1_000, UTC):%Y-%m-%dT%H:%M:%S}.{t_ms % 1_000:03}"


def _packed(found: Any) -> bytes:
    return json.dumps(found, separators=(",", ":")).encode()


def _digest(size: int, *words: object) -> bytes:
    return blake2b("/".join(map(str, words)).encode(), digest_size=size).digest()


def _uuid(*words: object) -> str:
    return str(UUID(bytes=_digest(16, *words), version=4))
