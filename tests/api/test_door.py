# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The sign at a door as it comes from the server: one space in words, bookings, and what is not said."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from api.calendars.bookings import Known
from api.calendars.reading import Busy
from api.live import STALE_MS
from api.words import BOOKING, DOOR, NOW
from bezet.model import Occupancy
from bezet.retention import DAY_MS, HOUR_MS
from tests.api.conftest import MARKUP, NOW_MS, health, live
from tests.api.test_lobby import PAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.api.conftest import Stage

FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED


class Sign:
    """What a sign says: its parts by name, and the whole of it."""

    def __init__(self, html: str) -> None:
        self.html = html
        found = re.findall(r'data-part="(\w+)"[^>]*>([^<]*)<', html)
        self.parts = {name: unescape(text) for name, text in found}
        self.occupancy = re.findall(r'id="door"[^>]* data-occupancy="(\w+)"', html)[0]
        self.banner = unescape(re.findall(r'id="banner-text" role="alert">([^<]*)<', html)[0])
        self.freshness = re.findall(r'id="freshness" class="freshness">([^<]*)<', html)[0]


async def sign_of(stage: Stage, space: str = "0.02", lang: str = "nl") -> Sign:
    """The sign of a space on a running stage."""
    return Sign((await stage.client.get(f"/door/{space}?lang={lang}")).text)


def book(stage: Stage, space: str, *busy: tuple[int, int]) -> None:
    """Let the calendar of a space say so, in ms from now."""
    spans: Sequence[Busy] = [Busy(NOW_MS + start_ms, NOW_MS + end_ms) for start_ms, end_ms in busy]
    stage.app.state.bookings.learn(space, Known(spans, NOW_MS))


@pytest.mark.parametrize(
    ("lang", "word", "detail", "places", "age"),
    [
        ("nl", "Bezet", "sinds 10:59", "24 plaatsen", "gegevens van 10:59:40"),
        ("en", "Occupied", "since 10:59", "24 places", "data from 10:59:40"),
    ],
)
async def test_a_sign_tells_its_space(
    stage: Stage, lang: str, word: str, detail: str, places: str, age: str
) -> None:
    """Number, name, places, word, shape and since when, and the age of the data of this space alone."""
    async with stage.running():
        await stage.say(health(), live("0.03", OCCUPIED, t_ms=NOW_MS - 20_000), live("0.01"))
        sign = await sign_of(stage, "0.03", lang)

    assert (sign.parts["name"], sign.parts["word"], sign.parts["detail"]) == ("Raadzaal", word, detail)
    assert (sign.parts["places"], sign.freshness, sign.banner) == (places, age, "")
    assert (sign.occupancy, 'href="#shape-occupied"' in sign.html) == ("occupied", True)
    assert '<p class="number">0.03</p>' in sign.html


@pytest.mark.parametrize(
    ("occupancy", "busy", "nl", "en"),
    [
        (FREE, None, "", ""),
        (FREE, [], "de rest van de dag", "for the rest of the day"),
        (FREE, [(HOUR_MS, 2 * HOUR_MS)], "tot 12:00", "until 12:00"),
        (FREE, [(DAY_MS, DAY_MS + HOUR_MS)], "de rest van de dag", "for the rest of the day"),
        (FREE, [(-HOUR_MS, HOUR_MS)], "geboekt tot 12:00", "booked until 12:00"),
        (OCCUPIED, [(-HOUR_MS, HOUR_MS)], "geboekt tot 12:00", "booked until 12:00"),
        (OCCUPIED, [(-HOUR_MS, DAY_MS)], "geboekt tot 24-11 11:00", "booked until 24-11 11:00"),
        (OCCUPIED, [(HOUR_MS, 2 * HOUR_MS)], "geboekt vanaf 12:00", "booked from 12:00"),
        (OCCUPIED, [], "", ""),
    ],
)
async def test_a_sign_tells_its_bookings(
    stage: Stage, occupancy: Occupancy, busy: list[tuple[int, int]] | None, nl: str, en: str
) -> None:
    """Until when it is free or booked, or from when; nothing where no calendar is known."""
    async with stage.running():
        await stage.say(health(), live("0.02", occupancy))
        if busy is not None:
            book(stage, "0.02", *busy)
        said = [(await sign_of(stage, lang=lang)).parts["booking"] for lang in ("nl", "en")]

    assert said == [nl, en]


async def test_a_space_for_one_never_says_since_when(stage: Stage) -> None:
    """Neither since when, nor until when it is booked."""
    async with stage.running():
        await stage.say(health(), live("1.01", OCCUPIED, t_ms=NOW_MS - 20_000))
        book(stage, "1.01", (-HOUR_MS, HOUR_MS))
        sign = await sign_of(stage, "1.01")

    assert (sign.parts["word"], sign.parts["places"]) == ("Bezet", "1 plaats")
    assert (sign.parts["detail"], sign.parts["booking"]) == ("", "")


async def test_unknown_and_not_measured_are_told(stage: Stage) -> None:
    """Old data make a space unknown, loudly; privacy mode has no data that could be old."""
    async with stage.running():
        await stage.say(health(), live("0.02", t_ms=NOW_MS - STALE_MS - 1_000), live("0.01"))
        old, never, private = [await sign_of(stage, one) for one in ("0.02", "0.03", "0.04")]

    assert (old.occupancy, old.parts["detail"]) == ("unknown", "de sensor is te lang stil")
    assert old.banner == "Sinds 10:58:29 zijn er geen nieuwe gegevens."
    assert (never.occupancy, never.banner) == ("unknown", "De sensoren hebben nog niets gemeld.")
    assert (private.occupancy, private.banner, private.freshness) == ("notMeasured", "", "")
    assert private.parts["word"] == "Niet gemeten"


async def test_a_sign_shows_the_public_view(stage: Stage) -> None:
    """Also where everything is open it has no people; and a name with markup is text."""
    async with stage.running():
        await stage.say(health(), live("1.04", OCCUPIED))
        sign = await sign_of(stage, "1.04")

    assert sign.parts["name"] == MARKUP
    assert "<img" not in sign.html
    assert "people" not in sign.parts
    assert "/feedback/1.04" in sign.html


async def test_only_a_space_that_takes_answers_leads_to_the_question(stage: Stage) -> None:
    """Where nobody is asked how it was, no link says so."""
    async with stage.running():
        signs = {space: await sign_of(stage, space) for space in ("0.02", "1.02", "0.04")}

    assert {space for space, sign in signs.items() if "/feedback/" in sign.html} == {"0.02"}


async def test_a_fixed_screen_cannot_be_left(stage: Stage) -> None:
    """With `kiosk` the only links are to the sign itself, in both languages; the rest is named by address."""
    async with stage.running():
        html = (await stage.client.get("/door/0.02?kiosk=1")).text

    ways = re.findall(r'<a [^>]*href="([^"]+)"', html)
    assert ways == [f"/door/0.02?lang={language}&amp;kiosk=1" for language in ("nl", "en")]
    for path in ("/find", "/feedback/0.02", "/about-measuring"):
        assert f"<b>window.test{path}</b>" in html


@pytest.mark.parametrize("script", ["door", "booking"])
def test_the_script_finds_the_words_that_it_asks_for(script: str) -> None:
    """The page brings what is said of now, of bookings, and its own words."""
    asked = set(re.findall(r"words\.(\w+)", (PAGES / f"{script}.js").read_text()))

    assert asked <= {**NOW, **BOOKING, **DOOR}.keys()
