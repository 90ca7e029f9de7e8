# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A small building with a window on it, in memory: no network, and a clock that a test sets."""

from __future__ import annotations

import asyncio
import atexit
import itertools
import json
import shutil
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import httpx
import pytest

from api.app import build_app
from api.book import Book
from api.feed import subscriptions
from api.settings import Settings
from bezet import wire
from bezet.building import read_building
from bezet.link.memory import MemoryBroker
from bezet.model import Because, Occupancy, State
from bezet.wire import Clock, Health, Live
from store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, MutableMapping
    from http.server import HTTPServer
    from types import TracebackType

    from fastapi import FastAPI

    from bezet.link import Link
    from bezet.link.memory import MemoryLink
    from bezet.model import Building
    from store import Store

#: 2026-11-23T10:00:00Z, which is 11:00 in the building.
NOW_MS = 1_795_428_000_000
SITE = "hall"
BOOT = "0" * 16
MARKUP = "<b>Zaal</b> & \"co\" <img src=x onerror='1'>"

#: Where the books of all stages are, while the tests run.
_BOOKS = Path(mkdtemp(prefix="bezet-books-"))
_NUMBERS = itertools.count()
atexit.register(shutil.rmtree, _BOOKS, ignore_errors=True)

_SPACE = """
[[space]]
id = "{id}"
name = {name}
floor = "{floor}"
area_m2 = 20.0
measured = {measured}
"""
_LAYOUT = """
[[space.layout]]
start = {start}
kind = "{kind}"
capacity = {capacity}
name = "{layout}"
"""


def building_text() -> str:
    """A building with a space of every sort that is treated in its own way."""
    head = (
        '[site]\nid = "hall"\nname = "Stadhuis"\ntimezone = "Europe/Amsterdam"\nholidays = []\n'
        '[site.hours]\nmon = "08:00-18:00"\n'
        '[[floor]]\nid = "0"\nname = "Begane grond"\n[[floor]]\nid = "1"\nname = "Eerste verdieping"\n'
    )
    rows = [
        ("0.01", "Plein", "0", True, [("2026-01-05", "social", 36, "Banken")]),
        ("0.02", "Markt", "0", True, [("2026-01-05", "meeting", 6, "Tafel")]),
        ("0.03", "Raadzaal", "0", True, [("2026-01-05", "hybrid", 24, "Hoefijzer")]),
        ("0.04", "Kolfkamer", "0", False, [("2026-01-05", "focus", 8, "Rustig")]),
        ("1.01", "Belcel", "1", True, [("2026-01-05", "phone", 1, "Cel")]),
        ("1.02", "Stilteplek", "1", True, [("2026-01-05", "focus", 4, "Vier")]),
        (
            "1.03",
            "Proefkamer",
            "1",
            True,
            [("2026-01-05", "focus", 4, "Oud"), ("2026-11-20", "hybrid", 8, "Nieuw")],
        ),
        ("1.04", MARKUP, "1", True, [("2026-01-05", "creative", 12, "Wanden")]),
    ]
    for id_, name, floor, measured, layouts in rows:
        head += _SPACE.format(id=id_, name=json.dumps(name), floor=floor, measured=str(measured).lower())
        for start, kind, capacity, layout in layouts:
            head += _LAYOUT.format(start=start, kind=kind, capacity=capacity, layout=layout)
    return head


def health(device: str = "pi-1", t_ms: int = NOW_MS, **rest: Any) -> Health:
    """How a device is: well, but for what is said otherwise."""
    plain: dict[str, Any] = {
        "boot": BOOT,
        "online": True,
        "uptime_s": 60,
        "queued": 0,
        "refused": 0,
        "clock": Clock.TRUSTED,
        "sensors": {},
        "troubles": (),
        "version": "0.1.0",
    }
    return Health(site=SITE, device=device, t_ms=t_ms, **plain | rest)


def live(
    space: str = "0.01",
    occupancy: Occupancy = Occupancy.FREE,
    *,
    device: str = "pi-1",
    t_ms: int = NOW_MS,
    site: str = SITE,
    because: Because = Because.MOTION,
) -> Live:
    """What a zone is."""
    likely = {Occupancy.OCCUPIED: 0.9, Occupancy.FREE: 0.1, Occupancy.UNKNOWN: 0.5}[occupancy]
    return Live(site, device, space, State(t_ms, occupancy, likely, t_ms, (because,), "rule-1"))


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        """The time."""
        return self.now_ms


