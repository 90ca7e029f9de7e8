# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in by OpenID Connect, with a real provider over HTTP, and tokens that are not what they seem."""

from __future__ import annotations

import hmac
import re
import warnings
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.access.caller import Role
from api.access.oidc import Provider, SignInFailed, Way
from api.access.settings import Access, Oidc
from api.book.audit import written_down
from api.settings import Settings
from tests.api.conftest import NOW_MS, Stage

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of libraries that the provider for tests stands on
    import oidc_provider_mock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bezet.model import Building

#: What the provider for tests stands on is older than what warns about it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SUBJECT = "anna@stadhuis.example"
CLIENT = "bezet-window"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider on loopback that knows Anna of facilities."""
    user = oidc_provider_mock.User(sub=SUBJECT, claims={"email": SUBJECT, "groups": ["bhv", "fm"]})
    with oidc_provider_mock.run_server_in_thread(user_claims=[user]) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def settings(issuer: str, tmp_path: Path) -> Settings:
    """Signing in by that provider."""
    secret = tmp_path / "secret"
    secret.write_text("geheim\n")
    oidc = Oidc(
        *(issuer, CLIENT, secret, "http://127.0.0.1:8080", "groups"),
        roles={"fm": Role.FACILITIES},
    )
    return Settings(access=Access(oidc=oidc))


@pytest.fixture
def house(building: Building, settings: Settings) -> Stage:
    """The window with people who sign in, and the clock of the provider."""
    return Stage(building, settings=settings)


async def at_the_issuer(url: str) -> str:
    """What Anna does there, and where she is sent."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.post(url, data={"sub": SUBJECT})
    return answer.headers["location"]


def cookie(answer: httpx.Response, name: str) -> dict[str, str]:
    """The header by which a browser brings back a cookie."""
    (kept,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    return {"Cookie": kept.partition(";")[0]}


async def test_somebody_signs_in_and_is_known_by_a_pseudonym(house: Stage) -> None:
    """The code flow with PKCE ends in a sealed cookie with the roles of the groups, and no name anywhere."""
    async with house.running():
        house.time.now_ms = real_ms()
        before = await house.client.get("/v1/spaces/0.01/why")
        off = await house.client.get("/sign-in?lang=en")
        asked = parse_qs(urlsplit(off.headers["location"]).query)
        back = await at_the_issuer(off.headers["location"])
        query = urlsplit(back).query
        entered = await house.client.get(f"/sign-in/return?{query}", headers=cookie(off, "bezet-way"))
        signed_in = cookie(entered, "bezet")
        after = await house.client.get("/v1/spaces/0.01/why", headers=signed_in)
        audit = await house.client.get("/v1/audit-entries", headers=signed_in)
        lines = written_down(house.book)

    assert (before.status_code, after.status_code, audit.status_code) == (401, 200, 403)
    assert asked["code_challenge_method"] == ["S256"]
    assert (entered.status_code, entered.headers["location"]) == (303, "/?lang=en")
    assert [re.sub("[0-9a-f]{16}", "…", one.actor) for _, one in lines] == ["person-…"]
    assert "anna" not in f"{lines}{entered.headers}"


def real_ms() -> int:
    """The time of the provider, which no test sets."""
    import time  # noqa: PLC0415  the only clock of a machine in these tests

    return time.time_ns() // 1_000_000


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=y", "?error=access_denied&state=x"])
async def test_a_way_back_that_is_none(house: Stage, query: str) -> None:
    """Without the way that was begun, or with another state, nobody is signed in."""
    async with house.running():
        house.time.now_ms = real_ms()
        off = await house.client.get("/sign-in")
        for headers in ({}, cookie(off, "bezet-way"), {"Cookie": "bezet-way=made.up"}):
            answer = await house.client.get(f"/sign-in/return{query}", headers=headers)
            assert answer.status_code == 400
            assert "bezet=" not in answer.headers.get("set-cookie", "")


async def test_a_provider_that_is_away_takes_nothing_else_away(
    building: Building, settings: Settings
) -> None:
    """While nobody can sign in the public view and tokens go on, and the page says why."""
    assert settings.access is not None
    assert settings.access.oidc is not None
    gone = replace(settings.access, oidc=replace(settings.access.oidc, issuer="http://127.0.0.1:9"))
    stage = Stage(building, settings=Settings(access=gone))
    async with stage.running():
        away, spaces = await stage.client.get("/sign-in"), await stage.client.get("/v1/spaces")
        bearer = await stage.client.get("/v1/spaces", headers={"Authorization": "Bearer a.b.c"})

    assert (away.status_code, spaces.status_code, bearer.status_code) == (503, 200, 401)
    assert "Aanmelden lukt nu niet" in away.text


# --- tokens of an issuer, each wrong in its own way ------------------------------------------------------

KEY, FOREIGN = RSAKey.generate_key(2048, {"kid": "k"}), RSAKey.generate_key(2048, {"kid": "k"})
ISSUER = "https://issuer.example"
GOOD: dict[str, object] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": SUBJECT,
    "exp": NOW_MS // 1000 + 600,
    "groups": ["fm"],
}


