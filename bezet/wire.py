# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""THE CONTRACT: topic and payload ⇄ message. Closed and versioned; docs/contract.md is drawn from it.

A message is refused (`BadMessage`) when a field is missing, unknown, doubled, of another type or outside its
bounds, so that nothing but the numbers agreed on can leave a device. No bytes raise anything else.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bezet.checks import (
    Field,
    Wrong,
    checked,
    choice,
    integer,
    many,
    named,
    number,
    or_null,
    pair,
    record,
    shown,
    text,
    truth,
)
from bezet.errors import BadMessage, Cause
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
from bezet.model import KINDS, Because, Kind, Occupancy, Reading, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The messages are half of the contract; who speaks it needs this one file.
__all__ = [
    "Batch",
    "Clock",
    "Demand",
    "Health",
    "Live",
    "Message",
    "Need",
    "Receipt",
    "Refusal",
    "SensorState",
    "Trouble",
    "decode",
    "encode",
    "topic_filter",
]

VERSION = "v1"
MAX_PAYLOAD_BYTES = 65_536
MAX_READINGS = 500
MAX_STATES = 500
MAX_RANGES = 1_000
#: Readings from before 2000 come from a clock that was never set.
T_MIN_MS = 946_684_800_000
T_MAX_MS = 4_102_444_800_000
#: How far ahead of a trusted clock a message may be before it is refused.
FUTURE_MS = 5 * 60_000

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
BOOT = re.compile(r"[0-9a-f]{16}")
SOFTWARE = re.compile(r"[0-9][0-9a-z.+-]{0,31}")


# --- the tables -------------------------------------------------------------------------------------------

_INSTANT = integer(T_MIN_MS, T_MAX_MS)
_COUNT = integer(0, 2**53)
_SEQ = integer(1, 2**53)
_PEOPLE = or_null(number(0, 10_000))

READING = (
    Field("t", _INSTANT, "when it was measured, milliseconds since 1970 UTC"),
    Field("sensor", text(ID), "which sensor of the device"),
    Field("kind", choice(Kind), "what was measured, with its unit"),
    Field("value", number(-1e9, 1e9), "the number, inside the bounds of its kind"),
)

STATE = (
    Field("t", _INSTANT, "the instant this statement is about"),
    Field("occupancy", choice(Occupancy), "what the zone is"),
    Field("people", _PEOPLE, "estimate of the people in it, null where nothing counts"),
    Field("people_low", _PEOPLE, "lower end of the 90 % interval"),
    Field("people_high", _PEOPLE, "upper end of the 90 % interval"),
    Field("probability", number(0, 1), "that somebody is there"),
    Field("since", _INSTANT, "since when it is so"),
    Field("because", many(choice(Because), len(Because)), "the evidence in force"),
    Field("rule", text(ID), "the version of the rules that made it"),
)


def _make_reading(t: int, sensor: str, kind: Kind, value: float) -> Reading:
    bounds = KINDS[kind]
    if not bounds.low <= value <= bounds.high:
        raise Wrong(f"value: {value:g} is outside {bounds.low:g} to {bounds.high:g} for {kind}")
    return Reading(t, sensor, kind, value)


def _make_state(t: int, since: int, **rest: Any) -> State:
    if since > t:
        raise Wrong(f"since: {since} is after t {t}")
    return State(t_ms=t, since_ms=since, **rest)


BATCH = (
    Field("seq", _SEQ, "number of the message, unique within one boot"),
    Field("boot", text(BOOT), "random name of one start of the agent"),
    Field("clock", choice(Clock), "whether the sender trusted its clock"),
    Field("readings", many(record(READING, _make_reading, "reading"), MAX_READINGS), "what was measured"),
    Field("states", many(record(STATE, _make_state, "state"), MAX_STATES), "what the agent concluded"),
)

