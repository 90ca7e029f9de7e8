# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Readings while they are kept: what the sensors of a space said, for whoever runs the building."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response

from api.access.caller import caller_of
from api.live import MIN_CAPACITY
from api.negotiation import CSV, OFFERED, chosen
from api.paging import MOST, PageQuery, cursor_of
from api.problems import documented
from api.routes.asked import asked_span, found_space, may_show
from api.schemas import Instant, Shape, SpanQuery, in_ms, instant, shown_instant
from bezet.model import Kind  # noqa: TC001  pydantic reads the annotations when it runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.routes import Sources
    from bezet.usage.columns import DeviceReading

MAX_SPAN = timedelta(days=7)
_ABOUT = f"""
In volgorde van tijd. Bewegingen, deuren en tellingen zijn er maar een dag, lucht, licht en AV langer: zie
`/public-information`. Ten hoogste {MAX_SPAN.days} dagen per vraag, en {MOST} metingen per bladzijde. Ook als
`text/csv` (met `Accept`; dan staat de volgende `cursor` in `Bezet-Next-Cursor`). Een ruimte voor minder dan
{MIN_CAPACITY} mensen heeft geen eigen metingen.
"""


class ReadingsQuery(SpanQuery, PageQuery):
    """What may be asked of readings; anything else is refused."""

    numbers: ClassVar[int] = 2

    kind: list[Kind] = Field([], description="Alleen deze soorten; anders alle.")


class Reading(Shape):
    """Eén getal van één sensor op één tijd."""

    at: Instant
    device: str
    sensor: str
    kind: Kind
    number: float = Field(description="In de eenheid die de soort noemt.")


class Readings(Shape):
    """Een bladzijde met metingen van een ruimte."""

    space_id: str
    start: Instant = Field(serialization_alias="from")
    end: Instant = Field(serialization_alias="to")
    items: list[Reading]
    next_cursor: str | None = Field(description="Waar de volgende bladzijde begint; null aan het eind.")


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/spaces/{spaceId}/readings",
        summary="Wat de sensoren van een ruimte zeiden",
        description=_ABOUT,
        operation_id="listReadings",
        response_model=Readings,
        responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}, **documented(400, 403, 404, 503)},
    )
    def readings(
        request: Request,
        spaceId: str,  # noqa: N803  the name in the path is the name in the JSON
        query: Annotated[ReadingsQuery, Query()],
    ) -> Readings | Response:
        space = found_space(sources, spaceId)
        start, end = asked_span(query, instant(sources.clock()), MAX_SPAN)
        may_show(sources, space, start, end)
        first_ms, skip = query.place or (in_ms(start), 0)
        found = sources.store.readings(
            sources.building.site,
            space.id,
            start_ms=max(first_ms, in_ms(start)),
            end_ms=in_ms(end),
            kinds=query.kind or None,
        )
        rows = [*found.rows()][skip : skip + query.limit + 1]
        page, more = rows[: query.limit], rows[query.limit :]
        cursor = _next(page, skip, first_ms) if more else None
        if chosen(",".join(request.headers.getlist("accept")), OFFERED["listReadings"]) == CSV:
            # A file is an export: without a line in the log it does not leave.
            what = f"space {space.id} from {start:%FT%TZ} to {end:%FT%TZ}"
            sources.write_down(caller_of(request), "export readings", what, f"{len(page)} rows")
            headers = {"Bezet-Next-Cursor": cursor} if cursor else {}
            return Response(_csv(page), media_type=f"{CSV}; charset=utf-8", headers=headers)
        return Readings(
            space_id=space.id, start=start, end=end, items=[_reading(one) for one in page], next_cursor=cursor
        )

    return router


def _next(page: Sequence[DeviceReading], skip: int, first_ms: int) -> str:
    """After the last of a page: its instant, and how many of that instant were on pages so far."""
    last_ms = page[-1].reading.t_ms
    seen = sum(one.reading.t_ms == last_ms for one in page)
    return cursor_of(last_ms, seen + (skip if last_ms == first_ms and seen == len(page) else 0))


def _reading(found: DeviceReading) -> Reading:
    one = found.reading
    return Reading(
        at=instant(one.t_ms), device=found.device, sensor=one.sensor, kind=one.kind, number=one.value
    )


def _csv(page: Sequence[DeviceReading]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["at", "device", "sensor", "kind", "number"])
    for device, one in page:
        writer.writerow([shown_instant(instant(one.t_ms)), device, one.sensor, one.kind, f"{one.value:g}"])
    return text.getvalue()
