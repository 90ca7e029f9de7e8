# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Wires store, link and building into one ASGI application, and owns its life."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI
from starlette.responses import RedirectResponse

from api.access.caller import Role
from api.access.gate import SignInFirst
from api.access.making import make_gate
from api.access.matrix import ALL, allowed
from api.alarms.watching import Watch as AlarmWatch
from api.calendars.bookings import Bookings
from api.calendars.watching import Watch
from api.feed import TICK_S, Feed
from api.headers import API_VERSION, Headers
from api.live import Board
from api.notice import LOOK_AGAIN_S, NoticeFile
from api.problems import documented, handle_problems
from api.routes import (
    Sources,
    alarms,
    audit_entries,
    devices,
    facts,
    health,
    live_events,
    live_page,
    lobby,
    metrics,
    public_information,
    readings,
    sessions,
    sign_in,
    sites,
    spaces,
    why,
)
from api.schemas import Problem
from api.telling import Telling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from api.book import Book
    from api.settings import Settings
    from bezet.link import Link
    from bezet.model import Building
    from store import Store

_ABOUT = """
Welke ruimtes vrij, bezet of onbekend zijn, nu en eerder. Onbekend is niet vrij: wat de sensoren niet konden
zeggen, staat hier als `unknown`. Tijden zijn in UTC; vragen mogen elke offset hebben.
"""
RESOURCES = (
    *(sites, spaces, sessions, facts, readings, why, live_events, devices),
    *(alarms, health, audit_entries, public_information),
)
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Een sleutel (`bezet token create`), of een token van de dienst die aanmeldt.",
    }
}
_CONTACT = {
    "name": "Beheer Bezet",
    "url": "https://bezet.example/contact",
    "email": "bezet-beheer@bezet.example",
}


def build_app(
    store: Store,
    link: Link,
    building: Building,
    clock: Callable[[], int],
    *,
    book: Book,
    settings: Settings,
    notice: Path | None = None,
    tick_s: float = TICK_S,
    look_again_s: float = LOOK_AGAIN_S,
) -> FastAPI:
    """The application; `clock` gives milliseconds since 1970 UTC, `notice` is the file of the notice.

    It opens and closes the link; store and book stay whoever's they are. `app.state.feed.close()` ends the
    live streams, which a server must do before it waits for its connections to end.
    """
    bookings = Bookings()
    board = Board(building, bookings)
    feed = Feed(link, board, clock, tick_s=tick_s)

    def rebooked(space: str) -> None:
        board.stir(space)
        feed.stir()

    bookings.changed = rebooked
    gate = make_gate(settings.access, book, clock)
    telling = Telling(feed, clock)
    watched = AlarmWatch(store, building, board, bookings, book, clock)
    sources = Sources(store, building, board, feed, clock, book, settings, gate, telling, watched)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with aclosing(gate), link, asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(feed.receive(), name="api.feed.receive"),
                group.create_task(feed.publish(), name="api.feed.publish"),
            ]
            tasks.append(group.create_task(watched.watch(), name="api.alarms"))
            if settings.calendars.feeds:
                calendars = Watch(settings.calendars, bookings, book, building, clock)
                tasks.append(group.create_task(calendars.watch(), name="api.calendars"))
            if notice is not None:
                posted = NoticeFile(notice, clock)
                feed.post(posted.look())  # the first page that is asked for must have it
                watching = posted.watch(feed.post, look_again_s)
                tasks.append(group.create_task(watching, name="api.notice.watch"))
            try:
                yield
            finally:
                feed.close()
                for task in tasks:
                    task.cancel()

    app = _Window(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        dependencies=[Depends(gate)],
    )
    app.state.feed = feed
    app.state.is_open = gate.is_open
    app.state.bookings = bookings
    app.state.alarms = watched
    app.state.meters = metrics.Meters()
    app.include_router(live_page.routes(sources))
    app.include_router(lobby.routes(sources))
    app.include_router(sign_in.routes(sources))
    app.include_router(metrics.routes(sources, app.state.meters))
    app.mount("/v1", _version_1(sources))
    handle_problems(app)
    app.add_exception_handler(SignInFirst, _to_the_door)
    return app


async def _to_the_door(_: Request, __: Exception) -> Response:
    return RedirectResponse("/sign-in", 303)


class _Window(FastAPI):
    """FastAPI answers a crash outside of all middleware; that answer must have headers and be counted too."""

    def build_middleware_stack(self) -> ASGIApp:
        inner = Headers(super().build_middleware_stack(), is_open=self.state.is_open)
        return metrics.Counted(inner, self.state.meters)


def _version_1(sources: Sources) -> FastAPI:
    app = _Documented(
        title="Bezet",
        summary="De bezetting van flexibele ruimtes",
        description=_ABOUT,
        version=API_VERSION,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": "/v1"}],
        openapi_tags=[
            {"name": "sites", "description": "Het gebouw, en wat er gemeten wordt."},
            {"name": "spaces", "description": "Ruimtes en hun toestand."},
            {"name": "live", "description": "Veranderingen, zodra zij er zijn."},
            {"name": "alarms", "description": "Wat er mis is, en wat te doen."},
            {"name": "devices", "description": "Kastjes en sensoren."},
            {"name": "health", "description": "Hoe het met de installatie gaat."},
            {"name": "access", "description": "Wie wat mag, en deed."},
        ],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(sources.gate)],
    )
    for resource in RESOURCES:
        app.include_router(resource.routes(sources))
    handle_problems(app)
    return app


class _Documented(FastAPI):
    """An API whose document says what it really answers: problems, no 422, and its version on everything."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            _tell_the_truth(document)
            self.openapi_schema = document
        return self.openapi_schema


def _tell_the_truth(document: dict[str, Any]) -> None:
    document["info"]["contact"] = _CONTACT
    shapes = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes.update(problem.pop("$defs"))
    shapes["Problem"] = problem
    document["components"]["securitySchemes"] = _SCHEMES
    version = {"description": "De volledige versie van deze API.", "schema": {"type": "string"}}
    for operations in document["paths"].values():
        for operation in operations.values():
            roles = allowed(operation["operationId"])
            statuses = (400, 401, 406, 429, 500) if roles == ALL else (400, 401, 403, 406, 429, 500)
            operation["responses"] = {**documented(*statuses), **operation["responses"]}
            operation["responses"].pop("422", None)
            operation["security"] = [{}, {"token": []}] if Role.PUBLIC in roles else [{"token": []}]
            operation["description"] += f"\n\nVoor: {', '.join(role for role in Role if role in roles)}."
            for response in operation["responses"].values():
                response.setdefault("headers", {})["API-Version"] = version
