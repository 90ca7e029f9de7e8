# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A passive infrared motion sensor with a logic output: HC-SR501 and its like.

        something warm moves
        ↓
        ┌───────────┐        3.3 V: it saw motion, for as long as its own timer runs after that
    ────┘           └──────  0 V:   it saw none (HC-SR501: then it is blind for 2.5 s)

The pin is pulled down, so that a wire that came off is no motion, and not the hum of the mains.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from bezet.model import Kind
from edge.bus.gpio import check_pins
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from edge.bus import GPIO


class PIR:
    """A motion sensor on `pin`, which is a BCM number."""

    def __init__(self, bus: GPIO, *, pin: int) -> None:
        check_pins(pin=pin)
        self._bus = bus
        self._pin = pin

    async def open(self) -> None:
        """Nothing to make ready: the bus takes the pin when it is watched."""

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Motion or none: now, at each change, and every half minute."""
        async with aclosing(self._bus.watch(self._pin)) as words:
            async for _, is_high in words:
                yield decode(is_high=is_high)


def decode(*, is_high: bool) -> list[Measured]:
    """The level of the output to motion."""
    return [Measured(Kind.MOTION, float(is_high))]
