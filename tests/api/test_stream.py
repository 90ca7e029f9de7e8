# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From the link to whoever watches: changes arrive, rubbish stops nothing, leaving leaves nothing."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from api.live import STALE_MS
from api.routes.live_events import MOST_LISTENERS
from api.server import Server, listening
from bezet import wire
from bezet.errors import Cause
from bezet.model import Occupancy
from bezet.wire import Clock, SensorState, Trouble
from store import Reject
from tests.api.conftest import NOW_MS, SITE, Stream, health, live

if TYPE_CHECKING:
    from tests.api.conftest import Stage

FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED


async def test_first_all_spaces_then_each_change(stage: Stage) -> None:
    """A listener is told everything once, then the spaces that change, with a number that grows."""
    async with stage.running():
        await stage.say(health(), live())
        async with Stream(stage.app) as stream:
            first, tick = await stream.any(), await stream.any()
            everything = await stage.read("/v1/spaces")
            await stage.say(live("0.02", OCCUPIED))
            change = await stream.next("space")
            changed = await stage.space("0.02")

    assert (first.name, first.data) == ("spaces", everything)
    assert tick.data == {"at": everything["at"], "link": everything["link"]}
    assert change.data == changed
    (boot, version), (same, later) = first.id.split("-"), change.id.split("-")
    assert (same, int(later) > int(version)) == (boot, True)
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert "api-version" in stream.headers


async def test_a_state_that_goes_stale_is_told_without_a_message(stage: Stage) -> None:
    """When an agent falls silent the page hears `unknown` all the same."""
    async with stage.running():
        await stage.say(health(), live(t_ms=NOW_MS - STALE_MS + 1))
        async with Stream(stage.app) as stream:
            await stream.next("spaces")
            stage.time.now_ms += 2
            change = await stream.next("space")

    assert (change.data["occupancy"], change.data["unknownBecause"]) == ("unknown", "stale")


async def test_the_server_tells_the_time_though_nothing_happens(stage: Stage) -> None:
    """Ticks come by themselves, so that silence means that the server is gone."""
    async with stage.running(tick_s=0.001), Stream(stage.app) as stream:
        stage.time.now_ms += 7_000
        ticks = [await stream.next("tick") for _ in range(3)]

    assert ticks[-1].data == {
        "at": "2026-11-23T10:00:07.000Z",
        "link": {"up": True, "since": "2026-11-23T10:00:00.000Z"},
    }


async def test_a_lost_link_is_told_at_once(stage: Stage) -> None:
    """When the broker dies and returns, a tick says so, and states go on."""
    async with stage.running():
        await stage.say(health(), live())
        async with Stream(stage.app) as stream:
            await stream.next("tick")
            stage.time.now_ms += 1_000
            stage.broker.stop()
            down = await stream.next("tick")
            stage.broker.start()
            up = await stream.next("tick")
            await stage.say(live("0.02", OCCUPIED, t_ms=stage.time.now_ms))
            change = await stream.next("space")

    assert down.data["link"] == {"up": False, "since": "2026-11-23T10:00:01.000Z"}
    assert up.data["link"]["up"] is True
    assert (change.data["id"], change.data["occupancy"]) == ("0.02", "occupied")


async def test_hanging_up_leaves_nothing(stage: Stage) -> None:
    """A listener that is gone is not counted any more, and the others go on."""
    async with stage.running():
        async with Stream(stage.app) as stays:
            async with Stream(stage.app) as leaves:
                await leaves.next("tick")
                both = (await stage.read("/v1/health"))["listeners"]
            one = (await stage.read("/v1/health"))["listeners"]
            await stage.say(health(), live())
            await stays.next("space")
        none = (await stage.read("/v1/health"))["listeners"]

    assert (both, one, none) == (2, 1, 0)


