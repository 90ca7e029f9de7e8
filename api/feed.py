# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From the link to whoever watches: hears the agents, and wakes the listeners when the board changed.

Nothing is queued for a listener. It remembers the version that it saw and is sent what changed after it, so
that a slow one misses steps, never the outcome, and one that left leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import math
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bezet import wire
from bezet.errors import BadMessage
from bezet.link import Delivery, Down, Up
from bezet.wire import Health, Live

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from api.alarms.shapes import AlarmFacts
    from api.live import Board, SpaceNow
    from api.notice import Notice
    from bezet.link import Event, Link
    from bezet.model import Building

T = TypeVar("T")

#: A listener hears the server's time at least so often, and knows by it that the server lives.
TICK_S = 10.0
#: Of so many alarms the last change is remembered; a listener that is so far behind hears of the newest.
MOST_ALARMS = 1_000


class Turn(NamedTuple):
    """What one listener is told at one time: what changed, and whether to tell time and notice.

    A listener that begins is told the whole: all spaces. Of alarms it is told what changes from then on.
    """

    version: int
    is_whole: bool
    ticks: bool
    has_notice: bool
    spaces: list[SpaceNow]
    alarms: list[AlarmFacts]


def subscriptions(building: Building, *more: str) -> tuple[str, ...]:
    """The retained topics that the live board is made of, and others that a site asks for."""
    return (*(wire.topic_filter(name, building.site) for name in ("state", "health")), *filter(None, more))


