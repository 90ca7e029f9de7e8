# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The contract by example: messages with their bytes, and bytes that are no message with their cause.

Tests run the table both ways, and docs/contract.md shows it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from bezet.errors import Cause
from bezet.messages import (
    Batch,
    Clock,
    Demand,
    Health,
    Live,
    Message,
    Need,
    Receipt,
    Refusal,
    SensorState,
    Trouble,
)
from bezet.model import Because, Kind, Occupancy, Reading, State

BOOT = "6f1a2b3c4d5e6f70"
T_MS = 1_790_000_000_000

READINGS = "bezet/v1/townhall/pi-1/1.04/readings"
STATE = "bezet/v1/townhall/pi-1/1.04/state"
HEALTH = "bezet/v1/townhall/pi-1/health"
RECEIPT = "bezet/v1/townhall/pi-1/receipt"
DEMAND = "bezet/v1/townhall/1.04/demand"


class Example(NamedTuple):
    """A message and its bytes, which are the bytes that `encode` makes of it."""

    name: str
    topic: str
    payload: bytes
    message: Message


class Variant(NamedTuple):
    """Other bytes that mean the same as the example of that name."""

    name: str
    topic: str
    payload: bytes
    example: str


class Refused(NamedTuple):
    """Bytes that are no message, why, and the boot and seq that an answer needs, where they can be read."""

    name: str
    topic: str
    payload: bytes
    cause: Cause
    boot: str | None = None
    seq: int | None = None


# --- messages ---------------------------------------------------------------------------------------------

