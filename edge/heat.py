# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A heat picture to a count of people, seen from the ceiling. Pure; nothing but the count is given.

    picture ──▶ minus what the room gives by itself ──▶ warm shapes ──▶ people in each ──▶ count
                          ▲                                 │
                          └── learned, but not where it is warm

A warm shape is a person, or some, if it is as large as they are, no hotter, and warmest in the middle. What
is no person by that (a radiator, the sun on the floor) belongs to the room after `ODD_S`. What looks like a
person and is none (a laptop, a small spot of sun) is counted, until it has not changed for `THING_S`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Picture = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Pixel = tuple[int, int]

#: Warmer than the room by so much is warm: about six times the noise of these sensors.
WARM_C = 1.0
#: Warmer than the room by more is no person: skin has 34 °C at most, and a pixel sees clothes and hair too.
HOT_C = 15.0
#: Where nothing is warm the room is learned in about this time: what warms by less than 2 °C in a minute is
#: followed, and what comes walking in is not.
SETTLE_S = 30.0
#: What can be no person belongs to the room after so long.
ODD_S = 120.0
#: What looks like a person belongs to the room when it has not changed for so long (two: for half of that,
#: and so on): nobody sits so still. It has changed when a pixel has, by `MOVED_C`, smoothed over `SMOOTH_S`.
THING_S = 4 * 3600.0
MOVED_C = 0.6
SMOOTH_S = 10.0

#: A body seen from above is a bell of warmth of this standard deviation, at this height, sitting or standing.
BODY_SD_M = 0.13
SHOULDER_M = 1.2
#: How much a lens of these sensors spreads a point.
BLUR_PX = 0.5
#: A bell of 3 °C is warmer than 1 °C over so many times the product of its two standard deviations.
BELL_AREA = 2 * math.pi * math.log(3)
#: The size of a shape per person, as a share of such a bell: at least alone, at least beside others, at most.
LEAST_ALONE, LEAST_BESIDE, MOST = 0.35, 0.6, 3.0
#: A shape of more than so many bells that is on average warmer than a bell as hot, by this factor, is flat.
FLAT_FROM, FLAT = 1.5, 1.35
#: Two people are so many standard deviations apart, and the cooler has this share of the other's warmth.
APART_SD, SECOND_SHARE = 2.4, 0.45
#: Where a person covers more pixels than this, they are smoothed before people are told apart.
FINE_PX = 6.0


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

        def sd_px(pixels: int, deg: float) -> float:
            seen_m = 2 * (height_m - SHOULDER_M) * math.tan(math.radians(deg) / 2)
            return math.hypot(BODY_SD_M * pixels / seen_m, BLUR_PX)

        return sd_px(self.rows, self.high_deg), sd_px(self.columns, self.wide_deg)


