# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Milesight's payloads: VS121, VS133 and VS135 count people, AM100 and AM300 measure the air.

    ┌─────────┬──────┬──────────────┬─────────┬──────┬─ ─ ─
    │ channel │ type │ value        │ channel │ type │
    │ 03      │ 67   │ 18 01 = 28°C │ 04      │ 68   │        numbers have their low byte first
    └─────────┴──────┴──────────────┴─────────┴──────┴─ ─ ─

(The maker's uplink tables of each model, in its documentation and beside the decoders that it publishes as
SensorDecoders.) Of people over a line the totals are kept and not what was added since the last uplink,
because what is lost on the air is still in the next total.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bezet.model import Kind
from edge.payloads import Total
from edge.payloads.values import Value, read_values
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.payloads.values import Found


def _number(kind: Kind, value: bytes, *, per: float = 1, length: int | None = None) -> Found:
    return [Measured(kind, int.from_bytes(value[:length], "little") / per)]


def _temperature(value: bytes) -> Found:
    return [Measured(Kind.TEMPERATURE_C, int.from_bytes(value, "little", signed=True) / 10)]


def _motion(value: bytes) -> Found:
    """Whether something moved, or how often, since the last uplink."""
    return [Measured(Kind.MOTION, float(any(value)))]


def _people_by_region(value: bytes) -> Found:
    return [Measured(Kind.PEOPLE_COUNT, float(sum(value)))]


def _total(kind: Kind, line: int, value: bytes) -> Found:
    return [Total(kind, int.from_bytes(value, "little"), f"line {line}")]


def _totals(value: bytes) -> Found:
    return _total(Kind.PEOPLE_IN, 1, value[:2]) + _total(Kind.PEOPLE_OUT, 1, value[2:])


#: What is kept, by channel and type.
KEPT: Mapping[bytes, Value] = {
    b"\x01\x75": Value(1, partial(_number, Kind.BATTERY_PCT)),
    b"\x03\x67": Value(2, _temperature),
    b"\x04\x68": Value(1, partial(_number, Kind.HUMIDITY_PCT, per=2)),
    b"\x05\x00": Value(1, _motion),  # AM300: triggered, or idle
    b"\x05\x6a": Value(2, _motion),  # AM100: activity level
    b"\x05\x9f": Value(2, _motion),  # AM304L, AM305L: triggered (the highest bit), and how often
    b"\x06\x65": Value(6, partial(_number, Kind.ILLUMINANCE_LUX, length=2)),  # and two numbers of infrared
    b"\x06\x94": Value(4, partial(_number, Kind.ILLUMINANCE_LUX)),
    b"\x06\x9d": Value(2, partial(_number, Kind.ILLUMINANCE_LUX)),
    b"\x07\x7d": Value(2, partial(_number, Kind.CO2_PPM)),
    # VS121: people in view now, then how many regions there are and who of them is occupied; and its line
    b"\x04\xc9": Value(4, partial(_number, Kind.PEOPLE_COUNT, length=1)),
    b"\x0d\xcc": Value(4, _totals),
    # VS133, VS135: four lines, in and out, and people now in each of four regions
    **{bytes([3 * line, 0xD2]): Value(4, partial(_total, Kind.PEOPLE_IN, line)) for line in (1, 2, 3, 4)},
    **{
        bytes([3 * line + 1, 0xD2]): Value(4, partial(_total, Kind.PEOPLE_OUT, line)) for line in (1, 2, 3, 4)
    },
    b"\x0f\xe3": Value(4, _people_by_region),
}

#: What is passed over: channels, type, length, and what it is.
PASSED_OVER: tuple[tuple[bytes, int, int, str], ...] = (
    (b"\x06", 0xCB, 1, "light in six steps"),
    (b"\x08", 0x7D, 2, "volatile organic compounds"),
    (b"\x08", 0xE6, 2, "volatile organic compounds"),
    (b"\x09", 0x73, 2, "pressure"),
    (b"\x0a", 0x7D, 2, "formaldehyde"),
    (b"\x0b\x0c", 0x7D, 2, "fine dust"),
    (b"\x0d", 0x7D, 2, "ozone"),
    (b"\x0e", 0x01, 1, "the buzzer"),
    (b"\x06", 0xCD, 1, "most people since the last report"),
    (b"\x07\x08", 0xD5, 8, "people by region, who are in the count of all"),
    (b"\x05\x08\x0b\x0e", 0xCC, 4, "people over a line since the last report, who are in the totals"),
    (b"\x10", 0xF7, 4, "the same of a VS121"),
    (b"\x09\x0a\x0b\x0c", 0xDA, 8, "from which side to which people went"),
    (b"\x0e\x10\x1e", 0xE4, 5, "how long people stayed"),
    (b"\x11\x12\x14\x15\x17\x18\x1a\x1b", 0xD2, 4, "children over a line"),
    (b"\x13\x16\x19\x1c", 0xCC, 4, "children over a line"),
    (b"\x1d", 0xE3, 4, "children by region"),
    (b"\x0f", 0x85, 4, "the device's own clock"),
    (b"\x50", 0xFC, 3, "its view is blocked"),
    (b"\x83", 0x67, 3, "an alarm of temperature"),
    (b"\x86", 0x9D, 3, "an alarm of light"),
    (b"\x87", 0x7D, 3, "an alarm of CO2"),
    (b"\xb3", 0x67, 1, "temperature could not be measured"),
    (b"\xb4", 0x68, 1, "humidity could not be measured"),
    (b"\xb6", 0xCB, 1, "light could not be measured"),
    (b"\xb6", 0x9D, 1, "light could not be measured"),
    (b"\xb7", 0x7D, 1, "CO2 could not be measured"),
    (b"\xff", 0x01, 1, "protocol version"),
    (b"\xff", 0x09, 2, "hardware version"),
    (b"\xff", 0x0A, 2, "firmware version"),
    (b"\xff", 0x0B, 1, "it was switched on"),
    (b"\xff", 0x0F, 1, "LoRaWAN class"),
    (b"\xff", 0x16, 8, "serial number"),
    (b"\xff", 0x18, 2, "which sensors are on"),
    (b"\xff", 0x1F, 4, "firmware version"),
    (b"\xff", 0xFE, 1, "it was reset"),
    (b"\xff", 0xFF, 2, "version of its tables"),
)

#: Behind these come numbers of the past, or the answer to a command; their lengths depend on the model.
HISTORY = (b"\x20\xce", b"\x21\xce")
ANSWERS = b"\xf8\xf9\xfe\xff"

_PASSED_OVER = {
    bytes([channel, kind]): length for channels, kind, length, _ in PASSED_OVER for channel in channels
}


def decode(payload: bytes) -> Found:
    """The numbers in a payload; `BadFrame` names the channel and type that are not known, or cut short."""
    return read_values(payload, 2, KEPT, _PASSED_OVER, lambda head: head in HISTORY or head[0] in ANSWERS)
