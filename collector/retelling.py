# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One zone told again: its readings as they are, its states as the rules of today make them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import PRESENCE_KINDS, Reading, State
from bezet.occupancy.course import Course
from bezet.occupancy.room import ANY_ROOM, Room, room_on
from bezet.retention import DAY_MS, day_begins_ms, local_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bezet.model import Building

Row = Reading | State

#: A course begins so long before what it is asked for, so that it knows the day and the air of the space.
RUN_UP_MS = 7 * DAY_MS


class Span(NamedTuple):
    """`[start_ms, end_ms)`, both at the beginning of a quarter hour unless `end_ms` is now."""

    start_ms: int
    end_ms: int

    def holds(self, t_ms: int) -> bool:
        """Whether an instant is in it."""
        return self.start_ms <= t_ms < self.end_ms


@dataclass(slots=True)
class Teller:
    """Tells the rows of one zone again: its readings as they are, with states of the rules of today.

    `turns` are the instants, in order, at which its space becomes another room. Old states outside of the
    span stay. Inside they only show that the agent was there to judge.
    """

    span: Span
    turns: list[tuple[int, Room]]
    without_presence: bool = False
    course: Course = field(default_factory=Course)

    def tell(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of the zone, given in order of time."""
        first_ms = self.span.start_ms - RUN_UP_MS
        for t_ms, group in groupby(rows, key=_t_ms):
            readings: list[Reading] = []
            for row in group:
                if isinstance(row, Reading):
                    readings.append(row)
                    yield row
                elif not self.span.holds(t_ms):
                    yield row
            if t_ms >= first_ms:
                yield from (state for state in self._turn(t_ms, readings) if self.span.holds(state.t_ms))

    def _turn(self, t_ms: int, readings: Sequence[Reading]) -> Iterator[State]:
        """What the rules say up to an instant, with its readings."""
        while self.turns and self.turns[0][0] <= min(t_ms, self.span.end_ms - 1):
            turn_ms, room = self.turns.pop(0)
            yield from self.course.pass_time(turn_ms - 1)
            self.course.room = room
        if t_ms >= self.span.end_ms:
            yield from self.course.pass_time(self.span.end_ms - 1)
            return
        if self.without_presence:
            readings = [one for one in readings if one.kind not in PRESENCE_KINDS]
        yield from self.course.take(readings) if readings else self.course.pass_time(t_ms)


_t_ms = attrgetter("t_ms")


# --- its room ---------------------------------------------------------------------------------------------


def room_at(building: Building, space: str, t_ms: int) -> Room:
    """What the rules know of a space at an instant; nothing of one that the building file does not know."""
    found = building.spaces.get(space)
    return ANY_ROOM if found is None else room_on(found, local_day(t_ms, building.timezone))


def turns_ms(building: Building, space: str) -> list[int]:
    """The instants at which a space becomes another one: as its layouts begin, at the site's midnight."""
    found = building.spaces.get(space)
    layouts = () if found is None else found.layouts
    return [day_begins_ms(layout.start, building.timezone) for layout in layouts]
