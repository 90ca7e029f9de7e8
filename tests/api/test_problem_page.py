# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A problem as a page: for browsers, in both languages, with a way on; for everybody else it stays JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.access.settings import Access
from api.settings import Settings
from bezet.errors import StoreBusy
from tests.api.conftest import Stage

if TYPE_CHECKING:
    from bezet.model import Building

#: What browsers send for a page.
BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "nl",
}
SPACE_PAGES = ["/door/9.99", "/feedback/9.99", "/spaces/9.99"]


@pytest.mark.parametrize("path", [*SPACE_PAGES, "/none", "/lobby/", "/docs"])
@pytest.mark.parametrize(("lang", "ways"), [("nl", "Zoek een vrije ruimte"), ("en", "Find a free room")])
async def test_what_is_not_there(stage: Stage, path: str, lang: str, ways: str) -> None:
    """404 with what is missing, a page or a space, and where to go on."""
    async with stage.running():
        answer = await stage.client.get(path, headers=BROWSER | {"Accept-Language": lang})
        plain = await stage.client.get(path)

    missing = {
        "nl": ("Deze pagina is er niet", "Deze ruimte is er niet"),
        "en": ("There is no such page", "There is no such room"),
    }
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert f"<h1>{missing[lang][path in SPACE_PAGES]}</h1>" in answer.text
    assert f'href="/find?lang={lang}">{ways}' in answer.text
    assert "9.99" not in answer.text
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert plain.headers["content-type"] == "application/problem+json"


async def test_the_address_says_the_language_first(stage: Stage) -> None:
    """Who read English on the page before goes on in English, whatever the browser likes."""
    async with stage.running():
        answer = await stage.client.get("/door/9.99?lang=en", headers=BROWSER)

    assert (answer.headers["content-language"], '<html lang="en">' in answer.text) == ("en", True)


async def test_who_asks_too_often_is_told_how_long(building: Building) -> None:
    """429 with the minutes in words, and Retry-After in seconds as before."""
    stage = Stage(building, settings=Settings(access=Access(requests_per_minute=10)))
    async with stage.running():
        answers = [await stage.client.get("/find", headers=BROWSER) for _ in range(12)]

    last = answers[-1]
    assert (answers[0].status_code, last.status_code) == (200, 429)
    assert int(last.headers["retry-after"]) <= 60
    assert "Probeer het over 1 minuut opnieuw." in last.text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StoreBusy("locked"), 503, "De opslag antwoordt niet."),
        (ZeroDivisionError("a mistake of ours"), 500, "Dat ligt aan ons en niet aan u."),
    ],
)
async def test_what_is_away_or_broken(building: Building, error: Exception, status: int, words: str) -> None:
    """503 and 500 say in words whose fault it is, and nothing of what is inside."""
    stage = Stage(building)

    def fails() -> None:
        raise error

    async with stage.running(), stage.browser(raises=False) as browser:
        stage.app.add_api_route("/broken", fails)
        answer = await browser.get("/broken", headers=BROWSER)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert words in answer.text
    assert str(error) not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_the_api_speaks_json_to_browsers_too(stage: Stage) -> None:
    """Under /v1 an error is a problem in JSON, also for who types the address."""
    async with stage.running():
        answers = [await stage.client.get(path, headers=BROWSER) for path in ("/v1/none", "/v1/spaces/9.99")]

    assert {one.headers["content-type"] for one in answers} == {"application/problem+json"}
