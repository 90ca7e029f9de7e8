# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What changes, as it changes: server-sent events for pages and screens."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from api.schemas import NoticeShape, Tick, instant, space_out

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from pydantic import BaseModel
    from starlette.types import Receive, Scope, Send

    from api.feed import Turn
    from api.routes import Sources

_ABOUT = """
Eerst één gebeurtenis `spaces` met alle ruimtes, daarna `space` bij elke verandering, en ten minste elke
10 s `tick` met de tijd van de server, zodat een scherm weet dat de server leeft. `notice` is de mededeling
van de beheerder: bij het begin, en zodra zij verandert of vervalt. Wie opnieuw verbindt, krijgt weer alles.
"""
_MEDIA_TYPE = "text/event-stream"


class EventStream(StreamingResponse):
    """Events until they end or the listener leaves; then what tells them is closed at once.

    FastAPI's own EventSourceResponse raises into the log when a listener leaves while it is sent to.
    """

    def __init__(self, told: AsyncGenerator[bytes]) -> None:
        self._told = told
        # The header asks a proxy (nginx) to pass events on at once.
        super().__init__(told, media_type=_MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send, and close."""
        async with aclosing(self._told):
            await super().__call__(scope, receive, send)


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["live"])

    @router.get(
        "/live",
        summary="Wat er verandert, zodra het verandert",
        description=_ABOUT,
        operation_id="followLive",
        response_class=StreamingResponse,
        responses={200: {"content": {_MEDIA_TYPE: {"schema": {"type": "string"}}}}},
    )
    async def live() -> EventStream:
        return EventStream(_told(sources))

    return router


async def _told(sources: Sources) -> AsyncGenerator[bytes]:
    async with aclosing(sources.feed.listen()) as turns:
        async for turn in turns:
            for event in _events(sources, turn):
                yield event


def _events(sources: Sources, turn: Turn) -> Iterator[bytes]:
    """What is said of one turn. The id is the version of the board since this server started."""
    now_ms = sources.clock()
    if turn.is_first:
        yield _event("spaces", turn, sources.spaces())
    else:
        for space in turn.spaces:
            yield _event("space", turn, space_out(space, now_ms))
    if turn.ticks:
        yield _event("tick", turn, Tick(at=instant(now_ms), link=sources.link()))
    if turn.has_notice:
        yield _event("notice", turn, NoticeShape.of(sources.feed.notice))


def _event(name: str, turn: Turn, told: BaseModel) -> bytes:
    return format_sse_event(data_str=told.model_dump_json(), event=name, id=str(turn.version))
