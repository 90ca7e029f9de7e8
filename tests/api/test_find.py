# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The finder as it comes from the server: the best fit first, unknown apart, what helps if nothing fits."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from api.words import FIND, NOW
from bezet.model import Occupancy
from bezet.retention import HOUR_MS
from tests.api.conftest import NOW_MS, health, live
from tests.api.test_door import book
from tests.api.test_lobby import PAGES

if TYPE_CHECKING:
    from tests.api.conftest import Stage

FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED


class Found:
    """What a page of results says: the spaces of each group in order, its text, and its ways out."""

    def __init__(self, html: str) -> None:
        self.html = html
        groups = re.findall(r'<section class="group" data-group="(\w+)".*?</section>', html, re.DOTALL)
        parts = re.findall(r'<section class="group".*?</section>', html, re.DOTALL)
        self.groups = {
            group: re.findall(r'data-space="([^"]+)"', part)
            for group, part in zip(groups, parts, strict=True)
        }
        self.text = " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
        self.helps = {
            unescape(text): unescape(address)
            for address, text in re.findall(r'<a class="way" href="([^"]+)">([^<]+)<', html)
        }


async def find(stage: Stage, query: str = "") -> Found:
    """The page of results for a question."""
    return Found((await stage.client.get(f"/find{query}")).text)


async def told(stage: Stage) -> None:
    """All but one large space are free; one hybrid is booked, one has a booking to come."""
    await stage.say(health(), *(live(one) for one in ("0.02", "0.03", "1.01", "1.02", "1.03", "1.04")))
    await stage.say(live("0.01", OCCUPIED))
    book(stage, "0.03", (-HOUR_MS, HOUR_MS))
    book(stage, "1.03", (2 * HOUR_MS, 3 * HOUR_MS))


@pytest.mark.parametrize(
    ("query", "groups"),
    [
        ("", {"free": ["1.01", "1.02", "0.02", "1.03", "1.04"], "booked": ["0.03"]}),
        ("?people=5", {"free": ["0.02", "1.03", "1.04"], "booked": ["0.03"]}),
        ("?people=5&video=on", {"free": ["1.03"], "booked": ["0.03"]}),
        ("?people=5&until=13:00", {"free": ["0.02", "1.03", "1.04"]}),
        ("?people=5&until=13:01", {"free": ["0.02", "1.04"]}),
        ("?people=13", {"free": [], "booked": ["0.03"]}),
    ],
)
async def test_the_smallest_that_fits_comes_first(
    stage: Stage, query: str, groups: dict[str, list[str]]
) -> None:
    """The smallest with room enough first; what is booked is no free place to sit down."""
    async with stage.running():
        await told(stage)
        found = await find(stage, query)

    assert found.groups == groups
    assert ("Past het best" in found.text) == bool(groups["free"])


async def test_the_finder_and_the_api_choose_the_same(stage: Stage) -> None:
    """The same question to /v1/spaces has the same answer, in the same order."""
    async with stage.running():
        await told(stage)
        page = await find(stage, "?people=2&until=14:00&video=on")
        asked = "minCapacity=2&hasAv=true&free=true&until=2026-11-23T14:00:00%2B01:00"
        api = await stage.read(f"/v1/spaces?{asked}")

    assert page.groups["free"] == [one["id"] for one in api["spaces"]]


async def test_unknown_stands_apart_and_is_never_free(stage: Stage) -> None:
    """What would fit if only we knew has its own list, with why; what fits not is in none."""
    async with stage.running():
        await stage.say(health(), live("0.02"))
        found = await find(stage, "?people=6")

    assert found.groups == {"free": ["0.02"], "unknown": ["1.03", "1.04", "0.03", "0.01"]}
    assert "4 onbekend Deze passen, maar wij weten niet of zij vrij zijn." in found.text
    assert "geen sensor meldt zich" in found.text


