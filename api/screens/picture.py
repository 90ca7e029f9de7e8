# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The picture of a screen, for e-ink: the sign of one space, or a board of several.

No letter is smaller than what can be read from where people stand; what then does not fit is left out, the
least important first.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from api.screens.board import draw_board
from api.screens.drawing import Paper
from api.screens.sign import draw_sign

if TYPE_CHECKING:
    from api.front.picture import Told
    from api.screens.settings import Panel, Screen

#: Where nobody said how far people stand: letters of this share of the shorter side, and so large at least.
USUAL_SHARE, USUAL_LEAST_PX = 1 / 16, 14


@lru_cache(maxsize=256)
def picture(screen: Screen, panel: Panel, told: Told) -> bytes:
    """The PNG of a screen for its panel. The same words give the same picture, which is drawn once."""
    paper = Paper(panel)
    if len(screen.spaces) == 1 and len(told.rows) == 1:
        draw_sign(paper, told, told.rows[0], least_px(screen, panel))
    else:
        draw_board(paper, told, least_px(screen, panel))
    return paper.png()


def least_px(screen: Screen, panel: Panel) -> int:
    """The smallest letter of the picture of a screen."""
    found_px = screen.least_picture_letter_px()
    if found_px is not None:
        return math.ceil(found_px)
    return max(USUAL_LEAST_PX, math.ceil(min(panel.width_px, panel.height_px) * USUAL_SHARE))
