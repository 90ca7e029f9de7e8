# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The town hall that isn't there: building, people, sensors and what is wrong with them, at every instant.

Everything follows from the building file, the seed and what somebody made happen, so that two programs that
know the same town see the same people without talking to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.retention import DAY_MS
from demo.faults import ALL, POWER_CUT_MS, Fault, Spell, spells
from demo.happenings import What
from demo.lens import pieces
from demo.people import Day, Doing, Stay
from demo.people.days import People
from demo.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bezet.model import Building, Layout
    from bezet.usage.columns import Ints
    from demo.happenings import Happening
    from demo.lens import Piece
    from demo.plan import Device

#: Which happening does to whom what a fault does.
MADE: dict[What, Fault] = {
    What.STICK: Fault.PIR_STUCK,
    What.UNPLUG: Fault.DEVICE_SILENT,
    What.CUT_BROKER: Fault.BROKER_OUT,
}


#: So far around a span stays are looked at where time bends, so that none is cut by what was asked.
HORIZON_MS = 24 * 3_600_000


class Steps(NamedTuple):
    """How many there are from each instant on: `count[n]` from `t_ms[n]` up to the next; both shape (n,)."""

    t_ms: Ints
    count: Ints  # type: ignore[assignment]  # a tuple's own method of that name is of no use here

    def at(self, t_ms: Ints) -> Ints:
        """How many there are at these instants, none before the first step."""
        place = np.searchsorted(self.t_ms, t_ms, side="right") - 1
        return np.where(place < 0, 0, self.count[place])


