# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bezet.building import read_building
from bezet.errors import ConfigError, Problem
from bezet.model import AreaType, Building, Floor, Layout, Space, SpaceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "some.toml"
EXAMPLE = (Path(__file__).parents[2] / "building.toml").read_text(encoding="utf-8")

#: The least that is a building; line numbers below count in here.
SMALL = """\
[site]
id = "hall"
name = "Hal"
timezone = "Europe/Amsterdam"
holidays = [2026-12-25]

[site.hours]
mon = "08:00-18:00"

[[floor]]
id = "0"
name = "Begane grond"

[[space]]
id = "0.01"
name = "Zaal"
floor = "0"
area_m2 = 20
polygon = [[0, 0], [5, 0], [5, 4]]
measured = true

[[space.layout]]
start = 2026-01-05
kind = "meeting"
capacity = 8
name = "Tafel"

[space.hours]
sun = "10:00-12:00"
"""


def problems_of(text: str) -> Sequence[Problem]:
    """The problems of a text; none when it is a building."""
    try:
        read_building(text, NAME)
    except ConfigError as error:
        return error.problems
    return ()


def told(text: str) -> list[str]:
    """The problems of a text as a person sees them, without the file's name."""
    return [str(problem).removeprefix(f"{NAME}:") for problem in problems_of(text)]


# --- right buildings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [str, lambda text: text.replace("\n", "\r\n"), "\ufeff".__add__])
def test_small_building(change: type[str]) -> None:
    """Every key of the file arrives in the building, whatever the line ends and the byte order mark."""
    building = read_building(change(SMALL), NAME)
    layout = Layout(date(2026, 1, 5), SpaceKind.MEETING, 8, "Tafel")
    assert building == Building(
        site="hall",
        name="Hal",
        timezone=building.timezone,
        hours={0: (time(8), time(18))},
        holidays=frozenset({date(2026, 12, 25)}),
        floors=(Floor("0", "Begane grond"),),
        spaces={
            "0.01": Space(
                id="0.01",
                name="Zaal",
                floor="0",
                area_m2=20.0,
                area_type=AreaType.NVO,
                layouts=(layout,),
                polygon=((0.0, 0.0), (5.0, 0.0), (5.0, 4.0)),
                hours={6: (time(10), time(12))},
                measured=True,
            )
        },
    )
    assert building.timezone.key == "Europe/Amsterdam"


def test_defaults() -> None:
    """A space without the optional keys is measured, in NVO, in the hours of its site, and not drawn."""
    text = SMALL.replace("polygon = [[0, 0], [5, 0], [5, 4]]\nmeasured = true\n", "").split("[space.hours]")[
        0
    ]
    space = read_building(text.replace("holidays = [2026-12-25]\n", ""), NAME).spaces["0.01"]
    assert (space.area_type, space.polygon, space.hours, space.measured) == (AreaType.NVO, (), None, True)


def test_layouts_are_sorted() -> None:
    """Layouts may stand in the file in any order and come sorted by their date."""
    later = '[[space.layout]]\nstart = 2026-09-07\nkind = "desks"\ncapacity = 4\nname = "Bureaus"\n\n'
    space = read_building(SMALL.replace("[[space.layout]]", later + "[[space.layout]]"), NAME).spaces["0.01"]
    assert [layout.start for layout in space.layouts] == [date(2026, 1, 5), date(2026, 9, 7)]
    assert space.layout_on(date(2026, 9, 6)).kind is SpaceKind.MEETING
    assert space.layout_on(date(2026, 9, 7)).kind is SpaceKind.DESKS


# --- wrong buildings ------------------------------------------------------------------------------------------

