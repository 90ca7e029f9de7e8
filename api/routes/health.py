# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the server, the link, the store and every device are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs

import bezet
from api.access.caller import caller_of
from api.access.view import View, view_of
from api.schemas import Device, Instant, LinkShape, Shape, device_facts, instant
from bezet.errors import Cause, StoreError

if TYPE_CHECKING:
    from api.routes import Sources
    from store import Reject, Store

NEWEST_REJECTS = 10
_ABOUT = """
De server, de verbinding en de opslag; voor wie het gebouw beheert ook elk kastje, en wat er geweigerd is en
waarom.
"""


class RejectShape(Shape):
    """Een geweigerd bericht; nooit de inhoud."""

    at: Instant
    topic: str
    cause: Cause
    what: str


class StoreShape(Shape):
    """De opslag van de geschiedenis."""

    readable: bool
    rejects_by_cause: dict[Cause, int]
    newest_rejects: list[RejectShape]


class HealthShape(Shape):
    """Hoe het met de server, de verbinding, de opslag en de kastjes gaat."""

    status: Literal["ok", "degraded"]
    at: Instant
    version: str
    link: LinkShape
    store: StoreShape
    live_refused_by_cause: dict[Cause, int]
    listeners: int = Field(description="Schermen die nu meekijken.")
    devices: list[Device]


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/health",
        summary="Hoe het gaat",
        description=_ABOUT,
        operation_id="readHealth",
    )
    async def health(request: Request) -> HealthShape:
        store = await run_in_threadpool(_store, sources.store)
        now_ms, link = sources.clock(), sources.link()
        is_full = view_of(caller_of(request)) is View.FULL
        return HealthShape(
            status="ok" if link.up and store.readable else "degraded",
            at=instant(now_ms),
            version=bezet.__version__,
            link=link,
            store=store if is_full else store.model_copy(update={"newest_rejects": []}),
            live_refused_by_cause=dict(sources.board.refused),
            listeners=sources.feed.listeners,
            devices=_devices(sources, now_ms) if is_full else [],
        )

    return router


def _store(store: Store) -> StoreShape:
    try:
        rejects = [_reject(one) for one in store.rejects(NEWEST_REJECTS)]
        counts = store.reject_counts()
    except StoreError:
        return StoreShape(readable=False, rejects_by_cause={}, newest_rejects=[])
    return StoreShape(readable=True, rejects_by_cause=counts, newest_rejects=rejects)


def _devices(sources: Sources, now_ms: int) -> list[Device]:
    return [
        Device(
            **device_facts(name, health, spaces, last_word_ms, now_ms),
            sensors=dict(health.sensors) if health else {},
            troubles=list(health.troubles) if health else [],
        )
        for name, health, spaces, last_word_ms in sources.devices()
    ]


def _reject(found: Reject) -> RejectShape:
    return RejectShape(at=instant(found.t_ms), topic=found.topic, cause=found.cause, what=found.what)
