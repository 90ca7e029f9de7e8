# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""UART: a serial port of the Pi's header or of a USB adapter, its replay and its tap.

Lines of a conversation: `= 256000` (opened at that baud rate), `> ff 01 …` (sent), `< ff 86 …` (arrived in
one piece), `! timeout`, `! gone`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import termios
from typing import TYPE_CHECKING

import serial

from bezet.errors import SensorGone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge.bus import UART
    from edge.bus.conversation import Conversation, Tape

#: As much as Linux keeps of a line that nobody reads.
READ_BYTES = 4_096

#: What Linux says when a port can not be opened, and what is to be done about it.
WHY = {
    errno.ENOENT: "there is no such port; is it plugged in, or switched on with raspi-config?",
    errno.ENODEV: "there is nothing behind this port",
    errno.ENXIO: "there is nothing behind this port",
    errno.EACCES: "no permission; add the user to group dialout",
    errno.EPERM: "no permission; add the user to group dialout",
    errno.EBUSY: "in use by another program",
    errno.EAGAIN: "in use by another program",
    errno.EIO: "unplugged",
    errno.ENOTTY: "not a serial port",
    errno.EISDIR: "not a serial port",
}


class SerialLine:
    """The port of that name, `/dev/serial0` or one of `/dev/serial/by-id/`; 8 bits, no parity, 1 stop bit.

    One driver talks on it; whoever waits in `read` or `write` may be cancelled.
    """

    def __init__(self, port: str) -> None:
        self._name = port
        self._port: serial.Serial | None = None

    async def open(self, baud: int) -> None:
        """Open the port, anew if it was open, for this program alone; what had arrived before is dropped."""
        self._let_go()
        try:
            # inter_byte_timeout makes VMIN 1, so that a read of no bytes means hung up, and not "nothing yet"
            self._port = serial.Serial(self._name, baud, exclusive=True, inter_byte_timeout=0)
        except (OSError, termios.error, ValueError) as error:
            raise SensorGone(f"{self._name}: {why(error)}") from error

    async def write(self, sent: bytes) -> None:
        """Send bytes; waits while the port takes no more."""
        loop = asyncio.get_running_loop()
        while sent:
            try:
                sent = sent[os.write(self._fileno(), sent) :]
            except BlockingIOError:
                await self._until(loop.add_writer, loop.remove_writer)
            except OSError as error:
                raise self._unplugged() from error

    async def read(self) -> bytes:
        """What has arrived; waits for it, and is woken by a port that is unplugged too."""
        loop = asyncio.get_running_loop()
        while True:
            await self._until(loop.add_reader, loop.remove_reader)
            try:
                heard = os.read(self._fileno(), READ_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._unplugged() from error
            if not heard:
                raise self._unplugged()
            return heard

    async def close(self) -> None:
        """Let go of the port; what was not sent yet is dropped."""
        self._let_go()

    async def _until(self, watch: Callable[..., object], unwatch: Callable[[int], object]) -> None:
        """Wait until the port can be read or written.

        It is watched only while somebody waits: hung up it is always ready, and would keep the loop busy.
        """
        fileno, ready = self._fileno(), asyncio.Event()
        watch(fileno, ready.set)
        try:
            await ready.wait()
        finally:
            unwatch(fileno)

    def _fileno(self) -> int:
        if self._port is None:
            raise SensorGone(f"{self._name}: not open")
        fileno: int = self._port.fileno()
        return fileno

    def _unplugged(self) -> SensorGone:
        """Let go at once, so that the port gets the same name when it is plugged in again."""
        self._let_go()
        return SensorGone(f"{self._name}: {WHY[errno.EIO]}")

    def _let_go(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        with contextlib.suppress(OSError, termios.error):
            port.reset_output_buffer()  # the kernel would wait half a minute for a device that takes nothing
        with contextlib.suppress(OSError):
            port.close()


def why(error: Exception) -> str:
    """Why a port could not be opened, in the words of whoever can do something about it."""
    first = error.__context__ if isinstance(error.__context__, termios.error) else error
    return WHY.get(first.args[0], str(error))


class ReplayLine:
    """Plays a recorded conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._said = conversation

    async def open(self, baud: int) -> None:
        """That it is opened at this rate must have been recorded."""
        self._said.say("=", str(baud))

    async def write(self, sent: bytes) -> None:
        """That this is sent must have been recorded."""
        self._said.say(">", sent)

    async def read(self) -> bytes:
        """What was recorded to arrive."""
        return self._said.hear_bytes("<")


class TapLine:
    """Writes down what is said on another line."""

    def __init__(self, bus: UART, tape: Tape) -> None:
        self._bus = bus
        self._tape = tape

    async def open(self, baud: int) -> None:
        """Open the other line."""
        with self._faults():
            await self._bus.open(baud)
        self._tape.note("=", str(baud))

    async def write(self, sent: bytes) -> None:
        """Send on the other line, and write it down."""
        with self._faults():
            await self._bus.write(sent)
        self._tape.note(">", sent)

    async def read(self) -> bytes:
        """What arrived on the other line, written down."""
        with self._faults():
            heard = await self._bus.read()
        self._tape.note("<", heard)
        return heard

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (
            asyncio.CancelledError
        ):  # whoever waited had no more patience: that is what a time-out looks like
            self._tape.fault(TimeoutError())
            raise
        except (SensorGone, TimeoutError) as error:
            self._tape.fault(error)
            raise
