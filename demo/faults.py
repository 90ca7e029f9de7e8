# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is wrong with sensors, devices and the broker, and when: a table; each fault can be switched off."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from demo.dice import dice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS
#: A device that starts without the time lost its power for so long before (ours).
POWER_CUT_MS = 6 * 60_000
#: 1970 began on a Thursday; weeks here begin on a Monday, 00:00 UTC.
MONDAY_MS = 4 * 24 * HOUR_MS


class Fault(StrEnum):
    """What can be wrong; each can be switched off, and what is measured is better for it."""

    PIR_BLIND = "pir-blind"  # motion sensors miss who sits still
    RADAR_GHOSTS = "radar-ghosts"  # radars see somebody in an empty space
    CO2_LAG = "co2-lag"  # the air must come into the sensor first
    CO2_DRIFT = "co2-drift"  # the sensor is off by more each week
    DOOR_MISSES = "door-misses"  # doorways miss some of who goes through
    PIR_STUCK = "pir-stuck"  # a motion sensor sees motion all the time
    DEVICE_SILENT = "device-silent"  # a device has no power
    CLOCKLESS_BOOT = "clockless-boot"  # a device starts, and is told the time only later
    BROKER_OUT = "broker-out"  # nothing carries messages for an afternoon


ALL = frozenset(Fault)


class Spell(NamedTuple):
    """A stretch of time, [`from_ms`, `to_ms`), in which something is wrong."""

    from_ms: int
    to_ms: int


class Season(NamedTuple):
    """How often a fault comes, and for how long: once in so many weeks, at one of those that can have it.

    `first_week` tells two faults apart, so that they do not all come in the same week. `from_h` and `to_h`
    are hours since the week began.
    """

    every_weeks: int
    first_week: int
    from_h: float
    to_h: float


#: The faults that come and go; the others are always there. Ours: rare enough to be believed, often enough
#: that twelve weeks hold each at least twice.
SEASONS: Mapping[Fault, Season] = {
    Fault.PIR_STUCK: Season(4, 1, 24 + 9.3, 48 + 17.2),
    Fault.DEVICE_SILENT: Season(5, 2, 48 + 11.6, 72 + 10.1),
    Fault.CLOCKLESS_BOOT: Season(3, 0, 72 + 10.4, 72 + 10.75),
    Fault.BROKER_OUT: Season(4, 3, 24 + 12.2, 24 + 15.9),
    Fault.RADAR_GHOSTS: Season(1, 0, 0, 7 * 24),
}


def spells(
    fault: Fault, seed: int, candidates: Sequence[str], name: str, start_ms: int, end_ms: int
) -> Iterator[Spell]:
    """When `name`, one of the candidates, has this fault between the two instants; clipped to them."""
    season = SEASONS[fault]
    for week in range((start_ms - MONDAY_MS) // WEEK_MS, (end_ms - MONDAY_MS) // WEEK_MS + 1):
        if week % season.every_weeks != season.first_week % season.every_weeks or not candidates:
            continue
        if candidates[int(dice(seed, fault, week) * len(candidates))] != name:
            continue
        begin_ms = MONDAY_MS + week * WEEK_MS
        from_ms = max(start_ms, begin_ms + round(season.from_h * HOUR_MS))
        to_ms = min(end_ms, begin_ms + round(season.to_h * HOUR_MS))
        if from_ms < to_ms:
            yield Spell(from_ms, to_ms)
