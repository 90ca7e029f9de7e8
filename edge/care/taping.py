# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Makes a recording from real hardware: what was said on the bus, and what the driver made of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from edge.bus.conversation import Tape
from edge.cases import Case, take_turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.config import Wiring


async def tape(
    wiring: Wiring,
    *,
    name: str,
    turns: int,
    every_s: float,
    timeout_s: float,
    heard: Callable[[str], None],
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Case:
    """Record so many turns of a sensor, `every_s` apart and each at most `timeout_s` long; `heard` is told
    each.

    An answer that does not come is part of the recording, as it is in a real space.
    """
    lines: list[str] = []
    driver, opened = wiring.tapped(Tape(lines.append))
    found: list[str] = []
    try:
        async with aclosing(take_turns(driver, turns, timeout_s=timeout_s)) as taken:
            async for turn in taken:
                found.append(turn)
                if turn == "TimeoutError" and lines[-1:] != ["! timeout"]:
                    lines.append("! timeout")
                heard(turn)
                if len(found) < turns:
                    await wait(every_s)
    finally:
        for one in opened:
            if hasattr(one, "close"):  # most taps have nothing of their own
                await one.close()
    rule = "Recorded from the real sensor."
    return Case(wiring.driver, name, rule, lines, found, wiring.settings)
