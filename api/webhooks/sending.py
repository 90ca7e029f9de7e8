# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Collects what must be told, and sends it: each receiver in a task of its own, so that none waits."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

import bezet
from api.access.view import View, seen
from api.alarms.rules import RULES, Of
from api.book.parcels import drop_all, drop_parcel, next_parcel, postpone, put_parcel, waiting
from api.schemas import instant, shown_instant, space_out
from api.webhooks.events import GIVE_UP_MS, LEAST_SECRET_BYTES, envelope, headers, wait_ms
from api.webhooks.settings import EventKind
from bezet.errors import CannotStart, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from api.alarms.judging import Alarm
    from api.alarms.telling import Told
    from api.book import Book
    from api.book.parcels import Parcel
    from api.feed import Feed
    from api.live import SpaceNow
    from api.webhooks.settings import WebhookSettings

LOG = logging.getLogger("bezet.api.webhooks")
logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes addresses into the log

TIMEOUT_S = 5.0
AGENT = {"User-Agent": f"bezet/{bezet.__version__} (webhook)"}
#: A receiver that says this wants nothing any more, until the window starts again.
GONE = 410
#: While nothing is due a look is taken this often, though news wakes it.
IDLE_S = 30.0
_PLACES = {Of.SPACE: "spaces", Of.DEVICE: "devices", Of.SENSOR: "devices", Of.SITE: "sites"}


@dataclass(slots=True)
class Standing:
    """How it goes with a receiver since the window started."""

    settings: WebhookSettings
    sent: int = 0
    given_up: int = 0
    success_ms: int | None = None
    failure_ms: int | None = None
    failure: str = ""
    has_stopped: bool = False


