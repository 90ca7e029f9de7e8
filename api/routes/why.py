# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Why a space is what it is, or was: the evidence and the changes, in words and in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response  # noqa: TC002  as above

from api.live import MIN_CAPACITY
from api.problems import documented
from api.routes.asked import found_space, may_show, told_language, wrong
from api.schemas import in_ms, instant
from api.why.asking import PAST_MS, CannotAnswer, Question, stored
from api.why.finding import found
from api.why.shapes import WhyQuery, WhyShape, why_out

if TYPE_CHECKING:
    from api.routes import Sources
    from api.why.finding import Why
    from bezet import model

_ABOUT = f"""
Wat ervoor spreekt dat er iemand is, wat ertegen spreekt, welke sensoren zwijgen of niet geloofd worden, en
wat er de laatste 24 uur veranderde. De zinnen zijn Nederlands of Engels, naar `Accept-Language`; dezelfde
gegevens staan er als getallen naast. Van een ruimte voor minder dan {MIN_CAPACITY} mensen alleen het nu, en
van een ruimte voor één mens zonder tijden.
"""


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/spaces/{spaceId}/why",
        summary="Waarom een ruimte vrij, bezet of onbekend is",
        description=_ABOUT,
        operation_id="explainSpace",
        responses=documented(400, 403, 404, 503),
    )
    def why(
        spaceId: str,  # noqa: N803  the name in the path is the name in the JSON
        query: Annotated[WhyQuery, Query()],
        request: Request,
        response: Response,
    ) -> WhyShape:
        space = found_space(sources, spaceId)
        return why_out(explained(sources, space, query), told_language(request, response))

    return router


def explained(sources: Sources, space: model.Space, query: WhyQuery) -> Why:
    """What explains a space at the asked time; a problem where that cannot be said or shown."""
    now_ms = sources.clock()
    at_ms = now_ms if query.at is None else in_ms(query.at)
    if at_ms > now_ms:
        raise wrong("query", "at", "is still to come")
    if query.at is not None:
        may_show(sources, space, instant(max(at_ms - PAST_MS, 0)), query.at)
    question = Question(sources.building, space, at_ms, now_ms)
    try:
        rows = stored(sources.store, question)
    except CannotAnswer as error:
        raise wrong("query", "at", str(error)) from None
    if query.at is not None:
        return found(question, rows)
    return found(question, rows, sources.board.space(space.id, now_ms), _down_ms(sources, space))


def _down_ms(sources: Sources, space: model.Space) -> dict[str, int]:
    """When the devices of a space that are down last spoke."""
    return {
        device: sources.board.last_word_ms(device)
        for device, heard, spaces in sources.board.devices()
        if space.id in spaces and (heard is None or not heard.health.online)
    }
