# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The lobby page as it comes from the server: whole without a script, in words, and safe."""

from __future__ import annotations

import re
import string
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import api
from api.front.grouping import Group
from api.live import STALE_MS, Reason, Shown
from api.words import LIVE, LOBBY, NOW, WORDS, Language, words_in
from bezet.model import Occupancy, SpaceKind
from bezet.usage.air import AirClass
from tests.api.conftest import MARKUP, NOW_MS, health, live

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.words import Words
    from tests.api.conftest import Stage

PAGES = Path(api.__file__).parent / "pages"
OCCUPIED = Occupancy.OCCUPIED


class Page(HTMLParser):
    """What stands on a page: its tags, its text, and the text of each space by id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.spaces: dict[str, str] = {}
        self._space: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.tags.append((tag, dict(attrs)))
        if tag == "li":
            self._space = dict(attrs)["data-space"] or ""
            self.spaces[self._space] = ""

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a space."""
        if tag == "li":
            self._space = None

    def handle_data(self, data: str) -> None:
        """Note the text, with single spaces."""
        words = " ".join(data.split())
        if words:
            self.text += f"{words} "
            if self._space is not None:
                self.spaces[self._space] += f"{words} "

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attrs for name, attrs in self.tags if name == tag]


async def read_page(stage: Stage, path: str = "/lobby") -> Page:
    """The page at a path of a running stage."""
    return Page((await stage.client.get(path)).text)


async def test_free_spaces_come_first(stage: Stage) -> None:
    """Free, booked, occupied, unknown, not measured: in this order, each with how many there are."""
    async with stage.running():
        await stage.say(health(), live("0.02", OCCUPIED), live("1.04"), live("0.03"))
        page = await read_page(stage)

    groups = [attrs["data-group"] for attrs in page.attributes("section")]
    assert groups == ["free", "booked", "occupied", "unknown", "notMeasured"]
    assert [*page.spaces] == ["0.03", "1.04", "0.02", "0.01", "1.01", "1.02", "1.03", "0.04", ""]
    for heading in ("2 Vrij", "1 Bezet", "4 Onbekend", "1 Niet gemeten"):
        assert heading in page.text


async def test_a_space_is_told_in_words(stage: Stage) -> None:
    """Name, number, floor, kind, hybrid AV, capacity, state, since when, and the time of the data."""
    async with stage.running():
        await stage.say(health(), live("0.03", OCCUPIED, t_ms=NOW_MS - 20_000), live("1.01", OCCUPIED))
        page = await read_page(stage)

    assert page.spaces["0.03"] == (
        "Raadzaal 0.03 Hybride Begane grond Vergaderkamer voor 24 Bezet sinds 10:59 gegevens van 10:59:40 "
    )
    assert "sinds" not in page.spaces["1.01"]
    assert page.spaces["0.01"].endswith("Onbekend geen sensor meldt zich ")
    assert page.spaces["0.04"].endswith("Niet gemeten ")


async def test_a_state_is_a_word_and_a_shape_too(stage: Stage) -> None:
    """No state is told by colour alone: each has its word, and a shape that no other state has."""
    async with stage.running():
        await stage.say(health(), live("0.02", OCCUPIED), live("1.04"))
        html = (await stage.client.get("/lobby")).text

    items = re.findall(
        r'<li class="space" data-space="[^"]+" data-occupancy="(\w+)">(.*?)</li>', html, re.DOTALL
    )
    assert {shown for shown, _ in items} == {*Shown}
    for shown, item in items:
        assert f'href="#shape-{shown}"' in item
        assert f'<b data-part="word">{words_in(Language.NL)[shown]}</b>' in item
        assert f'<symbol id="shape-{shown}"' in html


@pytest.mark.parametrize(
    ("query", "language", "title"),
    [
        ("", "nl", "Welke ruimte is vrij?"),
        ("?lang=nl", "nl", "Welke ruimte is vrij?"),
        ("?lang=en", "en", "Which room is free?"),
        ("?lang=xx", "nl", "Welke ruimte is vrij?"),
        ("?lang=", "nl", "Welke ruimte is vrij?"),
        ("?lang=<script>", "nl", "Welke ruimte is vrij?"),
    ],
)
async def test_the_page_speaks_dutch_and_english(stage: Stage, query: str, language: str, title: str) -> None:
    """Dutch unless English is asked, said in `lang`, with a link to the other that is in the other."""
    async with stage.running():
        answer = await stage.client.get(f"/lobby{query}")
    page = Page(answer.text)

    assert page.attributes("html") == [{"lang": language}]
    assert answer.headers["content-language"] == language
    assert title in page.text
    other = {"nl": "en", "en": "nl"}[language]
    assert {"lang": other, "hreflang": other, "href": f"/lobby?lang={other}"} in page.attributes("a")


