# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The collector: answers when the store has it, not before, and is stopped by nothing that is sent to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bezet import wire
from bezet.errors import Cause, StoreUnusable
from bezet.link import Delivery, Down, Up
from bezet.model import Occupancy, State
from collector.service import MAX_LOGGED, subscriptions
from store.memory import MemoryStore
from tests.collector.stage import (
    BOOT,
    BUILDING,
    GUARD_S,
    NOW_MS,
    PI,
    PRIVATE,
    SITE,
    SPACE,
    BrokenStore,
    BusyStore,
    SlowStore,
    batch,
    collecting,
    sharing,
)


def with_field(**fields: Any) -> bytes:
    """The payload of message 7 with other fields."""
    return json.dumps(json.loads(wire.encode(batch(7))[1]) | fields).encode()


TOPIC = wire.encode(batch(1))[0]

#: Topic, payload, cause, and whether its sender is answered; its number is 7 where it has one.
BAD = {
    "oversized": (TOPIC, with_field(note="x" * 70_000), Cause.TOO_LARGE, False),
    "a megabyte": (TOPIC, bytes(1_000_000), Cause.TOO_LARGE, False),
    "empty": (TOPIC, b"", Cause.NOT_JSON, False),
    "malformed": (TOPIC, b'{"seq":7', Cause.NOT_JSON, False),
    "an unknown field": (TOPIC, with_field(image="/9j/4AAQ"), Cause.BAD_SHAPE, True),
    "an unknown clock": (TOPIC, with_field(clock="sundial"), Cause.BAD_VALUE, True),
    "a number that is none": (TOPIC, with_field(seq="7"), Cause.BAD_SHAPE, False),
    "an unknown version": (TOPIC.replace("/v1/", "/v2/"), with_field(), Cause.UNKNOWN_VERSION, False),
    "a bad space": (TOPIC.replace("1.04", "De Zaal"), with_field(), Cause.BAD_TOPIC, False),
    "another root": ("other/v1/readings", with_field(), Cause.BAD_TOPIC, False),
    "a state": (
        TOPIC.replace("readings", "state"),
        wire.encode(wire.Live(SITE, PI, SPACE, State(NOW_MS, Occupancy.FREE, 0.1, NOW_MS, (), "first-1")))[1],
        Cause.BAD_TOPIC,
        False,
    ),
    "a space that is not registered": (*wire.encode(batch(7, space="9.99")), Cause.UNKNOWN_SPACE, True),
    "the future": (*wire.encode(batch(7, t_ms=NOW_MS + 300_001)), Cause.FUTURE, True),
}


# --- what it promises -------------------------------------------------------------------------------------


async def test_answers_what_is_stored() -> None:
    """Each message is in the store when its receipt comes."""
    async with collecting() as stage:
        for seq in range(1, 6):
            await stage.send(batch(seq))
            receipt = await stage.receipt()

            assert receipt == wire.Receipt(SITE, PI, BOOT, ((seq, seq),))
            assert stage.stored() == [float(one) for one in range(1, seq + 1)]


async def test_says_nothing_before_the_store_has_it() -> None:
    """While the store is still writing no receipt is sent."""
    store = SlowStore()
    async with collecting(store) as stage:
        await stage.send(batch(1))
        assert await asyncio.to_thread(store.asked.wait, GUARD_S)
        await stage.device.publish("echo", b"")
        event = await stage.device.receive()
        assert isinstance(event, Delivery)
        assert event.topic == "echo"
        store.go_on.set()

        assert (await stage.receipt()).ranges == ((1, 1),)


async def test_waits_for_a_busy_store() -> None:
    """While the store takes nothing the collector tries again, says so once, and answers in the end."""
    with capture_logs() as logs:
        async with collecting(BusyStore(writes=2)) as stage:
            await stage.send(batch(1), batch(2))
            await stage.receipts(1, 2)

            assert stage.stored() == [1.0, 2.0]
    assert [line["why"] for line in logs if line["log_level"] == "error"] == ["the disk is full"]


async def test_a_store_too_busy_for_rejects() -> None:
    """Refused messages are kept once, however often the store could not take them."""
    async with collecting(BusyStore(rejects=2)) as stage:
        await stage.device.publish(TOPIC, b"bad")
        await stage.send(batch(1))
        await stage.receipts(1)

        assert stage.store.reject_counts() == {Cause.NOT_JSON: 1}
        assert stage.stored() == [1.0]


