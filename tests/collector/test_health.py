# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What agents say of themselves is kept when it is news, and a device that is gone is gone since then."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bezet import wire
from bezet.errors import Cause
from collector.intake import HEALTH_EVERY_MS, MOST_DEVICES
from tests.collector.stage import BOOT, NOW_MS, PI, SITE, BusyStore, batch, collecting

if TYPE_CHECKING:
    from tests.collector.stage import Stage

START_MS = NOW_MS - 6 * 3_600_000
HEARTBEAT_MS = 30_000
WELL = wire.Health(
    site=SITE,
    device=PI,
    t_ms=START_MS,
    boot=BOOT,
    online=True,
    uptime_s=60,
    queued=0,
    refused=0,
    clock=wire.Clock.TRUSTED,
    sensors={"co2": wire.SensorState.OK},
    troubles=(),
    version="0.1.0",
)
TOPIC = wire.encode(WELL)[0]


async def kept(stage: Stage, *healths: wire.Health) -> list[wire.Health]:
    """What the store has once these were said, each in a write of its own, and a message after them."""
    for number, health in enumerate(healths, 1):
        await stage.send(health, batch(number))
        await stage.receipts(number)
    return stage.healths()


def later(seconds: float, **changed: Any) -> wire.Health:
    """What a device that is well says so long after the start."""
    return replace(WELL, t_ms=START_MS + round(seconds * 1000), **changed)


async def test_heartbeats_that_say_nothing_new_are_not_kept() -> None:
    """Of an hour of heartbeats the store keeps one for each quarter of an hour, however the queue goes."""
    beats = [later(n * 30, uptime_s=60 + n * 30, queued=n % 7) for n in range(120)]
    async with collecting() as stage:
        found = await kept(stage, *beats)

        assert found == [beats[0], beats[30], beats[60], beats[90]]
        assert stage.count("healths") == 4
        assert stage.count("messages") == 120
    assert HEALTH_EVERY_MS == 30 * HEARTBEAT_MS


@pytest.mark.parametrize(
    "changed",
    [
        {"boot": "00000000000000ff"},
        {"refused": 1},
        {"clock": wire.Clock.UNTRUSTED},
        {"sensors": {"co2": wire.SensorState.SILENT}},
        {"sensors": {}},
        {"troubles": (wire.Trouble.DISK_FULL,)},
        {"version": "0.2.0"},
        {"device": "pi-2"},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_news_is_kept_at_once(changed: dict[str, Any]) -> None:
    """Whatever else changes is kept, and so is that it is as before again."""
    said = [WELL, later(30), later(60, **changed), later(90, **changed)]
    async with collecting() as stage:
        found = await kept(stage, *said)
        assert found == [said[0], said[2]]
        back = later(120, **changed | {"troubles": (wire.Trouble.OUTBOX_FULL,)})

        assert await kept(stage, back) == [*found, back]


async def test_several_in_one_write() -> None:
    """Heartbeats of one device that arrive together are looked at one by one."""
    said = [WELL, later(30), later(60, refused=1), later(90, refused=1), later(120)]
    async with collecting() as stage:
        await stage.send(*said, batch(1))
        await stage.receipts(1)

        assert stage.healths() == [said[0], said[2], said[4]]


async def test_a_dead_device_is_gone_since_it_died() -> None:
    """A last will names the instant of its connection; kept is the instant at which it was said."""
    will = later(0, online=False, uptime_s=0, sensors={})
    async with collecting() as stage:
        found = await kept(stage, WELL, later(7_200), will)

        assert found == [WELL, later(7_200), replace(will, t_ms=NOW_MS)]


async def test_what_the_broker_kept_is_of_its_own_time() -> None:
    """A retained message is from before this collector came: it keeps its time, and is there once."""
    will = later(0, online=False)
    async with collecting() as stage:
        topic, payload = wire.encode(will)
        await stage.device.publish(topic, payload, retain=True)
        assert await kept(stage, later(30)) == [later(30), replace(will, t_ms=NOW_MS)]
        for number in (2, 3):
            stage.broker.cut(stage.link.name)
            await stage.send(batch(number))
            await stage.receipts(number)

        assert stage.healths() == [will, later(30), replace(will, t_ms=NOW_MS)]


async def test_a_retired_device_is_no_bad_message() -> None:
    """Clearing what the broker kept of a device is neither kept nor refused."""
    async with collecting() as stage:
        await stage.device.publish(TOPIC, b"", retain=True)
        assert await kept(stage, WELL) == [WELL]

        assert stage.store.reject_counts() == {}


BAD = {
    "no JSON": (TOPIC, b"{", Cause.NOT_JSON),
    "a frame": (TOPIC, b'{"frame": "aGVsbG8="}', Cause.BAD_SHAPE),
    "a number of a message": (
        TOPIC,
        json.dumps(json.loads(wire.encode(WELL)[1]) | {"seq": 7}).encode(),
        Cause.BAD_SHAPE,
    ),
    "1970": (TOPIC, wire.encode(replace(WELL, t_ms=1))[1], Cause.BAD_VALUE),
    "the future": (*wire.encode(replace(WELL, t_ms=NOW_MS + wire.FUTURE_MS + 1)), Cause.FUTURE),
    "another site": (*wire.encode(replace(WELL, site="library")), Cause.UNKNOWN_SPACE),
    "another version": (TOPIC.replace("/v1/", "/v2/"), wire.encode(WELL)[1], Cause.UNKNOWN_VERSION),
}


@pytest.mark.parametrize(("topic", "payload", "cause"), BAD.values(), ids=BAD)
async def test_bad_health_is_refused_and_not_answered(topic: str, payload: bytes, cause: Cause) -> None:
    """A bad health message is counted and kept to look at, answered by nothing, and the next is taken."""
    async with collecting() as stage:
        await stage.device.publish(topic, payload)
        await stage.send(WELL, batch(8))

        assert await stage.receipt() == wire.Receipt(SITE, PI, BOOT, ((8, 8),))
        assert stage.healths() == [WELL]
        assert stage.store.reject_counts() == {cause: 1}
        assert stage.count("rejects", cause=cause) == 1


async def test_waits_for_a_busy_store() -> None:
    """Health that the store could not take is written again, with what came beside it."""
    async with collecting(BusyStore(healths=2)) as stage:
        await stage.send(WELL, batch(1))
        await stage.receipts(1)

        assert stage.healths() == [WELL]
        assert stage.stored() == [1.0]


async def test_made_up_names_fill_no_memory() -> None:
    """However many names somebody makes up, only so many are remembered."""
    async with collecting(receive_maximum=3 * MOST_DEVICES) as stage:
        for number in range(MOST_DEVICES + 10):
            await stage.send(replace(WELL, device=f"x-{number}"))
        await stage.send(batch(1))
        await stage.receipts(1)

        assert len(stage.collector._intake._said) <= MOST_DEVICES
        assert len(stage.healths()) == MOST_DEVICES + 10
