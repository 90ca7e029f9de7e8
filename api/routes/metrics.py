# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the window itself is doing, as figures for whoever watches it; docs/metrics.md has the table.

Nothing here says how any space is used: that has its own rules about who may see what.
"""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

from api.live import STALE_MS
from bezet.errors import StoreError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.routes import Sources
    from store import Store

DURATION_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: What stands for a method or a route that is none of ours: askers must not make up labels.
OTHER = "other"


class Meters:
    """All of them, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        self.requests = Counter(
            "bezet_api_requests",
            "requests answered; what has no route of ours, or a method that nobody knows, is `other`",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "bezet_api_request_seconds",
            "from a request to the beginning of its answer",
            ["route"],
            buckets=DURATION_S,
            registry=self.registry,
        )
        self.listeners = gauge("bezet_api_listeners", "pages and screens that follow the live stream")
        self.link_up = gauge("bezet_api_link_up", "1 while there is a broker")
        self.word_age_seconds = gauge(
            "bezet_api_word_age_seconds",
            "age of the last word of a device; NaN before there is one",
            ["which"],
        )
        self.devices = gauge("bezet_api_devices", "devices that ever spoke")
        self.silent_devices = gauge(
            "bezet_api_silent_devices", "those of them whose last word is too old to count"
        )
        self.store_readable = gauge("bezet_api_store_readable", "1 while the store can be read")
        self.uptime_seconds = gauge("bezet_api_uptime_seconds", "how long this server runs")

    def look(self, sources: Sources, started_ms: int) -> None:
        """Set the gauges to what is now; belongs in the event loop, as the board does."""
        board, now_ms = sources.board, sources.clock()
        ages_s = [max(0, now_ms - board.last_word_ms(name)) / 1000 for name, _, _ in board.devices()]
        self.listeners.set(sources.feed.listeners)
        self.link_up.set(board.link_is_up)
        self.word_age_seconds.labels("newest").set(min(ages_s, default=math.nan))
        self.word_age_seconds.labels("oldest").set(max(ages_s, default=math.nan))
        self.devices.set(len(ages_s))
        self.silent_devices.set(sum(age_s * 1000 > STALE_MS for age_s in ages_s))
        self.uptime_seconds.set((now_ms - started_ms) / 1000)


def routes(sources: Sources, meters: Meters) -> APIRouter:
    """The one route of this resource; it is for those who run the house, and no part of the API."""
    router = APIRouter(include_in_schema=False)
    started_ms = sources.clock()

    @router.get("/metrics")
    async def metrics(accept: Annotated[str, Header()] = "") -> Response:
        meters.store_readable.set(await run_in_threadpool(_is_readable, sources.store))
        meters.look(sources, started_ms)
        encode, media_type = choose_encoder(accept)
        return Response(encode(meters.registry), headers={"Content-Type": media_type})

    return router


def _is_readable(store: Store) -> bool:
    try:
        store.rejects(1)
    except StoreError:
        return False
    return True


class Counted:
    """An ASGI layer around everything else: counts each answer as it begins, by route and never by path."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count."""
        began_s = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - began_s)
            await send(message)

        await self._app(scope, receive, send_and_count if scope["type"] == "http" else send)

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        # The router has put the route that it found into the scope by now.
        path = getattr(scope.get("route"), "path_format", None)
        route = OTHER if path is None else scope.get("root_path", "") + path
        self._meters.requests.labels(method, route, status).inc()
        self._meters.request_seconds.labels(route).observe(took_s)