class Stage:
    """The window on the small building, its broker, and an agent's link to it."""

    def __init__(
        self, building: Building, store: Store | None = None, settings: Settings | None = None
    ) -> None:
        self.time = Time()
        self.building = building
        self.store: Store = store or MemoryStore()
        self.settings = settings or Settings()
        self.book = Book(_BOOKS / f"{next(_NUMBERS)}.db")
        self.broker = MemoryBroker()
        self.link = self.broker.link("window", subscriptions=subscriptions(building))
        self.agent: MemoryLink = self.broker.link("agent")
        self.app: FastAPI = self._built(self.link)
        self.client = self.browser()

    def _built(self, link: Link, tick_s: float = 10.0) -> FastAPI:
        return build_app(
            *(self.store, link, self.building, self.time),
            book=self.book,
            settings=self.settings,
            tick_s=tick_s,
        )

    def browser(self, *, raises: bool = True) -> httpx.AsyncClient:
        """A client of the app that is not shown the crashes when it `raises` not."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=raises)
        return httpx.AsyncClient(transport=transport, base_url="http://window.test")

    @asynccontextmanager
    async def running(self, *, tick_s: float = 10.0) -> AsyncIterator[Self]:
        """The app between its start and its end."""
        self.app = self._built(self.link, tick_s)
        self.client = self.browser()
        async with self.client, self.agent, self.app.router.lifespan_context(self.app):
            await self.settle()
            yield self
        self.book.close()

    async def say(self, *messages: Live | Health) -> None:
        """Publish what an agent says, and wait until the window heard it."""
        for message in messages:
            topic, payload = wire.encode(message)
            await self.agent.publish(topic, payload, retain=True)
        await self.settle()

    async def settle(self) -> None:
        """Until the window took in all that was delivered and all that happened to its link."""
        while True:
            await self.client.get("/metrics")  # for everybody, and gives the window its turn
            heard = self.app.state.feed.board.link_is_up
            if heard == self.link.is_up and not self.link.unacknowledged:
                return

    async def read(self, path: str) -> Any:
        """The JSON at a path."""
        return (await self.client.get(path)).json()

    async def space(self, space_id: str) -> Any:
        """What the window says of one space."""
        return await self.read(f"/v1/spaces/{space_id}")


class Event(NamedTuple):
    """One server-sent event."""

    name: str
    id: str
    data: Any


class Stream:
    """One who follows /v1/live-events, inside this process; leaving the block is hanging up.

    It takes so many parts of the answer, its head included, and then lets the server wait.
    """

    def __init__(self, app: FastAPI, *, takes: int = 1_000_000, last_id: str = "", token: str = "") -> None:
        self._app = app
        headers = {"last-event-id": last_id, "authorization": f"Bearer {token}" if token else ""}
        self._asked = [(name.encode(), text.encode()) for name, text in headers.items() if text]
        self._takes = takes
        self._gone = asyncio.Event()
        self._parts: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._text = ""
        self.headers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/live-events",
            "raw_path": b"/v1/live-events",
            "query_string": b"",
            "root_path": "",
            "headers": self._asked,
            "client": ("127.0.0.1", 1),
            "server": ("window.test", 80),
        }
        self._call = asyncio.create_task(self._app(scope, self._receive, self._take))
        start = await self._parts.get()
        self.headers = {name.decode(): text.decode() for name, text in start["headers"]}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        await self._call

    async def _take(self, part: MutableMapping[str, Any]) -> None:
        self._takes -= 1
        if self._takes < 0:
            await self._gone.wait()
            await asyncio.Event().wait()
        await self._parts.put(part)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def next(self, name: str) -> Event:
        """The next event of that name."""
        while True:
            event = await self.any()
            if event.name == name:
                return event

    async def any(self) -> Event:
        """The next event."""
        while "\n\n" not in self._text:
            part = await self._parts.get()
            assert part["more_body"], "the stream ended"
            self._text += part["body"].decode()
        block, self._text = self._text.split("\n\n", 1)
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        return Event(fields["event"], fields["id"], json.loads(fields["data"]))

    async def ended(self) -> None:
        """Until the server ended the stream by itself."""
        await self._call


@pytest.fixture
def building() -> Building:
    """The small building."""
    return read_building(building_text(), "building.toml")


@pytest.fixture
async def stage(building: Building) -> Stage:
    """The window on it, not yet running."""
    return Stage(building)


@contextmanager
def answering(server: HTTPServer) -> Iterator[None]:
    """A server of somebody else, which answers in a thread of its own."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield
    server.shutdown()
    thread.join()
