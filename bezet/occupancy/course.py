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
    from collections.abc import Sequence

    from bezet.model import Reading, State

#: After so long without a turn nobody was there to judge: longer than any word of a sensor counts.
DEAD_MS = 3_600_000


@dataclass(slots=True)
class Course:
    """The belief of one zone, and when it has its next turn at the latest (None before the first reading)."""

    room: Room = ANY_ROOM
    belief: Belief = field(default_factory=Belief)
    deadline_ms: int | None = None

    def take(self, readings: Sequence[Reading]) -> list[State]:
        """The states that come of readings of one instant; deadlines before it have their turn first."""
        t_ms = readings[0].t_ms
        is_late = self.deadline_ms is not None and self.deadline_ms < t_ms
        states = self.pass_time(t_ms - 1) if is_late else []
        self._step(readings, t_ms, states)
        return states

    def pass_time(self, now_ms: int) -> list[State]:
        """The states that come of the passing of time, as if in small steps."""
        states: list[State] = []
        if self.deadline_ms is not None and now_ms - self.deadline_ms > DEAD_MS:
            # Once all have fallen silent nobody was there to say "unknown" every five minutes, nor is it
            # needed: history knows silence.
            self._turn_until(self.deadline_ms + DEAD_MS // 2, states)
            self.deadline_ms = now_ms
        self._turn_until(now_ms, states)
        return states

    def _turn_until(self, end_ms: int, states: list[State]) -> None:
        while self.deadline_ms is not None and self.deadline_ms <= end_ms:
            self._step((), self.deadline_ms, states)

    def _step(self, readings: Sequence[Reading], now_ms: int, states: list[State]) -> None:
        self.belief, state, self.deadline_ms = step(self.belief, readings, now_ms, self.room)
        if state is not None:
            states.append(state)