class Webhooks:
    """All receivers of one window."""

    def __init__(
        self, settings: Sequence[WebhookSettings], book: Book, site: str, clock: Callable[[], int]
    ) -> None:
        self.standings = {one.name: Standing(one) for one in settings}
        self._book, self._site, self._clock = book, site, clock
        self._secrets = {one.name: read_secrets(one) for one in settings}
        self._stirred = {one.name: asyncio.Event() for one in settings}
        self._shown: dict[str, tuple[Any, ...]] = {}

    # --- what is told ---

    async def follow(self, feed: Feed) -> None:
        """Collect changes of spaces, for ever; what was before the start is no change."""
        async with aclosing(feed.listen()) as turns:
            async for turn in turns:
                for space in turn.spaces:
                    await self._space(space, is_first=turn.is_whole)

    async def _space(self, space: SpaceNow, *, is_first: bool) -> None:
        told = (space.shown, space.booked.is_booked if space.booked else None)
        if self._shown.get(space.space.id) == told:
            return
        self._shown[space.space.id] = told
        if not is_first:
            now_ms = self._clock()
            shape = seen(space_out(space, now_ms), View.PUBLIC).model_dump(mode="json", by_alias=True)
            await asyncio.to_thread(self._keep, EventKind.SPACE_CHANGED, f"spaces/{space.space.id}", shape)
            self._stir()

    def hear(self, alarm: Alarm, now: Told) -> None:
        """Collect that an alarm opened or ended."""
        rule = RULES[alarm.key.kind]
        told = {
            "id": alarm.id,
            "kind": alarm.key.kind,
            "severity": rule.severity,
            "of": rule.of,
            "subject": alarm.key.subject,
            "number": alarm.number,
            "since": shown_instant(instant(alarm.since_ms)),
            "ended": None if alarm.ended_ms is None else shown_instant(instant(alarm.ended_ms)),
        }
        self.tell(EventKind(f"alarm.{now}"), f"{_PLACES[rule.of]}/{alarm.key.subject}", told)

    def tell(self, kind: EventKind, subject: str, told: dict[str, Any]) -> None:
        """Put an event in the book for everybody who asked for its kind, from the event loop."""
        self._keep(kind, subject, told)
        self._stir()

    def _stir(self) -> None:
        """Let every sender look; only in the event loop, which would not wake up for another thread."""
        for stirred in self._stirred.values():
            stirred.set()

    def _keep(self, kind: EventKind, subject: str, told: dict[str, Any]) -> None:
        now_ms = self._clock()
        for standing in self.standings.values():
            name = standing.settings.name
            if kind not in standing.settings.events or standing.has_stopped:
                continue
            event = f"evt_{uuid.uuid4().hex}"
            body = envelope(event, kind, self._site, subject, now_ms, told)
            try:
                standing.given_up += put_parcel(self._book, name, event, body, now_ms)
            except StoreError as error:
                LOG.warning("webhook %s: an event cannot be kept: %s", name, error)

    # --- how it is sent ---

    async def send(self) -> None:
        """Send to every receiver, for ever."""
        async with new_client() as client, asyncio.TaskGroup() as group:
            for name in self.standings:
                group.create_task(self._serve(name, client), name=f"api.webhooks.{name}")

    async def _serve(self, name: str, client: httpx.AsyncClient) -> None:
        standing = self.standings[name]
        while not standing.has_stopped:
            self._stirred[name].clear()
            wait_s = await self.turn(name, client)
            try:
                async with asyncio.timeout(wait_s):
                    await self._stirred[name].wait()
            except TimeoutError:
                continue

    async def turn(self, name: str, client: httpx.AsyncClient) -> float:
        """Send what is due, and say for how many seconds nothing is."""
        while True:
            try:
                parcel = await asyncio.to_thread(next_parcel, self._book, name)
                if parcel is None:
                    return IDLE_S
                if parcel.due_ms > self._clock():
                    return min((parcel.due_ms - self._clock()) / 1000, IDLE_S)
                signed = headers(parcel.event, parcel.body, self._clock(), self._secrets[name])
                answer = await post(client, self.standings[name].settings.url, parcel.body, signed)
                await asyncio.to_thread(self._settle, name, parcel, answer.why)
            except StoreError as error:
                LOG.warning("webhooks wait for the book: %s", error)
                return IDLE_S

    def _settle(self, name: str, parcel: Parcel, why: str) -> None:
        standing, now_ms = self.standings[name], self._clock()
        if not why:
            standing.sent, standing.success_ms = standing.sent + 1, now_ms
            drop_parcel(self._book, parcel)
            return
        is_first = standing.failure_ms is None or (standing.success_ms or 0) > standing.failure_ms
        standing.failure_ms, standing.failure = now_ms, why
        if why == str(GONE):
            standing.has_stopped = True
            LOG.warning(
                "webhook %s: wants nothing any more (410); nothing is sent until the next start", name
            )
            standing.given_up += drop_all(self._book, name)
            return
        if is_first:
            LOG.warning("webhook %s: does not take events (%s); they are kept and sent again", name, why)
        if now_ms - parcel.made_ms >= GIVE_UP_MS:
            standing.given_up += 1
            drop_parcel(self._book, parcel)
            return
        share = random.random()  # noqa: S311  so that not all come back at once
        postpone(self._book, parcel, now_ms + wait_ms(parcel.tries, share))

    def waiting(self, name: str) -> int:
        """How many events are on their way to a receiver."""
        return waiting(self._book, name)


class Answer(NamedTuple):
    """Why a receiver did not take an event ("" where it did), and what it answered, if it did."""

    why: str
    status: int | None = None
    text: str = ""


def new_client() -> httpx.AsyncClient:
    """What events are sent with."""
    return httpx.AsyncClient(timeout=TIMEOUT_S, headers=AGENT, follow_redirects=False)


async def post(client: httpx.AsyncClient, url: str, body: str, signed: Mapping[str, str]) -> Answer:
    """Send an event once; a redirect is not followed, and is no delivery."""
    try:
        answer = await client.post(url, content=body, headers=signed)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Answer(type(error).__name__)
    why = "" if answer.is_success else str(answer.status_code)
    return Answer(why, answer.status_code, answer.text)


def read_secrets(settings: WebhookSettings) -> list[bytes]:
    """The secrets of a receiver; `CannotStart` names the file where one cannot be read, or is too short."""
    found = []
    for file in settings.secret_files:
        try:
            secret = file.read_bytes().strip()
        except OSError as error:
            raise CannotStart(f"webhook {settings.name}: {file}: {error.strerror}") from None
        if len(secret) < LEAST_SECRET_BYTES:
            what = f"holds {len(secret)} bytes, needs {LEAST_SECRET_BYTES} or more"
            raise CannotStart(f"webhook {settings.name}: {file}: {what}")
        found.append(secret)
    return found