HEALTH = (
    Field("t", _INSTANT, "when this was said"),
    Field("boot", text(BOOT), "random name of one start of the agent"),
    Field("online", truth(), "false in the last will, which the broker sends for a dead agent"),
    Field("uptime_s", _COUNT, "seconds since the agent started"),
    Field("queued", _COUNT, "messages on disk that the store has not committed yet"),
    Field("refused", _COUNT, "messages the outbox had to refuse, oldest first"),
    Field("clock", choice(Clock), "whether the agent trusts its clock"),
    Field("sensors", named(ID, choice(SensorState), 256), "each sensor and how it is doing"),
    Field("troubles", many(choice(Trouble), len(Trouble)), "what is wrong"),
    Field("version", text(SOFTWARE), "version of the agent"),
)

_RANGE = pair(_SEQ, _SEQ)
_REFUSED = pair(_SEQ, _SEQ, choice(Cause))
RECEIPT = (
    Field("boot", text(BOOT), "the boot that the numbers belong to"),
    Field("ranges", many(_RANGE, MAX_RANGES), "[first, last] seq committed in the store"),
    Field("refused", many(_REFUSED, MAX_RANGES), "[first, last, cause] seq that were refused and why"),
)


DEMAND = (
    Field("t", _INSTANT, "when this was said; after 15 minutes it counts for nothing"),
    Field("need", choice(Need), "what the space needs"),
    Field("people", _PEOPLE, "estimate of the people in it, null where nothing counts"),
    Field("people_low", _PEOPLE, "lower end of the 90 % interval"),
    Field("people_high", _PEOPLE, "upper end of the 90 % interval"),
    Field("since", or_null(_INSTANT), "since when; null of a space for one person, and where it is unknown"),
    Field("until", or_null(_INSTANT), "of `expected`: when the booking begins, or ends if it has begun"),
)


def _make_demand(t: int, since: int | None, until: int | None, **rest: Any) -> Demand:
    return Demand(t_ms=t, since_ms=since, until_ms=until, **rest)


def _make_receipt(boot: str, ranges: Any, refused: Any, **place: str) -> Receipt:
    for first, last, *_ in (*ranges, *refused):
        if first > last:
            raise Wrong(f"range {first} to {last} runs backwards")
    return Receipt(boot=boot, ranges=ranges, refused=tuple(Refusal(*one) for one in refused), **place)


def _make_live(site: str, device: str, space: str, **state: Any) -> Live:
    return Live(site, device, space, _make_state(**state))


def _make_health(t: int, **rest: Any) -> Health:
    return Health(t_ms=t, **rest)


class Topic(NamedTuple):
    """One row of the contract: the topic's levels, whether it is retained, and what it carries."""

    levels: tuple[str, ...]
    retained: bool
    fields: tuple[Field, ...]
    make: Callable[..., Message]
    meaning: str


TOPICS: Mapping[str, Topic] = {
    "readings": Topic(
        ("site", "device", "space"),
        retained=False,
        fields=BATCH,
        make=Batch,
        meaning="a batch of readings and of the states drawn from them; repeated until its receipt comes",
    ),
    "state": Topic(
        ("site", "device", "space"),
        retained=True,
        fields=STATE,
        make=_make_live,
        meaning="the newest state of the zone, for live pages",
    ),
    "health": Topic(
        ("site", "device"),
        retained=True,
        fields=HEALTH,
        make=_make_health,
        meaning="how the agent is doing; its last will says that it is gone",
    ),
    "receipt": Topic(
        ("site", "device"),
        retained=False,
        fields=RECEIPT,
        make=_make_receipt,
        meaning="from the collector: what is committed in the store, and what was refused",
    ),
    "demand": Topic(
        ("site", "space"),
        retained=True,
        fields=DEMAND,
        make=_make_demand,
        meaning="from the window, where a site asks for it: what a space needs of the building",
    ),
}

_CHECKS = {name: {field.name: field.check.run for field in row.fields} for name, row in TOPICS.items()}
_ORDER = {name: tuple(field.name for field in row.fields) for name, row in TOPICS.items()}


# --- bytes to message -------------------------------------------------------------------------------------


