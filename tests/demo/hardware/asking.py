# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Asks a polled sensor: the shipped driver on the simulated bus, in virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import SensorNotReady
from demo.hardware import World, make_bus
from demo.sensing import polls
from edge.sensors import load_driver
from tests.demo.virtual_time import passing, run_virtual

if TYPE_CHECKING:
    from demo.plan import Hung
    from demo.town import Town
    from tests.demo.hardware.listening import Heard
    from tests.demo.virtual_time import Wall

#: So long before it is listened to a sensor is opened, and asked as ever.
EARLIER_MS = 20_000


def ask(town: Town, hung: Hung, start_ms: int, end_ms: int) -> Heard:
    """What the driver of a sensor gives in [`start_ms`, `end_ms`), and when it was asked."""

    async def main(wall: Wall) -> Heard:
        bus = make_bus(hung.on, World(wall.now_ms, town), [hung])
        driver = load_driver(hung.driver)(bus, **hung.settings)
        await driver.open()
        found: Heard = []
        for t_ms in polls(wall.now_ms(), end_ms, round(1_000 * hung.every_s), hung.phase_ms).tolist():
            await passing((t_ms - wall.now_ms()) / 1_000)
            try:
                measured = await driver.read()
            except SensorNotReady:
                continue
            if t_ms >= start_ms:
                found.append((t_ms, measured))
        await bus.close()
        return found

    return run_virtual(main, start_ms - EARLIER_MS)
