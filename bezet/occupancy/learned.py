# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a zone has learned of its space, as numbers that can be shown, and forgotten. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bezet.occupancy.air import (
    CHANGES_PER_H,
    HIGHEST_PPM,
    LEAST_CHANGES,
    LOWEST_PPM,
    MOST_CHANGES,
    OUTDOOR_PPM,
)
from bezet.occupancy.belief import AS_USUAL
from bezet.occupancy.evidence import MOST_PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from bezet.occupancy.air import Air
    from bezet.occupancy.belief import Belief, Patience


class Lesson(NamedTuple):
    """One number that was learned: where it began, the bounds that it never leaves, and from how much.

    `sensor` is whose readings taught it; None where all of the space did.
    """

    name: str
    what: str
    number: float
    unit: str
    begins: float
    low: float
    high: float
    taught: str
    sensor: str | None = None


class AirSubject(NamedTuple):
    """What the air of each CO2 sensor teaches."""

    name: str
    what: str
    unit: str
    begins: float
    low: float
    high: float
    number: Callable[[Air], float]
    taught: Callable[[Air], str]


AIR_TEACHES: tuple[AirSubject, ...] = (
    AirSubject(
        *("outdoor_ppm", "CO2 of the air when nobody was there for long", "ppm"),
        *(OUTDOOR_PPM, LOWEST_PPM, HIGHEST_PPM),
        lambda air: air.outdoor_ppm,
        lambda _: "the lowest that was heard, a little of it forgotten each hour",
    ),
    AirSubject(
        *("changes_per_h", "how often the air is changed after people left", "times an hour"),
        *(CHANGES_PER_H, LEAST_CHANGES, MOST_CHANGES),
        lambda air: air.changes_per_h,
        lambda air: f"{air.taught_h:.1f} hours of falling CO2",
    ),
)


def learned(belief: Belief) -> list[Lesson]:
    """All that a zone has learned, of each CO2 sensor and of the people."""
    found = [
        Lesson(
            *(one.name, one.what, one.number(air), one.unit, one.begins, one.low, one.high),
            taught=one.taught(air),
            sensor=sensor,
        )
        for sensor, air in sorted(belief.air.items())
        for one in AIR_TEACHES
    ]
    return [*found, _of_patience(belief.patience)]


def _of_patience(patience: Patience) -> Lesson:
    """How still people sit: each return makes it longer, each leave a little shorter."""
    times = {1: "once"}
    returns = times.get(patience.returns, f"{patience.returns} times")
    leaves = times.get(patience.leaves, f"{patience.leaves} times")
    return Lesson(
        *("patience", "how much longer it is held for used when nothing moves", patience.factor, "times"),
        *(AS_USUAL.factor, AS_USUAL.factor, MOST_PATIENCE),
        taught=f"called free too soon {returns}, rightly {leaves}",
    )


def unlearned(belief: Belief) -> Belief:
    """The belief with all that was learned back where it begins; the rest of it stays."""
    air = {
        sensor: one._replace(outdoor_ppm=OUTDOOR_PPM, changes_per_h=CHANGES_PER_H, taught_h=0.0)
        for sensor, one in belief.air.items()
    }
    return replace(belief, air=air, patience=AS_USUAL._replace(freed_ms=belief.patience.freed_ms))
