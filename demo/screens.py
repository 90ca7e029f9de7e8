# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The screens of the town hall: one in the hall, a sign and a board of e-ink, and how one gets to rooms."""

from __future__ import annotations

#: Never dim: whoever looks at the demo in the evening wants to see it.
SCREENS = """
[[screen]]
id = "hal"
place = "Hal, naast de balie"
floor = "0"
languages = ["nl", "en"]
viewing_distance_m = 2
diagonal_inch = 55
width_px = 1920
height_px = 1080
night = "never"

[[screen]]
id = "deur-1.02"
place = "Naast de deur van 1.02"
floor = "1"
spaces = ["1.02"]
viewing_distance_m = 0.7
diagonal_inch = 7.5
[screen.image]
width_px = 800
height_px = 480
greys = 16

[[screen]]
id = "trap"
place = "Boven aan de trap"
floor = "1"
floors = ["1"]
viewing_distance_m = 0.7
diagonal_inch = 13.3
[screen.image]
width_px = 1600
height_px = 1200
greys = 16

[directions]
"0.02" = {nl = "voorbij de balie", en = "past the desk"}
"0.03" = {nl = "rechtdoor", en = "straight on"}
"1.02" = {nl = "trap op, rechts", en = "up the stairs, right"}
"1.03" = {nl = "trap op, rechts", en = "up the stairs, right"}
"1.04" = {nl = "trap op, links", en = "up the stairs, left"}
"""
