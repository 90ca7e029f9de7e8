# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A screen on a wall in a real browser: large enough, whole without a hand on it, held still on request."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from api.screens.letters import min_font_px
from tests.api.test_lobby_browser import (
    FREE,
    OCCUPIED,
    UNKNOWN,
    Town,
    opened,
    town,  # noqa: F401  it is a fixture
)

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.broker, pytest.mark.browser]

WALL = {"width": 1_920, "height": 1_080}
SCREEN = """
[[screen]]
id = "m{distance}"
languages = ["nl", "en"]
page_s = 10
rotate_s = 10
night = "{night}"
viewing_distance_m = {distance}
diagonal_inch = 55
width_px = 1920
height_px = 1080
"""
#: The size of every letter that is seen, and each space that is not whole on the screen.
LOOK = """() => {
    const sizes = [], cut = [], board = document.querySelector("#board").getBoundingClientRect();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement, box = element.getBoundingClientRect();
        const isThere = element.checkVisibility({ visibilityProperty: true });
        const isSeen = isThere && box.width > 2 && box.height > 2;
        const isHidden = element.closest("h1, h2, .building, .language, .visually-hidden, template");
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (node.data.trim() && isSeen && !isHidden) sizes.push([size, node.data.trim()]);
    }
    for (const item of document.querySelectorAll("#board:not(.cramped) .space:not(.off)")) {
        const box = item.getBoundingClientRect();
        const isCut = box.bottom > board.bottom + 2 || box.right > innerWidth;
        if (box.width > 0 && isCut) cut.push(item.dataset.space);
    }
    const root = document.documentElement;
    return { sizes, cut, wide: root.scrollWidth, high: root.scrollHeight };
}"""


@pytest.fixture
async def hung(town: Town) -> Town:  # noqa: F811
    """The town with screens for who stands at 1, 2, 3 and 4 metres, of which some spaces are free."""
    await hang(town, "never")
    for space in ("0.01", "0.02", "1.02"):
        await town.say(space, FREE)
    await town.say("0.03", OCCUPIED)
    return town


async def hang(town: Town, night: str) -> None:  # noqa: F811
    """Hang up screens."""
    town.kill()
    screens = "".join(SCREEN.format(distance=distance, night=night) for distance in (1, 2, 3, 4))
    (town.folder / "window.toml").write_text(f"[access]\n{screens}")
    town.start()


async def test_every_letter_can_be_read_from_where_people_stand(hung: Town, browser: Browser) -> None:
    """From each distance and in both languages: 0.7 degrees or more, nothing cut off, nothing to scroll."""
    wrong = {}
    async with opened(browser, f"{hung.address}/lobby/m1", viewport=WALL) as page:
        for distance in (1, 2, 3, 4):
            least_px = min_font_px(distance, 55, WALL["width"], WALL["height"], 0.72)
            for language in ("nl", "en"):
                await page.goto(f"{hung.address}/lobby/m{distance}?lang={language}")
                await page.locator("[data-live] [data-space='0.03'][data-occupancy='occupied']").wait_for(
                    state="attached"
                )
                seen = await page.evaluate(LOOK)
                small = [text for size, text in seen["sizes"] if size < least_px]
                # All of it may have moved by a few pixels.
                is_whole = seen["wide"] <= 1_924 and seen["high"] <= 1_084 and not seen["cut"]
                if small or not is_whole or len(seen["sizes"]) < 8:
                    wrong[distance, language] = small, seen
    assert wrong == {}


async def test_pages_turn_and_can_be_held_still(hung: Town, browser: Browser) -> None:
    """The free spaces first, then others, then the other language; a button holds all still."""
    async with opened(browser, f"{hung.address}/lobby/m3", viewport=WALL) as page:
        await page.evaluate("window.isTheSame = true")
        where, html = page.locator("#page-of"), page.locator("html")
        await page.locator("[data-space='0.03'][data-occupancy='occupied']").wait_for(state="attached")
        await expect(where).to_contain_text("1 van ")
        count = int((await where.inner_text()).split()[-1])
        assert set(await shown(page)) <= {"0.01", "0.02", "1.02"}

        await page.clock.fast_forward(11_000)
        await expect(where).to_have_text(f"2 van {count}")
        await page.locator("#pause").focus()
        await page.keyboard.press("Enter")
        await page.clock.fast_forward(20_000)
        await expect(where).to_have_text(f"2 van {count}")
        await expect(page.get_by_role("button", name="Verder gaan")).to_be_focused()

        await page.keyboard.press("Enter")
        hung.put_up("Dicht om 17:00", "Closes at 17:00")
        for _ in range(3 * count):  # in so little time the server seems late, and to say so takes room
            if await html.get_attribute("lang") == "en":
                break
            await page.clock.fast_forward(11_000)
        await expect(html).to_have_attribute("lang", "en")
        await expect(page.locator(".counts")).to_contain_text("Free")
        await expect(page.locator(".phone a").first).to_have_attribute("href", "/find?lang=en")
        await expect(page.locator("#notice")).to_have_text("Closes at 17:00")
        assert await page.evaluate("window.isTheSame")


