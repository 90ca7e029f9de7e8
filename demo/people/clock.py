# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A day by the clock of the building, and chance for it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from demo.dice import generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bezet.model import Building
    from bezet.usage.columns import Floats

Share = TypeVar("Share", float, "Floats")
SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000
#: Who is busy when is kept in steps of this.
SLOT_MS = 5 * MINUTE_MS
SLOTS = 24 * HOUR_MS // SLOT_MS


class Clock(NamedTuple):
    """A day in the building: its hours by the clock, as instants.

    Right from the hour of night on at which clocks change; before that nobody is there.
    """

    day: date
    midnight_ms: int

    @classmethod
    def of(cls, building: Building, day: date) -> Clock:
        """The clock of a day."""
        noon = datetime.combine(day, time(12), building.timezone)
        return cls(day, round(noon.timestamp()) * 1_000 - 12 * HOUR_MS)

    def at(self, hour: float) -> int:
        """The instant in ms at which it shows an hour; 10.5 is half past ten."""
        return self.midnight_ms + round(hour * HOUR_MS)

    def slots(self, from_ms: int, to_ms: int) -> range:
        """The slots that a stretch of time touches."""
        first = (from_ms - self.midnight_ms) // SLOT_MS
        return range(max(first, 0), min(-((self.midnight_ms - to_ms) // SLOT_MS), SLOTS))


def rolls(*words: object) -> Iterator[float]:
    """Numbers in [0, 1) without end that depend on the words alone."""
    dice = generator(*words)
    while True:
        yield from dice.random(64).tolist()


def between(ends: tuple[float, float], share: Share) -> Share:
    """What lies at a share between two ends."""
    return ends[0] + (ends[1] - ends[0]) * share


def hour_of(at: time) -> float:
    """A time of day in hours."""
    return at.hour + at.minute / 60
