# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whose turn is it: read, stamp, fuse, hand to the outbox, and say live what a space is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import bezet
from bezet import wire
from bezet.errors import BadFrame, CannotStart, Cause, LinkDown, OutboxFull
from bezet.model import KINDS, Reading, Zone
from edge.courier import Courier, monotonic_ms
from edge.health import HealthBook
from edge.sensing import sense
from edge.zone import READINGS_PER_MESSAGE, ZoneLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.link import Delivery, Link
    from bezet.model import State
    from bezet.window import Window
    from edge.clock import Clock
    from edge.outbox import Outbox
    from edge.sensing import Sensor
    from edge.sensors import Measured

LOG = logging.getLogger("bezet.edge")

#: Readings are on disk after at most this time; a change of state at once.
FLUSH_S = 1.0
#: Live state and health are said again this often, so that silence means something.
REPEAT_S = 30.0


@dataclass(frozen=True, slots=True)
class Device:
    """Who this agent is."""

    site: str
    name: str


def health_message(device: Device, boot: str, now_ms: int, **rest: Any) -> wire.Health:
    """A health message; without more, the one that serves as last will."""
    plain: dict[str, Any] = {
        "online": False,
        "uptime_s": 0,
        "queued": 0,
        "refused": 0,
        "clock": wire.Clock.UNTRUSTED,
        "sensors": {},
        "troubles": (),
    }
    plain.update(rest)
    return wire.Health(
        site=device.site, device=device.name, t_ms=now_ms, boot=boot, version=bezet.__version__, **plain
    )


def new_boot() -> str:
    """A name for one start of the agent."""
    return secrets.token_hex(8)


def _stamp(sensor: Sensor, measured: Measured, t_ms: int) -> Reading:
    name = f"{sensor.id}.{measured.part}" if measured.part else sensor.id
    return Reading(t_ms, name, measured.kind, float(measured.value))


