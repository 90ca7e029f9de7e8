# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whose turn is it: read, stamp, fuse, hand to the outbox, and say live what a space is."""

from __future__ import annotations

import asyncio
import logging
import math
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bezet import wire
from bezet.errors import BadFrame, CannotStart, Cause
from bezet.model import KINDS, Kind, Reading, Zone
from bezet.occupancy.filter import clock_unknown
from bezet.occupancy.room import ANY_ROOM
from edge.courier import UNPARK_S, Courier
from edge.health import HealthBook
from edge.holding import Holding
from edge.keeping import Keeper
from edge.outbox import Held
from edge.report import Due
from edge.sensing import sense
from edge.voice import Voice
from edge.zone import MAX_PENDING, READINGS_PER_MESSAGE, ZoneLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bezet.link import Delivery, Link
    from bezet.model import State
    from bezet.occupancy.room import Room
    from bezet.window import Window
    from edge.clock import Clock
    from edge.outbox import Outbox
    from edge.report import Reporter
    from edge.sensing import Sensor
    from edge.sensors import Measured
    from edge.voice import Device

LOG = logging.getLogger("bezet.edge")

#: How often time passes for the zones.
TICK_S = 1.0
#: So many of the numbers that waited for the time are stamped, and put on disk, in one go.
PORTION = 500