def signed(key: Any = KEY, alg: str = "RS256", **changed: Any) -> str:
    """A token of the issuer, but for what is changed; None takes a claim away."""
    claims = {name: claim for name, claim in {**GOOD, **changed}.items() if claim is not None}
    return jwt.encode({"alg": alg, "kid": "k"}, claims, key, algorithms=[alg])


def by_the_public_key() -> str:
    """A token whose signature everybody can make, if the public key is taken for a shared secret."""
    head = urlsafe_b64encode(b'{"alg":"HS256","kid":"k"}').decode().rstrip("=")
    said = f"{head}.{signed().split('.')[1]}"
    made = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{urlsafe_b64encode(made).decode().rstrip('=')}"


TOKENS = {
    "good": (signed(), True),
    "for several": (signed(aud=["other", CLIENT]), True),
    "for somebody else": (signed(aud="other"), False),
    "for nobody": (signed(aud=None), False),
    "of another issuer": (signed(iss="https://evil.example"), False),
    "over": (signed(exp=NOW_MS // 1000 - 61), False),
    "over, but for slow clocks": (signed(exp=NOW_MS // 1000 - 59), True),
    "without an end": (signed(exp=None), False),
    "not yet": (signed(nbf=NOW_MS // 1000 + 600), False),
    "of nobody": (signed(sub=None), False),
    "by another key": (signed(FOREIGN), False),
    "by the public key as a secret": (by_the_public_key(), False),
    "unsigned": ("eyJhbGciOiJub25lIn0." + signed().split(".")[1] + ".", False),
    "cut": (signed()[:-10], False),
    "a megabyte": (signed() + "a" * 1_000_000, False),
    "not a token": ("x", False),
    "with groups that are no list": (signed(groups={"a": 1}), True),
}


@pytest.mark.parametrize("case", TOKENS)
async def test_tokens_of_the_issuer(case: str, tmp_path: Path) -> None:
    """A token counts if the issuer signed it, for us, for now; whoever made it otherwise is refused."""
    token, is_good = TOKENS[case]
    oidc = Oidc(ISSUER, CLIENT, tmp_path, "https://bezet.example", "groups", {"fm": Role.FACILITIES})
    provider = Provider(oidc, "geheim", b"k" * 32, lambda: NOW_MS, transport=httpx.MockTransport(_told))
    try:
        if is_good:
            person = await provider.bearer(token)
            assert person.roles >= {Role.EMPLOYEE}
            assert "anna" not in person.pseudonym
        else:
            with pytest.raises(SignInFailed):
                await provider.bearer(token)
            with pytest.raises(SignInFailed):
                await provider.finish("code", Way("s", "n", "v"))
    finally:
        await provider.aclose()


def _told(request: httpx.Request) -> httpx.Response:
    """What the issuer says of itself, and its key."""
    if request.url.path == "/keys":
        return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
    if request.url.path == "/token":
        return httpx.Response(400, json={"error": "invalid_grant"})
    names = {"authorization_endpoint": "/go", "token_endpoint": "/token", "jwks_uri": "/keys"}
    return httpx.Response(
        200, json={"issuer": ISSUER} | {name: f"{ISSUER}{path}" for name, path in names.items()}
    )
