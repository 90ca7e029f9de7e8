# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Paper to draw on for e-ink: words that fit, the shapes of states, QR codes; in black, white and greys."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from api.front.grouping import Group
from api.screens.codes import matrix
from api.screens.settings import PICTURE_CAP_HEIGHT_EM

if TYPE_CHECKING:
    from api.screens.settings import Panel

#: How dark: 0 is ink, 255 is paper. What is grey on a panel of two colours is ink there.
INK, GREY, PALE, PAPER = 0, 85, 221, 255
#: Below so many pixels for each module no phone reads a code.
LEAST_MODULE_PX = 2
#: The height of a line for the size of its letters.
LINE_EM = 1.18
CAP_EM = PICTURE_CAP_HEIGHT_EM
#: Shapes are drawn so many times larger.
SMOOTH = 4


@lru_cache(maxsize=64)
def _font(size_px: int, *, is_bold: bool) -> ImageFont.FreeTypeFont:
    name = f"Roboto-{'Bold' if is_bold else 'Regular'}.ttf"
    with resources.as_file(resources.files("font_roboto") / "files" / name) as path:
        # The plain engine: on every machine the same, and it takes any text.
        return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)


class Type(NamedTuple):
    """How words are set."""

    size_px: int
    is_bold: bool = False

    @property
    def line_px(self) -> int:
        """The height of a line."""
        return round(self.size_px * LINE_EM)

    def width_px(self, text: str) -> float:
        """How wide words are."""
        return _font(self.size_px, is_bold=self.is_bold).getlength(text)

    def cut(self, text: str, width_px: float) -> str:
        """As much of some words as fits, and … where something is missing."""
        if self.width_px(text) <= width_px:
            return text
        while text and self.width_px(f"{text}…") > width_px:
            text = text[:-1].rstrip()
        return f"{text}…"

    def split(self, text: str, width_px: float, most: int) -> list[str] | None:
        """Words in at most so many lines, broken between them; None where they do not fit."""
        found = [""]
        for word in text.split():
            longer = f"{found[-1]} {word}".strip()
            if self.width_px(longer) <= width_px:
                found[-1] = longer
            elif not found[-1] or self.width_px(word) > width_px or len(found) == most:
                return None
            else:
                found.append(word)
        return found


def largest(
    text: str,
    room_px: tuple[float, float],
    sizes_px: tuple[float, int],
    *,
    most: int = 1,
    is_bold: bool = True,
) -> tuple[Type, list[str]] | None:
    """The largest letters of a range, the largest first, in which words fit into a width and height.

    In at most so many lines; None where they fit in none.
    """
    (width_px, height_px), (largest_px, least_px) = room_px, sizes_px

    def fits(size_px: int) -> bool:
        how = Type(size_px, is_bold)
        lines = how.split(text, width_px, most)
        return lines is not None and len(lines) * how.line_px <= height_px

    if not fits(least_px):
        return None
    too_large = bisect_left(range(least_px, round(largest_px) + 1), 1, key=lambda size_px: not fits(size_px))
    how = Type(least_px + max(0, too_large - 1), is_bold)
    return how, how.split(text, width_px, most) or []


class Paper:
    """A picture while it is drawn, upright."""

    def __init__(self, panel: Panel) -> None:
        sides = (panel.width_px, panel.height_px)
        self.width_px, self.height_px = sides if panel.rotate_deg % 180 == 0 else sides[::-1]
        self._panel = panel
        self._image = Image.new("L", (self.width_px, self.height_px), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        # Without greys there is nothing to smooth edges with; letters that know keep all their strokes.
        self._draw.fontmode = "L" if panel.greys > 2 else "1"

    def shade(self, shade: int) -> int:
        """A grey as this panel has it."""
        return shade if self._panel.greys > 2 or shade in {INK, PAPER} else PAPER if shade > 128 else INK

    def box(
        self, left: float, top: float, width: float, height: float, fill: int, *, line_px: int = 0
    ) -> None:
        """A box, filled; or only its edge, where `line_px` says how wide that is."""
        x, y = round(left), round(top)
        corners = (x, y, max(x, round(left + width) - 1), max(y, round(top + height) - 1))
        if line_px:
            self._draw.rectangle(corners, outline=self.shade(fill), width=line_px)
        else:
            self._draw.rectangle(corners, fill=self.shade(fill))

    def words(
        self, left: float, top: float, text: str, how: Type, shade: int = INK, *, ends: bool = False
    ) -> float:
        """Words with the top of their capitals a little under `top`; how wide they are. `ends`: at `left`."""
        font = _font(how.size_px, is_bold=how.is_bold)
        base = top + (how.line_px + how.size_px * CAP_EM) / 2
        place = (round(left), round(base))
        self._draw.text(place, text, self.shade(shade), font, anchor="rs" if ends else "ls")
        return how.width_px(text)

    def shape(self, left: float, top: float, side: float, group: Group, ink: int, paper: int) -> None:
        """The shape of a state in a square, as on the pages: ring, clock, square, question mark, dash."""
        large = _shape(round(side) * SMOOTH, group, ink, paper)
        self._image.paste(
            large.resize((round(side), round(side)), Image.Resampling.BOX), (round(left), round(top))
        )

    def code(self, right: float, top: float, side: float, text: str) -> float:
        """A QR code in the right upper corner; its side, 0 where it would be too small to be read."""
        modules = matrix(text)
        module_px = int(side // len(modules))
        if module_px < LEAST_MODULE_PX:
            return 0
        side = module_px * len(modules)
        for y, line in enumerate(modules):
            for x, is_dark in enumerate(line):
                if is_dark:
                    place = (right - side + x * module_px, top + y * module_px)
                    self.box(*place, module_px, module_px, INK)
        return side

    def png(self) -> bytes:
        """The picture as it is sent: turned, in so many greys, and so many bits for each pixel."""
        image = self._image.rotate(self._panel.rotate_deg, expand=True)  # against the turn of the panel
        out = BytesIO()
        if self._panel.greys == 2:
            image.point(lambda shade: PAPER if shade > 128 else INK, "1").save(out, "PNG")
        else:
            levels = image.point(lambda shade: (shade + 8) // 17, "L")
            levels.putpalette(bytes(level * 17 for level in range(16) for _ in range(3)))
            levels.save(out, "PNG", bits=4)
        return out.getvalue()


def _shape(side: int, group: Group, ink: int, paper: int) -> Image.Image:
    """A shape, so much larger than it is needed that its edges come out smooth."""
    image = Image.new("L", (side, side), paper)
    draw, line_px, end = ImageDraw.Draw(image), side // 6, side - 1
    if group in {Group.FREE, Group.BOOKED}:
        draw.ellipse((0, 0, end, end), fill=ink)
        draw.ellipse((line_px, line_px, end - line_px, end - line_px), fill=paper)
    if group is Group.BOOKED:
        hands = [(side / 2, side * 0.25), (side / 2, side / 2), (side * 0.7, side * 0.6)]
        draw.line(hands, fill=ink, width=line_px * 2 // 3, joint="curve")
    elif group is Group.OCCUPIED:
        draw.rectangle((0, 0, end, end), fill=ink)
    elif group is Group.UNKNOWN:
        draw.text((side / 2, end), "?", ink, _font(round(side / CAP_EM), is_bold=True), anchor="ms")
    elif group is Group.NOT_MEASURED:
        draw.rectangle((0, (side - line_px) / 2, end, (side + line_px) / 2), fill=ink)
    return image
