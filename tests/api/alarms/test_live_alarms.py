# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Alarms as live events, over real HTTP: at once for whoever runs the building, never for anybody else."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from api.access.caller import Role
from api.access.matrix import allowed
from api.access.settings import Access
from api.access.tokens import Parts, Token, digest_of, written
from api.alarms.judging import Alarm, Key
from api.alarms.rules import AlarmKind, Why
from api.alarms.shapes import facts_of
from api.book.tokens import add_token
from api.feed import MOST_ALARMS
from api.server import Server, listening
from api.settings import Settings
from bezet.model import Occupancy
from bezet.retention import DAY_MS, HOUR_MS
from tests.api.conftest import NOW_MS, Stage, Stream, health, live

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bezet.model import Building

SECRET = "s" * 43
MINUTE_MS = 60_000


class Listener(NamedTuple):
    """One who follows the live events, and the names of all that they heard."""

    lines: AsyncIterator[str]
    heard: list[str]

    async def next(self, name: str) -> Any:
        """The next event of that name."""
        async for line in self.lines:
            field, _, text = line.partition(": ")
            if field == "event":
                self.heard.append(text)
            elif field == "data" and self.heard[-1] == name:
                return json.loads(text)
        raise AssertionError("the stream ended")


class Caller(NamedTuple):
    """Somebody with a token of a role."""

    client: httpx.AsyncClient

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """Follow, from when all spaces were told."""
        async with self.client.stream("GET", "/v1/live-events") as answer:
            found = Listener(answer.aiter_lines(), [])
            await found.next("notice")
            yield found

    async def patch(self, alarm: str, **change: Any) -> None:
        """Say something of an alarm."""
        answer = await self.client.patch(f"/v1/alarms/{alarm}", json={"reason": "repair", **change})
        assert answer.status_code == 200


@asynccontextmanager
async def served(building: Building) -> AsyncIterator[tuple[Stage, str]]:
    """The window with access configured, on a real socket, and its address."""
    stage = Stage(building, settings=Settings(access=Access(requests_per_minute=1_000)))
    with listening("127.0.0.1", 0) as listener:
        server = Server(stage.app, listener)
        serving = asyncio.create_task(server._serve([listener]))
        async with stage.client, stage.agent:
            await stage.settle()
            yield stage, "http://{}:{}".format(*listener.getsockname())
        server.should_exit = True
        await serving
    stage.book.close()


async def callers(stage: Stage, address: str, stack: AsyncExitStack) -> dict[Role, Caller]:
    """Somebody of every role."""
    found = {}
    for number, role in enumerate(Role):
        parts = Parts(f"{number:012x}", SECRET)
        digest = digest_of(SECRET)
        add_token(stage.book, Token(parts.id, role, role, False, digest, NOW_MS, NOW_MS + DAY_MS))
        headers = {"Authorization": f"Bearer {written(parts)}"}
        client = httpx.AsyncClient(base_url=address, headers=headers, timeout=30)
        found[role] = Caller(await stack.enter_async_context(client))
    return found


async def test_who_runs_the_building_hears_of_alarms_at_once(building: Building) -> None:
    """It opens, somebody knows, it is muted, not any more, and over; each is told with how it is then."""
    states = []
    async with served(building) as (stage, address), AsyncExitStack() as stack:
        facilities = (await callers(stage, address, stack))[Role.FACILITIES]
        listener = await stack.enter_async_context(facilities.listening())
        await stage.say(health(online=False))
        await stage.app.state.alarms.look()
        opened = await listener.next("alarm")
        for change in (
            {"acknowledged": True},
            {"mutedUntil": "2026-11-23T12:00:00Z"},
            {"mutedUntil": None},
        ):
            await facilities.patch(opened["id"], **change)
            states.append((await listener.next("alarm"))["state"])
        stage.time.now_ms += MINUTE_MS
        await stage.say(health(t_ms=stage.time.now_ms))
        await stage.app.state.alarms.look()
        ended = await listener.next("alarm")

    assert (opened["kind"], opened["state"], opened["subject"]) == ("deviceSilent", "open", "pi-1")
    assert "text" not in opened
    assert states == ["acknowledged", "muted", "acknowledged"]
    assert (ended["id"], ended["state"], ended["ended"]) == (
        *(opened["id"], "ended", "2026-11-23T10:01:00.000Z"),
    )


async def test_nobody_else_hears_of_alarms(building: Building) -> None:
    """A role that may not ask for alarms hears changes of spaces and not one word of an alarm."""
    async with served(building) as (stage, address), AsyncExitStack() as stack:
        everybody = await callers(stage, address, stack)
        listeners = {
            role: await stack.enter_async_context(one.listening()) for role, one in everybody.items()
        }
        unnamed = Caller(await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=30)))
        nobody = await stack.enter_async_context(unnamed.listening())
        await stage.say(health("pi-9", online=False))
        await stage.app.state.alarms.look()
        await stage.say(health(), live("0.02", Occupancy.OCCUPIED))
        for one in (nobody, *listeners.values()):
            while (await one.next("space"))["id"] != "0.02":
                pass

    assert {role for role, one in listeners.items() if "alarm" in one.heard} == allowed("listAlarms")
    assert "alarm" not in nobody.heard
    assert not allowed("listAlarms") & {Role.PUBLIC, Role.EMPLOYEE}


async def test_a_mute_that_is_over_is_told(stage: Stage) -> None:
    """When the time of a mute has come and the alarm is still there, it is told that it is open."""
    async with stage.running():
        watch = stage.app.state.alarms
        await stage.say(health(online=False), live())
        await watch.look()
        alarm = next(one for one, _ in watch.alarms() if one.key.kind is AlarmKind.DEVICE_SILENT)
        watch.mute(alarm, NOW_MS + HOUR_MS, Why.WORKS)
        await watch.look()
        async with Stream(stage.app) as stream:
            await stream.next("notice")
            stage.time.now_ms += HOUR_MS
            await stage.say(health(t_ms=stage.time.now_ms, online=False))
            await watch.look()
            told = await stream.next("alarm")

    assert (told.data["id"], told.data["state"]) == (alarm.id, "open")


async def test_who_returns_asks_for_alarms_again(stage: Stage) -> None:
    """What became of alarms while nobody listened is not told again, whatever the last event was."""
    async with stage.running():
        async with Stream(stage.app) as stream:
            first = await stream.next("notice")
        await stage.say(health(online=False), live())
        await stage.app.state.alarms.look()
        await stage.settle()
        async with Stream(stage.app, last_id=first.id) as stream:
            while (last := await stream.any()).name != "notice":
                assert last.name != "alarm"


@pytest.mark.parametrize("others", [0, MOST_ALARMS + 1])
async def test_who_is_slow_hears_the_outcome(stage: Stage, others: int) -> None:
    """Of an alarm that changed twice meanwhile the last word is told, once, however many there are."""
    feed = stage.app.state.feed
    before, after = (
        facts_of(Alarm("a", Key(AlarmKind.DEVICE_SILENT, "pi-1"), NOW_MS, NOW_MS, ended_ms=ended_ms), None)
        for ended_ms in (None, NOW_MS + 1)
    )
    turns = feed.listen()
    await anext(turns)
    for one in (before, *(before.model_copy(update={"id": str(n)}) for n in range(others)), after):
        feed.post_alarm(one)
    turn = await anext(turns)
    await turns.aclose()
    stage.book.close()

    assert [one.state for one in turn.alarms if one.id == "a"] == ["ended"]
    assert len(turn.alarms) == min(others + 1, MOST_ALARMS)
