# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A broker and what may happen to it, once in memory and once for real, so that one suite runs on both."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from bezet.link import RECEIVE_MAXIMUM, Delivery, Down, Link, Up
from bezet.link.memory import MemoryBroker
from bezet.link.mqtt import MqttLink, Retry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bezet.link import Event, Will
    from tests.conftest import Mosquitto

#: Only so that a test that fails ends; no test is about this time.
GUARD_S = 20
QUICK = Retry(first_s=0.02, last_s=0.1, stable_s=60)


class Stage(Protocol):
    """A broker that can be stopped and started, and links to it that can be cut."""

    async def link(
        self,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
    ) -> Link:
        """A link of that name, not opened yet."""

    async def stop(self) -> None:
        """End the broker without a goodbye; it forgets everything."""

    async def start(self) -> None:
        """Start the broker again."""

    def cut(self, name: str) -> None:
        """Break the connection of the link of that name, as a cable does."""

    async def gone(self, name: str) -> None:
        """Return when the broker has let go of the closed link of that name."""

    async def close(self) -> None:
        """Clear the stage."""


class MemoryStage:
    """The broker in memory."""

    def __init__(self) -> None:
        self._broker = MemoryBroker()

    async def link(
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

    async def gone(self, name: str) -> None:
        """It is, at once."""

    async def close(self) -> None:
        """Nothing to clear."""


class MqttStage:
    """A real Mosquitto, each link behind a cable that can be cut."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self._cables: dict[str, Cable] = {}

    async def link(
        self,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
    ) -> Link:
        """An MQTT link at the end of a cable."""
        if name not in self._cables:
            self._cables[name] = await Cable(self._broker.port).lay()
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

    async def gone(self, name: str) -> None:
        """Both ends of the cable are closed."""
        await self._cables[name].quiet()

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
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        """Break every connection; new ones can be made."""
        for end in self._ends:
            end.transport.abort()

    async def quiet(self) -> None:
        """Return when every connection has ended at both ends."""
        await asyncio.gather(*self._tasks)

    async def remove(self) -> None:
        """Break every connection and listen no more."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await self.quiet()

    async def _accept(self, from_link: asyncio.StreamReader, to_link: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._ends.add(to_link)
        with contextlib.suppress(OSError):
            await self._carry(from_link, to_link)
        to_link.close()
        self._ends.discard(to_link)
        self._tasks.discard(task)

    async def _carry(self, from_link: asyncio.StreamReader, to_link: asyncio.StreamWriter) -> None:
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self._broker_port)
        self._ends.add(to_broker)
        await asyncio.gather(_pump(from_link, to_broker), _pump(from_broker, to_link))
        to_broker.close()
        self._ends.discard(to_broker)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry one way until there is no more, and pass that on too."""
    with contextlib.suppress(OSError):
        while some := await source.read(65_536):
            sink.write(some)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.write_eof()


# --- what tests wait for ----------------------------------------------------------------------------------


async def next_event(link: Link) -> Event:
    """The next thing that happened."""
    async with asyncio.timeout(GUARD_S):
        return await link.receive()


async def next_up(link: Link) -> Up:
    """The next thing that happened, which must be that the link is connected."""
    event = await next_event(link)
    assert isinstance(event, Up)
    return event


async def next_down(link: Link) -> Down:
    """The next thing that happened, which must be that it is not."""
    event = await next_event(link)
    assert isinstance(event, Down)
    return event


async def next_delivery(link: Link) -> Delivery:
    """The next thing that happened, which must be a delivery."""
    event = await next_event(link)
    assert isinstance(event, Delivery), event
    return event


@asynccontextmanager
async def linked(
    stage: Stage,
    name: str,
    *subscriptions: str,
    will: Will | None = None,
    receive_maximum: int = RECEIVE_MAXIMUM,
) -> AsyncIterator[Link]:
    """An open link that is connected."""
    link = await stage.link(name, subscriptions=subscriptions, will=will, receive_maximum=receive_maximum)
    async with link:
        await next_up(link)
        yield link
