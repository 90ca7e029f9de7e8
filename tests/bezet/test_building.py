# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.building import read_building
from bezet.errors import ConfigError, Problem
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

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "some.toml"
ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "building.toml").read_text(encoding="utf-8")

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


# --- right buildings ---------------------------------------------------------------------------------------


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


def test_retention_and_air() -> None:
    """What is kept and how air is judged arrive in the building; what is left out is the promise."""
    kept = read_building(f"{SMALL}[retention]\npresence_hours = 1\nfacts_months = 2\n", NAME)
    air = read_building(f"{SMALL}[air]\nprofile = 'custom'\nlimits_ppm = [700, 900.5, 1200]\n", NAME)

    assert kept.retention == Retention(1, 90, 90, 2)
    assert air.air == Air(AirProfile.CUSTOM, 420.0, (700.0, 900.5, 1200.0))
    assert read_building(SMALL, NAME).retention == Retention(24, 90, 90, 25)
    assert read_building(SMALL, NAME).air == Air(AirProfile.FRISSE_SCHOLEN, 420.0, ())


def test_more_is_kept_under_an_agreement() -> None:
    """Longer numbers are taken with an agreement that says where it is and how long it lasts."""
    longer = (
        "[retention]\npresence_hours = 8784\nenvironment_days = 3660\nstates_days = 91\nfacts_months = 120\n"
    )
    text = f"{SMALL}{longer}[retention.agreement]\nreference = 'OR 7'\nuntil = 2027-06-30\n"
    agreement = Agreement("OR 7", date(2027, 6, 30))

    assert read_building(text, NAME).retention == Retention(8784, 3660, 91, 120, agreement)


def test_layouts_are_sorted() -> None:
    """Layouts may stand in the file in any order and come sorted by their date."""
    later = '[[space.layout]]\nstart = 2026-09-07\nkind = "desks"\ncapacity = 4\nname = "Bureaus"\n\n'
    space = read_building(SMALL.replace("[[space.layout]]", later + "[[space.layout]]"), NAME).spaces["0.01"]
    assert [layout.start for layout in space.layouts] == [date(2026, 1, 5), date(2026, 9, 7)]
    assert space.layout_on(date(2026, 9, 6)).kind is SpaceKind.MEETING
    assert space.layout_on(date(2026, 9, 7)).kind is SpaceKind.DESKS


# --- wrong buildings ---------------------------------------------------------------------------------------