EXAMPLES = (
    Example(
        "a batch with one reading",
        READINGS,
        b'{"seq":41,"boot":"6f1a2b3c4d5e6f70","clock":"trusted","readings":'
        b'[{"t":1790000000000,"sensor":"co2-1","kind":"co2_ppm","value":812.5}],"states":[]}',
        Batch(
            "townhall",
            "pi-1",
            "1.04",
            BOOT,
            41,
            Clock.TRUSTED,
            (Reading(T_MS, "co2-1", Kind.CO2_PPM, 812.5),),
        ),
    ),
    Example(
        "a batch with a reading and the state drawn from it",
        READINGS,
        b'{"seq":42,"boot":"6f1a2b3c4d5e6f70","clock":"trusted","readings":'
        b'[{"t":1790000001000,"sensor":"pir","kind":"motion","value":1}],"states":'
        b'[{"t":1790000001000,"occupancy":"occupied","people":null,"people_low":null,"people_high":null,'
        b'"probability":0.982,"since":1790000001000,"because":["motion"],"rule":"first-1"}]}',
        Batch(
            "townhall",
            "pi-1",
            "1.04",
            BOOT,
            42,
            Clock.TRUSTED,
            (Reading(T_MS + 1000, "pir", Kind.MOTION, 1.0),),
            (State(T_MS + 1000, Occupancy.OCCUPIED, 0.982, T_MS + 1000, (Because.MOTION,), "first-1"),),
        ),
    ),
    Example(
        "a batch with every kind of reading",
        READINGS,
        b'{"seq":9007199254740992,"boot":"0000000000000000","clock":"trusted","readings":['
        b'{"t":946684800000,"sensor":"pir","kind":"motion","value":0},'
        b'{"t":1790000000000,"sensor":"radar","kind":"presence","value":1},'
        b'{"t":1790000000000,"sensor":"radar","kind":"moving_energy_pct","value":0},'
        b'{"t":1790000000000,"sensor":"radar","kind":"still_energy_pct","value":100},'
        b'{"t":1790000000000,"sensor":"radar","kind":"target_count","value":3},'
        b'{"t":1790000000000,"sensor":"door","kind":"door_open","value":1},'
        b'{"t":1790000000000,"sensor":"heat.left","kind":"people_count","value":12},'
        b'{"t":1790000000000,"sensor":"doorway","kind":"people_in","value":2},'
        b'{"t":1790000000000,"sensor":"doorway","kind":"people_out","value":0},'
        b'{"t":1790000000000,"sensor":"buttons","kind":"feedback","value":-1},'
        b'{"t":1790000000000,"sensor":"air","kind":"co2_ppm","value":100000},'
        b'{"t":1790000000000,"sensor":"air","kind":"temperature_c","value":-12.25},'
        b'{"t":1790000000000,"sensor":"air","kind":"humidity_pct","value":100},'
        b'{"t":1790000000000,"sensor":"lux","kind":"illuminance_lux","value":0.1},'
        b'{"t":4102444800000,"sensor":"wall_screen","kind":"power_w","value":-10000},'
        b'{"t":1790000000000,"sensor":"wall_screen","kind":"av_state","value":3},'
        b'{"t":1790000000000,"sensor":"codec","kind":"reachable","value":1},'
        b'{"t":1790000000000,"sensor":"pir","kind":"battery_pct","value":87.5}],"states":[]}',
        Batch(
            "townhall",
            "pi-1",
            "1.04",
            "0000000000000000",
            2**53,
            Clock.TRUSTED,
            (
                Reading(946_684_800_000, "pir", Kind.MOTION, 0.0),
                Reading(T_MS, "radar", Kind.PRESENCE, 1.0),
                Reading(T_MS, "radar", Kind.MOVING_ENERGY_PCT, 0.0),
                Reading(T_MS, "radar", Kind.STILL_ENERGY_PCT, 100.0),
                Reading(T_MS, "radar", Kind.TARGET_COUNT, 3.0),
                Reading(T_MS, "door", Kind.DOOR_OPEN, 1.0),
                Reading(T_MS, "heat.left", Kind.PEOPLE_COUNT, 12.0),
                Reading(T_MS, "doorway", Kind.PEOPLE_IN, 2.0),
                Reading(T_MS, "doorway", Kind.PEOPLE_OUT, 0.0),
                Reading(T_MS, "buttons", Kind.FEEDBACK, -1.0),
                Reading(T_MS, "air", Kind.CO2_PPM, 100_000.0),
                Reading(T_MS, "air", Kind.TEMPERATURE_C, -12.25),
                Reading(T_MS, "air", Kind.HUMIDITY_PCT, 100.0),
                Reading(T_MS, "lux", Kind.ILLUMINANCE_LUX, 0.1),
                Reading(4_102_444_800_000, "wall_screen", Kind.POWER_W, -10_000.0),
                Reading(T_MS, "wall_screen", Kind.AV_STATE, 3.0),
                Reading(T_MS, "codec", Kind.REACHABLE, 1.0),
                Reading(T_MS, "pir", Kind.BATTERY_PCT, 87.5),
            ),
        ),
    ),
    Example(
        "an empty batch from a device that does not trust its clock",
        "bezet/v1/a/b/c/readings",
        b'{"seq":1,"boot":"6f1a2b3c4d5e6f70","clock":"untrusted","readings":[],"states":[]}',
        Batch("a", "b", "c", BOOT, 1, Clock.UNTRUSTED),
    ),
    Example(
        "a state with people",
        STATE,
        b'{"t":1790000060000,"occupancy":"occupied","people":3.5,"people_low":2.0,"people_high":5.0,'
        b'"probability":0.995,"since":1790000000000,"because":["motion","people_count"],"rule":"first-1"}',
        Live(
            "townhall",
            "pi-1",
            "1.04",
            State(
                T_MS + 60_000,
                Occupancy.OCCUPIED,
                0.995,
                T_MS,
                (Because.MOTION, Because.PEOPLE_COUNT),
                "first-1",
                3.5,
                2.0,
                5.0,
            ),
        ),
    ),
    Example(
        "a free space",
        STATE,
        b'{"t":1790000000000,"occupancy":"free","people":0.0,"people_low":null,"people_high":null,'
        b'"probability":0.018,"since":1790000000000,"because":["presence","target_count","door_open",'
        b'"doorway","co2_ppm","illuminance_lux","weak_evidence"],"rule":"first-1"}',
        Live(
            "townhall",
            "pi-1",
            "1.04",
            State(
                T_MS,
                Occupancy.FREE,
                0.018,
                T_MS,
                (
                    *(Because.PRESENCE, Because.TARGET_COUNT, Because.DOOR_OPEN, Because.DOORWAY),
                    *(Because.CO2_PPM, Because.ILLUMINANCE_LUX, Because.WEAK_EVIDENCE),
                ),
                "first-1",
                0.0,
            ),
        ),
    ),
    Example(
        "an unknown space",
        STATE,
        b'{"t":1790000000000,"occupancy":"unknown","people":null,"people_low":null,"people_high":null,'
        b'"probability":0.5,"since":1789999100000,"because":["silence","sensor_fault","clock"],'
        b'"rule":"first-1"}',
        Live(
            "townhall",
            "pi-1",
            "1.04",
            State(
                T_MS,
                Occupancy.UNKNOWN,
                0.5,
                T_MS - 900_000,
                (Because.SILENCE, Because.SENSOR_FAULT, Because.CLOCK),
                "first-1",
            ),
        ),
    ),
    Example(
        "a healthy agent",
        HEALTH,
        b'{"t":1790000000000,"boot":"6f1a2b3c4d5e6f70","online":true,"uptime_s":86400,"queued":2,"refused":0,'
        b'"clock":"trusted","sensors":{"co2-1":"ok","pir":"ok"},"troubles":[],"version":"0.1.0"}',
        Health(
            "townhall",
            "pi-1",
            T_MS,
            BOOT,
            online=True,
            uptime_s=86_400,
            queued=2,
            refused=0,
            clock=Clock.TRUSTED,
            sensors={"co2-1": SensorState.OK, "pir": SensorState.OK},
            troubles=(),
            version="0.1.0",
        ),
    ),
    Example(
        "an agent in trouble",
        HEALTH,
        b'{"t":1790000000000,"boot":"6f1a2b3c4d5e6f70","online":true,"uptime_s":0,"queued":9007199254740992,'
        b'"refused":17,"clock":"untrusted","sensors":{"air":"faulty","co2":"implausible","door":"absent",'
        b'"pir":"silent","pir-2":"stuck_on","pir-3":"stuck_off","pir-4":"never_triggered"},'
        b'"troubles":["outbox_full","disk_full","name_taken","clock_stepped","clock_unknown","refused"],'
        b'"version":"1.2.0rc1+g00"}',
        Health(
            "townhall",
            "pi-1",
            T_MS,
            BOOT,
            online=True,
            uptime_s=0,
            queued=2**53,
            refused=17,
            clock=Clock.UNTRUSTED,
            sensors={
                "air": SensorState.FAULTY,
                "co2": SensorState.IMPLAUSIBLE,
                "door": SensorState.ABSENT,
                "pir": SensorState.SILENT,
                "pir-2": SensorState.STUCK_ON,
                "pir-3": SensorState.STUCK_OFF,
                "pir-4": SensorState.NEVER_TRIGGERED,
            },
            troubles=tuple(Trouble),
            version="1.2.0rc1+g00",
        ),
    ),
    Example(
        "a last will",
        HEALTH,
        b'{"t":1790000000000,"boot":"6f1a2b3c4d5e6f70","online":false,"uptime_s":0,"queued":0,"refused":0,'
        b'"clock":"untrusted","sensors":{},"troubles":[],"version":"0.1.0"}',
        Health(
            "townhall",
            "pi-1",
            T_MS,
            BOOT,
            online=False,
            uptime_s=0,
            queued=0,
            refused=0,
            clock=Clock.UNTRUSTED,
            sensors={},
            troubles=(),
            version="0.1.0",
        ),
    ),
    Example(
        "a receipt for what is committed",
        RECEIPT,
        b'{"boot":"6f1a2b3c4d5e6f70","ranges":[[1,41],[43,43]],"refused":[]}',
        Receipt("townhall", "pi-1", BOOT, ((1, 41), (43, 43))),
    ),
    Example(
        "a receipt for what was refused",
        RECEIPT,
        b'{"boot":"6f1a2b3c4d5e6f70","ranges":[],"refused":'
        b'[[42,42,"future"],[44,46,"unknown_space"],[47,47,"bad_shape"],[48,48,"bad_value"],'
        b'[49,49,"too_large"],[50,50,"bad_topic"],[51,51,"unknown_version"],[52,9007199254740992,"not_json"]]}',
        Receipt(
            "townhall",
            "pi-1",
            BOOT,
            (),
            (
                Refusal(42, 42, Cause.FUTURE),
                Refusal(44, 46, Cause.UNKNOWN_SPACE),
                Refusal(47, 47, Cause.BAD_SHAPE),
                Refusal(48, 48, Cause.BAD_VALUE),
                Refusal(49, 49, Cause.TOO_LARGE),
                Refusal(50, 50, Cause.BAD_TOPIC),
                Refusal(51, 51, Cause.UNKNOWN_VERSION),
                Refusal(52, 2**53, Cause.NOT_JSON),
            ),
        ),
    ),
    Example(
        "a space that is used",
        DEMAND,
        b'{"t":1790000000000,"need":"occupied","people":3.2,"people_low":2,"people_high":5,'
        b'"since":1789999000000,"until":null}',
        Demand("townhall", "1.04", T_MS, Need.OCCUPIED, 3.2, 2, 5, 1789999000000),
    ),
    Example(
        "a space that is booked soon",
        DEMAND,
        b'{"t":1790000000000,"need":"expected","people":null,"people_low":null,"people_high":null,'
        b'"since":null,"until":1790001000000}',
        Demand("townhall", "1.04", T_MS, Need.EXPECTED, until_ms=1790001000000),
    ),
)

