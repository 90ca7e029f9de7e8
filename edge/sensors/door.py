# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A magnetic door contact (reed switch) between a pin and ground; the Pi pulls the pin up.

    door     magnet   contact   pin
    closed   near     closed    low
    open     away     open      high   and when a wire is cut

A contact that opens when the magnet comes near turns this around: `open_is = "low"`.
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

#: A reed switch bounces for some milliseconds, and no door opens and closes in this time.
BOUNCE_S = 0.05


class DoorContact:
    """A contact on `pin`, a BCM number; `open_is` is the level there while the door is open, high or low."""

    def __init__(self, bus: GPIO, *, pin: int, open_is: str = "high") -> None:
        check_pins(pin=pin)
        if open_is not in ("high", "low"):
            raise ValueError(f'open_is = {open_is!r}: "high" or "low" is wanted')
        self._bus = bus
        self._pin = pin
        self._open_is = open_is

    async def open(self) -> None:
        """Nothing to make ready: the bus takes the pin when it is watched."""

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Open or closed: now, at each change, and every half minute."""
        async with aclosing(self._bus.watch(self._pin, pull_up=True, bounce_s=BOUNCE_S)) as words:
            async for _, is_low in words:
                yield decode(is_low=is_low, open_is=self._open_is)


def decode(*, is_low: bool, open_is: str) -> list[Measured]:
    """The level of the pin to a door that is open or closed."""
    level = "low" if is_low else "high"
    return [Measured(Kind.DOOR_OPEN, float(level == open_is))]
