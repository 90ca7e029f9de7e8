# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page for feedback, by a code at the space: three faces and perhaps a reason, without a script."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import RedirectResponse, Response

from api.access.caller import caller_of
from api.feedback.answers import FACE_WORDS, REASON_WORDS, Face, FeedbackReason
from api.front.filling import answer, language_of, spoken, template
from api.front.forms import fields_of
from api.problems import Refused
from api.routes.asked import found_space
from api.words import Language, words_in

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from api.routes import Sources
    from bezet import model

Lang = Annotated[str, Query()]


def routes(sources: Sources) -> APIRouter:
    """The page, and where its form goes."""
    router, desk = APIRouter(include_in_schema=False), Desk(sources)
    # One route for both: of several at one path the router names in Allow the methods of the first only.
    router.add_api_route("/feedback/{spaceId}", desk.serve, methods=["GET", "POST"])
    return router


class Desk:
    """Asks, takes and thanks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._page = template("feedback.html")

    async def serve(
        self,
        request: Request,
        spaceId: str,  # noqa: N803  as in the API
        thanks: Annotated[str, Query()] = "",
        lang: Lang = Language.NL,
    ) -> Response:
        """The form, what comes of it, or the thanks after it."""
        space, language = found_space(self._sources, spaceId), language_of(lang)
        if request.method == "POST":
            return await self._take(request, space, language)
        return self._told(space, language, is_thanked=bool(thanks))

    async def _take(self, request: Request, space: model.Space, language: Language) -> Response:
        """What was chosen is counted, and thanked for at an address that may be loaded again."""
        _must_be_ours(request)
        chosen = await _chosen(request)
        if chosen is None:
            return self._told(space, language, why=words_in(language)["feedback_choose"], status=400)
        wait_s = await run_in_threadpool(
            self._sources.feedback.put, space, *chosen, caller_of(request).origin
        )
        if wait_s:
            why = words_in(language)["feedback_often"].format(n=math.ceil(wait_s / 60))
            found = self._told(space, language, why=why, status=429)
            found.headers["Retry-After"] = str(math.ceil(wait_s))
            return found
        return RedirectResponse(f"/feedback/{space.id}?thanks=1&lang={language}", 303)

    def _told(
        self,
        space: model.Space,
        language: Language,
        *,
        why: str = "",
        status: int = 200,
        is_thanked: bool = False,
    ) -> HTMLResponse:
        words, contact = words_in(language), self._sources.settings.contact
        small, not_measured = words["feedback_closed_small"], words["feedback_closed_not_measured"]
        is_there = self._sources.feedback.is_there(space)
        told = {
            **spoken(language, self._sources.building.name),
            "space": space,
            "why": why,
            "is_thanked": is_thanked and is_there,
            "closed": "" if is_there else small if space.measured else not_measured,
            "faces": [(face, getattr(FACE_WORDS[face], language)) for face in Face],
            "reasons": [(reason, getattr(REASON_WORDS[reason], language)) for reason in FeedbackReason],
            "contact": contact,
        }
        found = answer(self._page.render(told), language)
        found.status_code = status
        return found


def _must_be_ours(request: Request) -> None:
    """Another site may not let its visitors answer for us; browsers say where a form stands."""
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Refused(403, "foreign-page", "Asked by another site", "Only our own pages may send this form.")


async def _chosen(request: Request) -> tuple[Face, FeedbackReason | None] | None:
    """The face and the reason of the form; None where no face is in it, or it is not our form."""
    fields = await fields_of(request)
    face, reason = (fields.get(name, "") for name in ("face", "reason"))
    if face not in [*Face] or (reason and reason not in [*FeedbackReason]):
        return None
    return Face(face), FeedbackReason(reason) if reason else None
