# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A broker and what may happen to it, once in memory and once for real, so that one suite runs on both."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from bezet.link import RECEIVE_MAXIMUM, Delivery, Down, Link, Up
from bezet.link.memory import MemoryBroker
from bezet.link.mqtt import MqttLink, Retry

if TYPE_CHECKING:
    from bezet.link import Will
    from tests.conftest import Mosquitto

#: Only so that a test that fails ends; no test is about this time.
GUARD_S = 20
QUICK = Retry(first_s=0.02, last_s=0.1, stable_s=60)


class Stage(Protocol):
    """A broker that can be stopped and started, and links to it that can be cut."""

    async def open(self, name: str) -> None:
        """Make a way to the broker for the link of that name; once for each name."""

    def link(
        self,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
    ) -> Link:
        """A link of that name."""

    async def stop(self) -> None:
        """End the broker without a goodbye; it forgets everything."""

    async def start(self) -> None:
        """Start the broker again."""

    def cut(self, name: str) -> None:
        """Break the connection of the link of that name, as a cable does."""

    async def close(self) -> None:
        """Clear the stage."""


class MemoryStage:
    """The broker in memory."""

    def __init__(self) -> None:
        self._broker = MemoryBroker()

    async def open(self, name: str) -> None:
        """Nothing to make."""

    def link(
        self,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
    ) -> Link:
        """A link in memory."""
        return self._broker.link(
            name, subscriptions=subscriptions, will=will, receive_maximum=receive_maximum
        )

    async def stop(self) -> None:
        """Stop."""
        self._broker.stop()

    async def start(self) -> None:
        """Start."""
        self._broker.start()

    def cut(self, name: str) -> None:
        """Cut."""
        self._broker.cut(name)

    async def close(self) -> None:
        """Nothing to clear."""


class MqttStage:
    """A real Mosquitto, each link behind a cable that can be cut."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self._cables: dict[str, Cable] = {}

    async def open(self, name: str) -> None:
        """Lay a cable."""
        self._cables[name] = await Cable(self._broker.port).lay()

    def link(
        self,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
    ) -> Link:
        """An MQTT link at the end of its cable."""
        url = f"mqtt://127.0.0.1:{self._cables[name].port}"
        return MqttLink(
            url, name, subscriptions=subscriptions, will=will, receive_maximum=receive_maximum, retry=QUICK
        )

    async def stop(self) -> None:
        """SIGKILL."""
        await asyncio.to_thread(self._broker.kill)

    async def start(self) -> None:
        """Start on the same port."""
        await asyncio.to_thread(self._broker.start)

    def cut(self, name: str) -> None:
        """Break both ends of the cable."""
        self._cables[name].cut()

    async def close(self) -> None:
        """Take the cables away."""
        for cable in self._cables.values():
            await cable.remove()


class Cable:
    """A way over loopback to the broker's port, carrying bytes both ways until an end closes or it is cut."""

    def __init__(self, broker_port: int) -> None:
        self.port = 0
        self._broker_port = broker_port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def lay(self) -> Cable:
        """Listen."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        """Break every connection; new ones can be made."""
        for end in self._ends:
            end.transport.abort()

    async def remove(self) -> None:
        """Break every connection and listen no more."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, from_link: asyncio.StreamReader, to_link: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._ends.add(to_link)
        try:
            from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self._broker_port)
        except OSError:
            to_link.close()
            return
        self._ends.add(to_broker)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pump(from_link, to_broker))
            tasks.create_task(_pump(from_broker, to_link))
        self._ends -= {to_link, to_broker}
        self._tasks.discard(task)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while some := await source.read(65_536):
            sink.write(some)
            await sink.drain()
    except OSError:
        pass
    sink.close()


async def until_up(link: Link) -> Up:
    """The link's next `Up`; what comes before it is of the outage."""
    async with asyncio.timeout(GUARD_S):
        while True:
            event = await link.receive()
            if isinstance(event, Up):
                return event


async def next_event(link: Link) -> Up | Down | Delivery:
    """The next thing that happened."""
    async with asyncio.timeout(GUARD_S):
        return await link.receive()


async def next_delivery(link: Link) -> Delivery:
    """The next thing that happened, which must be a delivery."""
    event = await next_event(link)
    assert isinstance(event, Delivery)
    return event


async def next_down(link: Link) -> Down:
    """The next thing that happened, which must be the end of the connection."""
    event = await next_event(link)
    assert isinstance(event, Down)
    return event