async def test_hanging_up_in_the_middle_of_a_word_leaves_nothing(stage: Stage) -> None:
    """A listener that takes nothing more and then goes is let go of, and nothing goes wrong."""
    async with stage.running():
        async with Stream(stage.app, takes=2) as stream:
            await stream.next("spaces")
            await stage.say(health(), live())
        listeners = (await stage.read("/v1/health"))["listeners"]

    assert listeners == 0


async def test_streams_end_when_the_server_does(stage: Stage) -> None:
    """A server that is told to stop ends every stream by itself."""
    async with stage.running(), Stream(stage.app) as stream:
        await stream.next("tick")
        stage.app.state.feed.close()

        await stream.ended()


@pytest.mark.parametrize(
    ("topic", "payload", "cause"),
    [
        (f"bezet/v1/{SITE}/pi-1/0.01/state", b"{", Cause.NOT_JSON),
        (f"bezet/v1/{SITE}/pi-1/0.01/state", b"\xff\xfe", Cause.NOT_JSON),
        (f"bezet/v1/{SITE}/pi-1/0.01/state", b"[]", Cause.BAD_SHAPE),
        (f"bezet/v1/{SITE}/pi-1/health", b'{"frame": "aGVsbG8="}', Cause.BAD_SHAPE),
        (f"bezet/v1/{SITE}/pi-1/0.01/state", b" " * 1_000_000, Cause.TOO_LARGE),
        (*wire.encode(live(t_ms=NOW_MS + wire.FUTURE_MS + 1)), Cause.FUTURE),
        (*wire.encode(live("9.99")), Cause.UNKNOWN_SPACE),
    ],
)
async def test_rubbish_is_counted_and_stops_nothing(
    stage: Stage, topic: str, payload: bytes, cause: Cause
) -> None:
    """Bytes that are no message, too large or impossible are counted by cause; the next good one is shown."""
    async with stage.running():
        await stage.agent.publish(topic, payload, retain=True)
        await stage.say(health(), live())
        refused = (await stage.read("/v1/health"))["liveRefusedByCause"]
        found = await stage.space("0.01")

    assert refused == {str(cause): 1}
    assert found["occupancy"] == "free"


async def test_a_retained_state_of_a_device_that_is_no_more_is_unknown(stage: Stage) -> None:
    """What the broker still keeps of a dead device is not believed; clearing it takes it away."""
    async with stage.broker.link("before") as before:
        for message in (live(device="gone"), health("gone", online=False)):
            topic, payload = wire.encode(message)
            await before.publish(topic, payload, retain=True)
    async with stage.running():
        believed = await stage.space("0.01")
        for topic in (f"bezet/v1/{SITE}/gone/0.01/state", f"bezet/v1/{SITE}/gone/health"):
            await stage.agent.publish(topic, b"", retain=True)
        await stage.settle()
        cleared = await stage.space("0.01")
        devices = (await stage.read("/v1/health"))["devices"]

    assert (believed["occupancy"], believed["unknownBecause"]) == ("unknown", "offline")
    assert (cleared["unknownBecause"], devices) == ("noSensor", [])


async def test_health_tells_of_every_device_and_every_refusal(stage: Stage) -> None:
    """Devices with age, clock, queue, sensors and troubles; rejects without their payload."""
    stage.store.reject([Reject(NOW_MS, "bezet/v1/hall/x", Cause.BAD_TOPIC, "not in the contract", b"secret")])
    told = health(
        t_ms=NOW_MS - 40_000,
        queued=7,
        refused=2,
        clock=Clock.UNTRUSTED,
        sensors={"co2": SensorState.SILENT},
        troubles=(Trouble.DISK_FULL,),
    )
    async with stage.running():
        await stage.say(told, live(t_ms=NOW_MS - 20_000), live("0.02", device="mute", t_ms=NOW_MS - 60_000))
        answer = await stage.client.get("/v1/health")

    found = answer.json()
    mute, talker = found["devices"]
    assert found["status"] == "ok"
    assert talker == {
        "id": "pi-1",
        "online": True,
        "lastWord": "2026-11-23T09:59:40.000Z",
        "ageS": 20,
        "clock": "untrusted",
        "uptimeS": 60,
        "queued": 7,
        "refused": 2,
        "sensors": {"co2": "silent"},
        "troubles": ["disk_full"],
        "version": "0.1.0",
        "spaces": ["0.01"],
    }
    assert (mute["id"], mute["online"], mute["clock"], mute["ageS"]) == ("mute", False, None, 60)
    assert found["store"] == {
        "readable": True,
        "rejectsByCause": {"bad_topic": 1},
        "newestRejects": [
            {
                "at": "2026-11-23T10:00:00.000Z",
                "topic": "bezet/v1/hall/x",
                "cause": "bad_topic",
                "what": "not in the contract",
            }
        ],
    }
    assert "secret" not in answer.text


