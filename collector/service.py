# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Subscribe, decode, batch, write, acknowledge: nothing is answered before the store has it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bezet import wire
from bezet.errors import BadMessage, Cause, LinkDown, StoreBusy
from bezet.link import Delivery, Down, Up
from store import Reject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bezet.link import Link
    from bezet.model import Building
    from store import Store

LOG = structlog.get_logger("bezet.collector")

#: A write takes what has arrived, at most this many messages.
BATCH_MESSAGES = 500
#: Each topic and cause is logged once, and no more of them than this: the rejects table holds the rest.
MAX_LOGGED = 1_000
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 30.0


@dataclass(slots=True)
class Counters:
    """What this collector has done since it started."""

    messages: int = 0
    readings: int = 0
    states: int = 0
    receipts: int = 0
    rejects: Counter[Cause] = field(default_factory=Counter)
    not_recorded: int = 0


@dataclass(slots=True)
class _Haul:
    """One write's worth of deliveries, sorted."""

    deliveries: list[Delivery] = field(default_factory=list)
    batches: list[wire.Batch] = field(default_factory=list)
    private: list[wire.Batch] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    refusals: list[tuple[str, str, str, wire.Refusal]] = field(default_factory=list)


class Collector:
    """Takes in what the devices of one building send, until cancelled."""

    def __init__(self, link: Link, store: Store, building: Building, now_ms: Callable[[], int]) -> None:
        self._link = link
        self._store = store
        self._building = building
        self._now_ms = now_ms
        self._arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        self._logged: set[tuple[str, Cause]] = set()
        self.counters = Counters()

    async def run(self) -> None:
        """Run; whoever opened link and store closes them."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(), name="collector.hear")
            tasks.create_task(self._work(), name="collector.work")

    async def _hear(self) -> None:
        while True:
            match await self._link.receive():
                case Up():
                    LOG.info("connected to the broker")
                case Down(why):
                    LOG.warning("no broker; trying again with back-off", why=why)
                case Delivery() as delivery:
                    self._arrived.put_nowait(delivery)

    async def _work(self) -> None:
        while True:
            haul = _Haul()
            self._sort(await self._arrived.get(), haul)
            while not self._arrived.empty() and len(haul.deliveries) < BATCH_MESSAGES:
                self._sort(self._arrived.get_nowait(), haul)
            await self._commit(haul)
            await self._answer(haul)

    def _sort(self, delivery: Delivery, haul: _Haul) -> None:
        haul.deliveries.append(delivery)
        try:
            batch = self._accept(delivery)
        except BadMessage as bad:
            self._refuse(delivery, bad, haul)
            return
        self.counters.messages += 1
        if self._building.spaces[batch.space].measured:
            haul.batches.append(batch)
        else:
            haul.private.append(batch)

    def _accept(self, delivery: Delivery) -> wire.Batch:
        batch = wire.decode(delivery.topic, delivery.payload)
        if not isinstance(batch, wire.Batch):
            raise BadMessage(Cause.BAD_TOPIC, "only readings are collected")
        if batch.site != self._building.site or batch.space not in self._building.spaces:
            what = f"space {batch.space} of site {batch.site} is not in the building file"
            raise BadMessage(Cause.UNKNOWN_SPACE, what, batch.boot, batch.seq)
        instants = [reading.t_ms for reading in batch.readings] + [state.t_ms for state in batch.states]
        newest_ms = max(instants, default=0)
        ahead_ms = newest_ms - self._now_ms()
        if ahead_ms > wire.FUTURE_MS:
            raise BadMessage(
                Cause.FUTURE, f"{ahead_ms / 1000:.0f} s ahead of our clock", batch.boot, batch.seq
            )
        return batch

    def _refuse(self, delivery: Delivery, bad: BadMessage, haul: _Haul) -> None:
        self.counters.rejects[bad.cause] += 1
        haul.rejects.append(Reject(self._now_ms(), delivery.topic, bad.cause, bad.what, delivery.payload))
        if (delivery.topic, bad.cause) not in self._logged and len(self._logged) < MAX_LOGGED:
            self._logged.add((delivery.topic, bad.cause))
            LOG.warning("message refused", topic=delivery.topic, cause=str(bad.cause), what=bad.what)
        levels = delivery.topic.split("/")
        if bad.boot is not None and bad.seq is not None and len(levels) > 3:
            refusal = wire.Refusal(bad.seq, bad.seq, bad.cause)
            haul.refusals.append((levels[2], levels[3], bad.boot, refusal))

    async def _commit(self, haul: _Haul) -> None:
        """Write until it is written; meanwhile the broker holds the rest back, and devices keep theirs."""
        wait_s = FIRST_RETRY_S
        while True:
            try:
                await asyncio.to_thread(self._write, haul)
            except StoreBusy as error:
                if wait_s == FIRST_RETRY_S:
                    LOG.error(  # noqa: TRY400  a full or locked store needs no trace
                        "the store takes nothing; trying again with back-off", why=str(error)
                    )
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LAST_RETRY_S)
            else:
                return

    def _write(self, haul: _Haul) -> None:
        if haul.batches:
            self._store.write(haul.batches)
        if haul.rejects:
            self._store.reject(haul.rejects)
            haul.rejects.clear()

    async def _answer(self, haul: _Haul) -> None:
        for batch in haul.batches:
            self.counters.readings += len(batch.readings)
            self.counters.states += len(batch.states)
        self.counters.not_recorded += len(haul.private)
        try:
            for receipt in _receipts([*haul.batches, *haul.private], haul.refusals):
                await self._link.publish(*wire.encode(receipt))
                self.counters.receipts += 1
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
