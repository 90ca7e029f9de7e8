# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every page of ours in a real browser, in each language and at each size, with all that can be on it.

What each looked like is kept in `build/screenshots`.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe

from api.access.matrix import MATRIX
from api.alarms.judging import Alarm, Key
from api.alarms.rules import AlarmKind, Why
from api.book.alarms import Mute, write_alarms, write_mute
from api.book.book import Book
from api.words import Language
from bezet.model import Occupancy
from bezet.program import now_ms
from bezet.retention import DAY_MS
from tests.api.conftest import health
from tests.api.screens.conftest import WINDOW
from tests.api.test_live_page import OUTLINES
from tests.api.test_lobby_browser import Town, opened, town  # noqa: F401  town is a fixture

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

KEPT = Path(__file__).parent.parent.parent / "build" / "screenshots"
#: Each page, with what its path is filled with; `*` is a path that leads nowhere.
FILLED = {
    "/": "/",
    "/lobby": "/lobby",
    "/lobby/{screen}": "/lobby/hal",
    "/spaces/{spaceId}": "/spaces/0.03",
    "/door/{spaceId}": "/door/0.03",
    "/find": "/find?people=4",
    "/feedback/{spaceId}": "/feedback/0.03",
    "/about-measuring": "/about-measuring",
    "/cards": "/cards",
    "/sign-in": "/sign-in/token",
    "*": "/door/9.99",
}
#: What a picture is called where its path does not say it.
NAMED = {"/": "live", "/lobby/{screen}": "screen", "*": "nowhere"}
#: Width, height and colours: a wall, a tablet, and a phone.
SIZES = [(1920, 1080, "light"), (820, 1180, "dark"), (320, 568, "light")]
#: What is kept up to date while it is open.
LIVE = ("/", "/lobby", "/lobby/hal", "/spaces/0.03", "/door/0.03", "/find")
#: Where there is something to press.
KEYS = ["/", "/lobby", "/lobby/hal", "/spaces/0.03", "/find", "/feedback/0.03", "/about-measuring", "/cards"]
#: Colours that are on their way to others are looked at when they are there.
STILL = {"reduced_motion": "reduce"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]

pytestmark = [pytest.mark.broker, pytest.mark.browser]


def pages_of_matrix() -> set[str]:
    """The pages that are looked at by a browser: what only takes a form is none."""
    return {path for path in MATRIX if path.startswith("/") and path != "/alarms/{alarmId}"}


def test_no_page_is_forgotten() -> None:
    """Every page that somebody may see is among those that are tried here."""
    assert pages_of_matrix() <= FILLED.keys()


@pytest.fixture
async def busy(town: Town) -> Town:  # noqa: F811
    """The town, drawn, with a space of each sort, and with a device that is ill and one that is gone."""
    text = (town.folder / "building.toml").read_text()
    for space, outline in OUTLINES.items():
        text = text.replace(f'id = "{space}"\n', f'id = "{space}"\npolygon = {outline}\n')
    (town.folder / "building.toml").write_text(text)
    (town.folder / "window.toml").write_text(WINDOW)
    town.kill()
    asked_ms = now_ms()
    with closing(Book(town.folder / "window.db")) as book:
        silent = [Key(AlarmKind.DEVICE_SILENT, device) for device in ("pi-8", "pi-9")]
        write_alarms(book, [Alarm(f"a{n}", key, asked_ms, asked_ms) for n, key in enumerate(silent)])
        write_mute(book, Mute(silent[1], asked_ms + DAY_MS, Why.REPAIR))
    town.start()
    for space, occupancy in (
        ("0.01", Occupancy.FREE),
        ("0.03", Occupancy.OCCUPIED),
        ("1.04", Occupancy.FREE),
    ):
        await town.say(space, occupancy)
    gone = health("pi-2", t_ms=now_ms(), online=False)
    await town.tell(gone)
    return town


