# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The drawing of a floor: where each space is, and where its name fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.plan import MARGIN_M, Box, Corners, area_m2, holds, name_box, plan
from bezet.building import read_building

ROOT = Path(__file__).parents[2]
BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")

#: An outline, and the box in it where a name fits best.
BOXES: dict[str, tuple[Corners, Box]] = {
    "a room": (((2, 1), (8, 1), (8, 5), (2, 5)), Box(2, 1, 6, 4)),
    "the other way round": (((2, 5), (8, 5), (8, 1), (2, 1)), Box(2, 1, 6, 4)),
    "with a bite out of it": (((0, 0), (12, 0), (12, 7), (4, 7), (4, 3), (0, 3)), Box(4, 0, 8, 7)),
    "around a yard": (
        ((0, 0), (10, 0), (10, 10), (0, 10), (0, 8), (8, 8), (8, 2), (0, 2)),
        Box(0, 0, 10, 2),
    ),
    "no more than a line": (((0, 0), (4, 0), (8, 0)), Box(-0.6, -0.6, 9.2, 1.2)),
    "a corridor": (((0, 0), (30, 0), (30, 2), (0, 2)), Box(0, 0, 30, 2)),
}


@pytest.mark.parametrize("case", BOXES)
def test_where_a_name_fits(case: str) -> None:
    """Where walls stand along the axes the box is exact, whichever way round the corners go."""
    corners, box = BOXES[case]

    assert name_box(corners) == box


walls = st.integers(-50, 50).map(float)
outlines = st.lists(st.tuples(walls, walls), min_size=3, max_size=8, unique=True).map(tuple)


@given(outlines)
def test_a_name_stands_in_its_space(corners: Corners) -> None:
    """Whatever the outline, the box lies in its bounds, and is inside it where there is any box at all."""
    box = name_box(corners)
    xs, ys = zip(*corners, strict=True)
    is_around = (box.left, box.top) == (min(xs) - MARGIN_M, min(ys) - MARGIN_M)

    assert is_around or holds(corners, box.left + box.width / 2, box.top + box.height / 2)
    assert box.width > 0
    assert box.height > 0


def test_a_floor_is_drawn_whole() -> None:
    """Every space with an outline is in the drawing once, the large ones first, inside a margin."""
    for floor in BUILDING.floors:
        found = plan(BUILDING, floor.id)
        assert found is not None
        areas_m2 = [area_m2(one.corners) for one in found.drawn]
        spaces = {one.id for one in BUILDING.spaces.values() if one.floor == floor.id}

        assert {one.space for one in found.drawn} == spaces
        assert areas_m2 == sorted(areas_m2, reverse=True)
        assert found.view.left == min(x for one in found.drawn for x, _ in one.corners) - MARGIN_M


def test_a_floor_that_nobody_drew() -> None:
    """A floor without outlines, or that is not there, has no drawing."""
    assert plan(BUILDING, "9") is None
