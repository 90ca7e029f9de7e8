# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Wires store, link and building into one ASGI application, and owns its life."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI
from starlette.responses import RedirectResponse

from api.access.gate import SignInFirst
from api.access.making import make_gate
from api.alarms.shapes import facts_of
from api.alarms.watching import Watch as AlarmWatch
from api.book.keeping import keep
from api.calendars.bookings import Bookings
from api.calendars.watching import Watch as CalendarWatch
from api.cors import Cors
from api.demand.publishing import Publisher
from api.document import ABOUT, Documented
from api.feed import TICK_S, Feed
from api.feedback.box import Box
from api.front.problem import problem_page
from api.headers import API_VERSION, Headers
from api.heard import Hearing
from api.limits import Limited
from api.live import Board
from api.notice import LOOK_AGAIN_S, NoticeFile
from api.problems import handle_problems
from api.routes import (
    Sources,
    about_page,
    alarm_form,
    alarms,
    audit_entries,
    cards,
    devices,
    door,
    facts,
    feedback,
    feedback_page,
    find,
    health,
    live_events,
    live_page,
    lobby,
    metrics,
    own_files,
    public_information,
    readings,
    screens,
    sessions,
    sign_in,
    sites,
    space_page,
    spaces,
    webhooks,
    why,
    zone_demands,
)
from api.telling import Telling
from api.webhooks.sending import Webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from api.alarms.judging import Alarm
    from api.book import Book
    from api.book.alarms import Mute
    from api.live import Sensed
    from api.settings import Settings
    from bezet.link import Link
    from bezet.model import Building
    from store import Store

RESOURCES = (
    *(sites, spaces, sessions, facts, readings, why, zone_demands, live_events, devices),
    *(alarms, health, webhooks, audit_entries, public_information, feedback, screens),
)


def build_app(
    store: Store,
    link: Link,
    building: Building,
    clock: Callable[[], int],
    *,
    book: Book,
    settings: Settings,
    notice: Path | None = None,
    theme: bytes = b"",
    tick_s: float = TICK_S,
    look_again_s: float = LOOK_AGAIN_S,
) -> FastAPI:
    """The application; `clock` gives milliseconds since 1970 UTC.

    `notice` is the file of the notice, `theme` the stylesheet of the organisation itself. It opens and closes
    the link; store and book stay whoever's they are. `app.state.feed.close()` ends the live streams, which a
    server must do before it waits for its connections to end.
    """
    bookings = Bookings()
    board = Board(building, bookings)
    feed = Feed(link, board, clock, tick_s=tick_s)

    def rebooked(space: str) -> None:
        board.stir(space)
        feed.stir()

    def sensed(lately: Mapping[str, Sensed]) -> None:
        for space, found in lately.items():
            board.sense(space, found, clock())
        feed.stir()

    bookings.changed = rebooked
    gate = make_gate(settings.access, book, clock)
    telling = Telling(feed, clock)
    hooks = Webhooks(settings.webhooks, book, building.site, clock)
    watched = AlarmWatch(store, building, board, bookings, book, clock)
    watched.sensed = sensed
    asked = Box(book, building, clock), Hearing(store, building, clock)
    sources = Sources(
        store, building, board, feed, clock, book, settings, gate, telling, watched, hooks, *asked
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watched.changed.append(_handed_over(feed))
        async with aclosing(gate), link, asyncio.TaskGroup() as group:
            posted = None if notice is None else NoticeFile(notice, clock)
            if posted is not None:
                feed.post(posted.look())  # the first page that is asked for must have it
            tasks = [
                group.create_task(work, name=f"api.{name}")
                for name, work in _works(sources, link, bookings, posted, look_again_s)
            ]
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
    app.include_router(alarm_form.routes(sources))
    app.include_router(space_page.routes(sources))
    app.include_router(lobby.routes(sources))
    for page in (door, find, feedback_page, about_page, cards):
        app.include_router(page.routes(sources))
    app.include_router(own_files.routes(theme))
    app.include_router(sign_in.routes(sources))
    app.include_router(metrics.routes(sources, app.state.meters))
    app.mount("/v1", _version_1(sources))
    handle_problems(app, problem_page(building))
    app.add_exception_handler(SignInFirst, _to_the_door)
    return app


def _handed_over(feed: Feed) -> Callable[[Alarm, Mute | None], None]:
    """Tells the feed, from whatever thread, how an alarm is."""
    loop = asyncio.get_running_loop()

    def hand_over(alarm: Alarm, mute: Mute | None) -> None:
        loop.call_soon_threadsafe(feed.post_alarm, facts_of(alarm, mute))

    return hand_over


def _works(
    sources: Sources, link: Link, bookings: Bookings, posted: NoticeFile | None, look_again_s: float
) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
    """What goes on beside the answering, each for ever; of what a site did not ask for there is nothing."""
    settings, building, feed = sources.settings, sources.building, sources.feed
    yield "feed.receive", feed.receive()
    yield "feed.publish", feed.publish()
    yield "alarms", sources.alarms.watch()
    yield "book", keep(sources.book, building, sources.clock)
    if settings.calendars.feeds:
        calendars = CalendarWatch(settings.calendars, bookings, sources.book, building, sources.clock)
        yield "calendars", calendars.watch()
    if settings.webhooks:
        sources.alarms.told.append(sources.webhooks.hear)
        yield "webhooks.follow", sources.webhooks.follow(feed)
        yield "webhooks.send", sources.webhooks.send()
    if settings.demand.is_published or settings.demand.home_assistant:
        publisher = Publisher(settings.demand, building, feed, link, sources.clock)
        feed.greet(publisher.greeting_topic, publisher.greeted)
        yield "demand", publisher.publish()
    if posted is not None:
        yield "notice", posted.watch(feed.post, look_again_s)


async def _to_the_door(_: Request, __: Exception) -> Response:
    return RedirectResponse("/sign-in", 303)


class _Window(FastAPI):
    """FastAPI answers a crash outside of all middleware; that answer must have headers and be counted too."""

    def build_middleware_stack(self) -> ASGIApp:
        inner = Headers(Limited(super().build_middleware_stack()), is_open=self.state.is_open)
        return metrics.Counted(inner, self.state.meters)


def _version_1(sources: Sources) -> FastAPI:
    app = Documented(
        title="Bezet",
        summary="De bezetting van flexibele ruimtes",
        description=ABOUT,
        version=API_VERSION,
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": "/v1"}],
        openapi_tags=[
            {"name": "sites", "description": "Het gebouw, en wat er gemeten wordt."},
            {"name": "spaces", "description": "Ruimtes en hun toestand."},
            {"name": "screens", "description": "Schermen aan de muur en borden bij de deur."},
            {"name": "live", "description": "Veranderingen, zodra zij er zijn."},
            {"name": "feedback", "description": "Wat mensen van ruimtes zeggen, in aantallen."},
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
    access = sources.settings.access
    if access is not None and access.cors:
        app.add_middleware(
            Cors,
            allow_origins=access.cors,
            allow_methods=["GET", "PATCH", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
            expose_headers=["API-Version", "Bezet-Next-Cursor", "ETag", "Retry-After"],
        )
    for resource in RESOURCES:
        app.include_router(resource.routes(sources))
    handle_problems(app, spaces=sources.building.spaces)
    return app
