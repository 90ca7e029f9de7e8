# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A proxy between a store and its server that fails as it is told, one request after the other."""

from __future__ import annotations

import http.client
import json
import select
import socket
import threading
from collections import deque
from contextlib import suppress
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Fault(Enum):
    """What happens to one request; the words of refusals are those of InfluxDB 1 and 2."""

    NONE = "passed on"
    UNAVAILABLE = "503, not passed on"
    TOO_MANY = "429 with Retry-After, not passed on"
    DISK_FULL = "500 as 1.x says it, not passed on"
    REVOKED = "401 as 2.x says it, not passed on"
    SILENT = "no answer until the other side gives up, not passed on"
    SILENT_AFTER = "no answer until the other side gives up, but taken"
    CUT_REQUEST = "the first half of the body passed on, then the connection is gone"
    CUT_AFTER = "taken, then the connection is gone"
    CUT_ANSWER = "taken, but the connection goes in the middle of the answer"
    NO_CONNECTION = "the connection is gone at once"


RETRY_AFTER_S = 7
_ANSWERS: dict[Fault, tuple[int, dict[str, str], dict[str, str]]] = {
    Fault.UNAVAILABLE: (503, {}, {"code": "unavailable", "message": "write buffer is full"}),
    Fault.TOO_MANY: (429, {"Retry-After": str(RETRY_AFTER_S)}, {"message": "write limit exceeded"}),
    Fault.DISK_FULL: (500, {}, {"error": "[shard 3] write wal/3/_00001.wal: no space left on device"}),
    Fault.REVOKED: (401, {}, {"code": "unauthorized", "message": "unauthorized access"}),
}
#: Headers that are about one connection.
_OURS = {"connection", "transfer-encoding", "content-length", "keep-alive", "server", "date"}


class Proxy(ThreadingHTTPServer):
    """Passes requests on to `upstream`; `faults` are for the next ones on their way."""

    daemon_threads = True
    #: Whoever waits for an answer that never comes does not hold up the end.
    block_on_close = False

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.faults: deque[Fault] = deque()
        self.requests: list[str] = []
        #: What happens first when a request with these words comes by; once.
        self.before: dict[str, Callable[[], None]] = {}
        self._thread = threading.Thread(target=self.serve_forever, args=[0.01], name="proxy", daemon=True)

    @property
    def url(self) -> str:
        """The address of this proxy."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def writes(self) -> int:
        """How many writes came by."""
        return sum("/api/v2/write" in one for one in self.requests)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that break are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Head and body in one piece, or each answer waits for an acknowledgement.
    wbufsize = 1 << 16
    server: Proxy

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = f"{self.command} {self.path}"
        self.server.requests.append(request)
        for words in [words for words in self.server.before if words in request]:
            self.server.before.pop(words)()
        fault = self.server.faults.popleft() if self.server.faults else Fault.NONE
        if fault in _ANSWERS:
            status, headers, said = _ANSWERS[fault]
            self._answer(status, headers, json.dumps(said).encode())
        elif fault is Fault.CUT_REQUEST:
            self._pass_half(body)
            self._hang_up()
        elif fault is Fault.SILENT:
            self._wait_until_given_up()
        elif fault is Fault.NO_CONNECTION:
            self._hang_up()
        else:
            self._pass(body, fault)

    do_GET = do_POST = _handle  # noqa: N815  the library's own names

    def _pass(self, body: bytes, fault: Fault) -> None:
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            response = upstream.getresponse()
            said = response.read()
        finally:
            upstream.close()
        if fault is Fault.SILENT_AFTER:
            self._wait_until_given_up()
        elif fault is Fault.CUT_AFTER:
            self._hang_up()
        else:
            kept = {name: one for name, one in response.getheaders() if name.lower() not in _OURS}
            self._answer(response.status, kept, said, cut=fault is Fault.CUT_ANSWER)

    def _pass_half(self, body: bytes) -> None:
        """A request that says how long it is and is not: the server sees the connection break."""
        host, _, port = self.server.upstream.partition(":")
        head = f"{self.command} {self.path} HTTP/1.1\r\n" + "".join(
            f"{name}: {one}\r\n" for name, one in self.headers.items()
        )
        with socket.create_connection((host, int(port)), timeout=30) as upstream:
            upstream.sendall(head.encode() + b"\r\n" + body[: len(body) // 2])

    def _answer(self, status: int, headers: dict[str, str], said: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        for name, one in headers.items():
            self.send_header(name, one)
        if status != http.client.NO_CONTENT:
            self.send_header("Content-Length", str(len(said) + cut))
        self.end_headers()
        self.wfile.write(said[: len(said) // 2] if cut else said)
        if cut:
            self._hang_up()

    def _wait_until_given_up(self) -> None:
        select.select([self.connection], [], [], 30)
        self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's own name
        """Say nothing."""
