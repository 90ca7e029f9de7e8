# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Pictures of warmth, as a thermal array at the ceiling takes them: a room, and people at its table.

┌──────────────────────────┐   The sensor looks straight down on the middle of a long table, at which seats
│    (5)   (1)   (3)       │   are numbered from the middle outwards; whoever stands has a place behind
│   ═══════ + ════════     │   them. A person is a bell of warmth, wider from shoulder to shoulder than from
│    (4)   (0)   (2)       │   chest to back; nobody sits still for long.
└──────────────────────────┘
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.dice import dice, generator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bezet.usage.columns import Floats
    from edge.heat import Lens

#: Seats are so far apart, and so far from the middle of the table; who stands is so far from it (ours: a
#: chair takes 0.6 to 0.7 m of a table that is 1 to 1.2 m wide, and who sits there leans over its edge).
APART_M, FROM_MIDDLE_M, STANDS_FROM_MIDDLE_M = 0.65, 0.5, 1.5
#: The shoulders of who sits and of who stands, above the floor (Pheasant and Haslegrave 2006, "Bodyspace",
#: median of British men and women: 0.58 m above a seat of 0.42 m, and 1.37 m; here with shoes and heads).
SITS_M, STANDS_M = 1.2, 1.45
#: The standard deviations of the bell that a person is, from shoulder to shoulder and from chest to back
#: (ours: of the 0.43 m and 0.25 m that these have there, about two and a half are as wide as somebody).
BROAD_M, DEEP_M = 0.16, 0.11
#: Clothes and hair are so much warmer than the room, at least and at most, where a sensor sees most of them
#: (ours; they have about 28 °C in a room of 22 °C, and a pixel sees some of what is beside them).
WARMER_C = (2.0, 4.0)
#: Nobody sits at right angles, or in the same way for longer than a minute; so many ways there are (ours).
TURNED, SWAY_M, SWAY_MS, WAYS = 0.35, 0.07, 60_000, 4
#: The share of seats with a laptop, which is a small warm spot in front of who sits there (ours).
LAPTOPS, LAPTOP_C, LAPTOP_M, LAPTOP_IN_FRONT_M = 0.3, 1.5, 0.06, 0.33
#: The room, all ours: how warm it is, by how much one side of a picture is warmer than the other at most, how
#: much the pixels differ, and how far the warmth of a radiator at the wall reaches.
ROOM_C, SLOPE_C, PIXELS_C, RADIATOR_C, RADIATOR_M = 21.0, 1.5, 0.2, 0.8, 0.4
#: How much a lens spreads a point, in pixels (as `edge.heat.BLUR_PX`).
BLUR_PX = 0.5
#: What is further from the edge of the picture than this cannot be seen.
BESIDE_M = 0.35


class Place(NamedTuple):
    """Where somebody is, in metres from below the sensor along the table and across it, and how high."""

    along_m: float
    across_m: float
    shoulder_m: float


