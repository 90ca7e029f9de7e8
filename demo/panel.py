# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The panel of the demo, which is not the product: a page on loopback to make things happen with."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bezet.errors import CannotStart
from demo.acting import RULES, going_on, make_happen, undo, wish
from demo.calendars import feed
from demo.faults import Fault
from demo.happenings import What, read_happenings
from demo.lens import pieces
from demo.panel_page import PAGES, choose_language, render
from demo.standing import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from demo.town import Town

LOOPBACK = ("127.0.0.1", "localhost")
#: How far the calendars tell back and ahead.
PAST_DAYS, COMING_DAYS = 28, 28
GRACE_S = 1
_JSON_WORDS = {str: "string", int: "whole number"}
_FILES: Mapping[str, str] = {
    "panel.css": "text/css",
    "panel.js": "text/javascript",
    "panel.svg": "image/svg+xml",
}
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build_panel(
    folder: Path,
    town: Callable[[], Town],
    now_ms: Callable[[], int],
    page_url: str,
    progress: Callable[[], str],
) -> Starlette:
    """The panel of the town in the data folder.

    `page_url` is where the product's page is; `progress` says how far history is, or nothing.
    """
    panel = Panel(folder, town, now_ms, page_url, progress)
    return Starlette(
        routes=[
            Route("/", panel.page),
            Route("/state", panel.state),
            *(Route(f"/{what}", panel.act(what), methods=["POST"]) for what in What),
            Route("/stop", panel.stop, methods=["POST"]),
            Route("/calendars/{space}.ics", panel.calendar),
            *(Route(f"/{name}", _file(name, media_type)) for name, media_type in _FILES.items()),
        ],
        exception_handlers={CannotStart: _wrong, HTTPException: _refused},
        # Pages of others must not reach it by a name of their own that leads here.
        middleware=[Middleware(_Headers), Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK])],
    )


async def serve_panel(app: ASGIApp, port: int) -> None:
    """Serve on loopback until cancelled, whatever signals come; `CannotStart` where the port is taken."""
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise CannotStart(f"the panel cannot listen on port {port}: {error.strerror}") from None
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    with listener:
        serving = asyncio.create_task(server.serve([listener]), name="demo.panel")
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise


class _Server(uvicorn.Server):
    """A server inside somebody else's program, which alone decides when to end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@dataclass(frozen=True, slots=True)
class Panel:
    """What the page shows, and what it can make happen."""

    folder: Path
    known_town: Callable[[], Town]
    now_ms: Callable[[], int]
    page_url: str
    progress: Callable[[], str]

    async def page(self, request: Request) -> HTMLResponse:
        """The page, in the language of the reader."""
        asked, accepted = request.query_params.get("lang", ""), request.headers.get("accept-language", "")
        language = choose_language(asked, accepted)
        page = render(self._town(), self.now_ms(), language, self.page_url)
        return HTMLResponse(page, headers={"Content-Language": language, "Vary": "Accept-Language"})

    async def state(self, _: Request) -> JSONResponse:
        """How things are now."""
        return JSONResponse(self._state())

    def act(self, what: What) -> Callable[[Request], Any]:
        """Make this happen to what the body names: `where`, and where it is wanted `people` and `lastsS`."""

        async def happen(request: Request) -> JSONResponse:
            asked = await _asked(request, {"where": str, "people": int, "lastsS": int})
            where, people, lasts_s = asked.get("where", ""), asked.get("people"), asked.get("lastsS")
            happening = wish(self._town(), what, self.now_ms(), where, people=people, lasts_s=lasts_s)
            make_happen(self.folder, happening)
            return JSONResponse(self._state())

        return happen

    async def stop(self, request: Request) -> JSONResponse:
        """End what goes on: the `what` at the `where` that the body names, or all."""
        asked = await _asked(request, {"what": str, "where": str})
        what = asked.get("what")
        if what is not None and what not in [*What]:
            raise CannotStart(f"what: needs one of {', '.join(What)}, not {what!r}")
        undo(self.folder, self.now_ms(), what and What(what), asked.get("where"))
        return JSONResponse(self._state())

    async def calendar(self, request: Request) -> Response:
        """The bookings of a space, as iCalendar."""
        town, space = self._town(), request.path_params["space"]
        if space not in town.building.spaces:
            raise HTTPException(404)
        today = datetime.fromtimestamp(self.now_ms() / 1000, UTC).astimezone(town.building.timezone).date()
        first, last = today - timedelta(days=PAST_DAYS), today + timedelta(days=COMING_DAYS)
        told = await run_in_threadpool(feed, town, space, first, last)
        return Response(told, media_type="text/calendar")

    def _town(self) -> Town:
        """The town with what was made to happen up to this very moment."""
        town, happenings = self.known_town(), read_happenings(self.folder / HAPPENINGS)
        return town if town.happenings == happenings else replace(town, happenings=happenings, _kept={})

    def _state(self) -> dict[str, object]:
        town, now_ms = self._town(), self.now_ms()
        [piece] = pieces(town.bent, now_ms, now_ms + 1)
        return {
            "nowMs": now_ms,
            "lifeMs": piece.life_at(now_ms),
            "progress": self.progress(),
            "people": {
                space: int(town.steps(space, now_ms, now_ms + 1).count[0]) for space in town.building.spaces
            },
            "wrong": list(_wrong_now(town, now_ms)),
            "going": [
                {
                    "what": one.what,
                    "where": one.where,
                    "name": RULES[one.what].names(town).get(one.where, one.where),
                    "untilMs": one.to_ms,
                    "people": one.people,
                }
                for one in going_on(town.happenings, now_ms)
            ],
        }


def _wrong_now(town: Town, now_ms: int) -> Iterator[str]:
    """What is wrong now, made to happen or by itself, by the names of the marks on the page."""
    marks = {("broker", ""): Fault.BROKER_OUT}
    marks |= {("device", device.name): Fault.DEVICE_SILENT for device in town.plan}
    marks |= {("sensor", sensor): Fault.PIR_STUCK for sensor in RULES[What.STICK].names(town)}
    for (kind, name), fault in marks.items():
        if town.spells(fault, name, now_ms, now_ms + 1):
            yield f"{kind} {name}".strip()


async def _asked(request: Request, keys: Mapping[str, type]) -> dict[str, Any]:
    """What the body asks for, which is JSON of these keys at most; what else is asked is refused.

    A page of somebody else cannot send JSON here without asking first, and is never told that it may.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "needs Content-Type: application/json")
    if request.headers.get("origin", _own_origin(request)) != _own_origin(request):
        raise HTTPException(403, "only the page of the panel may ask this")
    try:
        asked = json.loads(await request.body())
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise CannotStart("the body: needs a JSON object")
    for key, found in asked.items():
        if key not in keys:
            raise CannotStart(f"{key}: is not a key here; there are {', '.join(keys)}")
        if type(found) is not keys[key]:
            raise CannotStart(f"{key}: needs a JSON {_JSON_WORDS[keys[key]]}, not {json.dumps(found)}")
    return asked


def _own_origin(request: Request) -> str:
    return f"http://{request.headers['host']}"


async def _wrong(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    body = (PAGES / name).read_bytes()

    async def file(_: Request) -> Response:
        return Response(body, media_type=media_type)

    return file


class _Headers:
    """An ASGI layer that puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
