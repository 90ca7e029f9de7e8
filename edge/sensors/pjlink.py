# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
r"""PJLink: projectors and displays of most makers over the network, by aiopjlink.

Lines of text that end with a carriage return (PJLink Specifications, class 2, JBMIA). The device greets, with
a random number if it wants a password; what we say first is then led by the MD5 of number and password (5):

    PJLINK 0\r                        greeting without a password
    PJLINK 1 498e4a67\r               greeting with one; PJLINK ERRA\r if the password is wrong

    ┌───┬───────┬─────────┬───┬───────────┬────┐
    │ % │ class │ command │ = │ parameter │ \r │   class 1 or 2, command of four letters; we ask with ` ?\r`
    └───┴───────┴─────────┴───┴───────────┴────┘
    POWR  0 standby, 1 on, 2 cooling, 3 warming up   (4.2)    CLSS  1, 2  the class of the device   (4.14)
    IRES  1920x1080; - no signal, * not known        (4.18)   ERR1 to ERR4 in place of a parameter (2.2)
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import aiopjlink

from bezet.av import AVState
from bezet.errors import BadFrame, SensorError, SensorGone, SensorNotReady
from bezet.model import Kind
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.bus import TCP

TCP_PORT = 4_352
NO_SIGNAL = "-"

#: What a power state means to whoever stands in the space: while it cools the picture is gone already.
POWER = {"0": AVState.STANDBY, "1": AVState.ON, "2": AVState.STANDBY, "3": AVState.ON}

#: What the library raises on bytes that are not PJLink.
NOT_PJLINK = (aiopjlink.PJLinkException, IndexError, UnicodeDecodeError, asyncio.LimitOverrunError)


class PJLink:
    """A projector or display; in use while it is on and, of class 2, a signal comes in.

    `password` or `password_file` (its first line), if the device wants one. Each question has a connection of
    its own: a device may allow one only, and the room's own controls need it too.
    """

    def __init__(self, bus: TCP, *, password: str = "", password_file: str = "") -> None:
        if password and password_file:
            raise ValueError("password_file: either this or password is wanted, not both")
        self._bus = bus
        self._password = _first_line(password_file) if password_file else password

    async def open(self) -> None:
        """Nothing: the device is found anew at every `read`."""

    async def read(self) -> list[Measured]:
        """What the device does now; `SensorError` if it wants another password or says that it failed."""
        async with self._connected() as link:
            power = await link.transmit("POWR", "?", link.C1)
            signal = await _signal(link) if power == "1" else NO_SIGNAL
        return [Measured(Kind.AV_STATE, decode(power, signal))]

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiopjlink.PJLink]:
        link: aiopjlink.PJLink | None = None
        try:
            host, port = await self._bus.place()
            # The agent keeps the time: without one of its own the library waits for as long as it takes.
            link = aiopjlink.PJLink(host, port or TCP_PORT, self._password or None, timeout=None)
            await link.__aenter__()  # its own `async with` leaves the connection open if the greeting is bad
            yield link
        except aiopjlink.PJLinkPassword as error:
            raise SensorError(f"{error}: see the settings password and password_file") from error
        except aiopjlink.PJLinkNoConnection as error:
            raise SensorGone(str(error.__context__)) from error  # the library calls every cause a time-out
        except (aiopjlink.PJLinkConnectionClosed, ConnectionError) as error:
            raise SensorGone(f"{error}; somebody else may hold it") from error
        except aiopjlink.PJLinkERR3 as error:
            raise SensorNotReady("it cannot say at this moment (ERR3)") from error
        except aiopjlink.PJLinkERR4 as error:
            raise SensorError("it says that it has failed (ERR4)") from error
        except NOT_PJLINK as error:
            raise BadFrame(f"not an answer of PJLink: {error}") from error
        finally:
            if link is not None:
                with contextlib.suppress(AttributeError):  # it never connected
                    await link.__aexit__(None, None, None)


def _first_line(password_file: str) -> str:
    """The password in a file; `ValueError` names the file, never what is in it."""
    try:
        found = Path(password_file).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise ValueError(f"password_file = {password_file}: a file to read is wanted ({why})") from None
    if not found:
        raise ValueError(f"password_file = {password_file}: its first line is empty")
    return found


async def _signal(link: aiopjlink.PJLink) -> str:
    """The resolution of what comes in; no signal where the device cannot say."""
    try:
        if await link.transmit("CLSS", "?", link.C1) == "1":
            return NO_SIGNAL
        found: str = await link.transmit("IRES", "?", link.C2)
    except (aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2, aiopjlink.PJLinkERR3):
        return NO_SIGNAL
    return found


def decode(power: str, signal: str) -> AVState:
    """Power state and resolution to what the device does; `BadFrame` for a power state that there is not."""
    if power not in POWER:
        raise BadFrame(f"not a power state: {power!r}")
    return AVState.IN_USE if power == "1" and signal != NO_SIGNAL else POWER[power]
