# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent on a disk that is slow or full, while it is told to end."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from bezet import wire
from bezet.errors import OutboxFull
from bezet.link.memory import MemoryBroker
from edge.holding import KEEP_AFTER_MS
from edge.outbox import Outbox
from edge.sensing import Sensor
from tests.edge.stage import START_MS, Told, listening, running
from tests.edge.test_agent import MOTION, has_trouble
from tests.edge.test_clock import Hands

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from pathlib import Path

    from edge.outbox import Held, Released
    from edge.sensors import Measured


class SlowDisk(Outbox):
    """Takes its first message only when it is told to, and then says that it has no room for it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def put(
        self, batches: Sequence[wire.Batch], keep: Mapping[str, str], *, releases: Released | None = None
    ) -> list[int]:
        """Refuse the first, after a while."""
        if not self.is_asked.is_set():
            self.is_asked.set()
            assert self.may_answer.wait(20)
            raise OutboxFull("no room for the first")
        return super().put(batches, keep, releases=releases)


class LetsGo(Told):
    """A sensor that lets the disk answer when it is told to end itself."""

    def __init__(self, disk: SlowDisk) -> None:
        super().__init__()
        self._disk = disk

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """What it was told."""
        try:
            async for word in super().listen():
                yield word
        finally:
            self._disk.may_answer.set()


class FullDisk(Outbox):
    """Takes messages, and nothing that waits for the time."""

    def hold(self, rows: Sequence[Held], kernel_boot: str) -> None:
        """No room."""
        del rows, kernel_boot
        raise OutboxFull("no room")


async def test_a_reading_under_way_to_a_slow_disk_is_saved_at_the_end(tmp_path: Path) -> None:
    """An agent that is told to end while the disk is at work hears it out, and puts again what it refused."""
    with closing(SlowDisk(tmp_path / "outbox.db")) as disk:
        pir = LetsGo(disk)
        async with running(MemoryBroker(), disk, [Sensor("pir", "1.04", pir)]):
            pir.say(MOTION)
            assert await asyncio.to_thread(disk.is_asked.wait, 20)
        letter = disk.load(1)

        assert letter is not None
        batch = wire.decode(*letter)
        assert isinstance(batch, wire.Batch)
        assert [(one.t_ms, one.value) for one in batch.readings] == [(START_MS, 1)]


async def test_a_full_disk_is_told_before_the_time_is_known(tmp_path: Path) -> None:
    """Numbers that wait for the time and find no room on the disk are a trouble in health, too."""
    broker, pir, hands = MemoryBroker(), Told(), Hands(3_000)
    with closing(FullDisk(tmp_path / "outbox.db")) as disk:
        async with (
            listening(broker) as ear,
            running(broker, disk, [Sensor("pir", "1.04", pir)], clock=hands.clock),
        ):
            pir.say(MOTION)
            await pir.until_heard()
            hands.pass_ms(KEEP_AFTER_MS)
            await ear.until(has_trouble(wire.Trouble.DISK_FULL))  # type: ignore[arg-type]
