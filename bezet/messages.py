# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What travels: the four messages of the contract as types. How they travel is bezet/wire.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.errors import Cause
    from bezet.model import Reading, State


class Clock(StrEnum):
    """Whether the sender trusted its clock when it spoke."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


class SensorState(StrEnum):
    """How a sensor is doing."""

    OK = "ok"
    SILENT = "silent"
    FAULTY = "faulty"
    ABSENT = "absent"
    STUCK_ON = "stuck_on"
    STUCK_OFF = "stuck_off"
    NEVER_TRIGGERED = "never_triggered"
    IMPLAUSIBLE = "implausible"


class Trouble(StrEnum):
    """What is wrong with an agent; a closed list."""

    OUTBOX_FULL = "outbox_full"
    DISK_FULL = "disk_full"
    NAME_TAKEN = "name_taken"
    CLOCK_STEPPED = "clock_stepped"
    CLOCK_UNKNOWN = "clock_unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of one zone and the states its agent drew from them: what must not be lost."""

    site: str
    device: str
    space: str
    boot: str
    seq: int
    clock: Clock
    readings: tuple[Reading, ...] = ()
    states: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """The newest state of one zone, retained by the broker for whoever comes later."""

    site: str
    device: str
    space: str
    state: State


@dataclass(frozen=True, slots=True)
class Health:
    """How an agent is doing. `online` False is its last will."""

    site: str
    device: str
    t_ms: int
    boot: str
    online: bool
    uptime_s: int
    queued: int
    refused: int
    clock: Clock
    sensors: Mapping[str, SensorState]
    troubles: tuple[Trouble, ...]
    version: str


class Need(StrEnum):
    """What a building system should do for a zone: nothing, make it ready, keep it well, or as it would."""

    EMPTY = "empty"
    EXPECTED = "expected"
    OCCUPIED = "occupied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a space needs of the building, as the window says it to other systems.

    `since_ms` is None where it is not told (a space for one person, or unknown); `until_ms` is when the
    booking begins that makes it expected, or ends if it has begun. People are None where nothing counts.
    """

    site: str
    space: str
    t_ms: int
    need: Need
    people: float | None = None
    people_low: float | None = None
    people_high: float | None = None
    since_ms: int | None = None
    until_ms: int | None = None


class Refusal(NamedTuple):
    """Messages `first` to `last` were refused because of `cause`; the sender sets them aside."""

    first: int
    last: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Receipt:
    """Which messages of one boot of a device are committed in the store, and which were refused."""

    site: str
    device: str
    boot: str
    ranges: tuple[tuple[int, int], ...] = ()
    refused: tuple[Refusal, ...] = ()


Message = Batch | Live | Health | Receipt | Demand
