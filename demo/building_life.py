# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who is in a simulated space, and when: a pure function of seed, space and instant.

A space is divided into tables. In each cycle of a table at most one group comes and goes, so that who is
there at any instant is found without playing what went before. Visits are far shorter than in a real
building, so that whoever looks at the demo for a minute sees spaces change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import SpaceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: People of one group come in, and go out, within this time.
TRICKLE_S = 15
#: A group comes in the first half of the time that its visit leaves free in its cycle, so that the space is
#: seen to be free between two groups.
LATEST_START = 0.5


class Rhythm(NamedTuple):
    """How a table of one kind of space is used: `used` is the share of its cycles in which a group comes."""

    table_for: int
    cycle_s: int
    shortest_s: int
    longest_s: int
    used: float


#: A table of a meeting room seats all of it; where people come alone, each seat is a table.
RHYTHMS: Mapping[SpaceKind, Rhythm] = {
    SpaceKind.PHONE: Rhythm(1, 130, 20, 45, 0.95),
    SpaceKind.HYBRID: Rhythm(1_000, 180, 30, 80, 0.95),
    SpaceKind.MEETING: Rhythm(1_000, 200, 30, 90, 0.95),
    SpaceKind.CREATIVE: Rhythm(8, 1_200, 180, 480, 0.5),
    SpaceKind.SOCIAL: Rhythm(4, 360, 60, 240, 0.6),
    SpaceKind.FOCUS: Rhythm(1, 1_500, 200, 600, 0.3),
    SpaceKind.DESKS: Rhythm(1, 1_800, 400, 1_500, 0.6),
}

#: The size of a group and its share of all groups; most are of two to four. A bigger one than the table is
#: as big as the table.
GROUPS: Mapping[int, float] = {1: 0.2, 2: 0.32, 3: 0.2, 4: 0.13, 5: 0.05, 8: 0.06, 16: 0.04}


@dataclass(frozen=True, slots=True)
class SimulatedSpace:
    """A space of the simulated town hall; the same `seed` gives the same people."""

    id: str
    kind: SpaceKind
    capacity: int
    area_m2: float
    seed: int

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated, with `ValueError`."""
        if self.capacity < 1 or self.area_m2 <= 0:
            raise ValueError(f"capacity {self.capacity} and area_m2 {self.area_m2} need to be above 0")


class Stay(NamedTuple):
    """One person in a space, from `from_ms` up to `to_ms` (milliseconds since 1970 UTC)."""

    person: str
    from_ms: int
    to_ms: int


def dice(*words: object) -> float:
    """A number in [0, 1) that depends on the words alone, the same on every machine."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def tables(space: SimulatedSpace) -> list[int]:
    """How many people each table of the space is for; together its capacity."""
    size = min(RHYTHMS[space.kind].table_for, space.capacity)
    whole, rest = divmod(space.capacity, size)
    return [size] * whole + [rest] * (rest > 0)


def stays(space: SimulatedSpace, t_ms: int) -> list[Stay]:
    """Everybody who is in the space at an instant; never more than its capacity."""
    cycle_ms = RHYTHMS[space.kind].cycle_s * 1000
    found = []
    for table, places in enumerate(tables(space)):
        phase_ms = int(dice(space.seed, space.id, table, "phase") * cycle_ms)
        cycle = (t_ms - phase_ms) // cycle_ms
        group = _group(space, table, places, cycle, phase_ms + cycle * cycle_ms)
        found += [stay for stay in group if stay.from_ms <= t_ms < stay.to_ms]
    return found


@lru_cache(maxsize=8_192)
def _group(space: SimulatedSpace, table: int, places: int, cycle: int, start_ms: int) -> tuple[Stay, ...]:
    """The group at a table in the cycle that starts at `start_ms`; empty when nobody comes."""
    rhythm = RHYTHMS[space.kind]
    name = f"{space.seed}/{space.id}/{table}/{cycle}"
    if dice(name, "used") >= rhythm.used:
        return ()
    length_ms = 1000 * (rhythm.shortest_s + dice(name, "length") * (rhythm.longest_s - rhythm.shortest_s))
    first_ms = start_ms + LATEST_START * dice(name, "start") * (rhythm.cycle_s * 1000 - length_ms)
    trickle_ms = min(TRICKLE_S * 1000, length_ms / 3)
    group = []
    for number in range(min(places, _group_size(dice(name, "size")))):
        late_ms = trickle_ms * dice(name, number, "late") if number else 0
        early_ms = trickle_ms * dice(name, number, "early") if number else 0
        group.append(Stay(f"{name}/{number}", int(first_ms + late_ms), int(first_ms + length_ms - early_ms)))
    return tuple(group)


def _group_size(share: float) -> int:
    for size, part in GROUPS.items():
        if share < part:
            return size
        share -= part
    return max(GROUPS)


def walks_in(space: SimulatedSpace, now_ms: int, *, within_ms: tuple[int, int]) -> bool:
    """Whether the space is empty from now on, and somebody is in it at the end of `within_ms`."""
    first_ms, last_ms = within_ms
    is_empty = not stays(space, now_ms) and not stays(space, now_ms + first_ms)
    return is_empty and bool(stays(space, now_ms + last_ms))
