# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page of one space: what it is, why, and its last day, as far as whoever asks may see that."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse  # noqa: TC002  as above

from api.access.caller import caller_of
from api.access.matrix import allowed
from api.access.view import view_of
from api.feedback.answers import FACE_WORDS, REASON_WORDS, Face, FeedbackReason
from api.feedback.periods import FEWEST
from api.front.booking import booking_text
from api.front.filling import alone, answer, filling, language_of, now_in, template
from api.front.live import row_of
from api.problems import Refused
from api.routes.asked import found_space, may_show
from api.routes.feedback import USUAL_SPAN, told_in
from api.routes.why import explained
from api.schemas import instant
from api.why.shapes import WhyQuery
from api.why.telling import Teller, Told
from api.words import BOOKING, LIVE, Language
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
#: What people said of the last three months, and so many of their reasons.
FELT_SPAN, MOST_REASONS = USUAL_SPAN, 3


class Stretch(NamedTuple):
    """A part of the day: what it was, where it is drawn, and its times on the wall."""

    occupancy: str
    x: float
    width: float
    start: str
    end: str


class Felt(NamedTuple):
    """What people said: of how many answers that is, how often each face, and the reasons named most."""

    of: str
    faces: list[tuple[Face, str, int]]
    reasons: list[tuple[str, int]]


def routes(sources: Sources) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)
    page = template("space.html")

    @router.get("/spaces/{spaceId}")
    def space(request: Request, spaceId: str, lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:  # noqa: N803
        caller, found = caller_of(request), found_space(sources, spaceId)
        now = alone(now_in(sources, language_of(lang), view_of(caller)), found.id)
        told = {
            **filling(now, sources, caller, {**BOOKING, **LIVE}),
            "row": row_of(now.found.spaces[0], now),
            "booking": booking_text(now.found.spaces[0], now),
            "why": _why(sources, found, caller, now),
            "felt": _felt(sources, found, caller, now),
            **_day(sources, found, caller, now),
        }
        return answer(page.render(told), now.language)

    return router


def _why(sources: Sources, space: model.Space, caller: Caller, now: Now) -> Told | None:
    """What speaks for and against, in words; nothing for who may not hear it."""
    if not caller.roles & allowed("explainSpace") or not space.measured:
        return None
    try:
        return Teller(explained(sources, space, WhyQuery(at=None)), now.language).told()
    except (StoreError, HTTPException):
        return Told(now.words["space_why_away"])


def _felt(sources: Sources, space: model.Space, caller: Caller, now: Now) -> Felt | None:
    """What people said of the space; nothing for who may not know, nor where it takes no answers."""
    if not caller.roles & allowed("listFeedback") or not sources.feedback.is_there(space):
        return None
    end = instant(sources.clock())
    try:
        may_show(sources, space, end - FELT_SPAN, end)
    except Refused:
        return None
    [(_, told)] = told_in(sources, [space], end - FELT_SPAN, end)
    if not told:
        return Felt(now.words["space_felt_none"].format(n=FEWEST), [], [])
    faces = sum((one.faces for one in told), Counter[Face]())
    reasons = sum((one.reasons for one in told), Counter[FeedbackReason]())
    start = instant(told[0].start_ms).astimezone(now.zone).strftime("%d-%m-%Y")
    return Felt(
        now.words["space_felt_of"].format(n=faces.total(), start=start),
        [(face, getattr(FACE_WORDS[face], now.language), faces[face]) for face in Face],
        [(getattr(REASON_WORDS[reason], now.language), n) for reason, n in reasons.most_common(MOST_REASONS)],
    )


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
