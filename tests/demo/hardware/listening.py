# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Hears a sensor that speaks by itself: the shipped driver on the simulated bus, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import numpy as np

from demo.hardware import World, make_bus
from demo.sensing import make_signal
from edge.sensors import Measured, load_driver
from tests.demo.virtual_time import run_virtual

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.plan import Hung
    from demo.sensing import Words
    from demo.town import Town
    from tests.demo.virtual_time import Wall

Heard = list[tuple[int, list[Measured]]]


def hear(
    town: Town,
    hung: Hung,
    start_ms: int,
    end_ms: int,
    prepare: Callable[[World, Any], object] = lambda *_: None,
) -> Heard:
    """What the driver of a sensor gives in [`start_ms`, `end_ms`), and when.

    `prepare` is given world and bus before the driver is opened.
    """

    async def main(wall: Wall) -> Heard:
        world = World(wall.now_ms, town)
        bus = make_bus(hung.on, world, [hung])
        prepare(world, bus)
        driver = load_driver(hung.driver)(bus, **hung.settings)
        await driver.open()
        found: Heard = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout((end_ms - start_ms - 0.5) / 1000), aclosing(driver.listen()) as words:
                async for measured in words:
                    found.append((wall.now_ms(), measured))
        await bus.close()
        return found

    return run_virtual(main, start_ms)


def said(words: Words) -> Heard:
    """Words as they would be heard."""
    rows = zip(words.t_ms.tolist(), words.amounts.T.tolist(), strict=True)
    return [
        (
            t_ms,
            [
                Measured(kind, amount, part)
                for (kind, part), amount in zip(words.said, row, strict=True)
                if not np.isnan(amount)
            ],
        )
        for t_ms, row in rows
    ]


def expected(town: Town, hung: Hung, start_ms: int, end_ms: int) -> Heard:
    """What the driver of a sensor should give, by its signal."""
    return said(make_signal(town, hung).words(start_ms, end_ms))
