# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A projector of PJLink class 1 or 2 as a real server, as specified and with real ones' faults."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: The number of the example in the specification.
NUMBER = "498e4a67"
MOST_BYTES = 136


@dataclass(slots=True)
class Projector:
    """What it is and does; `answers` replaces the parameter of a command, an empty one keeps it silent."""

    pjlink_class: int = 2
    power: str = "0"
    resolution: str = "-"
    password: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    greeting: bytes | None = None
    hangs_up_after: int | None = None
    most_clients: int = 1
    port: int = 0
    heard: list[str] = field(default_factory=list)
    clients: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet a client and answer it for as long as it stays."""
        task = asyncio.current_task()
        assert task is not None
        self.clients[task] = writer
        try:
            if len(self.clients) <= self.most_clients:
                await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client hung up
        finally:
            del self.clients[task]
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = f"PJLINK 1 {NUMBER}\r" if self.password else "PJLINK 0\r"
        writer.write(greeting.encode() if self.greeting is None else self.greeting)
        wants_digest = bool(self.password)
        said = 0
        while said != self.hangs_up_after:
            line = (await reader.readuntil(b"\r")).decode()
            assert len(line) <= MOST_BYTES
            if wants_digest:
                digest, line = line[:32], line[32:]
                if digest != hashlib.md5(f"{NUMBER}{self.password}".encode()).hexdigest():
                    writer.write(b"PJLINK ERRA\r")
                    continue
                wants_digest = False
            self.heard.append(line.rstrip("\r"))
            writer.write(self._answer(line))
            said += 1

    def _answer(self, line: str) -> bytes:
        head, command, parameter = line[:2], line[2:6], line[7:-1]
        assert (line[0], line[6], parameter) == ("%", " ", "?")
        own = {"POWR": self.power, "CLSS": str(self.pjlink_class)}
        if head == "%2":
            own = {"IRES": self.resolution} if self.pjlink_class == 2 else {}
        answer = self.answers.get(command, own.get(command, "ERR1"))
        return f"{head}{command}={answer}\r".encode() if answer else b""


@asynccontextmanager
async def serving(projector: Projector) -> AsyncIterator[Projector]:
    """The projector on a port of loopback, which is `projector.port`."""
    server = await asyncio.start_server(projector.serve, "127.0.0.1", projector.port)
    projector.port = server.sockets[0].getsockname()[1]
    try:
        yield projector
    finally:
        server.close()
        clients = dict(projector.clients)
        for writer in clients.values():
            writer.transport.abort()
        await asyncio.gather(*clients)