ID = 'needs an id of up to 64 characters, each a-z, 0-9, ".", "_" or "-"'
HOURS = 'needs hours within one day, such as "08:00-18:00"'
ZONE = "is not a time zone such as Europe/Amsterdam"
END = "needs an end after its start"
AREA = "needs a number from 0.1 to 100000"
METRES = "needs a number from -10000 to 10000"
KINDS = "needs one of focus, meeting, hybrid, creative, social, desks, phone"
CAPACITY = "needs a whole number from 1 to 1000"
DAY = "needs a date such as 2026-12-31"
TWICE = "TOML: this key stands twice in its table"
AGREEMENT = "needs an agreement: [retention.agreement] with reference and until"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id = "hall"', 'id = "Hall"', f'2: site, id: {ID}, not "Hall"'),
        ('id = "hall"', 'id = "hall/+"', f'2: site, id: {ID}, not "hall/+"'),
        ('id = "hall"', 'id = ""', f'2: site, id: {ID}, not ""'),
        ('id = "hall"', 'id = "hall\\n"', f"2: site, id: {ID}, not 'hall\\n'"),
        ('id = "hall"\n', "", f"1: site, id: is missing: {ID}"),
        ('"Hal"', "' '", '3: site, name: needs text, not " "'),
        ('"Hal"', "7", "3: site, name: needs text, not 7"),
        (
            "Europe/Amsterdam",
            "Europe/Stadhuis",
            f'4: site, timezone: "Europe/Stadhuis" {ZONE}',
        ),
        (
            "Europe/Amsterdam",
            "Europe",
            f'4: site, timezone: "Europe" {ZONE}',
        ),
        (
            "Europe/Amsterdam",
            "../Amsterdam",
            f'4: site, timezone: "../Amsterdam" {ZONE}',
        ),
        ("Europe/Amsterdam", "", '4: site, timezone: needs text, not ""'),
        (
            "[2026-12-25]",
            "[\n2026-12-25,\n2026-12-26T00:00:00,\n]",
            f"7: site, holidays #2: {DAY}, not 2026-12-26 00:00:00",
        ),
        ("[2026-12-25]", "2026-12-25", "5: site, holidays: needs a list, not 2026-12-25"),
        ("holidays", "hollidays", "5: site, hollidays: is not a key here; did you mean holidays?"),
        (
            '[site.hours]\nmon = "08:00-18:00"\n',
            "",
            "1: site, hours: is missing: needs a table [site.hours]",
        ),
        ('mon = "08:00-18:00"', "", "7: site, hours, mon: is missing, like all weekdays: needs one or more"),
        ("08:00-18:00", "8:00-18:00", f'8: site, hours, mon: {HOURS}, not "8:00-18:00"'),
        ("08:00-18:00", "08:00-24:00", f'8: site, hours, mon: {HOURS}, not "08:00-24:00"'),
        ("08:00-18:00", "08:0٨-18:00", f'8: site, hours, mon: {HOURS}, not "08:0٨-18:00"'),
        ("08:00-18:00", "0٨:00-18:00", f'8: site, hours, mon: {HOURS}, not "0٨:00-18:00"'),
        (
            "08:00-18:00",
            "18:00-08:00",
            f'8: site, hours, mon: {END}, not "18:00-08:00"',
        ),
        (
            "08:00-18:00",
            "08:00-08:00",
            f'8: site, hours, mon: {END}, not "08:00-08:00"',
        ),
        ('mon = "08:00-18:00"', "mon = 08:00:00", f"8: site, hours, mon: {HOURS}, not 08:00:00"),
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
        ('id = "0"', "id = 0", f"11: floor #1, id: {ID}, not 0"),
        ('floor = "0"', 'floor = "1"', '17: space "0.01", floor: "1" is not a [[floor]]; there are "0"'),
        ('floor = "0"', "floor = 0", '17: space "0.01", floor: needs text, not 0'),
        ('id = "0.01"', "id = 0.01", f"15: space #1, id: {ID}, not 0.01"),
        ("= 20", "= 0", f'18: space "0.01", area_m2: {AREA}, not 0'),
        ("= 20", "= nan", f'18: space "0.01", area_m2: {AREA}, not nan'),
        ("= 20", "= inf", f'18: space "0.01", area_m2: {AREA}, not inf'),
        (
            "= 20",
            "= 2" + "0" * 500,
            f'18: space "0.01", area_m2: {AREA}, not a number beyond 64 bits',
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
            f'19: space "0.01", polygon #3 #2: {METRES}, not "4"',
        ),
        (
            "[5, 4]",
            "\n[5, -1e5]",
            f'20: space "0.01", polygon #3 #2: {METRES}, not -100000.0',
        ),
        ("measured = true", 'measured = "no"', '20: space "0.01", measured: needs true or false, not "no"'),
        (
            "start = 2026-01-05",
            "start = 2026-01-05T00:00:00",
            f'23: space "0.01", layout #1, start: {DAY}, not 2026-01-05 00:00:00',
        ),
        (
            '"meeting"',
            '"hall"',
            f'24: space "0.01", layout #1, kind: {KINDS}, not "hall"',
        ),
        ("= 8", "= 0", f'25: space "0.01", layout #1, capacity: {CAPACITY}, not 0'),
        (
            "= 8",
            "= 1001",
            f'25: space "0.01", layout #1, capacity: {CAPACITY}, not 1001',
        ),
        (
            "= 8",
            "= 8.0",
            f'25: space "0.01", layout #1, capacity: {CAPACITY}, not 8.0',
        ),
        (
            "= 8",
            "= true",
            f'25: space "0.01", layout #1, capacity: {CAPACITY}, not true',
        ),
        (
            "capacity = 8\n",
            "",
            f'22: space "0.01", layout #1, capacity: is missing: {CAPACITY}',
        ),
        (
            "= 8",
            '= 8\n"capa city" = 9',
            '26: space "0.01", layout #1, "capa city": is not a key here; did you mean capacity?',
        ),
        (
            "[space.hours]\nsun",
            "[space.hours]\nmon = '08:00-09:00'\nSun",
            '30: space "0.01", hours, Sun: is not a key here; did you mean sun?',
        ),
        ("10:00-12:00", "10:00-9:00", f'29: space "0.01", hours, sun: {HOURS}, not "10:00-9:00"'),
        (
            "[[space.layout]]",
            "[space.layout]",
            '22: space "0.01", layout: needs 1 or more [[space.layout]] tables, not a table',
        ),
        (
            "[[space]]",
            "name = 'twice'\n[[space]]",
            f"14: {TWICE} (column 15)",
        ),
        (
            "[[space]]",
            '"na\\u006de" = 1\n[[space]]',
            f"14: {TWICE} (column 16)",
        ),
        (
            "[site]",
            "policy = 1\n[site]",
            "1: policy: is not a key here; there are air, floor, retention, site, space",
        ),
    ],
)
def test_one_mistake(old: str, new: str, expected: str) -> None:
    """One mistake is one problem, on its own line, that says what stands there and what is wanted."""
    assert SMALL.count(old) > 0
    assert told(SMALL.replace(old, new, 1)) == [expected]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "[retention]\npresence_hours = 25",
            f"31: retention, presence_hours: 25 is longer than 24 and {AGREEMENT}",
        ),
        (
            "[retention]\n\nenvironment_days = 91",
            f"32: retention, environment_days: 91 is longer than 90 and {AGREEMENT}",
        ),
        (
            "[retention]\nstates_days = 3660",
            f"31: retention, states_days: 3660 is longer than 90 and {AGREEMENT}",
        ),
        (
            "[retention]\nfacts_months = 26",
            f"31: retention, facts_months: 26 is longer than 25 and {AGREEMENT}",
        ),
        (
            "[retention]\nfacts_months = 121",
            "31: retention, facts_months: needs a whole number from 2 to 120, not 121",
        ),
        (
            "[retention]\npresence_hours = 0",
            "31: retention, presence_hours: needs a whole number from 1 to 8784, not 0",
        ),
        (
            "[retention]\nstates_days = 1",
            "31: retention, states_days: needs a whole number from 2 to 3660, not 1",
        ),
        (
            "[retention]\nstates_days = 30.0",
            "31: retention, states_days: needs a whole number from 2 to 3660, not 30.0",
        ),
        (
            "[retention]\nstate_days = 30",
            "31: retention, state_days: is not a key here; did you mean states_days?",
        ),
        (
            "[retention]\nstates_days = 91\n[retention.agreement]\nreference = 'OR 7'",
            "32: retention, agreement, until: is missing: needs a date such as 2026-12-31",
        ),
        (
            "[retention]\nstates_days = 91\n[retention.agreement]\nuntil = 2027-01-01",
            "32: retention, agreement, reference: is missing: needs text",
        ),
        (
            "[retention.agreement]\nuntil = 2027-01-01\nreference = ''",
            '32: retention, agreement, reference: needs text, not ""',
        ),
        (
            "[retention]\nstates_days = 91\nagreement = 'OR 7'",
            '32: retention, agreement: needs a table [retention.agreement], not "OR 7"',
        ),
        (
            "[air]\nprofile = 'fris'",
            '31: air, profile: needs one of frisse-scholen, en-16798-1, custom, not "fris"',
        ),
        ("[air]\noutdoor_ppm = 42", "31: air, outdoor_ppm: needs a number from 300 to 1000, not 42"),
        ("[air]\nlimits_ppm = [1, 2, 3]", '31: air, limits_ppm: is for profile = "custom" only'),
        ("[air]\nprofile = 'custom'", "30: air, limits_ppm: is missing: needs a list of 3 or more"),
        (
            "[air]\nprofile = 'custom'\nlimits_ppm = [700, 900]",
            "32: air, limits_ppm: needs a list of 3 or more, not a list of 2",
        ),
        (
            "[air]\nprofile = 'custom'\nlimits_ppm = [700, 700, 900]",
            "32: air, limits_ppm #2: needs a number from 701 to 20000, not 700",
        ),
        (
            "[air]\nprofile = 'custom'\nlimits_ppm = [700,\n'900', 800]",
            '33: air, limits_ppm #2: needs a number from 701 to 20000, not "900"',
        ),
        (
            "[air]\nprofile = 'custom'\nlimits_ppm = [-700, 900, 1200]",
            "32: air, limits_ppm #1: needs a number from 300 to 20000, not -700",
        ),
        (
            "[air]\nprofile = 'custom'\nlimits_ppm = [700, 900, 1200, 1500]",
            "32: air, limits_ppm #4: is one too many",
        ),
    ],
)
def test_one_mistake_in_what_is_kept_or_in_air(section: str, expected: str) -> None:
    """Looser without an agreement, out of bounds or half an agreement is one problem, where it stands."""
    assert told(f"{SMALL}{section}\n") == [expected]


