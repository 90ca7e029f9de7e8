# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Home Assistant's MQTT device discovery: one retained message for each space and each device. Pure.

Keys and their meaning: Home Assistant's documentation of MQTT discovery ("device discovery payload", since
2024.11), in its long names. States are read from the topics of our own contract.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import bezet
from bezet import wire
from bezet.messages import Demand, Need

if TYPE_CHECKING:
    from bezet.model import Building, Space

#: A demand counts for so long.
DEMAND_S = 900
SUPPORT_URL = "https://bezet.example"
#: Home Assistant says `online` here when it starts, and wants to hear everything again.
STATUS, ONLINE = "status", b"online"


def space_discovery(building: Building, space: Space, prefix: str) -> tuple[str, bytes]:
    """Topic and payload that make a space known: whether it is used, by how many, and what it needs."""
    name = f"bezet_{building.site}_{_plain(space.id)}"
    topic, _ = wire.encode(Demand(building.site, space.id, wire.T_MIN_MS, Need.UNKNOWN))
    # An unknown need is no state: Home Assistant then shows the entity as unknown.
    used = "{{ {'occupied': 'ON', 'empty': 'OFF', 'expected': 'OFF'}.get(value_json.need, 'None') }}"
    parts: dict[str, Any] = {
        "used": {
            "platform": "binary_sensor",
            "name": "In gebruik",
            "device_class": "occupancy",
            "value_template": used,
        },
        "people": {
            "platform": "sensor",
            "name": "Mensen",
            "state_class": "measurement",
            "unit_of_measurement": "mensen",
            "value_template": "{{ value_json.people }}",
        },
        "need": {
            "platform": "sensor",
            "name": "Behoefte",
            "device_class": "enum",
            "options": [one.value for one in Need],
            "value_template": "{{ value_json.need }}",
        },
    }
    for part, keys in parts.items():
        keys |= {"unique_id": f"{name}_{part}", "state_topic": topic, "expire_after": DEMAND_S}
    about = {"identifiers": [name], "name": f"{space.id} {space.name}", "manufacturer": "Bezet"}
    return f"{prefix}/device/{name}/config", _payload(about, parts)


def device_discovery(site: str, device: str, prefix: str) -> tuple[str, bytes]:
    """Topic and payload that make a device of ours known: whether it is there, and its version."""
    name = f"bezet_{site}_device_{_plain(device)}"
    topic = f"bezet/{wire.VERSION}/{site}/{device}/health"
    parts: dict[str, Any] = {
        "online": {
            "platform": "binary_sensor",
            "name": "Verbonden",
            "device_class": "connectivity",
            "value_template": "{{ 'ON' if value_json.online else 'OFF' }}",
        },
        "version": {
            "platform": "sensor",
            "name": "Versie",
            "value_template": "{{ value_json.version }}",
        },
    }
    for part, keys in parts.items():
        keys |= {"unique_id": f"{name}_{part}", "state_topic": topic, "entity_category": "diagnostic"}
    about = {"identifiers": [name], "name": device, "manufacturer": "Bezet"}
    return f"{prefix}/device/{name}/config", _payload(about, parts)


def _payload(about: dict[str, Any], parts: dict[str, Any]) -> bytes:
    origin = {"name": "Bezet", "sw_version": bezet.__version__, "support_url": SUPPORT_URL}
    return json.dumps({"device": about, "origin": origin, "components": parts, "qos": 1}).encode()


def _plain(word: str) -> str:
    """An id as discovery takes it: letters, digits, `_` and `-`; `_` is doubled so that no two become one."""
    return word.replace("_", "__").replace(".", "_")
