# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The screens as a resource: what hangs where and what it shows; and the picture of one, for e-ink."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response

from api.access.view import View
from api.front.filling import now_in
from api.front.lobby import on_screen
from api.front.picture import told
from api.negotiation import PNG
from api.problems import documented
from api.routes.lobby import found_screen, public_url
from api.routes.spaces import UNCHANGED, is_known
from api.schemas import Shape
from api.screens.codes import address, short
from api.screens.night import is_night
from api.screens.picture import picture
from api.words.language import Language  # noqa: TC001  pydantic reads the annotations when it runs
from bezet.model import SpaceKind  # noqa: TC001  as above

if TYPE_CHECKING:
    from api.routes import Sources
    from api.screens.settings import Screen

#: Part of every tag: who draws otherwise counts on, so that panels fetch what they have anew.
DRAWN_AS = 1
_ABOUT_IMAGE = """
Een PNG van precies de ingestelde maat, met 2 of 16 grijzen. Wat er staat, is wat iedereen mag zien, en van
hoe laat het is (op de minuut). Vraag opnieuw met de `ETag` van het vorige antwoord in `If-None-Match`: zolang
er hetzelfde staat, komt er 304 en hoeft het scherm niet te verversen. Zonder `image` in de instellingen is
er geen beeld.
"""


class ImageShape(Shape):
    """Het beeld van een scherm."""

    width_px: int
    height_px: int
    greys: int = Field(description="Het aantal grijzen, wit en zwart meegeteld: 2 of 16.")
    rotate: int = Field(description="Hoe ver het scherm rechtsom gedraaid hangt, in graden.")
    least_letter_px: int | None = Field(
        description="De kleinste letter; null waar de afstand niet bekend is."
    )


class ScreenShape(Shape):
    """Een scherm: wat het toont, en waar het hangt. Een lege lijst is alles wat er is."""

    id: str
    place: str | None
    floor: str | None = Field(description="De verdieping waar het hangt.")
    floors: list[str]
    kinds: list[SpaceKind]
    spaces: list[str]
    languages: list[Language]
    rotate_s: int = Field(description="Zo lang spreekt het ten minste één taal, in seconden.")
    page_s: int = Field(description="Zo lang blijft een bladzijde staan, in seconden.")
    viewing_distance_m: float | None
    diagonal_inch: float | None
    width_px: int | None
    height_px: int | None
    least_letter_px: int | None = Field(
        description="De kleinste letter: 0,7 graden op de kijkafstand (EN 301 549, 5.1.4)."
    )
    is_night: bool = Field(description="Of het nu gedimd is.")
    path: str = Field(description="Het pad van de pagina.")
    image: ImageShape | None


class Screens(Shape):
    """Alle schermen, in de volgorde van de instellingen."""

    items: list[ScreenShape]


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["screens"])

    @router.get(
        "/screens",
        summary="Welke schermen er zijn, en wat zij tonen",
        description="Zoals zij in de instellingen van het venster staan.",
        operation_id="listScreens",
    )
    async def screens() -> Screens:
        return Screens(items=[_shape(one, sources) for one in sources.settings.screens.values()])

    @router.get(
        "/screens/{screenId}",
        summary="Eén scherm",
        description="Hetzelfde als in de lijst, voor één scherm.",
        operation_id="readScreen",
        responses=documented(404),
    )
    async def screen(screenId: str) -> ScreenShape:  # noqa: N803  as in the JSON
        return _shape(found_screen(sources, screenId), sources)

    @router.get(
        "/screens/{screenId}/image",
        summary="Wat een scherm nu toont, als beeld voor e-papier",
        description=_ABOUT_IMAGE,
        operation_id="readScreenImage",
        response_class=Response,
        responses={
            200: {"content": {PNG: {"schema": {"type": "string", "contentMediaType": PNG}}}},
            **UNCHANGED,
            **documented(404),
        },
    )
    async def image(request: Request, screenId: str) -> Any:  # noqa: N803  as above
        found = found_screen(sources, screenId)
        if found.image is None:
            raise HTTPException(404, f"Screen {screenId!r} has no image in the settings of this window.")
        language, host = found.languages[0], public_url(request, sources, found)
        now = on_screen(now_in(sources, language, View.PUBLIC), found, sources.building)
        said = told(now, sources.settings.directions, address(host, language), short(host))
        named = repr((DRAWN_AS, found, said)).encode()
        headers = {"ETag": f'"{hashlib.sha256(named).hexdigest()[:20]}"', "Content-Language": language}
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(
            await run_in_threadpool(picture, found, found.image, said), headers=headers, media_type=PNG
        )

    return router


def _shape(screen: Screen, sources: Sources) -> ScreenShape:
    panel = screen.image
    return ScreenShape(
        id=screen.id,
        place=screen.place or None,
        floor=screen.floor or None,
        floors=list(screen.floors),
        kinds=list(screen.kinds),
        spaces=list(screen.spaces),
        languages=list(screen.languages),
        rotate_s=screen.rotate_s,
        page_s=screen.page_s,
        viewing_distance_m=screen.distance_m,
        diagonal_inch=screen.diagonal_inch,
        width_px=screen.width_px,
        height_px=screen.height_px,
        least_letter_px=_whole(screen.least_letter_px()),
        is_night=is_night(sources.building, screen, sources.clock()),
        path=f"/lobby/{screen.id}",
        image=panel
        and ImageShape(
            width_px=panel.width_px,
            height_px=panel.height_px,
            greys=panel.greys,
            rotate=panel.rotate_deg,
            least_letter_px=_whole(screen.least_picture_letter_px()),
        ),
    )


def _whole(least_px: float | None) -> int | None:
    return None if least_px is None else math.ceil(least_px)
