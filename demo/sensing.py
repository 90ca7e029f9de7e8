# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a sensor makes of the simulated people and air, faults included; pure functions of the instant."""

from __future__ import annotations

from demo.building_life import SimulatedSpace, Stay, dice, stays

#: Whoever comes in or goes out walks for this long.
WALK_MS = 4_000
#: For such a stretch a person either moves about or sits still.
MOOD_MS = 20_000
MOVES = 0.4
#: The chance, each second, that a passive infrared sensor sees a person who walks, moves about, sits still.
SEEN_WALKING, SEEN_MOVING, SEEN_STILL = 0.9, 0.3, 0.01

#: For such a stretch a people counter misses a person with this chance, but nobody who has just come in.
MISS_MS = 15_000
MISSED = 0.04

#: How far a CO2 sensor is off at most, from one reading to the next.
CO2_NOISE_PPM = 6.0


def sees_motion(space: SimulatedSpace, t_ms: int, eye: int) -> bool:
    """Whether passive infrared sensor number `eye` of the space sees anybody move in this second."""
    second = t_ms // 1000
    return any(
        dice(stay.person, eye, second, "seen") < _visibility(stay, t_ms) for stay in stays(space, t_ms)
    )


def _visibility(stay: Stay, t_ms: int) -> float:
    if min(t_ms - stay.from_ms, stay.to_ms - t_ms) < WALK_MS:
        return SEEN_WALKING
    moves = dice(stay.person, t_ms // MOOD_MS, "moves") < MOVES
    return SEEN_MOVING if moves else SEEN_STILL


def counted(space: SimulatedSpace, t_ms: int) -> int:
    """How many people a counter sees: at most as many as there are."""
    return sum(
        t_ms - stay.from_ms < WALK_MS or dice(stay.person, t_ms // MISS_MS, "missed") >= MISSED
        for stay in stays(space, t_ms)
    )


def smelled_ppm(co2_ppm: float, space: SimulatedSpace, t_ms: int) -> float:
    """What a CO2 sensor gives, in whole ppm, for the true concentration."""
    noise_ppm = (2 * dice(space.seed, space.id, t_ms, "noise") - 1) * CO2_NOISE_PPM
    return float(round(co2_ppm + noise_ppm))
