# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The lobby page: complete as it comes from the server, kept up to date by its own small module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse  # noqa: TC002  as above

from api.access.caller import caller_of
from api.access.view import view_of
from api.front.filling import answer, filling, language_of, now_in, template
from api.live import Shown
from api.words import LOBBY, Language

if TYPE_CHECKING:
    from api.front.filling import Now
    from api.routes import Sources
    from api.schemas import Space


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
    """The page."""
    router = APIRouter()
    page = template("lobby.html")

    @router.get("/lobby")
    async def lobby(request: Request, lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:
        caller = caller_of(request)
        now = now_in(sources, language_of(lang), view_of(caller))
        return answer(page.render({**filling(now, sources, caller, LOBBY), **_grouped(now)}), now.language)

    return router


def _grouped(now: Now) -> dict[str, object]:
    """The spaces by what they are, and an empty card for those that come later."""
    cards = [_card(space, now) for space in now.found.spaces]
    return {
        "groups": {shown.value: [card for card in cards if card.occupancy == shown] for shown in Shown},
        "blank": Card("", "", Shown.UNKNOWN, "", "", "", 0, is_hybrid=False, detail="", age=""),
    }


def _card(space: Space, now: Now) -> Card:
    age = ""
    if space.as_of:
        key = "last_word" if space.occupancy is Shown.UNKNOWN else "as_of"
        age = now.words[key].format(time=now.clock_time(space.as_of))
    return Card(
        id=space.id,
        name=space.name,
        occupancy=space.occupancy,
        word=now.words[space.occupancy],
        floor=space.floor_name,
        kind=now.words[space.kind],
        capacity=space.capacity,
        is_hybrid=space.kind == "hybrid",
        detail=now.since(space),
        age=age,
    )
