# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
r"""The projector of a space on the network: a PJLink server of class 1 or 2 (PJLink Specifications, JBMIA).

    it greets     PJLINK 0\r            or with a password PJLINK 1 498e4a67\r, and then what is said first is
                                        led by the MD5 of this number and the password (5)
    it is asked   %1POWR ?\r            in a line of at most 136 bytes
    it answers    %1POWR=1\r            %1…=ERR1\r to what it does not know, ERR3 to what it cannot say now

It hangs up on whoever says nothing for 30 s.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np

from demo.sensing.av import Power

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from demo.hardware import World
    from demo.plan import Hung

LOOPBACK = "127.0.0.1"
MOST_BYTES = 136
IDLE_S = 30.0
DIGEST_CHARACTERS = 32
UNKNOWN, CANNOT_NOW, WRONG_PASSWORD = "ERR1", "ERR3", "PJLINK ERRA\r"
RESOLUTION, NO_SIGNAL = "1920x1080", "-"
#: What a projector says of itself, by class and command.
OF_ITSELF: Mapping[str, str] = {
    "%1NAME": "Projector",
    "%1INF1": "Bezet",
    "%1INF2": "Town hall",
    "%1INFO": "",
    "%1ERST": "000000",
    "%1INST": "31",
}


class TownProjector:
    """The projector that a sensor asks; it wants a `password` if one is given."""

    def __init__(self, world: World, hung: Hung, *, password: str = "", pjlink_class: int = 2) -> None:
        self._world, self._hung = world, hung
        self._password = password
        self._class = pjlink_class
        self._clients: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def on_network(self, port: int = 0) -> AsyncIterator[int]:
        """Put it on a port of loopback, any free one if 0, and take it away after use; gives the port."""
        server = await asyncio.start_server(self._talk, LOOPBACK, port, limit=MOST_BYTES)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for client in self._clients:
                client.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            pass  # it hung up, said nothing, or said what is no line
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = secrets.token_hex(4)
        writer.write(f"PJLINK 1 {number}\r".encode() if self._password else b"PJLINK 0\r")
        wanted = hashlib.md5(f"{number}{self._password}".encode(), usedforsecurity=False).hexdigest()
        is_let_in = not self._password
        while True:
            async with asyncio.timeout(IDLE_S):
                line = (await reader.readuntil(b"\r")).decode(errors="replace").rstrip("\r")
            if not is_let_in:
                digest, line = line[:DIGEST_CHARACTERS], line[DIGEST_CHARACTERS:]
                if digest != wanted:
                    writer.write(WRONG_PASSWORD.encode())
                    return
                is_let_in = True
            writer.write(f"{self.answer(line)}\r".encode())

    def answer(self, line: str) -> str:
        """What it answers to a line, both without the carriage return."""
        command, parameter = line[:6].upper(), line[6:]
        return f"{command}={self._told(command) if parameter == ' ?' else CANNOT_NOW}"

    def _told(self, command: str) -> str:
        if command in OF_ITSELF:
            return OF_ITSELF[command]
        if command == "%1CLSS":
            return str(self._class)
        signal = self._world.signal(self._hung)
        power, has_signal = (int(one[0]) for one in signal.at(np.array([self._world.now_ms()])))
        if command == "%1POWR":
            return str(power)
        if command == "%2IRES" and self._class > 1:
            if power != Power.ON:
                return CANNOT_NOW
            return RESOLUTION if has_signal else NO_SIGNAL
        return UNKNOWN