def test_three_mistakes() -> None:
    """A file with three mistakes names all three, each on its own line."""
    text = SMALL.replace("Europe/Amsterdam", "Mars").replace("m2 = 20", "m2 = -20")
    assert told(text.replace("mon =", "tue = '08:00-09:00'\nmonday =")) == [
        f'4: site, timezone: "Mars" {ZONE}',
        "9: site, hours, monday: is not a key here; did you mean mon?",
        f'19: space "0.01", area_m2: {AREA}, not -20',
    ]


def test_doubles() -> None:
    """Two spaces with one id, or two layouts from one day, are refused where they stand again."""
    space = SMALL[SMALL.index("[[space]]") :]
    layout = space[space.index("[[space.layout]]") : space.index("[space.hours]")]
    assert told(SMALL + layout + space) == [
        '31: space "0.01", layout #2, start: 2026-01-05 stands on line 23 already',
        '37: space "0.01", id: "0.01" stands on line 15 already',
    ]


def test_empty_file() -> None:
    """An empty file lacks a site, a floor and a space, and says no more than that."""
    expected = [
        "1: site: is missing: needs a table [site]",
        "1: floor: is missing: needs 1 or more [[floor]] tables",
        "1: space: is missing: needs 1 or more [[space]] tables",
    ]
    for text in ("", "\n\n", "# nothing\r\n", "\ufeff"):
        assert told(text) == expected


