# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The sessions of a space: when it was used, from when to when, by how many."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.live import MIN_CAPACITY
from api.problems import documented
from api.routes.asked import asked_span, found_space, may_show
from api.schemas import Instant, Shape, SpanQuery, in_ms, instant
from bezet.occupancy.zones import pieces
from bezet.retention import local_day
from bezet.usage import sessions as usage

if TYPE_CHECKING:
    from api.routes import Sources

MAX_SPAN = timedelta(days=31)
_ABOUT = f"""
Een sessie is een tijd van gebruik zonder onderbreking; de tijd waarin de regels iemand nog even vasthouden,
is van haar eind afgehaald. Ten hoogste {MAX_SPAN.days} dagen per vraag. Een ruimte voor minder dan
{MIN_CAPACITY} mensen heeft geen eigen sessies.
"""


class Session(Shape):
    """Een tijd van gebruik."""

    start: Instant
    end: Instant
    unknown_s: int = Field(description="Hoeveel seconden daarvan onbekend waren.")
    cut: bool = Field(
        description="Waar zij langer kan zijn geweest: ernaast is onbekend, of houdt de vraag op."
    )
    people_mean: float | None = Field(description="Gemiddelde over de tijd waarin geteld werd.")
    people_max: float | None


class Sessions(Shape):
    """De sessies van een ruimte, in volgorde van tijd."""

    space_id: str
    start: Instant = Field(serialization_alias="from")
    end: Instant = Field(serialization_alias="to")
    items: list[Session]


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/spaces/{spaceId}/sessions",
        summary="Wanneer een ruimte gebruikt werd",
        description=_ABOUT,
        operation_id="listSessions",
        responses=documented(400, 403, 404, 503),
    )
    def sessions(spaceId: str, query: Annotated[SpanQuery, Query()]) -> Sessions:  # noqa: N803  as in the JSON
        space = found_space(sources, spaceId)
        start, end = asked_span(query, instant(sources.clock()), MAX_SPAN)
        may_show(sources, space, start, end)
        start_ms, end_ms = in_ms(start), in_ms(end)
        rows = sources.store.states(sources.building.site, space.id, start_ms=start_ms, end_ms=end_ms).rows()
        told = pieces([*rows], start_ms=start_ms, end_ms=end_ms)
        kind = space.layout_on(local_day(start_ms, sources.building.timezone)).kind
        return Sessions(
            space_id=space.id,
            start=instant(start_ms),
            end=instant(end_ms),
            items=[_session(one) for one in usage.sessions(told, kind)],
        )

    return router


def _session(found: usage.Session) -> Session:
    return Session(
        start=instant(found.start_ms),
        end=instant(found.end_ms),
        unknown_s=found.unknown_ms // 1000,
        cut=found.is_cut,
        people_mean=found.people_mean,
        people_max=found.people_max,
    )
