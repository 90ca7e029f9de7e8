# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[[screen]]` and `[directions]` of window.toml: what hangs where, what it shows, and how one gets there."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, NamedTuple

from api.addresses import ADDRESS, ADDRESS_WORDS
from api.screens.letters import min_font_px
from api.words.language import Language, Words
from bezet.model import SpaceKind
from bezet.sections import shown
from bezet.wire import ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.model import Building, Space
    from bezet.sections import Section

ROTATE_S, PAGE_S, LEAST_S, MOST_S = 20, 12, 5, 600
#: The smallest capital of the fonts that theme.css names, for the height of the font (Liberation Sans).
CAP_HEIGHT_EM = 0.688
#: Of the font that pictures are drawn with (Roboto).
PICTURE_CAP_HEIGHT_EM = 0.711
#: A screen of which the shorter side holds fewer letters above each other shows nothing of use; a sign of one
#: space has its name, what it is, and how old that is.
LEAST_LETTERS, PICTURE_LEAST_LETTERS = 7, 3.4
GREYS, TURNS = (2, 16), (0, 90, 180, 270)
NEVER = "never"
_HOUR = "([01][0-9]|2[0-3]):([0-5][0-9])"
_NIGHT = re.compile(f"{_HOUR}-{_HOUR}|{NEVER}")
_LINE = re.compile(r"\S(?:[^\n]{0,78}\S)?")
_LINE_WORDS = "a line of at most 80 letters"


class Night(NamedTuple):
    """When a screen is dim, by the clock of the site; it may go past midnight. The same twice is never."""

    begins: time
    ends: time


