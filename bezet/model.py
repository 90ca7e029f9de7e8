# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of the product as types: frozen, slotted, and with their units in their names.

Instants are whole milliseconds since 1970 UTC (`t_ms`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bezet.retention import DAY_MS, HOUR_MS, TERMS, local_day, months_before_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """What a reading measures; the name carries the unit."""

    MOTION = "motion"
    PRESENCE = "presence"
    MOVING_ENERGY_PCT = "moving_energy_pct"
    STILL_ENERGY_PCT = "still_energy_pct"
    TARGET_COUNT = "target_count"
    DOOR_OPEN = "door_open"
    PEOPLE_COUNT = "people_count"
    PEOPLE_IN = "people_in"
    PEOPLE_OUT = "people_out"
    FEEDBACK = "feedback"
    CO2_PPM = "co2_ppm"
    TEMPERATURE_C = "temperature_c"
    HUMIDITY_PCT = "humidity_pct"
    ILLUMINANCE_LUX = "illuminance_lux"
    POWER_W = "power_w"
    AV_STATE = "av_state"
    REACHABLE = "reachable"
    BATTERY_PCT = "battery_pct"


class Level(StrEnum):
    """What is kept equally long: two privacy classes of readings, and what was drawn from them."""

    PRESENCE = "presence"
    ENVIRONMENT = "environment"
    STATES = "states"
    FACTS = "facts"


class Range(NamedTuple):
    """The values a kind may take at all, both ends included; outside, a sensor or a message is broken.

    `level` is the privacy class: what is removed with it when its time has come. The number of an `is_event`
    kind tells how much happened since the last one; of the others, how it is now.
    """

    low: float
    high: float
    meaning: str
    level: Level = Level.ENVIRONMENT
    is_event: bool = False


KINDS: Mapping[Kind, Range] = {
    Kind.MOTION: Range(0, 1, "1 while something warm moves, 0 otherwise", Level.PRESENCE),
    Kind.PRESENCE: Range(0, 1, "1 while somebody is seen, moving or still, 0 otherwise", Level.PRESENCE),
    Kind.MOVING_ENERGY_PCT: Range(0, 100, "radar echo of what moves, per cent of its scale", Level.PRESENCE),
    Kind.STILL_ENERGY_PCT: Range(
        0, 100, "radar echo of what is still, per cent of its scale", Level.PRESENCE
    ),
    Kind.TARGET_COUNT: Range(0, 10, "targets that a radar tells apart at this instant", Level.PRESENCE),
    Kind.DOOR_OPEN: Range(0, 1, "1 while a door stands open, 0 otherwise", Level.PRESENCE),
    Kind.PEOPLE_COUNT: Range(0, 10_000, "people seen at this instant", Level.PRESENCE),
    Kind.PEOPLE_IN: Range(0, 10_000, "people who came in since the last word", Level.PRESENCE, is_event=True),
    Kind.PEOPLE_OUT: Range(0, 10_000, "people who left since the last word", Level.PRESENCE, is_event=True),
    Kind.FEEDBACK: Range(-1, 1, "a button was pressed: 1 good, 0 so-so, -1 bad", is_event=True),
    Kind.CO2_PPM: Range(0, 100_000, "carbon dioxide, parts per million"),
    Kind.TEMPERATURE_C: Range(-60, 125, "air temperature, degrees Celsius"),
    Kind.HUMIDITY_PCT: Range(0, 100, "relative humidity, per cent"),
    Kind.ILLUMINANCE_LUX: Range(0, 200_000, "light, lux"),
    Kind.POWER_W: Range(-10_000, 100_000, "electrical power of an AV device, watt"),
    Kind.AV_STATE: Range(0, 3, "an AV device: 0 off, 1 standby, 2 on, 3 in use"),
    Kind.REACHABLE: Range(0, 1, "1 while a device answers on the network, 0 otherwise"),
    Kind.BATTERY_PCT: Range(0, 100, "charge of the sensor's own battery, per cent"),
}


#: The kinds that tell of people, and are kept for the shortest time.
PRESENCE_KINDS = frozenset(kind for kind, bounds in KINDS.items() if bounds.level is Level.PRESENCE)


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """One number from one sensor at one instant.

    With the site, space and device it came from, (sensor, kind, t_ms) is its identity: written twice, it
    is there once.
    """

    t_ms: int
    sensor: str
    kind: Kind
    value: float


class Occupancy(StrEnum):
    """What a space is. Unknown is not free."""

    OCCUPIED = "occupied"
    FREE = "free"
    UNKNOWN = "unknown"


class Because(StrEnum):
    """The evidence or the lack of it behind a state; a closed list, so that no free text leaves a device."""

    MOTION = "motion"
    PRESENCE = "presence"
    TARGET_COUNT = "target_count"
    DOOR_OPEN = "door_open"
    DOORWAY = "doorway"
    PEOPLE_COUNT = "people_count"
    CO2_PPM = "co2_ppm"
    ILLUMINANCE_LUX = "illuminance_lux"
    SILENCE = "silence"
    SENSOR_FAULT = "sensor_fault"
    WEAK_EVIDENCE = "weak_evidence"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class State:
    """What a space is at an instant, how sure we are, since when, and because of which evidence.

    `people` is None where nothing counts people; `low` and `high` then are None too.
    """

    t_ms: int
    occupancy: Occupancy
    probability: float
    since_ms: int
    because: tuple[Because, ...]
    rule: str
    people: float | None = None
    people_low: float | None = None
    people_high: float | None = None


class Zone(NamedTuple):
    """What one device measures of one space; a space with several devices has several zones."""

    site: str
    space: str
    device: str


# --- the building ----------------------------------------------------------------------------------------


class SpaceKind(StrEnum):
    """What a space is meant for."""

    FOCUS = "focus"
    MEETING = "meeting"
    HYBRID = "hybrid"
    CREATIVE = "creative"
    SOCIAL = "social"
    DESKS = "desks"
    PHONE = "phone"


class AreaType(StrEnum):
    """How an area was measured (NEN 2580): net, gross or lettable floor area."""

    NVO = "NVO"
    BVO = "BVO"
    VVO = "VVO"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a space was from a date on: its kind, its capacity in people, and the name of the layout."""

    start: date
    kind: SpaceKind
    capacity: int
    name: str


#: Opening hours by weekday, 0 = Monday; a weekday that is missing is closed.
Hours = dict[int, tuple[time, time]]


@dataclass(frozen=True, slots=True)
class Space:
    """The unit that is measured. Layouts are sorted by date and never rewritten.

    `measured` is False for a space in privacy mode: nothing of it is recorded.
    """

    id: str
    name: str
    floor: str
    area_m2: float
    area_type: AreaType
    layouts: tuple[Layout, ...]
    polygon: tuple[tuple[float, float], ...] = ()
    hours: Hours | None = None
    measured: bool = True

    def layout_on(self, day: date) -> Layout:
        """The layout in force on `day`; before the first one, the first."""
        return max((one for one in self.layouts if one.start <= day), default=self.layouts[0], key=_start)


def _start(layout: Layout) -> date:
    return layout.start


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey of the site."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What allows a site to keep longer than was promised, until the end of the day `until` at the site."""

    reference: str
    until: date


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each level is kept; the months of the building are kept for ever."""

    presence_hours: int = TERMS["presence_hours"].promised
    environment_days: int = TERMS["environment_days"].promised
    states_days: int = TERMS["states_days"].promised
    facts_months: int = TERMS["facts_months"].promised
    agreement: Agreement | None = None

    def limits(self, now_ms: int, timezone: ZoneInfo) -> dict[Level, int]:
        """What is older than these instants, in ms, goes.

        What is longer than was promised counts only while the agreement lasts, what is shorter always.
        """
        agreement = self.agreement
        is_agreed = agreement is not None and local_day(now_ms, timezone) <= agreement.until

        def kept(key: str, asked: int) -> int:
            return asked if is_agreed else min(asked, TERMS[key].promised)

        facts_months = kept("facts_months", self.facts_months)
        return {
            Level.PRESENCE: now_ms - kept("presence_hours", self.presence_hours) * HOUR_MS,
            Level.ENVIRONMENT: now_ms - kept("environment_days", self.environment_days) * DAY_MS,
            Level.STATES: now_ms - kept("states_days", self.states_days) * DAY_MS,
            Level.FACTS: months_before_ms(now_ms, facts_months, timezone),
        }


class AirProfile(StrEnum):
    """Whose classes of CO2 the figures use; the classes are in bezet/usage/air.py."""

    FRISSE_SCHOLEN = "frisse-scholen"
    EN_16798_1 = "en-16798-1"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Air:
    """The CO2 profile of the site; `limits_ppm` are three that rise, for the custom profile only."""

    profile: AirProfile = AirProfile.FRISSE_SCHOLEN
    outdoor_ppm: float = 420.0
    limits_ppm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Building:
    """One site with its floors and spaces, as building.toml says."""

    site: str
    name: str
    timezone: ZoneInfo
    hours: Hours
    holidays: frozenset[date]
    floors: tuple[Floor, ...]
    spaces: Mapping[str, Space] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    air: Air = field(default_factory=Air)
