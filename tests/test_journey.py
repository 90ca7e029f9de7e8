# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One reading's whole life: a recorded room through agent, broker, collector, store and API, onto a page."""

from __future__ import annotations

import csv
import json
import subprocess
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from bezet.model import Kind, Occupancy, Reading
from bezet.occupancy.course import Course
from store.sqlite import SqliteStore
from tests.conftest import ROOT, SHARED_DATA, Mosquitto, bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser

RECORDING = SHARED_DATA / "uci-occupancy" / "datatraining.txt"
#: Its columns, and what they are; the recording is in local time of Mons (Belgium).
COLUMNS = {
    "Temperature": Kind.TEMPERATURE_C,
    "Humidity": Kind.HUMIDITY_PCT,
    "Light": Kind.ILLUMINANCE_LUX,
    "CO2": Kind.CO2_PPM,
}
ZONE = "Europe/Brussels"
SPACE = "1.04"
FOREVER_MS = 2**53

needs_recording = pytest.mark.skipif(
    not RECORDING.exists(), reason="the recording uci-occupancy is not beside the project"
)
pytestmark = [pytest.mark.broker, pytest.mark.slow]


class Installation:
    """Collector and API of one building as processes, as a user would start them."""

    def __init__(self, folder: Path, broker: Mosquitto, stack: ExitStack) -> None:
        self.folder = folder
        self.broker = broker
        self.database = folder / "bezet.db"
        self._stack = stack
        self._common = (
            *("--building", ROOT / "building.toml", "--store", f"sqlite:{self.database}"),
            *("--broker", broker.url),
        )
        self._start(bezet("collect", *self._common))
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        server = self._start(
            bezet("serve", *self._common, "--book", self.folder / "window.db", "--port", str(port))
        )
        assert server.stdout is not None
        assert self.address in server.stdout.readline()

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        log = self._stack.enter_context((self.folder / "log").open("ab"))
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self._stack.callback(_end, process)
        return process

    def replay(self, recording: Path, *options: str, space: str = SPACE) -> subprocess.Popen[str]:
        """Begin to play a recording into the space."""
        columns = [word for name, kind in COLUMNS.items() for word in ("--column", f"{name}={kind}")]
        place = ("--site", "townhall", "--space", space, "--timezone", ZONE, "--broker", self.broker.url)
        return self._start(bezet("replay", recording, *place, *columns, *options))

    def ask(self, path: str, **query: str) -> Any:
        """What the API answers, as JSON."""
        with urllib.request.urlopen(f"{self.address}{path}?{urlencode(query)}", timeout=20) as answer:
            return json.load(answer)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(10)
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture
def installation(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Installation]:
    """A building with a collector and an API that run."""
    with ExitStack() as stack:
        yield Installation(tmp_path, mosquitto, stack)


def recorded() -> list[tuple[int, dict[Kind, float]]]:
    """The recording, read here in another way than the product reads it."""
    with RECORDING.open(newline="") as file:
        rows = list(csv.reader(file))
    places = {kind: rows[0].index(name) + 1 for name, kind in COLUMNS.items()}
    zone = ZoneInfo(ZONE)
    return [
        (
            int(datetime.strptime(row[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone).timestamp()) * 1000,
            {kind: float(row[place]) for kind, place in places.items()},
        )
        for row in rows[1:]
    ]


@needs_recording
def test_every_reading_is_stored_once_with_its_own_time(installation: Installation) -> None:
    """The whole training file arrives, each number once, at its instant; a second replay changes nothing."""
    for outbox in ("first", "second"):  # an outbox of its own, else the second would have nothing left to do
        folder = str(installation.folder / outbox)
        assert installation.replay(RECORDING, "--outbox", folder).wait(120) == 0
    store = SqliteStore(installation.database)
    stored = list(store.readings("townhall", SPACE, start_ms=0, end_ms=FOREVER_MS).rows())
    store.close()

    expected = [
        (t_ms, f"csv.{name.lower()}", value)
        for t_ms, cells in recorded()
        for name, value in ((name, cells[kind]) for name, kind in COLUMNS.items())
    ]
    assert sorted((row.reading.t_ms, row.reading.sensor, row.reading.value) for row in stored) == sorted(
        expected
    )


@needs_recording
def test_history_is_in_step_with_the_readings(installation: Installation) -> None:
    """The state that the API gives for a minute is what the rule draws from the readings up to it."""
    assert installation.replay(RECORDING, "--outbox", str(installation.folder / "outbox")).wait(120) == 0
    rows = recorded()
    answer = installation.ask(
        f"/v1/spaces/{SPACE}/states", **{"from": _written(rows[0][0]), "to": _written(rows[-1][0])}
    )
    intervals = [
        (_instant(one["start"]), _instant(one["end"]), one["occupancy"]) for one in answer["intervals"]
    ]

    wrong = []
    for t_ms, occupancy in _expected_states(rows)[:-1]:
        found = [word for start_ms, end_ms, word in intervals if start_ms <= t_ms < end_ms]
        if found != [occupancy]:
            wrong.append((t_ms, occupancy, found))
    assert wrong == []
    assert {word for *_, word in intervals} >= {"occupied", "free"}


@needs_recording
def test_a_space_that_is_not_in_the_building(installation: Installation) -> None:
    """A recording that the collector refuses is told at once, in one line, and nothing of it is stored."""
    outbox = str(installation.folder / "outbox")

    assert installation.replay(RECORDING, "--outbox", outbox, space="9.99").wait(60) == 1
    assert (
        "bezet: the collector refuses the recording: unknown_space"
        in (installation.folder / "log").read_text()
    )
    assert installation.ask("/v1/health")["store"]["rejectsByCause"].keys() == {"unknown_space"}


def _expected_states(rows: list[tuple[int, dict[Kind, float]]]) -> list[tuple[int, Occupancy]]:
    course, expected = Course(), []
    for t_ms, cells in rows:
        course.take([Reading(t_ms, str(kind), kind, value) for kind, value in cells.items()])
        assert course.belief.said is not None
        expected.append((t_ms, course.belief.said.occupancy))
    return expected


def _written(t_ms: int) -> str:
    return datetime.fromtimestamp(t_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def _instant(written: str) -> int:
    return round(datetime.fromisoformat(written).timestamp() * 1000)


@needs_recording
@pytest.mark.browser
async def test_a_recorded_room_on_a_lobby_screen(installation: Installation, browser: Browser) -> None:
    """A recording played as if it happened now turns its space from unknown to occupied on a real page."""
    page = await browser.new_page()
    await page.goto(f"{installation.address}/lobby")
    card = page.locator(f'[data-space="{SPACE}"]')
    await expect(card).to_contain_text("Onbekend")
    recording = RECORDING.with_name("datatest.txt")  # begins while the room is in use
    installation.replay(recording, "--as-now", "--outbox", str(installation.folder / "outbox"))
    await expect(card).to_contain_text("Bezet", timeout=20_000)
