# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""building.toml text → `Building`, or every mistake in it at once, with file, line and key."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bezet.model import (
    Agreement,
    Air,
    AirProfile,
    AreaType,
    Building,
    Floor,
    Layout,
    Retention,
    Space,
    SpaceKind,
)
from bezet.retention import TERMS
from bezet.sections import parse, shown
from bezet.wire import ID

if TYPE_CHECKING:
    from bezet.model import Hours
    from bezet.sections import Section

#: The keys of opening hours; their order makes the weekday, 0 = Monday.
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: More people than any one space is meant for.
CAPACITY_MAX = 1_000
AREA_MIN_M2 = 0.1
AREA_MAX_M2 = 100_000.0
#: How far from the origin of the floor plan a corner may be, to each side.
PLAN_M = 10_000.0

#: What CO2 can be outdoors, and what a limit indoors can be.
OUTDOOR_MIN_PPM, OUTDOOR_MAX_PPM = 300.0, 1_000.0
LIMIT_MIN_PPM, LIMIT_MAX_PPM = 300.0, 20_000.0

_ID_WORDS = 'an id of up to 64 characters, each a-z, 0-9, ".", "_" or "-"'
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(f"({_CLOCK})-({_CLOCK})")
_HOURS_WORDS = 'hours within one day, such as "08:00-18:00"'


def read_building(text: str, file: str) -> Building:
    """The building that the TOML `text` describes; `file` is its name in messages.

    Raises `ConfigError` with every mistake when there is one.
    """
    root = parse(text, file)
    site = root.section("site")
    floors = tuple(_floor(row) for row in root.sections("floor", least=1, unique="id"))
    spaces = [_space(row, floors) for row in root.sections("space", least=1, unique="id")]
    building = Building(
        site=site.text("id", ID, wanted=_ID_WORDS),
        name=site.text("name"),
        timezone=_timezone(site),
        hours=_hours(site.section("hours")),
        holidays=frozenset(site.dates("holidays")),
        floors=floors,
        spaces={space.id: space for space in spaces},
        retention=_retention(root.section("retention")) if "retention" in root else Retention(),
        air=_air(root.section("air")) if "air" in root else Air(),
    )
    root.done()
    return building


def _floor(row: Section) -> Floor:
    return Floor(row.text("id", ID, wanted=_ID_WORDS), row.text("name"))


def _space(row: Section, floors: tuple[Floor, ...]) -> Space:
    layouts = (_layout(layout) for layout in row.sections("layout", least=1, unique="start"))
    return Space(
        id=row.text("id", ID, wanted=_ID_WORDS),
        name=row.text("name"),
        floor=_floor_of(row, [floor.id for floor in floors]),
        area_m2=row.number("area_m2", AREA_MIN_M2, AREA_MAX_M2),
        area_type=row.choice("area_type", AreaType, AreaType.NVO),
        layouts=tuple(sorted(layouts, key=lambda layout: layout.start)),
        polygon=_polygon(row),
        hours=_hours(row.section("hours")) if "hours" in row else None,
        measured=row.flag("measured", default=True),
    )


def _floor_of(row: Section, floors: list[str]) -> str:
    """The id of the space's floor, checked where every floor has a readable one."""
    floor = row.text("floor")
    if floor and floors and all(floors) and floor not in floors:
        row.problem("floor", f"{shown(floor)} is not a [[floor]]; there are {', '.join(map(shown, floors))}")
    return floor


def _layout(row: Section) -> Layout:
    return Layout(
        start=row.date("start"),
        kind=row.choice("kind", SpaceKind),
        capacity=row.integer("capacity", 1, CAPACITY_MAX),
        name=row.text("name"),
    )


def _polygon(row: Section) -> tuple[tuple[float, float], ...]:
    """The corners of the space on its floor, in metres; none where it was not drawn."""
    corners = row.items("polygon", least=3 if "polygon" in row else 0)
    return tuple(_corner(corners.items(corner)) for corner in corners)


def _corner(corner: Section) -> tuple[float, float]:
    return corner.number(0, -PLAN_M, PLAN_M), corner.number(1, -PLAN_M, PLAN_M)


def _hours(section: Section) -> Hours:
    """Opening hours by weekday; a weekday that is not named is closed, but not all seven."""
    if not any(key in section for key in WEEKDAYS):
        section.problem(WEEKDAYS[0], "is missing, like all weekdays: needs one or more")
    spans = {day: _span(section, key) for day, key in enumerate(WEEKDAYS) if key in section}
    return {day: span for day, span in spans.items() if span}


def _span(section: Section, key: str) -> tuple[time, time] | None:
    found = section.text(key, _HOURS, wanted=_HOURS_WORDS)
    if not (clocks := _HOURS.fullmatch(found)):
        return None
    start, end = map(time.fromisoformat, clocks.groups())
    if start >= end:
        section.problem(key, f"needs an end after its start, not {shown(found)}")
    return start, end


def _timezone(site: Section) -> ZoneInfo:
    name = site.text("timezone")
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        site.problem("timezone", f"{shown(name)} is not a time zone such as Europe/Amsterdam")
        return ZoneInfo("UTC")


# --- what is kept, and how air is judged --------------------------------------------------------------------


def _retention(section: Section) -> Retention:
    """How long things are kept: never longer than was promised without an agreement."""
    agreement = _agreement(section.section("agreement")) if "agreement" in section else None
    terms = {key: _term(section, key, is_agreed=agreement is not None) for key in TERMS}
    return Retention(**terms, agreement=agreement)


def _agreement(section: Section) -> Agreement:
    return Agreement(reference=section.text("reference"), until=section.date("until"))


def _term(section: Section, key: str, *, is_agreed: bool) -> int:
    promised, least, most, _ = TERMS[key]
    found = section.integer(key, least, most, promised)
    if promised < found <= most and not is_agreed:
        what = f"{found} is longer than {promised} and needs an agreement: [retention.agreement]"
        section.problem(key, f"{what} with reference and until")
    return found


def _air(section: Section) -> Air:
    profile = section.choice("profile", AirProfile, AirProfile.FRISSE_SCHOLEN)
    limits_ppm: tuple[float, ...] = ()
    if profile is AirProfile.CUSTOM:
        limits_ppm = _limits_ppm(section.items("limits_ppm", least=3))
    elif "limits_ppm" in section:
        section.problem("limits_ppm", 'is for profile = "custom" only')
    outdoor_ppm = section.number("outdoor_ppm", OUTDOOR_MIN_PPM, OUTDOOR_MAX_PPM, Air().outdoor_ppm)
    return Air(profile, outdoor_ppm, limits_ppm)


def _limits_ppm(found: Section) -> tuple[float, ...]:
    """Three limits, each higher than the one before; a wrong one is passed over."""
    limits_ppm: list[float] = []
    least_ppm = LIMIT_MIN_PPM
    for place in list(found)[:3]:
        limits_ppm.append(found.number(place, least_ppm, LIMIT_MAX_PPM))
        if least_ppm <= limits_ppm[-1] < LIMIT_MAX_PPM:
            least_ppm = limits_ppm[-1] + 1
    return tuple(limits_ppm)
