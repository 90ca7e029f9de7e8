# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live page in a real browser, with a real server and broker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from api.words import Language
from bezet.building import read_building
from bezet.model import Occupancy
from bezet.program import now_ms
from tests.api.conftest import health, live
from tests.api.test_lobby_browser import Town, opened, town  # noqa: F401  town is a fixture
from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.async_api import Browser

WALL = {"width": 1920, "height": 1080}
FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED
OUTLINES = {"0.01": "[[0, 0], [9, 0], [9, 6], [0, 6]]", "0.02": "[[9, 0], [12, 0], [12, 6], [9, 6]]"}

pytestmark = [pytest.mark.broker, pytest.mark.browser]


async def expect_both(page: Page, space: str, shown: str, word: str) -> None:
    """Wait until the drawing and the list say that a space is that, by word and shape."""
    for place in (f'.mark[data-space="{space}"]', f'.row[data-space="{space}"]'):
        item = page.locator(place)
        await expect(item).to_have_attribute("data-occupancy", shown)
        await expect(item.locator('[data-part="word"]')).to_have_text(word)
        await expect(item.locator('use[data-part="shape"]')).to_have_attribute("href", f"#shape-{shown}")


@pytest.fixture
def drawn(town: Town) -> Town:  # noqa: F811
    """The town with two spaces drawn, its server started again on that."""
    text = (town.folder / "building.toml").read_text()
    for space, outline in OUTLINES.items():
        text = text.replace(f'id = "{space}"\n', f'id = "{space}"\npolygon = {outline}\n')
    (town.folder / "building.toml").write_text(text)
    town.kill()
    town.start()
    return town


async def test_a_change_arrives_and_an_outage_is_told_and_overcome(drawn: Town, browser: Browser) -> None:
    """A change is drawn and listed; with the server killed all is unknown after 60 s, and comes back."""
    await drawn.say("0.01", FREE)
    async with opened(browser, f"{drawn.address}/") as page:
        await expect_both(page, "0.01", "free", "Vrij")
        await drawn.say("0.01", OCCUPIED)
        await expect_both(page, "0.01", "occupied", "Bezet")
        await expect(page.locator('[data-count="occupied"] b')).to_have_text("1")
        await expect(page.locator("#news")).to_contain_text("Plein: Bezet")

        drawn.kill()
        await page.clock.fast_forward(61_000)
        await expect_both(page, "0.01", "unknown", "Onbekend")
        await expect(page.get_by_role("alert")).to_contain_text("Geen verbinding")
        for name in ("alarms", "devices"):
            await expect(page.locator(f'[data-fresh="{name}"]')).to_be_hidden()

        drawn.start()
        await page.clock.fast_forward(31_000)
        await expect_both(page, "0.01", "occupied", "Bezet")
        await expect(page.locator("#banner")).to_be_hidden()
        await expect(page.locator('[data-fresh="devices"]')).to_be_visible()


async def test_a_space_is_followed_on_its_own_page(drawn: Town, browser: Browser) -> None:
    """A change of the space is shown and told; with the server killed it is unknown after 60 s, and back."""
    await drawn.say("0.01", FREE)
    async with opened(browser, f"{drawn.address}/spaces/0.01") as page:
        word = page.locator('#space [data-part="word"]')
        await expect(word).to_have_text("Vrij")
        await drawn.say("0.02", OCCUPIED)
        await drawn.say("0.01", OCCUPIED)
        await expect(word).to_have_text("Bezet")
        await expect(page.locator("#news")).to_have_text("Plein: Bezet")
        why = page.locator('[data-fresh="why"]')
        await expect(why).to_contain_text("is bezet")

        drawn.kill()
        await page.clock.fast_forward(61_000)
        await expect(word).to_have_text("Onbekend")
        await expect(why).to_be_hidden()
        await expect(page.get_by_role("alert")).to_contain_text("Geen verbinding")

        drawn.start()
        await page.clock.fast_forward(31_000)
        await expect(word).to_have_text("Bezet")
        await expect(page.locator("#banner")).to_be_hidden()


async def test_it_is_the_same_without_a_script_and_by_keyboard(drawn: Town, browser: Browser) -> None:
    """What the server writes and what the script writes is the same; every mark can be reached by Tab."""
    await drawn.say("0.01", FREE)
    async with opened(browser, f"{drawn.address}/") as page:
        await drawn.say("0.02", OCCUPIED)
        await expect_both(page, "0.02", "occupied", "Bezet")
        written = await page.locator("#building").inner_text()
        seen: set[str | None] = set()
        for _ in range(20):
            await page.keyboard.press("Tab")
            seen.add(await page.evaluate("document.activeElement.dataset.space"))
    async with opened(browser, f"{drawn.address}/", java_script_enabled=False) as plain:
        assert await plain.locator("#building").inner_text() == written

    assert OUTLINES.keys() <= seen


@pytest.mark.parametrize("width", [320, 820, 1920])
async def test_nothing_runs_off_the_side(drawn: Town, browser: Browser, width: int) -> None:
    """From 320 px on, everything is there without scrolling sideways, in light and in dark."""
    for scheme in ("light", "dark"):
        size = {"width": width, "height": 900}
        async with opened(browser, f"{drawn.address}/", viewport=size, color_scheme=scheme) as page:
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


#: What is written into a space and stands out of it on any side, by more than the line around it.
STANDS_OUT = """[...document.querySelectorAll(".mark")].flatMap((mark) => {
    const room = mark.querySelector("polygon").getBoundingClientRect();
    return [...mark.querySelectorAll("text, .sign")].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && (box.left < room.left - 1 || box.right > room.right + 1
            || box.top < room.top - 1 || box.bottom > room.bottom + 1);
    }).map((one) => `${mark.dataset.space}: ${one.textContent}`);
})"""


@pytest.mark.parametrize("language", Language)
async def test_all_that_is_written_into_a_space_fits_in_it(
    town: Town,  # noqa: F811
    browser: Browser,
    language: Language,
) -> None:
    """In the example building, with people everywhere and nowhere, in both languages."""
    text = (ROOT / "building.toml").read_text()
    (town.folder / "building.toml").write_text(text)
    town.kill()
    town.start()
    building = read_building(text, "building.toml")
    async with opened(browser, f"{town.address}/?lang={language}", viewport=WALL) as page:
        assert await page.locator(".mark").count() == len(building.spaces)
        assert await page.evaluate(STANDS_OUT) == []
        t_ms = now_ms()
        for space in building.spaces.values():
            if space.measured:
                one = live(space.id, OCCUPIED, t_ms=t_ms, site=building.site)
                full = replace(one.state, people=float(space.layouts[-1].capacity))
                await town.tell(replace(one, state=full))
        await town.tell(replace(health(t_ms=t_ms), site=building.site))
        await expect(page.locator('.mark[data-occupancy="unknown"]')).to_have_count(0)
        assert await page.evaluate(STANDS_OUT) == []
