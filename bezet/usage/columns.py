# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What was stored, as NumPy columns: readings and states of one space, and facts of one zone.

Words that repeat (a device, a reason) stand once in a tuple, and the column holds its place there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from bezet.model import Because, Kind, Occupancy, Reading, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bezet.model import Zone

Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Floats = NDArray[np.float64]

#: The places of occupancies in columns.
OCCUPANCIES = (Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN)
FREE, OCCUPIED, UNKNOWN = range(3)


class Source(NamedTuple):
    """Where a reading of a space comes from."""

    device: str
    sensor: str
    kind: Kind


class DeviceReading(NamedTuple):
    """A reading with the device that it came from."""

    device: str
    reading: Reading


class DeviceState(NamedTuple):
    """A state with the device that made it."""

    device: str
    state: State


@dataclass(frozen=True, slots=True, eq=False)
class ReadingColumns:
    """Readings of one space in order of `t_ms`, device, sensor and kind; columns are as long as `t_ms`."""

    sources: tuple[Source, ...]
    source: Places
    t_ms: Ints
    amount: Floats

    def __len__(self) -> int:
        return len(self.t_ms)

    def rows(self) -> Iterator[DeviceReading]:
        """One by one, as the words of the model."""
        columns = zip(self.source.tolist(), self.t_ms.tolist(), self.amount.tolist(), strict=True)
        for place, t_ms, amount in columns:
            device, sensor, kind = self.sources[place]
            yield DeviceReading(device, Reading(t_ms, sensor, kind, amount))

    def of_device(self, device: str) -> ReadingColumns:
        """The readings of one device."""
        wanted = np.array([source.device == device for source in self.sources], bool)[self.source]
        return replace(self, source=self.source[wanted], t_ms=self.t_ms[wanted], amount=self.amount[wanted])

    @classmethod
    def of(cls, rows: Iterable[DeviceReading]) -> ReadingColumns:
        """Columns of rows in any order."""
        ordered = sorted(
            rows, key=lambda row: (row.reading.t_ms, row.device, row.reading.sensor, row.reading.kind)
        )
        sources, source = places(
            ordered, lambda row: Source(row.device, row.reading.sensor, row.reading.kind)
        )
        t_ms = np.array([row.reading.t_ms for row in ordered], np.int64)
        return cls(sources, source, t_ms, np.array([row.reading.value for row in ordered], np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class StateColumns:
    """States of one space in order of `t_ms`, device and rule; all columns are as long as `t_ms`.

    `occupancy` holds places in `OCCUPANCIES`; the three columns of people hold NaN where nothing counts.
    """

    devices: tuple[str, ...]
    rules: tuple[str, ...]
    reasons: tuple[tuple[Because, ...], ...]
    device: Places
    rule: Places
    because: Places
    t_ms: Ints
    occupancy: NDArray[np.int8]
    probability: Floats
    since_ms: Ints
    people: Floats
    people_low: Floats
    people_high: Floats

    def __len__(self) -> int:
        return len(self.t_ms)

    def rows(self) -> Iterator[DeviceState]:
        """One by one, as the words of the model."""
        columns = (
            *(self.device, self.t_ms, self.occupancy, self.probability, self.since_ms),
            *(self.because, self.rule, self.people, self.people_low, self.people_high),
        )
        listed = zip(*(column.tolist() for column in columns), strict=True)
        for device, t_ms, occupancy, probability, since_ms, because, rule, *people in listed:
            counts = (None if count != count else count for count in people)  # noqa: PLR0124  NaN is not itself
            said = OCCUPANCIES[occupancy], probability, since_ms, self.reasons[because], self.rules[rule]
            yield DeviceState(self.devices[device], State(t_ms, *said, *counts))

    def of_device(self, device: str) -> StateColumns:
        """The states of one device."""
        wanted = np.array([name == device for name in self.devices], bool)[self.device]
        names = ("device", "rule", "because", "t_ms", "occupancy", "probability", "since_ms")
        people = ("people", "people_low", "people_high")
        return replace(self, **{name: getattr(self, name)[wanted] for name in (*names, *people)})

    @classmethod
    def of(cls, rows: Iterable[DeviceState]) -> StateColumns:
        """Columns of rows in any order."""
        ordered = sorted(rows, key=lambda row: (row.state.t_ms, row.device, row.state.rule))
        states = [row.state for row in ordered]
        devices, device = places(ordered, attrgetter("device"))
        rules, rule = places(states, attrgetter("rule"))
        reasons, because = places(states, attrgetter("because"))
        return cls(
            devices=devices,
            rules=rules,
            reasons=reasons,
            device=device,
            rule=rule,
            because=because,
            t_ms=np.array([one.t_ms for one in states], np.int64),
            occupancy=np.array([OCCUPANCIES.index(one.occupancy) for one in states], np.int8),
            probability=np.array([one.probability for one in states], np.float64),
            since_ms=np.array([one.since_ms for one in states], np.int64),
            people=_or_nan(one.people for one in states),
            people_low=_or_nan(one.people_low for one in states),
            people_high=_or_nan(one.people_high for one in states),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ZoneFacts:
    """Facts of one zone: `amounts[fact, n]` of the quarter hour that begins at `quarter_ms[n]`, in order.

    The rows of `amounts` are the table `bezet.usage.facts.FACTS`; NaN where there is nothing to say.
    `revision[n]` counts how often late data changed the quarter hour. A zone whose device is `JOINT` holds
    what all devices of a space say together.
    """

    zone: Zone
    quarter_ms: Ints
    amounts: Floats
    revision: Places

    def __len__(self) -> int:
        return len(self.quarter_ms)

    def at(self, quarters: Ints) -> tuple[Floats, Ints]:
        """Amounts and revisions of these quarter hours, in order; NaN and -1 where none is there."""
        amounts = np.full((len(self.amounts), len(quarters)), np.nan)
        revision = np.full(len(quarters), -1, np.int64)
        _, here, there = np.intersect1d(quarters, self.quarter_ms, assume_unique=True, return_indices=True)
        amounts[:, here] = self.amounts[:, there]
        revision[here] = self.revision[there]
        return amounts, revision


#: The name of all devices of a space together; no device can have it.
JOINT = ""

Row = TypeVar("Row")
Word = TypeVar("Word")


def places(rows: Iterable[Row], word: Callable[[Row], Word]) -> tuple[tuple[Word, ...], Places]:
    """The different words of rows in order of appearance, and for each row the place of its word there."""
    found: dict[Word, int] = {}
    column = [found.setdefault(word(row), len(found)) for row in rows]
    return tuple(found), np.array(column, np.int32)


def _or_nan(counts: Iterable[float | None]) -> Floats:
    return np.array([np.nan if count is None else count for count in counts], np.float64)