class Agent:
    """Runs the sensors of one device until cancelled, or until every sensor has nothing more to say."""

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
        most_queued: int | None = None,
    ) -> None:
        """`most_queued`: a recording waits for the collector; a room does not (None)."""
        self._most_queued = most_queued
        self._device = device
        self._sensors = sensors
        self._outbox = outbox
        self._link = link
        self._clock = clock
        self._boot = boot
        self._started_ms = monotonic_ms()
        self._first_heard_on: int | None = None
        self._steps = clock.steps
        self._health = HealthBook((sensor.id for sensor in sensors), monotonic_ms())
        self._flushing = asyncio.Lock()
        self._repeat = asyncio.Event()
        spaces = dict.fromkeys(sensor.space for sensor in sensors)
        self._zones = {
            space: ZoneLog(Zone(device.site, space, device.name), outbox.kept(f"zone {space}"))
            for space in spaces
        }
        self.courier = Courier(
            link,
            outbox,
            window,
            on_up=self._repeat.set,
            on_refused=self._refused,
            on_other=self._overheard,
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
                tasks.create_task(self._say_again(), name="agent.say-again"),
            ]
            try:
                await self._until_time_is_known()
                async with asyncio.TaskGroup() as sensing:
                    for sensor in self._sensors:
                        sensing.create_task(sense(sensor, self), name=f"agent.sensor[{sensor.id}]")
                await self._flush()
                await self.courier.until_queued(0)
            finally:
                await self._flush()
                await self._say_goodbye()
            for task in background:
                task.cancel()

    async def _until_time_is_known(self) -> None:
        """Measure nothing before the device knows the time: a reading from 1970 is nobody's reading."""
        if not self._clock.is_known:
            LOG.warning("this device does not know the time yet; it measures nothing until it does")
        while not self._clock.is_known:
            await asyncio.sleep(1)

    # --- sensors ---

    def failed(self, sensor: Sensor, how: wire.SensorState, error: Exception) -> None:
        """A sensor could not speak; it is said once, and stands in health."""
        if self._health.failed(sensor.id, how):
            LOG.warning("sensor %s is %s: %s", sensor.id, how, str(error) or type(error).__name__)

    async def take(self, sensor: Sensor, measured: Sequence[Measured]) -> None:
        """A sensor gave numbers: stamp them, fuse them, and say at once what is new."""
        self._watch_clock()
        t_ms = self._clock.now_ms()
        readings = [_stamp(sensor, one, t_ms) for one in measured if self._is_plausible(sensor, one)]
        if not readings:
            return
        if len(readings) == len(measured):
            self._health.spoke(sensor.id, monotonic_ms())
        zone = self._zones[sensor.space]
        state = zone.take(readings, trusted=self._clock.is_trusted)
        if state is not None:
            await self._flush()
            await self._say_live(zone, state)
        elif zone.pending >= READINGS_PER_MESSAGE:
            await self._flush()
        if self._most_queued is not None:
            await self.courier.until_queued(self._most_queued)

    def _is_plausible(self, sensor: Sensor, measured: Measured) -> bool:
        bounds = KINDS[measured.kind]
        if math.isfinite(measured.value) and bounds.low <= measured.value <= bounds.high:
            return True
        error = BadFrame(f"{measured.kind} = {measured.value:g} is outside {bounds.low:g} to {bounds.high:g}")
        self.failed(sensor, wire.SensorState.FAULTY, error)
        return False

    # --- keeping ---

    async def _flush(self) -> None:
        """Put what is pending on disk, together with what a restart must know."""
        async with self._flushing:
            zones = [zone for zone in self._zones.values() if zone.pending]
            if not zones:
                return
            clock = wire.Clock.TRUSTED if self._clock.is_trusted else wire.Clock.UNTRUSTED
            drafts = [draft for zone in zones for draft in zone.drafts(self._boot, clock)]
            keep = {f"zone {zone.zone.space}": zone.remember() for zone in zones}
            keep |= {f"newest {zone.zone.space}": str(zone.newest_ms) for zone in zones if zone.newest_ms}
            try:
                evicted = await asyncio.to_thread(self._outbox.put, drafts, keep)
            except OutboxFull as error:
                for zone in zones:
                    zone.not_written()
                if self._health.trouble(wire.Trouble.DISK_FULL, there=True):
                    LOG.error("%s: readings wait in memory, the oldest are dropped first", error)  # noqa: TRY400
                    self._repeat.set()
                return
            self._note_room(evicted)
            self.courier.posted(evicted)

    def _note_room(self, evicted: Sequence[int]) -> None:
        if self._health.trouble(wire.Trouble.DISK_FULL, there=False):
            LOG.info("the disk takes messages again")
        if evicted and self._health.trouble(wire.Trouble.OUTBOX_FULL, there=True):
            LOG.warning("the outbox is full: its oldest messages are refused to make room for new ones")
            self._repeat.set()

    async def _tick(self) -> None:
        """Once a second: let time pass in every zone, and put on disk what waits."""
        while True:
            await asyncio.sleep(FLUSH_S)
            self._watch_clock()
            for zone in self._zones.values():
                state = zone.pass_time(self._clock.now_ms(), trusted=self._clock.is_trusted)
                if state is not None:
                    await self._say_live(zone, state)
            await self._flush()

    def _watch_clock(self) -> None:
        is_trusted = self._clock.is_trusted
        if self._health.trouble(wire.Trouble.CLOCK_STEPPED, there=not is_trusted):
            LOG.warning(
                "the clock is %s", "trusted" if is_trusted else "not trusted: states are unknown until it is"
            )
        if self._clock.steps != self._steps:
            self._steps = self._clock.steps
            for zone in self._zones.values():
                zone.begin_again()

    # --- saying ---

    async def _say_again(self) -> None:
        """Live state and health at every connection, at every trouble, and every 30 s."""
        while True:
            try:
                async with asyncio.timeout(REPEAT_S):
                    await self._repeat.wait()
            except TimeoutError:
                pass
            self._repeat.clear()
            await self._say_health()
            for zone in self._zones.values():
                state = zone.now_state(self._clock.now_ms())
                if state is not None:
                    await self._say_live(zone, state)

    async def _say_live(self, zone: ZoneLog, state: State) -> None:
        site, space, device = zone.zone
        await self._publish(wire.Live(site, device, space, state))

    async def _say_health(self) -> None:
        now_ms = monotonic_ms()
        if not self._clock.is_known:
            return
        dropped = sum(zone.dropped for zone in self._zones.values())
        health = health_message(
            self._device,
            self._boot,
            self._clock.now_ms(),
            online=True,
            uptime_s=(now_ms - self._started_ms) // 1000,
            queued=self._outbox.queued,
            refused=self._outbox.refused + dropped,
            clock=wire.Clock.TRUSTED if self._clock.is_trusted else wire.Clock.UNTRUSTED,
            sensors=self._health.sensors(now_ms),
            troubles=self._health.troubles(),
        )
        await self._publish(health)

    async def _say_goodbye(self) -> None:
        if self._clock.is_known:
            message = health_message(
                self._device, self._boot, self._clock.now_ms(), queued=self._outbox.queued
            )
            await self._publish(message)

    async def _publish(self, message: wire.Live | wire.Health) -> None:
        topic, payload = wire.encode(message)
        with contextlib.suppress(LinkDown):  # at the next connection everything live is said again
            await self._link.publish(topic, payload, retain=True)

    def _refused(self, cause: Cause) -> None:
        """Tell it in health and go on; but whoever plays a recording is there to be told at once."""
        if self._most_queued is not None:
            raise CannotStart(f"the collector refuses the recording: {cause}")
        if self._health.trouble(wire.Trouble.REFUSED, there=True):
            LOG.error(
                "the collector refuses messages (%s): they are set aside and tried again each hour", cause
            )
            self._repeat.set()

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
            self._repeat.set()
