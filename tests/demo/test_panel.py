# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The panel: what is clicked happens, who is truly there is shown, and nobody else can reach it."""

from __future__ import annotations

import asyncio
import re
import signal
import string
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bezet.building import read_building
from bezet.errors import CannotStart
from bezet.model import SpaceKind
from demo.faults import Fault
from demo.happenings import What, read_happenings
from demo.lens import Piece
from demo.panel import build_panel, serve_panel
from demo.panel_page import LANGUAGES, PAGES, choose_language, words
from demo.plan import hung_in, make_plan
from demo.standing import HAPPENINGS
from demo.town import Town
from tests.api.conftest import MARKUP, building_text
from tests.conftest import free_port
from tests.demo.towns import MINUTE_MS, Room, StayingPeople, clock, meeting, small_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW_MS = clock(10)
LOBBY = "http://127.0.0.1:8080/lobby"


class Stage:
    """A panel on a town of two rooms; in the first, four of at most six people meet from nine to eleven."""

    def __init__(self, folder: Path) -> None:
        rooms = (Room("1.01", SpaceKind.FOCUS), Room("1.02", capacity=12))
        self.town: Town = small_town(*meeting(4, 9, 11), spaces=rooms, seed=42)
        self.file = folder / HAPPENINGS
        self.now_ms = NOW_MS
        self.progress = ""
        self.app = build_panel(folder, lambda: self.town, lambda: self.now_ms, LOBBY, lambda: self.progress)
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8081")

    async def state(self) -> Any:
        """How the panel says that things are."""
        return (await self.client.get("/state")).json()

    async def page(self, **headers: str) -> str:
        """The page."""
        return (await self.client.get("/", headers=headers)).text


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A panel of one's own."""
    return Stage(tmp_path)