async def test_ends_with_an_unusable_store() -> None:
    """A store that is damaged ends the collector with its words, and nothing is answered."""

    async def send_one() -> None:
        async with collecting(BrokenStore()) as stage:
            await stage.send(batch(1))
            await stage.receipt()

    with pytest.raises(ExceptionGroup) as ended:
        await send_one()

    assert ended.group_contains(StoreUnusable, match="malformed")


@pytest.mark.parametrize(("topic", "payload", "cause", "answered"), BAD.values(), ids=BAD)
async def test_a_bad_message_stops_nothing(topic: str, payload: bytes, cause: Cause, answered: bool) -> None:
    """A bad message is refused, counted, kept to look at, answered where it can be, and the next is taken."""
    async with collecting() as stage:
        await stage.device.publish(topic, payload)
        await stage.send(batch(8))
        receipts = await stage.receipts(8)
        kept = stage.store.rejects()

        assert [(one.t_ms, one.topic, one.cause, one.payload) for one in kept] == [
            (NOW_MS, topic, cause, payload[:4_096])
        ]
        counted = {one: stage.count("rejects", cause=one) for one in Cause}
        assert stage.store.reject_counts() == {cause: 1}
        assert counted == dict.fromkeys(Cause, 0) | {cause: 1}
        assert stage.stored() == [8.0]
    refused = [refusal for receipt in receipts for refusal in receipt.refused]
    assert refused == ([wire.Refusal(7, 7, cause)] if answered else [])
    assert {receipt.boot for receipt in receipts} == {BOOT}


async def test_many_bad_messages_stop_nothing() -> None:
    """Bad messages among good ones, many more than the broker hands out at a time, keep none of them back."""
    async with collecting(receive_maximum=5) as stage:
        for seq in range(100, 120):
            for topic, payload, _, _ in BAD.values():
                await stage.device.publish(topic, payload)
            await stage.send(batch(seq))
        await stage.receipts(*range(100, 120))

        assert stage.stored() == [float(seq) for seq in range(100, 120)]
        assert sum(stage.store.reject_counts().values()) == 20 * len(BAD)


async def test_a_bad_topic_is_logged_once() -> None:
    """The same mistake on the same topic is counted each time and logged once; another cause is news."""
    with capture_logs() as logs:
        async with collecting() as stage:
            for _ in range(50):
                await stage.device.publish(TOPIC, b"bad")
            await stage.device.publish(TOPIC, b"{}")
            await stage.device.publish(TOPIC.replace(PI, "pi-2"), b"bad")
            await stage.send(batch(1))
            await stage.receipts(1)

            assert stage.store.reject_counts()[Cause.NOT_JSON] == 51
    said = [(line["topic"], line["cause"]) for line in logs if line["event"] == "message refused"]
    assert said == [(TOPIC, "not_json"), (TOPIC, "bad_shape"), (TOPIC.replace(PI, "pi-2"), "not_json")]


async def test_the_log_is_bounded() -> None:
    """Somebody who makes up topics fills neither log nor memory."""
    with capture_logs() as logs:
        async with collecting() as stage:
            for number in range(MAX_LOGGED + 200):
                await stage.device.publish(f"other/{number}", b"")
            await stage.send(batch(1))
            await stage.receipts(1)

    assert len([line for line in logs if line["event"] == "message refused"]) == MAX_LOGGED


@pytest.mark.parametrize(
    ("ahead_ms", "taken"), [(-(10**11), True), (0, True), (300_000, True), (300_001, False)]
)
@pytest.mark.parametrize("what", ["reading", "state"])
async def test_five_minutes_of_future(ahead_ms: int, taken: bool, what: str) -> None:
    """A reading or state may be five minutes ahead of the collector's clock, no more; any age is taken."""
    t_ms = NOW_MS + ahead_ms
    state = State(t_ms, Occupancy.FREE, 0.1, t_ms, (), "first-1")
    plain = batch(1, t_ms=t_ms)
    message = plain if what == "reading" else replace(plain, readings=(), states=(state,))
    async with collecting() as stage:
        await stage.send(message)
        receipt = await stage.receipt()

    assert (receipt.ranges, receipt.refused) == (
        (((1, 1),), ()) if taken else ((), (wire.Refusal(1, 1, Cause.FUTURE),))
    )


async def test_a_private_space_is_not_recorded() -> None:
    """Of a space in privacy mode nothing is stored, and its device is told that it need not send it again."""
    async with collecting() as stage:
        await stage.send(batch(1, space=PRIVATE), batch(2))
        await stage.receipts(1, 2)

        assert stage.stored(PRIVATE) == []
        assert stage.stored() == [2.0]
        assert stage.count("not_recorded") == 1
        assert stage.store.reject_counts() == {}


