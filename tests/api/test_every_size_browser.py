# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every page of ours at each width and with text twice as large, with names that are longer than a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.words import Language, words_in
from tests.api.test_every_page_browser import FILLED, STILL, busy  # noqa: F401  busy is a fixture
from tests.api.test_lobby_browser import Town, opened, town  # noqa: F401  town is a fixture

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.broker, pytest.mark.browser]

#: Names as they are given: two of ordinary words, and one with a word that no phone has room for.
NAMES = {
    "Markt": "Vergaderkamer De Brug",
    "Plein": "Raadhuiszaal",
    "Kolfkamer": "Proefvleugel, tuinzijde",
    "Raadzaal": "Arbeidsongeschiktheidsverzekeringsmaatschappijzaal van burgemeester Van Hertogenbosch",
}
#: Besides: door signs that are free, unknown and not measured, and pages of ordinary names.
MORE = ["/door/0.01", "/door/0.02", "/door/0.04", "/door/0.02?kiosk=1", "/spaces/0.02", "/feedback/0.02"]
PATHS = [*FILLED.values(), *MORE, "/feedback/0.03?thanks=1", "/lobby/nergens"]
#: Width, height, and how large text is beside what it was, in percents.
SIZES = [
    *((1280, 800, 100), (1024, 768, 100), (600, 1024, 100), (480, 800, 100)),
    *((820, 1180, 100), (390, 844, 100), (320, 568, 100)),
    *((820, 1180, 200), (390, 844, 200), (320, 568, 200)),
]
#: How long a word is that may break where no line has room for it and a browser may hyphenate it: with text
#: as it is only what no phone has room for, with text twice as large what browsers hyphenate, and then
#: only in a column of half the screen or more.
BREAKS = {100: 30, 200: 12}
#: What is wrong: what scrolls sideways; text and pictures that stand outside their box, are cut, or stand on
#: other text; and words that are broken. An address has no words.
LOOK = r"""(breaks) => {
    const wrong = [], lines = [], range = document.createRange();
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) wrong.push(`${wide} px wide`);
    const isShown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && !one.closest(".symbols, .visually-hidden, thead, .plan, option");
    const outside = (box, around) => box.left < around.left - 1 || box.right > around.right + 1;
    for (const one of document.querySelectorAll("svg, img, input, select, button, label")) {
        const isOut = outside(one.getBoundingClientRect(), one.parentElement.getBoundingClientRect());
        if (isOut && isShown(one)) wrong.push(`outside: ${one.outerHTML}`);
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        let block = node.parentElement;
        if (!node.data.trim() || !isShown(block)) continue;
        const text = node.data.trim(), canHyphenate = getComputedStyle(block).hyphens === "auto";
        while (getComputedStyle(block).display === "inline") block = block.parentElement;
        range.selectNodeContents(node);
        const all = range.getBoundingClientRect();
        if (outside(all, block.getBoundingClientRect())) wrong.push(`outside: ${text}`);
        for (let up = block; up; up = up.parentElement) {
            const isCut = getComputedStyle(up).overflowY !== "visible" && up !== document.documentElement;
            if (isCut && all.bottom > up.getBoundingClientRect().bottom + 1) wrong.push(`cut: ${text}`);
        }
        for (const { left, right, top, height } of range.getClientRects()) {
            lines.push({ node, left, right, top: top + height / 4, bottom: top + height * 3 / 4 });
        }
        const { paddingLeft, paddingRight } = getComputedStyle(block);
        const room = block.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        for (const { 0: word, index } of node.data.matchAll(/[^\s-]+-?/g)) {
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            const parts = [...range.getClientRects()].filter((part) => part.width > 0);
            const isWhole = new Set(parts.map((part) => Math.round(part.top))).size < 2;
            if (isWhole || /[/@]|:\d/.test(word)) continue;
            const hasRoom = parts.reduce((sum, part) => sum + part.width, 0) <= room;
            const isNarrow = room < innerWidth / 2 && breaks < 30;
            const mayBreak = canHyphenate && !hasRoom && !isNarrow && word.length >= breaks;
            if (!mayBreak) wrong.push(`broken: ${word}`);
        }
    }
    for (const [index, one] of lines.entries()) {
        for (const other of lines.slice(index + 1)) {
            const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
            const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
            if (one.node !== other.node && across > 1 && down > 1) {
                wrong.push(`on each other: ${one.node.data.trim()}, ${other.node.data.trim()}`);
            }
        }
    }
    return wrong;
}"""


@pytest.fixture
async def named(busy: Town) -> Town:  # noqa: F811
    """The town with all that can be on its pages, and with such names."""
    busy.kill()
    text = (busy.folder / "building.toml").read_text()
    for name, longer in NAMES.items():
        text = text.replace(f'"{name}"', f'"{longer}"')
    (busy.folder / "building.toml").write_text(text)
    busy.put_up("Vandaag worden sensoren vervangen", "Sensors are replaced today")
    busy.start()
    return busy


async def say_all(page: Page, language: Language) -> None:
    """Show the banner of a page, where it has one, as it is when the sensors are away."""
    text = words_in(language)["link_lost"].format(time="12:00:00")
    await page.evaluate(
        """(text) => {
        const banner = document.querySelector("#banner");
        if (banner === null) return;
        banner.hidden = false;
        banner.querySelector("#banner-text").textContent = text;
        }""",
        text,
    )


async def seen_at(page: Page, width: int, height: int, text: int) -> list[str]:
    """What is wrong with a page at a size."""
    await page.set_viewport_size({"width": width, "height": height})
    await page.evaluate(f"document.documentElement.style.fontSize = {text} === 100 ? '' : '{text}%'")
    found: list[str] = await page.evaluate(LOOK, BREAKS[text])
    return found


@pytest.mark.parametrize("language", Language)
async def test_every_page_fits(named: Town, browser: Browser, language: Language) -> None:
    """Nothing scrolls sideways, no text is cut or stands on other text, and no word breaks that has room."""
    wrong: dict[str, Any] = {}
    async with opened(browser, f"{named.address}/?lang={language}", **STILL) as page:
        for path in PATHS:
            await page.goto(f"{named.address}{path}{'&' if '?' in path else '?'}lang={language}")
            await say_all(page, language)
            for size in SIZES:
                if path.startswith("/lobby") and size[0] > size[1]:
                    continue  # a wall, which is looked at in tests/api/screens
                found = await seen_at(page, *size)
                if found:
                    wrong[f"{path} {size}"] = found

    assert wrong == {}


async def test_a_card_holds_all_that_is_printed_on_it(named: Town, browser: Browser) -> None:
    """On paper all stands some millimetres within its card, however long the name of the space is."""
    paper = {"width": 794, "height": 1123}
    async with opened(browser, f"{named.address}/cards", viewport=paper) as page:
        await page.emulate_media(media="print")
        outside = await page.evaluate(
            """() => [...document.querySelectorAll(".card > *")].filter((one) => {
            const box = one.getBoundingClientRect(), card = one.parentElement.getBoundingClientRect();
            return box.top < card.top + 15 || box.bottom > card.bottom - 15;
            }).map((one) => one.textContent)"""
        )

    assert outside == []