VARIANTS = (
    Variant(
        "spaces, line ends and another order of fields",
        RECEIPT,
        b'\r\n{ "refused" : [ ],\n\t"ranges": [ [1, 41],[43,43] ],\n "boot": "6f1a2b3c4d5e6f70" } ',
        "a receipt for what is committed",
    ),
    Variant(
        "escaped characters",
        RECEIPT,
        b'{"\\u0062oot":"6f1a2b3c4d5e6f7\\u0030","ranges":[[1,41],[43,43]],"refused":[]}',
        "a receipt for what is committed",
    ),
    Variant(
        "a number written in another way",
        READINGS,
        b'{"seq":41,"boot":"6f1a2b3c4d5e6f70","clock":"trusted","readings":'
        b'[{"t":1790000000000,"sensor":"co2-1","kind":"co2_ppm","value":8.125e2}],"states":[]}',
        "a batch with one reading",
    ),
)


# --- what is no message -----------------------------------------------------------------------------------


def _changed(example: str, **fields: Any) -> bytes:
    """The payload of an example with other fields; `...` takes a field away."""
    found: dict[str, Any] = json.loads(next(one.payload for one in EXAMPLES if one.name == example))
    for name, other in fields.items():
        if other is ...:
            del found[name]
        else:
            found[name] = other
    return json.dumps(found, separators=(",", ":")).encode()


