# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stored readings, walked again as on the device: what they say of an instant, what cannot speak. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from bezet.messages import SensorState
from bezet.model import Kind, Level
from bezet.occupancy.course import Course
from bezet.occupancy.evidence import CO2_VALID_S, DOOR_VALID_S, EVIDENCE, LAMP_VALID_S
from bezet.occupancy.filter import grounds, suspicions
from bezet.occupancy.room import room_on
from bezet.occupancy.zones import GONE_MS, SPEAKS_MS, merge
from bezet.retention import local_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from api.why.asking import Question, Stored
    from bezet.model import Because, Occupancy, Reading, State
    from bezet.occupancy.belief import Belief
    from bezet.occupancy.room import Room
    from bezet.occupancy.voices import Ground
    from bezet.usage.columns import DeviceReading, DeviceState

#: After this long without a word no kind of evidence counts any more.
SILENT_MS = 1000 * max(CO2_VALID_S, DOOR_VALID_S, LAMP_VALID_S, *(row.valid_s for row in EVIDENCE.values()))
#: So long after the first readings, every sensor that reports has had its word.
WARM_MS = SILENT_MS
#: Evidence weaker than this, in log-odds, moves the probability by less than 2.5 points: it says neither.
LEAST_LOG_ODDS = 0.1
#: The slope of CO2 is drawn through so much time, with this many readings over this long at least.
SLOPE_MS, SLOPE_READINGS, SLOPE_LEAST_MS = 15 * 60_000, 3, 4 * 60_000
#: No device is known to be down.
NOBODY: Mapping[str, int] = {}


