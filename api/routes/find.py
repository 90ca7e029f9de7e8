# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The finder: a free space for so many people, from now until a time, with or without video; for a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse  # noqa: TC002  as above

from api.access.caller import caller_of
from api.access.view import view_of
from api.front.filling import answer, filling, is_on, language_of, now_in, template
from api.front.find import asked, found
from api.words import BOOKING, FIND, Language

if TYPE_CHECKING:
    from api.routes import Sources

#: What is typed into a field is no longer; the rest is not looked at.
MOST_TYPED = 16


def routes(sources: Sources) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)
    page = template("find.html")

    @router.get("/find")
    async def find(
        request: Request,
        people: Annotated[str, Query()] = "1",
        until: Annotated[str, Query()] = "",
        video: Annotated[str, Query()] = "",
        lang: Annotated[str, Query()] = Language.NL,
    ) -> HTMLResponse:
        caller = caller_of(request)
        now = now_in(sources, language_of(lang), view_of(caller))
        wish = asked(people[:MOST_TYPED], until[:MOST_TYPED], is_on(video), now)
        told = {
            **filling(now, sources, caller, {**BOOKING, **FIND}),
            **found(wish, now),
            "wish": wish,
        }
        return answer(page.render(told), now.language)

    return router
