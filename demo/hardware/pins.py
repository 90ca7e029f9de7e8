# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The pins of a Pi, driven by what hangs on them: motion sensors, door contacts and buttons."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

# One file knows gpiozero; its mock pins are had there.
from edge.bus.gpio import MockFactory, PinBus, RealTime  # type: ignore[attr-defined]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.hardware import World
    from demo.plan import Hung
    from demo.town import Steps

#: So far ahead a pin asks its signal for what is to come.
AHEAD_MS = 3_600_000


class TownPins(PinBus):
    """`edge.bus.GPIO` on gpiozero's mock pins; each pin turns at the instants at which its signal does.

    A pin looks at least every `looks_every_s` whether the town is another meanwhile; a run that is faster
    than life may look less often.
    """

    def __init__(self, world: World, sensors: Sequence[Hung]) -> None:
        factory = MockFactory()
        super().__init__(factory, LoopTime())
        self.looks_every_s = 1.0
        self._wires = {
            pin: _Wire(self, world, hung, setting, factory.pin(pin))
            for hung in sensors
            for setting, pin in hung.settings.items()
            if setting.endswith("pin")
        }

    async def close(self) -> None:
        """Let go of all pins, which turn no more."""
        await super().close()
        for wire in self._wires.values():
            wire.stop()

    def _open(self, pin: int, *, pull_up: bool) -> Any:
        device = super()._open(pin, pull_up=pull_up)
        if pin in self._wires:
            self._wires[pin].start()
        return device


class LoopTime(RealTime):
    """Time as it passes for the loop that runs, which may be faster than life."""

    def now_s(self) -> float:
        """Seconds of the loop's own clock; called on the loop only, as mock pins are driven there."""
        return asyncio.get_running_loop().time()


class _Wire:
    """What hangs on a pin."""

    def __init__(self, bus: TownPins, world: World, hung: Hung, setting: str, pin: Any) -> None:
        self._bus, self._world, self._hung = bus, world, hung
        self._setting, self._pin = setting, pin
        self._of_town: Any = None
        self._signal: Any = None
        self._known: Steps
        self._known_from_ms = self._known_to_ms = 0
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Give the pin its level, now and from now on."""
        self.stop()
        self._turn()

    def stop(self) -> None:
        """Leave the pin as it is."""
        if self._next is not None:
            self._next.cancel()

    def _turn(self) -> None:
        now_ms = self._world.now_ms()
        self._look_ahead(now_ms)
        place = int(np.searchsorted(self._known.t_ms, now_ms, side="right"))
        (self._pin.drive_high if self._known.count[place - 1] else self._pin.drive_low)()
        turns_ms = self._known.t_ms[place] if place < len(self._known.t_ms) else self._known_to_ms
        wait_s = min(float(turns_ms - now_ms) / 1000, self._bus.looks_every_s)
        self._next = asyncio.get_running_loop().call_later(wait_s, self._turn)

    def _look_ahead(self, now_ms: int) -> None:
        if self._of_town is not self._world.town:
            self._of_town, self._signal = self._world.town, self._world.signal(self._hung)
            self._known_to_ms = 0
        if not self._known_from_ms <= now_ms < self._known_to_ms:
            self._known_from_ms, self._known_to_ms = now_ms, now_ms + AHEAD_MS
            self._known = self._signal.wires(now_ms, self._known_to_ms)[self._setting]
