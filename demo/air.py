# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The CO2 in a simulated space: the mass balance of a well-mixed zone, in fixed steps.

    V dC/dt = Q (C_outdoor - C) + 1e6 G N

with C in ppm, the volume V in m³, the fresh air Q in m³/s and G in m³/s for each of N people. Within a step
N does not change, so each step is the exact solution (Batterman 2017, eq. 16).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from demo.building_life import stays

if TYPE_CHECKING:
    from demo.building_life import SimulatedSpace

OUTDOOR_PPM = 420.0
#: What one person breathes out: 0.0052 L/s at 24 °C, people of 30 to 59 at 1.4 met (Persily & de Jonge 2017,
#: Indoor Air 27:868, table 4, 0.0048 L/s at 0 °C).
GENERATION_M3_S = 5.2e-6
#: Fresh air for each person that a space is meant for: 6.5 dm³/s (Bouwbesluit 2012, table 3.28, office).
FRESH_AIR_M3_S = 6.5e-3
CEILING_M = 2.7

STEP_MS = 10_000
#: The air is known well enough (0.1 ppm) this long after the simulation begins with outdoor air: at the
#: slowest ventilation of the example building, 1.3 air changes an hour, e⁻⁸ of the error is left.
WARM_UP_MS = 6 * 3_600_000


class Ventilation(NamedTuple):
    """The air of a space: its volume, and the fresh air that flows through it."""

    volume_m3: float
    fresh_air_m3_s: float


def ventilation_of(space: SimulatedSpace) -> Ventilation:
    """The air of a space with the ventilation that its capacity asks for."""
    return Ventilation(space.area_m2 * CEILING_M, space.capacity * FRESH_AIR_M3_S)


def next_ppm(co2_ppm: float, people: int, air: Ventilation, seconds: float) -> float:
    """The concentration after `seconds` with `people` in the space."""
    steady_ppm = OUTDOOR_PPM + 1e6 * GENERATION_M3_S * people / air.fresh_air_m3_s
    left = math.exp(-air.fresh_air_m3_s * seconds / air.volume_m3)
    return steady_ppm + (co2_ppm - steady_ppm) * left


class Air:
    """The air of one space, asked at instants that do not run backwards."""

    def __init__(self, space: SimulatedSpace) -> None:
        self._space = space
        self._ventilation = ventilation_of(space)
        self._t_ms: int | None = None
        self._co2_ppm = OUTDOOR_PPM

    def co2_ppm(self, t_ms: int) -> float:
        """The concentration at the last whole step before `t_ms`, milliseconds since 1970 UTC."""
        step_start_ms = t_ms // STEP_MS * STEP_MS
        at_ms = step_start_ms - WARM_UP_MS if self._t_ms is None else self._t_ms
        while at_ms < step_start_ms:
            people = len(stays(self._space, at_ms))
            self._co2_ppm = next_ppm(self._co2_ppm, people, self._ventilation, STEP_MS / 1000)
            at_ms += STEP_MS
        self._t_ms = at_ms
        return self._co2_ppm