async def test_the_free_spaces_come_back_after_each_page_of_others(hung: Town, browser: Browser) -> None:
    """Nobody waits for a free space until all that are taken have been shown; those are shown in turn."""
    free, seen = {"0.01", "0.02", "1.02"}, list[set[str]]()
    async with opened(browser, f"{hung.address}/lobby/m4", viewport=WALL) as page:
        changing = page.locator("[data-space='0.03']")
        for turn in range(24):
            occupancy = UNKNOWN if turn % 2 else OCCUPIED  # so that the page hears the server all the time
            await hung.say("0.03", occupancy)
            await expect(changing).to_have_attribute("data-occupancy", occupancy)
            seen.append({*await shown(page)})
            await page.clock.fast_forward(11_000)
        spaces = await page.evaluate("document.querySelectorAll('.space').length")

    assert all(before & free or after & free for before, after in pairwise(seen))
    assert len(set[str]().union(*seen)) == spaces
    assert sum(bool(one & free) for one in seen) > len(seen) / 2


#: Resolves once all who look at the size of the board have seen it as it is now.
LAID_OUT = """new Promise((done) => {
    new ResizeObserver(() => done()).observe(document.querySelector("#board"));
})"""


@pytest.mark.parametrize("distance", [1, 2, 3, 4])
async def test_a_wall_that_lost_its_server_is_whole(hung: Town, browser: Browser, distance: int) -> None:
    """What is said loudly takes room: the spaces are laid out anew; and the code stays, in any language."""
    async with opened(browser, f"{hung.address}/lobby/m{distance}", viewport=WALL) as page:
        await page.locator("[data-space='0.03'][data-occupancy='occupied']").wait_for(state="attached")
        hung.kill()
        await page.clock.fast_forward(61_000)
        await page.get_by_role("alert").filter(has_text="Geen verbinding").wait_for()
        spoken = set()
        for _ in range(12):
            await page.evaluate(LAID_OUT)
            seen = await page.evaluate(LOOK)
            assert not seen["cut"]
            assert seen["high"] <= 1_084
            spoken.add(await page.evaluate("document.documentElement.lang"))
            await page.clock.fast_forward(11_000)
        assert spoken == {"nl", "en"}
        assert await page.evaluate("document.querySelector('.code').naturalWidth") > 0


async def shown(page: Page) -> list[str]:
    """The spaces that are on the page now."""
    found: list[str] = await page.evaluate(
        "[...document.querySelectorAll('.space')].filter((one) => one.checkVisibility())"
        ".map((one) => one.dataset.space)"
    )
    return found


async def test_a_change_moves_a_space_among_the_free_ones(hung: Town, browser: Browser) -> None:
    """What becomes free is counted and shown at once, also while other pages are shown."""
    async with opened(browser, f"{hung.address}/lobby/m1", viewport=WALL) as page:
        free = page.locator(".counts [data-sum='free']")
        await expect(free).to_contain_text("3 Vrij")
        await hung.say("0.03", FREE)
        await expect(free).to_contain_text("4 Vrij")
        await expect(page.locator("[data-group='free'] [data-space='0.03'] [data-part=word]")).to_have_text(
            "Vrij"
        )


async def test_nothing_stays_in_the_same_place_for_ever(hung: Town, browser: Browser) -> None:
    """All moves by a few pixels every few minutes, and by no more."""
    async with opened(browser, f"{hung.address}/lobby/m1", viewport=WALL) as page:
        await expect(page.locator("body")).to_have_attribute("style", re.compile("--shift-x"))
        places = set()
        for step in range(1, 8):  # the page hears each time what time it really is
            await page.clock.fast_forward(181_000 * step)
            places.add(tuple(await page.evaluate(PLACE)))
        assert len(places) > 3
        assert all(max(ways) - min(ways) <= 8 for ways in zip(*places, strict=True))


PLACE = """["paddingLeft", "paddingTop"].map((side) => parseFloat(getComputedStyle(document.body)[side]))"""


async def test_a_screen_is_dim_at_night_and_still_reads(hung: Town, browser: Browser) -> None:
    """The same words on less light; a phone sees its own colours where no night is set."""
    local = datetime.now(ZoneInfo("Europe/Amsterdam"))
    hours = [(local + timedelta(hours=hour)).strftime("%H:%M") for hour in (-1, 1)]
    async with opened(browser, f"{hung.address}/lobby/m1", viewport=WALL) as page:
        await expect(page.locator("html")).not_to_have_attribute("data-night", "")
        day = await page.evaluate(LIGHT)
        await hang(hung, "-".join(hours))
        await page.goto(f"{hung.address}/lobby/m1")
        await expect(page.locator("[data-night] .counts")).to_contain_text("Vrij")
        await expect(page.locator("body")).to_have_attribute("style", re.compile("--shift-x"))
        await expect(page.locator("html")).to_have_attribute("data-night", "")
        assert await page.evaluate(LIGHT) < day / 10


LIGHT = """getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)
    .reduce((sum, one) => sum + Number(one), 0)"""


async def test_a_wall_without_a_script_is_whole(hung: Town, browser: Browser) -> None:
    """A browser too old for the scripts shows every space, and says that it does not refresh."""
    address = f"{hung.address}/lobby/m3"
    async with opened(browser, address, viewport=WALL, java_script_enabled=False) as page:
        for space in ("0.01", "0.04", "1.04"):
            await expect(page.locator(f"[data-space='{space}']")).to_be_visible()
        await expect(page.get_by_text("ververst niet vanzelf")).to_be_visible()
