# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What pages in a real browser say while a real InfluxDB is killed behind their server, and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bezet.model import Occupancy
from store.influx.address import TOKEN
from store.influx.setup import examine
from tests.api.test_every_page_browser import KEPT, LIVE, STILL, faults
from tests.api.test_lobby_browser import Town, opened
from tests.store.influx_server import LocalInflux, local_influx, token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.conftest import Mosquitto

pytestmark = [
    pytest.mark.broker,
    pytest.mark.browser,
    pytest.mark.influx,
    pytest.mark.skipif(not local_influx(), reason="influxd and nginx are not installed"),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalInflux]:
    """An InfluxDB that a test may kill."""
    folder = tmp_path / "influx"
    folder.mkdir(mode=0o755)
    server = LocalInflux(folder, folder / "data")
    yield server
    server.end()


@pytest.fixture
async def stored(tmp_path: Path, mosquitto: Mosquitto, server: LocalInflux) -> AsyncIterator[Town]:
    """A town that keeps its history there."""
    town = Town(tmp_path, mosquitto)
    town.store = f"influx:{server.url}/bezet"
    town.environ[TOKEN] = token("bezet")
    assert all(one.ok for one in examine(town.store, fix=True, environ=town.environ))
    async with town:
        yield town


async def test_what_is_now_goes_on_without_the_store(
    stored: Town, server: LocalInflux, browser: Browser
) -> None:
    """Every page that is live stays so: what is now comes by the broker, and nothing is said loudly."""
    await stored.say("0.03", Occupancy.FREE)
    server.kill()
    for path in (one for one in LIVE if one != "/lobby/hal"):
        async with opened(browser, stored.address + path) as page:
            free = page.locator('[data-space="0.03"][data-occupancy="free"]')
            await expect(free).not_to_have_count(0)
            await stored.say("0.03", Occupancy.OCCUPIED)
            await expect(free).to_have_count(0)
            await stored.say("0.03", Occupancy.FREE)
            await expect(free).not_to_have_count(0)
            await expect(page.locator("#banner")).to_be_hidden()


async def test_the_page_of_a_space_tells_that_its_history_is_away_and_recovers(
    stored: Town, server: LocalInflux, browser: Browser
) -> None:
    """Its day and its why are not left standing as they were: within a minute they say so, and are back."""
    await stored.say("0.03", Occupancy.OCCUPIED)
    async with opened(browser, f"{stored.address}/spaces/0.03", **STILL) as page:
        day, why = page.locator('[data-fresh="day"]'), page.locator('[data-fresh="why"]')
        await expect(day.locator("rect")).not_to_have_count(0)
        await expect(why).to_contain_text("bezet sinds")

        server.kill()
        await page.clock.fast_forward(61_000)
        await expect(day).to_contain_text("nu niet te lezen")
        await expect(why).to_contain_text("nu niet te zeggen")
        assert await faults(page) == []
        await page.screenshot(path=KEPT / "spaces-store-away-nl.png", full_page=True)

        server.start()
        await page.clock.fast_forward(61_000)
        await expect(day.locator("rect")).not_to_have_count(0)
        await expect(why).to_contain_text("bezet sinds")


async def test_what_is_measured_is_told_as_far_as_is_known(
    stored: Town, server: LocalInflux, browser: Browser
) -> None:
    """Which sensors speak is not known while nobody can read what came in; the rest stands, and says so."""
    server.kill()
    async with opened(browser, f"{stored.address}/about-measuring", **STILL) as page:
        unknown = page.get_by_text("Welke sensoren er hangen, is nu niet te lezen")
        await expect(unknown).to_be_visible()
        assert await faults(page) == []
        server.start()
        await page.reload()
        await expect(unknown).to_have_count(0)
