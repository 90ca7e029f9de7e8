# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Subscribe, decode, batch, write, acknowledge: nothing is answered before the store has it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

import structlog

from bezet import wire
from bezet.errors import BadMessage, Cause, LinkDown, StoreBusy, StoreUnusable
from bezet.link import Delivery, Down, Up, matches
from collector.intake import Haul, Intake
from collector.metrics import Meters
from store import Reject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bezet.link import Event, Link
    from bezet.model import Building
    from store import Store

LOG = structlog.get_logger("bezet.collector")

#: A write takes what has arrived, at most this many messages.
BATCH_MESSAGES = 500
#: Each topic and cause is logged once, and no more of them than this: the rejects table holds the rest.
MAX_LOGGED = 1_000
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 30.0
_ANY_HEALTH = "bezet/+/+/+/health"


def subscriptions(site: str, *, shared: bool) -> tuple[str, ...]:
    """What a collector hears; `shared` with all others of the site, each message reaching one (MQTT 5)."""
    # The version stands open, so that messages of versions to come are counted and not silently missed.
    wanted = (f"bezet/+/{site}/+/+/readings", f"bezet/+/{site}/+/health")
    return tuple(f"$share/bezet-{site}/{one}" for one in wanted) if shared else wanted


class Collector:
    """Takes in what the devices of one building send, until cancelled."""

    def __init__(
        self,
        link: Link,
        store: Store,
        building: Building,
        now_ms: Callable[[], int],
        meters: Meters | None = None,
    ) -> None:
        self._link = link
        self._intake = Intake(store, building, now_ms)
        self._now_ms = now_ms
        self._arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        self._logged: set[tuple[str, Cause]] = set()
        self.meters = meters or Meters()

    async def run(self) -> None:
        """Run; whoever opened link and store closes them."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(), name="collector.hear")
            tasks.create_task(self._work(), name="collector.work")

    async def _hear(self) -> None:
        while True:
            event: Event = await self._link.receive()
            match event:
                case Up():
                    self.meters.link_up.set(1)
                    LOG.info("connected to the broker")
                case Down(why, name_taken):
                    self.meters.link_up.set(0)
                    self.meters.names_taken.inc(name_taken)
                    LOG.warning("no broker; trying again with back-off", why=why)
                case Delivery():
                    self._arrived.put_nowait(event)

    async def _work(self) -> None:
        while True:
            haul = Haul()
            self._sort(await self._arrived.get(), haul)
            while not self._arrived.empty() and len(haul.deliveries) < BATCH_MESSAGES:
                self._sort(self._arrived.get_nowait(), haul)
            await self._commit(haul)
            self._measure(haul)
            await self._answer(haul)

    # --- what arrives ---

    def _sort(self, delivery: Delivery, haul: Haul) -> None:
        haul.deliveries.append(delivery)
        if not delivery.payload and matches(_ANY_HEALTH, delivery.topic):
            return  # somebody cleared what the broker kept of a device that is retired
        try:
            self._intake.take(
                wire.decode(delivery.topic, delivery.payload), haul, is_live=not delivery.retained
            )
        except BadMessage as bad:
            self._refuse(delivery, bad, haul)

    def _refuse(self, delivery: Delivery, bad: BadMessage, haul: Haul) -> None:
        self.meters.rejects.labels(bad.cause).inc()
        haul.rejects.append(Reject(self._now_ms(), delivery.topic, bad.cause, bad.what, delivery.payload))
        if (delivery.topic, bad.cause) not in self._logged and len(self._logged) < MAX_LOGGED:
            self._logged.add((delivery.topic, bad.cause))
            LOG.warning("message refused", topic=delivery.topic, cause=str(bad.cause), what=bad.what)
        levels = delivery.topic.split("/")
        if bad.boot is not None and bad.seq is not None and len(levels) > 3 and levels[-1] != "health":
            refusal = wire.Refusal(bad.seq, bad.seq, bad.cause)
            haul.refusals.append((levels[2], levels[3], bad.boot, refusal))

    # --- what becomes of it ---

    async def _commit(self, haul: Haul) -> None:
        """Write until it is written; meanwhile the broker holds the rest back, and devices keep theirs."""
        now_s = asyncio.get_running_loop().time
        wait_s = FIRST_RETRY_S
        while True:
            began_s = now_s()
            try:
                await asyncio.to_thread(self._intake.write, haul)
            except StoreBusy as error:
                self.meters.store_failed(error)
                if wait_s == FIRST_RETRY_S:
                    LOG.error(  # noqa: TRY400  a full or locked store needs no trace
                        "the store takes nothing; trying again with back-off", why=str(error)
                    )
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LAST_RETRY_S)
            except StoreUnusable as error:
                self.meters.store_failed(error)
                raise
            else:
                self.meters.commit_seconds.observe(now_s() - began_s)
                return

    def _measure(self, haul: Haul) -> None:
        """Count what is committed."""
        meters, now_ms = self.meters, self._now_ms()
        meters.batch_messages.observe(len(haul.deliveries))
        meters.messages.inc(len(haul.batches) + len(haul.private))
        meters.readings.inc(sum(len(batch.readings) for batch in haul.batches))
        meters.states.inc(sum(len(batch.states) for batch in haul.batches))
        meters.healths.inc(len(haul.healths))
        meters.not_recorded.inc(len(haul.private))
        for newest_ms in filter(None, haul.newest_ms):
            meters.lag_seconds.observe(max(0, now_ms - newest_ms) / 1000)

    async def _answer(self, haul: Haul) -> None:
        try:
            for receipt in _receipts([*haul.batches, *haul.private], haul.refusals):
                await self._link.publish(*wire.encode(receipt))
                self.meters.receipts.inc()
        except LinkDown:
            pass  # the devices will send again, and that changes nothing
        for delivery in haul.deliveries:
            self._link.acknowledge(delivery)


def _receipts(
    batches: Iterable[wire.Batch], refusals: Iterable[tuple[str, str, str, wire.Refusal]]
) -> list[wire.Receipt]:
    """One receipt for each boot of each device, with its numbers drawn together into ranges."""
    done: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    refused: defaultdict[tuple[str, str, str], list[wire.Refusal]] = defaultdict(list)
    for batch in batches:
        done[batch.site, batch.device, batch.boot].add(batch.seq)
    for site, device, boot, refusal in refusals:
        refused[site, device, boot].append(refusal)
    return [
        wire.Receipt(*sender, tuple(_ranges(done[sender])), tuple(refused[sender]))
        for sender in {**dict.fromkeys(done), **dict.fromkeys(refused)}
    ]


def _ranges(seqs: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if ranges and seq == ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], seq
        else:
            ranges.append((seq, seq))
    return ranges
