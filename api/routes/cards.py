# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Cards to print and hang up: a code for each space that leads to its page for feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse, Response

from api.front.filling import answer, language_of, spoken, template
from api.live import MIN_CAPACITY
from api.routes.asked import found_space
from api.routes.lobby import EVERYTHING, public_url
from api.screens.codes import svg
from api.words import Language, words_in

if TYPE_CHECKING:
    from api.routes import Sources


def routes(sources: Sources) -> APIRouter:
    """The page, and the code of each card."""
    router = APIRouter(include_in_schema=False)
    page = template("cards.html")

    @router.get("/cards")
    def cards(request: Request, lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:
        language, address = language_of(lang), public_url(request, sources, EVERYTHING)
        told = {
            **spoken(language, sources.building.name),
            "address": address,
            "short": address.partition("://")[2],
            "least": MIN_CAPACITY,
            "cards": [one for one in sources.building.spaces.values() if sources.feedback.is_there(one)],
            "both": [(one, words_in(one)) for one in Language],
        }
        return answer(page.render(told), language)

    @router.get("/feedback/{spaceId}/qr.svg")
    def code(request: Request, spaceId: str) -> Response:  # noqa: N803  as in the API
        space = found_space(sources, spaceId)
        text = f"{public_url(request, sources, EVERYTHING)}/feedback/{space.id}"
        return Response(svg(text), media_type="image/svg+xml")

    return router