def test_space_in_text() -> None:
    """What looks like a table inside a text is text, and the lines below it still count right."""
    name = '"""\n[[space]]\nid = 7\n\\"""[site]\n"""'
    text = SMALL.replace('"Zaal"', name).replace("= 8", "= 0")
    assert told(text) == [f'29: space "0.01", layout #1, capacity: {CAPACITY}, not 0']


# --- any text at all ---------------------------------------------------------------------------------------

NOISE = st.lists(st.sampled_from(["", "# [[space]]", "\t", "  # id = 3"]), max_size=2)


@st.composite
def building_lines(draw: st.DrawFn) -> list[str]:
    """The lines of a right building.toml of some floors, spaces and layouts, with noise between."""
    lines = SMALL.split("\n")[:9]
    lines += ["[retention]", "presence_hours = 30", "states_days = 7", *draw(NOISE)]
    lines += ["[retention.agreement]", "reference = 'x'", *draw(NOISE), "until = 2027-06-30"]
    lines += [
        "[air]",
        "outdoor_ppm = 400.5",
        *draw(NOISE),
        "profile = 'en-16798-1'",
    ]
    floors = draw(st.integers(1, 3))
    for floor in range(floors):
        lines += ["[[floor]]", f'id = "{floor}"', f"name = 'Floor {floor}'", *draw(NOISE)]
    for space in range(draw(st.integers(1, 4))):
        floor = draw(st.integers(0, floors - 1))
        lines += ["[[space]]", f'id = "0.{space}"', "name = '''[[space]]'''", *draw(NOISE)]
        lines += [f'"floor" = "{floor}"', "area_m2 = 12.5", *draw(NOISE)]
        for layout in range(draw(st.integers(1, 3))):
            lines += ["[[space.layout]]", f"start = 2026-01-{layout + 1:02}", 'kind = "desks"', *draw(NOISE)]
            lines += ["capacity = 4", 'name = "x"', *draw(NOISE)]
    return lines


@given(building_lines(), st.data(), st.sampled_from(["\n", "\r\n"]))
def test_unknown_key_anywhere(lines: list[str], data: st.DataObject, line_end: str) -> None:
    """A key that nobody knows, put on any line of a right file, is the one problem and on that line."""
    assert not told(line_end.join(lines))
    place = data.draw(st.integers(0, len(lines)))
    (problem,) = problems_of(line_end.join([*lines[:place], "zzz = 1", *lines[place:]]))
    assert problem.line == place + 1
    assert problem.key.endswith("zzz")


@given(building_lines(), st.data(), st.sampled_from(["true", "nan", "[[]]", "{a = 1}", "1e999", "07:00:00"]))
def test_wrong_value_anywhere(lines: list[str], data: st.DataObject, wrong: str) -> None:
    """A value of a wrong type, at any key of a right file, is told on that line, once, and nothing else."""
    places = [place for place, line in enumerate(lines) if " = " in line and "#" not in line]
    place = data.draw(st.sampled_from(places))
    lines[place] = lines[place].split(" = ")[0] + " = " + wrong
    assert [problem.line for problem in problems_of("\n".join(lines))] == [place + 1]


