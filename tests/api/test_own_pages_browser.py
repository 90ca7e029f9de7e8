# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Door sign, finder, feedback and about measuring in a real browser, with a real server and broker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from bezet.model import Occupancy
from tests.api.test_lobby_browser import Town, opened, town  # noqa: F401  town is a fixture

if TYPE_CHECKING:
    from playwright.async_api import Browser

FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED
SCREENS = [(1920, 1080), (820, 1180), (800, 480), (320, 568)]
PAGES = [
    "/door/1.04",
    "/door/0.04",
    "/find?people=40&video=on",
    "/find",
    "/feedback/1.04",
    "/feedback/1.04?thanks=1",
]
PAGES += ["/feedback/0.04", "/about-measuring", "/door/9.99"]

pytestmark = [pytest.mark.broker, pytest.mark.browser]


async def expect_sign(page: Page, occupancy: str, word: str) -> None:
    """Wait until the sign says that by word, shape and colour."""
    door = page.locator("#door")
    await expect(door).to_have_attribute("data-occupancy", occupancy)
    await expect(door.locator(".word")).to_have_text(word)
    await expect(door.locator("use")).to_have_attribute("href", f"#shape-{occupancy}")


async def test_a_sign_follows_its_space_and_overcomes_an_outage(town: Town, browser: Browser) -> None:  # noqa: F811
    """A change is shown and told, those of others are not; unknown 60 s after the server went, and back."""
    await town.say("0.03", FREE)
    async with opened(browser, f"{town.address}/door/0.03") as page:
        await expect_sign(page, "free", "Vrij")
        await town.say("0.01", OCCUPIED)
        await town.say("0.03", OCCUPIED)
        await expect_sign(page, "occupied", "Bezet")
        await expect(page.locator("#news")).to_have_text("Raadzaal: Bezet")
        await expect(page.locator(".detail")).to_contain_text("sinds")
        await expect(page.locator("#banner")).to_be_hidden()

        town.kill()
        await page.clock.fast_forward(61_000)
        await expect_sign(page, "unknown", "Onbekend")
        await expect(page.get_by_role("alert")).to_contain_text("Geen verbinding")
        await expect(page.locator(".detail")).to_be_empty()

        town.start()
        await page.clock.fast_forward(31_000)
        await expect_sign(page, "occupied", "Bezet")
        await expect(page.locator("#banner")).to_be_hidden()


async def test_a_sign_that_never_heard_the_server(town: Town, browser: Browser) -> None:  # noqa: F811
    """What was free when the page came is unknown a minute later; what is not measured stays that."""
    await town.say("0.03", FREE)
    for space, after in (("0.03", ("unknown", "Onbekend")), ("0.04", ("notMeasured", "Niet gemeten"))):
        context = await browser.new_context()
        page = await context.new_page()
        await page.clock.install()
        await page.route("**/v1/live-events", lambda route: route.fulfill(status=503))
        await page.goto(f"{town.address}/door/{space}")
        await page.clock.fast_forward(61_000)
        await expect_sign(page, *after)
        await context.close()


async def test_the_sign_without_a_script_says_the_same(town: Town, browser: Browser) -> None:  # noqa: F811
    """What the server writes and what the script writes is word for word the same."""
    async with opened(browser, f"{town.address}/door/0.02?lang=en") as page:
        await town.say("0.02", OCCUPIED)
        await expect_sign(page, "occupied", "Occupied")
        written = await page.locator(".state").inner_text(), await page.locator(".room").inner_text()
    async with opened(browser, f"{town.address}/door/0.02?lang=en", java_script_enabled=False) as plain:
        said = await plain.locator(".state").inner_text(), await plain.locator(".room").inner_text()
        assert said == written
        await expect(plain.locator(".no-script")).to_contain_text("does not refresh by itself")


async def test_the_finder_says_when_the_asked_time_is_over(town: Town, browser: Browser) -> None:  # noqa: F811
    """It is not left standing as if it still lay ahead."""
    await town.say("0.01", FREE)
    soon = datetime.now(ZoneInfo("Europe/Amsterdam")) + timedelta(minutes=2)
    async with opened(browser, f"{town.address}/find?people=2&until={soon:%H:%M}") as page:
        await expect(page.locator(".asked")).to_contain_text(f"tot {soon:%H:%M}")
        await expect(page.locator("#wrong-until")).to_be_hidden()
        await page.clock.fast_forward(121_000)
        await expect(page.locator("#wrong-until")).to_be_visible()


