# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The gate that every question passes: who asks, how often, and whether they may."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs

from api.access.caller import ANYBODY, Caller, Role, caller_of
from api.access.matrix import allowed, is_always
from api.access.oidc import SignInFailed
from api.access.rate import Buckets
from api.access.tokens import PREFIX, USED_STEP_MS, is_good, read
from api.book.audit import Entry, write_down
from api.book.tokens import note_used, token_of
from api.negotiation import JSON, OFFERED, chosen
from api.problems import Refused
from bezet.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.access.oidc import Provider
    from api.access.sealing import Seal
    from api.access.settings import Access
    from api.book import Book

COOKIE = "bezet"
NOBODY = Caller("nobody", frozenset())
READING = ("GET", "HEAD", "OPTIONS")
#: Refused tokens are written down so often from one address: nobody may fill the log at will.
REFUSALS_PER_MINUTE = 5


class SignInFirst(Exception):
    """A page was asked for by somebody whom we do not know."""


class Gate:
    """Finds who asks; a dependency of every route. Without `access` everybody may do everything."""

    def __init__(
        self,
        access: Access | None,
        book: Book,
        clock: Callable[[], int],
        seal: Seal | None = None,
        provider: Provider | None = None,
    ) -> None:
        self.access, self.provider, self.seal = access, provider, seal
        self._book, self._clock = book, clock
        self._buckets = Buckets(access.requests_per_minute if access else 1)
        self._refusals = Buckets(REFUSALS_PER_MINUTE)

    async def aclose(self) -> None:
        """End what the gate has open."""
        if self.provider is not None:
            await self.provider.aclose()

    @property
    def is_open(self) -> bool:
        """Whether no access is configured, so that everything is for everybody on this machine."""
        return self.access is None

    async def __call__(self, request: Request) -> None:
        """Let a question pass, or refuse it with 401, 403 or 429."""
        request.state.caller = caller = await self._caller(request)
        operation = _operation(request.scope)
        if self.access is not None:
            self._must_be_allowed(caller, operation)
        if not operation.startswith("/"):
            _must_take_it(request, operation)

    def _must_be_allowed(self, caller: Caller, operation: str) -> None:
        """Refuse who asks too often, and who may not ask this at all."""
        self._take_turn(f"{caller.name} {caller.origin}")
        wanted = allowed(operation)
        if caller.roles & wanted or is_always(operation):
            return
        words = ", ".join(sorted(wanted))
        is_unknown = caller.roles <= {Role.PUBLIC}
        if is_unknown and operation.startswith("/"):
            raise SignInFirst(operation)
        if is_unknown:
            raise HTTPException(
                401, f"This is for those who signed in as: {words}.", {"WWW-Authenticate": "Bearer"}
            )
        raise Refused(403, "not-your-role", "Not for your role", f"This is for: {words}.")

    def _take_turn(self, who: str) -> None:
        wait_s = self._buckets.wait_s(who, self._clock())
        if wait_s:
            headers = {"Retry-After": str(math.ceil(wait_s))}
            raise HTTPException(429, "Too many questions; try again later.", headers)

    async def _caller(self, request: Request) -> Caller:
        origin = "" if request.client is None else request.client.host
        if self.access is None:
            return ANYBODY._replace(origin=origin)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token:
            return await self._holder(token.strip(), scheme, origin)
        kept = self._kept(request)
        if kept is not None:
            refuse_foreign_write(request)
            return await self._signed_in(kept, origin)
        if not self.access.is_public:
            return NOBODY._replace(origin=origin)
        return Caller("public", frozenset({Role.PUBLIC}), origin)

    def _kept(self, request: Request) -> dict[str, Any] | None:
        found = request.cookies.get(COOKIE, "")
        return self.seal.opened(found, self._clock()) if found and self.seal else None

    async def _signed_in(self, kept: dict[str, Any], origin: str) -> Caller:
        """Who holds our sealed cookie: a person, or somebody who once gave a token."""
        if "token" in kept:
            return await self._holder(kept["token"], "Bearer", origin)
        known = [role for role in Role if role in kept["roles"]]
        return Caller(kept["pseudonym"], frozenset(known) | {Role.PUBLIC}, origin)

    async def _holder(self, token: str, scheme: str, origin: str) -> Caller:
        """Who holds a token of ours, or one of the issuer."""
        if scheme.lower() == "bearer":
            if token.startswith(PREFIX):
                found = await run_in_threadpool(self.holder, token, origin)
                if found is not None:
                    return found
            elif self.provider is not None:
                try:
                    person = await self.provider.bearer(token)
                except SignInFailed as error:
                    await self._refuse(str(error), origin)
                else:
                    return Caller(person.pseudonym, person.roles | {Role.PUBLIC}, origin)
        await self._refuse("no such token", origin)
        raise AssertionError

    def holder(self, token: str, origin: str) -> Caller | None:
        """Who holds a token of ours; None where it does not count, or not any more."""
        parts, now_ms = read(token), self._clock()
        row = None if parts is None else token_of(self._book, parts.id)
        if parts is None or row is None or not is_good(row, parts.secret, now_ms):
            return None
        if row.used_ms is None or now_ms - row.used_ms >= USED_STEP_MS:
            note_used(self._book, row.id, now_ms)
        kind = "screen" if row.is_screen else "token"
        return Caller(f"{kind} {row.name}", frozenset({row.role, Role.PUBLIC}), origin)

    async def note_refusal(self, why: str, origin: str) -> None:
        """Write down that somebody could not be let in, but not all that one address tries."""
        now_ms = self._clock()
        if not self._refusals.wait_s(origin, now_ms):
            entry = Entry(now_ms, "unknown", "sign in", "window", f"refused: {why}", origin)
            await run_in_threadpool(_try_to_write, self._book, entry)

    def is_for_all(self, caller: Caller) -> bool:
        """Whether a caller sees no more than anybody who comes, so that there is nothing to take away."""
        return self.access is None or (self.access.is_public and caller.roles <= {Role.PUBLIC})

    async def is_still(self, request: Request) -> bool:
        """Whether whoever asked is who they were then: a key can be revoked, and a term can be over."""
        try:
            return await self._caller(request) == caller_of(request)
        except HTTPException:
            return False

    async def _refuse(self, why: str, origin: str) -> None:
        self._take_turn(f"refused {origin}")
        await self.note_refusal(why, origin)
        raise HTTPException(
            401, "This token does not count here.", {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        )


def _operation(scope: Any) -> str:
    """The id of the operation that was asked, or the path of the page."""
    route = scope["route"]
    operation_id = getattr(route, "operation_id", None)
    return str(operation_id or route.path)


def _must_take_it(request: Request, operation: str) -> None:
    """Refuse to answer in a form that is not taken."""
    offered = OFFERED.get(operation, (JSON,))
    if chosen(",".join(request.headers.getlist("accept")), offered) is None:
        raise HTTPException(
            406, f"This answers with {' or '.join(offered)}; the Accept header takes neither."
        )


def refuse_foreign_write(request: Request) -> None:
    """Only our own pages may change something: a browser brings our cookie along for other sites too."""
    if request.method in READING:
        return
    site = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if site != "same-origin" and (site is not None or origin != request.headers.get("host")):
        raise Refused(
            403, "foreign-page", "Asked by another site", "Only our own pages may change something."
        )


def _try_to_write(book: Book, entry: Entry) -> None:
    """A log that is full must not turn a refusal into a mistake of the server."""
    try:
        write_down(book, entry)
    except StoreError:
        return