# --- what is shown -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("", "en-GB,en;q=0.9,nl;q=0.8", "en"),
        ("", "de-DE, EN;q=0.5", "en"),
        ("", "", "nl"),
        ("", "*", "nl"),
        ("nl", "en", "nl"),
        ("en", "nl", "en"),
        ("<script>", "en", "en"),
    ],
)
def test_it_speaks_the_language_of_the_reader(asked: str, accepted: str, language: str) -> None:
    """The language that is asked for, else the one that the browser likes best, else Dutch."""
    assert choose_language(asked, accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_says_that_it_is_not_the_product(stage: Stage, language: str) -> None:
    """The page says what it is and what not, in its language, with the seed and the way to the real page."""
    answer = await stage.client.get(f"/?lang={language}")

    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert words()["band"][language] in answer.text
    assert words()["seed"][language].format(seed=42) in answer.text
    assert f'href="{LOBBY}"' in answer.text


async def test_everything_has_its_button(stage: Stage) -> None:
    """Each space can be filled and emptied and has a calendar, each device unplugged, each PIR stuck."""
    page = await stage.page()

    found = set(re.findall(r'data-act="([\w-]+)" data-where="([^"]*)"', page))
    pirs = {hung.id for hung in hung_in(stage.town.plan) if hung.driver == "pir"}
    assert pirs
    assert found == {
        *((act, space) for act in ("fill", "empty") for space in ("1.01", "1.02")),
        *(("stick", pir) for pir in pirs),
        *(("unplug", device.name) for device in stage.town.plan),
        ("cut-broker", ""),
    }
    assert re.findall(r'href="(/calendars/[^"]+)"', page) == ["/calendars/1.01.ics", "/calendars/1.02.ics"]


async def test_it_knows_who_is_truly_there(stage: Stage) -> None:
    """The numbers are those of the people, whatever a sensor may say."""
    first = (await stage.state())["people"]
    stage.now_ms = clock(11)
    then = (await stage.state())["people"]

    assert (first, then) == ({"1.01": 4, "1.02": 0}, {"1.01": 0, "1.02": 0})


async def test_it_tells_the_time_in_which_people_live(stage: Stage) -> None:
    """Where life is bent, the panel says what time it is for the people."""
    plain = (await stage.state())["lifeMs"]
    bent = (Piece(NOW_MS - MINUTE_MS, float("inf"), clock(9), 10),)
    stage.town = small_town(bent=bent)

    assert (plain, (await stage.state())["lifeMs"]) == (NOW_MS, clock(9) + 10 * MINUTE_MS)


async def test_it_tells_how_far_history_is(stage: Stage) -> None:
    """What the demo says of its history stands on the panel."""
    stage.progress = "Geschiedenis: 34 %"

    assert (await stage.state())["progress"] == "Geschiedenis: 34 %"


async def test_what_goes_wrong_by_itself_is_marked(stage: Stage) -> None:
    """Faults of the town that nobody made happen are marked where they are, while they last."""
    faulty = small_town(faults=frozenset({Fault.DEVICE_SILENT, Fault.BROKER_OUT}))
    [spell] = faulty.spells(Fault.DEVICE_SILENT, "demo-pi-1", NOW_MS, NOW_MS + 5 * 7 * 86_400_000)
    stage.town = faulty
    stage.now_ms = spell.from_ms
    during = (await stage.state())["wrong"]
    stage.now_ms = spell.to_ms

    assert (during, (await stage.state())["wrong"]) == (["device demo-pi-1"], [])


async def test_markup_in_a_name_is_text(tmp_path: Path) -> None:
    """A name with tags and quotes is shown as it is written."""
    building = read_building(building_text(), "building.toml")
    people = cast("Any", StayingPeople((), building.timezone))
    stage = Stage(tmp_path)
    stage.town = Town(building, people, make_plan(building), 1)
    page = await stage.page()

    assert "<img" not in page
    assert MARKUP.split()[0].replace("<", "&lt;").replace(">", "&gt;") in page


# --- what is made to happen --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/fill", {"where": "1.02"}, ("fill", "1.02", "Room 1.02", 900, 6)),
        ("/fill", {"where": "1.02", "people": 12, "lastsS": 300}, ("fill", "1.02", "Room 1.02", 300, 12)),
        ("/empty", {"where": "1.01", "lastsS": 3_600}, ("empty", "1.01", "Room 1.01", 3_600, 0)),
        ("/stick", {"where": "pir-1.01"}, ("stick", "pir-1.01", "pir-1.01", 900, 0)),
        ("/unplug", {"where": "demo-pi-1"}, ("unplug", "demo-pi-1", "demo-pi-1", 60, 0)),
        ("/cut-broker", {}, ("cut-broker", "", "broker", 30, 0)),
    ],
)
async def test_what_is_clicked_happens(
    stage: Stage, path: str, body: dict[str, Any], expected: tuple[str, str, str, int, int]
) -> None:
    """It stands in the file of all programs, and the answer says that it goes on, and until when."""
    answer = await stage.client.post(path, json=body)

    what, where, name, lasts_s, people = expected
    until_ms = NOW_MS + 1_000 * lasts_s
    assert answer.json()["going"] == [
        {"what": what, "where": where, "name": name, "untilMs": until_ms, "people": people}
    ]
    assert read_happenings(stage.file) == ((What(what), where, NOW_MS, until_ms, people),)


async def test_a_space_that_was_filled_is_full(stage: Stage) -> None:
    """Who was made to come is counted among who is there, though the demo has not looked again yet."""
    await stage.client.post("/fill", json={"where": "1.02", "people": 3})
    stage.now_ms += MINUTE_MS

    assert (await stage.state())["people"] == {"1.01": 4, "1.02": 3}


