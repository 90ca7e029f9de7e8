# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""TOML text that remembers its lines: every mistake of a configuration file is told at once, with its line.

`tomllib` gives the values; a scanner over the same text notes where each key and list item stands. What is
read of a file is asked of its `Section`s key by key. A wrong value is collected as a `Problem`, and something
of the right type stands in for it, so that reading goes on until `done` raises them all.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from bezet.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from enum import StrEnum

Key = str | int
Found = TypeVar("Found")
Choice = TypeVar("Choice", bound="StrEnum")


def parse(text: str, file: str) -> Section:
    """The root table of TOML text; `file` is its name in messages.

    Text that is not TOML is one `ConfigError`. A byte order mark and CRLF line ends are accepted.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        found, place = tomllib.loads(text), _Scan(text).places()
    except (ValueError, RecursionError) as error:
        raise ConfigError([_syntax_problem(error, text, file)]) from None
    return Section(_Source(file), place, found)


_POSITION = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)$")
#: Words of tomllib that do not say what a person did.
_CLEARER = {"Cannot overwrite a value": "this key stands twice in its table"}


def _syntax_problem(error: Exception, text: str, file: str) -> Problem:
    position = _POSITION.search(str(error))
    if position is None:
        # Thousands of digits, or hundreds of brackets: Python does not say where, but the line is long.
        lengths = [len(line) for line in text.split("\n")]
        what = "a number is too long" if isinstance(error, ValueError) else "brackets are nested too deeply"
        return Problem(file, lengths.index(max(lengths)) + 1, "TOML", what)
    words = str(error)[: position.start()]
    what = _CLEARER.get(words, words)
    line, column = position.groups()
    if line is None:
        return Problem(file, text.rstrip().count("\n") + 1, "TOML", f"{what} at the end of the file")
    return Problem(file, int(line), "TOML", f"{what} (column {column})")


# --- where each key stands ----------------------------------------------------------------------------------


_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(slots=True, eq=False)
class _Place:
    """The line of a key or list item, and the places inside it; list items go by their number, from 0."""

    line: int
    inner: dict[Key, _Place] = field(default_factory=dict)

    def at(self, keys: Iterable[Key], line: int) -> _Place:
        """The place under dotted `keys`, made where it is new; of `[[tables]]` on the way, the last one."""
        place = self
        for key in keys:
            if 0 in place.inner:
                place = place.inner[len(place.inner) - 1]
            place = place.inner.setdefault(key, _Place(line))
        return place


class _Scan:
    """One walk over text that tomllib has accepted, so that every character it wants is there."""

    _GAP = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
    _STRING = re.compile(
        r'"""(?:\\.|[^\\])*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL
    )
    _PLAIN_VALUE = re.compile(r"[^\n,\]}#]+")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_ends = [end.start() for end in re.finditer("\n", text)]

    def places(self) -> _Place:
        """The root's place, with all others inside it."""
        root = table = _Place(1)
        while self._next():
            line = self._line()
            if self._skip("[["):
                rows = root.at(self._keys(), line)
                table = rows.inner[len(rows.inner)] = _Place(line)
                self._skip("]]")
            elif self._skip("["):
                table = root.at(self._keys(), line)
                table.line = line
                self._skip("]")
            else:
                self._pair(table)
        return root

    def _pair(self, table: _Place) -> None:
        line = self._line()
        place = table.at(self._keys(), line)
        self._skip("=")
        self._inside(place)

    def _inside(self, place: _Place) -> None:
        """Walk over one value and note the lines inside it."""
        if self._skip("["):
            while not self._skip("]"):
                item = place.inner[len(place.inner)] = _Place(self._line())
                self._inside(item)
                self._skip(",")
        elif self._skip("{"):
            while not self._skip("}"):
                self._pair(place)
                self._skip(",")
        elif not self._take(self._STRING):
            self._take(self._PLAIN_VALUE)

    def _keys(self) -> list[str]:
        """A dotted key, its parts unquoted."""
        keys = [self._key()]
        while self._skip("."):
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._next()
        quoted = self._take(self._STRING)
        return tomllib.loads(f"key = {quoted}")["key"] if quoted else self._take(_BARE)

    def _next(self) -> str:
        """The next character that counts, empty at the end."""
        self._take(self._GAP)
        return self._text[self._at : self._at + 1]

    def _skip(self, mark: str) -> bool:
        self._next()
        stands = self._text.startswith(mark, self._at)
        self._at += len(mark) * stands
        return stands

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match.group() if match else ""

    def _line(self) -> int:
        return bisect_right(self._line_ends, self._at) + 1


