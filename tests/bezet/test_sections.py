# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import ConfigError
from bezet.model import SpaceKind
from bezet.sections import Section, _Place, _Scan, parse, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "some.toml"


def told(read: Callable[[Section], object], text: str) -> list[str]:
    """The problems of a text as a person sees them, without the file's name."""
    try:
        root = parse(text, NAME)
        read(root)
        root.done()
    except ConfigError as error:
        return [str(problem).removeprefix(f"{NAME}:") for problem in error.problems]
    return []


# --- text that is not TOML ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\na = 2\n", "2: TOML: this key stands twice in its table (column 6)"),
        ("a = 1\r\n\r\na = 2\r\n", "3: TOML: this key stands twice in its table (column 6)"),
        ("[a]\n[b]\n[a]\n", "3: TOML: Cannot declare ('a',) twice (column 3)"),
        ("a = 1\n\n[a]\n", "3: TOML: this key stands twice in its table (column 3)"),
        ("a = \n", "1: TOML: Invalid value (column 5)"),
        ("\ta = 1\n\tb == 2\n", "2: TOML: Invalid value (column 5)"),
        ("a = 1\n# comment\nb\n", "3: TOML: Expected '=' after a key in a key/value pair (column 2)"),
        ('a = 1\nb = "open\nc = 1\n', "2: TOML: Illegal character '\\n' (column 10)"),
        ('a = """\nopen\n\n', "2: TOML: Unterminated string at the end of the file"),
        ("a = 1\rb = 2", "1: TOML: Expected newline or end of document after a statement (column 6)"),
        ("a = 2026-02-30\n", "1: TOML: Invalid date or datetime (column 5)"),
        ("a = 1\nb = " + "7" * 5000 + "\n", "2: TOML: a number is too long"),
        ("a = 1\nb = 2\nc = " + "[" * 5000 + "\n", "3: TOML: brackets are nested too deeply"),
        ("\x00", "1: TOML: Invalid statement (column 1)"),
    ],
)
def test_not_toml(text: str, expected: str) -> None:
    """Text that is not TOML is one problem, on the line where it stops being TOML."""
    assert told(lambda _: None, text) == [expected]


def test_byte_order_mark() -> None:
    """A byte order mark, which Windows editors write, is no part of the first key."""
    assert parse("\ufeffa = 1\n", NAME).integer("a", 0, 9) == 1


# --- where each key stands ---------------------------------------------------------------------------------


def places(text: str) -> dict[tuple[Any, ...], int]:
    """The line of every key path of a text, list items by their number."""

    def walk(path: tuple[Any, ...], place: _Place) -> Iterator[tuple[tuple[Any, ...], int]]:
        yield path, place.line
        for key, inner in place.inner.items():
            yield from walk((*path, key), inner)

    return dict(walk((), _Scan(text).places()))


