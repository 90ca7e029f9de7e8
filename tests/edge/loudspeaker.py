# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What stands in for other people's devices on a real broker: says something, and knows when it was heard."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from bezet.errors import SensorGone
from bezet.link import Delivery
from bezet.link.mqtt import MqttLink
from tests.bezet.link.stages import GUARD_S, QUICK, next_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bezet.link import Link
    from edge.bus import MQTT
    from edge.bus.mqtt import TopicBus
    from tests.conftest import Mosquitto

Said = TypeVar("Said")

#: A topic of the tests' own, on which it is heard how far things are.
MARK = "test/mark"


class Loudspeaker:
    """A device, or many."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publish, and return when the broker has handed it on."""
        said = payload.encode() if isinstance(payload, str) else payload
        await self._link.publish(topic, said, retain=retain)
        await self._link.publish(MARK, b"said")
        await self._until_marked()

    async def until_heard(self, bus: TopicBus, listeners: int = 1) -> None:
        """Return when exactly so many listen on the bus, and the broker knows of it.

        A mark that is sent on the connection of the bus comes back after the broker took what went before.
        """
        async with asyncio.timeout(GUARD_S):
            while len(bus._ears) != listeners:
                await self.say(MARK, b"not yet")
        await bus._link.publish(MARK, b"said")
        await self._until_marked()

    async def until_back(self, bus: TopicBus) -> None:
        """Return when the bus has found the broker again."""
        async with asyncio.timeout(GUARD_S):
            while bus._why_gone:
                await self.say(MARK, b"not yet")

    async def _until_marked(self) -> None:
        async with asyncio.timeout(GUARD_S):
            while True:
                event = await self._link.receive()
                if isinstance(event, Delivery):
                    self._link.acknowledge(event)
                    if event.payload == b"said":
                        return


@asynccontextmanager
async def loudspeaker(broker: Mosquitto) -> AsyncIterator[Loudspeaker]:
    """A connection to the broker, on which a device may speak."""
    async with MqttLink(broker.url, "loudspeaker", subscriptions=(MARK,), retry=QUICK) as link:
        await next_up(link)
        yield Loudspeaker(link)


async def hear(words: AsyncIterator[Said]) -> Said:
    """The next thing that is said."""
    async with asyncio.timeout(GUARD_S):
        return await anext(words)


async def hear_gone(bus: MQTT, *topic_filters: str) -> str:
    """Listen until the bus says that there is nobody, and return its words."""
    try:
        async with asyncio.timeout(GUARD_S):
            async for _ in bus.listen(*topic_filters):
                pass
    except SensorGone as error:
        return str(error)
    raise AssertionError("listening ended")
