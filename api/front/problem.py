# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A problem as a page, for who asked with a browser: what is the matter, in words, and where to go on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from api.front.filling import answer, spoken, template
from api.words import Language, asked_language, words_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from bezet.model import Building


def problem_page(building: Building) -> Callable[[Request, Response], Response]:
    """Makes the page of a problem of what the API would have answered."""
    page = template("problem.html")

    def told(request: Request, problem: Response) -> Response:
        language = _language(request)
        title, what = _said(problem, words_in(language), is_space="spaceId" in request.path_params)
        code = problem.status_code
        found = answer(
            page.render({**spoken(language, building.name), "title": title, "what": what}), language
        )
        found.status_code = code
        for name in ("Retry-After", "Allow", "WWW-Authenticate"):
            if name in problem.headers:
                found.headers[name] = problem.headers[name]
        return found

    return told


def _language(request: Request) -> Language:
    """What the page before spoke, by its address; else what the browser likes."""
    asked = request.query_params.get("lang", "")
    return (
        Language(asked)
        if asked in [*Language]
        else asked_language(request.headers.get("accept-language", ""))
    )


def _said(problem: Response, words: Mapping[str, str], *, is_space: bool) -> tuple[str, str]:
    match problem.status_code:
        case 404 if is_space:
            return words["problem_no_space"], words["problem_no_space_help"]
        case 404:
            return words["problem_no_page"], words["problem_no_page_help"]
        case 429:
            minutes = math.ceil(int(problem.headers.get("Retry-After", "60")) / 60)
            time = words["minute"] if minutes == 1 else words["minutes"].format(n=minutes)
            return words["problem_often"], words["problem_often_help"].format(time=time)
        case 503:
            return words["problem_away"], words["problem_away_help"]
        case code if code >= 500:
            return words["problem_ours"], words["problem_ours_help"]
        case _:
            return words["problem_refused"], words["problem_refused_help"]
