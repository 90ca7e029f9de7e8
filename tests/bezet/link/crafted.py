# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A broker that does what a test wants: speaks MQTT 5 byte by byte, also what no broker should say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, Self

from tests.bezet.link.stages import GUARD_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 1, 2, 3, 4, 8, 9, 14


class Packet(NamedTuple):
    """What came from the link: the type, the flags, and all after the length."""

    type: int
    flags: int
    body: bytes


class Guest:
    """One connection of a link, seen from the broker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def packet(self) -> Packet:
        """The next packet; `IncompleteReadError` when the link hung up."""
        first = (await self._reader.readexactly(1))[0]
        length, place = 0, 1
        while True:
            byte = (await self._reader.readexactly(1))[0]
            length += (byte & 127) * place
            place *= 128
            if byte < 128:
                break
        return Packet(first >> 4, first & 15, await self._reader.readexactly(length))

    def send(self, *packets: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(b"".join(packets))

    async def greet(self, connack: bytes = b"\x20\x03\x00\x00\x00") -> None:
        """Take CONNECT and answer it."""
        assert (await self.packet()).type == CONNECT
        self.send(connack)

    async def welcome(self, *codes: int) -> None:
        """Take CONNECT and SUBSCRIBE and answer both well, or SUBSCRIBE with these codes."""
        await self.greet()
        number = await self.subscription()
        self.send(suback(number, *(codes or (1,))))

    async def subscription(self) -> bytes:
        """Take SUBSCRIBE; returns its packet id."""
        packet = await self.packet()
        assert packet.type == SUBSCRIBE
        return packet.body[:2]

    async def until_gone(self) -> None:
        """Return when the link hung up."""
        while await self._reader.read(65_536):
            pass

    def hang_up(self) -> None:
        """Close."""
        self._writer.close()


def suback(number: bytes, *codes: int) -> bytes:
    """SUBACK for the SUBSCRIBE of that packet id."""
    return packed(SUBACK, 0, number + b"\x00" + bytes(codes))


def publish(
    topic: str | bytes, payload: bytes = b"", *, number: int = 1, qos: int = 1, retain: int = 0
) -> bytes:
    """PUBLISH."""
    name = topic if isinstance(topic, bytes) else topic.encode()
    identifier = number.to_bytes(2, "big") if qos else b""
    body = len(name).to_bytes(2, "big") + name + identifier + b"\x00" + payload
    return packed(PUBLISH, qos << 1 | retain, body)


def packed(kind: int, flags: int, body: bytes) -> bytes:
    """A packet, short enough for one byte of length."""
    assert len(body) < 128
    return bytes([kind << 4 | flags, len(body)]) + body


class CraftedBroker:
    """Plays one turn for each connection, in order, and the last one for all that follow.

    Guards the test too: what is not done in time is never done.
    """

    def __init__(self, *turns: Callable[[Guest], Awaitable[None]]) -> None:
        self.port = 0
        self.connections = 0
        self._turns = turns
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._came = asyncio.Condition()
        self._guard = asyncio.timeout(GUARD_S)

    @property
    def url(self) -> str:
        """Its address."""
        return f"mqtt://127.0.0.1:{self.port}"

    async def came(self, connections: int) -> None:
        """Return when links have connected so many times."""
        async with self._came:
            await self._came.wait_for(lambda: self.connections >= connections)

    async def __aenter__(self) -> Self:
        """Listen."""
        await self._guard.__aenter__()
        self._server = await asyncio.start_server(self._play, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more; a turn that failed fails the test."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, AssertionError):
                raise outcome
        await self._guard.__aexit__(kind, error, trace)

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        turn = self._turns[min(self.connections, len(self._turns) - 1)]
        task = asyncio.ensure_future(turn(Guest(reader, writer)))
        self._tasks.add(task)
        async with self._came:
            self.connections += 1
            self._came.notify_all()
        await asyncio.wait([task])
        writer.close()
