# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page of one space: what it is, why, and its last day, as far as whoever asks may see that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse  # noqa: TC002  as above

from api.access.caller import caller_of
from api.access.matrix import allowed
from api.access.view import view_of
from api.front.filling import alone, answer, filling, language_of, now_in, template
from api.front.live import row_of
from api.problems import Refused
from api.routes.asked import found_space, may_show
from api.routes.why import explained
from api.schemas import instant
from api.why.shapes import WhyQuery
from api.why.telling import Teller
from api.words import LIVE, Language
from bezet.errors import StoreError
from bezet.occupancy.zones import history
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from api.access.caller import Caller
    from api.front.filling import Now
    from api.routes import Sources
    from bezet import model
    from bezet.occupancy.zones import Interval

#: The drawing of a day is so many units wide: one for each minute.
WIDTH = 1_440


class Stretch(NamedTuple):
    """A part of the day: what it was, where it is drawn, and its times on the wall."""

    occupancy: str
    x: float
    width: float
    start: str
    end: str


def routes(sources: Sources) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)
    page = template("space.html")

    @router.get("/spaces/{spaceId}")
    def space(request: Request, spaceId: str, lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:  # noqa: N803
        caller, found = caller_of(request), found_space(sources, spaceId)
        now = alone(now_in(sources, language_of(lang), view_of(caller)), found.id)
        told = {
            **filling(now, sources, caller, LIVE),
            "row": row_of(now.found.spaces[0], now),
            "why": _why(sources, found, caller, now.language),
            **_day(sources, found, caller, now),
        }
        return answer(page.render(told), now.language)

    return router


def _why(sources: Sources, space: model.Space, caller: Caller, language: Language) -> list[str]:
    """What speaks for and against, in words; nothing for who may not hear it, or while the store is away."""
    if not caller.roles & allowed("explainSpace") or not space.measured:
        return []
    try:
        found = explained(sources, space, WhyQuery(at=None))
    except (StoreError, HTTPException):
        return []
    return [line for line in Teller(found, language).text().splitlines() if line.strip()]


def _day(sources: Sources, space: model.Space, caller: Caller, now: Now) -> dict[str, object]:
    """The last 24 hours in stretches, or why they are not shown."""
    words, end_ms = now.words, sources.clock()
    start_ms = end_ms - DAY_MS
    if not caller.roles & allowed("listStates"):
        return {"day": [], "no_day": words["space_day_signed_in"]}
    try:
        may_show(sources, space, instant(start_ms), instant(end_ms))
        rows = sources.store.states(sources.building.site, space.id, start_ms=start_ms, end_ms=end_ms).rows()
        found = history([*rows], start_ms=start_ms, end_ms=end_ms)
    except Refused:
        return {"day": [], "no_day": words["space_day_small"]}
    except StoreError:
        return {"day": [], "no_day": words["space_day_away"]}
    return {"day": [_stretch(one, start_ms, now) for one in found], "no_day": ""}


def _stretch(one: Interval, start_ms: int, now: Now) -> Stretch:
    x, width = ((t_ms / DAY_MS * WIDTH) for t_ms in (one.start_ms - start_ms, one.end_ms - one.start_ms))
    start, end = (instant(t_ms).astimezone(now.zone).strftime("%H:%M") for t_ms in (one.start_ms, one.end_ms))
    return Stretch(one.occupancy, round(x, 2), round(width, 2), start, end)
