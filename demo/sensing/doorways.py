# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a distance sensor in the lintel of a doorway says: who comes in, who goes out, and whom it misses.

───────┤ chip ├───────    Who walks through is first under the zone on their side, then under both, then
    ┌─────┼─────┐         under the other one. The driver looks at the zones by turns; what it makes of that
    │  a  │  b  │         is worked out only around those who walk, as nobody is seen in between.
    └──(o)┼─────┘ →
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from demo.dice import generator
from demo.faults import Fault
from demo.physics.doors import passages
from demo.physics.spans import spans
from demo.sensing import Said, Words, polls
from edge.doorway import Passage, step
from edge.sensors.vl53l1x import NEAREST_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bezet.usage.columns import Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town

IN_AND_OUT = (Said(Kind.PEOPLE_IN), Said(Kind.PEOPLE_OUT))
#: How high it hangs and what is somebody, if its settings do not say (the driver's own).
HEIGHT_MM, THRESHOLD = 2_200, 0.8
#: How deep a zone is at the height of shoulders, 0.75 m below (half of the 27° that the chip sees, datasheet
#: DS12385), and how deep somebody is who walks (ours).
ZONE_M, BODY_M = 0.18, 0.30
#: How fast people walk through a doorway (ours; freely they walk at 1.34 m/s, Weidmann 1993,
#: "Transporttechnik der Fussgänger").
SPEED_M_S = (0.9, 1.4)
#: How far behind each other they do: about one in a second (at most 1.22 in a second and a metre of width,
#: Weidmann 1993), but for this share (ours), who hang on the one before them and count as one with them.
BEHIND_MS, CLOSELY, CLOSELY_MS = (1_000, 1_400), 0.06, 350
#: The share of people who are not seen at all: black hair, a black coat, along the door post (ours).
UNSEEN = 0.05
#: How tall people are, in mm (ours: around 1.83 m and 1.69 m, as men and women born in 2001, Statistics
#: Netherlands 2021).
TALL_MM = (1_580, 1_940)
#: The least between a head and the chip; nobody taller walks through.
HEADROOM_MM = 150
#: Nobody is below it when a stretch begins and when it ends.
CLEAR_MS = 1_500
#: A zero is said so often between passages, where the driver says one at every look.
ZEROS_MS = 1_000


class Walkers(NamedTuple):
    """Those who can be seen: from when up to when each is in zone a and b, shape (2, n), and how near."""

    from_ms: Ints
    to_ms: Ints
    distance_mm: Ints


class Crossings(NamedTuple):
    """When the driver counts somebody, and whether as one who comes in; shape (n,)."""

    t_ms: Ints
    came_in: NDArray[np.bool_]


