# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A belief on its way through time: readings and the passing of time in, states out. Pure.

The agent, a replay, `bezet why`, `bezet rederive` and `bezet accuracy` all walk it this way, so they agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bezet.occupancy.belief import Belief
from bezet.occupancy.filter import step
from bezet.occupancy.room import ANY_ROOM, Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bezet.model import Reading, State

#: After so long without a turn nobody was there to judge: longer than any word of a sensor counts.
DEAD_MS = 3_600_000


@dataclass(slots=True)
class Course:
    """The belief of one zone, and when it has its next turn at the latest (None before the first reading)."""

    room: Room = ANY_ROOM
    belief: Belief = field(default_factory=Belief)
    deadline_ms: int | None = None

    def take(self, readings: Sequence[Reading]) -> Iterator[State]:
        """Readings of one instant came; deadlines before it have their turn first."""
        t_ms = readings[0].t_ms
        yield from self.pass_time(t_ms - 1)
        yield from self._step(readings, t_ms)

    def pass_time(self, now_ms: int) -> Iterator[State]:
        """Time passed, as if in small steps."""
        if self.deadline_ms is not None and now_ms - self.deadline_ms > DEAD_MS:
            # Nobody was there to say "unknown" every five minutes, nor is it needed: history knows silence.
            yield from self._step((), self.deadline_ms)
            self.deadline_ms = now_ms
        while self.deadline_ms is not None and self.deadline_ms <= now_ms:
            yield from self._step((), self.deadline_ms)

    def _step(self, readings: Sequence[Reading], now_ms: int) -> Iterator[State]:
        self.belief, state, self.deadline_ms = step(self.belief, readings, now_ms, self.room)
        if state is not None:
            yield state


def walk(course: Course, instants: Iterable[Sequence[Reading]], until_ms: int) -> Iterator[State]:
    """All states that come of readings, grouped by instant in order of time, up to an instant."""
    for readings in instants:
        yield from course.take(readings)
    yield from course.pass_time(until_ms)