async def faults(page: Page) -> list[str]:
    """What axe-core finds wrong with a page: the rule, how bad, and where."""
    found: dict[str, Any] = (
        await Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    ).response
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("width", "height", "colours"), SIZES, ids=[f"{one[0]}" for one in SIZES])
@pytest.mark.parametrize("language", Language)
async def test_every_page_can_be_used_by_everybody(
    busy: Town, browser: Browser, language: Language, width: int, height: int, colours: str
) -> None:
    """axe-core finds nothing, nothing runs off the side, and nothing is said against our content policy."""
    KEPT.mkdir(parents=True, exist_ok=True)
    size = {"viewport": {"width": width, "height": height}, "color_scheme": colours, **STILL}
    wrong = {}
    async with opened(browser, f"{busy.address}/?lang={language}", **size) as page:
        for name, path in FILLED.items():
            await page.goto(f"{busy.address}{path}{'&' if '?' in path else '?'}lang={language}")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            found = await faults(page) + ([f"{wide} px wide"] if wide > width else [])
            if found:
                wrong[name] = found
            file = NAMED.get(name) or name.strip("/*").partition("/")[0]
            await page.screenshot(path=KEPT / f"{file}-{language}-{width}.png", full_page=True)

    assert wrong == {}


async def test_what_is_wrong_would_be_found(busy: Town, browser: Browser) -> None:
    """The same look finds a picture without words, grey on grey, and a button without a name."""
    async with opened(browser, f"{busy.address}/find") as page:
        await page.evaluate(
            """() => {
            const main = document.querySelector("main");
            main.insertAdjacentHTML("beforeend", "<img src='/lobby.svg'><button></button>");
            document.querySelector("h1").style.color = "#ddd";
            }"""
        )
        found = {one.partition(" ")[0] for one in await faults(page)}

    assert {"image-alt", "button-name", "color-contrast"} <= found


async def test_a_page_that_lost_its_server_can_be_used_by_everybody(busy: Town, browser: Browser) -> None:
    """What is said loudly is as readable as the rest; the pages were open when the server went."""
    wrong = {}
    for path in LIVE:
        async with opened(browser, f"{busy.address}{path}", **STILL) as page:
            busy.kill()
            await page.clock.fast_forward(61_000)
            await page.get_by_role("alert").filter(has_text="Geen verbinding").wait_for()
            found = await faults(page)
            if found:
                wrong[path] = found
            busy.start()

    assert wrong == {}


async def test_every_page_tells_that_the_broker_is_away_and_recovers(busy: Town, browser: Browser) -> None:
    """While the server lives and its broker does not, each page says so; when it is back all is as before."""
    # Each as if on a screen of its own: a browser holds six connections to one server.
    contexts = {path: await browser.new_context() for path in LIVE}
    pages = {path: await context.new_page() for path, context in contexts.items()}
    for path, page in pages.items():
        await page.goto(busy.address + path)
    busy.broker.kill()
    for page in pages.values():
        await page.get_by_role("alert").filter(has_text="niet bereikbaar").wait_for()
    busy.broker.start()
    for page in pages.values():
        await page.locator("#banner").wait_for(state="hidden")
    await busy.say("0.03", Occupancy.FREE)
    for page in pages.values():
        await page.locator('[data-space="0.03"][data-occupancy="free"]').first.wait_for(state="attached")
    for context in contexts.values():
        await context.close()


#: How many things there are to press; of radio buttons the keyboard reaches one of each group.
PRESSABLE = """[...document.querySelectorAll("a[href], button, select, input, summary")]
    .filter((one) => one.checkVisibility() && one.tabIndex >= 0 && one.type !== "radio").length"""


async def test_everything_that_can_be_pressed_is_reached_by_keyboard(busy: Town, browser: Browser) -> None:
    """Tab reaches every link, button and field in the order in which they stand, and shows where it is."""
    async with opened(browser, f"{busy.address}/") as page:
        for path in KEYS:
            await page.goto(f"{busy.address}{path}")
            wanted = await page.evaluate(PRESSABLE)
            reached = [await reached_next(page) for _ in range(wanted + 12)]
            assert sum(one is True for one in reached) == wanted, path
            assert False not in reached, path


async def reached_next(page: Page) -> bool | None:
    """Press Tab: whether what is reached shows it; None where it is nothing new, or a radio button."""
    await page.keyboard.press("Tab")
    found: bool | None = await page.evaluate(
        """() => {
        const one = document.activeElement;
        if (one === document.body || one.dataset.reached || one.type === "radio") return null;
        one.dataset.reached = "1";
        return getComputedStyle(one).outlineStyle !== "none" || one.querySelector("polygon") !== null;
        }"""
    )
    return found
