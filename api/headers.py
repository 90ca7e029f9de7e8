# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The headers of every answer, errors and streams included: API version, security, and no caching."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Of the interface under /v1, not of the software; CHANGELOG.md has an entry for each.
API_VERSION = "1.5.0"

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_OWN_FILES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: On every answer; also on what is no HTTP (api/server.py).
ALWAYS: Mapping[str, str] = {
    "API-Version": API_VERSION,
    "Content-Security-Policy": _NOTHING,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Headers:
    """An ASGI layer around everything else, the handler of crashes too."""

    def __init__(self, app: ASGIApp, *, is_open: bool) -> None:
        self._app = app
        self._more = {"Bezet-Access": "open"} if is_open else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and put the headers on whatever answer comes back."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put(MutableHeaders(scope=message), scope["path"], self._more)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._head(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as GET would, without the body; a stream is not begun."""
        begun = asyncio.Event()

        async def send_start(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                begun.set()

        asked = self._app({**scope, "method": "GET"}, receive, send_start)
        asking = asyncio.ensure_future(asked)
        waiting = asyncio.create_task(begun.wait())
        await asyncio.wait([asking, waiting], return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, asking):
            task.cancel()
        await asyncio.wait([asking, waiting])
        if asking.done() and not asking.cancelled():
            asking.result()
        await send({"type": "http.response.body", "body": b""})


def _put(headers: MutableHeaders, path: str, more: Mapping[str, str]) -> None:
    is_page = headers.get("content-type", "").startswith("text/html")
    headers.update({**ALWAYS, **more, **({"Content-Security-Policy": _OWN_FILES} if is_page else {})})
    if path == "/v1/openapi.json":
        headers["Access-Control-Allow-Origin"] = "*"
