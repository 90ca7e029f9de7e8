# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Webhooks over real HTTP: signed, told once it is known, again until it arrives."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.alarms.judging import Alarm, Key
from api.alarms.rules import AlarmKind
from api.alarms.telling import Told
from api.book.parcels import MOST_WAITING, next_parcel, waiting
from api.settings import Settings, read_settings
from api.webhooks.events import FIRST_MS, GIVE_UP_MS, MOST_MS, headers, wait_ms
from api.webhooks.sending import Webhooks
from api.webhooks.settings import EventKind, WebhookSettings
from bezet.errors import CannotStart, ConfigError
from bezet.model import Occupancy
from bezet.retention import DAY_MS
from tests.api.conftest import NOW_MS, Stage, answering, health, live

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bezet.model import Building

SECRET = b"a-secret-of-enough-bytes"


class Post(NamedTuple):
    """What a receiver got."""

    headers: dict[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """A system that is told; it answers with `status`, and `says` something."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.says = 204, b""
        self.got: list[Post] = []

    @property
    def url(self) -> str:
        """Where it hears."""
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Take it, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(Post({name.lower(): text for name, text in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.says)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A running receiver."""
    with Receiver() as server, answering(server):
        yield server


def settings_for(url: str, folder: Path, *events: EventKind) -> WebhookSettings:
    """A receiver that wants some events, or all."""
    file = folder / "secret"
    file.write_bytes(SECRET + b"\n")
    return WebhookSettings("ventilation", url, (file,), events or tuple(EventKind))


class Bench(NamedTuple):
    """Webhooks whose turns a test gives, and what they stand on."""

    stage: Stage
    hooks: Webhooks
    client: httpx.AsyncClient

    async def turn(self) -> float:
        """Send what is due."""
        return await self.hooks.turn("ventilation", self.client)


@asynccontextmanager
async def bench(building: Building, settings: WebhookSettings) -> AsyncIterator[Bench]:
    """Webhooks to one receiver."""
    stage = Stage(building)
    async with httpx.AsyncClient() as client:
        yield Bench(stage, Webhooks([settings], stage.book, building.site, stage.time), client)
    stage.book.close()


def hmac_by_hand(secret: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 as RFC 2104 writes it, without the library that makes ours."""
    padded = secret.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + text).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()


async def test_an_event_is_enveloped_and_signed(
    building: Building, receiver: Receiver, tmp_path: Path
) -> None:
    """A receiver gets a CloudEvent and can tell that it is ours, whole and of now."""
    async with bench(building, settings_for(receiver.url, tmp_path)) as found:
        found.hooks.tell(EventKind.SPACE_CHANGED, "spaces/0.01", {"occupancy": "free"})
        await found.turn()
    (post,) = receiver.got
    event = json.loads(post.body)
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    signature = post.headers["webhook-signature"].removeprefix("v1,")

    assert base64.b64decode(signature) == hmac_by_hand(SECRET, signed)
    assert (event["specversion"], event["type"], event["source"], event["subject"]) == (
        *("1.0", "nl.bezet.space.changed.v1"),
        *("/sites/hall", "spaces/0.01"),
    )
    assert (event["id"], event["time"]) == (post.headers["webhook-id"], "2026-11-23T10:00:00.000Z")
    assert int(post.headers["webhook-timestamp"]) == NOW_MS // 1000
    assert post.headers["content-type"] == "application/cloudevents+json"


def test_two_secrets_sign_twice() -> None:
    """While a secret is changed both sign, so that the receiver may change it at any time."""
    told = headers("evt_1", "{}", NOW_MS, [b"new" * 10, b"old" * 10])["webhook-signature"].split(" ")
    alone = [headers("evt_1", "{}", NOW_MS, [one])["webhook-signature"] for one in (b"new" * 10, b"old" * 10)]

    assert told == alone


async def test_what_is_not_taken_is_sent_again(
    building: Building, receiver: Receiver, tmp_path: Path
) -> None:
    """A receiver that fails gets the same event again, ever less often, until it takes it."""
    receiver.status = 503
    async with bench(building, settings_for(receiver.url, tmp_path)) as found:
        found.hooks.tell(EventKind.ALARM_OPENED, "spaces/0.01", {})
        waits_s = []
        for _ in range(5):
            await found.turn()
            parcel = next_parcel(found.stage.book, "ventilation")
            assert parcel is not None
            waits_s.append((parcel.due_ms - found.stage.time.now_ms) / 1000)
            found.stage.time.now_ms = parcel.due_ms
        receiver.status = 200
        await found.turn()
        idle_s = await found.turn()
        standing = found.hooks.standings["ventilation"]

    assert len({post.headers["webhook-id"] for post in receiver.got}) == 1
    assert len(receiver.got) == 6
    assert all(4 * 2**n <= wait_s <= 6 * 2**n for n, wait_s in enumerate(waits_s))
    assert (standing.sent, standing.given_up, standing.failure, idle_s) == (1, 0, "503", 30.0)


async def test_after_a_day_it_is_given_up_and_told(
    building: Building, receiver: Receiver, tmp_path: Path
) -> None:
    """An event that nobody took for a day is dropped and counted."""
    receiver.status = 500
    async with bench(building, settings_for(receiver.url, tmp_path)) as found:
        found.hooks.tell(EventKind.ALARM_OPENED, "spaces/0.01", {})
        found.stage.time.now_ms += GIVE_UP_MS
        await found.turn()

        assert found.hooks.standings["ventilation"].given_up == 1
        assert waiting(found.stage.book, "ventilation") == 0


async def test_a_receiver_that_is_gone_is_left_alone(
    building: Building, receiver: Receiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """410 stops it, which is said once: what waits for it is given up, and nothing is kept any more."""
    receiver.status = 410
    async with bench(building, settings_for(receiver.url, tmp_path)) as found:
        for space in ("0.01", "0.02", "0.03"):
            found.hooks.tell(EventKind.ALARM_OPENED, f"spaces/{space}", {})
        await found.turn()
        found.hooks.tell(EventKind.ALARM_OPENED, "spaces/0.01", {})
        standing = found.hooks.standings["ventilation"]

        assert (standing.has_stopped, standing.given_up, len(receiver.got)) == (True, 3, 1)
        assert waiting(found.stage.book, "ventilation") == 0
    assert [record.message for record in caplog.records] == [
        "webhook ventilation: wants nothing any more (410); nothing is sent until the next start"
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_it_goes_nowhere_else(
    building: Building, receiver: Receiver, tmp_path: Path, status: int
) -> None:
    """A redirect is no delivery, and is not followed."""
    receiver.status = status
    async with bench(building, settings_for(receiver.url, tmp_path)) as found:
        found.hooks.tell(EventKind.ALARM_OPENED, "spaces/0.01", {})
        await found.turn()

        assert (len(receiver.got), waiting(found.stage.book, "ventilation")) == (1, 1)


async def test_what_waits_is_bounded_and_outlives_a_restart(building: Building, tmp_path: Path) -> None:
    """Of a receiver that is away so many wait as may, the newest; the next start goes on with them."""
    settings = settings_for("http://127.0.0.1:9/", tmp_path)
    async with bench(building, settings) as found:
        for n in range(MOST_WAITING + 3):
            found.hooks.tell(EventKind.ALARM_OPENED, f"spaces/{n}", {})
        await found.turn()
        again = Webhooks([settings], found.stage.book, building.site, found.stage.time)

        assert found.hooks.standings["ventilation"].given_up == 3
        assert again.waiting("ventilation") == MOST_WAITING


@given(st.integers(0, 1_000), st.floats(0, 1))
def test_waits_grow_and_are_bounded(tries: int, share: float) -> None:
    """At the same share each wait is at least as long as the one before, up to about an hour."""
    assert 0.8 * FIRST_MS <= wait_ms(tries, share) <= 1.2 * MOST_MS
    assert wait_ms(tries, share) <= wait_ms(tries + 1, share)


async def until_told(stage: Stage, receiver: Receiver, events: int) -> Any:
    """Wait until so many events arrived, and what the window says of its receivers then."""
    while len(receiver.got) < events:
        await stage.read("/v1/webhooks")
    return await stage.read("/v1/webhooks")


async def test_changes_of_spaces_and_alarms_are_told(
    building: Building, receiver: Receiver, tmp_path: Path
) -> None:
    """What becomes something else is told as everybody may see it, what stays the same is not; alarms too."""
    settings = Settings(webhooks=(settings_for(receiver.url, tmp_path),))
    stage = Stage(building, settings=settings)
    async with stage.running():
        await stage.say(health(), live("0.02"))
        told = await until_told(stage, receiver, 1)
        for number, occupancy in enumerate((Occupancy.OCCUPIED, Occupancy.OCCUPIED, Occupancy.FREE)):
            stage.time.now_ms += 1_000
            await stage.say(live("0.02", occupancy, t_ms=stage.time.now_ms))
            await until_told(stage, receiver, 2 + number // 2)
        await stage.say(health("pi-2", online=False))
        await stage.app.state.alarms.look()
        await until_told(stage, receiver, 5)
    events = [json.loads(post.body) for post in receiver.got]
    spaces = [one["data"]["occupancy"] for one in events if one["type"] == "nl.bezet.space.changed.v1"]

    assert spaces == ["free", "occupied", "free"]
    assert {one["type"] for one in events} == {"nl.bezet.space.changed.v1", "nl.bezet.alarm.opened.v1"}
    assert all(one["data"].get("probability") is None for one in events)
    assert receiver.url not in json.dumps(told)


@pytest.mark.parametrize(
    ("key", "subject"),
    [
        (Key(AlarmKind.CO2_HIGH, "0.02"), "spaces/0.02"),
        (Key(AlarmKind.SENSOR_DOUBTED, "pi-1/pir"), "devices/pi-1/pir"),
        (Key(AlarmKind.BROKER_AWAY, "hall"), "sites/hall"),
    ],
)
async def test_an_alarm_says_of_what_it_is(
    building: Building, tmp_path: Path, key: Key, subject: str
) -> None:
    """The subject of an alarm is where the API has it; the event says from when to when it was."""
    alarm = Alarm("a", key, NOW_MS, NOW_MS, ended_ms=NOW_MS + 60_000)
    async with bench(building, settings_for("http://127.0.0.1:9/", tmp_path)) as found:
        found.hooks.hear(alarm, Told.ENDED)
        parcel = next_parcel(found.stage.book, "ventilation")
    assert parcel is not None
    event = json.loads(parcel.body)

    assert (event["type"], event["subject"]) == ("nl.bezet.alarm.ended.v1", subject)
    assert (event["data"]["since"], event["data"]["ended"]) == (
        *("2026-11-23T10:00:00.000Z", "2026-11-23T10:01:00.000Z"),
    )


# --- the settings ----------------------------------------------------------------------------------------

WINDOW = """
[[webhook]]
name = "ventilation"
url = "https://bms.example/hook"
secret_files = ["new", "old"]
events = ["space.changed", "alarm.opened"]
"""


def test_a_receiver_in_window_toml(building: Building, tmp_path: Path) -> None:
    """Name, address, secrets from the folder of the file, and events."""
    (found,) = read_settings(WINDOW, str(tmp_path / "window.toml"), building).webhooks

    assert found == WebhookSettings(
        *("ventilation", "https://bms.example/hook", (tmp_path / "new", tmp_path / "old")),
        (EventKind.SPACE_CHANGED, EventKind.ALARM_OPENED),
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("https://bms", "http://bms"), "needs an address that begins with https://"),
        (('"alarm.opened"', '"everything"'), "needs one of space.changed"),
        (('["new", "old"]', "[]"), "needs a list of 1 or more"),
        (('"ventilation"', '"Air!"'), "needs an id"),
    ],
)
def test_what_is_wrong_is_named(building: Building, wrong: tuple[str, str], said: str) -> None:
    """A mistake is told with file, line and key."""
    with pytest.raises(ConfigError, match=r"window\.toml:\d+: webhook #1, .*" + said):
        read_settings(WINDOW.replace(*wrong), "window.toml", building)


@pytest.mark.parametrize("secret", [None, b"", b"short", b"  " + b"x" * 23 + b"\n"])
async def test_a_secret_that_is_none(building: Building, tmp_path: Path, secret: bytes | None) -> None:
    """A secret that is missing or could be guessed keeps the window from starting, and the file is named."""
    settings = settings_for("https://a.example", tmp_path)
    if secret is None:
        settings.secret_files[0].unlink()
    else:
        settings.secret_files[0].write_bytes(secret)
    with pytest.raises(CannotStart, match=r"webhook ventilation: .*secret: "):
        Stage(building, settings=Settings(webhooks=(settings,)))


def test_a_day_is_the_end(building: Building) -> None:
    """What is given up is given up after a day."""
    assert GIVE_UP_MS == DAY_MS
