# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What changes, as it changes: server-sent events for pages, screens and programs."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, HTTPException
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import StreamingResponse

from api.access.caller import caller_of
from api.access.matrix import allowed
from api.access.view import view_of
from api.negotiation import EVENTS
from api.problems import RETRY_AFTER_S, documented

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from api.routes import Sources

#: So many listen at once; the next is told to come back later.
MOST_LISTENERS = 2_000
#: So often it is looked whether a listener still may hear what it hears.
LOOK_AGAIN_MS = 5_000
_ABOUT = """
Eerst één gebeurtenis `spaces` met alle ruimtes, daarna `space` bij elke verandering, en ten minste elke
10 s `tick` met de tijd van de server, zodat een scherm weet dat de server leeft. `notice` is de mededeling
van de beheerder: bij het begin, en zodra zij verandert of vervalt. Wie opnieuw verbindt met `Last-Event-ID`,
krijgt alleen wat er sindsdien veranderde; is die onbekend, dan weer alles. Wie een tijd niet leest, mist
tussenstappen en nooit de uitkomst.

Wie alarmen mag zien, hoort ook `alarm`, als er een begint, overgaat, stil wordt gezet of weer niet, of als
iemand zegt ervan te weten: het alarm zoals het dan is, zonder `text` en `whatToDo`. Dat komt niet nog eens:
vraag `/alarms` aan het begin, en weer na elk herstel van de verbinding.
"""


class EventStream(StreamingResponse):
    """Events until they end or the listener leaves; then what tells them is closed at once.

    FastAPI's own EventSourceResponse raises into the log when a listener leaves while it is sent to.
    """

    def __init__(self, told: AsyncGenerator[bytes]) -> None:
        self._told = told
        # The header asks a proxy (nginx) to pass events on at once.
        super().__init__(told, media_type=EVENTS, headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send, and close."""
        async with aclosing(self._told):
            await super().__call__(scope, receive, send)


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["live"])

    @router.get(
        "/live-events",
        summary="Wat er verandert, zodra het verandert",
        description=_ABOUT,
        operation_id="followLiveEvents",
        response_class=StreamingResponse,
        responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}, **documented(400, 503)},
    )
    async def live_events(
        request: Request,
        last_event_id: Annotated[
            str,
            Header(description="De `id` van de laatste gebeurtenis die u kreeg; anders begint u met alles."),
        ] = "",
    ) -> EventStream:
        if sources.feed.listeners >= MOST_LISTENERS:
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            raise HTTPException(503, "There are as many listeners as there may be; try again later.", headers)
        caller = caller_of(request)
        hears_alarms = bool(caller.roles & allowed("listAlarms"))
        told = sources.telling.listen(view_of(caller), last_event_id, hears_alarms=hears_alarms)
        is_for_all = sources.gate.is_for_all(caller)
        return EventStream(told if is_for_all else _while_allowed(told, request, sources))

    return router


async def _while_allowed(
    told: AsyncGenerator[bytes], request: Request, sources: Sources
) -> AsyncGenerator[bytes]:
    """What is told, until whoever listens may not any more; with each tick there is something to look at."""
    looked_ms = sources.clock()
    async with aclosing(told):
        async for text in told:
            now_ms = sources.clock()
            if now_ms - looked_ms >= LOOK_AGAIN_MS:
                looked_ms = now_ms
                if not await sources.gate.is_still(request):
                    return
            yield text
