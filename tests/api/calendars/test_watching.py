# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Feeds over real HTTP, and what a window says of its spaces because of them."""

from __future__ import annotations

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from api.book.busy import read_busy
from api.calendars.bookings import STALE_MS, Bookings, Known
from api.calendars.fetching import MOST_BYTES, Marks, NotFetched
from api.calendars.reading import Busy
from api.calendars.settings import CalendarSettings, read_calendars
from api.calendars.watching import MOST_WAIT_S, READ_AGAIN_MS, Watch
from api.settings import Settings
from bezet.errors import ConfigError
from bezet.model import Occupancy
from bezet.retention import HOUR_MS
from bezet.sections import parse
from tests.api.conftest import NOW_MS, Stage, answering, health, live

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bezet.model import Building

SECRET = "Functioneringsgesprek Piet"
#: Where a feed has moved to on its server: it is read there, whatever is said elsewhere.
MOVED = "/moved/room.ics"


def feed(*spans: tuple[str, str]) -> bytes:
    """A calendar of the day of the tests, 23 November 2026, with times in UTC."""
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}-{SECRET}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{SECRET}\r\n"
        f"DTSTART:20261123T{start}00Z\r\nDTEND:20261123T{end}00Z\r\nEND:VEVENT\r\n"
        for n, (start, end) in enumerate(spans)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()


