# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The smallest letter of a screen, by EN 301 549 clause 5.1.4."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.screens.letters import min_font_px
from api.screens.settings import CAP_HEIGHT_EM, Screen
from api.screens.styles import LETTER_VW, letter_vw, media, style

CAP_EM = 0.72


@pytest.mark.parametrize(
    ("diagonal_inch", "distance_m", "font_px"),
    [(55, 2, 54), (55, 3, 80), (55, 5, 134), (43, 3, 103), (75, 3, 59)],
)
def test_the_smallest_letter_of_known_screens(diagonal_inch: int, distance_m: int, font_px: int) -> None:
    """Screens of 1920 by 1080 pixels, letters with capitals of 0.72 em: figures worked out elsewhere."""
    assert round(min_font_px(distance_m, diagonal_inch, 1_920, 1_080, CAP_EM)) == font_px


@given(
    distance_m=st.floats(0.2, 50),
    diagonal_inch=st.floats(1, 300),
    sides=st.tuples(st.integers(320, 16_384), st.integers(240, 16_384)),
)
def test_a_capital_is_seen_under_the_angle(
    distance_m: float, diagonal_inch: float, sides: tuple[int, int]
) -> None:
    """Whatever the screen, from where people stand the height of a capital is 0.7 degrees."""
    font_px = min_font_px(distance_m, diagonal_inch, *sides, CAP_EM)

    capital_m = font_px * CAP_EM * diagonal_inch * 0.0254 / math.hypot(*sides)
    assert math.degrees(2 * math.atan2(capital_m / 2, distance_m)) == pytest.approx(0.7)


def test_the_style_is_never_below_the_least_letter() -> None:
    """What is written into the style sheet is the least letter as a share of the width, rounded up."""
    screen = Screen("hal", distance_m=3, diagonal_inch=55, width_px=1_920, height_px=1_080)
    least_px = min_font_px(3, 55, 1_920, 1_080, CAP_HEIGHT_EM)

    assert 0 <= letter_vw(screen) * 19.2 - least_px < 0.02
    assert f"--letter: {letter_vw(screen):g}vw" in style(screen)
    assert letter_vw(Screen("any")) == LETTER_VW


@pytest.mark.parametrize(
    ("sides", "query"),
    [
        ((1_920, 1_080), "(min-width: 960px) and (orientation: landscape)"),
        # A television of 3840 pixels tells pages that it has 1920, or 960.
        ((3_840, 2_160), "(min-width: 960px) and (orientation: landscape)"),
        ((1_080, 1_920), "(min-width: 540px) and (orientation: portrait)"),
        ((800, 480), "(min-width: 480px) and (orientation: landscape)"),
        ((None, None), "(min-width: 1200px) and (orientation: landscape)"),
    ],
)
def test_a_phone_is_no_wall(sides: tuple[int | None, int | None], query: str) -> None:
    """The large letters are for the screen itself, in however few pixels it counts; no phone is so wide."""
    assert media(Screen("hal", width_px=sides[0], height_px=sides[1])) == query
