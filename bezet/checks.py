# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Closed checks of JSON values: each takes what JSON gave and returns it typed, or raises `Wrong`.

The contract's tables are made of these, and so are the words about them in docs/contract.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from bezet.errors import Cause

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from enum import StrEnum


class Wrong(Exception):
    """A value that does not fit its check."""

    def __init__(self, what: str, cause: Cause = Cause.BAD_VALUE) -> None:
        self.what = what
        self.cause = cause


class Check(NamedTuple):
    """A test of one JSON value, with the words for the documentation."""

    run: Callable[[Any], Any]
    words: str


class Field(NamedTuple):
    """One key of a message: its name, what it may hold, and what it means."""

    name: str
    check: Check
    meaning: str


def integer(low: int, high: int) -> Check:
    """A whole number; a fraction, a truth or text is not one."""

    def run(found: Any) -> int:
        if type(found) is not int:
            raise Wrong(f"needs a whole number, not {shown(found)}", Cause.BAD_SHAPE)
        if not low <= found <= high:
            raise Wrong(f"{shown(found)} is outside {low} to {high}")
        return found

    return Check(run, f"whole number {low} to {high}")


def number(low: float, high: float) -> Check:
    """A finite number, as a float."""

    def run(found: Any) -> float:
        if type(found) is not float and type(found) is not int:
            raise Wrong(f"needs a number, not {shown(found)}", Cause.BAD_SHAPE)
        if not low <= found <= high:
            raise Wrong(f"{shown(found)} is outside {low:g} to {high:g}")
        return float(found)

    return Check(run, f"number {low:g} to {high:g}")


def text(pattern: re.Pattern[str]) -> Check:
    """Text that matches the whole pattern."""

    def run(found: Any) -> str:
        if type(found) is not str:
            raise Wrong(f"needs text, not {shown(found)}", Cause.BAD_SHAPE)
        if not pattern.fullmatch(found):
            raise Wrong(f"{shown(found)} does not match {pattern.pattern}")
        return found

    return Check(run, f"text `{pattern.pattern}`")


Choice = TypeVar("Choice", bound="StrEnum")


def choice(choices: type[Choice]) -> Check:
    """The member of a closed list that the word names."""
    members = {member.value: member for member in choices}

    def run(found: Any) -> Choice:
        if type(found) is not str:
            raise Wrong(f"needs text, not {shown(found)}", Cause.BAD_SHAPE)
        if found not in members:
            raise Wrong(f"{shown(found)} is not one of {', '.join(members)}")
        return members[found]

    return Check(run, "one of " + ", ".join(f"`{word}`" for word in members))


def truth() -> Check:
    """True or false, not 1 or 0."""

    def run(found: Any) -> bool:
        if type(found) is not bool:
            raise Wrong(f"needs true or false, not {shown(found)}", Cause.BAD_SHAPE)
        return found

    return Check(run, "true or false")


def or_null(check: Check) -> Check:
    """What the check allows, or null."""
    return Check(lambda found: None if found is None else check.run(found), f"{check.words}, or null")


def many(check: Check, most: int) -> Check:
    """A list of at most so many, as a tuple."""

    def run(found: Any) -> tuple[Any, ...]:
        if type(found) is not list:
            raise Wrong(f"needs a list, not {shown(found)}", Cause.BAD_SHAPE)
        if len(found) > most:
            raise Wrong(f"holds {len(found)}, at most {most} are allowed")
        return tuple(check.run(one) for one in found)

    return Check(run, f"list of at most {most}: {check.words}")


def record(fields: tuple[Field, ...], make: Callable[..., Any], words: str) -> Check:
    """An object with exactly these fields, made into what `make` makes of them."""
    checks = {field.name: field.check.run for field in fields}

    def run(found: Any) -> Any:
        return make(**checked(found, checks))

    return Check(run, words)


def pair(*checks: Check) -> Check:
    """A list with one item for each check, as a tuple."""

    def run(found: Any) -> tuple[Any, ...]:
        if type(found) is not list or len(found) != len(checks):
            raise Wrong(f"needs a list of {len(checks)}, not {shown(found)}", Cause.BAD_SHAPE)
        return tuple(check.run(one) for check, one in zip(checks, found, strict=True))

    return Check(run, "[" + ", ".join(check.words for check in checks) + "]")


def named(key: re.Pattern[str], check: Check, most: int) -> Check:
    """An object with keys of one form and values of one check."""
    keys = text(key)

    def run(found: Any) -> dict[str, Any]:
        if type(found) is not dict:
            raise Wrong(f"needs an object, not {shown(found)}", Cause.BAD_SHAPE)
        if len(found) > most:
            raise Wrong(f"holds {len(found)}, at most {most} are allowed")
        return {keys.run(name): check.run(one) for name, one in found.items()}

    return Check(run, f"object of at most {most}: {keys.words} to {check.words}")


def checked(found: Any, checks: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The fields of an object, each checked; a missing or unknown one is wrong."""
    if type(found) is not dict:
        raise Wrong(f"needs an object, not {shown(found)}", Cause.BAD_SHAPE)
    if found.keys() != checks.keys():
        odd = sorted(found.keys() ^ checks.keys())
        words = ("unknown" if odd[0] in found else "missing") + f" field {shown(odd[0])}"
        raise Wrong(words, Cause.BAD_SHAPE)
    checked = {}
    for name, check in checks.items():
        try:
            checked[name] = check(found[name])
        except Wrong as wrong:
            wrong.what = f"{name}: {wrong.what}"
            raise
    return checked


def shown(found: Any) -> str:
    """A value for a message, cut short."""
    text = repr(found) if not isinstance(found, (dict, list)) else type(found).__name__
    return text if len(text) <= 60 else text[:60] + "…"