async def test_who_never_reads_is_let_go(stage: Stage) -> None:
    """A listener that takes nothing is let go after a time, and costs nobody else anything meanwhile."""
    async with stage.running():
        with listening("127.0.0.1", 0, deaf_ms=500) as listener, socket.socket() as deaf:
            server = Server(stage.app, listener)
            serving = asyncio.create_task(server._serve([listener]))
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.connect(listener.getsockname())
            deaf.sendall(b"GET /v1/live-events HTTP/1.1\r\nHost: window.test\r\n\r\n")
            feed = stage.app.state.feed
            while not feed.listeners:
                await stage.settle()
            async with Stream(stage.app) as stream:
                await stream.next("spaces")
                number = 0
                while feed.listeners > 1:
                    number += 1
                    stage.time.now_ms += 1
                    state = (FREE, OCCUPIED)[number % 2]
                    said = [live(space, state, t_ms=stage.time.now_ms) for space in ("0.01", "0.02", "0.03")]
                    await stage.say(health(t_ms=stage.time.now_ms), *said)
                last = stage.time.now_ms
            server.should_exit = True
            await serving

    assert number > 10
    assert last > NOW_MS


async def test_who_returns_hears_what_was_missed(stage: Stage) -> None:
    """With the id of the last event only what changed since is told; with an id that means nothing, all."""
    async with stage.running():
        await stage.say(health(), live())
        async with Stream(stage.app) as stream:
            first = await stream.next("spaces")
        await stage.say(live("0.02", OCCUPIED))
        async with Stream(stage.app, last_id=first.id) as stream:
            names = [(await stream.any()).name for _ in range(3)]
        boot, version = first.id.split("-")
        others = ["x", "0-1", f"{boot}-", f"{boot}--1", f"{boot}-999999", f"{boot}-{'9' * 400}"]
        others += ["", f"ffff0000-{version}"]
        begun = []
        for last_id in others:
            async with Stream(stage.app, last_id=last_id) as stream:
                begun.append((await stream.any()).name)

    assert names == ["space", "tick", "notice"]
    assert begun == ["spaces"] * len(others)


async def test_everybody_of_many_hears_a_change(stage: Stage) -> None:
    """Two hundred listeners, some of whom take nothing, all hear the same bytes of a change."""
    async with stage.running():
        await stage.say(health(), live())
        async with AsyncExitStack() as stack:
            streams = [await stack.enter_async_context(Stream(stage.app)) for _ in range(200)]
            for _ in range(20):
                await stack.enter_async_context(Stream(stage.app, takes=1))
            for stream in streams:
                await stream.next("notice")
            await stage.say(live("0.02", OCCUPIED))
            heard = [await stream.next("space") for stream in streams]

    assert len({one.id for one in heard}) == 1
    assert {one.data["occupancy"] for one in heard} == {"occupied"}


async def test_there_are_only_so_many_listeners(stage: Stage) -> None:
    """The next one is told to come back, and nobody else is disturbed."""
    async with stage.running():
        stage.app.state.feed.listeners = MOST_LISTENERS
        answer = await stage.client.get("/v1/live-events")
        spaces = await stage.client.get("/v1/spaces")

    assert (answer.status_code, answer.headers["retry-after"], spaces.status_code) == (503, "5", 200)