class Agent:
    """Runs the sensors of one device until cancelled, or until every sensor has nothing more to say.

    `reporter` decides what is worth a message; without one, everything is. A recording waits for the
    collector when `most_queued` messages are under way; a room does not (None). `alive` is called at every
    tick that went well. Numbers held without a time outlive the agent within one start of the kernel, which
    `kernel_boot` names. `rooms` are what is known of its spaces.
    """

    def __init__(
        self,
        device: Device,
        sensors: Sequence[Sensor],
        *,
        outbox: Outbox,
        link: Link,
        window: Window,
        clock: Clock,
        boot: str,
        reporter: Reporter | None = None,
        most_queued: int | None = None,
        alive: Callable[[], None] = lambda: None,
        tick_s: float = TICK_S,
        kernel_boot: str = "",
        rooms: Mapping[str, Room] = MappingProxyType({}),
    ) -> None:
        self._most_queued = most_queued
        self._device = device
        self._sensors = sensors
        self._outbox = outbox
        self._clock = clock
        self._boot = boot
        self._reporter = reporter
        self._alive = alive
        self._tick_s = tick_s
        self._first_heard_on: int | None = None
        self._refused_ms = 0
        self._steps = clock.steps
        self._last_event_ms: dict[tuple[str, Kind], int] = {}
        self._health = HealthBook(sensors, clock.monotonic_ms())
        self._holding = Holding(outbox, kernel_boot)
        self._spaces = {sensor.id: sensor.space for sensor in sensors}
        self._zones = {
            space: ZoneLog(
                Zone(device.site, space, device.name),
                outbox.kept(f"zone {space}"),
                rooms.get(space, ANY_ROOM),
            )
            for space in dict.fromkeys(self._spaces.values())
        }
        for zone in self._zones.values():
            zone.keep_only(lambda name: self._owner(name) is not None)
        self._voice = Voice(link, device, boot, health=self._how_it_is, states=self._what_zones_are)
        self.courier = Courier(
            link,
            outbox,
            window,
            on_up=self._voice.all,
            on_refused=self._refused,
            on_other=self._overheard,
        )
        self._keeper = Keeper(
            *(self._zones, outbox, self._holding, self._health, clock, boot),
            posted=self.courier.posted,
            again=self._voice.again,
        )

    @property
    def queued(self) -> int:
        """Messages that the store has not committed yet."""
        return self._outbox.queued

    async def run(self) -> None:
        """Run; whoever opened link and outbox closes them."""
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(self.courier.run(), name="agent.courier"),
                tasks.create_task(self._tick(), name="agent.tick"),
                tasks.create_task(self._voice.repeat(), name="agent.voice"),
            ]
            try:
                async with asyncio.TaskGroup() as sensing:
                    for sensor in self._sensors:
                        sensing.create_task(sense(sensor, self), name=f"agent.sensor[{sensor.id}]")
                await self._keeper.flush()
                await self.courier.until_queued(0)
            finally:
                await self._keeper.save()
                await self._voice.goodbye(self._clock.now_ms(), self._outbox.queued)
            for task in background:
                task.cancel()

    # --- sensors ---

    def failed(self, sensor: Sensor, how: wire.SensorState, error: Exception) -> None:
        """A sensor could not speak; it is said once, and stands in health."""
        if self._reporter is not None and how is wire.SensorState.ABSENT:
            self._reporter.forget(sensor.id)
        if self._health.failed(sensor.id, how):
            LOG.warning("sensor %s is %s: %s", sensor.id, how, str(error) or type(error).__name__)
            self._voice.again()

    async def take(self, sensor: Sensor, measured: Sequence[Measured]) -> None:
        """A sensor gave numbers: stamp them, fuse them, and say at once what is new."""
        now_ms = self._clock.monotonic_ms()
        good = [one for one in measured if self._is_plausible(sensor, one)]
        if len(good) == len(measured) and self._health.spoke(sensor.id, now_ms):
            self._voice.again()
        if self._reporter is None:
            due = [Due(sensor.id, one) for one in good]
        else:
            due = self._reporter.offer(sensor.id, good, now_ms, stands_s=sensor.stands_s)
        if due:
            await self._log([self._held(one, now_ms) for one in due])
        if self._most_queued is not None:
            await self.courier.until_queued(self._most_queued)

    def _is_plausible(self, sensor: Sensor, measured: Measured) -> bool:
        bounds = KINDS[measured.kind]
        if math.isfinite(measured.value) and bounds.low <= measured.value <= bounds.high:
            return True
        error = BadFrame(f"{measured.kind} = {measured.value:g} is outside {bounds.low:g} to {bounds.high:g}")
        self.failed(sensor, wire.SensorState.FAULTY, error)
        return False

    def _owner(self, name: str) -> str | None:
        """The sensor of this device whose readings, or those of a part of it, have that name."""
        owners = (one.id for one in self._sensors if name == one.id or name.startswith(f"{one.id}."))
        return max(owners, key=len, default=None)

    def _held(self, due: Due, now_ms: int) -> Held:
        measured = due.measured
        return Held(now_ms, self._spaces[due.sensor], due.name, measured.kind, float(measured.value))

    # --- from numbers to readings ---

    async def _log(self, rows: Sequence[Held]) -> None:
        """Make readings of numbers that were just measured, or hold them until it is their turn."""
        self._watch_clock()
        if self._is_waiting():
            for row in rows:
                self._holding.add(row)
            return
        for zone, state in self._readings(rows):
            await self._keeper.flush()
            await self._voice.state(zone.zone, state)
        if any(zone.pending >= READINGS_PER_MESSAGE for zone in self._zones.values()):
            await self._keeper.flush()

    def _is_waiting(self) -> bool:
        """Whether numbers wait for the time to be known, or for those that did."""
        return not self._clock.is_trusted or len(self._holding) > 0

    def _readings(self, rows: Sequence[Held]) -> list[tuple[ZoneLog, State]]:
        """Give readings to their zones in order; returns the newest state that came of it in each."""
        news: dict[str, State] = {}
        stamped = [(row.space, self._stamp(row)) for row in rows]
        for (space, _), group in groupby(stamped, key=lambda one: (one[0], one[1].t_ms)):
            state = self._zones[space].take([reading for _, reading in group])
            if state is not None:
                news[space] = state
        return [(self._zones[space], state) for space, state in news.items()]

    def _stamp(self, row: Held) -> Reading:
        """A reading; two events of one source never have the same instant, or one would be lost."""
        t_ms, kind = self._clock.stamp_ms(row.monotonic_ms), Kind(row.kind)
        if KINDS[kind].is_event:
            t_ms = max(t_ms, self._last_event_ms.get((row.sensor, kind), 0) + 1)
            self._last_event_ms[row.sensor, kind] = t_ms
        return Reading(t_ms, row.sensor, kind, row.value)

    async def _release(self) -> None:
        """The time is known: what was held becomes readings of when it was measured, the oldest first.

        What is measured meanwhile waits behind it.
        """
        while self._holding and self._clock.is_trusted and self._have_room():
            async with self._keeper.lock:
                rows = self._holding.take(PORTION)
                ours = [row for row in rows if row.space in self._zones]
                self._holding.dropped += len(rows) - len(ours)
                self._readings(ours)
            await self._keeper.flush()
            self._alive()
        if not self._holding:
            LOG.info("the time is known: the numbers that waited for it are stamped")
            self._voice.again()

    def _have_room(self) -> bool:
        return all(zone.pending + PORTION <= MAX_PENDING for zone in self._zones.values())

    # --- time ---

    async def _tick(self) -> None:
        """Once a second: let time pass in every zone, and put on disk what waits."""
        while True:
            await asyncio.sleep(self._tick_s)
            self._watch_clock()
            if self._reporter is not None:
                now_ms = self._clock.monotonic_ms()
                await self._log([self._held(one, now_ms) for one in self._reporter.due(now_ms)])
            if self._clock.is_trusted:
                await self._pass_time()
            elif self._holding.is_due(self._clock.monotonic_ms()):
                await self._keeper.hold()
            await self._keeper.flush_if_due()
            self._alive()

    async def _pass_time(self) -> None:
        if self._holding:
            await self._release()
        if self._is_waiting():
            return  # time may not pass before what was measured in it
        for zone in self._zones.values():
            state = zone.pass_time(self._clock.now_ms())
            if state is not None:
                await self._voice.state(zone.zone, state)

    def _watch_clock(self) -> None:
        is_known, is_trusted = self._clock.is_known, self._clock.is_trusted
        news = self._health.trouble(wire.Trouble.CLOCK_UNKNOWN, there=not is_known)
        news |= self._health.trouble(wire.Trouble.CLOCK_STEPPED, there=is_known and not is_trusted)
        if news:
            what = "trusted" if is_trusted else "stepped" if is_known else "not known yet"
            LOG.warning("the clock is %s%s", what, "" if is_trusted else ": states are unknown until it is")
            self._voice.again()
        if self._clock.steps != self._steps:
            self._steps = self._clock.steps
            self._last_event_ms.clear()
            for zone in self._zones.values():
                zone.begin_again()

    # --- what is said live ---

    def _what_zones_are(self) -> list[tuple[Zone, State]]:
        now_ms = self._clock.now_ms()
        if self._is_waiting():
            unknown = clock_unknown(max(now_ms, wire.T_MIN_MS))
            return [(zone.zone, unknown) for zone in self._zones.values() if zone.has_word]
        states = ((zone.zone, zone.now_state(now_ms)) for zone in self._zones.values())
        return [(zone, state) for zone, state in states if state is not None]

    def _how_it_is(self) -> tuple[int, dict[str, Any]]:
        now_ms = self._clock.monotonic_ms()
        dropped = sum(zone.dropped for zone in self._zones.values()) + self._holding.dropped
        self._suspect()
        if self._outbox.has_room:
            self._health.trouble(wire.Trouble.OUTBOX_FULL, there=False)
        if now_ms - self._refused_ms > 2 * UNPARK_S * 1000:  # what was refused was tried again, and taken
            self._health.trouble(wire.Trouble.REFUSED, there=False)
        return self._clock.now_ms(), {
            "queued": self._outbox.queued,
            "refused": self._outbox.refused + dropped,
            "clock": wire.Clock.TRUSTED if self._clock.is_trusted else wire.Clock.UNTRUSTED,
            "sensors": self._health.sensors(now_ms),
            "troubles": self._health.troubles(),
        }

    def _suspect(self) -> None:
        """Say once in the log which sensors do not deserve belief."""
        found = {
            owner: why
            for zone in self._zones.values()
            for name, why in zone.suspicions(self._clock.now_ms()).items()
            if (owner := self._owner(name)) is not None
        }
        for sensor, why in self._health.suspect(found).items():
            LOG.warning("sensor %s is %s: it is not believed until that has changed", sensor, why)

    def _refused(self, cause: Cause) -> None:
        """Tell it in health and go on; but whoever plays a recording is there to be told at once."""
        if self._most_queued is not None:
            raise CannotStart(f"the collector refuses the recording: {cause}")
        self._refused_ms = self._clock.monotonic_ms()
        if self._health.trouble(wire.Trouble.REFUSED, there=True):
            LOG.error(
                "the collector refuses messages (%s): they are set aside and tried again each hour", cause
            )
            self._voice.again()

    def _overheard(self, message: wire.Message, delivery: Delivery) -> None:
        """Our own health topic spoke: if another boot is alive there, two agents have one name.

        What the broker kept from before our first connection is an earlier start of this same agent.
        """
        if not isinstance(message, wire.Health):
            return
        self._first_heard_on = self._first_heard_on or delivery.connection
        is_earlier = delivery.retained and delivery.connection == self._first_heard_on
        if message.boot == self._boot or is_earlier:
            return
        if self._health.trouble(wire.Trouble.NAME_TAKEN, there=True):
            LOG.error(
                "another agent also calls itself %s; give each device a name of its own. "
                "The messages of both are kept, but live states and health of the two mix",
                self._device.name,
            )
            self._voice.again()