class Panel(NamedTuple):
    """What a picture is drawn for: its size as it is sent, and how far its top is turned to the right."""

    width_px: int
    height_px: int
    greys: int = GREYS[0]
    rotate_deg: int = TURNS[0]


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: what it shows (an empty list is all there is), in which languages, and what it is.

    `distance_m` and `diagonal_inch` are both there or neither, so are `width_px` and `height_px`. Without
    `night` it is dim while the site is closed.
    """

    id: str
    place: str = ""
    floor: str = ""
    floors: tuple[str, ...] = ()
    kinds: tuple[SpaceKind, ...] = ()
    spaces: tuple[str, ...] = ()
    languages: tuple[Language, ...] = (Language.NL,)
    rotate_s: int = ROTATE_S
    page_s: int = PAGE_S
    distance_m: float | None = None
    diagonal_inch: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    night: Night | None = None
    public_url: str = ""
    image: Panel | None = None

    def shows(self, space: Space, kind: SpaceKind) -> bool:
        """Whether a space, which is of that kind now, is on this screen."""
        return self._may_show(space) and (not self.kinds or kind in self.kinds)

    def _may_show(self, space: Space) -> bool:
        return (not self.floors or space.floor in self.floors) and (
            not self.spaces or space.id in self.spaces
        )

    def least_letter_px(self) -> float | None:
        """The smallest letter on the screen itself, in its pixels; None where not all is known."""
        return self._least_px(self.width_px, self.height_px, CAP_HEIGHT_EM)

    def least_picture_letter_px(self) -> float | None:
        """The smallest letter of its picture, in the pixels of that; None where not all is known."""
        if self.image is None:
            return None
        return self._least_px(self.image.width_px, self.image.height_px, PICTURE_CAP_HEIGHT_EM)

    def _least_px(self, width_px: int | None, height_px: int | None, cap_height_em: float) -> float | None:
        if self.distance_m is None or self.diagonal_inch is None or width_px is None or height_px is None:
            return None
        return min_font_px(self.distance_m, self.diagonal_inch, width_px, height_px, cap_height_em)


def read_screens(root: Section, building: Building) -> Mapping[str, Screen]:
    """The screens that a file describes, by id; mistakes are noted in the sections."""
    return {one.id: one for one in (_screen(row, building) for row in root.sections("screen", unique="id"))}


def read_directions(root: Section, building: Building) -> Mapping[str, Words]:
    """How one gets to spaces, by space; what is said in Dutch alone is said so in English."""
    if "directions" not in root:
        return {}
    found, directions = root.section("directions"), {}
    for key in found:
        line = found.section(key)
        dutch = line.text("nl", _LINE, wanted=_LINE_WORDS)
        directions[str(key)] = Words(dutch, line.text("en", _LINE, dutch or "-", _LINE_WORDS))
        if key not in building.spaces:
            found.problem(key, f"{shown(key)} is not a space of the building file")
    return directions


def _screen(row: Section, building: Building) -> Screen:
    floors, places = {floor.id for floor in building.floors}, row.items("floors")
    kinds, spaces = row.items("kinds"), row.items("spaces")
    screen = Screen(
        id=row.text("id", ID, wanted="an id such as hal"),
        place=row.text("place", _LINE, "", _LINE_WORDS),
        floor=_known(row, "floor", floors, "a floor") if "floor" in row else "",
        floors=tuple(_known(places, n, floors, "a floor") for n in places),
        kinds=tuple(kinds.choice(n, SpaceKind) for n in kinds),
        spaces=tuple(_known(spaces, n, building.spaces, "a space") for n in spaces),
        languages=_languages(row),
        rotate_s=row.integer("rotate_s", LEAST_S, MOST_S, ROTATE_S),
        page_s=row.integer("page_s", LEAST_S, MOST_S, PAGE_S),
        distance_m=row.number("viewing_distance_m", 0.2, 50) if "viewing_distance_m" in row else None,
        diagonal_inch=row.number("diagonal_inch", 1, 300) if "diagonal_inch" in row else None,
        width_px=row.integer("width_px", 320, 16_384) if "width_px" in row else None,
        height_px=row.integer("height_px", 240, 16_384) if "height_px" in row else None,
        night=_night(row),
        public_url=row.text("public_url", ADDRESS, "", ADDRESS_WORDS).rstrip("/"),
        image=_panel(row.section("image")) if "image" in row else None,
    )
    _check(row, screen, building)
    return screen


def _known(section: Section, key: str | int, known: set[str] | Mapping[str, object], what: str) -> str:
    found = section.text(key)
    if found and found not in known:
        section.problem(key, f"{shown(found)} is not {what} of the building file")
    return found


def _languages(row: Section) -> tuple[Language, ...]:
    if "languages" not in row:
        return (Language.NL,)
    items = row.items("languages", least=1)
    found = tuple(items.choice(n, Language) for n in items)
    if len(set(found)) < len(found):
        row.problem("languages", "names a language twice")
    return found or (Language.NL,)


def _night(row: Section) -> Night | None:
    if "night" not in row:
        return None
    found = _NIGHT.fullmatch(row.text("night", _NIGHT, wanted='hours such as "19:00-07:00", or "never"'))
    if found is None or found.group() == NEVER:
        return Night(time(), time())
    night = Night(*(time.fromisoformat(at) for at in found.group().split("-")))
    if night.begins == night.ends:
        row.problem("night", f'{found.group()} is no time at all; "never" says that')
    return night


def _panel(section: Section) -> Panel:
    greys, turned = section.integer("greys", 2, 16, GREYS[0]), section.integer("rotate", 0, 270, TURNS[0])
    for key, found, known in (("greys", greys, GREYS), ("rotate", turned, TURNS)):
        if found not in known:
            section.problem(key, f"needs one of {', '.join(map(str, known))}, not {found}")
    width_px, height_px = (section.integer(key, 120, 4_096) for key in ("width_px", "height_px"))
    return Panel(width_px, height_px, greys, turned)


def _check(row: Section, screen: Screen, building: Building) -> None:
    """Report what does not go together."""
    if screen.spaces and screen.floors and not any(map(screen._may_show, building.spaces.values())):  # noqa: SLF001
        row.problem("spaces", "none of them is on the floors of this screen")
    _both(row, "width_px", "height_px")
    _both(row, "viewing_distance_m", "diagonal_inch")
    if screen.distance_m is not None and screen.width_px is None and screen.image is None:
        row.problem("viewing_distance_m", "needs width_px and height_px too: how fine the screen is")
    _must_hold(row, screen.least_letter_px(), (screen.width_px, screen.height_px), LEAST_LETTERS)
    if screen.image is not None:
        sides = screen.image[:2]
        _must_hold(row, screen.least_picture_letter_px(), sides, PICTURE_LEAST_LETTERS)


def _must_hold(
    row: Section, letter_px: float | None, sides_px: tuple[int | None, int | None], least: float
) -> None:
    """Report letters of which too few fit above each other."""
    shorter_px = min(side_px or 0 for side_px in sides_px)
    if letter_px is not None and letter_px * least > shorter_px:
        what = f"letters must be {math.ceil(letter_px)} px then (0.7°), and there are {shorter_px} px"
        row.problem("viewing_distance_m", f"{what}: hang a larger screen, or say how close one stands")


def _both(row: Section, one: str, other: str) -> None:
    for there, missing in ((one, other), (other, one)):
        if there in row and missing not in row:
            row.problem(there, f"needs {missing} too")
