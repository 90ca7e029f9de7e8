# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Elsys's payloads: ERS, ERS CO2, ERS Eye, EMS and their like.

    ┌──────┬────────────────┬──────┬─────────┬─ ─ ─
    │ type │ value          │ type │ value   │
    │ 01   │ 00 e2 = 22.6°C │ 02   │ 29 = 41 │        numbers have their high byte first
    └──────┴────────────────┴──────┴─────────┴─ ─ ─

(Elsys, "Sensor payload"; the maker's decoder and examples in the device repository of The Things Network.)
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bezet.errors import BadFrame
from bezet.model import Kind
from edge.payloads.values import Value, read_values
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.payloads.values import Found


def _number(kind: Kind, value: bytes) -> Found:
    return [Measured(kind, float(int.from_bytes(value, "big")))]


def _temperature(value: bytes) -> Found:
    return [Measured(Kind.TEMPERATURE_C, int.from_bytes(value, "big", signed=True) / 10)]


def _motion(value: bytes) -> Found:
    """How often something moved since the last uplink."""
    return [Measured(Kind.MOTION, float(any(value)))]


def _occupancy(value: bytes) -> Found:
    """0 nobody, 1 somebody comes or goes (which says neither), 2 somebody."""
    said = value[0]
    if said not in (0, 1, 2):
        raise BadFrame(f"11 {said:02x} is no occupancy")
    return [] if said == 1 else [Measured(Kind.PRESENCE, said / 2)]


#: What is kept, by type.
KEPT: Mapping[bytes, Value] = {
    b"\x01": Value(2, _temperature),
    b"\x02": Value(1, partial(_number, Kind.HUMIDITY_PCT)),
    b"\x04": Value(2, partial(_number, Kind.ILLUMINANCE_LUX)),
    b"\x05": Value(1, _motion),
    b"\x06": Value(2, partial(_number, Kind.CO2_PPM)),
    b"\x11": Value(1, _occupancy),
}

#: What is passed over: type, length, and what it is.
PASSED_OVER: Mapping[bytes, tuple[int, str]] = {
    b"\x03": (3, "acceleration"),
    b"\x07": (2, "volts of the battery, which a lithium cell holds until it is nearly empty"),
    b"\x08": (2, "volts of input 1"),
    b"\x09": (6, "a place on earth"),
    b"\x0a": (2, "pulses of input 1"),
    b"\x0b": (4, "pulses of input 1 so far"),
    b"\x0c": (2, "temperature of a probe"),
    b"\x0d": (1, "input 1"),
    b"\x0e": (2, "a distance"),
    b"\x0f": (1, "shakes"),
    b"\x10": (4, "infrared temperature, inside and outside"),
    b"\x12": (1, "a leak"),
    b"\x13": (65, "a heat picture of 64 dots"),
    b"\x14": (4, "pressure"),
    b"\x15": (2, "loudness"),
    b"\x16": (2, "pulses of input 2"),
    b"\x17": (4, "pulses of input 2 so far"),
    b"\x18": (2, "volts of input 2"),
    b"\x19": (2, "temperature of another probe"),
    b"\x1a": (1, "input 2"),
    b"\x1b": (4, "microvolts"),
    b"\x1c": (2, "volatile organic compounds"),
    b"\x3d": (4, "for the maker"),
}

#: Behind this come the settings of the device.
SETTINGS = b"\x3e"

_PASSED_OVER = {head: length for head, (length, _) in PASSED_OVER.items()}


def decode(payload: bytes) -> Found:
    """The numbers in a payload; `BadFrame` names the type that is not known, or cut short."""
    return read_values(payload, 1, KEPT, _PASSED_OVER, lambda head: head == SETTINGS)