class HeatCounter:
    """Counts people in one picture after the other, which come every `every_s` seconds.

    People who are there from the first picture on are counted, but so is whatever else is warm then.
    """

    def __init__(self, lens: Lens, *, height_m: float, every_s: float) -> None:
        self._size = lens.rows, lens.columns
        self._body_px = lens.body_px(height_m)
        self._area_px = BELL_AREA * math.prod(self._body_px)
        self._every_s = every_s
        self._room: Picture | None = None
        self._near = np.zeros(self._size, dtype=bool)
        self._smooth, self._unmoved, self._still_s, self._odd_s = np.zeros((4, *self._size))

    def count(self, picture: ArrayLike) -> HeatCount:
        """How many people are in a picture of °C, rows by columns; `ValueError` for another size."""
        seen: Picture = np.asarray(picture, dtype=float)
        if seen.shape != self._size:
            raise ValueError(f"a picture of {self._size} was wanted, not of {seen.shape}")
        room = _first_room(seen) if self._room is None else self._room
        if not self._near.all():  # the room as a whole warms and cools, and so does the sensor
            room = room + np.median((seen - room)[~self._near])
        above = seen - room
        counted = [(shape, self._people_in(shape, above)) for shape in _shapes(above >= WARM_C)]
        self._room = room + self._learned(above, counted)
        return HeatCount(sum(people for _, people in counted))

    # --- people in a shape -------------------------------------------------------------------------------

    def _people_in(self, shape: Sequence[Pixel], above: Picture) -> int:
        warmth_c = np.array([above[pixel] for pixel in shape])
        bells = len(shape) / self._area_px
        if len(shape) < 2 or bells < LEAST_ALONE or warmth_c.max() > HOT_C:
            return 0
        if bells > FLAT_FROM and warmth_c.mean() > FLAT * _bell_mean_c(warmth_c.max()):
            return 0
        people = max(1, min(self._tops(shape, above), round(bells / LEAST_BESIDE)))
        return people if bells <= MOST * people else 0

    def _tops(self, shape: Sequence[Pixel], above: Picture) -> int:
        """The tops of a shape that are as far apart as people are."""
        around = _around_each(above)
        warmth = around.mean(axis=0) if self._area_px > FINE_PX else above
        least_c = max(SECOND_SHARE * max(warmth[pixel] for pixel in shape), WARM_C)
        is_top = warmth >= np.maximum(_around_each(warmth).max(axis=0), least_c)
        tops: list[Pixel] = []
        for pixel in sorted(shape, key=lambda one: -warmth[one]):
            if is_top[pixel] and all(self._is_apart(pixel, top) for top in tops):
                tops.append(pixel)
        return len(tops)

    def _is_apart(self, one: Pixel, other: Pixel) -> bool:
        down, across = ((a - b) / sd for a, b, sd in zip(one, other, self._body_px, strict=True))
        return math.hypot(down, across) > APART_SD

    # --- the room ----------------------------------------------------------------------------------------

    def _learned(self, above: Picture, counted: Iterable[tuple[Sequence[Pixel], int]]) -> Picture:
        """What is learned of the room: the change, in °C."""
        self._smooth += (above - self._smooth) * min(self._every_s / SMOOTH_S, 1.0)
        change = np.zeros(self._size)
        self._near[:] = False
        for shape, people in counted:
            around = _around(shape, self._size)
            self._near |= around
            if self._is_room(around, people):
                change[around] = self._smooth[around]
                self._forget(around)
        cool = ~self._near
        self._still_s[cool] = self._odd_s[cool] = 0.0
        self._unmoved[cool] = self._smooth[cool]
        if cool.any():  # the mean is left alone, or where it is warm the room would drift
            change[cool] = (above[cool] - above[cool].mean()) * min(self._every_s / SETTLE_S, 1.0)
        return change

    def _is_room(self, around: Mask, people: int) -> bool:
        """Whether a shape was no person, or was still, for so long that it belongs to the room."""
        if not people:
            self._odd_s[around] += self._every_s
            return bool(self._odd_s[around].max() >= ODD_S)
        self._odd_s[around] = 0.0
        self._still_s[around] += self._every_s
        if np.abs(self._smooth - self._unmoved)[around].max() > MOVED_C:
            self._unmoved[around] = self._smooth[around]
            self._still_s[around] = 0.0
        return bool(self._still_s[around].max() >= THING_S / people)

    def _forget(self, around: Mask) -> None:
        for kept in (self._smooth, self._unmoved, self._still_s, self._odd_s):
            kept[around] = 0.0


def _bell_mean_c(hottest_c: float) -> float:
    """The mean warmth of a bell that hot, over the area in which it is warm."""
    return (hottest_c - WARM_C) / math.log(hottest_c / WARM_C) if hottest_c > WARM_C else WARM_C


def _first_room(seen: Picture) -> Picture:
    """The room at the first sight of it: what is seen, but a plane where something stands out of it as warm.

    A plane, because one side of a room is warmer than the other; it is laid through what does not stand out.
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


def _shapes(warm: Mask) -> list[list[Pixel]]:
    """Warm pixels that touch by a side, together."""
    left: set[Pixel] = {(int(row), int(column)) for row, column in np.argwhere(warm)}
    found = []
    while left:
        shape = [left.pop()]
        for row, column in shape:  # it grows while it is walked
            beside = left & {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)}
            left -= beside
            shape.extend(beside)
        found.append(shape)
    return found


def _around(shape: Sequence[Pixel], size: tuple[int, int]) -> Mask:
    """The pixels of a shape and those beside it, corners too."""
    found = np.zeros(size, dtype=bool)
    for row, column in shape:
        found[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
    return found


def _around_each(picture: Picture) -> Picture:
    """The picture in nine places: as it is, and moved by a pixel to each side and corner."""
    rows, columns = picture.shape
    wide = np.pad(picture, 1, mode="edge")
    moved = [wide[down : down + rows, across : across + columns] for down in range(3) for across in range(3)]
    return np.array(moved)