class Calendars(ThreadingHTTPServer):
    """A server of feeds; `said` is what it answers next: a status, headers and a body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.said: tuple[int, dict[str, str], Iterator[bytes] | list[bytes]] = (200, {}, [feed()])
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []

    def url(self, name: str = "room.ics") -> str:
        """Where a feed is; the address holds a secret."""
        return f"http://127.0.0.1:{self.server_port}/private-{SECRET.replace(' ', '-')}/{name}"


class _Handler(BaseHTTPRequestHandler):
    server: Calendars

    def do_GET(self) -> None:
        """Answer as was said."""
        self.server.asked.append(dict(self.headers.items()))
        self.server.paths.append(self.path)
        status, headers, body = (200, {}, [feed()]) if self.path == MOVED else self.server.said
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        try:
            for part in body:
                self.wfile.write(part)
        except OSError:
            return  # whoever asked had enough

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def calendars() -> Iterator[Calendars]:
    """A running server of feeds."""
    with Calendars() as server, answering(server):
        yield server


@pytest.fixture
def watched(building: Building, calendars: Calendars) -> tuple[Watch, Bookings, Stage]:
    """The calendar of space 0.02, looked at when a test says so."""
    stage, bookings = Stage(building), Bookings()
    settings = CalendarSettings({"0.02": calendars.url()})
    return Watch(settings, bookings, stage.book, building, stage.time), bookings, stage


async def test_a_feed_is_read_politely(watched: tuple[Watch, Bookings, Stage], calendars: Calendars) -> None:
    """What a server said of its feed is said back; where nothing changed the times stand, with a new age."""
    watch, bookings, stage = watched
    calendars.said = (
        200,
        {"ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 09:00:00 GMT"},
        [feed(("1030", "1100"))],
    )
    marks = await watch.look("0.02", calendars.url(), Marks())
    stage.time.now_ms += HOUR_MS // 4
    calendars.said = 304, {}, []
    same = await watch.look("0.02", calendars.url(), marks)
    known = bookings.known()["0.02"]
    stage.time.now_ms += READ_AGAIN_MS
    calendars.said = 200, {}, [feed()]
    await watch.look("0.02", calendars.url(), same)

    first, second, third = calendars.asked
    assert first["User-Agent"].startswith("bezet/")
    assert "If-None-Match" not in first
    assert (second["If-None-Match"], second["If-Modified-Since"]) == ('"1"', "Mon, 23 Nov 2026 09:00:00 GMT")
    assert "If-None-Match" not in third
    assert (known.busy, known.as_of_ms) == (
        [Busy(NOW_MS + HOUR_MS // 2, NOW_MS + HOUR_MS)],
        NOW_MS + HOUR_MS // 4,
    )


def long_text() -> Iterator[bytes]:
    """Fifty megabytes of a calendar."""
    yield feed()[:-15]
    for _ in range(50):
        yield b"X-PAD:" + b"a" * 1_000_000 + b"\r\n"


TROUBLES = {
    "an error": (500, {}, [b"no"], "its server says 500"),
    "nothing there": (404, {}, [], "its server says 404"),
    "a page to sign in": (200, {}, [b"<html>Sign in</html>"], "it is not a calendar"),
    "50 MB": (200, {}, None, f"it is longer than {MOST_BYTES // 1_000_000} MB"),
    "elsewhere for ever": (302, {"Location": "/again"}, [], "it leads elsewhere more than 3 times"),
}


@pytest.mark.parametrize("case", TROUBLES)
async def test_a_feed_that_cannot_be_read(
    watched: tuple[Watch, Bookings, Stage], calendars: Calendars, case: str
) -> None:
    """It is told why in words that hold neither the address nor anything of the feed."""
    watch, _, _ = watched
    status, headers, body, why = TROUBLES[case]
    calendars.said = status, headers, long_text() if body is None else body
    with pytest.raises(NotFetched) as told:
        await watch.look("0.02", calendars.url(), Marks())

    assert str(told.value) == why


async def test_a_day_of_errors(
    watched: tuple[Watch, Bookings, Stage], calendars: Calendars, caplog: pytest.LogCaptureFixture
) -> None:
    """The last word stands for six hours; it is asked ever less often, and that is logged once."""
    watch, bookings, stage = watched
    calendars.said = 200, {}, [feed(("1030", "2300"))]
    turn = await watch._turn("0.02", calendars.url(), Marks(), 0)
    calendars.said = 500, {}, []
    waits_s, told = [], []
    with caplog.at_level(logging.INFO):
        for _ in range(24):
            stage.time.now_ms += HOUR_MS
            turn = await watch._turn("0.02", calendars.url(), turn.marks, turn.failures)
            waits_s.append(turn.wait_s)
            told.append(bookings.at("0.02", stage.time.now_ms) is not None)
        calendars.said = 200, {}, [feed()]
        turn = await watch._turn("0.02", calendars.url(), turn.marks, turn.failures)

    assert told == [True] * 5 + [False] * 19
    assert (waits_s[0], waits_s[-1], max(waits_s), turn.wait_s) == (300, MOST_WAIT_S, MOST_WAIT_S, 300)
    assert waits_s == sorted(waits_s)
    assert [record.message for record in caplog.records] == [
        "calendar of space 0.02: its server says 500",
        "calendar of space 0.02: can be read again",
    ]


async def test_a_server_that_asks_to_wait(
    watched: tuple[Watch, Bookings, Stage], calendars: Calendars
) -> None:
    """Retry-After is kept to, beyond our own back-off."""
    watch, _, _ = watched
    calendars.said = 429, {"Retry-After": "7200"}, []
    turn = await watch._turn("0.02", calendars.url(), Marks(), 0)

    assert turn.wait_s == 7_200


async def test_a_restart_knows_what_was_booked(
    watched: tuple[Watch, Bookings, Stage], building: Building, calendars: Calendars
) -> None:
    """The book holds times and nothing else, also what is over; a new start begins with it, not read yet."""
    watch, _, stage = watched
    calendars.said = 200, {}, [feed(("0800", "0900"), ("1030", "1100"))]
    await watch.look("0.02", calendars.url(), Marks())
    stage.time.now_ms += 2 * HOUR_MS
    calendars.said = 200, {}, [feed(("1300", "1400"))]
    await watch.look("0.02", calendars.url(), Marks())
    again = Bookings()
    Watch(CalendarSettings({"0.02": calendars.url()}), again, stage.book, building, stage.time)

    times = [Busy(NOW_MS + HOUR_MS // 2, NOW_MS + HOUR_MS), Busy(NOW_MS + 3 * HOUR_MS, NOW_MS + 4 * HOUR_MS)]
    assert (again.known()["0.02"].busy, again.known()["0.02"].why) == (
        *(times[1:], "it was not read yet since the start"),
    )
    assert read_busy(stage.book, "0.02", start_ms=0, end_ms=2**53) == times
    stage.book.close()
    assert b"Piet" not in stage.book.path.read_bytes()


# --- what the window says --------------------------------------------------------------------------------


async def test_a_space_says_when_it_is_booked_and_changes_at_that_instant(building: Building) -> None:
    """Booked, until when, free until when; a booking never makes a space occupied."""
    stage = Stage(building)
    async with stage.running():
        await stage.say(health(), live("0.02"), live("1.01"))
        bookings = stage.app.state.bookings
        busy = [Busy(NOW_MS + 1_000, NOW_MS + HOUR_MS)]
        for space in ("0.02", "1.01"):
            bookings.learn(space, Known(busy, NOW_MS))
        before = await stage.space("0.02")
        alone = await stage.space("1.01")
        stage.time.now_ms += 1_000
        during = await stage.space("0.02")
        stage.time.now_ms += STALE_MS
        await stage.say(health(t_ms=stage.time.now_ms), live("0.02", t_ms=stage.time.now_ms))
        later = await stage.space("0.02")

    assert (before["booked"], before["freeUntil"], before["bookedUntil"]) == (
        False,
        "2026-11-23T10:00:01.000Z",
        None,
    )
    assert (during["booked"], during["freeUntil"], during["bookedUntil"]) == (
        True,
        None,
        "2026-11-23T11:00:00.000Z",
    )
    assert {one["occupancy"] for one in (before, during, later)} == {Occupancy.FREE}
    assert (later["booked"], later["calendarAsOf"]) == (None, None)
    assert alone["booked"] is None


#: A question, and the spaces that answer it, in order.
QUESTIONS = {
    "": ["0.01", "0.02", "0.03", "0.04", "1.01", "1.02", "1.03", "1.04"],
    "?free=true": ["0.01", "0.02", "0.03"],
    "?free=false": ["0.04", "1.01", "1.02", "1.03", "1.04"],
    "?free=true&minCapacity=5": ["0.02", "0.03", "0.01"],
    "?free=true&until=2026-11-23T12:00:00%2B01:00": ["0.01", "0.03"],
    "?free=true&until=2026-11-23T11:15:00%2B01:00": ["0.01", "0.02", "0.03"],
    "?kind=hybrid&kind=social": ["0.01", "0.03", "1.03"],
    "?hasAv=true": ["0.03", "1.03"],
    "?hasAv=false&minCapacity=24": ["0.01"],
    "?minCapacity=1000": [],
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_one_question_answers_the_employee(building: Building, question: str) -> None:
    """For how many, with AV, free until when: only what surely is free, the smallest that fits first."""
    stage = Stage(building)
    async with stage.running():
        await stage.say(health(), live("0.01"), live("0.02"), live("0.03"), live("1.04", Occupancy.OCCUPIED))
        stage.app.state.bookings.learn("0.02", Known([Busy(NOW_MS + HOUR_MS // 2, NOW_MS + HOUR_MS)], NOW_MS))
        found = await stage.read(f"/v1/spaces{question}")

    assert [one["id"] for one in found["spaces"]] == QUESTIONS[question]


async def test_wrong_questions_are_told_all_at_once(stage: Stage) -> None:
    """Every field that is wrong is named in one answer."""
    async with stage.running():
        answer = await stage.client.get("/v1/spaces?kind=party&minCapacity=0&until=noon&hasAv=maybe&size=3")

    assert answer.status_code == 400
    assert {one["name"].partition(".")[0] for one in answer.json()["errors"]} == {
        *("kind", "minCapacity", "until", "hasAv", "size")
    }


# --- the settings ----------------------------------------------------------------------------------------


def settings_of(text: str, building: Building, folder: Path) -> CalendarSettings:
    """The calendars of a window.toml."""
    root = parse(text, "window.toml")
    found = read_calendars(root.section("calendars"), folder, building)
    root.done()
    return found


def test_feeds_are_addresses_or_files(building: Building, tmp_path: Path) -> None:
    """An address is taken as it is, webcal as https, and a file from the folder of window.toml."""
    text = "[calendars]\nrefresh_minutes = 15\n[calendars.feeds]\n"
    text += '"0.01" = "webcal://a.example/x"\n"0.02" = "b.ics"\n'
    found = settings_of(text, building, tmp_path)

    assert found == CalendarSettings({"0.01": "https://a.example/x", "0.02": tmp_path / "b.ics"}, 15)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"9.99" = "a.ics"', "is not a space"),
        ('"0.01" = "http://a.example/x"', "needs https://"),
        ('"0.01" = "ftp://a.example/x"', "needs https://"),
        ('"0.01" = 3', "needs an address"),
    ],
)
def test_wrong_feeds_are_named_without_their_address(
    building: Building, tmp_path: Path, line: str, said: str
) -> None:
    """A mistake is told with file, line and key, and an address, which may hold a secret, is not."""
    with pytest.raises(ConfigError) as refused:
        settings_of(f"[calendars.feeds]\n{line}\n", building, tmp_path)

    assert str(refused.value).startswith("window.toml:2: calendars, feeds, ")
    assert said in str(refused.value)
    assert "a.example" not in str(refused.value)


@pytest.mark.parametrize("feeds", ["", "[calendars.feeds]\n"])
def test_calendars_without_feeds_are_none(building: Building, tmp_path: Path, feeds: str) -> None:
    """Feeds are optional too: none are no calendars."""
    found = settings_of(f"[calendars]\nrefresh_minutes = 15\n{feeds}", building, tmp_path)

    assert found == CalendarSettings({}, 15)


def test_a_window_without_calendars_has_none(building: Building) -> None:
    """Nothing is asked of anybody who was not named."""
    assert Settings().calendars.feeds == {}
