# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Two busy weeks in four rooms, made with dice of their own, for rules that hold whoever is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from bezet.model import SpaceKind
from demo.people import Doing, Stay
from tests.demo.towns import DAY_MS, HOUR_MS, TUESDAY, Room, clock, small_town

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.town import Town

ROOMS = (
    Room("1.01", SpaceKind.MEETING),
    Room("1.02", SpaceKind.HYBRID, 10, 31.5),
    Room("1.03", SpaceKind.DESKS, 8, 60.0),
    Room("1.04", SpaceKind.PHONE, 1, 2.25),
)
#: From a Monday in the first week up to the Sunday after the second.
FROM_MS, TO_MS = clock(0, TUESDAY - timedelta(days=1)), clock(0, TUESDAY + timedelta(days=13))
#: Instants within them, on no grid.
INSTANTS = st.integers(FROM_MS, TO_MS - 1)


def busy_town(**more: Any) -> Town:
    """A town in which people meet, work, call and clean for two weeks, weekends included."""
    return small_town(*_stays(), spaces=ROOMS, **more)


def _stays() -> Iterator[Stay]:
    dice = np.random.default_rng(5)
    for day_ms in range(FROM_MS, TO_MS, DAY_MS):
        for room in ROOMS:
            at_ms = day_ms + int(dice.integers(6, 10) * HOUR_MS)
            while at_ms < day_ms + 20 * HOUR_MS:
                for_ms = int(dice.integers(5, 120) * 60_000)
                for seat in range(dice.integers(0, room.capacity + 1)):
                    late_ms, doing = int(dice.integers(0, for_ms // 3)), list(Doing)[dice.integers(5)]
                    yield Stay(f"p{room.id}-{seat}", room.id, at_ms + late_ms, at_ms + for_ms, doing, seat)
                at_ms += for_ms + int(dice.integers(1, 90) * 60_000)
            yield Stay("cleaner", room.id, at_ms + HOUR_MS, at_ms + HOUR_MS + 400_000, Doing.CLEANING, 0)
