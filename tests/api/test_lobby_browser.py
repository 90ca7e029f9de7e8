# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The lobby page in a real browser, with a real server and broker: live, honest, soon recovered."""

from __future__ import annotations

import os
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bezet import wire
from bezet.errors import LinkDown
from bezet.link import Up
from bezet.link.mqtt import MqttLink
from bezet.model import Occupancy
from bezet.program import now_ms
from tests.api.conftest import MARKUP, building_text, health, live
from tests.conftest import Mosquitto, bezet, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import TracebackType

    from bezet.wire import Health, Live

FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN

pytestmark = [
    pytest.mark.broker,
    pytest.mark.browser,
]


class Town:
    """A server that may be killed and started again, and an agent that speaks to it by a broker."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.folder = folder
        self.broker = broker
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.store, self.environ = f"sqlite:{folder / 'bezet.db'}", dict(os.environ)
        self._agent = MqttLink(broker.url, "agent")
        self._server: subprocess.Popen[str] | None = None

    async def __aenter__(self) -> Self:
        (self.folder / "building.toml").write_text(building_text())
        self.start()
        await self._agent.__aenter__()
        while not isinstance(await self._agent.receive(), Up):
            pass
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._agent.__aexit__(kind, error, trace)
        self.kill()

    def start(self) -> None:
        """Start the server, with a window.toml where there is one, and return once it serves."""
        window = self.folder / "window.toml"
        self._server = subprocess.Popen(
            bezet(
                *("serve", "--building", self.folder / "building.toml", "--port", str(self.port)),
                *("--store", self.store, "--broker", self.broker.url),
                *("--notice", self.folder / "notice.toml", "--book", self.folder / "window.db"),
                *(("--window", window) if window.exists() else ()),
            ),
            stdout=subprocess.PIPE,
            env=self.environ,
            text=True,
        )
        assert self._server.stdout is not None
        assert "lobby" in self._server.stdout.readline()

    def kill(self) -> None:
        """SIGKILL the server, if it runs."""
        if self._server is not None:
            self._server.kill()
            self._server.communicate()
            self._server = None

    def put_up(self, nl: str, en: str) -> None:
        """Write a notice."""
        (self.folder / "notice.toml").write_text(f'nl = "{nl}"\nen = "{en}"\n')

    def take_down(self) -> None:
        """Remove the notice."""
        (self.folder / "notice.toml").unlink()

    async def say(self, space: str, occupancy: Occupancy) -> None:
        """Let the agent say what a space is."""
        t_ms = now_ms()
        await self.tell(health(t_ms=t_ms), live(space, occupancy, t_ms=t_ms))

    async def tell(self, *messages: Live | Health) -> None:
        """Let agents say something."""
        for message in messages:
            topic, payload = wire.encode(message)
            while True:
                try:
                    await self._agent.publish(topic, payload, retain=True)
                    break
                except LinkDown:  # the broker is only just back
                    while not isinstance(await self._agent.receive(), Up):
                        pass


@pytest.fixture
async def town(tmp_path: Path, mosquitto: Mosquitto) -> AsyncIterator[Town]:
    """A running town."""
    async with Town(tmp_path, mosquitto) as town:
        yield town


@asynccontextmanager
async def opened(browser: Browser, address: str, **context: object) -> AsyncIterator[Page]:
    """A page whose time a test may wind forward; it may say nothing wrong on its console."""
    held: BrowserContext = await browser.new_context(**context)  # type: ignore[arg-type]  # as Playwright types it
    page = await held.new_page()
    await page.clock.install()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    await page.goto(address)
    try:
        yield page
    finally:
        await held.close()
    assert wrong == []


async def expect_space(page: Page, space: str, group: str, word: str) -> None:
    """Wait until a space stands in that group with that word and that shape."""
    item = page.locator(f'[data-group="{group}"] [data-space="{space}"]')
    await expect(item.locator(".status")).to_contain_text(word)
    await expect(item.locator(".status use")).to_have_attribute("href", f"#shape-{group}")


async def test_a_change_arrives_and_an_outage_is_told_and_overcome(town: Town, browser: Browser) -> None:
    """A change is shown; with the server killed the page says unknown after 60 s, and recovers."""
    await town.say("0.01", FREE)
    await town.say("0.03", FREE)
    async with opened(browser, f"{town.address}/lobby") as page:
        await expect_space(page, "0.01", "free", "Vrij")
        await town.say("0.01", OCCUPIED)
        await expect_space(page, "0.01", "occupied", "Bezet")
        await expect(page.locator("#news")).to_contain_text("Plein: Bezet")
        await expect(page.locator("#banner")).to_be_hidden()

        town.kill()
        await page.clock.fast_forward(40_000)
        await expect(page.locator("#freshness")).to_contain_text("Verbinding hapert")
        await expect_space(page, "0.01", "occupied", "Bezet")
        await page.clock.fast_forward(20_000)
        await expect_all_unknown(page)

        town.start()
        await page.clock.fast_forward(31_000)
        await expect_space(page, "0.01", "occupied", "Bezet")
        await expect_space(page, "0.03", "free", "Vrij")
        await expect(page.locator("#banner")).to_be_hidden()
        await town.say("0.01", FREE)
        await expect_space(page, "0.01", "free", "Vrij")


async def expect_all_unknown(page: Page) -> None:
    """Wait until all measured spaces are unknown, and the page says so loudly, and since when."""
    for space in ("0.01", "0.02", "0.03", "1.01", "1.02", "1.03", "1.04"):
        await expect_space(page, space, "unknown", "Onbekend")
    await expect(page.locator('[data-group="free"]')).to_be_hidden()
    await expect(page.locator('[data-group="occupied"]')).to_be_hidden()
    await expect(page.get_by_role("alert")).to_contain_text("Geen verbinding")
    await expect(page.locator("#banner")).to_contain_text("1 minuut geleden")


async def test_a_page_that_never_heard_the_server_says_so(town: Town, browser: Browser) -> None:
    """A page whose live stream never opens is as the server sent it for 60 s, then unknown, and recovers."""
    await town.say("0.01", FREE)
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install()
    await page.route("**/v1/live-events", lambda route: route.fulfill(status=503))
    await page.goto(f"{town.address}/lobby")
    await expect_space(page, "0.01", "free", "Vrij")

    await page.clock.fast_forward(61_000)
    await expect_all_unknown(page)

    await page.unroute("**/v1/live-events")
    await page.clock.fast_forward(31_000)
    await expect_space(page, "0.01", "free", "Vrij")
    await expect(page.locator("#banner")).to_be_hidden()
    await context.close()


async def test_the_page_without_a_script_says_the_same(town: Town, browser: Browser) -> None:
    """What the server writes and what the script writes of the same states is word for word the same."""
    upright = {"width": 820, "height": 1180}
    await town.say("0.01", FREE)
    async with opened(browser, f"{town.address}/lobby", viewport=upright) as page:
        await town.say("0.02", OCCUPIED)
        await expect_space(page, "0.02", "occupied", "Bezet")
        written = await page.locator("#board").inner_text()
    address = f"{town.address}/lobby"
    async with opened(browser, address, viewport=upright, java_script_enabled=False) as plain:
        assert await plain.locator("#board").inner_text() == written
        await expect(plain.locator(".no-script")).to_contain_text("ververst niet vanzelf")


async def test_a_notice_comes_and_goes_on_an_open_page(town: Town, browser: Browser) -> None:
    """Each page says it in its own language while the file is there, and has no empty band without it."""
    narrow = {"width": 320, "height": 700}
    async with (
        opened(browser, f"{town.address}/lobby") as dutch,
        opened(browser, f"{town.address}/lobby?lang=en", viewport=narrow) as english,
    ):
        await expect(dutch.locator("#notice")).to_be_hidden()
        town.put_up("Vandaag worden sensoren vervangen", "Sensors are replaced" + "d" * 150)
        await expect(dutch.get_by_text("Vandaag worden sensoren vervangen")).to_be_visible()
        await expect(english.locator("#notice")).to_contain_text("Sensors are replaced")
        assert await english.evaluate("document.documentElement.scrollWidth") <= narrow["width"]
        town.take_down()
        await expect(dutch.locator("#notice")).to_be_hidden()
        await expect(english.locator("#notice")).to_have_text("")


async def test_a_name_with_markup_stays_text(town: Town, browser: Browser) -> None:
    """Neither the server nor the script lets a name become part of the page."""
    async with opened(browser, f"{town.address}/lobby") as page:
        for state, group in ((FREE, "free"), (OCCUPIED, "occupied")):
            await town.say("1.04", state)
            item = page.locator(f'[data-group="{group}"] [data-space="1.04"]')
            await expect(item.locator("[data-part=name]")).to_have_text(MARKUP)
        assert await page.locator("img:not(.code)").count() == 0


async def test_the_page_asks_nobody_else(town: Town, browser: Browser) -> None:
    """Every request goes to the server that the page came from; nothing is kept on the device."""
    await town.say("0.01", FREE)
    context = await browser.new_context()
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{town.address}/lobby")
    await expect_space(page, "0.01", "free", "Vrij")
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect_space(page, "0.01", "free", "Free")

    assert {url for url in asked if not url.startswith(f"{town.address}/")} == set()
    assert f"{town.address}/v1/live-events" in asked
    assert await context.cookies() == []
    await context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
async def test_nothing_runs_off_the_side(town: Town, browser: Browser, width: int) -> None:
    """From 320 px on, everything is there without scrolling sideways."""
    async with opened(browser, f"{town.address}/lobby", viewport={"width": width, "height": 900}) as page:
        await town.say("1.04", OCCUPIED)
        await expect_space(page, "1.04", "occupied", "Bezet")

        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_sensors_out_of_reach_are_told(town: Town, browser: Browser) -> None:
    """While the server lives and its broker does not, the page says that, and not that all is well."""
    await town.say("0.01", FREE)
    async with opened(browser, f"{town.address}/lobby") as page:
        await expect_space(page, "0.01", "free", "Vrij")
        town.broker.kill()
        await expect(page.get_by_role("alert")).to_contain_text("De sensoren zijn niet bereikbaar")


async def test_no_state_is_told_by_colour_alone(town: Town, browser: Browser) -> None:
    """Each state on the page is a word that can be read, besides its shape and colour."""
    await town.say("0.01", FREE)
    await town.say("0.02", OCCUPIED)
    async with opened(browser, f"{town.address}/lobby?lang=en") as page:
        await expect_space(page, "0.02", "occupied", "Occupied")
        said = await page.locator(".space [data-part=word]").all_inner_texts()

    assert sorted(said) == ["Free", "Not measured", "Occupied", *["Unknown"] * 5]