def decode(topic: str, payload: bytes) -> Message:
    """Read one message, or raise `BadMessage` with the cause and what was wrong."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise BadMessage(Cause.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} are allowed")
    name, place = _read_topic(topic)
    found = _read_json(payload)
    try:
        return TOPICS[name].make(**place, **checked(found, _CHECKS[name]))
    except Wrong as wrong:
        raise BadMessage(wrong.cause, wrong.what, *_identity(found)) from None


def _read_topic(topic: str) -> tuple[str, dict[str, str]]:
    root, _, rest = topic.partition("/")
    version, _, path = rest.partition("/")
    if root != "bezet":
        raise BadMessage(Cause.BAD_TOPIC, f"topic {shown(topic)} does not start with bezet/")
    if version != VERSION:
        raise BadMessage(Cause.UNKNOWN_VERSION, f"version {shown(version)}, this is {VERSION}")
    *levels, name = path.split("/")
    row = TOPICS.get(name)
    if row is None or len(levels) != len(row.levels) or not all(map(ID.fullmatch, levels)):
        raise BadMessage(Cause.BAD_TOPIC, f"topic {shown(topic)} is not in the contract")
    return name, dict(zip(row.levels, levels, strict=True))


def _read_json(payload: bytes) -> Any:
    try:
        return _JSON.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise BadMessage(Cause.NOT_JSON, f"{error} in {shown(payload)}") from None


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def _no_constants(word: str) -> Any:
    raise ValueError(f"{word} is not a number")


_JSON = json.JSONDecoder(object_pairs_hook=_no_doubles, parse_constant=_no_constants)


def _identity(found: Any) -> tuple[str | None, int | None]:
    """Boot and seq of a bad message, where they can be read."""
    try:
        return BATCH[1].check.run(found["boot"]), BATCH[0].check.run(found["seq"])
    except (Wrong, KeyError, TypeError):
        return None, None


# --- message to bytes -------------------------------------------------------------------------------------


def encode(message: Message) -> tuple[str, bytes]:
    """Topic and payload of a message; the caller keeps within the bounds that `decode` checks."""
    name, fields = _fields(message)
    row = TOPICS[name]
    levels = "/".join(getattr(message, level) for level in row.levels)
    ordered = {key: fields[key] for key in _ORDER[name]}
    payload = json.dumps(ordered, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return f"bezet/{VERSION}/{levels}/{name}", payload.encode()


def _fields(message: Message) -> tuple[str, dict[str, Any]]:
    match message:
        case Batch():
            readings = [_reading_fields(one) for one in message.readings]
            states = [_state_fields(one) for one in message.states]
            return "readings", {
                **_plain(message, "seq", "boot", "clock"),
                "readings": readings,
                "states": states,
            }
        case Live():
            return "state", _state_fields(message.state)
        case Health():
            names = (name for name in _ORDER["health"] if name != "t")
            return "health", {"t": message.t_ms, **_plain(message, *names)}
        case Receipt():
            return "receipt", _plain(message, "boot", "ranges", "refused")
        case Demand():
            people = _plain(message, "need", "people", "people_low", "people_high")
            times = {"t": message.t_ms, "since": message.since_ms, "until": message.until_ms}
            return "demand", {**people, **times}


def _plain(message: Message, *names: str) -> dict[str, Any]:
    return {name: getattr(message, name) for name in names}


def _reading_fields(reading: Reading) -> dict[str, Any]:
    return {
        "t": reading.t_ms,
        "sensor": reading.sensor,
        "kind": reading.kind,
        "value": _short(reading.value),
    }


def _state_fields(state: State) -> dict[str, Any]:
    return {
        "t": state.t_ms,
        "occupancy": state.occupancy,
        "people": state.people,
        "people_low": state.people_low,
        "people_high": state.people_high,
        "probability": state.probability,
        "since": state.since_ms,
        "because": state.because,
        "rule": state.rule,
    }


def _short(number: float) -> float:
    """Whole numbers without their `.0`: a third of the bytes of a typical batch."""
    return int(number) if number.is_integer() and math.fabs(number) < 2**53 else number


# --- topics to subscribe to -------------------------------------------------------------------------------


def topic_filter(name: str, site: str, device: str = "+") -> str:
    """The MQTT filter for one row of the contract; every space of the device, every device by default."""
    levels = {"site": site, "device": device, "space": "+"}
    return "/".join(["bezet", VERSION, *(levels[level] for level in TOPICS[name].levels), name])
