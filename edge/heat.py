# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A heat picture to a count of people, seen from the ceiling. Pure; the picture is forgotten, only the count is given.

    picture ──▶ minus what the room gives by itself ──▶ warm shapes ──▶ people in each ──▶ count
                          ▲                                 │
                          └── learned, but not where it is warm

A shape that is warm is a person as long as it is as large as one and no hotter. What is as large and as warm as a
person and is none (a laptop, a monitor, a spot of sun) is counted as one, until it has not changed for `THING_S`;
then it is taken for a part of the room. Nobody sits so long without moving a hand's breadth.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

#: Warmer than the room by so much is warm: six times the noise of either sensor, half of a person far away.
WARM_C = 1.0
#: Warmer than the room by more is no person: skin is at 34 °C at most, and a pixel sees clothes and hair besides.
HOT_C = 15.0
#: Where nothing is warm the room is learned in about this time; so what warms by less than 2 °C in a minute
#: (a radiator, the sun on a wall) is followed, and what comes walking in is not.
SETTLE_S = 30.0
#: A warm shape without change for so long is a thing. It has changed when a pixel of it, smoothed, did by `MOVED_C`.
THING_S = 4 * 3600.0
SMOOTH_S = 10.0
MOVED_C = 0.6
#: The coolest part of the picture, in per cent, is taken for room; so at most the rest may be people.
ROOM_PCT = 30

#: Where a body is widest to a sensor above, sitting or standing, and its standard deviation as a bell of warmth.
SHOULDER_M = 1.2
BODY_SD_M = 0.13
#: How much a lens of these sensors spreads a point.
BLUR_PX = 0.5
#: A bell of 3 °C is warmer than 1 °C over so many times the product of its two standard deviations.
BELL_AREA = 2 * math.pi * math.log(3)
#: Two people are so many standard deviations apart at least; the cooler has this share of the warmer's warmth.
APART_SD = 2.4
SECOND_SHARE = 0.45
#: The area of a person in terms of `BELL_AREA`: least alone, least beside others, and most.
LEAST_ALONE, LEAST_BESIDE, MOST = 0.35, 0.6, 3.0

Pixel = tuple[int, int]


class HeatCount(NamedTuple):
    """What is left of a picture."""

    people: int


class Lens(NamedTuple):
    """How many pixels a sensor has, and how much it sees, in degrees."""

    rows: int
    columns: int
    high_deg: float
    wide_deg: float

    def body_px(self, height_m: float) -> tuple[float, float]:
        """The standard deviation of a body in rows and in columns, for a sensor so high above the floor."""
        seen_m = [2 * (height_m - SHOULDER_M) * math.tan(math.radians(deg) / 2) for deg in self[2:]]
        down, across = (math.hypot(BODY_SD_M * n / m, BLUR_PX) for n, m in zip(self[:2], seen_m, strict=True))
        return down, across


