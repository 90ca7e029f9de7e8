# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
r"""TCP: a device with a port of its own, its replay by a real server, and its tap, which stands in between.

Lines of a conversation: `= open` is a connection; `= refused`, `= timeout` and `= no-network` (of this
computer itself) are what became of it instead. After one, `> %1POWR ?\r` is said to the device and
`< %1POWR=1\r` by it; what cannot be printed is written as in Python (`\r`, `\xa5`, `\\`). `! gone` is a
device that hangs up, `! timeout` one that stays silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections import deque
from typing import TYPE_CHECKING

from bezet.errors import SensorGone
from edge.bus.conversation import Played, Strayed

if TYPE_CHECKING:
    from edge.bus import TCP
    from edge.bus.conversation import Conversation, Tape

LOOPBACK = "127.0.0.1"
NO_NETWORK = "no-network"
#: A driver that has not said by now what was recorded will not say it.
PATIENCE_S = 2.0
#: A connection that a driver has closed is over by now.
SETTLE_S = 0.1


class RemotePort:
    """A device at `host`; `tcp_port` 0 leaves the port to the driver."""

    def __init__(self, host: str, tcp_port: int = 0) -> None:
        if not host or host != "".join(host.split()):
            raise ValueError(f"host = {host!r}: a name or an address is wanted")
        if not 0 <= tcp_port <= 65_535:
            raise ValueError(f"tcp_port = {tcp_port}: 1 to 65535 is wanted, or 0 for the usual one")
        self._host = host
        self._tcp_port = tcp_port

    async def place(self) -> tuple[str, int]:
        """Host and port to connect to."""
        return self._host, self._tcp_port

    async def close(self) -> None:
        """A connection belongs to the driver that made it."""


class ReplayPort:
    """Plays a recorded conversation as a server on this computer.

    What a driver says otherwise is raised as `Strayed` at its next `place`, or at `close`.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._said = conversation
        self._server: asyncio.Server | None = None
        self._refusing: socket.socket | None = None
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._settled = asyncio.Event()
        self._settled.set()
        self._strayed: Strayed | None = None
        self._limit: asyncio.Timeout | None = None

    def allow(self, limit: asyncio.Timeout) -> None:
        """Take this for the time that the driver has: a recorded silence uses it up at once."""
        self._limit = limit

    async def place(self) -> tuple[str, int]:
        """Where the server listens, or where a connection is refused if that was recorded."""
        await self._settle()
        self._raise_strayed()
        how = self._said.hear("=")
        if how == "refused":
            return self._refuse()
        if how == "timeout":
            raise TimeoutError("no answer (recorded)")
        if how == NO_NETWORK:
            raise OSError(errno.ENETUNREACH, "Network is unreachable (recorded)")
        if how != "open":
            raise Strayed(f"no connection becomes {how!r}")
        if self._server is None:
            self._server = await asyncio.start_server(self._talk, LOOPBACK, 0)
        self._settled.clear()
        port: int = self._server.sockets[0].getsockname()[1]
        return LOOPBACK, port

    async def _settle(self) -> None:
        """Let the last connection come to its end, if the driver has closed it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                await self._settled.wait()

    def _refuse(self) -> tuple[str, int]:
        if self._refusing is None:  # bound, so that nobody else gets the port, but not listening
            self._refusing = socket.socket()
            self._refusing.bind((LOOPBACK, 0))
        port: int = self._refusing.getsockname()[1]
        return LOOPBACK, port

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks[task] = writer
        try:
            await self._play(reader, writer)
        except (Strayed, Played) as error:
            self._strayed = error if isinstance(error, Strayed) else Strayed("driver said more than recorded")
        except OSError:
            pass  # it hung up while it was spoken to
        finally:
            writer.close()
            del self._talks[task]
            self._settled.set()

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line = self._said.peek()
            if line.startswith("< "):
                writer.write(unescape(self._said.hear("<")))
                await writer.drain()
            elif line.startswith("> "):
                await self._listen(reader, unescape(line[2:]))
            elif line == "! gone":
                self._said.next()
                return
            else:
                break
        if line == "! timeout":
            self._said.next()
            if self._limit is not None:
                self._limit.reschedule(asyncio.get_running_loop().time())
        if said := await reader.read(1024):  # nothing, when it hangs up
            self._said.say(">", escape(said))

    async def _listen(self, reader: asyncio.StreamReader, wanted: bytes) -> None:
        """Hear what was recorded, as far as it is said in these words."""
        said = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while len(said) < len(wanted) and wanted.startswith(said):
                    more = await reader.read(len(wanted) - len(said))
                    if not more:
                        break
                    said += more
        self._said.say(">", escape(said))

    async def close(self) -> None:
        """End the server; `Strayed` if a driver said something else than was recorded."""
        if self._server is not None:
            self._server.close()
        if self._refusing is not None:
            self._refusing.close()
        await self._settle()
        talks = dict(self._talks)
        for writer in talks.values():
            writer.transport.abort()
        await asyncio.gather(*talks)
        self._raise_strayed()

    def _raise_strayed(self) -> None:
        strayed, self._strayed = self._strayed, None
        if strayed is not None:
            raise strayed


class TapPort:
    """Stands between a driver and another port, and writes down what goes both ways."""

    def __init__(self, bus: TCP, tape: Tape) -> None:
        self._bus = bus
        self._tape = tape
        self._server: asyncio.Server | None = None
        self._far: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def place(self) -> tuple[str, int]:
        """A port of this computer whose next connection leads to the device, which is connected to already.

        So the driver meets a refusal as it would without the tap.
        """
        host, port = await self._bus.place()
        if not port:
            raise SensorGone("tcp_port = 0: only what is said on a named port can be recorded")
        try:
            self._far.append(await asyncio.open_connection(host, port))
        except (OSError, asyncio.CancelledError) as error:
            self._tape.note("=", became(error))
            raise
        self._tape.note("=", "open")
        if self._server is None:
            self._server = await asyncio.start_server(self._talk, LOOPBACK, 0)
        found: int = self._server.sockets[0].getsockname()[1]
        return LOOPBACK, found

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks[task] = writer
        far_reader, far_writer = self._far.popleft()
        last = [""]
        said = asyncio.create_task(self._carry(">", reader, far_writer, last))
        heard = asyncio.create_task(self._carry("<", far_reader, writer, last))
        try:
            done, _ = await asyncio.wait({said, heard}, return_when=asyncio.FIRST_COMPLETED)
            if said not in done:
                self._tape.note("!", "gone")
            elif last[0] == ">":
                self._tape.note("!", "timeout")
        finally:
            said.cancel()
            heard.cancel()
            await asyncio.gather(said, heard, return_exceptions=True)
            writer.close()
            far_writer.close()
            del self._talks[task]

    async def _carry(
        self, mark: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last: list[str]
    ) -> None:
        while found := await reader.read(65_536):
            self._tape.note(mark, escape(found))
            last[0] = mark
            writer.write(found)
            await writer.drain()

    async def close(self) -> None:
        """End what goes on in between; the other bus is closed by whoever made it."""
        if self._server is not None:
            self._server.close()
        for _, writer in self._far:
            writer.close()
        talks = dict(self._talks)
        for writer in talks.values():
            writer.transport.abort()
        await asyncio.gather(*talks)


def became(error: BaseException) -> str:
    """What a connection became instead, as a line has it."""
    if isinstance(error, TimeoutError | asyncio.CancelledError):  # a driver that gives up waiting cancels
        return "timeout"
    return NO_NETWORK if isinstance(error, OSError) and error.errno == errno.ENETUNREACH else "refused"


def escape(said: bytes) -> str:
    r"""Bytes as text of one line, as Python writes them: `\r`, `\xa5`, `\\`."""
    return said.decode("latin-1").encode("unicode_escape").decode("ascii")


def unescape(text: str) -> bytes:
    """The bytes that `escape` wrote."""
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")
