# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who is in the town hall, when, and what they do there: whole days, made from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class Doing(StrEnum):
    """What somebody does at a place, by which sensors see and air feels them."""

    DESK = "desk"  # sits, types, and moves now and then
    MEETING = "meeting"  # talks and gestures
    QUIET = "quiet"  # reads or listens, and hardly moves
    CALL = "call"
    MEAL = "meal"
    CLEANING = "cleaning"


class Stay(NamedTuple):
    """One person in one space, from `from_ms` up to `to_ms` (milliseconds since 1970 UTC), at a `seat`.

    Seats of a space are numbered from 0; whoever stands has one beyond its capacity.
    """

    person: str
    space: str
    from_ms: int
    to_ms: int
    doing: Doing
    seat: int


class Visit(NamedTuple):
    """One person in the building, at least as long as all stays of that visit."""

    person: str
    from_ms: int
    to_ms: int


class Thing(NamedTuple):
    """Something that keeps a place while nobody is there: a bag on a chair."""

    space: str
    from_ms: int
    to_ms: int


class Fate(StrEnum):
    """What became of a booking."""

    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Booking(NamedTuple):
    """A space that was booked, for how many, and what became of it.

    `series` names the recurring meeting that it is one of; empty for one that is booked once.
    """

    uid: str
    space: str
    from_ms: int
    to_ms: int
    people: int
    fate: Fate
    series: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that happens on one day of the building's own time, in order of time."""

    day: date
    visits: tuple[Visit, ...]
    stays: tuple[Stay, ...]
    bookings: tuple[Booking, ...]
    things: tuple[Thing, ...]
    _by_space: dict[str, list[Stay]] = field(default_factory=dict, repr=False, compare=False)

    def of_space(self, space: str) -> Sequence[Stay]:
        """The stays in one space."""
        if not self._by_space:
            for stay in self.stays:
                self._by_space.setdefault(stay.space, []).append(stay)
        return self._by_space.get(space, ())
