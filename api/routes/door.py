# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The sign at a door: one space, to be read from down the corridor; the public view, whoever signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse  # noqa: TC002  as above

from api.access.caller import caller_of
from api.access.view import View
from api.front.booking import booking_text
from api.front.filling import alone, answer, filling, is_on, language_of, now_in, template
from api.front.grouping import group_of, word_of
from api.live import Shown
from api.routes.asked import found_space
from api.words import BOOKING, DOOR, Language

if TYPE_CHECKING:
    from api.front.filling import Now
    from api.routes import Sources
    from api.schemas import Space


def routes(sources: Sources) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)
    page = template("door.html")

    @router.get("/door/{spaceId}")
    async def door(
        request: Request,
        spaceId: str,  # noqa: N803  as in the API
        lang: Annotated[str, Query()] = Language.NL,
        kiosk: Annotated[str, Query()] = "",
    ) -> HTMLResponse:
        space = found_space(sources, spaceId)
        now = alone(now_in(sources, language_of(lang), View.PUBLIC), space.id)
        told = {
            **filling(now, sources, caller_of(request), {**BOOKING, **DOOR}),
            **_sign(now.found.spaces[0], now),
            "takes_feedback": sources.feedback.is_there(space),
            # Who taps a link on a fixed screen leaves it elsewhere for all who come after.
            "is_kiosk": is_on(kiosk),
            "host": request.url.netloc,
        }
        return answer(page.render(told), now.language)

    return router


def _sign(space: Space, now: Now) -> dict[str, object]:
    """What the sign says of its space, in words. door.js says the same of later changes."""
    words, one = now.words, now.words["door_place"]
    is_measured = space.occupancy is not Shown.NOT_MEASURED
    return {
        "space": space,
        "group": group_of(space),
        "word": word_of(space, now),
        "detail": now.since(space),
        "booking": booking_text(space, now),
        "places": one if space.capacity == 1 else words["door_capacity"].format(n=space.capacity),
        "kind": words[space.kind],
        "is_hybrid": space.kind == "hybrid",
        "banner": now.banner() if is_measured else "",
        "is_measured": is_measured,
    }
