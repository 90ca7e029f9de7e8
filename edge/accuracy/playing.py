# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A recording through the code that runs on a device: what is worth saying, and what the rules make of it.

Readings come in order of time, and nothing is known before its instant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import KINDS, Occupancy, Reading
from bezet.occupancy.course import Course
from bezet.retention import DAY_MS
from edge.report import PATIENCE_S, Reporter
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from bezet.model import Kind, State
    from bezet.occupancy.room import Room
    from edge.accuracy.shapes import Channel, Numbers, Recording

FREE, OCCUPIED, UNKNOWN = 0, 1, -1
CODES = {Occupancy.FREE: FREE, Occupancy.OCCUPIED: OCCUPIED, Occupancy.UNKNOWN: UNKNOWN}
#: An agent looks each second whether something must be said.
TICK_MS = 1_000
#: Days on trial are walked after the other days, which stand in weeks of their own before them.
WEEK_MS = 7 * DAY_MS
#: Progress is told each time so many rows are done.
TOLD_ROWS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What was said of a recording, a row for each of its rows.

    `occupancy` is FREE, OCCUPIED or UNKNOWN; `people`, `low`, `high` are not a number where nothing counts.
    `switches` are the changes between free and occupied since the row before.
    """

    recording: Recording
    occupancy: NDArray[np.int8]
    probability: Numbers
    people: Numbers
    low: Numbers
    high: Numbers
    switches: NDArray[np.int64]


class _Said(NamedTuple):
    """Readings of one instant."""

    t_ms: int
    readings: list[Reading]


def play(
    recording: Recording,
    kinds: Collection[Kind],
    *,
    warm: bool | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Played:
    """Play what sensors of these kinds gave; `told` hears now and then how many rows more are done.

    With `warm` (as the recording asks, unless given) each day's course has walked through the other days, of
    which it saw the readings and never the truth.
    """
    (played,) = play_each(recording, kinds, [recording.room], warm=warm, told=told)
    return played


def play_each(
    recording: Recording,
    kinds: Collection[Kind],
    rooms: Sequence[Room],
    *,
    warm: bool | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> list[Played]:
    """The same for each of some rooms, which may differ in `air_changes_per_h` only.

    That number moves how many are counted, and nothing that is learned; so the walk through the other days is
    walked once for all.
    """
    each = [_Notes(recording, told) for _ in rooms]
    channels = recording.heard(kinds)
    if not recording.days_apart:
        everything = _says(recording, channels, range(len(recording.t_ms)))
        spoken = everything if len(rooms) == 1 else [*everything]
        for room, notes in zip(rooms, each, strict=True):
            _walk(Course(room), spoken, notes)
        return [notes.played() for notes in each]
    days = _days(recording, channels)
    for rows, said in days:
        begun, shift_ms = Course(recording.room), 0
        if recording.is_warm if warm is None else warm:
            shift_ms = _warm_up(begun, [other for _, other in days if other is not said], rows, recording)
        for room, notes in zip(rooms, each, strict=True):
            _walk(Course(room, begun.belief, begun.deadline_ms), said, notes, rows, shift_ms)
    return [notes.played() for notes in each]


def _walk(
    course: Course, said: Iterable[_Said], notes: _Notes, rows: range | None = None, shift_ms: int = 0
) -> None:
    """Walk through what was said, and note at each row what is believed then."""
    coming = iter(said)
    ahead = next(coming, None)
    notes.begin()
    for row in range(len(notes.t_ms)) if rows is None else rows:
        t_ms = notes.t_ms[row]
        while ahead is not None and ahead.t_ms <= t_ms:
            notes.hear(course.take(_shifted(ahead.readings, shift_ms)))
            ahead = next(coming, None)
        notes.hear(course.pass_time(t_ms + shift_ms))
        notes.put(row)


def _warm_up(course: Course, others: Sequence[Sequence[_Said]], rows: range, recording: Recording) -> int:
    """Walk through the other days; returns by how much the day on trial is later than it was, in ms."""
    last_ms = 0
    for said in others:
        for one in said:
            course.take(one.readings)
            last_ms = max(last_ms, one.t_ms)
    first_ms = int(recording.t_ms[rows.start])
    shift_ms = max(0, math.ceil((last_ms - first_ms) / WEEK_MS)) * WEEK_MS
    course.pass_time(first_ms + shift_ms - 1)
    return shift_ms


def _shifted(readings: list[Reading], shift_ms: int) -> list[Reading]:
    if not shift_ms:
        return readings
    return [Reading(one.t_ms + shift_ms, one.sensor, one.kind, one.value) for one in readings]


def _days(recording: Recording, channels: Sequence[Channel]) -> list[tuple[range, list[_Said]]]:
    """The rows of each day, and what was said in it by an agent that began with it."""
    starts = np.flatnonzero(np.diff(recording.days, prepend=-1)).tolist()
    found = [range(*ends) for ends in zip(starts, [*starts[1:], len(recording.t_ms)], strict=True)]
    return [(rows, list(_says(recording, channels, rows))) for rows in found]


# --- what an agent says -----------------------------------------------------------------------------------


def _says(recording: Recording, channels: Sequence[Channel], rows: range) -> Iterator[_Said]:
    """What an agent with these sensors says of rows: at each row, and in the seconds after it."""
    reporter = Reporter()
    times: list[int] = recording.t_ms.tolist()
    columns = [(one.sensor, one.kind, one.values.tolist()) for one in channels if one.kind is not None]
    for row in rows:
        t_ms = times[row]
        readings: list[Reading] = []
        for sensor, kind, values in columns:
            number = values[row]
            if number == number and KINDS[kind].low <= number <= KINDS[kind].high:  # noqa: PLR0124  not a number is not itself
                due = reporter.offer(sensor, [Measured(kind, number)], t_ms)
                readings += [Reading(t_ms, one.name, one.measured.kind, one.measured.value) for one in due]
        if readings:
            yield _Said(t_ms, readings)
        yield from _ticks(reporter, t_ms, times[row + 1] if row + 1 < rows.stop else t_ms)


def _ticks(reporter: Reporter, t_ms: int, next_ms: int) -> Iterator[_Said]:
    """What is said in between rows, while what was heard last still stands."""
    until_ms = min(next_ms - 1, t_ms + int(PATIENCE_S * 1000))
    for now_ms in range(t_ms + TICK_MS, until_ms + 1, TICK_MS):
        due = reporter.due(now_ms)
        if due:
            yield _Said(
                now_ms, [Reading(now_ms, one.name, one.measured.kind, one.measured.value) for one in due]
            )


# --- what is believed -------------------------------------------------------------------------------------


class _Notes:
    """The newest state at each row."""

    def __init__(self, recording: Recording, told: Callable[[int], None]) -> None:
        count = len(recording.t_ms)
        self.t_ms: list[int] = recording.t_ms.tolist()
        self._recording = recording
        self._told = told
        self._numbers = np.full((count, 4), np.nan)
        self._numbers[:, 0] = 0.5
        self._occupancy = np.full(count, UNKNOWN, np.int8)
        self._switches = np.zeros(count, np.int64)
        self.begin()

    def begin(self) -> None:
        """A course begins: nothing was said yet."""
        self._state: State | None = None
        self._known: Occupancy | None = None
        self._count = 0

    def hear(self, states: Iterable[State]) -> None:
        """Take in states as they come."""
        for state in states:
            self._state = state
            if state.occupancy is not Occupancy.UNKNOWN:
                self._count += self._known is not None and state.occupancy is not self._known
                self._known = state.occupancy

    def put(self, row: int) -> None:
        """Note what is believed at a row."""
        self._switches[row], self._count = self._count, 0
        state = self._state
        if state is not None:
            self._occupancy[row] = CODES[state.occupancy]
            numbers = (state.probability, state.people, state.people_low, state.people_high)
            self._numbers[row] = [np.nan if number is None else number for number in numbers]
        if (row + 1) % TOLD_ROWS == 0:
            self._told(TOLD_ROWS)

    def played(self) -> Played:
        """All that was noted."""
        probability, people, low, high = self._numbers.T
        return Played(self._recording, self._occupancy, probability, people, low, high, self._switches)