def paths(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key path of what tomllib found."""
    yield path
    pairs = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, inner in pairs:
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("\n\na = 1", ("a",), 3),
        ("[a]\n\n[a.b]\nc = 1", ("a", "b"), 3),
        ("[a.b]\nc = 1\n[a]\nd = 1", ("a",), 3),
        ("[a.b]\nc = 1", ("a",), 1),
        ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2),
        ("a . 'b' .\"c\" = 1\n", ("a", "b", "c"), 1),
        ("1.04 = 1\n'1.04' = 2", ("1.04",), 2),
        ('"\\u0061" = 1', ("a",), 1),
        ('"" = 1', ("",), 1),
        ('"#" = 1 # "x" = 2\ny = 2', ("y",), 2),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1), 3),
        ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1\n[[a]]\n[[a.b]]\nc = 2", ("a", 1, "b", 0, "c"), 7),
        ("[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2", ("a", 1, "b", "c"), 6),
        ("[[ a . b ]] # [[c]]\n[ a.c ]\nd=1", ("a", "c", "d"), 3),
        ("a = [ # ]\n 1,\n [2,\n 3], # ,\n]\nb = 1", ("a", 1, 1), 4),
        ("a = [\n 1,\n]\nb = 1", ("b",), 4),
        ("a = [{b = 1},\n{b = 2, c.d = 3}]", ("a", 1, "c", "d"), 2),
        ("a = {b = [\n1,\n2], c = 3}\n", ("a", "c"), 3),
        ("a = {}\nb = []\nc = [[], {}]", ("c", 1), 3),
        ('a = """\n[[a]]\nb = 1\n"""\nb = 2', ("b",), 5),
        ('a = """x\\"""\nb = 1\n"""""\nb = 2', ("b",), 4),
        ('a = """"quoted""""\nb = 2', ("b",), 2),
        ("a = '''\n''b = 1\\'''\nb = 2", ("b",), 3),
        ("a = '''x'''''\nb = 2", ("b",), 2),
        ("a = 'C:\\'\nb = '#'\nc = 3", ("c",), 3),
        ('a = "\\\\"\nb = "]"\nc = 3', ("c",), 3),
        ("a = 1979-05-27 07:32:00 # x\nb = [1.5e3, 07:32:00.5]\nc=1", ("c",), 3),
        ("a = '\u2028\x85' # \u2029\nb = 2", ("b",), 2),
        ("\ta\t=\t1\t\n\t[b]\t\n\tc = 1", ("b", "c"), 3),
    ],
)
def test_place(text: str, path: tuple[Any, ...], line: int) -> None:
    """Every key is found on the line where it stands, however TOML lets it be written."""
    tomllib.loads(text)
    assert places(text)[path] == line


KEY = st.sampled_from(["a", "b", "c", "7", '"a"', "'['", '"="'])
KEYS = st.lists(KEY, min_size=1, max_size=3).map(".".join)
PLAIN = ["1", "-inf", "2026-01-01 10:00:00", '"]"', "'#'", '"\\""', '"""\n[a]\n"""', "'''\n'\n'''", '""']
VALUES = st.recursive(
    st.sampled_from(PLAIN),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[ # ]\n" + ",\n ".join(items) + "\n]")
        | st.lists(st.tuples(KEYS, inner).map("=".join), max_size=3).map(
            lambda pairs: "{" + ", ".join(pairs) + "}"
        )
    ),
    max_leaves=5,
)
STATEMENTS = st.one_of(
    st.tuples(KEYS, VALUES).map(" = ".join),
    KEYS.map("[{}] # [[b]]".format),
    KEYS.map("[[ {} ]]".format),
    st.just("# a = 1\n"),
)


@given(st.lists(STATEMENTS, max_size=6).map("\n".join))
def test_places_match_values(text: str) -> None:
    """Whatever tomllib accepts, the scanner finds the same keys and list items, no more and no fewer."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(places(text)) == set(paths(found))


@given(st.text(st.sampled_from("ab=.1\"'[]{},#\n\r\t \\é\x00"), max_size=40) | st.text())
def test_any_text(text: str) -> None:
    """Any text at all is a table or a `ConfigError` with a line of the text."""
    try:
        root = parse(text, NAME)
    except ConfigError as error:
        (problem,) = error.problems
        assert 1 <= problem.line <= text.count("\n") + 1
    else:
        assert set(root.rest()) == set(tomllib.loads(text.removeprefix("\ufeff")))


#: Pieces of a file in which every number names its own line: `@` becomes the line's number, and `~` the
#: piece's, so that no key stands twice.
NUMBERED = st.sampled_from(
    [
        "k~ = @",
        "\tk~\t=\t@\t# k = 0",
        "'q ~'.\"x.y\" = @",
        "[t~]\nk = @",
        "[[rows]]\nk = @\nin = {k = @, l.m = @}",
        "[[rows]]\nk = @\n[[rows.deep]]\nk = @\n[[rows.deep]]\n\nk = @\n[rows.one]\nk = @",
        "a~ = [ # ]\n  @,\n\n  @, @,\n  [@,\n   @],\n  {k = @},\n]\nk~ = @",
        'b~ = """\n[[rows]]\nk = 0\n\\""" """""\nk~ = @',
        "b~ = '''\n[t]\n\"k\" = 0 # '' '''\nk~ = @",
        'b~ = "# [[x]]"\nk~ = @',
        "",
        "# [[rows]] k = 0",
        "b~ = 2026-01-01 10:00:00",
    ]
)


