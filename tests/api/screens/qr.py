# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads QR codes, as a phone does."""

from __future__ import annotations

import re

import zxingcpp
from PIL import Image, ImageDraw

MODULE_PX = 6


def read(image: Image.Image) -> str | None:
    """What the code in a picture says; None where there is none."""
    found = zxingcpp.read_barcodes(image.convert("L"))
    return found[0].text if found else None


def read_svg(svg: str) -> str | None:
    """The same for a code that is drawn as segno does: lines a module high, from left to right."""
    size = int(re.findall(r'viewBox="0 0 (\d+) ', svg)[0])
    image = Image.new("L", (size * MODULE_PX, size * MODULE_PX), 255)
    draw, (x, y) = ImageDraw.Draw(image), (0.0, 0.0)
    steps = re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", svg.rpartition('d="')[2])
    for step, right, down in steps:
        if step == "h":
            corners = [round(side * MODULE_PX) for side in (x, y - 0.5, x + float(right), y + 0.5)]
            draw.rectangle((corners[0], corners[1], corners[2] - 1, corners[3] - 1), fill=0)
            x += float(right)
        else:
            x, y = (float(right), float(down)) if step == "M" else (x + float(right), y + float(down))
    return read(image)
