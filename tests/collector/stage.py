# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A collector at work in memory, with a clock that a test sets, and stores that are in its way."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bezet import wire
from bezet.errors import StoreBusy, StoreUnusable
from bezet.link import Delivery, Up
from bezet.link.memory import MemoryBroker, MemoryLink
from bezet.model import AreaType, Building, Kind, Layout, Reading, Space, SpaceKind
from collector.service import Collector, subscriptions
from store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from store import Reject, Store

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
WIDE = ("bezet/+/+/+/+/readings", "bezet/+/+/+/health", "bezet/v1/+/+/+/state", "other/#")


# --- stores that are in the way ---------------------------------------------------------------------------


class BusyStore(MemoryStore):
    """Takes nothing the first times that it is asked."""

    def __init__(self, writes: int = 0, rejects: int = 0, healths: int = 0) -> None:
        super().__init__()
        self.left = {"write": writes, "reject": rejects, "health": healths}

    def write(self, batches: Sequence[wire.Batch]) -> None:
        """Raise, or write."""
        self._count("write")
        super().write(batches)

    def write_health(self, healths: Sequence[wire.Health]) -> None:
        """Raise, or write."""
        self._count("health")
        super().write_health(healths)

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Raise, or keep."""
        self._count("reject")
        super().reject(rejects)

    def _count(self, what: str) -> None:
        if self.left[what]:
            self.left[what] -= 1
            raise StoreBusy("the disk is full")


class SlowStore(MemoryStore):
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


class BrokenStore(MemoryStore):
    """Can not be used any more."""

    def write(self, batches: Sequence[wire.Batch]) -> None:  # noqa: ARG002  it looks at nothing
        """Raise."""
        raise StoreUnusable("bezet.db: database disk image is malformed")


# --- the stage --------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """A running collector, and a device that sends to it and hears its receipts."""

    broker: MemoryBroker
    link: MemoryLink
    device: MemoryLink
    store: Store
    collector: Collector

    async def send(self, *messages: wire.Message) -> None:
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
        return [row.reading.value for row in rows.rows()]

    def healths(self) -> list[wire.Health]:
        """What agents said of themselves, as the store has it."""
        return self.store.healths(SITE, start_ms=0, end_ms=2**53)

    def count(self, name: str, **labels: str) -> float:
        """What the collector counted."""
        found = self.collector.meters.registry.get_sample_value(f"bezet_collector_{name}_total", labels)
        assert found is not None
        return found


@asynccontextmanager
async def collecting(store: Store | None = None, receive_maximum: int = 1_000) -> AsyncIterator[Stage]:
    """A collector at work, whose clock stands still."""
    async with _at_work([store or MemoryStore()], WIDE, receive_maximum) as [stage]:
        yield stage


@asynccontextmanager
async def sharing(*stores: Store, receive_maximum: int = 1_000) -> AsyncIterator[list[Stage]]:
    """Collectors that share the work of the site, one for each store, and one device."""
    async with _at_work(stores, subscriptions(SITE, shared=True), receive_maximum) as stages:
        yield stages


@asynccontextmanager
async def _at_work(
    stores: Sequence[Store], wanted: tuple[str, ...], receive_maximum: int
) -> AsyncIterator[list[Stage]]:
    broker = MemoryBroker()
    device = broker.link(PI, subscriptions=(wire.topic_filter("receipt", SITE, PI), "echo"))
    stages = []
    async with AsyncExitStack() as links, asyncio.TaskGroup() as tasks:
        running = []
        for number, store in enumerate(stores):
            link = broker.link(f"collector-{number}", subscriptions=wanted, receive_maximum=receive_maximum)
            collector = Collector(await links.enter_async_context(link), store, BUILDING, lambda: NOW_MS)
            running.append(tasks.create_task(collector.run()))
            stages.append(Stage(broker, link, device, store, collector))
        await links.enter_async_context(device)
        assert isinstance(await device.receive(), Up)
        yield stages
        for task in running:
            task.cancel()


def batch(
    seq: int, *, space: str = SPACE, device: str = PI, boot: str = BOOT, t_ms: int | None = None
) -> wire.Batch:
    """A message with one reading, whose value is the number of the message."""
    instant_ms = NOW_MS - 3_600_000 + seq if t_ms is None else t_ms
    reading = Reading(instant_ms, "co2", Kind.CO2_PPM, float(seq))
    return wire.Batch(SITE, device, space, boot, seq, wire.Clock.TRUSTED, (reading,))