@given(st.lists(NUMBERED, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_numbered_file(pieces: list[str], line_end: str) -> None:
    """In a file whose numbers name their own lines, each number is reported on that line."""
    text = "\n".join(piece.replace("~", str(number)) for number, piece in enumerate(pieces))
    lines = [line.replace("@", str(number)) for number, line in enumerate(text.split("\n"), 1)]

    def refuse(section: Section) -> None:
        for key, found in section.rest().items():
            if isinstance(found, dict):
                refuse(section.section(key))
            elif isinstance(found, list):
                refuse(section.items(key))
            elif isinstance(found, int):
                section.problem(key, f"is {found}")

    problems = told(refuse, line_end.join(lines))
    expected = [number for number, line in enumerate(text.split("\n"), 1) for _ in range(line.count("@"))]
    assert [re.sub(": .*: ", ": ", problem) for problem in problems] == [
        f"{line}: is {line}" for line in expected
    ]


# --- what is read of it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (lambda s: s.text("a"), "a = 'x'", "x"),
        (lambda s: s.text("a", re.compile("[0-9]+")), "a = '12'", "12"),
        (lambda s: s.text("a", default="y"), "", "y"),
        (lambda s: s.number("a", 0, 9), "a = 1", 1.0),
        (lambda s: s.number("a", 0, 9), "a = 9.0", 9.0),
        (lambda s: s.number("a", 1, 9, default=0), "", 0.0),
        (lambda s: s.integer("a", 0, 9), "a = 0x9", 9),
        (lambda s: s.integer("a", 1, 9, default=0), "", 0),
        (lambda s: s.flag("a"), "a = false", False),
        (lambda s: s.flag("a", default=False), "", False),
        (lambda s: s.choice("a", SpaceKind), "a = 'desks'", SpaceKind.DESKS),
        (lambda s: s.choice("a", SpaceKind, SpaceKind.FOCUS), "", SpaceKind.FOCUS),
        (lambda s: s.date("a"), "a = 2026-12-31", date(2026, 12, 31)),
        (lambda s: s.date("a", date(2026, 1, 1)), "", date(2026, 1, 1)),
        (lambda s: s.dates("a"), "a = [2026-12-31]", (date(2026, 12, 31),)),
        (lambda s: s.dates("a"), "", ()),
        (lambda s: s.section("a").text("b"), "a.b = 'x'", "x"),
        (lambda s: [row.text("b") for row in s.sections("a")], "[[a]]\nb = 'x'\n[[a]]\nb = 'y'", ["x", "y"]),
        (lambda s: [row.text("b") for row in s.sections("a")], "a = [{b = 'x'}]", ["x"]),
        (lambda s: s.sections("a"), "", ()),
        (lambda s: "a" in s, "a = 1", True),
        (lambda s: "a" in s, "", False),
        (lambda s: [s.text("a"), s.rest()], "a = 'x'\nb = 1\nc = [2]", ["x", {"b": 1, "c": [2]}]),
    ],
)
def test_right_value(read: Callable[[Section], object], text: str, expected: object) -> None:
    """A right value comes out typed, an absent one as its default, and neither is a problem."""
    root = parse(text, NAME)
    found = read(root)
    root.done()
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (lambda s: s.text("a"), "a = 1", "needs text, not 1"),
        (lambda s: s.text("a"), "a = ' '", 'needs text, not " "'),
        (lambda s: s.text("a", re.compile("x")), "a = 'xy'", 'needs text that matches x, not "xy"'),
        (lambda s: s.text("a", re.compile("x"), wanted="an x"), 'a = "x\\n"', r"needs an x, not 'x\n'"),
        (lambda s: s.number("a", 0, 9), "a = nan", "needs a number from 0 to 9, not nan"),
        (lambda s: s.number("a", 0, 9), "a = -inf", "needs a number from 0 to 9, not -inf"),
        (lambda s: s.number("a", 0, 9), "a = 1e999", "needs a number from 0 to 9, not inf"),
        (
            lambda s: s.number("a", 0, 9),
            "a = " + "9" * 400,
            "needs a number from 0 to 9, not a number beyond 64 bits",
        ),
        (lambda s: s.number("a", 0, 9), "a = true", "needs a number from 0 to 9, not true"),
        (lambda s: s.number("a", 0, 9), "a = '1'", 'needs a number from 0 to 9, not "1"'),
        (lambda s: s.integer("a", 0, 9), "a = 1.0", "needs a whole number from 0 to 9, not 1.0"),
        (lambda s: s.integer("a", 0, 9), "a = 10", "needs a whole number from 0 to 9, not 10"),
        (
            lambda s: s.integer("a", 0, 9),
            "a = 0x" + "f" * 9000,
            "needs a whole number from 0 to 9, not a number beyond 64 bits",
        ),
        (lambda s: s.flag("a"), "a = 0", "needs true or false, not 0"),
        (lambda s: s.flag("a"), "a = 'true'", 'needs true or false, not "true"'),
        (
            lambda s: s.choice("a", SpaceKind),
            "a = 'Desks'",
            'needs one of focus, meeting, hybrid, creative, social, desks, phone, not "Desks"',
        ),
        (lambda s: s.date("a"), "a = '2026-12-31'", 'needs a date such as 2026-12-31, not "2026-12-31"'),
        (
            lambda s: s.date("a"),
            "a = 2026-12-31T10:00:00Z",
            "needs a date such as 2026-12-31, not 2026-12-31 10:00:00+00:00",
        ),
        (lambda s: s.date("a"), "a = 10:00:00", "needs a date such as 2026-12-31, not 10:00:00"),
        (lambda s: s.dates("a"), "a = 2026-12-31", "needs a list, not 2026-12-31"),
        (lambda s: s.dates("a", least=2), "a = [2026-12-31]", "needs a list of 2 or more, not a list of 1"),
        (lambda s: s.section("a").text("b"), "a = 1", "needs a table [a], not 1"),
        (lambda s: s.section("a").text("b"), "[[a]]\nb = 'x'", "needs a table [a], not a list of 1"),
        (lambda s: s.sections("a"), "[a]\nb = 'x'", "needs [[a]] tables, not a table"),
        (lambda s: s.sections("a", least=1), "a = []", "needs 1 or more [[a]] tables, not a list of 0"),
    ],
)
def test_wrong_value(read: Callable[[Section], object], text: str, expected: str) -> None:
    """A wrong value is one problem that names it and what is wanted, and reading goes on."""
    assert told(read, "\n" + text) == ["2: a: " + expected]


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        (lambda s: s.text("a"), "text"),
        (lambda s: s.number("a", 0, 9), "a number from 0 to 9"),
        (lambda s: s.integer("a", 0, 9), "a whole number from 0 to 9"),
        (lambda s: s.flag("a"), "true or false"),
        (lambda s: s.choice("a", SpaceKind), "one of focus, meeting, hybrid, creative, social, desks, phone"),
        (lambda s: s.date("a"), "a date such as 2026-12-31"),
        (lambda s: s.dates("a", least=1), "a list of 1 or more"),
        (lambda s: s.section("a").text("b"), "a table [t.a]"),
        (lambda s: s.sections("a", least=1), "1 or more [[t.a]] tables"),
    ],
)
def test_missing_key(read: Callable[[Section], object], wanted: str) -> None:
    """A required key that is absent is reported on the header of its table."""
    text = "b = 1\n\n[t] # here\n\nc = 1\n"

    def read_all(root: Section) -> None:
        table = root.section("t")
        read(table)
        assert root.rest() == {"b": 1}
        assert table.rest() == {"c": 1}

    assert told(read_all, text) == [f"3: t, a: is missing: needs {wanted}"]


