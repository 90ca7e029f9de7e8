# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a device would have measured and said, minute by minute, before the building's 11:00."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bezet.model import Kind, Reading
from bezet.occupancy.course import Course
from bezet.occupancy.room import room_on
from bezet.retention import local_day
from bezet.wire import Batch, Clock
from tests.api.conftest import BOOT, NOW_MS, SITE
from tests.bezet.walks import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bezet.model import Building, State
    from store import Store

MINUTE_MS = 60_000


def minutes(
    sensor: str, kind: Kind, first: int, last: int, value: float | Callable[[int], float]
) -> list[Reading]:
    """A reading in every minute from the first to the last, both counted to 11:00: -30 is 10:30."""
    return [
        Reading(NOW_MS + n * MINUTE_MS, sensor, kind, value(n) if callable(value) else value)
        for n in range(first, last + 1)
    ]


def lived(building: Building, space: str, readings: Sequence[Reading], until: int = 0) -> list[State]:
    """What a device says that measures so, up to a minute."""
    room = room_on(building.spaces[space], local_day(NOW_MS, building.timezone))
    in_order = sorted(readings, key=lambda one: one.t_ms)
    instants = [[*group] for _, group in groupby(in_order, key=lambda one: one.t_ms)]
    return [*walk(Course(room), instants, NOW_MS + until * MINUTE_MS)]


def kept(
    store: Store, space: str, readings: Sequence[Reading], states: Sequence[State], device: str = "pi-1"
) -> None:
    """Let the store have it."""
    store.write([Batch(SITE, device, space, BOOT, 1, Clock.TRUSTED, tuple(readings), tuple(states))])


#: Nobody, then from 10:40 on somebody who moves, with the door shut at 10:41 and air that becomes heavy.
MEETING = [
    *minutes("pir-1", Kind.MOTION, -180, -21, 0),
    *minutes("pir-1", Kind.MOTION, -20, 0, 1),
    *minutes("door-1", Kind.DOOR_OPEN, -20, -20, 1),
    *minutes("door-1", Kind.DOOR_OPEN, -19, 0, 0),
    *minutes("scd4x-1", Kind.CO2_PPM, -180, -21, 430),
    *minutes("scd4x-1", Kind.CO2_PPM, -20, 0, lambda n: 430 + 14 * (n + 20)),
]
