# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The spaces: what each is now, and what it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs

from api.access.caller import caller_of
from api.access.view import view_of
from api.problems import documented
from api.routes.asked import MIN_CAPACITY, asked_span, found_space, may_show
from api.schemas import Space, Spaces, SpanQuery, States, in_ms, instant, interval_out
from bezet.occupancy.zones import coverage, history

if TYPE_CHECKING:
    from datetime import datetime

    from api.routes import Sources
    from bezet import model

MAX_SPAN = timedelta(days=31)

_ABOUT_STATES = f"""
Van begin tot eind zonder gaten; waarover de sensoren zwegen, is `unknown`. Ten hoogste {MAX_SPAN.days} dagen
per vraag. Een ruimte voor minder dan {MIN_CAPACITY} mensen heeft geen eigen geschiedenis.
"""


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/spaces",
        summary="Alle ruimtes en wat zij nu zijn",
        description="In de volgorde van het gebouwbestand, met de tijd van de server en de verbinding.",
        operation_id="listSpaces",
    )
    async def spaces(request: Request) -> Spaces:
        return sources.spaces(view_of(caller_of(request)))

    @router.get(
        "/spaces/{spaceId}",
        summary="Eén ruimte en wat zij nu is",
        description="Hetzelfde als in de lijst, voor één ruimte.",
        operation_id="readSpace",
        responses=documented(400, 404),
    )
    async def space(request: Request, spaceId: str) -> Space:  # noqa: N803  the name in the path is the name in the JSON
        found_space(sources, spaceId)
        return sources.space(spaceId, view_of(caller_of(request)))

    @router.get(
        "/spaces/{spaceId}/states",
        summary="Wat een ruimte was, in aaneengesloten tijden",
        description=_ABOUT_STATES,
        operation_id="listStates",
        responses=documented(400, 403, 404, 503),
    )
    def states(spaceId: str, query: Annotated[SpanQuery, Query()]) -> States:  # noqa: N803  as above
        found = found_space(sources, spaceId)
        start, end = asked_span(query, instant(sources.clock()), MAX_SPAN)
        may_show(sources, found, start, end)
        return _states(sources, found, start, end)

    return router


def _states(sources: Sources, space: model.Space, start: datetime, end: datetime) -> States:
    start_ms, end_ms = in_ms(start), in_ms(end)
    found = sources.store.states(sources.building.site, space.id, start_ms=start_ms, end_ms=end_ms)
    rows = [*found.rows()]
    intervals = history(rows, start_ms=start_ms, end_ms=end_ms)
    return States(
        space_id=space.id,
        start=instant(start_ms),
        end=instant(end_ms),
        coverage=coverage(intervals),
        rules=sorted({row.state.rule for row in rows}),
        intervals=[interval_out(one) for one in intervals],
    )
