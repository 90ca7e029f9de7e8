# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a recorded room is: instants, what its sensors gave at each, and what was true."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from bezet.model import Kind
    from bezet.occupancy.room import Room

Numbers = NDArray[np.float64]
Instants = NDArray[np.int64]

#: Rows further apart than this many of the usual step have a hole between them.
HOLE_STEPS = 5


class Part(StrEnum):
    """What a recording is for: to learn from, to be judged on, or to be judged day by day on what the other
    days taught.
    """

    TRAINING = "training"
    TEST = "test"
    DAYS = "days"


class Channel(NamedTuple):
    """One column of a recording: a number for each row, not a number where the sensor said nothing.

    `kind` is None for what no kind of ours measures: it is there to be looked at, and never played.
    """

    sensor: str
    kind: Kind | None
    values: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One room over some days; all arrays have a row per instant, in order of time.

    `t_ms` is the wall clock of the room taken as UTC, since the rules know no time zone. `present` is 0 or 1
    and `people` a count, not a number where the truth is not known. `days_apart`: each day begins with a
    course of its own. `is_warm`: that course has walked through the other days before. `is_spots`: the truth
    is known at single instants only, so that nothing can be said about minutes.
    """

    set: str
    name: str
    part: Part
    room: Room
    t_ms: Instants
    channels: tuple[Channel, ...]
    present: Numbers
    people: Numbers
    days_apart: bool = False
    is_warm: bool = False
    is_spots: bool = False

    @property
    def kinds(self) -> frozenset[Kind]:
        """What its sensors measure, of the kinds that we know."""
        return frozenset(one.kind for one in self.channels if one.kind is not None)

    @property
    def days(self) -> Instants:
        """The day of each row, counted from 1970."""
        return self.t_ms // DAY_MS

    @property
    def step_ms(self) -> float:
        """The usual time from row to row."""
        return float(np.median(np.diff(self.t_ms))) if len(self.t_ms) > 1 else 60_000.0

    @property
    def follows(self) -> NDArray[np.bool_]:
        """Whether a row follows the one before it without a hole in between."""
        gap_ms = np.diff(self.t_ms, prepend=self.t_ms[:1])
        follows = gap_ms <= HOLE_STEPS * self.step_ms
        follows[:1] = False
        if self.days_apart:
            follows[1:] &= self.days[1:] == self.days[:-1]
        return follows

    @property
    def lasts_s(self) -> Numbers:
        """How long each row stands: until the next one, or for the usual step where a hole follows."""
        lasts_ms = np.full(len(self.t_ms), self.step_ms)
        is_next = self.follows[1:]
        lasts_ms[:-1][is_next] = np.diff(self.t_ms)[is_next]
        return lasts_ms / 1000

    def heard(self, kinds: Collection[Kind]) -> tuple[Channel, ...]:
        """The channels of these kinds."""
        return tuple(one for one in self.channels if one.kind in kinds)


class Column(NamedTuple):
    """A column as a sensor. `kind` is None for what no kind of ours measures.

    Its numbers times `factor` have the unit of the kind; what it says stands `early_s` before its time, where
    the clock of its file is wrong.
    """

    name: str
    kind: Kind | None
    factor: float = 1.0
    early_s: int = 0


class Shape(NamedTuple):
    """One set of recordings: its folder, its files, and how they are read.

    A file whose name holds `training` is to learn from. `truth` says where that is, if not in a column.
    A clock is wrong if, put right, the first column of `clock_proof` goes better with the second, whose clock
    is right.
    """

    folder: str
    files: str
    read: Callable[[Shape, Path], list[Recording]]
    columns: tuple[Column, ...]
    times: tuple[str, ...] = ()
    present: str | None = None
    people: str | None = None
    truth: str = ""
    rooms: Mapping[str, Room] = {}
    training: str | None = None
    clock_proof: tuple[str, str] | None = None

    def part(self, name: str) -> Part:
        """What a file is for, by its name."""
        if self.training is None:
            return Part.DAYS
        return Part.TRAINING if self.training in name else Part.TEST
