# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live board: what every space is now, from what the agents said last. No I/O; `now_ms` is an argument.

A zone counts only while its device is online with a trusted clock and its state is at most `STALE_MS` old.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from api.calendars.bookings import NEVER_MS, Bookings
from bezet import wire
from bezet.errors import Cause
from bezet.model import Because, Occupancy
from bezet.occupancy.zones import merge
from bezet.retention import local_day
from bezet.wire import Clock, Health, Live

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from api.calendars.bookings import Booked
    from bezet.model import Building, Layout, Space, State
    from bezet.usage.air import AirClass

#: Agents repeat their live state every 30 s; after three of those were missed, it says nothing any more.
STALE_MS = 90_000
#: What was sensed of a room counts for so long; it is looked at each minute.
SENSED_MS = 5 * 60_000
#: A space for so many people shows free or occupied, never since when.
PRIVATE_CAPACITY = 1
#: The history of a space for fewer people would be the history of a person.
MIN_CAPACITY = 5


class Shown(StrEnum):
    """What a page shows of a space."""

    FREE = "free"
    OCCUPIED = "occupied"
    UNKNOWN = "unknown"
    NOT_MEASURED = "notMeasured"


class Reason(StrEnum):
    """Why a space is unknown; where zones differ, the first of this list is said."""

    LINK = "link"
    NO_SENSOR = "noSensor"
    OFFLINE = "offline"
    CLOCK = "clock"
    STALE = "stale"
    SILENCE = "silence"
    FAULT = "fault"
    EVIDENCE = "evidence"


