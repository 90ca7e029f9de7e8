# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The collector: answers when the store has it, not before, and is stopped by nothing that is sent to it."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from bezet import wire
from bezet.errors import Cause, StoreBusy, StoreUnusable
from bezet.link import Delivery, Down, Up
from bezet.link.memory import MemoryBroker, MemoryLink
from bezet.model import AreaType, Building, Kind, Layout, Occupancy, Reading, Space, SpaceKind, State
from collector.service import MAX_LOGGED, Collector
from store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from store import DeviceReading, DeviceState, Reject, Store

SITE, SPACE, PRIVATE, PI = "townhall", "1.04", "1.05", "pi-1"
BOOT = "6f1a2b3c4d5e6f70"
NOW_MS = 1_790_000_000_000
GUARD_S = 20

MEETING = Space(
    id=SPACE,
    name="Vergaderzaal",
    floor="1",
    area_m2=24.0,
    area_type=AreaType.NVO,
    layouts=(Layout(date(2026, 1, 1), SpaceKind.MEETING, 8, "tafel"),),
)
BUILDING = Building(
    site=SITE,
    name="Stadhuis",
    timezone=ZoneInfo("Europe/Amsterdam"),
    hours={},
    holidays=frozenset(),
    floors=(),
    spaces={SPACE: MEETING, PRIVATE: replace(MEETING, id=PRIVATE, measured=False)},
)
#: Wider than the collector asks for, so that what should not come, comes.
WIDE = ("bezet/+/+/+/+/readings", "bezet/v1/+/+/+/state", "other/#")


# --- stores that are in the way ---------------------------------------------------------------------------


class Wrapped:
    """A store around a `MemoryStore`, to be in the way of writing."""

    def __init__(self) -> None:
        self.inner = MemoryStore()

    def write(self, batches: Sequence[wire.Batch]) -> None:
        """Write."""
        self.inner.write(batches)

    def readings(
        self, site: str, space: str, *, start_ms: int, end_ms: int, kind: Kind | None = None
    ) -> Iterator[DeviceReading]:
        """What is in it."""
        return self.inner.readings(site, space, start_ms=start_ms, end_ms=end_ms, kind=kind)

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> Iterator[DeviceState]:
        """What is in it."""
        return self.inner.states(site, space, start_ms=start_ms, end_ms=end_ms)

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep."""
        self.inner.reject(rejects)

    def rejects(self, limit: int = 50) -> list[Reject]:
        """What was refused."""
        return self.inner.rejects(limit)

    def reject_counts(self) -> dict[Cause, int]:
        """How much was refused."""
        return self.inner.reject_counts()

    def close(self) -> None:
        """Close."""
        self.inner.close()


class BusyStore(Wrapped):
    """Takes nothing the first times that it is asked."""

    def __init__(self, writes: int = 0, rejects: int = 0) -> None:
        super().__init__()
        self.left = {"write": writes, "reject": rejects}

    def write(self, batches: Sequence[wire.Batch]) -> None:
        """Raise, or write."""
        self._count("write")
        super().write(batches)

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Raise, or keep."""
        self._count("reject")
        super().reject(rejects)

    def _count(self, what: str) -> None:
        if self.left[what]:
            self.left[what] -= 1
            raise StoreBusy("the disk is full")


class SlowStore(Wrapped):
    """Does not return from a write before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.go_on = threading.Event()

    def write(self, batches: Sequence[wire.Batch]) -> None:
        """Wait, then write."""
        self.asked.set()
        assert self.go_on.wait(GUARD_S)
        super().write(batches)


class BrokenStore(Wrapped):
    """Can not be used any more."""

    def write(self, batches: Sequence[wire.Batch]) -> None:  # noqa: ARG002  it looks at nothing
        """Raise."""
        raise StoreUnusable("bezet.db: database disk image is malformed")


# --- the stage --------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """A running collector, and a device that sends to it and hears its receipts."""

    broker: MemoryBroker
    device: MemoryLink
    store: Store
    collector: Collector

    async def send(self, *messages: wire.Batch) -> None:
        """Send messages of the contract."""
        for message in messages:
            await self.device.publish(*wire.encode(message))

    async def receipts(self, *seqs: int, boot: str = BOOT) -> list[wire.Receipt]:
        """What the device hears until all of these numbers of its own are committed."""
        heard: list[wire.Receipt] = []
        missing = set(seqs)
        async with asyncio.timeout(GUARD_S):
            while missing:
                receipt = await self.receipt()
                heard.append(receipt)
                if receipt.boot == boot:
                    missing -= {seq for first, last in receipt.ranges for seq in range(first, last + 1)}
        return heard

    async def receipt(self) -> wire.Receipt:
        """The next thing that the device hears, which must be a receipt."""
        async with asyncio.timeout(GUARD_S):
            event = await self.device.receive()
        assert isinstance(event, Delivery)
        message = wire.decode(event.topic, event.payload)
        assert isinstance(message, wire.Receipt)
        return message

    def stored(self, space: str = SPACE) -> list[float]:
        """The values of the readings in the store."""
        rows = self.store.readings(SITE, space, start_ms=0, end_ms=2**53)
        return [row.reading.value for row in rows]


@asynccontextmanager
async def collecting(store: Store | None = None, receive_maximum: int = 1_000) -> AsyncIterator[Stage]:
    """A collector at work, whose clock stands still."""
    broker = MemoryBroker()
    kept = store or MemoryStore()
    link = broker.link("collector", subscriptions=WIDE, receive_maximum=receive_maximum)
    device = broker.link(PI, subscriptions=(wire.topic_filter("receipt", SITE, PI), "echo"))
    collector = Collector(link, kept, BUILDING, lambda: NOW_MS)
    async with link, device, asyncio.TaskGroup() as tasks:
        assert isinstance(await device.receive(), Up)
        running = tasks.create_task(collector.run())
        yield Stage(broker, device, kept, collector)
        running.cancel()


def batch(
    seq: int, *, space: str = SPACE, device: str = PI, boot: str = BOOT, t_ms: int | None = None
) -> wire.Batch:
    """A message with one reading, whose value is the number of the message."""
    instant_ms = NOW_MS - 3_600_000 + seq if t_ms is None else t_ms
    reading = Reading(instant_ms, "co2", Kind.CO2_PPM, float(seq))
    return wire.Batch(SITE, device, space, boot, seq, wire.Clock.TRUSTED, (reading,))


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
        assert stage.store.reject_counts() == dict(stage.collector.counters.rejects) == {cause: 1}
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
        assert stage.collector.counters.not_recorded == 1
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

        assert stage.collector.counters.messages == len(seqs) + 2
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
            while not stage.collector.counters.readings:  # until it is written, and the answer was tried
                await asyncio.to_thread(store.asked.wait)
        assert (stage.stored(), stage.collector.counters.receipts) == ([1.0], 0)
        stage.broker.start()
        assert isinstance(await stage.device.receive(), Up)
        await stage.send(batch(1), batch(2))
        await stage.receipts(1, 2)

        assert stage.stored() == [1.0, 2.0]
