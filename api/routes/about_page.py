# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page about measuring: what /v1/public-information says, in plain words, for whoever is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse  # noqa: TC002  FastAPI reads the annotations when it runs

from api.front.about import about
from api.front.filling import answer, language_of, spoken, template
from api.heard import HeardKinds
from api.routes.public_information import informed
from api.words import Language
from bezet.errors import StoreError

if TYPE_CHECKING:
    from api.routes import Sources


def routes(sources: Sources) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)
    page = template("about-measuring.html")

    @router.get("/about-measuring")
    def about_measuring(lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:
        language = language_of(lang)
        try:
            heard = sources.hearing.kinds()
        except StoreError:
            heard = None
        told = informed(sources, heard or HeardKinds(sources.clock(), {}))
        zone = sources.building.timezone
        return answer(
            page.render(
                {
                    **spoken(language, sources.building.name),
                    **about(told, language, zone, is_heard=heard is not None),
                }
            ),
            language,
        )

    return router
