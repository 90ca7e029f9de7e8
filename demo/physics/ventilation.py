# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the air of a space is changed: by its ventilation, through cracks, and through its door."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bezet.hours import openings
from bezet.retention import DAY_MS, HOUR_MS
from demo.dice import dice
from demo.people import Doing
from demo.physics.doors import door_open, has_door
from demo.physics.spans import Levels, Span, heaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.town import Town

#: Net height of a storey, m (ours).
CEILING_M = 2.7
#: Fresh air for each person that a space is meant for (Bouwbesluit 2012, table 3.28, office: 6.5 dm³/s).
FRESH_AIR_M3_S = 6.5e-3
#: Ventilation runs so much longer than a space is open, on each side (ours).
EARLY_MS = HOUR_MS
#: Air that comes in through cracks, in volumes an hour: ours, of an ordinary office building; each space has
#: its own.
LEAKY_PER_H = (0.1, 0.3)
#: What an open door of 0.9 by 2.0 m exchanges with the corridor: Cd/3 · W · H^1.5 · √(g ΔT/T) (Brown &
#: Solvason 1962, from memory), with Cd = 0.6 and 0.3 °C between the two (ours).
DOOR_M3_S = 0.6 / 3 * 0.9 * 2.0**1.5 * (9.81 * 0.3 / 294) ** 0.5
#: A space without a door is open over a width of 2.7 m, three doors.
OPEN_SIDE_M3_S = 3 * DOOR_M3_S
#: The corridor has so much more carbon dioxide than outdoors while the space is ventilated (ours).
CORRIDOR_PPM = 60.0


def volume_m3(town: Town, space: str) -> float:
    """The air in a space."""
    return town.building.spaces[space].area_m2 * CEILING_M


def infiltration_m3_s(town: Town, space: str) -> float:
    """What comes in through cracks, always."""
    low, high = LEAKY_PER_H
    return (low + (high - low) * dice(town.seed, "leaky", space)) * volume_m3(town, space) / 3600


@lru_cache(maxsize=256)
def ventilation_m3_s(town: Town, space: str, span: Span) -> Levels:
    """Fresh air that is blown in: while it is open, and while somebody other than the cleaners is there."""
    turns = [(from_ms - EARLY_MS, to_ms + EARLY_MS, 1.0) for from_ms, to_ms in open_hours(town, space, span)]
    turns += [
        (stay.from_ms, stay.to_ms, 1.0)
        for stay in town.stays(space, *span)
        if stay.doing is not Doing.CLEANING
    ]
    runs = heaped(turns, span)
    flow_m3_s = town.layout(space, span.from_ms).capacity * FRESH_AIR_M3_S
    return Levels(runs.t_ms, np.where(runs.level > 0, flow_m3_s, 0.0))


def through_door_m3_s(town: Town, space: str, span: Span) -> Levels:
    """Air of the corridor that comes in through the door."""
    steps = door_open(town, space, *span)
    if has_door(town, space, span):
        return Levels(steps.t_ms, np.where(steps.count > 0, DOOR_M3_S, 0.0))
    return Levels(steps.t_ms, np.full(len(steps.t_ms), OPEN_SIDE_M3_S))


def open_hours(town: Town, space: str, span: Span) -> Iterator[Span]:
    """When a space is open, on each day of a stretch and the days around it."""
    around = (span.from_ms - DAY_MS, span.to_ms + DAY_MS)
    found = openings(town.building, *around, town.building.spaces[space])
    return (Span(*one) for one in found)
