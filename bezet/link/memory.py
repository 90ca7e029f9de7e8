# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A broker in memory that ships: links on it behave as MQTT links do, without a network and without time."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, Self

from bezet.errors import LinkDown
from bezet.link import RECEIVE_MAXIMUM, Delivery, Down, Event, Up, Will, matches

if TYPE_CHECKING:
    from types import TracebackType


class MemoryBroker:
    """Routes messages between its links and keeps the retained ones.

    The members of a shared subscription take turns, as on Mosquitto 2.0.11: also with one that acknowledges
    nothing, and what a member had in hand when it left is lost.
    """

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.links: list[MemoryLink] = []
        self.running = True
        self._turns: Counter[str] = Counter()

    def link(
        self,
        name: str,
        *,
        subscriptions: tuple[str, ...] = (),
        will: Will | None = None,
        receive_maximum: int = RECEIVE_MAXIMUM,
    ) -> MemoryLink:
        """A link that will be known to this broker as `name`."""
        return MemoryLink(self, name, subscriptions, will, receive_maximum)

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
        """Give the link a connection, taking the name from whoever has it; there is none while stopped."""
        if not self.running:
            link.disconnect(Down("the broker in memory is stopped"))
            return
        for other in self.links:
            if other is not link and other.name == link.name and other.is_up:
                self._lose(other, Down("another client took the name", name_taken=True))
        link.connected()
        for topic, payload in self.retained.items():
            link.offer(topic, payload, retained=True)

    def route(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Deliver to every link that subscribed and to one of each group; keep or forget it if retained."""
        if retain:
            self.retained.pop(topic, None)
            if payload:
                self.retained[topic] = payload
        for link in self.links:
            link.offer(topic, payload, retained=False)
        for share in dict.fromkeys(share for link in self.links for share in link.shares):
            members = [link for link in self.links if link.is_up and share in link.shares]
            if members and matches(share, topic):
                members[self._turns[share] % len(members)].take(topic, payload, retained=False)
                self._turns[share] += 1

    def _lose(self, link: MemoryLink, down: Down) -> None:
        link.disconnect(down)
        if link.will is not None:
            self.route(link.will.topic, link.will.payload, retain=True)


class MemoryLink:
    """A `Link` on a `MemoryBroker`."""

    def __init__(
        self,
        broker: MemoryBroker,
        name: str,
        subscriptions: tuple[str, ...],
        will: Will | None,
        receive_maximum: int,
    ) -> None:
        self.name = name
        self.will = will
        self.is_up = False
        self.unacknowledged: dict[int, Delivery] = {}
        self.shares = [wanted for wanted in subscriptions if wanted.startswith("$share/")]
        self._broker = broker
        self._subscriptions = [wanted for wanted in subscriptions if wanted not in self.shares]
        self._more: set[str] = set()
        self._receive_maximum = receive_maximum
        self._held_back: deque[tuple[str, bytes, bool]] = deque()
        self._said_down = False
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._connection = 0
        self._ticket = 0

    async def __aenter__(self) -> Self:
        """Connect, or say that the broker does not run."""
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

    async def subscribe(self, *topic_filters: str) -> None:
        """Hear more until this connection ends, or raise `LinkDown`."""
        if not self.is_up:
            raise LinkDown("the broker in memory is stopped")
        self._more.update(topic_filters)
        for topic, payload in self._broker.retained.items():
            if any(matches(wanted, topic) for wanted in topic_filters):
                self.take(topic, payload, retained=True)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Deliver at once, or raise `LinkDown`."""
        if not self.is_up:
            raise LinkDown("the broker in memory is stopped")
        self._broker.route(topic, payload, retain=retain)

    def acknowledge(self, delivery: Delivery) -> None:
        """Forget a delivery of this connection, and let the next one come that was held back."""
        if self.is_up and delivery.connection == self._connection:
            self.unacknowledged.pop(delivery.ticket, None)
            self._deliver()

    # --- what the broker does to it ---

    def connected(self) -> None:
        """A new connection; tickets start at 1 again, as a restarted broker's packet ids do."""
        self.is_up, self._said_down = True, False
        self._connection += 1
        self._ticket = 0
        self.unacknowledged.clear()
        self._held_back.clear()
        self._more.clear()
        self._events.put_nowait(Up(self._connection))

    def disconnect(self, down: Down) -> None:
        """There is no connection; said once, until there is one again."""
        self.is_up = False
        if not self._said_down:
            self._said_down = True
            self._events.put_nowait(down)

    def offer(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take a message if this link is up and subscribed to its topic by itself."""
        if self.is_up and any(matches(wanted, topic) for wanted in (*self._subscriptions, *self._more)):
            self.take(topic, payload, retained=retained)

    def take(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Deliver a message now, or once there is room for it."""
        self._held_back.append((topic, payload, retained))
        self._deliver()

    def _deliver(self) -> None:
        while self._held_back and len(self.unacknowledged) < self._receive_maximum:
            topic, payload, retained = self._held_back.popleft()
            self._ticket += 1
            delivery = Delivery(topic, payload, retained, self._connection, self._ticket)
            self.unacknowledged[self._ticket] = delivery
            self._events.put_nowait(delivery)
