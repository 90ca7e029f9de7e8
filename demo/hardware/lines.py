# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A serial line with one sensor at its far end."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.hardware import World
    from demo.plan import Hung

#: What sits at the far end, by driver: module and class. Each is made of the world and the sensor.
FAR_ENDS: Mapping[str, tuple[str, str]] = {
    "ld2410": ("radars", "LD2410End"),
    "ld2450": ("radars", "LD2450End"),
    "mhz19": ("co2_lines", "MHZ19End"),
    "senseair_s8": ("co2_lines", "SenseairS8End"),
}
#: What arrived longer ago, while nobody read, is lost: a line keeps 4096 bytes.
KEEPS_MS = 1_000


class FarEnd(Protocol):
    """The sensor at the far end."""

    def answer(self, sent: bytes, now_ms: int) -> bytes:
        """What it answers to what was sent; nothing (b"") if it does not."""

    def next_report(self, after_ms: int) -> tuple[int, bytes] | None:
        """When it speaks by itself after that instant, and what it says; None if it never does."""


class TownLine:
    """`edge.bus.UART`: what is sent arrives at once."""

    def __init__(self, world: World, sensors: Sequence[Hung]) -> None:
        (hung,) = sensors
        module, made = FAR_ENDS[hung.driver]
        self._world = world
        self.far_end: Any = getattr(import_module(f"demo.hardware.{module}"), made)(world, hung)
        self._arrived = b""
        self._heard_ms = 0

    async def open(self, baud: int) -> None:  # noqa: ARG002  the far end speaks at whatever rate it was set to
        """Open the line, also after it was gone; what had arrived before is dropped."""
        self._arrived = b""
        self._heard_ms = self._world.now_ms() - 1

    async def write(self, sent: bytes) -> None:
        """Send bytes."""
        self._arrived += self.far_end.answer(sent, self._world.now_ms())

    async def read(self) -> bytes:
        """What has arrived, at least one byte; waits for it."""
        while not self._arrived:
            self._heard_ms = max(self._heard_ms, self._world.now_ms() - KEEPS_MS)
            report = self.far_end.next_report(self._heard_ms)
            if report is None:
                await asyncio.Event().wait()  # nothing will ever come: it is for the driver to give up
                continue
            when_ms, said = report
            if (wait_ms := when_ms - self._world.now_ms()) > 0:
                await asyncio.sleep(wait_ms / 1000)
            self._heard_ms = when_ms
            self._arrived += said
        arrived, self._arrived = self._arrived, b""
        return arrived

    async def close(self) -> None:
        """Nothing is open."""
