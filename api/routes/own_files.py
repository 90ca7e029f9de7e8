# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The files that our pages are made of: all that lie beside the templates, by name; each squeezed once."""

from __future__ import annotations

import gzip
import re
from importlib import resources
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_TYPES: Mapping[str, str] = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def routes(theme: bytes) -> APIRouter:
    """A route for each file, which is read once, and for the stylesheet of the organisation itself."""
    router = APIRouter()
    router.add_api_route("/own-theme.css", _answering(theme, _TYPES["css"]), methods=["GET"])
    for file in sorted((resources.files("api") / "pages").iterdir(), key=lambda one: one.name):
        media_type = _TYPES.get(file.name.rpartition(".")[2])
        if media_type is not None:
            answer = _answering(file.read_bytes(), media_type)
            router.add_api_route(f"/{file.name}", answer, methods=["GET"], name=file.name)
    return router


def _answering(body: bytes, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    squeezed = gzip.compress(body, mtime=0)

    async def file(request: Request) -> Response:
        vary = {"Vary": "Accept-Encoding"}
        if len(squeezed) < len(body) and takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(squeezed, headers={**vary, "Content-Encoding": "gzip"}, media_type=media_type)
        return Response(body, headers=vary, media_type=media_type)

    return file


def takes_gzip(accepted: str) -> bool:
    """Whether an answer may come squeezed (Accept-Encoding, RFC 9110 section 12.5.3)."""
    for part in accepted.split(","):
        coding, _, weight = part.replace(" ", "").lower().partition(";q=")
        if coding in {"gzip", "*"}:
            return not re.fullmatch(r"0(?:\.0*)?", weight)
    return False
