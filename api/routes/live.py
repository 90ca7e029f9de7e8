# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What changes, as it changes: server-sent events for pages and screens."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  FastAPI reads it when it runs
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.schemas import Tick, instant, space_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.feed import Turn
    from api.routes import Sources

_ABOUT = """
Eerst één gebeurtenis `spaces` met alle ruimtes, daarna `space` bij elke verandering, en ten minste elke
10 s `tick` met de tijd van de server, zodat een scherm weet dat de server leeft. Wie opnieuw verbindt, krijgt
weer alles.
"""


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["live"])

    @router.get(
        "/live",
        summary="Wat er verandert, zodra het verandert",
        description=_ABOUT,
        operation_id="followLive",
        response_class=EventSourceResponse,
    )
    async def live() -> AsyncIterator[ServerSentEvent]:
        async for turn in sources.feed.listen():
            for event in _events(sources, turn):
                yield event

    return router


def _events(sources: Sources, turn: Turn) -> Iterator[ServerSentEvent]:
    """What is said of one turn. The id is the version of the board since this server started."""
    now_ms = sources.clock()
    number = str(turn.version)
    if turn.is_first:
        yield ServerSentEvent(event="spaces", id=number, data=sources.spaces())
    else:
        for space in turn.spaces:
            yield ServerSentEvent(event="space", id=number, data=space_out(space, now_ms))
    if turn.ticks:
        yield ServerSentEvent(event="tick", id=number, data=Tick(at=instant(now_ms), link=sources.link()))
