# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whether a device on the network answers: on a TCP port if one is set, else to an ICMP echo, by icmplib.

    SYN       → SYN, ACK      it answers                     (RFC 9293, section 3.5)
              → RST, or nothing for `answer_s`               it does not
    echo (8)  → echo reply (0), the same number and bytes    (RFC 792, "Echo or Echo Reply Message")

The echo goes out by a socket that Linux gives to ordinary users (`net.ipv4.ping_group_range`, icmp(7)).
"""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING

from icmplib import (
    AsyncSocket,
    ICMPError,
    ICMPRequest,
    ICMPSocketError,
    ICMPv4Socket,
    ICMPv6Socket,
    SocketPermissionError,
)

from bezet.errors import SensorGone
from bezet.model import Kind
from edge.sensors import Measured

if TYPE_CHECKING:
    from edge.bus import TCP

#: How a device that does not answer looks from here; any other error is this computer's own.
DOES_NOT_ANSWER = frozenset(
    {errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ETIMEDOUT}
)

#: The library keeps time by the clock on the wall, which may jump; this driver by one that does not.
FOREVER_S = 1e9

NO_ECHO = (
    "this system lets ordinary programs send no ICMP echo: "
    'set net.ipv4.ping_group_range to "0 2147483647" with sysctl, or give the sensor a tcp_port'
)


class Reachable:
    """A device that is there while it answers within `answer_s` (less than its `timeout_s`), in seconds."""

    def __init__(self, bus: TCP, *, answer_s: float = 2.0) -> None:
        if not 0.05 <= answer_s <= 60:
            raise ValueError(f"answer_s = {answer_s}: 0.05 to 60 seconds are wanted")
        self._bus = bus
        self._answer_s = answer_s

    async def open(self) -> None:
        """Nothing: every question stands alone."""

    async def read(self) -> list[Measured]:
        """1 or 0; `SensorGone` where this computer cannot ask."""
        try:
            host, port = await self._bus.place()
            address = await _look_up(host)
            async with asyncio.timeout(self._answer_s):
                await (_connect(address, port) if port else _echo(address))
        except OSError as error:
            return [Measured(Kind.REACHABLE, decode(error))]
        return [Measured(Kind.REACHABLE, decode(None))]


async def _look_up(host: str) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except (socket.gaierror, UnicodeError) as error:
        raise SensorGone(f"the name {host} is not known here: give the address of the device") from error
    return str(found[0][4][0])


async def _connect(address: str, port: int) -> None:
    _, writer = await asyncio.open_connection(address, port)
    writer.close()


async def _echo(address: str) -> None:
    try:
        with AsyncSocket((ICMPv6Socket if ":" in address else ICMPv4Socket)(privileged=False)) as echoes:
            request = ICMPRequest(
                address, id=0, sequence=0
            )  # Linux puts a number of its own in place of `id`
            echoes.send(request)
            reply = await echoes.receive(request, FOREVER_S)
            reply.raise_for_status()
    except SocketPermissionError as error:
        raise SensorGone(NO_ECHO) from error
    except ICMPError as error:
        raise TimeoutError(str(error)) from error
    except ICMPSocketError as error:
        raise error.__context__ or SensorGone(str(error)) from None  # the library keeps the number in there


def decode(error: OSError | None) -> int:
    """What went wrong with a question, if anything, to 1 or 0; `SensorGone` where it could not be asked."""
    if error is None:
        return 1
    if isinstance(error, TimeoutError) or error.errno in DOES_NOT_ANSWER:
        return 0
    raise SensorGone(f"this computer cannot ask: look at its own network ({error})") from error
