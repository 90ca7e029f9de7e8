# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A board of several spaces on paper: how many there are of each, then the spaces, the free ones first."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from api.front.grouping import Group
from api.screens.drawing import CAP_EM, GREY, INK, PAPER, Paper, Type

if TYPE_CHECKING:
    from api.front.picture import Row, Told

#: There are two columns where so many letters stand beside each other.
TWO_COLUMNS = 46
#: Rows stand this much farther apart at most, where there is room.
MOST_SPREAD = 1.35
RULE = 170


def draw_board(paper: Paper, told: Told, least_px: int) -> None:
    """Draw it; how many spaces are left out is said."""
    margin = max(8, round(min(paper.width_px, paper.height_px) / 36))
    small = Type(least_px)
    top = _counts(paper, told, small, margin)
    foot = paper.height_px - margin - _foot(paper, told, small, margin)
    if told.loud:
        top = _loud(paper, told.loud, Type(least_px, is_bold=True), (top, margin))
    _rows(paper, told, small, (top, foot), margin)


def _counts(paper: Paper, told: Told, small: Type, margin: float) -> float:
    """How many there are of each, the free ones large, as far as there is room; where that ends."""
    head = how = Type(round(small.size_px * 1.35), is_bold=True)
    left = float(margin)
    for group, count, word in told.counts:
        text, side = f"{count} {word}", how.size_px * CAP_EM
        ends = left + side * 1.4 + how.width_px(text)
        if group is Group.NOT_MEASURED or ends > paper.width_px - margin:
            break
        paper.shape(left, margin / 2 + (head.line_px - side) / 2, side, group, INK, PAPER)
        paper.words(left + side * 1.4, margin / 2 + (head.line_px - how.line_px) / 2, text, how)
        left, how = ends + how.size_px, small
    bottom = margin * 0.75 + head.line_px
    paper.box(0, bottom, paper.width_px, max(2, margin // 8), INK)
    return bottom + margin / 2


def _loud(paper: Paper, loud: str, how: Type, place: tuple[float, float]) -> float:
    """What must be said loudly, white on black; where that ends."""
    top, margin = place
    width = paper.width_px - 2 * margin
    lines = how.split(loud, width, 3) or [how.cut(loud, width)]
    paper.box(0, top, paper.width_px, how.line_px * len(lines) + margin / 2, INK)
    for number, line in enumerate(lines):
        paper.words(margin, top + margin / 4 + number * how.line_px, line, how, PAPER)
    return top + how.line_px * len(lines) + margin


def _foot(paper: Paper, told: Told, small: Type, margin: float) -> float:
    """The age, the address, and the code beside them; how high that is."""
    height = 2 * small.line_px
    top = paper.height_px - margin / 2 - height
    side = paper.code(paper.width_px - margin / 2, top - margin / 2, height + margin, told.code)
    width = paper.width_px - 2 * margin - side
    age = told.age if small.width_px(told.age) <= width else told.age_short
    paper.words(margin, top, small.cut(age, width), small, GREY)
    address = Type(small.size_px, is_bold=True)
    if address.width_px(told.address) <= width:  # half an address leads nowhere
        paper.words(margin, top + small.line_px, told.address, address)
    return height


def _rows(paper: Paper, told: Told, small: Type, place: tuple[float, float], margin: float) -> None:
    """As many spaces as there is room for; where some are left out, how many."""
    top, bottom = place
    columns = 2 if paper.width_px / small.size_px >= TWO_COLUMNS else 1
    name = Type(round(small.size_px * 1.15), is_bold=True)
    height = name.line_px + small.line_px + round(small.size_px * 0.3)
    width = (paper.width_px - margin * (columns + 1)) / columns
    wanted = [one for one in told.rows if one.group is not Group.NOT_MEASURED]
    room = bottom - top
    if len(wanted) > int(room / height) * columns:
        room -= small.line_px
    shown = wanted[: max(0, int(room / height)) * columns]
    lines = ceil(len(shown) / columns)
    apart = min(height * MOST_SPREAD, room / max(lines, 1))
    for number, row in enumerate(shown):
        left = margin + number % columns * (width + margin)
        _row(paper, row, (name, small), (left, top + number // columns * apart, width, apart))
    after = (margin, top + lines * apart)
    if len(wanted) > len(shown):
        more = told.more.format(n=len(wanted) - len(shown))
        paper.words(*after, small.cut(more, paper.width_px - 2 * margin), small, GREY)
    elif not wanted:
        for number, line in enumerate(small.split(told.none, paper.width_px - 2 * margin, 3) or []):
            paper.words(margin, top + number * small.line_px, line, small)


def _row(paper: Paper, row: Row, types: tuple[Type, Type], place: tuple[float, float, float, float]) -> None:
    """The shape, the name and what it is; below, where it is and for how many."""
    (name, small), (left, top, width, height) = types, place
    side = name.size_px * CAP_EM
    begins, ends = left + side * 1.5, left + width
    paper.shape(left, top + (name.line_px - side) / 2, side, row.group, INK, PAPER)
    state = Type(small.size_px, is_bold=row.group is Group.FREE)
    room = ends - begins - name.width_px(row.name) - small.size_px * 0.6
    said = next(
        (one for one in (f"{row.word} {row.detail}".strip(), row.word) if state.width_px(one) <= room),
        row.word,
    )
    used = paper.words(ends, top + (name.line_px - state.line_px) / 2, said, state, ends=True)
    paper.words(begins, top, name.cut(row.name, ends - begins - used - small.size_px * 0.6), name)
    second = top + name.line_px
    used = paper.words(ends, second, row.capacity, small, GREY, ends=True)
    about = small.cut(f"{row.id}  {row.where}", ends - begins - used - small.size_px * 0.6)
    paper.words(begins, second, about, small, GREY)
    paper.box(left, top + height - small.size_px * 0.2, width, max(1, small.size_px // 40), RULE)
