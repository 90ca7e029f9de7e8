# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""MQTT: a broker on which devices of others speak, its replay, and its tap.

Lines of a conversation: `< topic payload` (said now), `retained < topic payload` (kept by the broker from
before) and `! gone` (the broker, or the way to it). A topic is written as in a URL, so that a blank in it is
`%20`; a payload that is no line of text is written `hex:` and its bytes.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from bezet.errors import CannotStart, LinkDown, SensorGone
from bezet.link import Delivery, Down, Up, matches
from bezet.link.mqtt import MqttLink
from edge.bus import Heard
from edge.bus.conversation import Conversation, Strayed, Tape

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bezet.link import Event
    from edge.bus import MQTT

#: A listener for whom so many messages wait is told that it is gone; the others never wait for it.
MOST_WAITING = 100
SAFE_IN_TOPICS = "/:+#$!*'(),;=@&"


def check_topics(**topics: str) -> None:
    """`ValueError` with the name of a setting that is no topic, or part of one."""
    for name, topic in topics.items():
        if not isinstance(topic, str) or not topic or topic.endswith("/") or set(topic) & set("+#\0"):
            raise ValueError(f"{name} = {topic!r}: a topic is wanted, without + or #, or a / at its end")


class TopicBus:
    """The broker at an address, on one connection for all who listen.

    Deliveries are acknowledged as they come, and each listener has a queue of its own. One that is too slow
    is cut off after what waits for it (`SensorGone`): if it missed a message unseen, it could believe for
    hours in what was true before. Whoever listens again is told again what the broker has kept.
    """

    def __init__(self, broker: str) -> None:
        try:
            self._link = MqttLink(broker, f"bezet-{secrets.token_hex(6)}")
        except CannotStart as error:
            raise ValueError(str(error)) from None
        self._ears: set[_Ear] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_known = asyncio.Event()
        self._why_gone = ""

    async def listen(self, *topic_filters: str) -> AsyncGenerator[Heard, None]:
        """What is said on these topics; `SensorGone` when there is no broker, or it refuses them."""
        if self._task is None:
            self._task = asyncio.create_task(self._hear(), name="bus[mqtt]")
            self._task.add_done_callback(lambda _: self._gone("the bus is closed"))
        await self._is_known.wait()
        if self._why_gone:
            raise SensorGone(self._why_gone)
        ear = _Ear(topic_filters)
        self._ears.add(ear)
        try:
            await self._link.subscribe(*topic_filters)
            while True:
                yield await ear.next()
        except LinkDown as error:
            raise SensorGone(str(error)) from error
        finally:
            self._ears.discard(ear)

    async def close(self) -> None:
        """Leave the broker; whoever listens is told that it is gone."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _hear(self) -> None:
        async with self._link:
            while True:
                self._take(await self._link.receive())

    def _take(self, event: Event) -> None:
        match event:
            case Up():
                self._why_gone = ""
                self._is_known.set()
            case Down(why=why):
                self._gone(why)
            case Delivery(topic=topic, payload=payload, retained=retained):
                self._link.acknowledge(event)
                for ear in self._ears:
                    ear.offer(Heard(topic, payload, retained))

    def _gone(self, why: str) -> None:
        self._why_gone = why
        self._is_known.set()
        for ear in self._ears:
            ear.end(why)


class _Ear:
    """One who listens, and what waits for it."""

    def __init__(self, topic_filters: tuple[str, ...]) -> None:
        self._topic_filters = topic_filters
        self._waiting: asyncio.Queue[Heard | SensorGone] = asyncio.Queue()
        self._is_over = False

    def offer(self, heard: Heard) -> None:
        """Let it hear this if it listens there."""
        if self._is_over or not any(matches(wanted, heard.topic) for wanted in self._topic_filters):
            return
        if self._waiting.qsize() == MOST_WAITING:
            self.end(f"{MOST_WAITING} messages wait on {', '.join(self._topic_filters)}: they come too fast")
        else:
            self._waiting.put_nowait(heard)

    def end(self, why: str) -> None:
        """Let it hear what waits, and then no more."""
        if not self._is_over:
            self._is_over = True
            self._waiting.put_nowait(SensorGone(why))

    async def next(self) -> Heard:
        """What comes next; `SensorGone` after the last."""
        heard = await self._waiting.get()
        if isinstance(heard, SensorGone):
            raise heard
        return heard


class ReplayTopics:
    """Plays a recorded conversation; `Strayed` if what was recorded is not what is listened to."""

    def __init__(self, conversation: Conversation) -> None:
        self._said = conversation

    async def listen(self, *topic_filters: str) -> AsyncGenerator[Heard, None]:
        """What was recorded, to its end."""
        while True:
            line = self._said.next()
            self._said.raise_fault(line)
            heard = read_line(line)
            if not any(matches(wanted, heard.topic) for wanted in topic_filters):
                raise Strayed(
                    f"recorded on {heard.topic}, but the driver listens to {', '.join(topic_filters)}"
                )
            yield heard


class TapTopics:
    """Writes down what is heard on another bus."""

    def __init__(self, bus: MQTT, tape: Tape) -> None:
        self._bus = bus
        self._tape = tape

    async def listen(self, *topic_filters: str) -> AsyncGenerator[Heard, None]:
        """Listen on the other bus, and write it down."""
        try:
            async for heard in self._bus.listen(*topic_filters):
                self._tape.note(*write_line(heard))
                yield heard
        except SensorGone as error:
            self._tape.fault(error)
            raise


def write_line(heard: Heard) -> tuple[str, str]:
    """A message as mark and text of a line."""
    payload = f"hex:{heard.payload.hex()}"
    try:
        text = heard.payload.decode()
    except UnicodeDecodeError:
        pass
    else:
        if text.isprintable() and not text.startswith("hex:"):
            payload = text
    return "retained <" if heard.retained else "<", f"{quote(heard.topic, safe=SAFE_IN_TOPICS)} {payload}"


def read_line(line: str) -> Heard:
    """The message that `write_line` wrote; `Strayed` for any other line."""
    mark, is_heard, said = line.partition("< ")
    topic, _, payload = said.partition(" ")
    if not is_heard or mark not in ("", "retained "):
        raise Strayed(f"recorded {line!r}, but the driver listens")
    head, is_hex, packed = payload.partition("hex:")
    bytes_heard = bytes.fromhex(packed) if is_hex and not head else payload.encode()
    return Heard(unquote(topic), bytes_heard, retained=bool(mark))
