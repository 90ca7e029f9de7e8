# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Drivers of sensors that hang in the simulated town hall, known to the agent by entry point.

Each keyword argument is a setting of the agent's configuration: `simulates` is the id of the simulated
space, `kind`, `capacity` and `area_m2` say what it is, and `seed` chooses its people. `clock` gives
nanoseconds since 1970 UTC and is for programs, not for configuration files.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bezet.model import Kind, SpaceKind
from demo.air import Air
from demo.building_life import SimulatedSpace
from demo.sensing import counted, sees_motion, smelled_ppm
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_AREA_M2 = 20.0


class SimulatedBus:
    """What the simulated sensors of one space hang on: it knows the time, and answers for that instant."""

    def __init__(self, space: SimulatedSpace, clock: Callable[[], int]) -> None:
        if not callable(clock):
            raise TypeError("clock is not a setting")
        self._space = space
        self._clock = clock
        self._air = Air(space)

    def sees_motion(self, eye: int) -> bool:
        """Whether the passive infrared sensor of that number sees anybody move."""
        return sees_motion(self._space, self._now_ms(), eye)

    def people(self) -> int:
        """How many people the counter sees."""
        return counted(self._space, self._now_ms())

    def co2_ppm(self) -> float:
        """What the CO2 sensor smells."""
        now_ms = self._now_ms()
        return smelled_ppm(self._air.co2_ppm(now_ms), self._space, now_ms)

    def _now_ms(self) -> int:
        return self._clock() // 1_000_000


class _Simulated:
    """A sensor in a simulated space; it is always ready."""

    def __init__(
        self,
        simulates: str,
        kind: str,
        capacity: int,
        area_m2: float = DEFAULT_AREA_M2,
        seed: int = 1,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        space = SimulatedSpace(simulates, SpaceKind(kind), capacity, area_m2, seed)
        self._bus = SimulatedBus(space, clock)

    async def open(self) -> None:
        """Nothing to make ready."""


class SimulatedMotion(_Simulated):
    """A passive infrared sensor; two of them in one space differ in `eye`."""

    def __init__(
        self,
        simulates: str,
        kind: str,
        capacity: int,
        area_m2: float = DEFAULT_AREA_M2,
        seed: int = 1,
        eye: int = 1,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(simulates, kind, capacity, area_m2, seed, clock)
        self._eye = eye

    async def read(self) -> list[Measured]:
        """1 while somebody is seen to move."""
        return [Measured(Kind.MOTION, float(self._bus.sees_motion(self._eye)))]


class SimulatedCount(_Simulated):
    """A people counter in the ceiling."""

    async def read(self) -> list[Measured]:
        """The people seen now."""
        return [Measured(Kind.PEOPLE_COUNT, float(self._bus.people()))]


class SimulatedCO2(_Simulated):
    """A CO2 sensor on the wall."""

    async def open(self) -> None:
        """Let the air of the last hours in."""
        self._bus.co2_ppm()

    async def read(self) -> list[Measured]:
        """The concentration now."""
        return [Measured(Kind.CO2_PPM, self._bus.co2_ppm())]