KEYS_OF_ROW = "is not a key here; there are id, inner, name, points"


def read_rows(root: Section) -> None:
    """A reader of rows with an id, a name and points."""
    for row in root.sections("row", unique="id"):
        row.text("id")
        row.text("name", default="")
        points = row.items("points")
        for point in points:
            corner = points.items(point)
            corner.number(0, 0, 9)
            corner.number(1, 0, 9)
        for inner in row.sections("inner", unique="start"):
            inner.date("start")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[row]]\nid = 'x'\n[[row]]\n", ["3: row #2, id: is missing: needs text"]),
        ("[[row]]\nid = 'x'\nname = 1\n", ['3: row "x", name: needs text, not 1']),
        ("row = [1]\n", ["1: row #1: needs a table, not 1"]),
        (
            "[[row]]\nid = 'x'\n[[row]]\nid = 'y'\n[[row]]\nid = 'x'\n",
            ['6: row "x", id: "x" stands on line 2 already'],
        ),
        ("row = [{id = 'x'}, {id = 'x'}]\n", ['1: row "x", id: "x" stands on line 1 already']),
        (
            "[[row]]\nid = 1\n[[row]]\nid = 1\n",
            ["2: row #1, id: needs text, not 1", "4: row #2, id: needs text, not 1"],
        ),
        (
            "[[row]]\nid = 'x'\n[[row.inner]]\nstart = 2026-01-01\n[[row.inner]]\nstart = 2026-01-01\n",
            ['6: row "x", inner #2, start: 2026-01-01 stands on line 4 already'],
        ),
        (
            "[[row]]\nid = 'x'\npoints = [\n  [0, 0],\n  [0],\n  [0, 10],\n  [0, 0, 0],\n  0,\n]\n",
            [
                '5: row "x", points #2 #2: is missing: needs a number from 0 to 9',
                '6: row "x", points #3 #2: needs a number from 0 to 9, not 10',
                '7: row "x", points #4 #3: is one too many',
                '8: row "x", points #5: needs a list, not 0',
            ],
        ),
        ("[[row]]\nid = 'x'\nnmae = 'y'\n", ['3: row "x", nmae: is not a key here; did you mean name?']),
        (
            "[[row]]\nid = 'x'\nzzz = 1\n",
            [f'3: row "x", zzz: {KEYS_OF_ROW}'],
        ),
        (
            "[[row]]\nid = 'x'\n\n[row.zzz]\n",
            [f'4: row "x", zzz: {KEYS_OF_ROW}'],
        ),
        ("[[rwo]]\nid = 'x'\n", ["1: rwo: is not a key here; did you mean row?"]),
        ("'a\"b' = 1", ['1: "a"b": is not a key here; there are row']),
        ('"a\\nb" = 1', ["1: 'a\\nb': is not a key here; there are row"]),
    ],
)
def test_rows(text: str, expected: list[str]) -> None:
    """A problem names its row by id or number, and stands on the line of the key itself."""
    assert told(read_rows, text) == expected