async def test_repeats_change_nothing() -> None:
    """A message that comes again is answered again, and is there once."""
    async with collecting() as stage:
        for _ in range(3):
            await stage.send(batch(1))
            assert (await stage.receipt()).ranges == ((1, 1),)

        assert stage.stored() == [1.0]


async def test_draws_numbers_together() -> None:
    """What is committed in one write is answered in one receipt for each boot of a device, in ranges."""
    store = SlowStore()
    other = "00000000000000ff"
    async with collecting(store) as stage:
        await stage.send(batch(50))
        assert await asyncio.to_thread(store.asked.wait, GUARD_S)
        await stage.send(*(batch(seq) for seq in (9, 1, 3, 2, 7, 2, 8)))
        await stage.send(batch(1, boot=other), batch(4, device="pi-2"))
        store.go_on.set()
        first, second, third = [await stage.receipt() for _ in range(3)]

    assert first.ranges == ((50, 50),)
    assert second == wire.Receipt(SITE, PI, BOOT, ((1, 3), (7, 9)))
    assert third == wire.Receipt(SITE, PI, other, ((1, 1),))


async def test_a_flood_is_answered_in_messages_of_the_contract() -> None:
    """However much waits, every receipt keeps to the contract's bounds, and every message is answered."""
    store = SlowStore()
    seqs = range(2, 4_000, 2)  # no two of them make a range
    async with collecting(store, receive_maximum=5_000) as stage:
        await stage.send(batch(1))
        assert await asyncio.to_thread(store.asked.wait, GUARD_S)
        await stage.send(*(batch(seq) for seq in seqs))
        for seq in range(5_000, 5_600):
            await stage.send(batch(seq, space="9.99"))
        store.go_on.set()
        await stage.receipts(1, *seqs)
        await stage.send(batch(6_000))
        await stage.receipts(6_000)

        assert stage.count("messages") == len(seqs) + 2
        assert stage.store.reject_counts() == {Cause.UNKNOWN_SPACE: 600}


async def test_a_link_that_is_lost_while_answering() -> None:
    """A receipt that cannot be sent is no loss: the device sends again, is answered, and nothing is twice."""
    store = SlowStore()
    async with collecting(store) as stage:
        await stage.send(batch(1))
        assert await asyncio.to_thread(store.asked.wait, GUARD_S)
        stage.broker.stop()
        assert isinstance(await stage.device.receive(), Down)
        store.go_on.set()
        async with asyncio.timeout(GUARD_S):
            while not stage.count("readings"):  # until it is written, and the answer was tried
                await asyncio.to_thread(store.asked.wait)
        assert (stage.stored(), stage.count("receipts")) == ([1.0], 0)
        stage.broker.start()
        assert isinstance(await stage.device.receive(), Up)
        await stage.send(batch(1), batch(2))
        await stage.receipts(1, 2)

        assert stage.stored() == [1.0, 2.0]


# --- several of them --------------------------------------------------------------------------------------


async def test_shares_the_work_of_a_site() -> None:
    """Of two collectors each message reaches one, and both answer for what they took."""
    store = MemoryStore()
    async with sharing(store, store) as [first, second]:
        await first.send(*(batch(seq) for seq in range(1, 101)))
        await first.receipts(*range(1, 101))

        assert first.count("messages") + second.count("messages") == 100
        assert first.count("messages")
        assert second.count("messages")
        assert first.stored() == [float(seq) for seq in range(1, 101)]


async def test_one_that_can_write_nothing_stops_nobody() -> None:
    """While one collector waits for its store, what the device repeats reaches the other, and is answered."""
    away = SlowStore()
    async with sharing(away, MemoryStore(), receive_maximum=10) as [stuck, well]:
        missing, repeats = set(range(1, 101)), 0
        while missing:
            repeats += 1
            before = well.count("messages")
            await well.send(*map(batch, missing))
            while well.link.unacknowledged:
                receipt = await well.receipt()
                missing -= {seq for first, last in receipt.ranges for seq in range(first, last + 1)}
            assert well.count("messages") > before
        away.go_on.set()

        assert repeats > 1
        assert len(stuck.link.unacknowledged) == 10
        assert well.stored() == [float(seq) for seq in range(1, 101)]


def test_asks_for_one_share_of_the_site() -> None:
    """It hears every version of readings and health of its site and no other, alone or as one of a group."""
    plain = ("bezet/+/townhall/+/+/readings", "bezet/+/townhall/+/health")

    assert subscriptions(BUILDING.site, shared=False) == plain
    assert subscriptions(BUILDING.site, shared=True) == tuple(f"$share/bezet-townhall/{one}" for one in plain)
