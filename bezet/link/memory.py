# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A broker in memory that ships: links on it behave as MQTT links do, without a network and without time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from bezet.errors import LinkDown
from bezet.link import Delivery, Down, Event, Up, Will, matches

if TYPE_CHECKING:
    from types import TracebackType


class MemoryBroker:
    """Routes messages between its links and keeps the retained ones."""

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.links: list[MemoryLink] = []
        self.running = True

    def link(self, name: str, *, subscriptions: tuple[str, ...] = (), will: Will | None = None) -> MemoryLink:
        """A link that will be known to this broker as `name`."""
        return MemoryLink(self, name, subscriptions, will)

    def stop(self) -> None:
        """Die as a broker without persistence does: every link is down and nothing retained is left."""
        self.running = False
        self.retained.clear()
        for link in self.links:
            link.disconnect(Down("the broker stopped"))

    def start(self) -> None:
        """Run again; links that are open connect by themselves."""
        self.running = True
        for link in self.links:
            self.connect(link)

    def cut(self, name: str) -> None:
        """Lose the links of that name without a goodbye: the last will speaks, then they connect again."""
        for link in [link for link in self.links if link.name == name and link.is_up]:
            self._lose(link, Down("the connection was cut"))
            self.connect(link)

    def connect(self, link: MemoryLink) -> None:
        """Give the link a connection, taking the name from whoever has it; does nothing while stopped."""
        if not self.running:
            return
        for other in self.links:
            if other is not link and other.name == link.name and other.is_up:
                self._lose(other, Down("another client took the name", name_taken=True))
        link.connected()
        for topic, payload in self.retained.items():
            link.offer(topic, payload, retained=True)

    def route(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Deliver to every link that subscribed; keep it, or forget it when empty, if it is retained."""
        if retain:
            self.retained.pop(topic, None)
            if payload:
                self.retained[topic] = payload
        for link in self.links:
            link.offer(topic, payload, retained=False)

    def _lose(self, link: MemoryLink, down: Down) -> None:
        link.disconnect(down)
        if link.will is not None:
            self.route(link.will.topic, link.will.payload, retain=True)


class MemoryLink:
    """A `Link` on a `MemoryBroker`."""

    def __init__(
        self, broker: MemoryBroker, name: str, subscriptions: tuple[str, ...], will: Will | None
    ) -> None:
        self.name = name
        self.will = will
        self.is_up = False
        self.unacknowledged: dict[int, Delivery] = {}
        self._broker = broker
        self._subscriptions = subscriptions
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._connection = 0
        self._ticket = 0

    async def __aenter__(self) -> Self:
        """Connect, if the broker runs."""
        self._broker.links.append(self)
        self._broker.connect(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave without a last will."""
        self.is_up = False
        self._broker.links.remove(self)

    async def receive(self) -> Event:
        """The next thing that happened, in order."""
        return await self._events.get()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Deliver at once, or raise `LinkDown`."""
        if not self.is_up:
            raise LinkDown("the broker in memory is stopped")
        self._broker.route(topic, payload, retain=retain)

    def acknowledge(self, delivery: Delivery) -> None:
        """Forget a delivery of this connection."""
        if delivery.connection == self._connection:
            self.unacknowledged.pop(delivery.ticket, None)

    # --- what the broker does to it ---

    def connected(self) -> None:
        """A new connection; tickets start at 1 again, as a restarted broker's packet ids do."""
        self.is_up = True
        self._connection += 1
        self._ticket = 0
        self.unacknowledged.clear()
        self._events.put_nowait(Up(self._connection))

    def disconnect(self, down: Down) -> None:
        """The connection is gone."""
        if self.is_up:
            self.is_up = False
            self._events.put_nowait(down)

    def offer(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take a message if this link is up and subscribed to its topic."""
        if not self.is_up or not any(matches(wanted, topic) for wanted in self._subscriptions):
            return
        self._ticket += 1
        delivery = Delivery(topic, payload, retained, self._connection, self._ticket)
        self.unacknowledged[self._ticket] = delivery
        self._events.put_nowait(delivery)