def test_all_at_once() -> None:
    """Mistakes all over a file come in one error, in the order of their lines."""
    text = "a = 1\nb = 'x'\nc = 1\n[d]\ne = 1\n"

    def read(root: Section) -> None:
        root.section("d").flag("e")
        root.integer("b", 0, 9)
        root.text("a")

    assert told(read, text) == [
        "1: a: needs text, not 1",
        '2: b: needs a whole number from 0 to 9, not "x"',
        "3: c: is not a key here; there are a, b, d",
        "5: d, e: needs true or false, not 1",
    ]


def test_rest() -> None:
    """The keys left over can be reported one by one, each on its own line."""

    def read(root: Section) -> None:
        root.text("driver")
        for key in root.rest():
            root.problem(key, "is not wanted")

    text = "driver = 'x'\n\npin = 4\n[wiring]\npull = 'up'\n"
    assert told(read, text) == ["3: pin: is not wanted", "4: wiring: is not wanted"]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (True, "true"),
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "a number beyond 64 bits"),
        ("é", '"é"'),
        ("\ud800", r"'\ud800'"),
        ("x" * 100, '"' + "x" * 59 + "…"),
        ({"a": 1}, "a table"),
        ([1, 2], "a list of 2"),
    ],
)
def test_shown(found: object, words: str) -> None:
    """A wrong value is shown short, on one line, and never by the contents of a table or list."""
    assert shown(found) == words
