# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The live page: every floor as a drawing and as a list, complete as it comes from the server."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from api.front.booking import booking_text
from api.front.grouping import Group, group_of, word_of
from api.live import Shown
from api.plan import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from api.front.filling import Now
    from api.plan import Outline, Plan
    from api.schemas import Space
    from bezet.model import Building

#: The drawing is in tenths of a metre, because browsers are bad at letters smaller than one unit.
UNITS_PER_M = 10.0
#: What fits into a box at least so wide and high, in metres: name, number, word and people; then no name;
#: then only the sign and the number.
LEAST_M: Mapping[str, tuple[float, float]] = {"large": (4.4, 4.0), "middle": (2.8, 2.8), "small": (1.4, 1.4)}
#: The small signs of air, AV and devices stand above what is written larger.
SIGNS_M = 0.9
#: A name in two lines needs so much more height.
SECOND_LINE = 1.2
#: In a larger box all of it is larger, up to so much: it is read from afar.
SCALES = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8)

#: The letters of a name by their class, in drawing units, and how wide a letter is for its height (ours).
NAME_SIZES: Mapping[str, float] = {"big": 6.2, "medium": 5.2, "little": 4.4}
LETTER_WIDTH = 0.66


class Name(NamedTuple):
    """A name as it is written into the drawing: its lines, and the class of its letters."""

    lines: tuple[str, ...] = ()
    size: str = ""


class Mark(NamedTuple):
    """A space in the drawing: its corners as SVG wants them, and where its words stand, in drawing units.

    The words are `scale` times as large as the style says. The small signs of air, AV and devices stand along
    the `top` of the room for words.
    """

    space: Space
    group: Group
    points: str
    size: str
    x: float
    y: float
    scale: float
    left: float
    right: float
    top: float
    word: str
    name: Name
    people: str
    label: str


class Row(NamedTuple):
    """A space in the list, in words."""

    space: Space
    group: Group
    kind: str
    word: str
    booking: str
    people: str
    detail: str
    age: str
    air: str
    av: str


class Drawing(NamedTuple):
    """A floor with its spaces; `view` is its part of the plane, "" where it is not drawn, on a `slab`."""

    id: str
    name: str
    view: str
    slab: Box | None
    marks: tuple[Mark, ...]
    rows: tuple[Row, ...]


def drawings(building: Building, planned: Callable[[str], Plan | None], now: Now) -> Iterator[Drawing]:
    """Every floor in the order of the building file, those without any space left out."""
    for floor in building.floors:
        here = {one.id: one for one in now.found.spaces if one.floor == floor.id}
        if not here:
            continue
        found = planned(floor.id)
        rows = tuple(row_of(one, now) for one in here.values())
        if found is None:
            yield Drawing(floor.id, floor.name, "", None, (), rows)
            continue
        marks = tuple(_mark(one, here[one.space], now) for one in found.drawn)
        slab = Box(*(round(side * UNITS_PER_M, 1) for side in found.view))
        yield Drawing(floor.id, floor.name, " ".join(f"{side:g}" for side in slab), slab, marks, rows)


def counts(now: Now) -> dict[str, int]:
    """How many spaces are free for the taking, booked, occupied and unknown."""
    groups = [group_of(one) for one in now.found.spaces]
    return {one.value: groups.count(one) for one in Group if one is not Group.NOT_MEASURED}


def row_of(space: Space, now: Now) -> Row:
    """A space in words."""
    age = now.clock_time(space.as_of) if space.as_of else ""
    return Row(
        space=space,
        group=group_of(space),
        kind=now.words[space.kind],
        word=word_of(space, now),
        booking=booking_text(space, now) if group_of(space) is Group.BOOKED else "",
        people=people_text(space),
        detail=now.since(space),
        age=age,
        air=air_text(space, now),
        av=av_text(space, now),
    )


def _mark(outline: Outline, space: Space, now: Now) -> Mark:
    box = outline.name
    scale, name = _written(space.name, box)
    return Mark(
        space=space,
        group=group_of(space),
        points=" ".join(f"{x * UNITS_PER_M:g},{y * UNITS_PER_M:g}" for x, y in outline.corners),
        size=_size(box),
        x=round((box.left + box.width / 2) * UNITS_PER_M, 1),
        y=round((box.top + box.height / 2) * UNITS_PER_M, 1),
        scale=scale,
        left=round(box.left * UNITS_PER_M, 1),
        right=round((box.left + box.width) * UNITS_PER_M, 1),
        top=round(box.top * UNITS_PER_M, 1),
        word=word_of(space, now),
        name=name,
        people=people_text(space),
        label=_label(space, now),
    )


def _label(space: Space, now: Now) -> str:
    """All that is drawn of a space, for who hears it."""
    words, people = now.words, people_text(space).partition("/")[0]
    parts = [
        words["mark"].format(id=space.id, name=space.name, word=words[group_of(space)]),
        words["people_of"].format(people=people, capacity=space.capacity) if people else "",
        air_text(space, now),
        av_text(space, now) if space.av_on else "",
    ]
    return ", ".join(filter(None, parts))


def air_text(space: Space, now: Now) -> str:
    """The class of the air and its CO2; "" where nobody may know."""
    if space.air_class is None or space.occupancy is Shown.UNKNOWN:
        return ""
    return now.words["air"].format(word=now.words[space.air_class], ppm=space.co2_ppm)


def av_text(space: Space, now: Now) -> str:
    """Whether AV is on, and for nobody; "" where nobody may know."""
    if space.av_on is None or space.occupancy is Shown.UNKNOWN:
        return ""
    if not space.av_on:
        return now.words["av_off"]
    return now.words["av_empty"] if space.occupancy is Shown.FREE else now.words["av_on"]


def people_text(space: Space) -> str:
    """The people of the places, as in "3/8"; only where somebody is, and something counts."""
    if space.occupancy is not Shown.OCCUPIED or space.people is None:
        return ""
    return f"{round(space.people)}/{space.capacity}"


def _size(box: Box) -> str:
    for name, (width, height) in LEAST_M.items():
        if box.width >= width and box.height >= height:
            return name
    return "tiny"


def _written(name: str, box: Box) -> tuple[float, Name]:
    """How much larger all is written than it must be, and the name in the largest letters that go with it."""
    size = _size(box)
    if size == "tiny":
        return 1.0, Name()
    width, height = LEAST_M[size]
    room = box.height - SIGNS_M
    fitting = [one for one in SCALES if one == 1 or (box.width >= width * one and room >= height * one)]
    if size != "large":
        return fitting[-1], Name()
    found = [(scale, _name(name, box.width / scale)) for scale in fitting]
    roomy = [
        (scale, one)
        for scale, one in found
        if scale == 1 or len(one.lines) < 2 or room >= height * scale * SECOND_LINE
    ]
    return max(roomy, key=lambda one: (round(one[0] * NAME_SIZES.get(one[1].size, 0), 1), one[0]))


def _name(name: str, width_m: float) -> Name:
    """The name in at most two lines of the largest letters in which it fits; none where it fits in none."""
    width = width_m * UNITS_PER_M * 0.94
    for size, letter in NAME_SIZES.items():
        most = int(width / (letter * LETTER_WIDTH))
        lines = wrap(name, max(most, 1), break_long_words=False)
        if len(lines) <= 2 and all(len(line) <= most for line in lines):
            return Name(tuple(lines), size)
    return Name()
