# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Hears the sensors of a device for a person before a terminal: no broker, nothing kept, nothing sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Reading, Zone
from bezet.occupancy.room import ANY_ROOM
from bezet.wire import Clock, SensorState
from edge.report import Reporter
from edge.sensing import sense
from edge.zone import ZoneLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bezet.model import Kind, State
    from bezet.occupancy.room import Room
    from edge.clock import SystemClock
    from edge.sensing import Sensor
    from edge.sensors import Measured
    from edge.voice import Device

TICK_S = 1.0


class Last(NamedTuple):
    """The last number of one source, and when it was said, in monotonic milliseconds."""

    value: float
    t_ms: int


@dataclass(slots=True)
class Look:
    """What is known of a sensor: its last numbers, and what is wrong with it (nothing: an empty text)."""

    space: str
    last: dict[tuple[Kind, str], Last] = field(default_factory=dict)
    trouble: str = ""


class Watcher:
    """Fuses as the agent does, from the instant it is run."""

    def __init__(
        self,
        device: Device,
        sensors: Sequence[Sensor],
        clock: SystemClock,
        rooms: Mapping[str, Room] = MappingProxyType({}),
    ) -> None:
        self._sensors = sensors
        self._clock = clock
        self._reporter = Reporter()
        self.looks = {sensor.id: Look(sensor.space) for sensor in sensors}
        self._zones = {
            space: ZoneLog(Zone(device.site, space, device.name), None, rooms.get(space, ANY_ROOM))
            for space in dict.fromkeys(sensor.space for sensor in sensors)
        }

    async def run(self) -> None:
        """Hear until cancelled, or until no sensor has anything more to say."""
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(self._tick(), name="watcher.tick")
            async with asyncio.TaskGroup() as sensing:
                for sensor in self._sensors:
                    sensing.create_task(sense(sensor, self), name=f"watcher.sensor[{sensor.id}]")
            ticking.cancel()

    async def take(self, sensor: Sensor, measured: Sequence[Measured]) -> None:
        """A sensor gave numbers."""
        look, now_ms = self.looks[sensor.id], self._clock.monotonic_ms()
        look.trouble = ""
        look.last.update({(one.kind, one.part): Last(one.value, now_ms) for one in measured})
        # What other sensors say along with it belongs to their own spaces.
        said: defaultdict[str, list[Reading]] = defaultdict(list)
        for due in self._reporter.offer(sensor.id, measured, now_ms, stands_s=sensor.stands_s):
            one = due.measured
            reading = Reading(self._clock.now_ms(), due.name, one.kind, one.value)
            said[self.looks[due.sensor].space].append(reading)
        for space, readings in said.items():
            self._zones[space].take(readings)

    def failed(self, sensor: Sensor, how: SensorState, error: Exception) -> None:
        """A sensor could not speak."""
        self.looks[sensor.id].trouble = f"{how}: {str(error) or type(error).__name__}"

    def states(self) -> Mapping[str, State | None]:
        """What each space is, as far as this device can tell; None before its first word."""
        now_ms = self._clock.now_ms()
        return {space: zone.now_state(now_ms) for space, zone in self._zones.items()}

    def age_s(self, last: Last) -> float:
        """How old a number is."""
        return (self._clock.monotonic_ms() - last.t_ms) / 1000

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for zone in self._zones.values():
                zone.pass_time(self._clock.now_ms())
                zone.drafts("0" * 16, Clock.TRUSTED)  # nothing is kept
