# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One zone of the agent: its belief, and what it has to say that is not on disk yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bezet import wire
from bezet.occupancy.belief import freeze, thaw
from bezet.occupancy.course import Course
from bezet.occupancy.filter import clock_unknown, restate, suspicions
from bezet.occupancy.room import ANY_ROOM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bezet.model import Reading, State, Zone
    from bezet.occupancy.room import Room

#: A message is closed at so many; the longest of each stay together under the contract's 64 KiB.
READINGS_PER_MESSAGE = 250
STATES_PER_MESSAGE = 50
#: What may wait in memory while the disk takes nothing; then the oldest readings are dropped, and counted.
MAX_PENDING = 20_000
#: A belief from so far ahead was formed while the clock was wrong.
AHEAD_MS = 60_000


class ZoneLog:
    """Takes readings in order of time and turns them into states and drafts of messages."""

    def __init__(self, zone: Zone, kept: str | None, room: Room = ANY_ROOM) -> None:
        self.zone = zone
        self.dropped = 0
        self.newest_ms = 0
        self._readings: list[Reading] = []
        self._states: list[State] = []
        self._in_hand: tuple[list[Reading], list[State]] = ([], [])
        self._course = Course(room)
        self._has_lost = False
        if kept is not None:
            self._restore(kept)

    @property
    def room(self) -> Room:
        """What is known of its space; may be set when that changes, between two readings."""
        return self._course.room

    @room.setter
    def room(self, room: Room) -> None:
        self._course.room = room

    @property
    def pending(self) -> int:
        """Readings and states not on disk yet."""
        return len(self._readings) + len(self._states)

    def take(self, readings: Sequence[Reading]) -> State | None:
        """Readings of one instant came; returns the newest state that came of it.

        Deadlines before them have their turn first, as if time had passed in small steps.
        """
        t_ms = readings[0].t_ms
        passed = self.pass_time(t_ms - 1)
        self._readings.extend(readings)
        self.newest_ms = t_ms
        self._keep_bounded()
        return self._noted(self._course.take(readings)) or passed

    def pass_time(self, now_ms: int) -> State | None:
        """Time passed; returns the newest state that came of it."""
        if self._newest_word_ms() > now_ms + AHEAD_MS:
            self.begin_again()
        return self._noted(self._course.pass_time(now_ms))

    def _noted(self, states: Sequence[State]) -> State | None:
        self._states += states
        return states[-1] if states else None

    def suspicions(self, now_ms: int) -> Mapping[str, wire.SensorState]:
        """The sensors that do not deserve belief now, by the names in their readings, and why."""
        return suspicions(self._course.belief, now_ms)

    def begin_again(self) -> None:
        """The clock was set: what was believed at the old time says nothing about the new one."""
        self._has_lost = self.has_word
        self._course = Course(self._course.room)

    def _newest_word_ms(self) -> int:
        belief = self._course.belief
        said_ms = 0 if belief.said is None else belief.said.t_ms
        heard_ms = [record.last_ms for record in belief.records.values()]
        return max([said_ms, *heard_ms, *[lamp.t_ms for lamp in belief.lamps.values()]])

    def keep_only(self, is_known: Callable[[str], bool]) -> None:
        """Forget sensors that are not configured any more: they would be missed, and suspected, for ever."""
        belief = self._course.belief
        self._course.belief = replace(
            belief,
            heard={source: last for source, last in belief.heard.items() if is_known(source.sensor)},
            records={source: one for source, one in belief.records.items() if is_known(source.sensor)},
            doors={sensor: door for sensor, door in belief.doors.items() if is_known(sensor)},
            air={sensor: air for sensor, air in belief.air.items() if is_known(sensor)},
            lamps={sensor: lamp for sensor, lamp in belief.lamps.items() if is_known(sensor)},
            deaf=frozenset(source for source in belief.deaf if is_known(source.sensor)),
        )

    @property
    def has_word(self) -> bool:
        """Whether it ever had something to say about presence; a power meter has not."""
        return self._course.belief.said is not None or self._has_lost

    def now_state(self, now_ms: int) -> State | None:
        """The newest state, said again for now; unknown where what was believed was lost with the time."""
        if self._course.belief.said is None and self._has_lost:
            return clock_unknown(now_ms)
        return restate(self._course.belief, now_ms)

    def drafts(self, boot: str, clock: wire.Clock) -> list[wire.Batch]:
        """Take what is pending in hand, as messages without their numbers yet."""
        self._in_hand = self._readings, self._states
        self._readings, self._states = [], []
        readings, states = self._in_hand
        site, space, device = self.zone
        count = max(-(-len(readings) // READINGS_PER_MESSAGE), -(-len(states) // STATES_PER_MESSAGE))
        return [
            wire.Batch(
                site=site,
                device=device,
                space=space,
                boot=boot,
                seq=1,
                clock=clock,
                readings=tuple(readings[n * READINGS_PER_MESSAGE : (n + 1) * READINGS_PER_MESSAGE]),
                states=tuple(states[n * STATES_PER_MESSAGE : (n + 1) * STATES_PER_MESSAGE]),
            )
            for n in range(count)
        ]

    def not_written(self) -> None:
        """What was in hand did not get on disk: it is pending again."""
        readings, states = self._in_hand
        self._readings, self._states = readings + self._readings, states + self._states
        self._keep_bounded()

    def remember(self) -> str:
        """What a restart must know."""
        return freeze(self._course.belief)

    def _restore(self, kept: str) -> None:
        try:
            self._course.belief = thaw(kept)
        except ValueError:
            return  # written by another version: begin with knowing nothing, which is what unknown is for
        if self._course.belief.said is not None:
            self._course.deadline_ms = self._newest_word_ms()

    def _keep_bounded(self) -> None:
        over = len(self._readings) - MAX_PENDING
        if over > 0:
            del self._readings[:over]
            self.dropped += over
        if len(self._states) > MAX_PENDING:
            del self._states[:-MAX_PENDING]
