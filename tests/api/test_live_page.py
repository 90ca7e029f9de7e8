# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live page as it comes from the server: the drawing and the list say the same, without a script."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.words import Language, words_in
from bezet.building import read_building
from bezet.model import Occupancy
from tests.api.conftest import MARKUP, NOW_MS, Stage, building_text, health, live

OUTLINES = {
    "0.01": "[[0, 0], [12, 0], [12, 7], [0, 7]]",
    "0.02": "[[12, 0], [15, 0], [15, 7], [12, 7]]",
    "0.03": "[[15, 0], [16.5, 0], [16.5, 1.5], [15, 1.5]]",
    "0.04": "[[20, 0], [20.9, 0], [20.9, 0.9], [20, 0.9]]",
}


@pytest.fixture
def drawn() -> Stage:
    """The window on the small building, of which the ground floor is drawn, in all sizes of a space."""
    text = building_text()
    for space, outline in OUTLINES.items():
        text = text.replace(f'id = "{space}"\n', f'id = "{space}"\npolygon = {outline}\n')
    return Stage(read_building(text, "building.toml"))


async def html_of(stage: Stage, path: str = "/") -> str:
    """The page as it is sent."""
    return (await stage.client.get(path)).text


def marks(html: str) -> dict[str, tuple[str, str, str]]:
    """Of each space in the drawing its size, what it is, and its words."""
    found = re.findall(
        r'<a class="mark (\w+)[^>]* data-space="([^"]+)" data-occupancy="(\w+)"[^>]*>(.*?)</a>',
        html,
        re.DOTALL,
    )
    return {space: (size, shown, words_of(body)) for size, space, shown, body in found}


def rows(html: str) -> dict[str, tuple[str, str]]:
    """Of each space in the list what it is, and its words."""
    found = re.findall(
        r'<tr class="row" data-space="([^"]+)" data-occupancy="(\w+)">(.*?)</tr>', html, re.DOTALL
    )
    return {space: (shown, words_of(body)) for space, shown, body in found}


def words_of(body: str) -> str:
    """The text of a piece of HTML, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def test_the_drawing_and_the_list_say_the_same(drawn: Stage) -> None:
    """Every space with an outline is drawn, every space is listed, and both say the same state."""
    async with drawn.running():
        await drawn.say(health(), live("0.01"), live("0.02", Occupancy.OCCUPIED))
        html = await html_of(drawn)
    plan, table = marks(html), rows(html)

    assert plan.keys() == OUTLINES.keys()
    assert table.keys() == drawn.building.spaces.keys()
    for space, (_, shown, _) in plan.items():
        assert table[space][0] == shown
        assert f'data-part="shape" href="#shape-{shown}"' in html
    assert [size for size, _, _ in plan.values()] == ["large", "middle", "small", "tiny"]
    assert plan["0.01"][1:] == ("free", "Vrij Plein 0.01")
    assert table["0.02"] == ("occupied", "Markt 0.02 Vergaderkamer 6 Bezet sinds 11:00 11:00:00")
    assert table["1.02"][1].endswith("Onbekend geen sensor meldt zich")
    assert [f'<b data-part="count">{count}</b>' in html for count in (1, 5)] == [True, True]


@pytest.mark.parametrize("language", Language)
async def test_it_speaks_both_languages(drawn: Stage, language: Language) -> None:
    """Every word of the page is of its language, and it leads to the other and to the lobby."""
    async with drawn.running():
        answer = await drawn.client.get(f"/?lang={language}")
    words, other = words_in(language), next(one for one in Language if one is not language)

    assert answer.headers["content-language"] == language
    assert f"<h1>{words['live_title']}</h1>" in answer.text
    assert f'href="/lobby?lang={language}"' in answer.text
    assert f'href="/?lang={other}"' in answer.text
    assert f'<html lang="{language}">' in answer.text


async def test_a_building_that_nobody_drew_has_its_list(stage: Stage) -> None:
    """Without outlines there is no drawing, and nothing is missing in the list."""
    async with stage.running():
        html = await html_of(stage)

    assert '<svg class="plan"' not in html
    assert rows(html).keys() == stage.building.spaces.keys()


async def test_what_must_be_loud_is_loud(drawn: Stage) -> None:
    """Old data and lost sensors are told in a banner."""
    async with drawn.running():
        await drawn.say(health(), live(t_ms=NOW_MS - 600_000))
        html = await html_of(drawn)

    assert "Sinds 10:50:00 zijn er geen nieuwe gegevens." in html


async def test_a_name_is_text(drawn: Stage) -> None:
    """A name with markup is shown as it is written, and does nothing."""
    async with drawn.running():
        html = await html_of(drawn)

    assert MARKUP not in html
    assert rows(html)["1.04"][1].startswith(MARKUP)
    assert "<script" not in html.replace('<script type="module" src="/live.js"></script>', "")
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", html)