def _batch(**fields: Any) -> bytes:
    return _changed("a batch with one reading", **fields)


def _reading(**fields: Any) -> bytes:
    found = {"t": T_MS, "sensor": "co2-1", "kind": "co2_ppm", "value": 812.5} | fields
    return _batch(readings=[{name: other for name, other in found.items() if other is not ...}])


def _state(**fields: Any) -> bytes:
    return _changed("a state with people", **fields)


def _health(**fields: Any) -> bytes:
    return _changed("a healthy agent", **fields)


def _demand(**fields: Any) -> bytes:
    return _changed("a space that is used", **fields)


def _receipt(**fields: Any) -> bytes:
    return _changed("a receipt for what is committed", **fields)


_GOOD = _batch()
_ONE_READING = {"t": T_MS, "sensor": "co2-1", "kind": "co2_ppm", "value": 812.5}
_ONE_STATE = {"t": T_MS, "occupancy": "free", "people": None, "people_low": None, "people_high": None}
_ONE_STATE |= {"probability": 0.1, "since": T_MS, "because": [], "rule": "first-1"}


def _answerable(name: str, payload: bytes, cause: Cause = Cause.BAD_SHAPE) -> Refused:
    """A bad batch that tells which one it is."""
    return Refused(name, READINGS, payload, cause, BOOT, 41)


