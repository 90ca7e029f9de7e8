# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what: every role at every operation, tokens good and bad, and how often."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from api.access.caller import Role
from api.access.matrix import ALL, ALWAYS, ELSE, MATRIX, allowed
from api.access.settings import Access
from api.access.tokens import Parts, Token, digest_of, written
from api.book.audit import written_down
from api.book.tokens import add_token, remove_token, token_of
from api.settings import Settings
from bezet.model import Because, Occupancy
from bezet.retention import DAY_MS, HOUR_MS
from tests.api.conftest import NOW_MS, Stage, health, live

if TYPE_CHECKING:
    from bezet.model import Building

SECRET = "s" * 43
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: What is asked in the place of a name in a path.
NAMES = {
    "spaceId": "0.01",
    "siteId": "hall",
    "floorId": "0",
    "deviceId": "pi-1",
    "alarmId": "x",
    "screenId": "x",
}


def key(role: Role, *, number: int = 1, expires_ms: int = NOW_MS + DAY_MS) -> tuple[Token, str]:
    """A token of a role, and what its holder sends."""
    parts = Parts(f"{number:012x}", SECRET)
    token = Token(parts.id, f"{role}-{number}", role, False, digest_of(SECRET), NOW_MS, expires_ms)
    return token, written(parts)


