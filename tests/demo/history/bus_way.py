# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A device of the town run through its buses: the shipped agent, drivers and collector, in virtual time."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bezet import wire
from bezet.link import Will
from bezet.link.memory import MemoryBroker
from bezet.retention import local_day
from bezet.window import Window
from collector.service import Collector, subscriptions
from demo.hardware import World
from demo.hardware.lines import TownLine
from demo.hardware.pins import TownPins
from demo.hardware.speakers import TownTopics
from demo.history.saying import TICK_MS, TICK_PHASE_MS
from demo.pi import buses_of
from demo.plan import agent_config
from edge.agent import Agent
from edge.clock import SystemClock
from edge.config import read_config
from edge.outbox import Outbox
from edge.report import Reporter
from edge.sensors import Polled
from edge.voice import health_message
from store.memory import MemoryStore
from tests.demo.virtual_time import passing, run_virtual

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping, Sequence
    from pathlib import Path

    from demo.plan import Device, Hung
    from demo.town import Town
    from edge.config import AgentConfig
    from edge.sensing import Sensor
    from edge.sensors import Measured
    from store import Store
    from tests.demo.virtual_time import Wall

BOOT = "00000000000000aa"
#: Nobody makes anything happen in these runs, so nothing needs to look whether somebody did.
SELDOM_S = 3_600.0
#: A pin is said again so often (`edge.bus.gpio.REPEAT_S`).
PIN_REPEAT_MS = 30_000
#: So long a conversation with a chip takes. Signals know of no such time, so it begins earlier by that.
TALK_MS: Mapping[str, int] = {"scd4x": 2}
#: The agent starts so long before the first sensor is heard, so that slow chips have measured.
EARLIER_MS = 60_000
#: The agent goes on for so long after the span, so that everything of it has arrived.
REST_MS = 60_000


class _Polled:
    """A shipped driver that is asked, which is opened in good time and asked from its turn on."""

    def __init__(self, driver: Any, turn: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._driver, self._turn = driver, turn

    async def open(self) -> None:
        """Make it ready, and wait."""
        await self._driver.open()
        await self._turn()

    async def read(self) -> list[Measured]:
        """What it reads."""
        found: list[Measured] = await self._driver.read()
        return found


class _Speaking:
    """A shipped driver that speaks by itself, which is opened when its turn comes."""

    def __init__(self, driver: Any, turn: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._driver, self._turn = driver, turn

    async def open(self) -> None:
        """Wait, and make it ready."""
        await self._turn()
        await self._driver.open()

    def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it hears."""
        found: AsyncGenerator[list[Measured], None] = self._driver.listen()
        return found


def through_buses(town: Town, device: Device, span: tuple[int, int], folder: Path) -> Store:
    """A store with everything of [start, end) in ms, and a bit more; sensors are heard from the start on."""
    start_ms, end_ms = span
    store = MemoryStore()

    async def main(wall: Wall) -> None:
        config = _config(World(wall.now_ms, town), device, folder)
        sensors = [
            _in_turn(sensor, hung, wall, start_ms)
            for sensor, hung in zip(config.sensors, device.sensors, strict=True)
        ]
        with closing(Outbox(folder / "outbox.db")) as outbox:
            async with (
                _collected(town, store, wall) as broker,
                _running(config, sensors, outbox, broker, wall),
            ):
                await passing((end_ms + REST_MS - wall.now_ms()) / 1_000)
        await config.close()

    run_virtual(main, agent_starts_ms(start_ms))
    return store


def agent_starts_ms(start_ms: int) -> int:
    """When the agent starts, so that its ticks are those of `demo.history.saying`."""
    return start_ms - EARLIER_MS + (TICK_PHASE_MS - (start_ms - EARLIER_MS)) % TICK_MS


def _config(world: World, device: Device, folder: Path) -> AgentConfig:
    file, building = folder / f"{device.name}.toml", world.town.building
    today = local_day(world.now_ms(), building.timezone)
    file.write_text(
        agent_config(device, building, today, "mqtt://127.0.0.1:1883", folder, {}), encoding="utf-8"
    )
    load = buses_of(world, device.sensors)

    def load_bus(name: str) -> Callable[..., Any]:
        if name == "mqtt":
            return lambda **_: TownTopics(world, device.sensors, look_again_s=SELDOM_S)
        return lambda **place: _calmer(load(name)(**place))

    return read_config(file, load_bus)


def _calmer(bus: Any) -> Any:
    """The same bus; what hangs on it says and does the same less often than it would live."""
    if isinstance(bus, TownPins):
        bus.looks_every_s = SELDOM_S
    if isinstance(bus, TownLine):
        bus.far_end.reports_per_s = 1
    return bus


def _in_turn(sensor: Sensor, hung: Hung, wall: Wall, start_ms: int) -> Sensor:
    """The sensor, heard from `start_ms` on at the instants at which its signal speaks."""
    every_ms = {"gpio": PIN_REPEAT_MS, "uart": 1_000, "mqtt": 1}.get(hung.on, round(1_000 * hung.every_s))
    first_ms = start_ms + (hung.phase_ms - start_ms) % every_ms - TALK_MS.get(hung.driver, 0)

    async def turn() -> None:
        await passing((first_ms - wall.now_ms()) / 1_000)

    begun = _Polled if isinstance(sensor.driver, Polled) else _Speaking
    return replace(sensor, driver=begun(sensor.driver, turn), timeout_s=2 * EARLIER_MS / 1_000)


@asynccontextmanager
async def _collected(town: Town, store: Store, wall: Wall) -> AsyncIterator[MemoryBroker]:
    """A broker with a collector that works until the block ends."""
    broker = MemoryBroker()
    heard = subscriptions(town.building.site, shared=False)
    async with broker.link("collector", subscriptions=heard) as link:
        task = asyncio.create_task(Collector(link, store, town.building, wall.now_ms).run())
        try:
            yield broker
        finally:
            task.cancel()
            await asyncio.wait([task])


@asynccontextmanager
async def _running(
    config: AgentConfig, sensors: Sequence[Sensor], outbox: Outbox, broker: MemoryBroker, wall: Wall
) -> AsyncIterator[None]:
    """The agent of a device, as `edge.running` puts it together, until the block ends."""
    device = config.device
    start_ms, time_s = wall.now_ms() - wall.monotonic_ms(), asyncio.get_running_loop().time
    clock = SystemClock(
        lambda: 1_000_000 * (start_ms + round(1_000 * time_s())), lambda: 1_000_000 * round(1_000 * time_s())
    )
    will = Will(*wire.encode(health_message(device, BOOT, clock.now_ms())))
    heard = tuple(wire.topic_filter(kind, device.site, device.name) for kind in ("receipt", "health"))
    async with broker.link(device.name, subscriptions=heard, will=will) as link:
        agent = Agent(
            *(device, sensors),
            outbox=outbox,
            link=link,
            window=Window(random.Random(1)),
            clock=clock,
            boot=BOOT,
            reporter=Reporter(),
            rooms=config.rooms,
        )
        task = asyncio.create_task(agent.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
