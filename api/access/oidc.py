# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in by OpenID Connect: the code flow with PKCE, and bearer tokens of the same issuer.

Of who somebody is only a pseudonym is kept, made of the issuer's `sub`: no name, no address.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bezet.errors import BezetError
from bezet.retention import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api.access.caller import Role
    from api.access.settings import Oidc

#: Signatures that issuers make; never "none", and none with a shared secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
TIMEOUT_S = 5.0
#: What the issuer says of itself is asked again after an hour, and its keys when one is unknown, but not more
#: often than once a minute: whoever makes up key ids must not make us ask.
AGAIN_MS, KEYS_AGAIN_MS = HOUR_MS, 60_000
LEEWAY_S = 60
MOST_TOKEN_CHARACTERS = 16_384
WAY_BACK = "/sign-in/return"


class SignInFailed(BezetError):
    """Somebody could not be signed in; the message says why in words without secrets. Try again."""


class Person(NamedTuple):
    """Who signed in, by a pseudonym, what they may do, and until when the issuer stands for it."""

    pseudonym: str
    roles: frozenset[Role]
    until_ms: int


class Way(NamedTuple):
    """What must be remembered between going to the issuer and coming back."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The issuer, asked when it is needed; `key` makes pseudonyms that only this window can make."""

    def __init__(
        self,
        oidc: Oidc,
        secret: str,
        key: bytes,
        clock: Callable[[], int],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._oidc, self._secret, self._key, self._clock = oidc, secret, key, clock
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, transport=transport)
        self._told: Mapping[str, Any] = {}
        self._told_ms = 0
        self._keys: KeySet | None = None
        self._keys_ms = 0

    async def aclose(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def begin(self) -> tuple[str, Way]:
        """Where to send somebody who wants to sign in, and what to remember meanwhile."""
        way = Way(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(way.verifier.encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": self._oidc.client_id,
            "redirect_uri": self._oidc.public_url + WAY_BACK,
            "scope": "openid",
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        told = await self._discovered()
        return f"{told['authorization_endpoint']}?{urlencode(asked)}", way

    async def finish(self, code: str, way: Way) -> Person:
        """Who came back with a code."""
        told = await self._discovered()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._oidc.public_url + WAY_BACK,
            "code_verifier": way.verifier,
        }
        auth = httpx.BasicAuth(self._oidc.client_id, self._secret)
        found = await self._json("POST", told["token_endpoint"], data=asked, auth=auth)
        claims = await self._claims(str(found.get("id_token", "")))
        if claims.get("nonce") != way.nonce:
            raise SignInFailed("the answer of the issuer belongs to another sign-in")
        return self._person(claims)

    async def bearer(self, token: str) -> Person:
        """Who holds a token of the issuer that was made for us."""
        return self._person(await self._claims(token))

    def _person(self, claims: Mapping[str, Any]) -> Person:
        said = claims.get(self._oidc.roles_claim, [])
        words = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        roles = {
            self._oidc.roles[word] for word in words if isinstance(word, str) and word in self._oidc.roles
        }
        digest = hashlib.blake2b(str(claims["sub"]).encode(), key=self._key, digest_size=8).hexdigest()
        return Person(f"person-{digest}", frozenset({*roles, self._oidc.everyone}), int(claims["exp"]) * 1000)

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that the issuer signed for us, and that counts now."""
        if len(token) > MOST_TOKEN_CHARACTERS:
            raise SignInFailed("the token is too long")
        for is_last in (False, True):
            keys = await self._known_keys(again=is_last)
            try:
                claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, TypeError, KeyError) as error:
                if is_last:
                    raise SignInFailed(
                        f"the token is not one of the issuer ({type(error).__name__})"
                    ) from None
                continue
            break
        self._check(claims)
        return claims

    def _check(self, claims: Mapping[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=self._clock() // 1000,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._told["issuer"]},
            aud={"essential": True, "value": self._oidc.client_id},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as error:
            raise SignInFailed(f"the token does not count here ({error})") from None

    async def _discovered(self) -> Mapping[str, Any]:
        if not self._told or self._clock() - self._told_ms > AGAIN_MS:
            told = await self._json("GET", f"{self._oidc.issuer}/.well-known/openid-configuration")
            wanted = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(isinstance(told.get(name), str) for name in wanted):
                raise SignInFailed("the issuer does not say where to sign in")
            if str(told["issuer"]).rstrip("/") != self._oidc.issuer:
                raise SignInFailed("the issuer calls itself by another name than window.toml does")
            self._told, self._told_ms = told, self._clock()
        return self._told

    async def _known_keys(self, *, again: bool) -> KeySet:
        is_old = again and self._clock() - self._keys_ms >= KEYS_AGAIN_MS
        if self._keys is None or is_old:
            told = await self._discovered()
            try:
                self._keys = KeySet.import_key_set(await self._json("GET", told["jwks_uri"]))  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError):
                raise SignInFailed("the keys of the issuer cannot be read") from None
            self._keys_ms = self._clock()
        return self._keys

    async def _json(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, url, **more)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SignInFailed(f"the issuer does not answer ({type(error).__name__})") from None
        if not isinstance(found, dict):
            raise SignInFailed("the issuer answers something else")
        return found