class Feed:
    """Owns the live board between the link and the listeners; `receive` and `publish` are its two tasks."""

    def __init__(self, link: Link, board: Board, clock: Callable[[], int], *, tick_s: float = TICK_S) -> None:
        #: Names this start of the server: versions of another mean nothing here.
        self.boot = secrets.token_hex(4)
        self.board = board
        self.listeners = 0
        self.notice: Notice | None = None
        self._link = link
        self._clock = clock
        self._tick_s = tick_s
        self._version = 0
        self._ticks = 0
        self._notices = 0
        self._news = 0
        self._alarms: dict[str, tuple[int, AlarmFacts]] = {}
        self._announced = (0, 0, 0, 0)
        self._greetings: dict[str, Callable[[bytes], None]] = {}
        self._latest: dict[str, tuple[int, SpaceNow]] = {}
        self._closed = False
        self._stirred = asyncio.Event()
        self._turn = asyncio.Event()

    @property
    def version(self) -> int:
        """How often something changed since the start of the server."""
        return self._version

    # --- from the link to the board ---

    async def receive(self) -> None:
        """Hear the link for ever; a bad message is counted and stops nothing."""
        try:
            while True:
                self._take(await self._link.receive())
                self._stirred.set()
                await asyncio.sleep(0)  # a flood of messages must not keep the listeners waiting
        finally:
            self.board.link_changed(is_up=False, now_ms=self._clock())

    def _take(self, event: Event) -> None:
        match event:
            case Up():
                self.board.link_changed(is_up=True, now_ms=self._clock())
                self._ticks += 1
            case Down():
                self.board.link_changed(is_up=False, now_ms=self._clock())
                self._ticks += 1
            case Delivery(topic, payload):
                if topic in self._greetings:
                    self._greetings[topic](payload)
                elif payload:
                    self._hear(topic, payload)
                else:
                    self._forget(topic)
                self._link.acknowledge(event)

    def greet(self, topic: str, hear: Callable[[bytes], None]) -> None:
        """Let somebody else hear what is said on a topic that is not of the contract."""
        self._greetings[topic] = hear

    def _hear(self, topic: str, payload: bytes) -> None:
        try:
            message = wire.decode(topic, payload)
        except BadMessage as bad:
            self.board.refuse(bad.cause)
        else:
            if isinstance(message, Live | Health):
                self.board.hear(message, self._clock())

    def _forget(self, topic: str) -> None:
        """A retained message was cleared: `…/{device}/{space}/state` or `…/{device}/health`."""
        match topic.split("/")[3:]:
            case [device, space, "state"]:
                self.board.forget(device, space)
            case [device, "health"]:
                self.board.forget(device)

    def stir(self) -> None:
        """Something changed on the board that did not come by the link."""
        self._stirred.set()

    def post(self, notice: Notice | None) -> None:
        """Let every page say this, or nothing any more."""
        if notice != self.notice:
            self.notice = notice
            self._notices += 1
            self._stirred.set()

    def post_alarm(self, alarm: AlarmFacts) -> None:
        """Let whoever may know hear how an alarm is now."""
        self._news += 1
        self._alarms.pop(alarm.id, None)
        self._alarms[alarm.id] = self._news, alarm
        if len(self._alarms) > MOST_ALARMS:
            del self._alarms[next(iter(self._alarms))]
        self._stirred.set()

    # --- from the board to the listeners ---

    async def publish(self) -> None:
        """Wake the listeners for ever: when the board was stirred, when it changes by itself, and to tick."""
        now_s = asyncio.get_running_loop().time
        tick_at_s = now_s() + self._tick_s
        while True:
            self._stirred.clear()
            self._announce()
            try:
                async with asyncio.timeout_at(min(tick_at_s, now_s() + self._quiet_s())):
                    await self._stirred.wait()
            except TimeoutError:
                pass
            if now_s() >= tick_at_s:
                self._ticks += 1
                tick_at_s = now_s() + self._tick_s

    def _quiet_s(self) -> float:
        """How long nothing changes by itself."""
        now_ms = self._clock()
        change_ms = self.board.next_change_ms(now_ms)
        return math.inf if change_ms is None else (change_ms - now_ms) / 1000

    def _announce(self) -> None:
        changed = self.board.changed(self._clock())
        if changed:
            self._version += 1
            for one in changed:
                self._latest.pop(one.space.id, None)
                self._latest[one.space.id] = self._version, one
        if self._told() != self._announced:
            self._announced = self._told()
            self._wake()

    def _told(self) -> tuple[int, int, int, int]:
        """How many changes, ticks, notices and changes of alarms there were."""
        return self._version, self._ticks, self._notices, self._news

    def _wake(self) -> None:
        self._turn.set()
        self._turn = asyncio.Event()

    def close(self) -> None:
        """End every listener's turn; the server is going."""
        self._closed = True
        self._wake()

    def version_of(self, event_id: str) -> int | None:
        """The version that an event was about; None where it is none of this start of the server."""
        boot, _, version = event_id.partition("-")
        if boot != self.boot or not re.fullmatch("[0-9]{1,15}", version):
            return None
        return int(version) if int(version) <= self._version else None

    async def listen(self, after: int | None = None) -> AsyncGenerator[Turn]:
        """First all spaces, or what changed after a version; then what changes, until the feed is closed."""
        self.listeners += 1
        try:
            told = self._told()
            spaces = self.board.spaces(self._clock()) if after is None else _after(self._latest, after)
            yield Turn(self._version, after is None, ticks=True, has_notice=True, spaces=spaces, alarms=[])
            while not self._closed:
                if told == self._told():
                    await self._turn.wait()
                    continue
                version, ticks, notices, news = told
                told = self._told()
                yield Turn(
                    self._version,
                    is_whole=False,
                    ticks=ticks != self._ticks,
                    has_notice=notices != self._notices,
                    spaces=_after(self._latest, version),
                    alarms=_after(self._alarms, news),
                )
        finally:
            self.listeners -= 1


def _after(latest: dict[str, tuple[int, T]], number: int) -> list[T]:
    """What changed after a number; the last change of each stands at the end, so that few are looked at."""
    found = []
    for changed, one in reversed(latest.values()):
        if changed <= number:
            break
        found.append(one)
    return found[::-1]
