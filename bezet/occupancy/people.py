# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How many people are in a space, by all that counts there, with bounds that hold nine times in ten. Pure.

Each that counts gives a number and how sure it is; their mean is weighted by that (inverse variance).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Kind, Occupancy
from bezet.occupancy.evidence import CO2_VALID_S, EVIDENCE, OCCUPIED_FROM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.occupancy.belief import Belief, Heard, Source
    from bezet.occupancy.doorway import Tally

#: The kind that sees people, and how long its word counts.
SEES, SEES_MS = Kind.PEOPLE_COUNT, EVIDENCE[Kind.PEOPLE_COUNT].valid_s * 1000
#: 90 % of a normal distribution lie within so many standard deviations.
Z_90 = 1.645
#: A count of heat or of a camera is off by so many people, and by this share of them (ours; docs/sensors).
COUNT_OFF, COUNT_OFF_SHARE = 0.3, 0.1
#: A tally is off by this at least, whatever its bounds say.
TALLY_OFF = 0.8
#: While somebody may be there, or be gone, more often than this, the bounds do not exclude it.
SURE = 0.9


class People(NamedTuple):
    """People at an instant, and the bounds that hold nine times in ten; None where nothing counts."""

    people: float | None
    low: float | None
    high: float | None


class Count(NamedTuple):
    """What one source counts, and the standard deviation of that."""

    people: float
    sd: float


NOBODY_COUNTS = People(None, None, None)


def people_now(occupancy: Occupancy, probability: float, counts: list[Count], most: float) -> People:
    """The people that go with a state: nobody in a free space, somebody in an occupied one."""
    if occupancy is Occupancy.UNKNOWN or not counts:
        return NOBODY_COUNTS
    weight = sum(1 / (one.sd * one.sd) for one in counts)
    mean = sum(one.people / (one.sd * one.sd) for one in counts) / weight
    # Where they differ by more than they should, the bounds are wider by that (the Birge ratio).
    apart = sum(((one.people - mean) / one.sd) ** 2 for one in counts) / max(len(counts) - 1, 1)
    off = Z_90 * math.sqrt(max(apart, 1.0) / weight)
    low, high = min(max(mean - off, 0.0), most), min(max(mean + off, 0.0), most)
    if occupancy is Occupancy.FREE:
        return People(0.0, 0.0, 0.0 if probability <= 1 - SURE else round(high, 2))
    is_likely = probability >= OCCUPIED_FROM  # else it is only not given up yet
    people = round(min(max(mean, float(is_likely)), most), 2)
    return People(people, round(max(low, float(probability >= SURE)), 2), round(max(high, people), 2))


def counts(belief: Belief, heard: Mapping[Source, Heard], tally: Tally | None, now_ms: int) -> list[Count]:
    """What each that can count says now; who sees people at once is not held up by air, which lags."""
    seen = [
        last.value for source, last in heard.items() if source.kind is SEES and now_ms < last.t_ms + SEES_MS
    ]
    if seen:  # each looks at its own part of the space
        return [Count(sum(seen), COUNT_OFF * math.sqrt(len(seen)) + COUNT_OFF_SHARE * sum(seen))]
    found = []
    if tally is not None:
        found.append(Count(tally.people, max((tally.high - tally.low) / (2 * Z_90), TALLY_OFF)))
    # Several sensors in one space measure the same air: the newest speaks, whatever their order.
    airs = [air for sensor, air in belief.air.items() if (sensor, Kind.CO2_PPM) in heard]
    air = max(airs, key=lambda air: (air.t_ms, air.people), default=None)
    if air is not None and now_ms < air.t_ms + CO2_VALID_S * 1000:
        found.append(Count(air.people, air.people_sd))
    return found
