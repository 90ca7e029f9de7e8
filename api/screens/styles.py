# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The style of one screen: how large its smallest letter is, and what counts as that screen. Pure.

In shares of the width, because a television may count two or three of its pixels as one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.screens.settings import Screen

#: Where nobody said what a screen is: right at 1.5 m before 55 inches. A phone or tablet is no wall.
LETTER_VW, LEAST_WIDTH_PX = 2.3, 1_200
#: So many letters beside each other are few; a space then has its state below its name, and no kind.
FEW_LETTERS = 28
#: And so many very few: the address stands in the words of the code only, and no number of the page.
VERY_FEW_LETTERS = 20
#: Televisions tell pages that they are at least so wide, however fine they are.
TELEVISION_PX, NARROWEST_PX = 1_920, 480


def media(screen: Screen) -> str:
    """The media query of whoever is that screen; a phone that opens its page is another."""
    if screen.width_px is None or screen.height_px is None:
        return f"(min-width: {LEAST_WIDTH_PX}px) and (orientation: landscape)"
    least_px = max(NARROWEST_PX, min(screen.width_px, TELEVISION_PX) // 2)
    lies = "landscape" if screen.width_px >= screen.height_px else "portrait"
    return f"(min-width: {least_px}px) and (orientation: {lies})"


def letter_vw(screen: Screen) -> float:
    """The smallest letter in hundredths of the width, rounded up."""
    least_px = screen.least_letter_px()
    if least_px is None or screen.width_px is None:
        return LETTER_VW
    return math.ceil(least_px / screen.width_px * 100_000) / 1_000


def style(screen: Screen) -> str:
    """The style sheet."""
    beside = 100 / letter_vw(screen)
    found = f":root {{ --letter: {letter_vw(screen):g}vw; }}\n" + _NOBODY_PRESSES
    found += _NARROW if beside < FEW_LETTERS else ""
    return found + _NARROWEST if beside < VERY_FEW_LETTERS else found


#: A screen speaks its languages in turn; a link to the other is for who has a keyboard.
_NOBODY_PRESSES = """
.language:not(:focus-within) {
  clip-path: inset(50%);
  height: 1px;
  overflow: hidden;
  position: absolute;
  width: 1px;
}
"""
_NARROW = """
.space, .space[data-occupancy="free"] {
  grid-template-areas: "name name name" "status facts capacity";
  grid-template-columns: auto minmax(0, 1fr) auto;
}
.status, .space[data-occupancy="free"] .status { text-align: left; }
.facts { text-align: right; }
[data-part="kind"], [data-part="hybrid"], .on-phone, [data-part="floor"] { display: none; }
.bottom { grid-template-areas: "freshness code" "phone code"; grid-template-columns: minmax(0, 1fr) auto; }
.pages { display: inline; }
.pages button { width: 1rem; }
.phone { max-width: none; text-align: left; }
"""
_NARROWEST = """
.phone, #page-of { display: none; }
.bottom { grid-template-areas: "freshness code"; }
.code { height: 1.6rem; width: 1.6rem; }
"""