async def test_markup_in_a_name_is_text(stage: Stage) -> None:
    """A name with tags, quotes and ampersands is shown as it is written, and does nothing."""
    async with stage.running():
        page = await read_page(stage)

    assert page.spaces["1.04"].startswith(f"{MARKUP} 1.04")
    assert [one["class"] for one in page.attributes("img")] == ["code"]


async def test_a_page_holds_no_code_and_nothing_from_elsewhere(stage: Stage) -> None:
    """No script or style in the page, no handler, no refresh, and every address is its own."""
    async with stage.running():
        page = await read_page(stage)

    assert page.attributes("script") == [{"type": "module", "src": "/lobby.js"}]
    assert page.attributes("style") == []
    assert all("http-equiv" not in attrs for attrs in page.attributes("meta"))
    for _, attrs in page.tags:
        assert not any(name == "style" or name.startswith("on") for name in attrs)
        for name in ("src", "href"):
            assert (attrs.get(name) or "/").startswith(("/", "#"))
            assert not (attrs.get(name) or "").startswith("//")


@pytest.mark.parametrize("name", sorted(file.name for file in PAGES.iterdir()))
def test_no_file_of_the_page_fetches_from_elsewhere(name: str) -> None:
    """No library, no font and no picture of somebody else."""
    text = (PAGES / name).read_text()

    assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}
    code = re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL)  # types of JSDoc are no code
    assert not re.search(r"@import|url\((?!\"#)|@font-face|\bimport\s*\(|innerHTML", code)


@pytest.mark.parametrize(
    ("age_s", "is_up", "banner"),
    [
        (5, True, None),
        (None, True, "De sensoren hebben nog niets gemeld."),
        (STALE_MS // 1000 + 1, True, "Sinds 10:58:29 zijn er geen nieuwe gegevens."),
        (5, False, "De sensoren zijn niet bereikbaar. Wat hier staat, is van 10:59:55 of eerder."),
        (None, False, "De sensoren zijn nog niet bereikbaar."),
    ],
)
async def test_old_data_are_told_loudly(
    stage: Stage, age_s: int | None, *, is_up: bool, banner: str | None
) -> None:
    """When the sensors are out of reach or were silent for too long, the page says so and since when."""
    async with stage.running():
        if age_s is not None:
            await stage.say(health(), live(t_ms=NOW_MS - age_s * 1000))
        if not is_up:
            stage.broker.stop()
            await stage.settle()
        page = await read_page(stage)

    [shown] = [attrs for attrs in page.attributes("div") if attrs.get("id") == "banner"]
    assert ("hidden" in shown) == (banner is None)
    assert (banner or "") in page.text


async def test_a_word_of_yesterday_is_told_with_its_day(stage: Stage) -> None:
    """A time that is not of today has its date, so that nobody takes it for fresh."""
    async with stage.running():
        await stage.say(health(), live(t_ms=NOW_MS - 24 * 3_600_000))
        page = await read_page(stage)

    assert page.spaces["0.01"].endswith("laatste bericht 22-11 11:00 ")


# --- words -----------------------------------------------------------------------------------------------


def test_every_state_reason_and_kind_has_its_words() -> None:
    """What the API can say, the page can say."""
    assert {*Shown, *Reason, *SpaceKind, *AirClass} <= WORDS.keys()


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same(key: str) -> None:
    """Each word is there in both languages, with the same places to fill in."""
    places = [
        {name for _, name, _, _ in string.Formatter().parse(words_in(language)[key]) if name}
        for language in Language
    ]

    assert places[0] == places[1]
    assert all(words_in(language)[key] for language in Language)


def test_the_script_uses_words_that_are_there_and_none_is_idle() -> None:
    """Every word that a script or the page names is in the table, and each of the table is used."""
    texts = [file.read_text() for file in PAGES.iterdir() if file.suffix in {".js", ".html"}]
    named = set(re.findall(r"words\.(\w+)", "".join(texts)))
    fillers = [*(PAGES.parent / "routes").glob("*.py"), *(PAGES.parent / "front").glob("*.py")]
    server = set(
        re.findall(r'(?:words|words_in\([\w.]+\))\["(\w+)"\]', "".join(map(Path.read_text, fillers)))
    )

    assert named | server <= WORDS.keys()
    assert WORDS.keys() - named - server <= {*Group, *Shown, *Reason, *SpaceKind, *AirClass}


@pytest.mark.parametrize(
    ("script", "own"), [("live", LIVE), ("lobby", LOBBY), ("turning", LOBBY), ("head", NOW)]
)
def test_a_script_finds_the_words_that_it_asks_for(script: str, own: Mapping[str, Words]) -> None:
    """A page brings its scripts what is said of now, and its own words."""
    asked = set(re.findall(r"words\.(\w+)", (PAGES / f"{script}.js").read_text()))

    assert asked <= {**NOW, **own}.keys()