def place_of(seat: int, capacity: int) -> Place:
    """The place of a seat at the table, or behind it for who stands."""
    is_standing = seat >= capacity
    column, side = divmod(seat - capacity if is_standing else seat, 2)
    along_m = APART_M * ((column + 1) // 2) * (1 if column % 2 else -1)
    across_m = (STANDS_FROM_MIDDLE_M if is_standing else FROM_MIDDLE_M) * (1 if side else -1)
    return Place(along_m, across_m, STANDS_M if is_standing else SITS_M)


class Sight(NamedTuple):
    """What a sensor at the ceiling sees: its lens, how high it hangs, and how far the walls are."""

    lens: Lens
    height_m: float
    wall_m: float

    def seen_m(self, above_floor_m: float) -> tuple[float, float]:
        """How much of that height it sees, in metres down and across the picture."""
        far_m = self.height_m - above_floor_m
        high, wide = (2 * far_m * math.tan(math.radians(deg) / 2) for deg in self.lens[2:])
        return high, wide

    def sees(self, place: Place) -> bool:
        """Whether somebody at a place is in the picture, or a part of them."""
        high_m, wide_m = self.seen_m(place.shoulder_m)
        return abs(place.along_m) < wide_m / 2 + BESIDE_M and abs(place.across_m) < high_m / 2 + BESIDE_M


class HeatedRoom:
    """A room with a table of `capacity` seats, below one sensor; what it looks like depends on the words."""

    def __init__(self, words: str, capacity: int, sight: Sight) -> None:
        self._words, self._capacity, self.sight = words, capacity, sight
        self.empty = self._empty()
        self._bell = lru_cache(maxsize=256)(self._worked_out)

    def shows(self, seat: int) -> bool:
        """Whether somebody at a seat is in the picture."""
        return self.sight.sees(place_of(seat, self._capacity))

    def picture(self, seats: Iterable[int], way: int = 0) -> Floats:
        """The room with people at these seats, in °C, rows by columns, without the noise of a sensor.

        `way` numbers the `WAYS` to sit; in the first one all sit right at their places.
        """
        picture = self.empty.copy()
        for seat in seats:
            picture += self._bell(seat, way)
        return picture

    def _empty(self) -> Floats:
        rows, columns = self.sight.lens[:2]
        drawn = generator(self._words, "room")
        slopes_c = drawn.uniform(-SLOPE_C, SLOPE_C, 2)
        down, across = (
            place / n for place, n in zip(np.indices((rows, columns)), (rows, columns), strict=True)
        )
        _, wide_m = self.sight.seen_m(SITS_M)
        from_wall_m = (self.sight.wall_m - wide_m * (across - 0.5)) / RADIATOR_M
        radiator_c = RADIATOR_C * np.exp(-(from_wall_m**2) / 2)
        pixels_c = drawn.normal(0, PIXELS_C, (rows, columns))
        return np.asarray(ROOM_C + slopes_c[0] * down + slopes_c[1] * across + radiator_c + pixels_c)

    def _worked_out(self, seat: int, way: int) -> Floats:
        """What somebody at a seat adds to the picture."""
        place = place_of(seat, self._capacity)
        least_c, most_c = WARMER_C
        warmer_c = least_c + (most_c - least_c) * dice(self._words, "warmth", seat)
        turned = TURNED * (2 * dice(self._words, "turned", seat, way) - 1)
        if way:
            towards = 2 * math.pi * dice(self._words, "sways", seat, way)
            place = place._replace(
                along_m=place.along_m + SWAY_M * math.cos(towards),
                across_m=place.across_m + SWAY_M * math.sin(towards),
            )
        found = self._spot(place, (BROAD_M, DEEP_M), warmer_c, turned)
        if dice(self._words, "laptop", seat) < LAPTOPS:
            in_front_m = math.copysign(FROM_MIDDLE_M - LAPTOP_IN_FRONT_M, place.across_m)
            found += self._spot(place._replace(across_m=in_front_m), (LAPTOP_M, LAPTOP_M), LAPTOP_C)
        return found

    def _spot(self, place: Place, sd_m: tuple[float, float], warmer_c: float, turned: float = 0.0) -> Floats:
        """A bell of warmth, spread by the lens."""
        rows, columns = self.sight.lens[:2]
        high_m, wide_m = self.sight.seen_m(place.shoulder_m)
        down, across = np.ogrid[:rows, :columns]
        y_m = (down + 0.5) * high_m / rows - high_m / 2 - place.across_m
        x_m = (across + 0.5) * wide_m / columns - wide_m / 2 - place.along_m
        broad_m = x_m * math.cos(turned) + y_m * math.sin(turned)
        deep_m = y_m * math.cos(turned) - x_m * math.sin(turned)
        blur2 = BLUR_PX**2 * (high_m / rows) * (wide_m / columns)
        spread = broad_m**2 / (sd_m[0] ** 2 + blur2) + deep_m**2 / (sd_m[1] ** 2 + blur2)
        return np.asarray(warmer_c * np.exp(-spread / 2))
