# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A device at the far end of a pseudo-terminal, which a test may unplug and plug in again."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

Done = TypeVar("Done")


async def soon(awaited: Awaitable[Done]) -> Done:
    """What comes of it, or a failure rather than a test that hangs."""
    async with asyncio.timeout(5):
        return await awaited


class FarEnd:
    """Says and hears bytes; its port is a link with a name that stays, as `/dev/serial/by-id` has them."""

    def __init__(self, folder: Path) -> None:
        self._link = folder / "port"
        self.plug_in()

    @property
    def port(self) -> str:
        """The name of the port."""
        return str(self._link)

    def plug_in(self) -> None:
        """Appear as a new terminal under the old name."""
        self.fd, self.near_fd = os.openpty()
        os.set_blocking(self.fd, False)
        self._link.symlink_to(os.ttyname(self.near_fd))

    def unplug(self) -> None:
        """Vanish, and the name with it."""
        self._link.unlink(missing_ok=True)
        for fd in (self.near_fd, self.fd):
            with contextlib.suppress(OSError):
                os.close(fd)
        self.fd = self.near_fd = -1

    def say(self, said: bytes) -> None:
        """Say bytes."""
        os.write(self.fd, said)

    async def hear(self, count: int) -> bytes:
        """The next bytes that were sent to it, so many."""
        heard = b""
        while len(heard) < count:
            heard += await self._hear_some(count - len(heard))
        return heard

    async def hear_until(self, last: bytes) -> bytes:
        """What was sent to it up to these bytes."""
        heard = b""
        while not heard.endswith(last):
            heard += await self._hear_some(4_096)
        return heard

    async def _hear_some(self, most: int) -> bytes:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.fd, ready.set)
        try:
            await soon(ready.wait())
        finally:
            loop.remove_reader(self.fd)
        return os.read(self.fd, most)
