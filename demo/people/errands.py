# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What spaces are used for besides meetings: work alone, a call, coffee, a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bezet.model import SpaceKind
from demo.dice import generator
from demo.people import Doing
from demo.people.clock import MINUTE_MS, SLOTS, between, hour_of
from demo.people.patterns import (
    ERRANDS,
    MEAN_PRESENT,
    READS,
    TALKS,
    VISIT_MIN,
    VISIT_PAIR,
    VISITORS,
    VISITORS_OWN_HOURS,
    choose,
    presence,
)
from demo.people.rooms import Use, fullest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bezet.model import Building, Space
    from demo.people.clock import Clock


class Fill:
    """How full a space is, slot by slot, so that it never holds more than it can."""

    def __init__(self, clock: Clock, capacity: int) -> None:
        self._clock = clock
        self._most = fullest(capacity)
        self._people = [0] * SLOTS

    def has_room(self, use: Use) -> bool:
        """Whether there is room for a use."""
        here = self._here(use)
        return bool(here) and max(here) + use.people <= self._most

    def put(self, use: Use, people: int) -> None:
        """So many people have come for a use."""
        more = self._most if use.has_all else people
        slots = self._clock.slots(use.from_ms, use.to_ms)
        self._people[slots.start : slots.stop] = [one + more for one in self._here(use)]

    def _here(self, use: Use) -> list[int]:
        slots = self._clock.slots(use.from_ms, use.to_ms)
        return self._people[slots.start : slots.stop]


def errands(building: Building, seed: int, space: Space, clock: Clock) -> Iterator[Use]:
    """What employees use a space for on a day, if they are free, in order of time; meetings are not in it."""
    layout = space.layout_on(clock.day)
    errand = ERRANDS.get(layout.kind)
    share = presence(building, clock.day) / MEAN_PRESENT
    if errand is None or not share:
        return
    dice = generator(seed, "errands", space.id, clock.day)
    # Twice as many are thrown as come on an average day, so that more of them come on a day that is busier.
    drawn = dice.random((round(2 * errand.per_place * layout.capacity), 5))
    drawn = drawn[drawn[:, 0] < share / 2]
    for _, start, length, size, what in drawn[np.argsort(drawn[:, 1])].tolist():
        from_ms = clock.at(between(errand.hours, start))
        to_ms = from_ms + round(between(errand.minutes, length) * MINUTE_MS)
        people = min(choose(errand.groups, size), layout.capacity)
        yield Use(from_ms, to_ms, space.id, people, _doing(layout.kind, people, what))


def _doing(kind: SpaceKind, people: int, share: float) -> Doing:
    match kind:
        case SpaceKind.PHONE:
            return Doing.CALL
        case SpaceKind.FOCUS:
            return Doing.QUIET if share < READS else Doing.DESK
    return Doing.MEETING if people > 1 and share < TALKS else Doing.MEAL


def visits(building: Building, seed: int, space: Space, clock: Clock) -> Iterator[Use]:
    """What visitors use a social space for while it is open, in order of time."""
    layout = space.layout_on(clock.day)
    hours = (space.hours or building.hours).get(clock.day.weekday())
    if layout.kind is not SpaceKind.SOCIAL or hours is None or clock.day in building.holidays:
        return
    opens_h, closes_h = map(hour_of, hours)
    per_h = (VISITORS_OWN_HOURS if space.hours else VISITORS) * layout.capacity
    dice = generator(seed, "visitors", space.id, clock.day)
    drawn = dice.random((round(2 * per_h * (closes_h - opens_h) / (1 + VISIT_PAIR)), 5))
    drawn = drawn[drawn[:, 0] < 0.5]
    for _, start, length, pair, what in drawn[np.argsort(drawn[:, 1])].tolist():
        # Most come in the middle of the hours.
        middle = (start + 3 * start**2 - 2 * start**3) / 2
        from_ms = clock.at(between((opens_h, closes_h - VISIT_MIN[0] / 60), middle))
        to_ms = min(from_ms + round(between(VISIT_MIN, length) * MINUTE_MS), clock.at(closes_h))
        people = min(1 + (pair < VISIT_PAIR), layout.capacity)
        yield Use(from_ms, to_ms, space.id, people, _doing(layout.kind, people, what))
