# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How light it is at a sensor on the ceiling: the sky by the window, and lamps that people keep on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.dice import dice
from demo.lens import pieces
from demo.sensing.topics_speaking import held

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints
    from demo.town import Town

DAY_MS = 86_400_000
#: Where the town hall stands, near enough: the middle of the Netherlands.
LATITUDE, LONGITUDE_DAYS = np.deg2rad(52.1), 5.1 / 360
TILT = np.deg2rad(23.45)
YEAR_DAYS = 365.2425
#: Between 1 January and the day on which the sun crosses the equator northwards.
SPRING_DAYS = 80.0
#: Of the light under the open sky, what comes in to a desk. EN 17037 asks for about 2 % here; the number is
#: ours, as is the sky of each day, which is from this part of an overcast one to that many of them.
DAYLIGHT_FACTOR = 0.02
SKIES = (0.5, 2.5)
#: Offices are lit with 500 lux where people write, type and read (EN 12464-1), and of that a sensor on the
#: ceiling sees what tables send back. The share is ours, and so is the time that lamps stay on.
LAMPS_LUX, SENT_BACK = 500.0, 0.4
LAMPS_HOLD_MS = 15 * 60_000
EARLIER_MS = LAMPS_HOLD_MS + 60_000


def light_lux(town: Town, space: str, t_ms: Ints) -> Floats:
    """The light at a sensor in a space, in lux, at instants that rise; all of shape (n,)."""
    if not len(t_ms):
        return np.empty(0)
    start_ms, end_ms = int(t_ms[0]), int(t_ms[-1]) + 1
    lamps = held(town.steps(space, start_ms - EARLIER_MS, end_ms), 0, LAMPS_HOLD_MS)
    life_ms = _life(town, t_ms)
    days, place = np.unique(life_ms // DAY_MS, return_inverse=True)
    skies = np.array([dice(town.seed, "sky", day) for day in days.tolist()])
    outside_lux = _overcast_lux(life_ms) * (SKIES[0] + (SKIES[1] - SKIES[0]) * skies[place])
    return np.asarray((outside_lux * DAYLIGHT_FACTOR + LAMPS_LUX * lamps.at(t_ms)) * SENT_BACK)


def _overcast_lux(t_ms: Ints) -> Floats:
    """The light under an overcast sky: 300 lux and 21,000 for the sine of the sun's height.

    (Krochmann and Seidl 1974, "Quantitative data on daylight for illuminating engineering", from memory.)
    """
    days = t_ms / DAY_MS
    tilt = TILT * np.sin(2 * np.pi * ((days % YEAR_DAYS) - SPRING_DAYS) / YEAR_DAYS)
    hour = 2 * np.pi * ((days + LONGITUDE_DAYS) % 1 - 0.5)
    height = np.sin(LATITUDE) * np.sin(tilt) + np.cos(LATITUDE) * np.cos(tilt) * np.cos(hour)
    return np.where(height > 0, 300 + 21_000 * height, 0.0)


def _life(town: Town, t_ms: Ints) -> Ints:
    """The instants in life that belong to these on the wall: the sun keeps to the people's day."""
    if not town.bent:
        return t_ms
    found = t_ms.copy()
    for piece in pieces(town.bent, int(t_ms[0]), int(t_ms[-1]) + 1):
        inside = (t_ms >= piece.from_ms) & (t_ms < piece.to_ms)
        found[inside] = np.round(piece.life_ms + (t_ms[inside] - piece.from_ms) * piece.speed)
    return found
