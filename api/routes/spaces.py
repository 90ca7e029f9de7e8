# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The spaces: what each is now, and what it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response

from api.access.caller import caller_of
from api.access.view import view_of
from api.live import MIN_CAPACITY, Shown
from api.problems import documented
from api.routes.asked import asked_span, found_space, may_show
from api.schemas import Instant, Space, Spaces, SpanQuery, States, in_ms, instant, interval_out
from bezet.model import SpaceKind
from bezet.occupancy.zones import coverage, history

if TYPE_CHECKING:
    from datetime import datetime

    from api.routes import Sources
    from bezet import model

MAX_SPAN = timedelta(days=31)

_ABOUT_SPACES = """
In de volgorde van het gebouwbestand, met de tijd van de server en de verbinding. Onbekend is niet vrij:
`free=true` geeft alleen wat zeker vrij is, en met `until` wat tot dan niet geboekt is (waar geen agenda
bekend is, telt alleen nu: zie `calendarAsOf`). Wie naar `minCapacity` vraagt, krijgt de kleinste die past
eerst.
Met de `ETag` van het vorige antwoord in `If-None-Match` komt er 304 als er niets veranderde.
"""
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Niets veranderde sindsdien."}}
_ABOUT_STATES = f"""
Van begin tot eind zonder gaten; waarover de sensoren zwegen, is `unknown`. Ten hoogste {MAX_SPAN.days} dagen
per vraag. Een ruimte voor minder dan {MIN_CAPACITY} mensen heeft geen eigen geschiedenis.
"""


class SpacesQuery(BaseModel):
    """What may be asked of the spaces; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    kind: list[SpaceKind] = Field([], description="Alleen deze soorten; anders alle.")
    min_capacity: int | None = Field(
        None, alias="minCapacity", ge=1, le=1_000, description="Alleen ruimtes voor zoveel mensen of meer."
    )
    free: bool | None = Field(
        None, description="`true`: alleen wat nu vrij is; `false`: alleen wat dat niet is."
    )
    until: Instant | None = Field(
        None, description="Alleen wat tot dan niet geboekt is, RFC 3339 met offset."
    )
    has_av: bool | None = Field(
        None, alias="hasAv", description="Met of zonder apparatuur voor hybride overleg."
    )


def wanted(spaces: list[Space], query: SpacesQuery) -> list[Space]:
    """The spaces that fit a question; of those with room enough the smallest first."""
    found = [one for one in spaces if _fits(one, query)]
    return sorted(found, key=lambda one: one.capacity) if query.min_capacity is not None else found


def _fits(space: Space, query: SpacesQuery) -> bool:
    until = query.until
    is_booked = until is not None and (
        bool(space.booked) or (space.free_until is not None and space.free_until < until)
    )
    return (
        (not query.kind or space.kind in query.kind)
        and space.capacity >= (query.min_capacity or 0)
        and query.free in (None, space.occupancy is Shown.FREE)
        and query.has_av in (None, space.kind is SpaceKind.HYBRID)
        and not is_booked
    )


def is_known(request: Request, tag: str) -> bool:
    """Whether the asker has what a tag stands for (If-None-Match, RFC 9110 section 13.1.2, weak)."""
    asked = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return "*" in asked or tag.removeprefix("W/") in asked


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/spaces",
        summary="Welke ruimtes er zijn, en wat zij nu zijn",
        description=_ABOUT_SPACES,
        operation_id="listSpaces",
        response_model=Spaces,
        responses=UNCHANGED,
    )
    async def spaces(request: Request, response: Response, query: Annotated[SpacesQuery, Query()]) -> Any:
        view = view_of(caller_of(request))
        tag = sources.telling.tag(view)
        if is_known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        response.headers["ETag"] = tag
        found = sources.spaces(view)
        return found.model_copy(update={"spaces": wanted(found.spaces, query)})

    @router.get(
        "/spaces/{spaceId}",
        summary="Eén ruimte en wat zij nu is",
        description="Hetzelfde als in de lijst, voor één ruimte.",
        operation_id="readSpace",
        response_model=Space,
        responses={**UNCHANGED, **documented(400, 404)},
    )
    async def space(request: Request, response: Response, spaceId: str) -> Any:  # noqa: N803  as in the JSON
        found_space(sources, spaceId)
        view = view_of(caller_of(request))
        tag = sources.telling.tag(view)
        if is_known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        response.headers["ETag"] = tag
        return sources.space(spaceId, view)

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
