# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is refused before anybody reads it: a body that is longer than anything that we take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from api.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

#: The longest thing that anybody says to us is a form, or a small JSON object.
MOST_BODY_BYTES = 64 * 1024
_CLOSE = {"Connection": "close"}


class Limited:
    """An ASGI layer: 413 for a body that is too long, and 411 for one that does not say how long it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is short; the server sees to it that a body is as long as it said."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if "transfer-encoding" in headers:
                detail = "Say how long the body is, in Content-Length."
                return await problem(411, detail, _CLOSE)(scope, receive, send)
            if int(headers.get("content-length", "0")) > MOST_BODY_BYTES:
                detail = f"A body may be {MOST_BODY_BYTES // 1024} KiB long, and no longer."
                return await problem(413, detail, _CLOSE)(scope, receive, send)
        return await self._app(scope, receive, send)
