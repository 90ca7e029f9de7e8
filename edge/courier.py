# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Carries messages from the outbox to the broker until their receipts come, at the window's pace."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from bezet import wire
from bezet.errors import BadMessage, Cause, LinkDown, OutboxFull
from bezet.link import Delivery, Down, Up
from bezet.window import Mode
from edge.clock import loop_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bezet.link import Link
    from bezet.window import Window
    from edge.outbox import Letter, Outbox

LOG = logging.getLogger("bezet.edge.courier")

#: Messages that were refused are tried again after this time: a building file may have been mended.
UNPARK_S = 3_600
#: How many probes go unanswered before that is worth a word.
PROBES_BEFORE_WORD = 4


class Courier:
    """The only one who sends from the outbox; its owner hears of connections, refusals and other messages."""

    def __init__(
        self,
        link: Link,
        outbox: Outbox,
        window: Window,
        *,
        on_up: Callable[[], Awaitable[None]],
        on_refused: Callable[[Cause], None],
        on_other: Callable[[wire.Message, Delivery], None],
    ) -> None:
        self._link = link
        self._outbox = outbox
        self._window = window
        self._on_up = on_up
        self._on_refused = on_refused
        self._on_other = on_other
        self._is_up = False
        self._unanswered = 0
        self._wake = asyncio.Event()
        self._emptier = asyncio.Condition()

    async def run(self) -> None:
        """Carry until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear(), name="courier.hear")
            tasks.create_task(self._send(), name="courier.send")
            tasks.create_task(self._unpark(), name="courier.unpark")

    def posted(self, evicted: Sequence[int] = ()) -> None:
        """New messages lie in the outbox, and these had to go to make room."""
        self._window.drop(evicted)
        self._wake.set()

    async def until_queued(self, most: int) -> None:
        """Return when at most `most` messages wait for their receipt."""
        async with self._emptier:
            await self._emptier.wait_for(lambda: self._outbox.queued <= most)

    # --- hearing ---

    async def _hear(self) -> None:
        while True:
            match await self._link.receive():
                case Up():
                    LOG.info("connected to the broker")
                    # What is so now goes before what was: screens need not wait for history to catch up.
                    await self._on_up()
                    self._is_up = True
                    self._window.reconnected(loop_ms())
                    self._wake.set()
                case Down(why):
                    LOG.warning("%s; messages wait on disk, trying again with back-off", why)
                    self._is_up = False
                case Delivery() as delivery:
                    await self._read(delivery)
                    self._link.acknowledge(delivery)

    async def _read(self, delivery: Delivery) -> None:
        try:
            message = wire.decode(delivery.topic, delivery.payload)
        except BadMessage as bad:
            LOG.warning("on %s: %s", delivery.topic, bad)
            return
        if isinstance(message, wire.Receipt):
            await self._settle(message)
        else:
            self._on_other(message, delivery)

    async def _settle(self, receipt: wire.Receipt) -> None:
        settled: list[int] = []
        try:
            settled += await asyncio.to_thread(self._outbox.forget, receipt.boot, receipt.ranges)
            if receipt.refused:
                spans = [(refusal.first, refusal.last) for refusal in receipt.refused]
                settled += await asyncio.to_thread(self._outbox.park, receipt.boot, spans)
        except OutboxFull as error:
            LOG.warning("%s: a receipt could not be noted, so its messages will be sent again", error)
        for refusal in receipt.refused:
            self._on_refused(refusal.cause)
        if self._unanswered >= PROBES_BEFORE_WORD:
            LOG.info("the collector answers again")
        self._unanswered = 0
        self._window.settle(settled, loop_ms())
        self._wake.set()
        async with self._emptier:
            self._emptier.notify_all()

    # --- sending ---

    async def _send(self) -> None:
        while True:
            self._wake.clear()
            if self._is_up:
                await self._send_due()
            await self._until_next()

    async def _send_due(self) -> None:
        await self._fill()
        due = self._window.due(loop_ms())
        self._note_silence(len(due))
        letters = await asyncio.to_thread(self._load, due) if due else {}
        self._window.drop([seq for seq in due if seq not in letters])
        for letter in letters.values():
            if not await self._publish(letter):
                return

    def _load(self, seqs: Sequence[int]) -> dict[int, Letter]:
        """The letters that are there still; blocks on the disk."""
        return {seq: letter for seq in seqs if (letter := self._outbox.load(seq)) is not None}

    def _note_silence(self, sent: int) -> None:
        """Say once that nobody answers, after a few probes; the broker being there is not enough."""
        if self._window.mode is Mode.OPEN or not sent:
            return
        self._unanswered += 1
        if self._unanswered == PROBES_BEFORE_WORD:
            LOG.warning("the broker is there, but no collector answers; messages wait on disk")

    async def _fill(self) -> None:
        """Take into the window what waits; the disk may be slow, and nobody else waits for it."""
        room = self._window.room
        if room and self._outbox.queued > len(self._window):
            waiting = await asyncio.to_thread(self._outbox.waiting, room + len(self._window))
            fresh = [seq for seq in waiting if seq not in self._window]
            self._window.take(fresh[: self._window.room], loop_ms())

    async def _publish(self, letter: Letter) -> bool:
        try:
            await self._link.publish(letter.topic, letter.payload)
        except LinkDown:
            self._is_up = False  # the link says Up when it is back; what was due stays due
            return False
        return True

    async def _until_next(self) -> None:
        deadline_ms = self._window.deadline_ms() if self._is_up else None
        wait_s = None if deadline_ms is None else max(0.0, (deadline_ms - loop_ms()) / 1000)
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _unpark(self) -> None:
        while True:
            with contextlib.suppress(OutboxFull):
                await asyncio.to_thread(self._outbox.unpark)
            self._wake.set()
            await asyncio.sleep(UNPARK_S)
