# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Making things happen in the town: a wish becomes a happening, kept where all programs of the demo look."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import CannotStart
from demo.happenings import Happening, What, read_happenings, write_happenings
from demo.plan import hung_in
from demo.standing import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from demo.town import Town

LONGEST_S = 24 * 3_600.0
LOCK = "happenings.lock"


def _spaces(town: Town) -> Mapping[str, str]:
    return {space.id: space.name for space in town.building.spaces.values()}


def _motion_sensors(town: Town) -> Mapping[str, str]:
    return {hung.id: hung.id for hung in hung_in(town.plan) if hung.driver == "pir"}


def _devices(town: Town) -> Mapping[str, str]:
    return {device.name: device.name for device in town.plan}


def _broker(_: Town) -> Mapping[str, str]:
    return {"": "broker"}


class Rule(NamedTuple):
    """To what something can be made to happen, and how long it lasts if nothing else is said.

    `names` are the names in happenings with what people call them. Something new `ends` what is going on at
    the same place, so that who fills a space twice has it filled once.
    """

    noun: str
    lasts_s: float
    names: Callable[[Town], Mapping[str, str]]
    ends: tuple[What, ...]


RULES: Mapping[What, Rule] = {
    What.FILL: Rule("space", 15 * 60, _spaces, (What.FILL,)),
    # Whoever was made to come goes too; in a space that is emptied, guests can be made to come again.
    What.EMPTY: Rule("space", 15 * 60, _spaces, (What.EMPTY, What.FILL)),
    What.STICK: Rule("motion sensor", 15 * 60, _motion_sensors, (What.STICK,)),
    What.UNPLUG: Rule("device", 60, _devices, (What.UNPLUG,)),
    What.CUT_BROKER: Rule("broker", 30, _broker, (What.CUT_BROKER,)),
}


def wish(
    town: Town,
    what: What,
    now_ms: int,
    where: str = "",
    *,
    people: int | None = None,
    lasts_s: float | None = None,
) -> Happening:
    """What shall happen from now on to a space, sensor or device, by its id or its name.

    `people` are those that fill a space: half of its capacity if nothing is said. `CannotStart` names a word
    that the town does not know, or a number that cannot be.
    """
    rule = RULES[what]
    name = _found(rule, rule.names(town), where)
    lasts_s = rule.lasts_s if lasts_s is None else lasts_s
    if not 1 <= lasts_s <= LONGEST_S:
        raise CannotStart(f"how long: needs 1 to {LONGEST_S:.0f} seconds, not {lasts_s:g}")
    count = _crowd(town, name, now_ms, people) if what is What.FILL else 0
    return Happening(what, name, now_ms, now_ms + round(1000 * lasts_s), count)


def _found(rule: Rule, names: Mapping[str, str], word: str) -> str:
    """The one name that a word means."""
    if word in names:
        return word
    meant = [
        name for name, called in names.items() if word.casefold() in (name.casefold(), called.casefold())
    ]
    if len(meant) == 1:
        return meant[0]
    known = {shown.casefold(): shown for name, called in names.items() for shown in (name or called, called)}
    close = get_close_matches(word.casefold(), known, 1)
    meant_by = f"; did you mean {known[close[0]]}?" if close else "."
    there_are = ", ".join(name or called for name, called in names.items()) or "none at all"
    raise CannotStart(f"{rule.noun} {word!r}: is not one of this town{meant_by} There are: {there_are}")


def _crowd(town: Town, space: str, now_ms: int, people: int | None) -> int:
    """How many fill a space; twice its capacity, sitting and standing, is as full as it gets."""
    capacity = town.layout(space, now_ms).capacity
    if people is None:
        return (capacity + 1) // 2
    if not 1 <= people <= 2 * capacity:
        raise CannotStart(f"how many people: space {space} takes 1 to {2 * capacity}, not {people}")
    return people


def make_happen(folder: Path, happening: Happening) -> None:
    """Let this happen in the town of the data folder, in place of what it ends."""
    ends = RULES[happening.what].ends

    def is_over(one: Happening) -> bool:
        return one.what in ends and one.where == happening.where

    with _kept(folder) as (before, keep):
        keep([*_ended(before, happening.from_ms, is_over), happening])


def undo(
    folder: Path, now_ms: int, what: What | None = None, where: str | None = None
) -> tuple[Happening, ...]:
    """End what is going on now: all, or what is of this sort, or what happens to this one; gives those."""

    def is_over(one: Happening) -> bool:
        return what in (None, one.what) and where in (None, one.where)

    with _kept(folder) as (before, keep):
        over = tuple(one for one in before if one.to_ms > now_ms and is_over(one))
        if over:
            keep(_ended(before, now_ms, is_over))
        return over


def going_on(happenings: Iterable[Happening], now_ms: int) -> tuple[Happening, ...]:
    """Those that are going on at an instant, in the order in which they were made."""
    return tuple(one for one in happenings if one.from_ms <= now_ms < one.to_ms)


def _ended(
    happenings: Iterable[Happening], now_ms: int, is_over: Callable[[Happening], bool]
) -> Iterator[Happening]:
    """The same happenings, of which some end now; what was, was: only what is to come is taken away."""
    for one in happenings:
        if one.to_ms <= now_ms or not is_over(one):
            yield one
        elif one.from_ms < now_ms:
            yield one._replace(to_ms=now_ms)


@contextmanager
def _kept(folder: Path) -> Iterator[tuple[tuple[Happening, ...], Callable[[Iterable[Happening]], None]]]:
    """All happenings, and what keeps others in their place; nobody else changes them meanwhile.

    Who reads finds the old file or the new one, never a part of one.
    """
    file = folder / HAPPENINGS
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield read_happenings(file), partial(write_happenings, file)
