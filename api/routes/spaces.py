# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The spaces: what each is now, and what it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.exceptions import RequestValidationError

from api.problems import Refused, documented
from api.schemas import Space, Spaces, States, StatesQuery, in_ms, instant, interval_out
from bezet.occupancy.zones import coverage, history

if TYPE_CHECKING:
    from datetime import datetime

    from api.routes import Sources
    from bezet import model

MAX_SPAN = timedelta(days=31)
DEFAULT_SPAN = timedelta(hours=24)
#: The history of a space for fewer people would be the history of a person.
MIN_CAPACITY = 5

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
    async def spaces() -> Spaces:
        return sources.spaces()

    @router.get(
        "/spaces/{spaceId}",
        summary="Eén ruimte en wat zij nu is",
        description="Hetzelfde als in de lijst, voor één ruimte.",
        operation_id="readSpace",
        responses=documented(400, 404),
    )
    async def space(spaceId: str) -> Space:  # noqa: N803  the name in the path is the name in the JSON
        _found(sources, spaceId)
        return sources.space(spaceId)

    @router.get(
        "/spaces/{spaceId}/states",
        summary="Wat een ruimte was, in aaneengesloten tijden",
        description=_ABOUT_STATES,
        operation_id="listStates",
        responses=documented(400, 403, 404, 503),
    )
    def states(spaceId: str, query: Annotated[StatesQuery, Query()]) -> States:  # noqa: N803  as above
        found = _found(sources, spaceId)
        start, end = _span(query, instant(sources.clock()))
        _may_show(sources, found, start, end)
        return _states(sources, found, start, end)

    return router


def _found(sources: Sources, space_id: str) -> model.Space:
    space = sources.building.spaces.get(space_id)
    if space is None:
        raise HTTPException(404, f"There is no space {space_id!r} in this building.")
    return space


def _span(query: StatesQuery, now: datetime) -> tuple[datetime, datetime]:
    """The asked time, up to now; the last 24 hours where nothing else is said."""
    end = min(query.end or now, now)
    start = query.start or end - DEFAULT_SPAN
    if start >= end:
        raise _wrong("from", "must lie before `to`, and before now")
    if end - start > MAX_SPAN:
        raise _wrong("from", f"may lie at most {MAX_SPAN.days} days before `to`")
    return start, end


def _wrong(name: str, what: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("query", name), "msg": what, "type": "value_error"}])


def _may_show(sources: Sources, space: model.Space, start: datetime, end: datetime) -> None:
    """Refuse what would be the history of a person, by any layout of the span; and privacy mode."""
    if not space.measured:
        detail = f"Space {space.id!r} is not measured, so it has no history."
        raise Refused(403, "not-measured", "Not measured", detail)
    first, last = (one.astimezone(sources.building.timezone).date() for one in (start, end))
    layouts = {space.layout_on(first), *(one for one in space.layouts if first < one.start <= last)}
    if any(one.capacity < MIN_CAPACITY for one in layouts):
        raise Refused(
            403,
            "too-small-to-show",
            "Too small to show singly",
            f"Space {space.id!r} was for fewer than {MIN_CAPACITY} people then. To protect them, it has "
            "no history of its own; it counts in the figures of a group of spaces.",
        )


def _states(sources: Sources, space: model.Space, start: datetime, end: datetime) -> States:
    start_ms, end_ms = in_ms(start), in_ms(end)
    rows = list(sources.store.states(sources.building.site, space.id, start_ms=start_ms, end_ms=end_ms))
    intervals = history(rows, start_ms=start_ms, end_ms=end_ms)
    return States(
        space_id=space.id,
        start=instant(start_ms),
        end=instant(end_ms),
        coverage=coverage(intervals),
        rules=sorted({row.state.rule for row in rows}),
        intervals=[interval_out(one) for one in intervals],
    )
