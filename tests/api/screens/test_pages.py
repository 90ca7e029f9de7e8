# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page of a screen as it comes from the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bezet.model import Occupancy
from tests.api.conftest import NOW_MS, health, live
from tests.api.screens.conftest import HOUR_MS, booked
from tests.api.screens.qr import read_svg
from tests.api.test_lobby import Page, read_page

if TYPE_CHECKING:
    from tests.api.conftest import Stage

HTML = {"Accept": "text/html,*/*;q=0.1"}


async def test_a_screen_shows_its_part_of_the_building(screens: Stage) -> None:
    """By floor, kind as it is today, and space; its age is that of its own spaces."""
    async with screens.running():
        await screens.say(health(), live("1.02", t_ms=NOW_MS - 30_000), live("0.01"))
        whole, above, door = [
            await read_page(screens, path) for path in ("/lobby", "/lobby/boven", "/lobby/deur-0.02")
        ]

    assert len(whole.spaces) == 9  # the empty card for those that come later, too
    assert [*above.spaces] == ["1.02", "1.03", ""]
    assert [*door.spaces] == ["0.02", ""]
    assert "data from 10:59:30" in above.text
    assert "gegevens van 11:00:00" in whole.text


async def test_a_space_is_free_until_it_is_booked(screens: Stage) -> None:
    """Until when, by the calendar of today; one that is empty and booked is not among the free ones."""
    async with screens.running():
        await screens.say(health(), *(live(space) for space in ("0.01", "0.02", "0.03", "1.02")))
        await screens.say(live("1.04", Occupancy.OCCUPIED))
        booked(screens, "0.02", HOUR_MS, 2 * HOUR_MS)
        booked(screens, "0.03", -HOUR_MS, HOUR_MS)
        booked(screens, "1.02", 24 * HOUR_MS, 25 * HOUR_MS)
        booked(screens, "1.04", -HOUR_MS, 3 * HOUR_MS)
        page = await read_page(screens)

    assert [*page.spaces][:5] == ["0.01", "0.02", "1.02", "0.03", "1.04"]
    assert "Vrij tot 12:00 " in page.spaces["0.02"]
    assert "Vrij de rest van de dag " in page.spaces["1.02"]
    assert "Leeg geboekt tot 12:00 " in page.spaces["0.03"]
    assert "Bezet geboekt tot 14:00 " in page.spaces["1.04"]
    assert "Vrij gegevens" in page.spaces["0.01"]
    assert "3 Vrij" in page.text
    assert "1 Leeg, geboekt" in page.text


async def test_how_to_get_there_is_said(screens: Stage) -> None:
    """Where the settings say it, in the language of the page."""
    async with screens.running():
        dutch, english = [await read_page(screens, f"/lobby/hal?lang={lang}") for lang in ("nl", "en")]

    assert "links van de balie" in dutch.spaces["0.02"]
    assert "left of the desk" in english.spaces["0.02"]


async def test_a_screen_brings_the_words_of_its_languages(screens: Stage) -> None:
    """Two languages are spoken in turn, unless one of them is asked for; a screen may have its own first."""
    async with screens.running():
        both, asked, english = [
            await read_page(screens, path) for path in ("/lobby/hal", "/lobby/hal?lang=en", "/lobby/boven")
        ]

    about = [_about(page) for page in (both, asked, english)]
    assert [one["turns"] for one in about] == [["nl", "en"], [], []]
    assert [one["words"].keys() for one in about] == [{"en"}, set(), set()]  # the others it has
    assert [page.attributes("html")[0]["lang"] for page in (both, asked, english)] == ["nl", "en", "en"]


def _about(page: Page) -> dict[str, Any]:
    [board] = [attrs for attrs in page.attributes("div") if attrs.get("id") == "board"]
    found: dict[str, Any] = json.loads(board["data-about"] or "")
    return found


async def test_a_screen_is_dim_at_night_from_the_start(screens: Stage) -> None:
    """The page comes dim while the site is closed, before any script; that of everything never is."""
    async with screens.running():
        day = await read_page(screens, "/lobby/hal")
        screens.time.now_ms += 12 * HOUR_MS
        night, whole = [await read_page(screens, path) for path in ("/lobby/hal", "/lobby")]

    dim = ["data-night" in page.attributes("html")[0] for page in (day, night, whole)]
    assert dim == [False, True, False]


async def test_a_screen_that_is_none_is_named(screens: Stage) -> None:
    """404 with a page that names it and those that there are; as a problem for who takes no page."""
    async with screens.running():
        page = await screens.client.get("/lobby/ha<b>l?lang=en", headers=HTML)
        rest = [await screens.client.get(f"/lobby/none{path}") for path in ("", "/screen.css", "/qr.svg")]

    assert (page.status_code, page.headers["content-language"]) == (404, "en")
    assert "no screen that is called “ha&lt;b&gt;l”" in page.text
    assert 'href="/lobby/deur-0.02"' in page.text
    for answer in rest:
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert "'none'" in answer.json()["detail"]


async def test_a_screen_has_a_style_of_its_own(screens: Stage) -> None:
    """A file, as no page may hold a style; for the screen alone, not for a phone that opens its page."""
    async with screens.running():
        page = await read_page(screens, "/lobby/hal")
        answer = await screens.client.get("/lobby/hal/screen.css")

    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "--letter: 2.91" in answer.text
    links = {attrs["href"]: attrs.get("media") for attrs in page.attributes("link")}
    assert (
        links["/lobby/hal/screen.css"]
        == links["/wall.css"]
        == "(min-width: 960px) and (orientation: landscape)"
    )
    assert links["/lobby.css"] is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/lobby/hal/qr.svg", "https://bezet.stadhuis.example/find?lang=nl"),
        ("/lobby/hal/qr.svg?lang=en", "https://bezet.stadhuis.example/find?lang=en"),
        ("/lobby/boven/qr.svg?lang=<script>", "http://window.test/find?lang=nl"),
        ("/lobby-qr.svg", "http://window.test/find?lang=nl"),
    ],
)
async def test_the_code_leads_to_the_same_on_a_phone(screens: Stage, path: str, text: str) -> None:
    """A reader of QR codes finds the address of the finder: as configured, else where we were asked."""
    async with screens.running():
        answer = await screens.client.get(path)

    assert answer.headers["content-type"] == "image/svg+xml"
    assert "style" not in answer.text
    assert read_svg(answer.text) == text


async def test_the_address_stands_beside_the_code(screens: Stage) -> None:
    """For who cannot scan it: as short as can be, as text and in the words of the picture."""
    async with screens.running():
        page = await read_page(screens, "/lobby/hal")

    assert "bezet.stadhuis.example/find" in page.text
    assert page.attributes("img")[0]["alt"] == "QR-code voor bezet.stadhuis.example/find"
