# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out: by the organisation's own accounts, or by a token that is typed in once (a screen)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import RedirectResponse, Response

from api.access.caller import caller_of
from api.access.gate import COOKIE
from api.access.oidc import SignInFailed, Way
from api.addresses import THIS_MACHINE
from api.book.audit import Entry, write_down
from api.front.filling import answer, language_of, spoken, template
from api.front.forms import fields_of
from api.words import Language, words_in
from bezet.retention import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from api.access.oidc import Person
    from api.routes import Sources

WAY_COOKIE = "bezet-way"
#: Somebody has so long to sign in, and stays so for a working day; a screen that gave its token stays a year.
WAY_MS, SIGNED_IN_MS, SCREEN_MS = HOUR_MS // 6, 10 * HOUR_MS, 365 * DAY_MS
Lang = Annotated[str, Query()]


def routes(sources: Sources) -> APIRouter:
    """The pages and ways of signing in."""
    router, door = APIRouter(include_in_schema=False), Door(sources)
    router.add_api_route("/sign-in", door.begin, methods=["GET"])
    router.add_api_route("/sign-in/return", door.back, methods=["GET"])
    router.add_api_route("/sign-in/token", door.ask, methods=["GET"])
    router.add_api_route("/sign-in/token", door.give, methods=["POST"])
    router.add_api_route("/sign-out", door.out, methods=["POST"])
    return router


class Door:
    """What happens at each of the ways in and out."""

    def __init__(self, sources: Sources) -> None:
        self._sources, self._gate = sources, sources.gate
        self._page = template("sign-in.html")

    async def begin(self, request: Request, lang: Lang = Language.NL) -> Response:
        """Off to the issuer; where there is none, the form for a token."""
        provider, seal, language = self._gate.provider, self._gate.seal, language_of(lang)
        if provider is None or seal is None:
            return self._form(language)
        try:
            url, way = await provider.begin()
        except SignInFailed as error:
            await self._gate.note_refusal(str(error), caller_of(request).origin)
            return self._form(language, words_in(language)["sign_in_away"], 503)
        until_ms = self._sources.clock() + WAY_MS
        found = RedirectResponse(url, 303)
        _keep(found, request, WAY_COOKIE, seal.sealed({"way": list(way), "lang": language}, until_ms), WAY_MS)
        return found

    async def back(
        self, request: Request, code: Annotated[str, Query()] = "", state: Annotated[str, Query()] = ""
    ) -> Response:
        """Somebody comes back from the issuer."""
        seal, now_ms = self._gate.seal, self._sources.clock()
        kept = seal.opened(request.cookies.get(WAY_COOKIE, ""), now_ms) if seal else None
        if seal is None or kept is None:
            return self._form(Language.NL, words_in(Language.NL)["sign_in_again"], 400)
        language = language_of(kept["lang"])
        try:
            person = await self._person(code, state, Way(*kept["way"]))
        except SignInFailed as error:
            await self._gate.note_refusal(str(error), caller_of(request).origin)
            return self._form(language, words_in(language)["sign_in_again"], 400)
        await self._note(request, person.pseudonym, f"as {', '.join(sorted(person.roles))}")
        kept = {"pseudonym": person.pseudonym, "roles": sorted(person.roles)}
        found = RedirectResponse(f"/?lang={language}", 303)
        _keep(found, request, COOKIE, seal.sealed(kept, now_ms + SIGNED_IN_MS), SIGNED_IN_MS)
        found.delete_cookie(WAY_COOKIE)
        return found

    async def _person(self, code: str, state: str, way: Way) -> Person:
        if self._gate.provider is None or not code or state != way.state:
            raise SignInFailed("the way back is not that of this sign-in")
        return await self._gate.provider.finish(code, way)

    async def ask(self, lang: Lang = Language.NL) -> HTMLResponse:
        """The form for a token."""
        return self._form(language_of(lang))

    async def give(self, request: Request, lang: Lang = Language.NL) -> Response:
        """Somebody gives a token."""
        token, seal, language = (await fields_of(request)).get("token"), self._gate.seal, language_of(lang)
        origin = caller_of(request).origin
        holder = None if token is None else await run_in_threadpool(self._gate.holder, token, origin)
        if holder is None or seal is None:
            await self._gate.note_refusal("no such token", origin)
            return self._form(language, words_in(language)["sign_in_no_token"], 400)
        await self._note(request, holder.name, "by a token")
        sealed = seal.sealed({"token": token}, self._sources.clock() + SCREEN_MS)
        found = RedirectResponse(f"/?lang={language}", 303)
        _keep(found, request, COOKIE, sealed, SCREEN_MS)
        return found

    async def out(self) -> RedirectResponse:
        """The browser keeps nothing of us any more."""
        found = RedirectResponse("/", 303)
        found.delete_cookie(COOKIE)
        return found

    def _form(self, language: Language, why: str = "", status: int = 200) -> HTMLResponse:
        told = {
            **spoken(language, self._sources.building.name),
            "why": why,
            "has_accounts": self._gate.provider is not None,
            "is_open": self._gate.is_open,
        }
        found = answer(self._page.render(told), language)
        found.status_code = status
        return found

    async def _note(self, request: Request, actor: str, result: str) -> None:
        entry = Entry(self._sources.clock(), actor, "sign in", "window", result, caller_of(request).origin)
        await run_in_threadpool(write_down, self._sources.book, entry)


def _keep(found: Response, request: Request, name: str, sealed: str, long_ms: int) -> None:
    """Let a browser keep what is sealed: not for scripts or other sites, and over TLS but on this machine."""
    is_here = request.url.hostname in THIS_MACHINE
    found.set_cookie(
        *(name, sealed, long_ms // 1000),
        secure=request.url.scheme == "https" or not is_here,
        httponly=True,
        samesite="lax",
    )