class DoorwaySignal:
    """A VL53L1X; look number n, `every_ms` after the one before, is at zone a where n is even."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self.every_ms = round(1_000 * hung.every_s)
        self._inside_is_b = hung.settings.get("inside", "b") == "b"
        self._height_mm: int = hung.settings.get("height_mm", HEIGHT_MM)
        self._below_mm = self._height_mm * hung.settings.get("threshold", THRESHOLD)
        self._walkers = lru_cache(maxsize=4)(self._who_walks)
        self._crossings = lru_cache(maxsize=4)(self._who_crosses)

    def distance_mm(self, zone: int, t_ms: int) -> int:
        """The distance in zone 0 (a) or 1 (b) at an instant: to somebody, or to the floor."""
        (span,) = spans(self._town, t_ms, t_ms + 1)
        walkers = self._walkers(span)
        is_there = (walkers.from_ms[zone] <= t_ms) & (t_ms < walkers.to_ms[zone])
        return int(walkers.distance_mm[is_there].min(initial=self._height_mm))

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Who came in and who went out at the look that finds it; zeros in between every `ZEROS_MS` only."""
        found = [self._crossings(span) for span in spans(self._town, start_ms, end_ms)]
        crossed_ms = np.concatenate([one.t_ms for one in found])
        came_in = np.concatenate([one.came_in for one in found])
        inside = slice(*np.searchsorted(crossed_ms, (start_ms, end_ms)))
        crossed_ms, came_in = crossed_ms[inside], came_in[inside]
        zeros_ms = polls(start_ms, end_ms, ZEROS_MS, self._hung.phase_ms)
        new_ms = crossed_ms[(crossed_ms - self._hung.phase_ms) % ZEROS_MS != 0]
        t_ms = np.insert(zeros_ms, np.searchsorted(zeros_ms, new_ms), new_ms)
        amounts = np.zeros((2, len(t_ms)))
        amounts[np.where(came_in, 0, 1), np.searchsorted(t_ms, crossed_ms)] = 1
        return Words(IN_AND_OUT, t_ms, amounts)

    def _who_walks(self, span: Span) -> Walkers:
        """Who goes through the doorway in a stretch, one behind the other, and how."""
        t_ms, inwards = passages(self._town, self._hung.space, *span)
        # One row for each, so that who comes later changes nothing of those before.
        drawn = generator(self._town.seed, "doorway", self._hung.id, span.from_ms).random((len(t_ms), 4)).T
        tall_mm = TALL_MM[0] + (TALL_MM[1] - TALL_MM[0]) * drawn[3]
        distance_mm = np.maximum(self._height_mm - np.rint(tall_mm).astype(np.int64), HEADROOM_MM)
        behind_ms = BEHIND_MS[0] + (BEHIND_MS[1] - BEHIND_MS[0]) * drawn[1]
        is_seen = np.full(len(t_ms), True)
        if Fault.DOOR_MISSES in self._town.faults:
            behind_ms[drawn[1] < CLOSELY] = CLOSELY_MS
            is_seen = drawn[2] >= UNSEEN
        middle_ms = in_file(t_ms, behind_ms.astype(np.int64), span)
        speed_m_ms = (SPEED_M_S[0] + (SPEED_M_S[1] - SPEED_M_S[0]) * drawn[0]) / 1_000
        far_ms, near_ms = (
            np.rint(way_m / speed_m_ms).astype(np.int64) for way_m in (ZONE_M + BODY_M / 2, BODY_M / 2)
        )
        first_is_a = inwards == self._inside_is_b
        from_ms = middle_ms - np.where((first_is_a, ~first_is_a), far_ms, near_ms)
        to_ms = middle_ms + np.where((first_is_a, ~first_is_a), near_ms, far_ms)
        return Walkers(from_ms[:, is_seen], to_ms[:, is_seen], distance_mm[is_seen])

    def _who_crosses(self, span: Span) -> Crossings:
        """What the driver makes of who walks: its own step, at each look that sees something new."""
        numbers, is_in = self._looks(span)
        changes = np.flatnonzero((is_in != np.roll(is_in, 1, axis=1)).any(axis=0))
        passage, found = Passage.EMPTY, []
        for look, (in_a, in_b) in zip(changes.tolist(), is_in[:, changes].T.tolist(), strict=True):
            passage, crossed = step(passage, in_a=in_a, in_b=in_b)
            if crossed:
                found.append((look, (crossed > 0) == self._inside_is_b))
        rows = np.array(found, np.int64).reshape(-1, 2)
        t_ms = numbers[rows[:, 0]] * self.every_ms + self._hung.phase_ms
        return Crossings(t_ms, rows[:, 1].astype(bool))

    def _looks(self, span: Span) -> tuple[Ints, NDArray[np.bool_]]:
        """The numbers of the looks around those who walk, and which zones see somebody, shape (2, n)."""
        walkers, every_ms, phase_ms = self._walkers(span), self.every_ms, self._hung.phase_ms
        first = (walkers.from_ms.min(axis=0) - phase_ms) // every_ms
        most = int((walkers.to_ms.max(axis=0) - walkers.from_ms.min(axis=0)).max(initial=0)) // every_ms
        numbers = np.unique(first[:, None] + np.arange(most + 6))
        # What is read at a look was measured since the look before, and of that zone.
        measured_ms = (numbers - 1) * every_ms + phase_ms
        is_near = (walkers.distance_mm >= NEAREST_MM) & (walkers.distance_mm < self._below_mm)
        sees = np.zeros(len(numbers), bool)
        for zone in (0, 1):
            mine = numbers % 2 == zone
            came, went = (np.sort(ends[zone, is_near]) for ends in (walkers.from_ms, walkers.to_ms))
            at_ms = measured_ms[mine]
            sees[mine] = np.searchsorted(came, at_ms, "right") > np.searchsorted(went, at_ms, "right")
        saw = np.append(False, sees[:-1] & (np.diff(numbers) == 1))  # the other zone, at the look before
        is_a = numbers % 2 == 0
        return numbers, np.where((is_a, ~is_a), sees, saw[: len(sees)])


def in_file(t_ms: Ints, behind_ms: Ints, span: Span) -> Ints:
    """Instants in order, so much behind each other at least, and none near the ends of a stretch.

    Where a stretch is too short for that many, they are nearer to each other.
    """
    waits_ms = np.cumsum(behind_ms)
    room_ms = span.to_ms - span.from_ms - 2 * CLEAR_MS
    if len(t_ms) and waits_ms[-1] > room_ms:
        waits_ms = waits_ms * room_ms // waits_ms[-1]
    filed_ms = np.maximum.accumulate(np.maximum(t_ms, span.from_ms + CLEAR_MS) - waits_ms) + waits_ms
    return np.asarray(np.minimum(filed_ms, span.to_ms - CLEAR_MS - waits_ms[-1:] + waits_ms))