REFUSED = (
    # --- size and JSON
    Refused("more than 64 KiB", READINGS, _GOOD + b" " * 65_536, Cause.TOO_LARGE),
    Refused("one byte more than 64 KiB", READINGS, _GOOD.ljust(65_537), Cause.TOO_LARGE),
    Refused("a megabyte of picture", READINGS, b"\xff\xd8\xff\xe0\x00\x10JFIF" * 100_000, Cause.TOO_LARGE),
    Refused("nothing", READINGS, b"", Cause.NOT_JSON),
    Refused("a small picture", READINGS, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", Cause.NOT_JSON),
    Refused("not JSON", READINGS, b"occupied", Cause.NOT_JSON),
    Refused("JSON cut short", READINGS, _GOOD[:-1], Cause.NOT_JSON),
    Refused("JSON and something behind it", READINGS, _GOOD + b"{}", Cause.NOT_JSON),
    Refused("invalid UTF-8", READINGS, _GOOD.replace(b"co2-1", b"co2-\xff"), Cause.NOT_JSON),
    Refused("UTF-16", READINGS, _GOOD.decode().encode("utf-16"), Cause.NOT_JSON),
    Refused("a byte order mark", READINGS, b"\xef\xbb\xbf" + _GOOD, Cause.NOT_JSON),
    Refused("NaN", READINGS, _GOOD.replace(b"812.5", b"NaN"), Cause.NOT_JSON),
    Refused("Infinity", READINGS, _GOOD.replace(b"812.5", b"Infinity"), Cause.NOT_JSON),
    Refused("-Infinity", READINGS, _GOOD.replace(b"812.5", b"-Infinity"), Cause.NOT_JSON),
    Refused("a field twice", READINGS, _GOOD.replace(b'"seq":41', b'"seq":41,"seq":42'), Cause.NOT_JSON),
    Refused(
        "a field of a reading twice",
        READINGS,
        _GOOD.replace(b'"value":812.5', b'"value":812.5,"value":1'),
        Cause.NOT_JSON,
    ),
    Refused("nested too deep", READINGS, b"[" * 65_000, Cause.NOT_JSON),
    Refused("objects nested too deep", READINGS, b'{"a":' * 13_000, Cause.NOT_JSON),
    Refused("a number of 60,000 digits", READINGS, _GOOD.replace(b"812.5", b"9" * 60_000), Cause.NOT_JSON),
    # --- topics
    Refused("another root", "other/v1/townhall/pi-1/1.04/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an empty topic", "", _GOOD, Cause.BAD_TOPIC),
    Refused("an unknown name", "bezet/v1/townhall/pi-1/1.04/frames", _GOOD, Cause.BAD_TOPIC),
    Refused("a level too few", "bezet/v1/townhall/pi-1/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("a level too many", "bezet/v1/townhall/pi-1/1.04/1/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an empty level", "bezet/v1/townhall//1.04/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an id with a capital", "bezet/v1/Townhall/pi-1/1.04/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an id with a space", "bezet/v1/townhall/pi 1/1.04/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an id that begins with a dot", "bezet/v1/townhall/../1.04/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an id beyond ASCII", "bezet/v1/townhall/pi-1/café/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an id of 65 characters", f"bezet/v1/townhall/{'p' * 65}/1.04/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("an id that ends a line", "bezet/v1/townhall/pi-1/1.04\n/readings", _GOOD, Cause.BAD_TOPIC),
    Refused("the root alone", "bezet", _GOOD, Cause.UNKNOWN_VERSION),
    Refused("a newer version", "bezet/v2/townhall/pi-1/1.04/readings", _GOOD, Cause.UNKNOWN_VERSION),
    Refused("a version with a capital", "bezet/V1/townhall/pi-1/1.04/readings", _GOOD, Cause.UNKNOWN_VERSION),
    Refused("no version", "bezet/townhall/pi-1/1.04/readings", _GOOD, Cause.UNKNOWN_VERSION),
    # --- shape
    Refused("a list", READINGS, b"[]", Cause.BAD_SHAPE),
    Refused("a number alone", READINGS, b"41", Cause.BAD_SHAPE),
    Refused("null", READINGS, b"null", Cause.BAD_SHAPE),
    Refused("an empty object", READINGS, b"{}", Cause.BAD_SHAPE),
    Refused("a state on the topic of readings", READINGS, _state(), Cause.BAD_SHAPE),
    _answerable("an unknown field", _batch(firmware=7)),
    _answerable("a picture in a field", _batch(image="/9j/4AAQSkZJRgABAQ")),
    _answerable("free text in a field", _batch(note="meeting of the works council")),
    _answerable("a missing field", _batch(clock=...)),
    _answerable("no list of states", _batch(states=...)),
    Refused("no seq", READINGS, _batch(seq=...), Cause.BAD_SHAPE),
    Refused("no boot", READINGS, _batch(boot=...), Cause.BAD_SHAPE),
    _answerable("an unknown field of a reading", _reading(mac="00:11:22:33:44:55")),
    _answerable("a missing field of a reading", _reading(kind=...)),
    _answerable("a reading that is a list", _batch(readings=[[T_MS, "co2-1", "co2_ppm", 812.5]])),
    _answerable("readings that are one reading", _batch(readings=_ONE_READING)),
    _answerable("text for a number", _reading(value="812.5")),
    _answerable("true for 1", _reading(kind="motion", value=True)),
    _answerable("null for a number", _reading(value=None)),
    _answerable("a list for a number", _reading(value=[812.5])),
    _answerable("a fraction for an instant", _reading(t=T_MS + 0.5)),
    _answerable("a whole number written as a fraction", _reading(t=float(T_MS))),
    _answerable("text for an instant", _reading(t="2026-09-21T14:13:20Z")),
    _answerable("a number for a sensor", _reading(sensor=1)),
    _answerable("a number for a kind", _reading(kind=3)),
    _answerable("true for a clock", _batch(clock=True)),
    Refused("true for seq 1", READINGS, _batch(seq=True), Cause.BAD_SHAPE),
    Refused('"1" for seq 1', READINGS, _batch(seq="1"), Cause.BAD_SHAPE),
    Refused("1.0 for seq 1", READINGS, _batch(seq=1.0), Cause.BAD_SHAPE),
    Refused("a number for a boot", READINGS, _batch(boot=6), Cause.BAD_SHAPE),
    # --- bounds
    Refused("seq 0", READINGS, _batch(seq=0), Cause.BAD_VALUE),
    Refused("a seq that a double cannot hold", READINGS, _batch(seq=2**53 + 1), Cause.BAD_VALUE),
    Refused("a seq of 4,000 digits", READINGS, _batch(seq=10**4000), Cause.BAD_VALUE),
    Refused("a boot that is too short", READINGS, _batch(boot="6f1a"), Cause.BAD_VALUE),
    Refused("a boot in capitals", READINGS, _batch(boot=BOOT.upper()), Cause.BAD_VALUE),
    _answerable("an unknown clock", _batch(clock="ntp"), Cause.BAD_VALUE),
    _answerable("an instant before 2000", _reading(t=0), Cause.BAD_VALUE),
    _answerable("an instant in seconds", _reading(t=T_MS // 1000), Cause.BAD_VALUE),
    _answerable("an instant after 2100", _reading(t=4_102_444_800_001), Cause.BAD_VALUE),
    _answerable("an instant of 4,000 digits", _reading(t=10**4000), Cause.BAD_VALUE),
    _answerable("an unknown kind", _reading(kind="bluetooth_devices"), Cause.BAD_VALUE),
    _answerable("a value outside its kind", _reading(kind="motion", value=2), Cause.BAD_VALUE),
    _answerable("negative people", _reading(kind="people_count", value=-1), Cause.BAD_VALUE),
    _answerable("a value too large for any kind", _reading(value=1e300), Cause.BAD_VALUE),
    _answerable("a value beyond a double", _GOOD.replace(b"812.5", b"1e999"), Cause.BAD_VALUE),
    _answerable("a value of 4,000 digits", _reading(value=10**4000), Cause.BAD_VALUE),
    _answerable("a sensor with a name of a person", _reading(sensor="Desk of Anna"), Cause.BAD_VALUE),
    _answerable("a sensor without a name", _reading(sensor=""), Cause.BAD_VALUE),
    _answerable("a sensor with half a character", _reading(sensor="\ud83d"), Cause.BAD_VALUE),
    _answerable("a sensor that ends a line", _reading(sensor="co2\n"), Cause.BAD_VALUE),
    _answerable("501 readings", _batch(readings=[_ONE_READING] * 501), Cause.BAD_VALUE),
    _answerable(
        "a state of a batch that began after its instant",
        _batch(states=[_ONE_STATE | {"since": T_MS + 1}]),
        Cause.BAD_VALUE,
    ),
    # --- state
    Refused("an unknown field of a state", STATE, _state(name="Anna"), Cause.BAD_SHAPE),
    Refused("a missing field of a state", STATE, _state(rule=...), Cause.BAD_SHAPE),
    Refused("text for people", STATE, _state(people="3"), Cause.BAD_SHAPE),
    Refused("null for a probability", STATE, _state(probability=None), Cause.BAD_SHAPE),
    Refused("one reason alone", STATE, _state(because="motion"), Cause.BAD_SHAPE),
    Refused("`since` after `t`", STATE, _state(since=T_MS + 60_001), Cause.BAD_VALUE),
    Refused("an unknown occupancy", STATE, _state(occupancy="busy"), Cause.BAD_VALUE),
    Refused("a reason in free text", STATE, _state(because=["Anna is there"]), Cause.BAD_VALUE),
    Refused(
        "more reasons than there are", STATE, _state(because=["motion"] * (len(Because) + 1)), Cause.BAD_VALUE
    ),
    Refused("a probability in per cent", STATE, _state(probability=99.5), Cause.BAD_VALUE),
    Refused("people beyond all bounds", STATE, _state(people=10_001), Cause.BAD_VALUE),
    # --- health
    Refused("an unknown field of health", HEALTH, _health(ip="192.0.2.7"), Cause.BAD_SHAPE),
    Refused("a missing field of health", HEALTH, _health(version=...), Cause.BAD_SHAPE),
    Refused("1 for true", HEALTH, _health(online=1), Cause.BAD_SHAPE),
    Refused("sensors as a list", HEALTH, _health(sensors=["pir"]), Cause.BAD_SHAPE),
    Refused("a sensor in an unknown state", HEALTH, _health(sensors={"pir": "tired"}), Cause.BAD_VALUE),
    Refused("a sensor with a name in capitals", HEALTH, _health(sensors={"PIR": "ok"}), Cause.BAD_VALUE),
    Refused("257 sensors", HEALTH, _health(sensors={f"s{n}": "ok" for n in range(257)}), Cause.BAD_VALUE),
    Refused("a trouble in free text", HEALTH, _health(troubles=["it rains in"]), Cause.BAD_VALUE),
    Refused("a negative number of messages", HEALTH, _health(queued=-1), Cause.BAD_VALUE),
    Refused("a version in free text", HEALTH, _health(version="my own"), Cause.BAD_VALUE),
    # --- receipt
    Refused("an unknown field of a receipt", RECEIPT, _receipt(t=T_MS), Cause.BAD_SHAPE),
    Refused("a missing field of a receipt", RECEIPT, _receipt(refused=...), Cause.BAD_SHAPE),
    Refused("a range of one number", RECEIPT, _receipt(ranges=[[1]]), Cause.BAD_SHAPE),
    Refused("a number for a range", RECEIPT, _receipt(ranges=[1]), Cause.BAD_SHAPE),
    Refused("a refusal without a cause", RECEIPT, _receipt(refused=[[1, 2]]), Cause.BAD_SHAPE),
    Refused("a range that runs backwards", RECEIPT, _receipt(ranges=[[2, 1]]), Cause.BAD_VALUE),
    Refused("a refusal that runs backwards", RECEIPT, _receipt(refused=[[2, 1, "future"]]), Cause.BAD_VALUE),
    Refused("a cause in free text", RECEIPT, _receipt(refused=[[1, 1, "no idea"]]), Cause.BAD_VALUE),
    # --- demand
    Refused("an unknown field of a demand", DEMAND, _demand(who="x"), Cause.BAD_SHAPE),
    Refused("a missing field of a demand", DEMAND, _demand(until=...), Cause.BAD_SHAPE),
    Refused("a need in free text", DEMAND, _demand(need="warm"), Cause.BAD_VALUE),
    Refused("fewer people than nobody", DEMAND, _demand(people=-1), Cause.BAD_VALUE),
    Refused("a demand of a device's space", "bezet/v1/townhall/pi-1/1.04/demand", _demand(), Cause.BAD_TOPIC),
    Refused("1,001 ranges", RECEIPT, _receipt(ranges=[[1, 1]] * 1_001), Cause.BAD_VALUE),
)