@dataclass(frozen=True, eq=False)
class Town:
    """One town hall; make it with `make_town`. `faults` are those that it has at all.

    It is a key of caches: two towns are the same only if they are one.
    """

    building: Building
    people: People
    plan: tuple[Device, ...]
    seed: int
    faults: frozenset[Fault] = ALL
    happenings: tuple[Happening, ...] = ()
    bent: tuple[Piece, ...] = ()
    _kept: dict[tuple[str, int, int], tuple[Stay, ...]] = field(default_factory=dict, repr=False)

    def day(self, day: date) -> Day:
        """What happens on a day of life, whatever anybody makes happen."""
        return self.people.day(day)

    def days(self, start_ms: int, end_ms: int) -> Iterator[Day]:
        """The days of life of which a part may lie in [`start_ms`, `end_ms`)."""
        first, last = (
            datetime.fromtimestamp(t_ms / 1000, UTC).astimezone(self.building.timezone).date()
            for t_ms in (start_ms, end_ms)
        )
        # A day earlier: somebody may stay beyond midnight.
        for number in range(-1, (last - first).days + 1):
            yield self.day(first + timedelta(days=number))

    def stays(self, space: str, start_ms: int, end_ms: int) -> tuple[Stay, ...]:
        """Who is in a space in [`start_ms`, `end_ms`), in order of coming; by the time on the wall.

        Stays are not clipped to the span, unless life or something that was made to happen cuts them.
        """
        key = space, start_ms, end_ms
        if key not in self._kept:
            if len(self._kept) > 4_096:
                self._kept.clear()
            self._kept[key] = tuple(sorted(self._found(space, start_ms, end_ms), key=_by_time))
        return self._kept[key]

    def _found(self, space: str, start_ms: int, end_ms: int) -> Iterator[Stay]:
        made = [one for one in self.happenings if one.where == space and one.what in (What.FILL, What.EMPTY)]
        for stay in self._living(space, start_ms, end_ms):
            left = [stay]
            for one in made:
                if one.what is What.EMPTY:
                    left = [part for whole in left for part in _without(whole, one.from_ms, one.to_ms)]
            yield from (one for one in left if one.from_ms < end_ms and one.to_ms > start_ms)
        for one in made:
            if one.what is What.FILL and one.from_ms < end_ms and one.to_ms > start_ms:
                yield from _guests(one)

    def _living(self, space: str, start_ms: int, end_ms: int) -> Iterator[Stay]:
        """Stays of life, by the time on the wall; where that bends, they are cut."""
        if not self.bent:
            for day in self.days(start_ms, end_ms):
                yield from (
                    one for one in day.of_space(space) if one.from_ms < end_ms and one.to_ms > start_ms
                )
            return
        for piece in pieces(self.bent, start_ms - HORIZON_MS, end_ms + HORIZON_MS):
            life_to_ms = piece.life_at(piece.to_ms)
            for day in self.days(piece.life_ms, life_to_ms):
                for stay in day.of_space(space):
                    from_ms = piece.wall_at(max(stay.from_ms, piece.life_ms))
                    to_ms = piece.wall_at(min(stay.to_ms, life_to_ms))
                    if from_ms < to_ms and from_ms < end_ms and to_ms > start_ms:
                        yield stay._replace(from_ms=from_ms, to_ms=to_ms)

    def steps(self, space: str, start_ms: int, end_ms: int) -> Steps:
        """How many people are in a space; the first step is at `start_ms`."""
        found = self.stays(space, start_ms, end_ms)
        turns = np.array([(one.from_ms, 1) for one in found] + [(one.to_ms, -1) for one in found], np.int64)
        turns = turns.reshape(-1, 2)
        t_ms = np.clip(turns[:, 0], start_ms, None)
        inside = t_ms < end_ms
        instants, place = np.unique(np.append(t_ms[inside], start_ms), return_inverse=True)
        change = np.zeros(len(instants), np.int64)
        np.add.at(change, place[:-1], turns[inside, 1])
        return Steps(instants, np.cumsum(change))

    def layout(self, space: str, t_ms: int) -> Layout:
        """What a space is at an instant."""
        day = datetime.fromtimestamp(t_ms / 1000, UTC).astimezone(self.building.timezone).date()
        return self.building.spaces[space].layout_on(day)

    def spells(self, fault: Fault, name: str, start_ms: int, end_ms: int) -> list[Spell]:
        """When a sensor, a device or "" (the broker) has a fault that comes and goes, in order."""
        found: list[Spell] = []
        if fault in self.faults:
            found += spells(fault, self.seed, self._candidates(fault), name, start_ms, end_ms)
        for one in self.happenings:
            if MADE.get(one.what) is fault and one.where == name:
                found.append(Spell(max(one.from_ms, start_ms), min(one.to_ms, end_ms)))
        return sorted(spell for spell in found if spell.from_ms < spell.to_ms)

    def without_power(self, device: str, start_ms: int, end_ms: int) -> list[Spell]:
        """When a device has no power, be it before a boot without a clock, in order."""
        boots = self.spells(Fault.CLOCKLESS_BOOT, device, start_ms - DAY_MS, end_ms + DAY_MS)
        cuts = [Spell(one.from_ms - POWER_CUT_MS, one.from_ms) for one in boots]
        cuts = [Spell(max(from_ms, start_ms), min(to_ms, end_ms)) for from_ms, to_ms in cuts]
        silent = self.spells(Fault.DEVICE_SILENT, device, start_ms, end_ms)
        return sorted(one for one in (*silent, *cuts) if one.from_ms < one.to_ms)

    def _candidates(self, fault: Fault) -> list[str]:
        sensors = [hung for device in self.plan for hung in device.sensors]
        match fault:
            case Fault.PIR_STUCK:
                return [hung.id for hung in sensors if hung.driver == "pir"]
            case Fault.RADAR_GHOSTS:
                return [hung.id for hung in sensors if hung.driver in ("ld2410", "ld2450")]
            case Fault.DEVICE_SILENT | Fault.CLOCKLESS_BOOT:
                return [device.name for device in self.plan]
        return [""]


def make_town(
    building: Building,
    seed: int,
    *,
    faults: frozenset[Fault] = ALL,
    happenings: tuple[Happening, ...] = (),
    bent: tuple[Piece, ...] = (),
) -> Town:
    """The town hall of a building file; the same words give the same town, bit for bit."""
    people = People(building, seed)
    return Town(building, people, make_plan(building), seed, faults, happenings, bent)


def _guests(fill: Happening) -> Iterator[Stay]:
    """Those who were let in, one after the other, and go together."""
    for number in range(fill.people):
        from_ms = fill.from_ms + 1_500 * number
        if from_ms < fill.to_ms:
            name = f"guest-{fill.where}-{fill.from_ms}-{number}"
            yield Stay(name, fill.where, from_ms, fill.to_ms, Doing.MEETING, number)


def _without(stay: Stay, from_ms: int, to_ms: int) -> Iterator[Stay]:
    """What is left of a stay when nobody may be there between two instants."""
    if stay.from_ms >= to_ms or stay.to_ms <= from_ms:
        yield stay
        return
    if stay.from_ms < from_ms:
        yield stay._replace(to_ms=from_ms)
    if stay.to_ms > to_ms:
        yield stay._replace(from_ms=to_ms)


def _by_time(stay: Stay) -> tuple[int, str]:
    return stay.from_ms, stay.person