# --- what is read of it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    file: str
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One table of the file, or one list, whose keys are then the numbers of its items, from 0.

    Every method that reads takes the key first, and `default` for when it is absent; without one the key is
    required. `key in section` tells whether it is there, and counts as reading it. Problems name a key as
    `space "1.04", layout #2, capacity`: rows and items go by their `id`, else by their number, from 1.
    """

    _source: _Source
    _place: _Place
    _found: Mapping[Any, Any]
    _words: str = ""
    _header: str = ""
    _asked: set[Key] = field(default_factory=set)
    _inner: list[Section] = field(default_factory=list)

    def __contains__(self, key: Key) -> bool:
        self._asked.add(key)
        return key in self._found

    def __iter__(self) -> Iterator[Key]:
        return iter(self._found)

    def text(
        self, key: Key, pattern: re.Pattern[str] | None = None, default: str | None = None, wanted: str = ""
    ) -> str:
        """Text that matches all of `pattern` (any that is not blank); `wanted` says so in words."""
        if pattern is None:
            found = self._read(key, (str,), wanted or "text", default, "", fits=str.strip)
            return found if found.strip() else ""
        wanted = wanted or f"text that matches {pattern.pattern}"
        return self._read(key, (str,), wanted, default, "", fits=pattern.fullmatch)

    def number(self, key: Key, low: float, high: float, default: float | None = None) -> float:
        """A number in the unit of its key; both bounds are finite and included."""
        wanted = f"a number from {low:g} to {high:g}"
        found = self._read(key, (int, float), wanted, default, low, fits=lambda found: low <= found <= high)
        return float(found) if abs(found) < 2**1023 else low  # whole numbers of TOML exceed any float

    def integer(self, key: Key, low: int, high: int, default: int | None = None) -> int:
        """A whole number in the unit of its key; both bounds are included."""
        wanted = f"a whole number from {low} to {high}"
        return self._read(key, (int,), wanted, default, low, fits=lambda found: low <= found <= high)

    def flag(self, key: Key, default: bool | None = None) -> bool:
        """True or false."""
        return self._read(key, (bool,), "true or false", default, False)

    def choice(self, key: Key, choices: type[Choice], default: Choice | None = None) -> Choice:
        """One of the members of `choices`, by its value."""
        members = {member.value: member for member in choices}
        wanted = "one of " + ", ".join(members)
        word = self._read(key, (str,), wanted, default and default.value, "", fits=members.__contains__)
        return members.get(word) or next(iter(choices))

    def date(self, key: Key, default: dt.date | None = None) -> dt.date:
        """A day, without a time."""
        return self._read(key, (dt.date,), "a date such as 2026-12-31", default, dt.date.min)

    def dates(self, key: Key, least: int = 0) -> tuple[dt.date, ...]:
        """A list of at least so many days; without `least` it may be absent."""
        items = self.items(key, least)
        return tuple(items.date(item) for item in items)

    def items(self, key: Key, least: int = 0) -> Section:
        """A list of at least so many items, to be read by their numbers; without `least` it may be absent."""
        return self._list(key, least, f"a list of {least} or more" if least else "a list")

    def section(self, key: Key) -> Section:
        """A table. Where it is absent or something else, that is reported and nothing inside it is."""
        return self._open(
            key, dict, "a table" if isinstance(key, int) else f"a table [{self._header}{key}]", None
        )

    def sections(self, key: Key, least: int = 0, unique: str = "") -> tuple[Section, ...]:
        """The rows of an array of tables, at least so many; no two with the same text or date at `unique`."""
        tables = f"[[{self._header}{key}]] tables"
        rows = self._list(key, least, f"{least} or more {tables}" if least else tables)
        found = tuple(rows.section(row) for row in rows)
        _refuse_doubles(found, unique)
        return found

    def rest(self) -> dict[str, Any]:
        """The keys nobody asked for yet with their bare values, for who checks them by `problem`."""
        left = {key: found for key, found in self._found.items() if key not in self._asked}
        self._asked.update(left)
        return left

    def line(self, key: Key) -> int:
        """The line a key stands on; of an absent one, the line of this table's header."""
        return self._place.inner.get(key, self._place).line

    def problem(self, key: Key, what: str) -> None:
        """Report that a key is wrong; `what` names the wrong value and what is wanted."""
        problem = Problem(self._source.file, self.line(key), self._name(key), what)
        self._source.problems.append(problem)

    def done(self) -> None:
        """Report the unknown keys in here and in all sections opened from here.

        Raises `ConfigError` with every problem of the file so far, by line. Call it once, on the root.
        """
        self._report_unknown()
        if self._source.problems:
            raise ConfigError(sorted(self._source.problems, key=lambda problem: problem.line))

    def _report_unknown(self) -> None:
        for key in self._found:
            if key not in self._asked:
                self.problem(key, _unknown(key, self._asked))
        for inner in self._inner:
            inner._report_unknown()  # noqa: SLF001 - a Section too

    def _read(
        self,
        key: Key,
        forms: tuple[type, ...],
        wanted: str,
        default: Found | None,
        spare: Found,
        *,
        fits: Callable[[Any], object] | None = None,
    ) -> Found:
        """What stands at `key` if its type is one of `forms`, else `default` or `spare`."""
        if key not in self:
            if default is None:
                self.problem(key, f"is missing: needs {wanted}")
            return spare if default is None else default
        found: Any = self._found[key]
        right_form = type(found) in forms
        if not right_form or (fits and not fits(found)):
            self.problem(key, f"needs {wanted}, not {shown(found)}")
        return found if right_form else spare

    def _list(self, key: Key, least: int, wanted: str) -> Section:
        return self._open(key, list, wanted, None if least else [], lambda found: len(found) >= least)

    def _open(
        self, key: Key, form: type, wanted: str, default: Any, fits: Callable[[Any], object] | None = None
    ) -> Section:
        """The table or list at `key` as a section; what is wrong in one that stands in goes unheard."""
        spare = form()
        found = self._read(key, (form,), wanted, default, spare, fits=fits)
        label = found.get("id") if isinstance(key, int) and form is dict else None
        inner = Section(
            replace(self._source, problems=[]) if found is spare else self._source,
            self._place.inner.get(key, self._place),
            found if form is dict else dict(enumerate(found)),
            f"{self._words} {shown(label)}" if isinstance(label, str) else self._name(key),
            f"{self._header}{key}." if isinstance(key, str) else self._header,
        )
        self._inner.append(inner)
        return inner

    def _name(self, key: Key) -> str:
        if isinstance(key, int):
            return f"{self._words} #{key + 1}"
        word = key if _BARE.fullmatch(key) else shown(key)
        return f"{self._words}, {word}" if self._words else word


def _unknown(key: Key, asked: Iterable[Key]) -> str:
    """Why a key that nobody asked for is refused, with the known one that was probably meant."""
    if isinstance(key, int):
        return "is one too many"
    known = [word for word in asked if isinstance(word, str)]
    close = get_close_matches(key, known, 1)
    return "is not a key here; " + (
        f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"
    )


def _refuse_doubles(rows: Iterable[Section], unique: str) -> None:
    firsts: dict[str | dt.date, Section] = {}
    for row in rows:
        found = row._found.get(unique)  # noqa: SLF001 - called by Section only
        if isinstance(found, (str, dt.date)) and firsts.setdefault(found, row) is not row:
            row.problem(unique, f"{shown(found)} stands on line {firsts[found].line(unique)} already")


def shown(found: Any) -> str:
    """A TOML value in a few words, as it is written where that is short."""
    match found:
        case bool():
            words = str(found).lower()
        case int() if abs(found) >= 2**63:
            words = "a number beyond 64 bits"
        case str():
            words = f'"{found}"' if found.isprintable() else repr(found)
        case dict():
            words = "a table"
        case list():
            words = f"a list of {len(found)}"
        case _:
            words = str(found)
    return words if len(words) <= 60 else words[:60] + "…"
