# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Three buttons by which people say how a space was: good, so-so or bad; each between its pin and ground.

              pressed      released
──────────┐┌┐┌┐     ┌┐┌┐┌────────────  3.3 V, by the resistor in the Pi
          └┘└┘└─────┘└┘└┘              0 V
          one press, however long and however much it bounces
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

#: Longer than a button bounces, shorter than a finger in a hurry takes between two presses.
BOUNCE_S = 0.03

#: What each button says.
ANSWERS = {"good": 1.0, "so_so": 0.0, "bad": -1.0}


class FeedbackButtons:
    """Buttons on three pins, which are BCM numbers."""

    def __init__(self, bus: GPIO, *, good_pin: int, so_so_pin: int, bad_pin: int) -> None:
        check_pins(good_pin=good_pin, so_so_pin=so_so_pin, bad_pin=bad_pin)
        self._bus = bus
        self._buttons = {good_pin: "good", so_so_pin: "so_so", bad_pin: "bad"}

    async def open(self) -> None:
        """Nothing to make ready: the bus takes the pins when they are watched."""

    async def listen(self) -> AsyncGenerator[list[Measured], None]:
        """Each press once; nothing where a button only shows that it is there, or was held from before."""
        was_pressed = dict.fromkeys(self._buttons, True)
        async with aclosing(self._bus.watch(*self._buttons, pull_up=True, bounce_s=BOUNCE_S)) as words:
            async for pin, is_pressed in words:
                is_new = is_pressed and not was_pressed[pin]
                was_pressed[pin] = is_pressed
                yield decode(self._buttons[pin]) if is_new else []


def decode(button: str) -> list[Measured]:
    """A press to what it says; the name of its button goes along, so that two at one instant stay two."""
    return [Measured(Kind.FEEDBACK, ANSWERS[button], button)]