class HeatCounter:
    """Counts people in one picture after the other, which come every `every_s` seconds.

    It must see the room first for a few minutes to know it well; people who are there from the beginning are
    counted nevertheless, but so is whatever else stands out by then.
    """

    def __init__(self, lens: Lens, *, height_m: float, every_s: float) -> None:
        self._shape = lens[:2]
        self._body_px = lens.body_px(height_m)
        self._area_px = BELL_AREA * math.prod(self._body_px)
        self._every_s = every_s
        self._room = np.full(self._shape, math.nan)
        self._smooth = np.zeros(self._shape)
        self._unmoved = np.zeros(self._shape)
        self._still_s = np.zeros(self._shape)

    def count(self, picture: ArrayLike) -> HeatCount:
        """How many people are in a picture of °C, rows by columns; `ValueError` for another shape."""
        seen = np.asarray(picture, dtype=float)
        if seen.shape != self._shape:
            raise ValueError(f"a picture of {self._shape} was wanted, not of {seen.shape}")
        if math.isnan(self._room[0, 0]):
            self._room = _first_room(seen)
        self._room += np.percentile(seen - self._room, ROOM_PCT)  # the room as a whole, and the sensor, drift
        above = seen - self._room
        shapes = _shapes(above >= WARM_C)
        people = sum(self._people_in(shape, above) for shape in shapes)
        self._learn(above, shapes)
        return HeatCount(people)

    def _people_in(self, shape: list[Pixel], above: NDArray[np.float64]) -> int:
        area = len(shape) / self._area_px
        hottest_c = max(above[pixel] for pixel in shape)
        if len(shape) < 2 or area < LEAST_ALONE or hottest_c > HOT_C:
            return 0
        people = max(1, min(len(self._tops(shape, above, hottest_c)), round(area / LEAST_BESIDE)))
        return people if area <= MOST * people else 0

    def _tops(self, shape: list[Pixel], above: NDArray[np.float64], hottest_c: float) -> list[Pixel]:
        """The tops of a shape that may each be a person, the warmest first."""
        least_c = max(SECOND_SHARE * hottest_c, 1.2 * WARM_C)
        is_top = above >= np.maximum(_most_around(above), least_c)
        tops: list[Pixel] = []
        for pixel in sorted(shape, key=lambda one: -above[one]):
            if is_top[pixel] and all(self._is_apart(pixel, top) for top in tops):
                tops.append(pixel)
        return tops

    def _is_apart(self, one: Pixel, other: Pixel) -> bool:
        down, across = ((a - b) / sd for a, b, sd in zip(one, other, self._body_px, strict=True))
        return math.hypot(down, across) > APART_SD

    def _learn(self, above: NDArray[np.float64], shapes: list[list[Pixel]]) -> None:
        self._smooth += (above - self._smooth) * min(self._every_s / SMOOTH_S, 1.0)
        near = np.zeros(self._shape, dtype=bool)
        for shape in shapes:
            around = _around(shape, self._shape)
            near |= around
            self._judge(around)
        self._still_s[~near] = 0.0
        self._unmoved[~near] = self._smooth[~near]
        self._room[~near] += above[~near] * min(self._every_s / SETTLE_S, 1.0)

    def _judge(self, around: NDArray[np.bool_]) -> None:
        """Whether a shape has moved, is still, or was still for so long that it belongs to the room."""
        self._still_s[around] += self._every_s
        if (abs(self._smooth - self._unmoved)[around] > MOVED_C).any():
            self._unmoved[around] = self._smooth[around]
            self._still_s[around] = 0.0
        elif self._still_s[around].max() >= THING_S:
            self._room[around] += self._smooth[around]
            self._smooth[around] = self._unmoved[around] = self._still_s[around] = 0.0


def _first_room(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The room at the first sight of it: what is seen, but a plane where something stands out of it as warm.

    The plane, because one side of a room is warmer than the other; laid through what does not stand out.
    """
    down, across = np.indices(seen.shape)
    places = np.stack([down.ravel(), across.ravel(), np.ones(seen.size)], axis=1)
    flat = np.full(seen.size, fill_value=True)
    plane = seen
    for _ in range(5):
        slopes = np.linalg.lstsq(places[flat], seen.ravel()[flat], rcond=None)[0]
        plane = (places @ slopes).reshape(seen.shape)
        flat = (seen - plane < WARM_C / 2).ravel()
    return np.where(seen - plane < WARM_C, seen, plane)


def _shapes(warm: NDArray[np.bool_]) -> list[list[Pixel]]:
    """Pixels that touch by a side, together."""
    left: set[Pixel] = {(int(row), int(column)) for row, column in np.argwhere(warm)}
    found = []
    while left:
        shape = [left.pop()]
        for row, column in shape:  # grows while it is walked
            beside = left & {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)}
            left -= beside
            shape.extend(beside)
        found.append(shape)
    return found


def _around(shape: Iterable[Pixel], size: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels of a shape and those beside it, corners too."""
    found = np.zeros(size, dtype=bool)
    for row, column in shape:
        found[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
    return found


def _most_around(above: NDArray[np.float64]) -> NDArray[np.float64]:
    """The most of each pixel and the eight around it."""
    rows, columns = above.shape
    wide = np.pad(above, 1, constant_values=-math.inf)
    most: NDArray[np.float64] = np.max(
        [wide[down : down + rows, across : across + columns] for down in range(3) for across in range(3)],
        axis=0,
    )
    return most
