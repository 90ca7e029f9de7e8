# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Says on the broker what spaces need, and makes them known to Home Assistant, where a site asks for it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from api.demand.home_assistant import ONLINE, STATUS, device_discovery, space_discovery
from api.demand.needs import demand, is_news
from bezet import wire
from bezet.errors import LinkDown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.demand.settings import DemandSettings
    from api.feed import Feed
    from bezet.link import Link
    from bezet.messages import Demand
    from bezet.model import Building


class Publisher:
    """Follows the board, and says what changed; what could not be said is said at the next turn."""

    def __init__(
        self,
        settings: DemandSettings,
        building: Building,
        feed: Feed,
        link: Link,
        clock: Callable[[], int],
    ) -> None:
        self._settings, self._building = settings, building
        self._feed, self._link, self._clock = feed, link, clock
        self._said: dict[str, Demand] = {}
        self._announced: set[str] = set()
        self._is_up_since_ms: int | None = None

    async def publish(self) -> None:
        """For ever: at each change of the board, and at each tick."""
        async with aclosing(self._feed.listen()) as turns:
            async for _ in turns:
                await self.turn()

    async def turn(self) -> None:
        """Say what is news."""
        board = self._feed.board
        if not board.link_is_up:
            return
        if board.link_since_ms != self._is_up_since_ms:
            # Another connection, perhaps to a broker that forgot everything.
            self._is_up_since_ms = board.link_since_ms
            self._said.clear()
            self._announced.clear()
        try:
            for topic, payload in self._news():
                await self._link.publish(topic, payload, retain=True)
        except LinkDown:
            self._is_up_since_ms = None

    def greeted(self, payload: bytes) -> None:
        """Home Assistant started: it wants to hear of everything again."""
        if payload == ONLINE:
            self._announced.clear()

    @property
    def greeting_topic(self) -> str:
        """Where Home Assistant says that it started; "" where it is not told of anything."""
        prefix = self._settings.home_assistant
        return f"{prefix}/{STATUS}" if prefix else ""

    def _news(self) -> Iterator[tuple[str, bytes]]:
        if self._settings.home_assistant:
            yield from self._discovery()
        if not self._settings.is_published:
            return
        now_ms = self._clock()
        for now in self._feed.board.spaces(now_ms):
            found = demand(self._building.site, now, now_ms, self._settings.expected_min)
            topic, payload = wire.encode(found)
            before = self._said.get(now.space.id)
            if not now.space.measured:
                # Of a space in privacy mode nothing stands on the broker, nor what stood there before.
                if before is None:
                    yield topic, b""
                    self._said[now.space.id] = found
            elif is_news(before, found):
                yield topic, payload
                self._said[now.space.id] = found

    def _discovery(self) -> Iterator[tuple[str, bytes]]:
        prefix, site = self._settings.home_assistant, self._building.site
        known = [
            (f"space {space.id}", *space_discovery(self._building, space, prefix), space.measured)
            for space in self._building.spaces.values()
        ]
        known += [
            (f"device {name}", *device_discovery(site, name, prefix), True)
            for name, heard, _ in self._feed.board.devices()
            if heard is not None
        ]
        for name, topic, payload, is_there in known:
            if name not in self._announced:
                yield topic, payload if is_there and not self._settings.is_leaving else b""
                self._announced.add(name)


def needs(feed: Feed, building: Building, settings: DemandSettings, now_ms: int) -> list[Demand]:
    """What every space needs now."""
    return [demand(building.site, now, now_ms, settings.expected_min) for now in feed.board.spaces(now_ms)]
