# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The pages of screens: complete as they come from the server, kept up to date by their own small modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import HTMLResponse, Response

from api.access.caller import caller_of
from api.access.view import view_of
from api.front.filling import answer, filling, language_of, now_in, spoken, template
from api.front.lobby import BLANK, groups, on_screen
from api.negotiation import chosen
from api.problems import HTML, MEDIA_TYPE
from api.screens.codes import address, short, svg
from api.screens.night import is_within, nights
from api.screens.settings import Screen
from api.screens.styles import media, style
from api.words import BOOKING, EVERYWHERE, LOBBY, NOW, Language, words_in

if TYPE_CHECKING:
    from api.front.filling import Now
    from api.routes import Sources

#: The screen of everything, which no file describes.
EVERYTHING = Screen("")
#: What the scripts of a screen say besides what is said of now.
SAID = {**BOOKING, **LOBBY, **{name: EVERYWHERE[name] for name in ("open_mode", "way_about")}}


def routes(sources: Sources) -> APIRouter:
    """The pages, and what belongs to each screen alone."""
    router = APIRouter()
    page, missing = template("lobby.html"), template("no-screen.html")

    def shown(request: Request, screen: Screen, lang: str) -> HTMLResponse:
        caller = caller_of(request)
        language = language_of(lang) if lang else screen.languages[0]
        now = on_screen(now_in(sources, language, view_of(caller)), screen, sources.building)
        told = {**filling(now, sources, caller, SAID), **_about(screen, now, sources, bool(lang))}
        code = {"code_text": short(public_url(request, sources, screen))}
        return answer(page.render({**told, **code}), language)

    @router.get("/lobby")
    async def lobby(request: Request, lang: Annotated[str, Query()] = Language.NL) -> HTMLResponse:
        return shown(request, EVERYTHING, lang)

    @router.get("/lobby-qr.svg")
    async def lobby_code(request: Request, lang: Annotated[str, Query()] = Language.NL) -> Response:
        return _code(request, sources, EVERYTHING, lang)

    @router.get("/lobby/{screen}")
    async def one(request: Request, screen: str, lang: Annotated[str, Query()] = "") -> HTMLResponse:
        found = sources.settings.screens.get(screen)
        if found is not None:
            return shown(request, found, lang)
        if chosen(",".join(request.headers.getlist("accept")), (MEDIA_TYPE, HTML)) != HTML:
            found_screen(sources, screen)
        language = language_of(lang)
        known = [*sources.settings.screens.values()]
        told = {**spoken(language, sources.building.name), "screen": screen, "screens": known}
        return HTMLResponse(missing.render(told), 404, {"Content-Language": language})

    @router.get("/lobby/{screen}/screen.css")
    async def own_style(screen: str) -> Response:
        return Response(style(found_screen(sources, screen)), media_type="text/css")

    @router.get("/lobby/{screen}/qr.svg")
    async def own_code(request: Request, screen: str, lang: Annotated[str, Query()] = "nl") -> Response:
        return _code(request, sources, found_screen(sources, screen), lang)

    return router


def found_screen(sources: Sources, screen_id: str) -> Screen:
    """The screen of that id, or 404."""
    screen = sources.settings.screens.get(screen_id)
    if screen is None:
        raise HTTPException(404, f"There is no screen {screen_id!r} in the settings of this window.")
    return screen


def public_url(request: Request, sources: Sources, screen: Screen) -> str:
    """Where a phone finds us: as is said for the screen, or for signing in; else where we were asked."""
    access = sources.settings.access
    oidc = access.oidc if access else None
    return screen.public_url or (oidc.public_url if oidc else f"{request.url.scheme}://{request.url.netloc}")


def _code(request: Request, sources: Sources, screen: Screen, lang: str) -> Response:
    text = address(public_url(request, sources, screen), language_of(lang))
    return Response(svg(text), media_type="image/svg+xml")


def _about(screen: Screen, now: Now, sources: Sources, is_asked: bool) -> dict[str, object]:
    """What the page of a screen holds besides what every page of now does."""
    now_ms, directions = sources.clock(), sources.settings.directions
    own = {} if screen is EVERYTHING else {"nights": nights(sources.building, screen, now_ms)}
    turns = screen.languages if len(screen.languages) > 1 and not is_asked else ()
    return {
        "groups": groups(now, directions),
        "blank": BLANK,
        "screen": screen,
        "path": "/lobby" if screen is EVERYTHING else f"/lobby/{screen.id}",
        "code": "/lobby-qr.svg" if screen is EVERYTHING else f"/lobby/{screen.id}/qr.svg",
        "media": media(screen),
        "is_night": is_within(own.get("nights", ()), now_ms),
        "about": {
            **own,
            "floors": screen.floors,
            "kinds": screen.kinds,
            "spaces": screen.spaces,
            "pageS": screen.page_s,
            "rotateS": screen.rotate_s,
            "turns": turns,
            # Those of the first language come with the page as it is.
            "words": {one: words_in(one, NOW, SAID) for one in turns if one is not now.language},
            "directions": {
                one.id: directions[one.id]._asdict() for one in now.found.spaces if one.id in directions
            },
        },
    }