@given(st.data())
def test_example_with_mutations(data: st.DataObject) -> None:
    """The example, cut, doubled or overwritten anywhere, is a building or a `ConfigError`, nothing else."""
    text = EXAMPLE
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 30))
        pieces = st.sampled_from(["", text[start:end] * 2, "=", "[", '"', "\n", "0", "-", "é"])
        text = text[:start] + data.draw(pieces) + text[end:]
    for problem in problems_of(text):
        assert 1 <= problem.line <= text.count("\n") + 1
        assert "\n" not in str(problem)


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text at all is a building or a `ConfigError`, never anything else."""
    assert problems_of(text)


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["", "/etc/passwd", "x" * 300, "..", "a\0"])
)
def test_any_timezone(name: str) -> None:
    """Any name of a time zone is one that exists or one problem on its line."""
    quoted = "".join(f"\\U{ord(letter):08x}" for letter in name)
    assert [problem.line for problem in problems_of(SMALL.replace("Europe/Amsterdam", quoted))] in ([], [4])


# --- the example -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town_hall() -> Building:
    """The building of the example at the root."""
    return read_building(EXAMPLE, "building.toml")


def test_example_covers_every_kind(town_hall: Building) -> None:
    """The example has every kind of space, one in privacy mode, one with hours of its own, and a pilot."""
    spaces = town_hall.spaces.values()
    assert (town_hall.site, town_hall.name, len(town_hall.floors)) == ("townhall", "Stadhuis", 2)
    assert {space.layout_on(date(2027, 1, 4)).kind for space in spaces} == set(SpaceKind)
    assert [space.name for space in spaces if not space.measured] == ["Kolfkamer"]
    assert any(space.hours for space in spaces)
    assert any(len(space.layouts) == 2 for space in spaces)


def test_example_keeps_what_was_promised(town_hall: Building) -> None:
    """The example says the promise in numbers; the agreement that it shows would be taken as it stands."""
    start = EXAMPLE.index("# [retention.agreement]")
    end = EXAMPLE.index("\n\n", start)
    shown = EXAMPLE[start:end].replace("# ", "")
    agreed = read_building(EXAMPLE[:start] + shown + EXAMPLE[end:], "building.toml")

    assert (town_hall.retention, town_hall.air) == (Retention(), Air())
    assert agreed.retention.agreement == Agreement("OR 2026-031, DPIA 2026-12", date(2027, 6, 30))


def test_the_page_about_keeping_says_what_happens() -> None:
    """The refusal and the agreement that the page shows are those of the example with that change."""
    page = (ROOT / "docs" / "how-to" / "keep-less.md").read_text(encoding="utf-8")
    longer = EXAMPLE.replace("states_days = 90", "states_days = 365")
    (problem,) = problems_of(longer)
    (shown,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)

    assert str(problem).replace(NAME, "building.toml", 1) in page
    assert read_building(SMALL + shown, NAME).retention.states_days == 365


@pytest.mark.parametrize(("year", "easter"), [(2026, date(2026, 4, 5)), (2027, date(2027, 3, 28))])
def test_example_holidays(town_hall: Building, year: int, easter: date) -> None:
    """The example has the Dutch public holidays; those that move are counted from Easter."""
    moving = {easter + timedelta(days) for days in (0, 1, 39, 49, 50)}
    fixed = {date(year, 1, 1), date(year, 4, 27), date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    assert {day for day in town_hall.holidays if day.year == year} == moving | fixed


def test_example_plan(town_hall: Building) -> None:
    """The outlines of the example enclose their areas, and no two on one floor cover the same spot."""
    for space in town_hall.spaces.values():
        assert area_m2(space.polygon) == pytest.approx(space.area_m2)
    spots = [(x / 4 + 0.125, y / 4 + 0.125) for x in range(120) for y in range(80)]
    for floor in town_hall.floors:
        outlines = [space.polygon for space in town_hall.spaces.values() if space.floor == floor.id]
        assert all(sum(is_inside(spot, outline) for outline in outlines) <= 1 for spot in spots)


def area_m2(outline: tuple[tuple[float, float], ...]) -> float:
    """The area inside an outline, by the shoelace formula."""
    edges = zip(outline, (*outline[1:], outline[0]), strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in edges)) / 2


def is_inside(spot: tuple[float, float], outline: tuple[tuple[float, float], ...]) -> bool:
    """Whether a ray from the spot to the right crosses the outline an odd number of times."""
    x, y = spot
    edges = zip(outline, (*outline[1:], outline[0]), strict=True)
    crossed = [x1 + (y - y1) / (y2 - y1) * (x2 - x1) for (x1, y1), (x2, y2) in edges if (y1 > y) != (y2 > y)]
    return sum(crossing > x for crossing in crossed) % 2 == 1