def bearer(token: str) -> dict[str, str]:
    """The header that brings a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def guarded(building: Building) -> Stage:
    """The window on the small building with access configured."""
    return Stage(building, settings=Settings(access=Access(requests_per_minute=1_000)))


def operations(stage: Stage) -> dict[str, tuple[str, str]]:
    """Every operation of the running API with its method and a path that can be asked."""
    (version_1,) = [
        mount.app for mount in stage.app.routes if isinstance(mount, Mount) and mount.path == "/v1"
    ]
    assert isinstance(version_1, FastAPI)
    found = {}
    for path, methods in version_1.openapi()["paths"].items():
        for method, operation in methods.items():
            asked = re.sub(r"\{(\w+)\}", lambda name: NAMES[name[1]], path)
            found[operation["operationId"]] = method.upper(), f"/v1{asked}"
    return found


def pages(stage: Stage) -> set[str]:
    """The paths of all pages, without the files that they are made of."""
    included = [router for route in stage.app.routes if (router := getattr(route, "original_router", None))]
    return {route.path for router in included for route in router.routes if "." not in route.path}


# --- the table -------------------------------------------------------------------------------------------


async def test_every_operation_has_its_row_and_every_row_its_operation(guarded: Stage) -> None:
    """Nobody may do anything of which nobody said who may; and the table names nothing that is not there."""
    async with guarded.running():
        there, paths = operations(guarded).keys(), pages(guarded)

    assert len(there) > 5
    assert "/lobby" in paths
    assert there | paths == MATRIX.keys() | ALWAYS


async def test_every_cell_of_the_table(guarded: Stage) -> None:
    """With a token of each role each operation is refused or not as the table says, and nobody is public."""
    async with guarded.running():
        for number, role in enumerate(Role, start=1):
            add_token(guarded.book, key(role, number=number)[0])
        cells = {}
        for operation, (method, path) in operations(guarded).items():
            if operation == "followLiveEvents":
                continue  # never ends; test_live_events asks it
            for number, role in enumerate(Role, start=1):
                _, token = key(role, number=number)
                answer = await guarded.client.request(method, path, headers=bearer(token))
                is_role = answer.status_code == 403 and "not-your-role" in answer.text
                cells[operation, role] = answer.status_code != 401 and not is_role
            nobody = await guarded.client.request(method, path)
            assert (nobody.status_code == 401) == (Role.PUBLIC not in allowed(operation))

    assert cells == {(operation, role): role in allowed(operation) for operation, role in cells}


def test_what_is_in_no_row_is_for_the_administrator() -> None:
    """An operation that the table forgot is not open; the files of pages are."""
    assert allowed("newOperation") == ELSE == {Role.ADMINISTRATOR}
    assert allowed("/lobby.css") == ALL
    assert allowed("/new-page") == ELSE


# --- what somebody sees ----------------------------------------------------------------------------------


async def test_who_has_no_name_sees_what_is_free_and_no_more(guarded: Stage) -> None:
    """Without a token a space shows its state and age, and neither people, probability nor evidence."""
    async with guarded.running():
        add_token(guarded.book, key(Role.FACILITIES)[0])
        await guarded.say(health(), live("0.02", Occupancy.OCCUPIED))
        plain = await guarded.space("0.02")
        full = (await guarded.client.get("/v1/spaces/0.02", headers=bearer(key(Role.FACILITIES)[1]))).json()

    assert (plain["occupancy"], plain["since"], plain["asOf"]) == (
        full["occupancy"],
        full["since"],
        full["asOf"],
    )
    assert (plain["people"], plain["probability"], plain["because"]) == (None, None, [])
    assert (full["probability"], full["because"]) == (0.9, [Because.MOTION])


async def test_a_house_may_show_nothing_to_who_has_no_name(building: Building) -> None:
    """With `anonymous = "nobody"` the API says 401, and a page leads to signing in."""
    stage = Stage(building, settings=Settings(access=Access(is_public=False)))
    async with stage.running():
        api, page = await stage.client.get("/v1/spaces"), await stage.client.get("/lobby")
        document = await stage.client.get("/v1/openapi.json")

    assert (api.status_code, api.headers["www-authenticate"]) == (401, "Bearer")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    assert (document.status_code, document.headers["access-control-allow-origin"]) == (200, "*")


async def test_an_open_house_says_so(stage: Stage, guarded: Stage) -> None:
    """Without access every answer and every page says that all is open; with it none does."""
    for house, is_open in ((stage, True), (guarded, False)):
        async with house.running():
            answers = [await house.client.get(path) for path in ("/v1/spaces", "/lobby", "/", "/v1/none")]

        assert [answer.headers.get("bezet-access") == "open" for answer in answers] == [is_open] * 4
        assert ['<p class="open-mode"' in answers[n].text for n in (1, 2)] == [is_open] * 2


# --- tokens ----------------------------------------------------------------------------------------------

BAD = {
    "none of ours": "abc",
    "empty": "",
    "of another id": written(Parts("f" * 12, SECRET)),
    "another secret": written(Parts(f"{1:012x}", "t" * 43)),
    "cut": written(Parts(f"{1:012x}", SECRET))[:-1],
    "too long": written(Parts(f"{1:012x}", SECRET)) + "s",
    "a megabyte": "bezet_" + "a" * 1_000_000,
    "not ASCII": "bezet_é",
    "unsigned": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
}


@pytest.mark.parametrize("case", BAD)
async def test_a_token_that_is_none_is_refused(guarded: Stage, case: str) -> None:
    """A wrong token is 401, also where everybody may look, and it is written down nowhere."""
    headers: Any = [(b"authorization", b"Bearer " + BAD[case].encode())]
    async with guarded.running():
        add_token(guarded.book, key(Role.PLANNER)[0])
        answer = await guarded.client.get("/v1/spaces", headers=headers)
        lines = written_down(guarded.book)

    if case == "empty":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert [(one.action, one.result) for _, one in lines] == [("sign in", "refused: no such token")]
    assert SECRET not in str(lines)


@pytest.mark.parametrize("scheme", ["Basic", "bezet", "Digest"])
async def test_another_scheme_is_refused(guarded: Stage, scheme: str) -> None:
    """A good token under another scheme does not count."""
    async with guarded.running():
        token, sent = key(Role.PLANNER)
        add_token(guarded.book, token)
        answer = await guarded.client.get("/v1/spaces", headers={"Authorization": f"{scheme} {sent}"})

    assert answer.status_code == 401


async def test_a_token_ends_at_its_time_and_when_it_is_revoked(guarded: Stage) -> None:
    """It counts until its last millisecond, and from the moment of revoking no more."""
    async with guarded.running():
        token, sent = key(Role.PLANNER, expires_ms=NOW_MS + 2)
        other, also_sent = key(Role.PLANNER, number=2)
        add_token(guarded.book, token)
        add_token(guarded.book, other)
        answers = []
        for later_ms in (1, 2):
            guarded.time.now_ms = NOW_MS + later_ms
            answers.append((await guarded.client.get("/v1/spaces", headers=bearer(sent))).status_code)
        answers.append((await guarded.client.get("/v1/spaces", headers=bearer(also_sent))).status_code)
        remove_token(guarded.book, other.id)
        answers.append((await guarded.client.get("/v1/spaces", headers=bearer(also_sent))).status_code)

    assert answers == [200, 401, 200, 401]


async def test_when_a_token_was_used_is_kept_to_the_hour(guarded: Stage) -> None:
    """Whoever looks for tokens that nobody uses finds them; nobody can read when somebody worked."""
    used = []
    async with guarded.running():
        token, sent = key(Role.PLANNER)
        add_token(guarded.book, token)
        for later_ms in (0, HOUR_MS - 1, HOUR_MS):
            guarded.time.now_ms = NOW_MS + later_ms
            await guarded.client.get("/v1/spaces", headers=bearer(sent))
            found = token_of(guarded.book, token.id)
            used.append(found and found.used_ms)

    assert used == [NOW_MS, NOW_MS, NOW_MS + HOUR_MS]


async def test_who_asks_too_often_waits(building: Building) -> None:
    """After as many questions as a minute has, the next is 429 with the time to wait."""
    stage = Stage(building, settings=Settings(access=Access(requests_per_minute=10)))
    async with stage.running():
        token, sent = key(Role.PLANNER)
        add_token(stage.book, token)
        asked = [await stage.client.get("/v1/spaces/0.01", headers=bearer(sent)) for _ in range(10)]
        late = await stage.client.get("/v1/spaces/0.01", headers=bearer(sent))
        stage.time.now_ms += 6_000
        again = await stage.client.get("/v1/spaces/0.01", headers=bearer(sent))

    assert [answer.status_code for answer in asked] == [200] * 10
    assert (late.status_code, late.headers["retry-after"]) == (429, "6")
    assert again.status_code == 200


# --- signing in with a token -----------------------------------------------------------------------------


async def test_a_screen_signs_in_once(guarded: Stage) -> None:
    """A token that is typed in is kept sealed by the browser, and counts until it is revoked."""
    async with guarded.running():
        token, sent = key(Role.FACILITIES)
        add_token(guarded.book, token)
        entered = await guarded.client.post("/sign-in/token", data={"token": sent})
        cookie = entered.headers["set-cookie"]
        kept = {"Cookie": cookie.partition(";")[0]}
        before = await guarded.client.get("/v1/spaces/0.01/why", headers=kept)
        remove_token(guarded.book, token.id)
        after = await guarded.client.get("/v1/spaces/0.01/why", headers=kept)

    assert entered.status_code == 303
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(cookie.split("; "))
    assert SECRET not in cookie
    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("typed", ["", "token=", "token=abc", "other=x", "token=" + "a" * 10_000])
async def test_a_wrong_token_in_the_form(guarded: Stage, typed: str) -> None:
    """The form comes back with a word about it, and the browser keeps nothing."""
    async with guarded.running():
        answer = await guarded.client.post("/sign-in/token?lang=en", content=typed, headers=FORM)

    assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)
    assert "This token does not count here." in answer.text


async def test_a_cookie_that_was_changed_is_nobody(guarded: Stage) -> None:
    """What we did not seal makes nobody anything."""
    async with guarded.running():
        answer = await guarded.client.get("/v1/spaces/0.01/states", headers={"Cookie": "bezet=abc.def"})

    assert answer.status_code == 401


async def test_who_signed_in_sees_who_they_are_and_may_leave(guarded: Stage) -> None:
    """The page says as whom, with a button to sign out; without a name it leads to signing in."""
    async with guarded.running():
        token, sent = key(Role.FACILITIES)
        add_token(guarded.book, token)
        entered = await guarded.client.post("/sign-in/token", data={"token": sent})
        kept = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        plain, known = [(await guarded.client.get("/", headers=one)).text for one in ({}, kept)]
        left = await guarded.client.post("/sign-out", headers={**kept, "Sec-Fetch-Site": "same-origin"})

    assert 'href="/sign-in?lang=nl"' in plain
    assert "Aangemeld als token facilities-1" in known
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert 'bezet=""' in left.headers["set-cookie"]


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://window.test"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({}, False),
    ],
)
async def test_another_site_changes_nothing_by_our_cookie(
    guarded: Stage, headers: dict[str, str], *, is_ours: bool
) -> None:
    """A browser brings our cookie along for anybody; only our own pages may change something by it."""
    async with guarded.running():
        token, sent = key(Role.FACILITIES)
        add_token(guarded.book, token)
        entered = await guarded.client.post("/sign-in/token", data={"token": sent})
        kept = {"Cookie": entered.headers["set-cookie"].partition(";")[0]}
        answer = await guarded.client.patch(
            "/v1/alarms/x", json={"reason": "known"}, headers={**kept, **headers}
        )

    assert answer.status_code == (404 if is_ours else 403)


async def test_only_named_sites_may_ask_from_a_browser(building: Building) -> None:
    """A page of a site on the list may ask, with a token too; any other gets no leave."""
    origin = "https://intranet.example"
    stage = Stage(building, settings=Settings(access=Access(cors=(origin,))))
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    async with stage.running():
        may = await stage.client.options("/v1/spaces", headers={"Origin": origin, **wanted})
        not_may = await stage.client.options(
            "/v1/spaces", headers={"Origin": "https://evil.example", **wanted}
        )
        asked = await stage.client.get("/v1/spaces", headers={"Origin": origin})
        foreign = await stage.client.get("/v1/spaces", headers={"Origin": "https://evil.example"})

    assert (may.status_code, may.headers["access-control-allow-origin"]) == (200, origin)
    assert "authorization" in may.headers["access-control-allow-headers"].lower()
    assert (not_may.status_code, not_may.headers["content-type"]) == (400, "application/problem+json")
    assert asked.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-origin" not in foreign.headers


async def test_everybody_hears_whether_it_works_and_few_of_the_devices(guarded: Stage) -> None:
    """Health without a name tells no device; for facilities it does."""
    async with guarded.running():
        token, sent = key(Role.FACILITIES)
        add_token(guarded.book, token)
        await guarded.say(health(), live("0.02"))
        plain = await guarded.read("/v1/health")
        full = (await guarded.client.get("/v1/health", headers=bearer(sent))).json()

    assert (plain["status"], plain["devices"]) == ("ok", [])
    assert [one["id"] for one in full["devices"]] == ["pi-1"]
