# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How many people are in a space, by all that counts there, with bounds that hold nine times in ten. Pure.

Each that counts gives a number and how sure it is; their mean is weighted by that (inverse variance).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Kind, Occupancy
from bezet.occupancy.air import people_breathing
from bezet.occupancy.evidence import CO2_VALID_S, EVIDENCE, OCCUPIED_FROM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bezet.occupancy.air import Air
    from bezet.occupancy.belief import Belief, Heard, Source
    from bezet.occupancy.doorway import Tally
    from bezet.occupancy.room import Room

#: 90 % of a normal distribution lie within so many standard deviations.
Z_90 = 1.645
#: A count of heat or of a camera is off by so many people, and by this share of them (ours; docs/sensors).
COUNT_OFF, COUNT_OFF_SHARE = 0.3, 0.1
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
    off = Z_90 / math.sqrt(weight)
    low, high = min(max(mean - off, 0.0), most), min(max(mean + off, 0.0), most)
    if occupancy is Occupancy.FREE:
        return People(0.0, 0.0, 0.0 if probability <= 1 - SURE else round(high, 2))
    is_likely = probability >= OCCUPIED_FROM  # else it is only not given up yet
    people = round(min(max(mean, float(is_likely)), most), 2)
    return People(people, round(max(low, float(probability >= SURE)), 2), round(max(high, people), 2))


def counts(
    belief: Belief, heard: Mapping[Source, Heard], tally: Tally | None, room: Room, now_ms: int
) -> list[Count]:
    """What each that can count says now."""
    return [*_seen(heard, now_ms), *_tallied(tally), *_breathing(heard, belief.air, room, now_ms)]


def _seen(heard: Mapping[Source, Heard], now_ms: int) -> Iterator[Count]:
    """Sensors that see people each look at their own part of the space."""
    valid_ms = EVIDENCE[Kind.PEOPLE_COUNT].valid_s * 1000
    seen = [
        last.value
        for source, last in heard.items()
        if source.kind is Kind.PEOPLE_COUNT and now_ms < last.t_ms + valid_ms
    ]
    if seen:
        yield Count(sum(seen), COUNT_OFF * math.sqrt(len(seen)) + COUNT_OFF_SHARE * sum(seen))


def _tallied(tally: Tally | None) -> Iterator[Count]:
    if tally is not None:
        yield Count(tally.people, max((tally.high - tally.low) / (2 * Z_90), COUNT_OFF))


def _breathing(
    heard: Mapping[Source, Heard], airs: Mapping[str, Air], room: Room, now_ms: int
) -> Iterator[Count]:
    """Several sensors in one space measure the same air: the newest speaks."""
    speaking = [
        air
        for sensor, air in airs.items()
        if now_ms < air.t_ms + CO2_VALID_S * 1000 and (sensor, Kind.CO2_PPM) in heard
    ]
    if speaking:
        yield Count(*people_breathing(max(speaking, key=lambda air: air.t_ms), room))
