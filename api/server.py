# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The HTTP server around the application: says where it is, and goes when it is told to."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from fastapi import FastAPI

OPEN = "No access is set up: whoever uses this machine may see everything (docs/how-to/set-up-the-window.md)."
#: A request that takes longer than this after the signal to stop is cut off.
GRACE_S = 1


class Server(uvicorn.Server):
    """Serves the app on a socket that is bound already, until SIGTERM or SIGINT."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        self._app = app
        self._listener = listener
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop."""
        await super().serve(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where."""
        await super().startup(sockets)
        host, port, *_ = self._listener.getsockname()
        place = f"[{host}]" if ":" in host else host
        print(f"The lobby page is at http://{place}:{port}/lobby", flush=True)  # noqa: T201  for a person
        if self._app.state.is_open:
            print(OPEN, flush=True)  # noqa: T201  as above

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the live streams first; they would never end by themselves."""
        self._app.state.feed.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A signal to stop is what a server is told; it is not raised again, so that the exit code is 0."""
        loop = asyncio.get_running_loop()
        wanted = (signal.SIGTERM, signal.SIGINT)
        for number in wanted:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in wanted:
                loop.remove_signal_handler(number)
