# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An agent on a link in memory, with sensors that say what a test tells them to."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bezet import wire
from bezet.link import Delivery, Will
from bezet.window import Window
from edge.agent import Agent
from edge.clock import ReplayClock
from edge.voice import Device, health_message

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

    from bezet.link.memory import MemoryBroker, MemoryLink
    from edge.clock import Clock
    from edge.outbox import Outbox
    from edge.report import Reporter
    from edge.sensing import Sensor
    from edge.sensors import Measured

START_MS = 1_790_000_000_000
BOOT = "00000000000000aa"
DEVICE = Device("townhall", "pi-1")


class Told:
    """A sensor that speaks when it is told to; an exception that it is told is raised."""

    def __init__(self) -> None:
        self.opened = 0
        self._words: asyncio.Queue[list[Measured] | Exception | None] = asyncio.Queue()

    def say(self, *measured: Measured) -> None:
        """Speak."""
        self._words.put_nowait(list(measured))

    def fail(self, error: Exception) -> None:
        """Break."""
        self._words.put_nowait(error)

    def end(self) -> None:
        """Have nothing more to say."""
        self._words.put_nowait(None)

    async def until_heard(self) -> None:
        """Return when the agent has dealt with everything that was said."""
        await self._words.join()

    async def open(self) -> None:
        """Count how often."""
        self.opened += 1

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it was told."""
        while (word := await self._words.get()) is not None:
            if isinstance(word, Exception):
                self._words.task_done()
                raise word
            yield word
            self._words.task_done()


class Ear:
    """Hears everything on the broker, and waits for what a test wants to hear."""

    def __init__(self, link: MemoryLink) -> None:
        self._link = link

    async def until(self, wanted: Callable[[wire.Message], object]) -> wire.Message:
        """The next message that is wanted."""
        async with asyncio.timeout(20):
            while True:
                event = await self._link.receive()
                if isinstance(event, Delivery):
                    message = wire.decode(event.topic, event.payload)
                    if wanted(message):
                        return message


@asynccontextmanager
async def listening(broker: MemoryBroker, name: str = "ear") -> AsyncIterator[Ear]:
    """An ear on the broker."""
    async with broker.link(name, subscriptions=("bezet/#",)) as link:
        yield Ear(link)


@asynccontextmanager
async def running(
    broker: MemoryBroker,
    outbox: Outbox,
    sensors: Sequence[Sensor],
    *,
    clock: Clock | None = None,
    boot: str = BOOT,
    reporter: Reporter | None = None,
    kernel_boot: str = "kernel-1",
) -> AsyncIterator[asyncio.Task[None]]:
    """An agent that runs until the block ends."""
    clock = clock or ReplayClock(START_MS, None)
    subscriptions = (
        wire.topic_filter("receipt", DEVICE.site, DEVICE.name),
        wire.topic_filter("health", DEVICE.site, DEVICE.name),
    )
    will = Will(*wire.encode(health_message(DEVICE, boot, clock.now_ms())))
    async with broker.link("bezet-townhall-pi-1", subscriptions=subscriptions, will=will) as link:
        agent = Agent(
            DEVICE,
            sensors,
            outbox=outbox,
            link=link,
            window=Window(random.Random(1)),
            clock=clock,
            boot=boot,
            reporter=reporter,
            kernel_boot=kernel_boot,
            tick_s=0.05,
        )
        task = asyncio.create_task(agent.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])