async def test_the_finder_follows_and_never_shows_free_without_a_server(town: Town, browser: Browser) -> None:  # noqa: F811
    """The server chooses again when something changes; without it nothing is free; then it comes back."""
    await town.say("0.02", FREE)
    await town.say("0.03", FREE)
    async with opened(browser, f"{town.address}/find?people=5") as page:
        hits = page.locator('[data-group="free"] .hit')
        await expect(hits).to_have_count(2)
        await expect(hits.first).to_contain_text("Past het best")
        await town.say("0.02", OCCUPIED)
        await page.clock.fast_forward(5_000)
        await expect(hits).to_have_count(1)
        await expect(hits.first).to_have_attribute("data-space", "0.03")
        await expect(page.locator("#news")).to_have_text("1 vrij")

        town.kill()
        await page.clock.fast_forward(61_000)
        await expect(page.locator("#free")).to_contain_text("is nu onbekend")
        await expect(page.locator('[data-occupancy="free"]')).to_have_count(0)
        await expect(page.locator(".best")).to_be_hidden()
        await expect(page.get_by_role("alert")).to_contain_text("Geen verbinding")

        town.start()
        await page.clock.fast_forward(31_000)
        await expect(hits.locator('[data-part="word"]')).to_have_text("Vrij")
        await expect(page.locator("#free")).to_contain_text("1 vrij")
        await expect(page.locator("#banner")).to_be_hidden()


async def test_a_room_is_found_with_the_keyboard_alone(town: Town, browser: Browser) -> None:  # noqa: F811
    """Type, tab, choose, enter: without a script as well."""
    await town.say("0.03", FREE)
    await town.say("1.04", FREE)
    for script in (True, False):
        async with opened(browser, f"{town.address}/find?lang=en", java_script_enabled=script) as page:
            await page.locator("#people").focus()
            await page.keyboard.press("ControlOrMeta+a")
            await page.keyboard.type("12")
            await page.keyboard.press("Tab")
            await page.locator("#video").focus()
            await page.keyboard.press("Space")
            await page.keyboard.press("Enter")
            await expect(page).to_have_url(f"{town.address}/find?lang=en&people=12&until=&video=on")
            await expect(page.locator('[data-group="free"] .hit')).to_have_count(1)
            await page.locator(".hit a").focus()
            await page.keyboard.press("Enter")
            await expect(page).to_have_url(f"{town.address}/spaces/0.03?lang=en")


async def test_an_answer_is_given_with_the_keyboard_alone(town: Town, browser: Browser) -> None:  # noqa: F811
    """Arrows choose a face and a reason, enter sends; no script runs and nothing is kept on the device."""
    async with opened(browser, f"{town.address}/feedback/0.02", java_script_enabled=False) as page:
        await page.locator('[name="face"]').first.focus()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator('[value="bad"]')).to_be_checked()
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator('[value="air"]')).to_be_checked()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading")).to_have_text("Dank u wel")
        assert await page.context.cookies() == []
        found = await page.request.get(f"{town.address}/v1/feedback")
        assert (await found.json())["spaces"] != []


@pytest.mark.parametrize("lang", ["nl", "en"])
async def test_every_page_fits_every_screen(town: Town, browser: Browser, lang: str) -> None:  # noqa: F811
    """Nothing runs off the side, all can be reached, targets are 24 px high, and it speaks one language."""
    await town.say("1.04", OCCUPIED)
    await town.say("0.03", FREE)
    async with opened(browser, f"{town.address}/find?lang={lang}") as page:
        for path in PAGES:
            await page.goto(f"{town.address}{path}{'&' if '?' in path else '?'}lang={lang}")
            await expect(page.locator("html")).to_have_attribute("lang", lang)
            await expect(page.get_by_role("heading", level=1)).to_have_count(1)
            for width, height in SCREENS:
                await page.set_viewport_size({"width": width, "height": height})
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
                low = await page.evaluate(LOW_TARGETS)
                assert low == [], (path, width)
                if path.startswith("/door") and width > 320:
                    tall = await page.evaluate("document.documentElement.scrollHeight")
                    assert tall <= height, (path, width)


#: What can be pressed and is less than 24 px high, or is cut by the edge of the screen.
LOW_TARGETS = """
() => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
  .map((one) => [one.outerHTML, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 24 || box.left < 0))
  .map(([text]) => text)
"""


async def test_all_of_a_page_comes_from_the_server(town: Town, browser: Browser) -> None:  # noqa: F811
    """Every request of every page goes to the server that it came from, and no policy is broken."""
    await town.say("0.03", FREE)
    asked: list[str] = []
    async with opened(browser, f"{town.address}/find") as page:
        page.on("request", lambda request: asked.append(request.url))
        for path in PAGES:
            await page.goto(f"{town.address}{path}")
        await page.goto(f"{town.address}/find")
        await expect(page.locator(".hit")).not_to_have_count(0)

    assert {url for url in asked if not url.startswith(f"{town.address}/")} == set()