async def test_what_is_stopped_is_over(stage: Stage) -> None:
    """One is stopped by what and where, all by saying nothing."""
    for path, where in (("/fill", "1.02"), ("/empty", "1.01"), ("/unplug", "demo-pi-1")):
        await stage.client.post(path, json={"where": where})
    stage.now_ms += 1_000
    one = (await stage.client.post("/stop", json={"what": "fill", "where": "1.02"})).json()["going"]
    both = (await stage.client.post("/stop", json={})).json()["going"]

    assert [going["what"] for going in one] == ["empty", "unplug"]
    assert both == []


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/fill", '{"where": "1.03"}', "space '1.03': is not one of this town; did you mean 1.02?"),
        ("/fill", "{}", "space '': is not one of this town."),
        ("/fill", '{"where": "1.01", "people": 13}', "how many people: space 1.01 takes 1 to 12, not 13"),
        ("/fill", '{"where": "1.01", "people": true}', "people: needs a JSON whole number, not true"),
        ("/fill", '{"where": 1.01}', "where: needs a JSON string, not 1.01"),
        ("/empty", '{"where": "1.01", "lastsS": 0}', "how long: needs 1 to 86400 seconds, not 0"),
        ("/empty", '{"where": "1.01", "for": 5}', "for: is not a key here; there are where, people, lastsS"),
        ("/unplug", '{"where": "demo-pi-7"}', "device 'demo-pi-7'"),
        ("/stop", '{"what": "rain"}', "what: needs one of fill, empty, "),
        ("/stop", "[]", "the body: needs a JSON object"),
        ("/stop", "{", "the body: needs a JSON object"),
        ("/stop", "", "the body: needs a JSON object"),
    ],
)
async def test_a_wrong_wish_is_told_and_does_nothing(stage: Stage, path: str, body: str, said: str) -> None:
    """What cannot be is 400 with what was wrong, and nothing happens."""
    answer = await stage.client.post(path, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert not stage.file.exists()


# --- who may ask -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 200),
        ({"Content-Type": "application/json; charset=utf-8", "Origin": "http://127.0.0.1:8081"}, 200),
        ({"Content-Type": "application/json", "Host": "localhost:8081"}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        ({"Content-Type": "application/json", "Origin": "https://elsewhere.example"}, 403),
        ({"Content-Type": "application/json", "Origin": "http://127.0.0.1:8080"}, 403),
        ({"Content-Type": "application/json", "Origin": "null"}, 403),
        ({"Content-Type": "application/json", "Host": "rebound.example:8081"}, 400),
        ({"Content-Type": "application/json", "Host": "127.0.0.1.rebound.example"}, 400),
    ],
)
async def test_only_the_page_itself_makes_things_happen(
    stage: Stage, headers: dict[str, str], status: int
) -> None:
    """A form or a script of another page, or a name that was made to lead here, does nothing."""
    answer = await stage.client.post("/cut-broker", content="{}", headers=headers)

    assert answer.status_code == status
    assert stage.file.exists() == (status == 200)


@pytest.mark.parametrize("path", ["/", "/state", "/panel.css", "/panel.js", "/panel.svg", "/none"])
async def test_every_answer_is_guarded(stage: Stage, path: str) -> None:
    """Nothing from elsewhere, nothing inline, never in a frame, never kept."""
    headers = (await stage.client.get(path)).headers

    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe|data:|https?:|\*", policy)
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "access-control-allow-origin" not in headers


async def test_nothing_happens_by_reading(stage: Stage) -> None:
    """A link or a picture cannot make anything happen."""
    statuses = [(await stage.client.get(f"/{path}")).status_code for path in [*What, "stop"]]

    assert set(statuses) == {405}


async def test_each_space_has_its_calendar(stage: Stage) -> None:
    """The feed of a space is iCalendar; a space that is not there has none."""
    good, bad = [await stage.client.get(f"/calendars/{space}.ics") for space in ("1.01", "1.03")]

    assert good.headers["content-type"] == "text/calendar; charset=utf-8"
    assert good.text.startswith("BEGIN:VCALENDAR")
    assert bad.status_code == 404


# --- words and colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", words())
def test_both_languages_say_the_same(key: str) -> None:
    """Each word is there in both languages, with the same places to fill in."""
    said = words()[key]

    assert [*said] == [*LANGUAGES]
    places = [{name for _, name, _, _ in string.Formatter().parse(said[one]) if name} for one in LANGUAGES]
    assert places[0] == places[1]
    assert all(said.values())


