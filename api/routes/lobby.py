# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The lobby page: complete as it comes from the server, kept up to date by its own small module."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.live import STALE_MS, Shown
from api.words import Language, words_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime, tzinfo

    from api.routes import Sources
    from api.schemas import Space, Spaces

_FILES: Mapping[str, str] = {
    "lobby.css": "text/css",
    "lobby.js": "text/javascript",
    "page.js": "text/javascript",
    "lobby.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What the page says of one space, in words. lobby.js says the same of later changes."""

    id: str
    name: str
    occupancy: str
    word: str
    floor: str
    kind: str
    capacity: int
    is_hybrid: bool
    detail: str
    age: str


def routes(sources: Sources) -> APIRouter:
    """The page, the files that it is made of, and the way to it."""
    router = APIRouter()
    pages = Environment(
        loader=PackageLoader("api", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = pages.get_template("lobby.html")

    @router.get("/")
    async def front() -> RedirectResponse:
        return RedirectResponse("/lobby", 307)

    @router.get("/lobby")
    async def lobby(lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:
        language = Language(lang) if lang in [*Language] else Language.NL
        page = template.render(_page(sources, language))
        return HTMLResponse(page, headers={"Content-Language": language})

    for name, media_type in _FILES.items():
        router.add_api_route(f"/{name}", _serve(name, media_type), methods=["GET"])
    return router


def _serve(name: str, media_type: str) -> Callable[[], Awaitable[Response]]:
    body = (resources.files("api") / "pages" / name).read_bytes()

    async def file() -> Response:
        return Response(body, media_type=media_type)

    return file


def _page(sources: Sources, language: Language) -> dict[str, object]:
    """What the template is filled with."""
    found, words = sources.spaces(), words_in(language)
    zone, notice = sources.building.timezone, sources.feed.notice
    cards = [_card(space, found.at, words, zone) for space in found.spaces]
    newest = max((space.as_of for space in found.spaces if space.as_of), default=None)
    return {
        "language": language,
        "other": next(one for one in Language if one is not language),
        "words": words,
        "building": found.name,
        "timezone": zone.key,
        "stale_ms": STALE_MS,
        "now": found.at.astimezone(zone).strftime("%H:%M"),
        "now_exact": _clock_time(found.at, found.at, zone),
        "as_of": words["as_of"].format(time=_clock_time(newest, found.at, zone))
        if newest
        else words["no_data"],
        "notice": getattr(notice, language) if notice else "",
        "banner": _banner(found, newest, words, zone),
        "groups": {shown.value: [card for card in cards if card.occupancy == shown] for shown in Shown},
        "blank": Card("", "", Shown.UNKNOWN, "", "", "", 0, is_hybrid=False, detail="", age=""),
    }


def _banner(found: Spaces, newest: datetime | None, words: Mapping[str, str], zone: tzinfo) -> str:
    """What must be said loudly: that the sensors are out of reach, or that what they said is old."""
    if not found.link.up:
        if newest is None:
            return words["link_never"]
        return words["link_lost"].format(time=_clock_time(newest, found.at, zone))
    if newest is None:
        return words["data_none"]
    if (found.at - newest).total_seconds() * 1000 > STALE_MS:
        return words["data_old"].format(time=_clock_time(newest, found.at, zone))
    return ""


def _card(space: Space, at: datetime, words: Mapping[str, str], zone: tzinfo) -> Card:
    detail = age = ""
    if space.unknown_because:
        detail = words[space.unknown_because]
    elif space.since and space.since.astimezone(zone).date() == at.astimezone(zone).date():
        detail = words["since"].format(time=space.since.astimezone(zone).strftime("%H:%M"))
    if space.as_of:
        key = "last_word" if space.occupancy is Shown.UNKNOWN else "as_of"
        age = words[key].format(time=_clock_time(space.as_of, at, zone))
    return Card(
        id=space.id,
        name=space.name,
        occupancy=space.occupancy,
        word=words[space.occupancy],
        floor=space.floor_name,
        kind=words[space.kind],
        capacity=space.capacity,
        is_hybrid=space.kind == "hybrid",
        detail=detail,
        age=age,
    )


def _clock_time(instant: datetime, at: datetime, zone: tzinfo) -> str:
    """The time of day in the building, to the second; with the date where it is not today."""
    local = instant.astimezone(zone)
    is_today = local.date() == at.astimezone(zone).date()
    return local.strftime("%H:%M:%S" if is_today else "%d-%m %H:%M")
