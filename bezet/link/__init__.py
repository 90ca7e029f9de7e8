# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How messages travel: the protocol, the link in memory that ships, and MQTT.

A link never queues and promises nothing: what must not be lost is repeated by its sender until the receipt
comes (`bezet/window.py`), and what is live is said again at the next connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType


#: Deliveries that may wait for their acknowledgement; the broker holds back the rest.
RECEIVE_MAXIMUM = 1_000

#: Where a broker is when nobody says otherwise: on this machine.
DEFAULT_BROKER = "mqtt://127.0.0.1:1883"


@dataclass(frozen=True, slots=True)
class Up:
    """The link is connected and its subscriptions stand; retained messages follow.

    The number of a connection is higher than that of the one before; a try in vain may have taken one.
    """

    connection: int


@dataclass(frozen=True, slots=True)
class Down:
    """The link is not connected; it goes on trying by itself. Said once, until it is `Up` again.

    `name_taken` is True when the broker said that another client came with the same name; not every one does.
    """

    why: str
    name_taken: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that arrived on the connection of that number; `ticket` is the link's own."""

    topic: str
    payload: bytes
    retained: bool
    connection: int
    ticket: int


Event = Up | Down | Delivery


@dataclass(frozen=True, slots=True)
class Will:
    """A retained message that the broker publishes when the link is lost without a goodbye."""

    topic: str
    payload: bytes


class Link(Protocol):
    """A connection to a broker that mends itself; opened and closed with `async with`."""

    async def __aenter__(self) -> Self:
        """Start connecting; returns before there is a connection."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye, so that no last will is published, and close."""

    async def receive(self) -> Event:
        """The next thing that happened, in order."""

    async def subscribe(self, *topic_filters: str) -> None:
        """Hear these topics too, and what is retained there, also if it was heard before.

        This holds until the connection ends. `LinkDown` where there is none, or where the broker refuses.
        """

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the broker now, or raise `LinkDown`; what raised is never sent later."""

    def acknowledge(self, delivery: Delivery) -> None:
        """Let the broker forget a delivery; does nothing for one of an earlier connection.

        Without it the broker holds back what goes beyond `RECEIVE_MAXIMUM`.
        """


# Every message that arrives is looked at, and there are few topics.
@lru_cache(maxsize=8_192)
def matches(topic_filter: str, topic: str) -> bool:
    """Whether an MQTT filter with `+`, `#` and `$share/group/` covers a topic (MQTT 5, section 4.7)."""
    wanted = topic_filter.split("/")
    if wanted[0] == "$share":
        wanted = wanted[2:]
    found = topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for position, level in enumerate(wanted):
        if level == "#":
            return True
        if position >= len(found) or level not in ("+", found[position]):
            return False
    return len(wanted) == len(found)
