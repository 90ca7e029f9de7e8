# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The sign of one space: above which it is, across the middle what it is, below how old that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.front.grouping import Group
from api.screens.drawing import CAP_EM, GREY, INK, LINE_EM, PALE, PAPER, Paper, Type, largest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.front.picture import Row, Told

#: A shape and the gap after it, for the height of the capitals beside it.
SHAPE = 1.4
#: What it is has this share of the height at least.
STATE_SHARE = 0.42


class Head(NamedTuple):
    """How the head is laid out: letters and lines of the name, whether a number, how wide a code."""

    how: Type
    lines: list[str]
    has_number: bool
    code_px: float


def draw_sign(paper: Paper, told: Told, row: Row, least_px: int) -> None:
    """Draw it; what has no room is left out: first the code, then the number, last the detail."""
    margin = max(6, round(min(paper.width_px, paper.height_px) / 26))
    small = Type(max(least_px, round(paper.height_px / 18)))
    foot = paper.height_px - margin / 2 - small.line_px
    _foot(paper, told, row, small, (margin, foot))
    top = _head(paper, told, row, small, (margin, foot - margin / 3))
    _band(paper, row, small, (top, foot - margin / 3))


def _foot(paper: Paper, told: Told, row: Row, small: Type, place: tuple[float, float]) -> None:
    """How old it is; or what must be said loudly. For how many it is, where there is room beside."""
    margin, top = place
    width = paper.width_px - 2 * margin
    age = told.age if small.width_px(told.age) <= width else told.age_short
    loud = small.split(told.loud, width, 1) if told.loud else None
    said, shade = (loud[0], INK) if loud else (age, GREY)
    used = paper.words(margin, top, small.cut(said, width), small, shade)
    if used + small.width_px(row.capacity) + margin <= width:
        paper.words(paper.width_px - margin, top, row.capacity, small, INK, ends=True)


def _head(paper: Paper, told: Told, row: Row, small: Type, place: tuple[float, float]) -> float:
    """Number and name, and a code beside them; where they end."""
    margin, bottom = place
    room = bottom - margin / 2 - max(2.3 * small.line_px, paper.height_px * STATE_SHARE)
    found = next(_heads(paper, row, small, (margin, room)))
    beside = paper.width_px - 2 * margin - max(0, found.code_px - margin)
    side = paper.code(paper.width_px, 0, found.code_px, told.code) if found.code_px else 0
    top = margin / 2
    if found.has_number:
        paper.words(margin, top, small.cut(f"{row.id}  {row.kind}", beside), small, GREY)
        top += small.line_px
    for line in found.lines:
        paper.words(margin, top, line, found.how)
        top += found.how.line_px
    return max(top, side) + margin / 3


def _heads(paper: Paper, row: Row, small: Type, place: tuple[float, float]) -> Iterator[Head]:
    """The ways to lay out the head, the fullest first; the last one always fits, and cuts the name."""
    margin, room = place
    code_px = min(room, paper.width_px * 0.27, paper.height_px * 0.36)
    width = paper.width_px - 2 * margin
    for has_number, code in ((True, code_px), (True, 0.0), (False, code_px), (False, 0.0)):
        left = room - small.line_px * has_number
        sizes = (paper.height_px * 0.17, small.size_px)
        found = largest(row.name, (width - max(0, code - margin), left), sizes, most=2)
        if found is not None:
            yield Head(*found, has_number, code)
    how = Type(small.size_px, is_bold=True)
    yield Head(how, [how.cut(row.name, width)], has_number=False, code_px=0)


def _band(paper: Paper, row: Row, small: Type, place: tuple[float, float]) -> None:
    """From side to side: black where it is occupied, an edge only where it is free, grey else."""
    top, bottom = place
    height = bottom - top
    ink, ground = (PAPER, INK) if row.group is Group.OCCUPIED else (INK, PAPER)
    if row.group in {Group.UNKNOWN, Group.NOT_MEASURED}:
        ground = paper.shade(PALE)
    paper.box(0, top, paper.width_px, height, ground)
    if ground != INK:
        line_px = max(2, round(height / 40))
        paper.box(0, top, paper.width_px, line_px, INK)
        paper.box(0, bottom - line_px, paper.width_px, line_px, INK)
    margin = max(6, round(paper.width_px / 22))
    wide = paper.width_px - 2 * margin
    detail = _detail(row, small, (wide, height))
    detail_px = detail[0].line_px * len(detail[1]) if detail else 0
    word = _word(row.word, small.size_px, (wide, height - detail_px))
    begins = top + (height - word.line_px - detail_px) / 2
    side = word.size_px * CAP_EM
    paper.shape(margin, begins + (word.line_px - side) / 2, side, row.group, ink, ground)
    beside = margin + side * SHAPE
    used = paper.words(beside, begins, word.cut(row.word, wide - side * SHAPE), word, ink)
    if detail:
        for number, line in enumerate(detail[1]):
            paper.words(margin, begins + word.line_px + number * detail[0].line_px, line, detail[0], ink)
    elif row.detail and used + small.width_px(f"  {row.detail}") + side * SHAPE <= wide:
        rise = (word.line_px - small.line_px) / 2
        paper.words(paper.width_px - margin, begins + rise, row.detail, small, ink, ends=True)


def _detail(row: Row, small: Type, room_px: tuple[float, float]) -> tuple[Type, list[str]] | None:
    """The letters and lines of the detail; None where it stands beside the word, or nowhere."""
    wide, height = room_px
    left = height - small.line_px
    if not row.detail or left < small.line_px:
        return None
    sizes = (min(height * 0.28, wide / 5), small.size_px)
    most = 2 if left >= 2.6 * small.line_px else 1
    return largest(row.detail, (wide, max(left * 0.5, small.line_px)), sizes, most=most, is_bold=False)


def _word(word: str, least_px: int, room_px: tuple[float, float]) -> Type:
    """The largest letters in which the word fits after its shape."""
    wide, height = room_px
    # The shape grows with the word: measured as if it were letters.
    share = 1 / (1 + CAP_EM * SHAPE * least_px / max(1.0, Type(least_px, is_bold=True).width_px(word)))
    found = largest(word, (wide * share, height), (height * 0.86 / LINE_EM, least_px))
    return found[0] if found else Type(least_px, is_bold=True)
