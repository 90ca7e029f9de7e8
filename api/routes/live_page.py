# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live page: every floor as a drawing and as a list, for whoever runs the building today."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse  # noqa: TC002  as above

from api.access.caller import caller_of
from api.access.view import view_of
from api.front.filling import answer, filling, language_of, now_in, template
from api.front.live import counts, drawings
from api.front.running import running
from api.plan import plan
from api.words import BOOKING, LIVE, Language

if TYPE_CHECKING:
    from api.plan import Plan
    from api.routes import Sources


def routes(sources: Sources) -> APIRouter:
    """The page."""
    router = APIRouter()
    page = template("live.html")

    @cache
    def planned(floor: str) -> Plan | None:
        return plan(sources.building, floor)  # the outlines stay; to look for room in them takes long

    @router.get("/")
    async def live(request: Request, lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:
        caller = caller_of(request)
        now = now_in(sources, language_of(lang), view_of(caller))
        told = {
            **filling(now, sources, caller, {**BOOKING, **LIVE}),
            **await running(sources, caller, now),
            "floors": [*drawings(sources.building, planned, now)],
            "counts": counts(now),
        }
        return answer(page.render(told), now.language)

    return router