#: Why an agent itself says that it does not know; anything else is weak evidence.
_AGENT_REASONS: Mapping[Because, Reason] = {
    Because.CLOCK: Reason.CLOCK,
    Because.SILENCE: Reason.SILENCE,
    Because.SENSOR_FAULT: Reason.FAULT,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a zone or device said last, with the instant from which its age counts."""

    heard_ms: int

    def age_ms(self, now_ms: int) -> int:
        """How old the word is; never negative."""
        return max(0, now_ms - self.heard_ms)


@dataclass(frozen=True, slots=True)
class HeardState(Heard):
    """The newest state of a zone."""

    state: State


@dataclass(frozen=True, slots=True)
class HeardHealth(Heard):
    """The newest health of a device."""

    health: Health


@dataclass(frozen=True, slots=True)
class Sensed:
    """What stored readings say of a room lately; None where no sensor says it.

    `co2_ppm` is the mean of a quarter of an hour, `air` its class, `av_is_on` the last word of any device.
    """

    co2_ppm: float | None = None
    air: AirClass | None = None
    av_is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class SpaceNow:
    """What a space is now. `as_of_ms` is the time of the data it rests on, None if there never were any."""

    space: Space
    floor_name: str
    layout: Layout
    shown: Shown
    people: float | None = None
    people_low: float | None = None
    people_high: float | None = None
    probability: float | None = None
    since_ms: int | None = None
    as_of_ms: int | None = None
    because: tuple[Because, ...] = ()
    reason: Reason | None = None
    booked: Booked | None = None
    sensed: Sensed = Sensed()


class Board:
    """Hears the agents of one building and answers what its spaces are."""

    def __init__(self, building: Building, bookings: Bookings | None = None) -> None:
        self.building = building
        self._bookings = Bookings() if bookings is None else bookings
        self.refused: Counter[Cause] = Counter()
        self.link_is_up = False
        self.link_since_ms: int | None = None
        self._floors = {floor.id: floor.name for floor in building.floors}
        self._zones: defaultdict[str, dict[str, HeardState]] = defaultdict(dict)
        self._devices: dict[str, HeardHealth] = {}
        self._sensed: dict[str, tuple[int, Sensed]] = {}
        self._asked: dict[str, SpaceNow] = {}
        self._stirred = set(building.spaces)
        self._due_ms: dict[str, int] = {}
        self._day: date | None = None

    # --- what happens to it ---

    def hear(self, message: Live | Health, now_ms: int) -> None:
        """Take a message of an agent; one that cannot be true or is of elsewhere is counted, no more."""
        if message.site != self.building.site:
            self.refused[Cause.UNKNOWN_SPACE] += 1
        elif isinstance(message, Health):
            # A last will was written when its agent connected, so that the order of arrival counts, not `t`.
            self._devices[message.device] = HeardHealth(min(message.t_ms, now_ms), message)
            self._stir_device(message.device)
        else:
            self._hear_state(message, now_ms)

    def _hear_state(self, live: Live, now_ms: int) -> None:
        space = self.building.spaces.get(live.space)
        if space is None or not space.measured:
            self.refused[Cause.UNKNOWN_SPACE] += 1
        elif live.state.t_ms > now_ms + wire.FUTURE_MS:
            self.refused[Cause.FUTURE] += 1
        else:
            held = self._zones[live.space].get(live.device)
            if held is None or live.state.t_ms >= held.state.t_ms or held.age_ms(now_ms) > STALE_MS:
                self._zones[live.space][live.device] = _heard(live.state, now_ms)
                self._stirred.add(live.space)

    def refuse(self, cause: Cause) -> None:
        """Count bytes that were no message."""
        self.refused[cause] += 1

    def forget(self, device: str, space: str | None = None) -> None:
        """Somebody cleared a device's retained health, or its retained state of a space: it is retired."""
        if space is None:
            self._devices.pop(device, None)
            self._stir_device(device)
        elif space in self.building.spaces:
            self._zones[space].pop(device, None)
            self._stirred.add(space)

    def link_changed(self, *, is_up: bool, now_ms: int) -> None:
        """The link to the agents came or went."""
        if is_up != self.link_is_up or self.link_since_ms is None:
            self.link_is_up, self.link_since_ms = is_up, now_ms
            self._stirred.update(self.building.spaces)

    def sense(self, space: str, sensed: Sensed, now_ms: int) -> None:
        """Somebody looked at what is stored of a space."""
        self._sensed[space] = now_ms, sensed
        self._stirred.add(space)

    def stir(self, space: str) -> None:
        """Something is known of a space that no agent said."""
        self._stirred.add(space)

    def _stir_device(self, device: str) -> None:
        self._stirred.update(space for space, zones in self._zones.items() if device in zones)

    # --- what it answers ---

    def space(self, space_id: str, now_ms: int) -> SpaceNow:
        """What one space is; KeyError if there is none of that id."""
        space = self.building.spaces[space_id]
        day = local_day(now_ms, self.building.timezone)
        floor_name = self._floors.get(space.floor, space.floor)
        layout = space.layout_on(day)
        booked = self._bookings.at(space_id, now_ms) if layout.capacity > PRIVATE_CAPACITY else None
        plain = SpaceNow(space, floor_name, layout, Shown.UNKNOWN, booked=booked)
        # Air and AV tell when somebody came, and of so few that is a person.
        if layout.capacity >= MIN_CAPACITY:
            plain = replace(plain, sensed=self._lately(space_id, now_ms))
        if not space.measured:
            return replace(plain, shown=Shown.NOT_MEASURED)
        zones = self._zones.get(space_id)
        if not zones:
            return replace(plain, reason=Reason.NO_SENSOR if self.link_is_up else Reason.LINK)
        doubts = {device: self._doubt(device, heard, now_ms) for device, heard in zones.items()}
        trusted = [heard for device, heard in zones.items() if doubts[device] is None]
        merged = merge([one.state for one in trusted], now_ms)
        reasons = [reason for reason in doubts.values() if reason]
        if reasons and merged.occupancy is not Occupancy.OCCUPIED:
            last_ms = max(one.heard_ms for one in zones.values())
            return replace(plain, reason=min(reasons, key=[*Reason].index), as_of_ms=last_ms)
        return _known(plain, merged, trusted, every_zone_counts=not reasons)

    def _lately(self, space_id: str, now_ms: int) -> Sensed:
        looked_ms, sensed = self._sensed.get(space_id, (0, Sensed()))
        return sensed if now_ms - looked_ms <= SENSED_MS else Sensed()

    def spaces(self, now_ms: int) -> list[SpaceNow]:
        """What every space is, in the order of the building file."""
        return [self.space(space_id, now_ms) for space_id in self.building.spaces]

    def changed(self, now_ms: int) -> list[SpaceNow]:
        """The spaces that are not what they were when this was last asked.

        Looked at are those of which something was heard, those whose time has come, and all on another day.
        """
        day = local_day(now_ms, self.building.timezone)
        if day != self._day:
            self._day = day
            self._stirred.update(self.building.spaces)
        self._stirred.update(space for space, due_ms in self._due_ms.items() if due_ms <= now_ms)
        looked_at = [space for space in self.building.spaces if space in self._stirred]
        self._stirred.clear()
        found = {space: self.space(space, now_ms) for space in looked_at}
        self._due_ms.update({space: self._turns_ms(space, now_ms) for space in looked_at})
        changed = [one for space, one in found.items() if self._asked.get(space) != one]
        self._asked.update({one.space.id: one for one in changed})
        return changed

    def next_change_ms(self, now_ms: int) -> int | None:
        """The first instant after now at which a space changes by itself, of those that were looked at."""
        return min((due_ms for due_ms in self._due_ms.values() if now_ms < due_ms < NEVER_MS), default=None)

    def _turns_ms(self, space: str, now_ms: int) -> int:
        ends_ms = (one.heard_ms + STALE_MS + 1 for one in self._zones.get(space, {}).values())
        stale_ms = min((end_ms for end_ms in ends_ms if end_ms > now_ms), default=NEVER_MS)
        if space in self._sensed and (forgotten_ms := self._sensed[space][0] + SENSED_MS + 1) > now_ms:
            stale_ms = min(stale_ms, forgotten_ms)
        return min(stale_ms, self._bookings.changes_ms(space, now_ms))

    def devices(self) -> Iterator[tuple[str, HeardHealth | None, list[str]]]:
        """Every device that ever spoke, by name: its health, if it told, and its spaces."""
        names = {device for zones in self._zones.values() for device in zones} | set(self._devices)
        for name in sorted(names):
            yield name, self._devices.get(name), [id_ for id_, zones in self._zones.items() if name in zones]

    def last_word_ms(self, device: str) -> int:
        """When a device of `devices` last said anything, of itself or of a space."""
        words: list[Heard] = [zones[device] for zones in self._zones.values() if device in zones]
        if device in self._devices:
            words.append(self._devices[device])
        return max(one.heard_ms for one in words)

    def _doubt(self, device: str, heard: HeardState, now_ms: int) -> Reason | None:
        """Why what this zone said does not count now; None where it counts."""
        word = self._devices.get(device)
        if word is None or not word.health.online:
            # A broker that ends tells of everybody that they are gone: without it nobody knows.
            return Reason.OFFLINE if self.link_is_up else Reason.LINK
        if word.health.clock is not Clock.TRUSTED:
            return Reason.CLOCK
        if heard.age_ms(now_ms) > STALE_MS:
            return Reason.STALE if self.link_is_up else Reason.LINK
        if heard.state.occupancy is Occupancy.UNKNOWN:
            found = (_AGENT_REASONS.get(because) for because in heard.state.because)
            return next((reason for reason in found if reason), Reason.EVIDENCE)
        return None


def _heard(state: State, now_ms: int) -> HeardState:
    """A state whose clock may run ahead of ours: nothing of it is later than now."""
    heard_ms = min(state.t_ms, now_ms)
    return HeardState(heard_ms, replace(state, since_ms=min(state.since_ms, heard_ms)))


def _known(
    plain: SpaceNow, merged: State, trusted: Sequence[HeardState], *, every_zone_counts: bool
) -> SpaceNow:
    """A space that is free or occupied. It rests on the newest word for occupied, for free on the oldest."""
    deciding_ms = [one.heard_ms for one in trusted if one.state.occupancy is merged.occupancy]
    return replace(
        plain,
        shown=Shown(merged.occupancy),
        people=merged.people if every_zone_counts else None,
        people_low=merged.people_low if every_zone_counts else None,
        people_high=merged.people_high if every_zone_counts else None,
        probability=merged.probability,
        since_ms=None if plain.layout.capacity <= PRIVATE_CAPACITY else merged.since_ms,
        as_of_ms=max(deciding_ms) if merged.occupancy is Occupancy.OCCUPIED else min(deciding_ms),
        because=merged.because,
    )