ID_WANTED = 'needs an id of up to 64 characters, each a-z, 0-9, ".", "_" or "-"'
HOURS_WANTED = 'needs hours within one day, such as "08:00-18:00"'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id = "hall"', 'id = "Hall"', f'2: site, id: {ID_WANTED}, not "Hall"'),
        ('id = "hall"', 'id = "hall/+"', f'2: site, id: {ID_WANTED}, not "hall/+"'),
        ('id = "hall"', 'id = ""', f'2: site, id: {ID_WANTED}, not ""'),
        ('id = "hall"', 'id = "hall\\n"', f"2: site, id: {ID_WANTED}, not 'hall\\n'"),
        ('id = "hall"\n', "", f"1: site, id: is missing: {ID_WANTED}"),
        ('"Hal"', "' '", '3: site, name: needs text, not " "'),
        ('"Hal"', "7", "3: site, name: needs text, not 7"),
        (
            "Europe/Amsterdam",
            "Europe/Stadhuis",
            '4: site, timezone: "Europe/Stadhuis" is not a time zone such as Europe/Amsterdam',
        ),
        (
            "Europe/Amsterdam",
            "Europe",
            '4: site, timezone: "Europe" is not a time zone such as Europe/Amsterdam',
        ),
        (
            "Europe/Amsterdam",
            "../Amsterdam",
            '4: site, timezone: "../Amsterdam" is not a time zone such as Europe/Amsterdam',
        ),
        ("Europe/Amsterdam", "", '4: site, timezone: needs text, not ""'),
        (
            "[2026-12-25]",
            "[\n2026-12-25,\n2026-12-26T00:00:00,\n]",
            "7: site, holidays #2: needs a date such as 2026-12-31, not 2026-12-26 00:00:00",
        ),
        ("[2026-12-25]", "2026-12-25", "5: site, holidays: needs a list, not 2026-12-25"),
        ("holidays", "hollidays", "5: site, hollidays: is not a key here; did you mean holidays?"),
        ("[site.hours]", "[site.hour]", "1: site, hours: is missing: needs a table [site.hours]"),
        ('mon = "08:00-18:00"', "", "7: site, hours, mon: is missing, like all weekdays: needs one or more"),
        ("08:00-18:00", "8:00-18:00", f'8: site, hours, mon: {HOURS_WANTED}, not "8:00-18:00"'),
        ("08:00-18:00", "08:00-24:00", f'8: site, hours, mon: {HOURS_WANTED}, not "08:00-24:00"'),
        ("08:00-18:00", "0٨:00-18:00", f'8: site, hours, mon: {HOURS_WANTED}, not "0٨:00-18:00"'),
        (
            "08:00-18:00",
            "18:00-08:00",
            '8: site, hours, mon: needs an end after its start, not "18:00-08:00"',
        ),
        (
            "08:00-18:00",
            "08:00-08:00",
            '8: site, hours, mon: needs an end after its start, not "08:00-08:00"',
        ),
        ('mon = "08:00-18:00"', "mon = 08:00:00", f"8: site, hours, mon: {HOURS_WANTED}, not 08:00:00"),
        (
            '[[floor]]\nid = "0"\nname = "Begane grond"\n',
            "",
            "1: floor: is missing: needs 1 or more [[floor]] tables",
        ),
        ('"Begane grond"', "[]", '12: floor "0", name: needs text, not a list of 0'),
        (
            "[[space]]",
            '[[floor]]\nid = "0"\nname = "x"\n[[space]]',
            '15: floor "0", id: "0" stands on line 11 already',
        ),
        ('floor = "0"', 'floor = "1"', '17: space "0.01", floor: "1" is not a [[floor]]; there are "0"'),
        ('floor = "0"', "floor = 0", '17: space "0.01", floor: needs text, not 0'),
        ('id = "0.01"', "id = 0.01", f"15: space #1, id: {ID_WANTED}, not 0.01"),
        ("= 20", "= 0", '18: space "0.01", area_m2: needs a number from 0.1 to 100000, not 0'),
        ("= 20", "= nan", '18: space "0.01", area_m2: needs a number from 0.1 to 100000, not nan'),
        ("= 20", "= inf", '18: space "0.01", area_m2: needs a number from 0.1 to 100000, not inf'),
        (
            "= 20",
            "= 2" + "0" * 500,
            '18: space "0.01", area_m2: needs a number from 0.1 to 100000, not a number beyond 64 bits',
        ),
        (
            "= 20",
            '= 20\narea_type = "nvo"',
            '19: space "0.01", area_type: needs one of NVO, BVO, VVO, not "nvo"',
        ),
        ("[5, 0], [5, 4]", "[5, 0]", '19: space "0.01", polygon: needs a list of 3 or more, not a list of 2'),
        (
            "[[0, 0], [5, 0], [5, 4]]",
            "[]",
            '19: space "0.01", polygon: needs a list of 3 or more, not a list of 0',
        ),
        ("[5, 4]", "[5, 4, 0]", '19: space "0.01", polygon #3 #3: is one too many'),
        (
            "[5, 4]",
            '[5, "4"]',
            '19: space "0.01", polygon #3 #2: needs a number from -10000 to 10000, not "4"',
        ),
        (
            "[5, 4]",
            "\n[5, -1e5]",
            '20: space "0.01", polygon #3 #2: needs a number from -10000 to 10000, not -100000.0',
        ),
        ("measured = true", 'measured = "no"', '20: space "0.01", measured: needs true or false, not "no"'),
        (
            "start = 2026-01-05",
            "start = 2026-01-05T00:00:00",
            '23: space "0.01", layout #1, start: needs a date such as 2026-12-31, not 2026-01-05 00:00:00',
        ),
        (
            '"meeting"',
            '"hall"',
            '24: space "0.01", layout #1, kind: '
            'needs one of focus, meeting, hybrid, creative, social, desks, phone, not "hall"',
        ),
        ("= 8", "= 0", '25: space "0.01", layout #1, capacity: needs a whole number from 1 to 1000, not 0'),
        (
            "= 8",
            "= 1001",
            '25: space "0.01", layout #1, capacity: needs a whole number from 1 to 1000, not 1001',
        ),
        (
            "= 8",
            "= 8.0",
            '25: space "0.01", layout #1, capacity: needs a whole number from 1 to 1000, not 8.0',
        ),
        (
            "= 8",
            "= true",
            '25: space "0.01", layout #1, capacity: needs a whole number from 1 to 1000, not true',
        ),
        (
            "capacity = 8\n",
            "",
            '22: space "0.01", layout #1, capacity: is missing: needs a whole number from 1 to 1000',
        ),
        (
            "= 8",
            '= 8\n"capa city" = 9',
            '26: space "0.01", layout #1, "capa city": is not a key here; did you mean capacity?',
        ),
        ("[space.hours]\nsun", "[space.hours]\nson", '28: space "0.01", hours, sun: is missing'),
        ("10:00-12:00", "10:00-9:00", f'29: space "0.01", hours, sun: {HOURS_WANTED}, not "10:00-9:00"'),
        (
            "[[space.layout]]",
            "[space.layout]",
            '22: space "0.01", layout: needs 1 or more [[space.layout]] tables, not a table',
        ),
        (
            "[[space]]",
            "name = 'twice'\n[[space]]",
            "14: TOML: this key stands twice in its table (column 15)",
        ),
        (
            "[[space]]",
            '"na\\u006de" = 1\n[[space]]',
            "14: TOML: this key stands twice in its table (column 15)",
        ),
        ("[site]", "policy = 1\n[site]", "1: policy: is not a key here; there are floor, site, space"),
    ],
)
def test_one_mistake(old: str, new: str, expected: str) -> None:
    """One mistake is one problem, on its own line, that says what stands there and what is wanted."""
    assert SMALL.count(old) > 0
    assert told(SMALL.replace(old, new, 1)) == [expected]