class Side(StrEnum):
    """What evidence speaks for."""

    FOR = "for"
    AGAINST = "against"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence in force, as `bezet.occupancy.voices.Ground`; None is what is not known or may not be told."""

    side: Side
    device: str
    sensor: str
    kind: Kind
    because: Because
    amount: float | None = None
    log_odds: float | None = None
    t_ms: int | None = None
    present_ms: int | None = None
    until_ms: int | None = None
    is_fading: bool = False
    slope_ppm_min: float | None = None


class Fault(NamedTuple):
    """What cannot speak: a sensor that is silent or not believed, or (with no sensor) a whole device."""

    device: str
    sensor: str
    how: SensorState
    since_ms: int | None


class Read:
    """The readings of a space, walked again to some instants."""

    def __init__(self, stored: Stored, room: Room, stops_ms: Sequence[int], kept_from_ms: int) -> None:
        self.kept_from_ms = kept_from_ms
        self._room = room
        self._rows = stored.readings
        self._beliefs: dict[tuple[str, int], Belief] = {}
        self._said_ms = _last_ms(stored.states)
        self._devices = sorted({row.device for row in stored.readings})
        for device in self._devices:
            mine = [row.reading for row in stored.readings if row.device == device]
            for stop_ms, belief in _walked(mine, room, stops_ms):
                self._beliefs[device, stop_ms] = belief

    def covers(self, t_ms: int) -> bool:
        """Whether the readings of presence of that time are still held."""
        return t_ms >= self.kept_from_ms + WARM_MS

    def evidence(self, t_ms: int, least: float = LEAST_LOG_ODDS) -> tuple[Evidence, ...]:
        """The evidence in force, the strongest first; none where the readings are gone.

        What is weaker than `least`, in log-odds, says neither.
        """
        if not self.covers(t_ms):
            return ()
        heard = [
            (device, ground)
            for device in self._devices
            if (device, t_ms) in self._beliefs and not self._is_silent(device, t_ms)
            for ground in grounds(self._beliefs[device, t_ms], self._room, t_ms)
        ]
        heard.sort(key=lambda one: -abs(one[1].log_odds))
        return tuple(_evidence(device, ground, self._rows, t_ms, least) for device, ground in heard)

    def faults(self, t_ms: int, stored: Stored, down_ms: Mapping[str, int]) -> Iterator[Fault]:
        """What cannot speak: silent devices, and of the others the sensors that are silent or disbelieved."""
        silent = {device: one for device, one in self._said_ms.items() if SPEAKS_MS <= t_ms - one < GONE_MS}
        measured_ms = {row.device: row.reading.t_ms for row in self._rows}
        for device, last_ms in {**silent, **down_ms}.items():
            yield Fault(device, "", SensorState.SILENT, max(last_ms, measured_ms.get(device, 0)))
        last_heard = {(row.device, row.reading.sensor): row.reading.t_ms for row in self._rows}
        for device in self._devices:
            if device in silent or device in down_ms or not self.covers(t_ms):
                continue
            told = next((one.sensors for one in reversed(stored.healths) if one.device == device), {})
            for (other, sensor), last_ms in sorted(last_heard.items()):
                how = SensorState.SILENT if t_ms - last_ms >= SILENT_MS else told.get(sensor, SensorState.OK)
                if other == device and how is not SensorState.OK:
                    yield Fault(device, sensor, how, last_ms if how is SensorState.SILENT else None)
            for sensor, how in sorted(suspicions(self._beliefs[device, t_ms], t_ms).items()):
                yield Fault(device, sensor, how, None)

    def otherwise(self, t_ms: int, said: State) -> Occupancy | None:
        """What the installed rules make of the readings, where it is not what was said."""
        speaking = [one for one in self._devices if not self._is_silent(one, t_ms)]
        made = [belief.said for one in speaking if (belief := self._beliefs[one, t_ms]).said is not None]
        if not made or len(speaking) < len(self._said_ms) or not self.covers(t_ms):
            return None
        again = merge([one for one in made if one is not None], t_ms).occupancy
        return None if again is said.occupancy else again

    def _is_silent(self, device: str, t_ms: int) -> bool:
        """Whether it had not said what its zone is for too long, of a time that is asked or one before it."""
        last_ms = self._said_ms.get(device)
        return last_ms is not None and t_ms - last_ms >= SPEAKS_MS


def walk_again(question: Question, stored: Stored, changes_ms: Sequence[int]) -> Read:
    """The readings walked again to these instants, in order of time, and then to the one that is asked."""
    building, at_ms = question.building, question.at_ms
    kept_from_ms = building.retention.limits(question.now_ms, building.timezone)[Level.PRESENCE]
    room = room_on(question.space, local_day(at_ms, building.timezone))
    return Read(stored, room, [*changes_ms, at_ms], kept_from_ms)


def _last_ms(states: Iterable[DeviceState]) -> dict[str, int]:
    """When each device last said what its zone is."""
    return {device: state.t_ms for device, state in sorted(states, key=lambda one: one.state.t_ms)}


def _walked(readings: Sequence[Reading], room: Room, stops_ms: Sequence[int]) -> Iterator[tuple[int, Belief]]:
    """The belief at each stop, those in order of time, of readings in order of time."""
    course = Course(room)
    instants = [[*group] for _, group in groupby(readings, key=lambda one: one.t_ms)]
    n = 0
    for stop_ms in stops_ms:
        while n < len(instants) and instants[n][0].t_ms <= stop_ms:
            course.take(instants[n])
            n += 1
        course.pass_time(stop_ms)
        yield stop_ms, course.belief


def _evidence(
    device: str, ground: Ground, rows: Sequence[DeviceReading], t_ms: int, least: float
) -> Evidence:
    side = Side.FOR if ground.log_odds > 0 else Side.AGAINST
    return Evidence(
        side=Side.NEITHER if abs(ground.log_odds) < least else side,
        device=device,
        sensor=ground.sensor,
        kind=ground.kind,
        because=ground.because,
        amount=ground.value,
        log_odds=ground.log_odds,
        t_ms=ground.t_ms,
        present_ms=ground.present_ms,
        until_ms=ground.until_ms,
        is_fading=ground.fade_per_s > 0,
        slope_ppm_min=slope_ppm_min(rows, device, ground.sensor, t_ms)
        if ground.kind is Kind.CO2_PPM
        else None,
    )


def slope_ppm_min(rows: Iterable[DeviceReading], device: str, sensor: str, t_ms: int) -> float | None:
    """How fast CO2 rises, ppm a minute: the straight line through what a sensor said up to an instant.

    None where it said too little.
    """
    points = [
        (row.reading.t_ms / 60_000, row.reading.value)
        for row in rows
        if (row.device, row.reading.sensor, row.reading.kind) == (device, sensor, Kind.CO2_PPM)
        and t_ms - SLOPE_MS < row.reading.t_ms <= t_ms
    ]
    if len(points) < SLOPE_READINGS or (points[-1][0] - points[0][0]) * 60_000 < SLOPE_LEAST_MS:
        return None
    mean_min = sum(minute for minute, _ in points) / len(points)
    mean_ppm = sum(ppm for _, ppm in points) / len(points)
    over = sum((minute - mean_min) ** 2 for minute, _ in points)
    return sum((minute - mean_min) * (ppm - mean_ppm) for minute, ppm in points) / over
