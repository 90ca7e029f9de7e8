# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How large the smallest letter on a screen must be for whoever stands before it. Pure.

EN 301 549 clause 5.1.4: a capital H subtends at least 0.7 degrees at the viewing distance.
"""

from __future__ import annotations

import math

ANGLE_DEG = 0.7
MM_PER_INCH = 25.4


def min_font_px(
    distance_m: float, diagonal_inch: float, width_px: int, height_px: int, cap_height_em: float
) -> float:
    """The least font size, in pixels of a screen with square ones; `cap_height_em` is of the font."""
    pixel_mm = diagonal_inch * MM_PER_INCH / math.hypot(width_px, height_px)
    capital_mm = 2 * distance_m * 1_000 * math.tan(math.radians(ANGLE_DEG / 2))
    return capital_mm / pixel_mm / cap_height_em