@pytest.mark.parametrize(
    ("query", "helps"),
    [
        ("?people=9&video=on", {"Zonder video: 1 vrij", "Voor 8 mensen: 1 vrij"}),
        ("?people=8&video=on&until=16:00", {"Zonder video: 1 vrij", "Korter, tot 13:00: 1 vrij"}),
        ("?people=900", {"Voor 12 mensen: 1 vrij"}),
    ],
)
async def test_where_nothing_fits_it_says_what_would(stage: Stage, query: str, helps: set[str]) -> None:
    """Each way asks one thing less, says how many that gives, and leads there."""
    async with stage.running():
        await told(stage)
        found = await find(stage, query)
        ways = {
            text: await find(stage, address.removeprefix("/find")) for text, address in found.helps.items()
        }

    assert found.groups["free"] == []
    assert "Er past nu niets dat zeker vrij is." in found.text
    assert found.helps.keys() == helps
    for text, way in ways.items():
        assert len(way.groups["free"]) == int(text.split()[-2])


async def test_where_nothing_is_known_nothing_is_promised(stage: Stage) -> None:
    """Before any sensor spoke no way out is offered, and the page says so loudly."""
    async with stage.running():
        found = await find(stage)

    assert found.groups["free"] == []
    assert found.helps == {}
    assert "Er is nu geen enkele ruimte waarvan wij weten dat zij vrij is." in found.text
    assert "De sensoren hebben nog niets gemeld." in found.text


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("?people=0", "people"),
        ("?people=-1", "people"),
        ("?people=", "people"),
        ("?people=twaalf", "people"),
        ("?people=1001", "people"),
        ("?people=²", "people"),
        (f"?people={'9' * 5_000}", "people"),
        ("?until=10:59", "until"),
        ("?until=11:00", "until"),
        ("?until=25:00", "until"),
        ("?until=straks", "until"),
        ("?until=12:00%2B05:00", "until"),
        ("?until=2026-11-24T12:00", "until"),
    ],
)
async def test_what_was_typed_wrong_is_said_in_words(stage: Stage, query: str, wrong: str) -> None:
    """The field is marked and the words stand by it; the page answers all the same, for one and for now."""
    async with stage.running():
        await told(stage)
        found = await find(stage, query)

    assert len(found.groups["free"]) == 5
    assert re.findall(r'role="alert" id="wrong-(\w+)">', found.html) == [wrong]
    [field] = re.findall(rf'<input id="{wrong}"[^>]*>', found.html)
    assert 'aria-invalid="true"' in field
    assert re.search(rf'aria-describedby="[\w -]*wrong-{wrong}"', field)


@pytest.mark.parametrize(
    ("lang", "title", "asked"),
    [
        ("nl", "Zoek een vrije ruimte", "2 vrij voor 5 of meer, tot 14:00"),
        ("en", "Find a free room", "2 free for 5 or more, until 14:00"),
    ],
)
async def test_the_wish_is_kept_in_every_link(stage: Stage, lang: str, title: str, asked: str) -> None:
    """The form holds what was typed; the other language and "now" ask the same again."""
    async with stage.running():
        await told(stage)
        found = await find(stage, f"?people=5&until=14:00&lang={lang}")

    other = {"nl": "en", "en": "nl"}[lang]
    assert f"<h1>{title}</h1>" in found.html
    assert asked in found.text
    assert f'href="/find?people=5&amp;until=14%3A00&amp;lang={other}"' in found.html
    assert f'id="reload" href="/find?people=5&amp;until=14%3A00&amp;lang={lang}"' in found.html
    assert 'value="14:00"' in found.html
    assert 'max="1000" required value="5"' in found.html


async def test_a_hit_tells_its_age_and_until_when(stage: Stage) -> None:
    """How old what is said of it is, and until when it is free; or that no calendar is known."""
    async with stage.running():
        await stage.say(health(), live("1.03", t_ms=NOW_MS - 30_000), live("0.02"))
        book(stage, "1.03", (HOUR_MS, 2 * HOUR_MS))
        found = await find(stage, "?people=5")

    assert (
        "Markt 0.02 Begane grond · Vergaderkamer Vrij agenda niet bekend gegevens van 11:00:00" in found.text
    )
    assert "Vrij tot 12:00 gegevens van 10:59:30" in found.text


def test_the_script_finds_the_words_that_it_asks_for() -> None:
    """The page brings what is said of now, and its own words."""
    asked = set(re.findall(r"words\.(\w+)", (PAGES / "find.js").read_text()))

    assert asked <= {**NOW, **FIND}.keys()
