# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The drawing of a floor from the outlines in the building file: where each space is, and its name fits."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bezet.model import Building

Corners = tuple[tuple[float, float], ...]

#: Room around what is drawn, m.
MARGIN_M = 0.6
#: An outline that is not square is looked at in so many columns and rows; a name needs no finer place.
CELLS = 16
#: A name is wider than it is high: a box counts as if it were at most so much wider than high, and no higher
#: than wide.
WIDE = 3.0


class Box(NamedTuple):
    """A rectangle along the axes, in metres; y goes downwards."""

    left: float
    top: float
    width: float
    height: float


class Outline(NamedTuple):
    """A space on a floor: its corners in metres, and the largest box in it, where its name goes."""

    space: str
    corners: Corners
    name: Box


class Plan(NamedTuple):
    """A floor as it is drawn; `drawn` are the spaces that have an outline, the large ones first."""

    floor: str
    view: Box
    drawn: tuple[Outline, ...]


def plan(building: Building, floor: str) -> Plan | None:
    """The drawing of a floor; None where no space of it has an outline."""
    outlines = [
        Outline(space.id, space.polygon, name_box(space.polygon))
        for space in building.spaces.values()
        if space.floor == floor and space.polygon
    ]
    if not outlines:
        return None
    drawn = sorted(outlines, key=lambda one: -area_m2(one.corners))
    return Plan(floor, _around([corner for one in drawn for corner in one.corners]), tuple(drawn))


def area_m2(corners: Corners) -> float:
    """The area of an outline (the shoelace formula)."""
    turns = pairwise([*corners, corners[0]])
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in turns)) / 2


def holds(corners: Corners, x: float, y: float) -> bool:
    """Whether a point is inside an outline (even-odd rule)."""
    is_inside = False
    for (from_x, from_y), (to_x, to_y) in pairwise([*corners, corners[0]]):
        if (from_y > y) is not (to_y > y) and x < from_x + (y - from_y) * (to_x - from_x) / (to_y - from_y):
            is_inside = not is_inside
    return is_inside


def name_box(corners: Corners) -> Box:
    """The box in an outline that holds a name best: exact where all walls stand along the axes."""
    columns, rows = (_lines(side) for side in zip(*corners, strict=True))
    is_free = [
        [_is_in(corners, *cell) for cell in product(pairwise(columns), [row])] for row in pairwise(rows)
    ]
    found = [
        Box(columns[left], rows[top], columns[right] - columns[left], rows[bottom] - rows[top])
        for left, right, top, bottom in _free_boxes(is_free)
    ]
    return max(found, key=_worth, default=_around(corners))


def _worth(box: Box) -> tuple[float, float]:
    return min(box.width, WIDE * box.height) * min(box.width, box.height), box.width * box.height


def _lines(side: Sequence[float]) -> list[float]:
    """Where the cells of one direction begin and end: at each corner, and at equal steps between the ends."""
    least, most = min(side), max(side)
    corners = set(side)
    if len(corners) <= CELLS // 2:
        steps = (least + (most - least) * step / CELLS for step in range(CELLS + 1))
        corners |= {round(step, 3) for step in steps}
    return sorted(corners)


def _is_in(corners: Corners, column: tuple[float, float], row: tuple[float, float]) -> bool:
    """Whether a whole cell is inside, by its middle and by points just inside its corners."""
    (left, right), (top, bottom) = column, row
    inset_x, inset_y = (right - left) * 0.02, (bottom - top) * 0.02
    xs, ys = (left + inset_x, right - inset_x), (top + inset_y, bottom - inset_y)
    points = [*product(xs, ys), ((left + right) / 2, (top + bottom) / 2)]
    return all(holds(corners, x, y) for x, y in points)


def _free_boxes(is_free: Sequence[Sequence[bool]]) -> Iterator[tuple[int, int, int, int]]:
    """Every box of free cells that cannot grow downwards: its left, right, top and bottom lines."""
    heights = [0] * (len(is_free[0]) if is_free else 0)  # an outline that is a line has no cells
    for bottom, row in enumerate(is_free, start=1):
        heights = [height + 1 if free else 0 for height, free in zip(heights, row, strict=True)]
        for left in range(len(heights)):
            height = heights[left]
            for right in range(left, len(heights)):
                height = min(height, heights[right])
                if not height:
                    break
                yield left, right + 1, bottom - height, bottom


def _around(corners: Iterable[tuple[float, float]]) -> Box:
    xs, ys = zip(*corners, strict=True)
    left, top = min(xs) - MARGIN_M, min(ys) - MARGIN_M
    return Box(left, top, max(xs) + MARGIN_M - left, max(ys) + MARGIN_M - top)