def test_every_word_is_used_and_none_is_missing() -> None:
    """What page and script name is in the table, and the table holds nothing else."""
    text = (PAGES / "panel.html").read_text() + (PAGES / "panel.js").read_text()
    named = set(re.findall(r"words\.(\w+)", text)) | {f"on_{what.replace('-', '_')}" for what in What}

    assert named == words().keys()


def luminance(colour: str) -> float:
    """How light a colour is (WCAG 2.2, relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("on-band", "band", 4.5),
        *((text, ground, 4.5) for text in ("text", "subtle", "link") for ground in ("page", "card")),
        ("on-action", "action", 4.5),
        ("text", "somebody", 4.5),
        ("wrong", "wrong-card", 4.5),
        *((edge, ground, 3) for edge in ("edge", "action") for ground in ("page", "card")),
    ],
)
def test_colours_can_be_told_apart(theme: str, text: str, ground: str, least: float) -> None:
    """Text keeps 4.5:1 and the edges of buttons 3:1 in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""
    light, dark = (PAGES / "panel.css").read_text().split("prefers-color-scheme: dark", 1)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", light))
    if theme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#\w{6})", dark))
    darker, lighter = sorted(luminance(colours[one]) for one in (text, ground))

    assert (lighter + 0.05) / (darker + 0.05) >= least


# --- as a server -------------------------------------------------------------------------------------------


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[str]:
    """The panel on a port of its own; gives its address."""
    port = free_port()
    server = asyncio.create_task(serve_panel(stage.app, port))
    address = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as client:
        await client.get(f"{address}/state")
    try:
        yield address
    finally:
        server.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server


async def test_it_serves_until_it_is_cancelled(stage: Stage) -> None:
    """Inside another program it takes no signals, and lets go of its port when it ends."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with serving(stage) as address:
        during = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        async with httpx.AsyncClient() as client:
            found = (await client.post(f"{address}/cut-broker", json={})).json()["going"]

    assert (len(found), during) == (1, before)
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(address)


async def test_a_taken_port_is_said(stage: Stage) -> None:
    """A port that another program has is named."""
    async with serving(stage) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(CannotStart, match=f"cannot listen on port {port}"):
            await serve_panel(stage.app, port)


async def press(page: Page, name: str) -> None:
    """Reach a button by its name and press it without a mouse."""
    button = page.get_by_role("button", name=name, exact=True)
    await button.focus()
    await page.keyboard.press("Enter")


@pytest.mark.browser
async def test_it_is_worked_with_a_browser(stage: Stage, browser: Browser) -> None:
    """Filled by keyboard, shown, stopped; in the browser's language; nothing runs off the side of a phone."""
    async with serving(stage) as address:
        context = await browser.new_context(locale="en-GB", viewport={"width": 320, "height": 700})
        page = await context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text))
        await page.goto(address)
        await expect(page.locator('[data-space="1.01"] .count')).to_have_text(
            re.compile("truly there: 4 of 6")
        )

        await page.get_by_label("Fill with").select_option("all seats")
        await press(page, "Fill Room 1.02")
        await expect(page.locator("#happenings")).to_contain_text(
            re.compile("Room 1.02: filled with 12 *15:00 left")
        )
        stage.now_ms += MINUTE_MS
        await expect(page.locator('[data-space="1.02"] [data-part="people"]')).to_have_text("12")
        await press(page, "Unplug demo-pi-1")
        await expect(page.get_by_text("without power", exact=True)).to_be_visible()
        await press(page, "Stop all")
        await expect(page.get_by_text("Nothing special")).to_be_visible()
        await expect(page.get_by_role("heading", name="Going on now")).to_be_focused()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320

        await page.get_by_role("link", name="Nederlands").click()
        await expect(page.locator("html")).to_have_attribute("lang", "nl")
        await expect(page.get_by_role("button", name="Vullen Room 1.01", exact=True)).to_be_visible()
        await context.close()

    assert wrong == []
