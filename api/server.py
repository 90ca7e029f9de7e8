# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The HTTP server around the application: says where it is, and goes when it is told to."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.headers import ALWAYS
from api.problems import problem
from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

OPEN = "No access is set up: whoever uses this machine may see everything (docs/how-to/set-up-the-window.md)."
#: A request that takes longer than this after the signal to stop is cut off.
GRACE_S = 1


#: Who takes nothing of what is sent to them for so long is let go by the system: a phone that left, a screen
#: that was switched off, somebody who never reads. No more waits for them than fits into its buffers.
DEAF_MS = 60_000


def listening(host: str, port: int, deaf_ms: int = DEAF_MS) -> socket.socket:
    """A socket that holds the port, or `CannotStart` with the reason."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise CannotStart(f"cannot listen on {host} port {port}: {why}") from None
    # What connections have from the socket that took them in. A head and a body are two writes: without this
    # the second waits 40 ms for the other side to say that it has the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, deaf_ms)
    return listener


def open_many() -> None:
    """Let this process hold as many connections as the system allows: each listener is an open file."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Http(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it; also what is no HTTP gets an answer like all others."""

    _is_over = False

    def data_received(self, data: bytes) -> None:
        """Take it; after what was no HTTP it is thrown away."""
        if not self._is_over:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Say that this was no HTTP, and close."""
        found = problem(400, msg, {**ALWAYS, "Connection": "close"})
        head = b"".join(b"%s: %s\r\n" % header for header in found.raw_headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%s\r\n%s" % (head, found.body))
        self.transport.write_eof()
        # Whoever is still sending would not get the answer if this was closed at once.
        self._is_over = True
        self.loop.call_later(GRACE_S, self.transport.close)


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
            http=Http,
            ws="none",
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
