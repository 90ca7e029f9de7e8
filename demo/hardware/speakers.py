# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Devices of the town that speak on a broker at instants of their own, and a bus that needs no broker.

They look some minutes ahead, and again when the town is another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from bezet.errors import SensorGone
from bezet.link import matches
from edge.bus import Heard

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from demo.hardware import World
    from demo.plan import Hung
    from demo.sensing.topics_speaking import Message, TopicSignal
    from demo.town import Town

Publish = Callable[["Message"], Awaitable[None]]

AHEAD_MS = 600_000
#: Devices speak to whoever hears them. What this program slept through was said to nobody.
LATE_MS = 10_000
CLOSED = "the bus is closed"


class Speakers:
    """All devices among these sensors that speak on a broker.

    Whether the town is another they see every `look_again_s`.
    """

    def __init__(self, world: World, sensors: Sequence[Hung], *, look_again_s: float = 1.0) -> None:
        self._world = world
        self._sensors = tuple(hung for hung in sensors if hung.on == "mqtt")
        self._look_again_s = look_again_s
        self._made: tuple[Town | None, list[TopicSignal]] = (None, [])

    def hello(self) -> Iterable[Message]:
        """What they say when they find the broker, each word once."""
        now_ms = self._world.now_ms()
        found = chain.from_iterable(one.hello(now_ms) for one in self._signals(self._world.town))
        return {one.topic: one for one in found}.values()

    async def speak(self, publish: Publish) -> None:
        """Say what there is to say, from now on and until cancelled."""
        from_ms = self._world.now_ms()
        while True:
            town, until_ms = self._world.town, from_ms + AHEAD_MS
            if await self._speak(town, from_ms, until_ms, publish) and await self._wait(until_ms, town):
                from_ms = until_ms
            else:
                from_ms = self._world.now_ms() + 1

    async def _speak(self, town: Town, from_ms: int, until_ms: int, publish: Publish) -> bool:
        """Say what there is to say between two instants; False when the town is another."""
        said = chain.from_iterable(one.messages(from_ms, until_ms) for one in self._signals(town))
        for message in sorted(said, key=attrgetter("t_ms")):
            if not await self._wait(message.t_ms, town):
                return False
            if self._world.now_ms() - message.t_ms < LATE_MS:
                await publish(message)
        return True

    async def _wait(self, t_ms: int, town: Town) -> bool:
        """Wait for an instant; False when the town is another before."""
        while (left_ms := t_ms - self._world.now_ms()) > 0:
            if self._world.town is not town:
                return False
            await asyncio.sleep(min(left_ms / 1_000, self._look_again_s))
        return True

    def _signals(self, town: Town) -> list[TopicSignal]:
        if self._made[0] is not town:
            self._made = town, [self._world.signal(hung) for hung in self._sensors]
        return self._made[1]


class TownTopics:
    """`edge.bus.MQTT` without a broker: the devices begin to speak when somebody first listens.

    What they had said to the broker before, and it has kept, is told to each who listens.
    """

    def __init__(self, world: World, sensors: Sequence[Hung], *, look_again_s: float = 1.0) -> None:
        self._speakers = Speakers(world, sensors, look_again_s=look_again_s)
        self._kept: dict[str, Heard] = {}
        self._ears: list[tuple[tuple[str, ...], asyncio.Queue[Heard | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def listen(self, *topic_filters: str) -> AsyncGenerator[Heard, None]:
        """What is said on these topics; `SensorGone` when the bus is closed."""
        if self._task is None:
            kept = (one for one in self._speakers.hello() if one.retained)
            self._kept = {one.topic: Heard(one.topic, one.payload, retained=True) for one in kept}
            self._task = asyncio.create_task(self._speakers.speak(self._hear), name="demo.topics")
            self._task.add_done_callback(self._ended)
        if self._task.done():
            raise SensorGone(CLOSED)
        ear: asyncio.Queue[Heard | None] = asyncio.Queue()
        self._ears.append((topic_filters, ear))
        for kept_one in self._kept.values():
            _offer(topic_filters, ear, kept_one)
        try:
            while (heard := await ear.get()) is not None:
                yield heard
        finally:
            self._ears.remove((topic_filters, ear))
        raise SensorGone(CLOSED)

    async def close(self) -> None:
        """Nobody speaks any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _hear(self, message: Message) -> None:
        heard = Heard(message.topic, message.payload)
        if message.retained:
            self._kept[message.topic] = heard._replace(retained=True)
        for topic_filters, ear in self._ears:
            _offer(topic_filters, ear, heard)

    def _ended(self, _: asyncio.Task[None]) -> None:
        for _filters, ear in self._ears:
            ear.put_nowait(None)


def _offer(topic_filters: tuple[str, ...], ear: asyncio.Queue[Heard | None], heard: Heard) -> None:
    if any(matches(wanted, heard.topic) for wanted in topic_filters):
        ear.put_nowait(heard)
