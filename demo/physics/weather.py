# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is outdoors: carbon dioxide, temperature and moisture, slowly varying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.dice import dice
from demo.physics.spans import DAY_MS

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints
    from demo.town import Town

HOUR_MS = 3_600_000
YEAR_MS = 365.25 * DAY_MS

#: Carbon dioxide: more at the end of the night, when the air is still, than in the afternoon, and other on
#: other days. The numbers are ours.
SWING_PPM, DAYS_PPM = 8.0, 6.0
#: De Bilt: a mean of 10.5 °C, 3.6 in January and 18.3 in July (KNMI normals 1991-2020, from memory), hence
#: half of the difference; by day 3.5 °C warmer or colder, and other on other days by 4 °C at most (ours).
MEAN_C, SEASON_C, SWING_C, DAYS_C = 10.5, 7.3, 3.5, 4.0
#: When it is warmest: the 200th day of the year, and at 14:00 UTC.
WARMEST_MS, WARMEST_HOUR = 200 * DAY_MS, 14
#: Outdoor air holds this share of the moisture that it could at the mean of the day, ± so much (ours; De Bilt
#: has 82 % over the year).
SATURATED, DAYS_SATURATED = 0.80, 0.08


def outdoor_ppm(town: Town, t_ms: Ints) -> Floats:
    """Carbon dioxide outdoors: one number for each hour."""
    hour_ms = t_ms // HOUR_MS * HOUR_MS
    phase = 2 * np.pi * (hour_ms / HOUR_MS - 4) / 24
    mean_ppm = town.building.air.outdoor_ppm
    return np.asarray(mean_ppm + SWING_PPM * np.cos(phase) + DAYS_PPM * _days(town.seed, "ppm", hour_ms))


def outdoor_c(town: Town, t_ms: Ints) -> Floats:
    """The temperature outdoors."""
    phase = 2 * np.pi * (t_ms / HOUR_MS - WARMEST_HOUR) / 24
    return np.asarray(_day_c(town, t_ms) + SWING_C * np.cos(phase))


def outdoor_g_m3(town: Town, t_ms: Ints) -> Floats:
    """The moisture outdoors."""
    share = SATURATED + DAYS_SATURATED * _days(town.seed, "moisture", t_ms)
    return np.asarray(share * saturation_g_m3(_day_c(town, t_ms)))


def saturation_g_m3(temperature_c: Floats) -> Floats:
    """The moisture that air can hold (Magnus formula, constants of WMO No. 8, and the ideal gas law)."""
    pressure_hpa = 6.112 * np.exp(17.62 * temperature_c / (243.12 + temperature_c))
    return np.asarray(216.7 * pressure_hpa / (273.15 + temperature_c))


def _day_c(town: Town, t_ms: Ints) -> Floats:
    season = np.cos(2 * np.pi * (t_ms - WARMEST_MS) / YEAR_MS)
    return np.asarray(MEAN_C + SEASON_C * season + DAYS_C * _days(town.seed, "weather", t_ms))


def _days(seed: int, what: str, t_ms: Ints) -> Floats:
    """Between -1 and 1, another number at each noon and straight lines in between."""
    first, last = (int(t_ms[at] - DAY_MS // 2) // DAY_MS for at in (0, -1))
    days = range(first, last + 2)
    noons_ms = np.array([day * DAY_MS + DAY_MS // 2 for day in days])
    return np.interp(t_ms, noons_ms, [2 * dice(seed, what, day) - 1 for day in days])
