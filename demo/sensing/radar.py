# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What radars say: who moves and who sits still (LD2410), and how many it follows (LD2450).

A radar reports each second what it saw in the second before; whatever it says between two full seconds (it
speaks ten times a second) is the same again.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from demo.dice import dice, generator
from demo.faults import HOUR_MS, Fault
from demo.physics.moves import Moves, moves
from demo.physics.spans import spans
from demo.sensing import Said, Words, polls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town

    Bools = NDArray[np.bool_]

SECOND_MS = 1_000
#: What happened so long before a stretch decides how the radar stands when it begins.
EARLIER_MS = 180_000

# --- ghosts -------------------------------------------------------------------------------------------------

#: In an hour of a spell one begins with this chance, and lasts so long (ours; owners tell of about five short
#: ones in an hour of the night: EverythingSmartHome/everything-presence-one issue 19). Its echo is weak.
GHOST_CHANCE = 0.7
GHOST_MS = (2 * 60_000, 20 * 60_000)
GHOST_PCT = (25, 60)


class Ghost(NamedTuple):
    """From `from_ms` up to `to_ms` an empty space echoes so much."""

    from_ms: int
    to_ms: int
    echo_pct: int


def ghosts(town: Town, hung: Hung, start_ms: int, end_ms: int) -> Iterator[Ghost]:
    """The ghosts of a radar in [`start_ms`, `end_ms`), clipped to it and to their spell."""
    for spell in town.spells(Fault.RADAR_GHOSTS, hung.id, start_ms, end_ms):
        for hour in range((spell.from_ms - GHOST_MS[1]) // HOUR_MS, spell.to_ms // HOUR_MS + 1):
            if dice(town.seed, "ghost", hung.id, hour) >= GHOST_CHANCE:
                continue
            begins, lasts, echo = generator(town.seed, "ghost is", hung.id, hour).random(3).tolist()
            from_ms = hour * HOUR_MS + int(HOUR_MS * begins)
            to_ms = from_ms + GHOST_MS[0] + int((GHOST_MS[1] - GHOST_MS[0]) * lasts)
            ghost = Ghost(max(from_ms, spell.from_ms), min(to_ms, spell.to_ms), _between(GHOST_PCT, echo))
            if ghost.from_ms < ghost.to_ms:
                yield ghost


# --- both radars --------------------------------------------------------------------------------------------


class Reports(NamedTuple):
    """Reports at full seconds, shape (n,), and the numbers of each, shape (numbers, n)."""

    t_ms: Ints
    numbers: Ints


class _Stretches:
    """Reports of a radar, worked out by stretches of time; `see` tells those at given seconds."""

    def __init__(self, town: Town, hung: Hung, see: Callable[[Ints], Ints]) -> None:
        self._town, self._hung, self._see = town, hung, see
        self._of_span = lru_cache(maxsize=2)(self._worked_out)

    def between(self, start_ms: int, end_ms: int) -> Reports:
        """The reports of [`start_ms`, `end_ms`)."""
        parts = [self._of_span(span) for span in spans(self._town, start_ms, end_ms)]
        t_ms = np.concatenate([part.t_ms for part in parts])
        numbers = np.concatenate([part.numbers for part in parts], axis=1)
        inside = slice(*np.searchsorted(t_ms, (start_ms, end_ms)))
        return Reports(t_ms[inside], numbers[:, inside])

    def _worked_out(self, span: Span) -> Reports:
        t_ms = polls(span.from_ms - EARLIER_MS, span.to_ms, SECOND_MS, self._hung.phase_ms)
        inside = slice(int(np.searchsorted(t_ms, span.from_ms)), None)
        return Reports(t_ms[inside], self._see(t_ms)[:, inside].astype(np.int16))


def _moved(town: Town, space: str, t_ms: Ints) -> Moves:
    """The moves that reports at these seconds can tell of."""
    return moves(town, space, int(t_ms[0]) - SECOND_MS + 1, int(t_ms[-1]) + 1)


def _place(t_ms: Ints, at_ms: Ints) -> Ints:
    """The first report at or after each instant, by its place in `t_ms`; the length of that where none is."""
    return np.asarray(np.clip(-((t_ms[0] - at_ms) // SECOND_MS), 0, len(t_ms)))


def _lasting(is_so: Bools, seconds: int) -> Bools:
    """What is so, and what was so up to that many seconds ago."""
    found = is_so.copy()
    for late in range(1, seconds + 1):
        found[late:] |= is_so[:-late]
    return found


def _haunted(town: Town, hung: Hung, t_ms: Ints) -> Ints:
    """How much ghosts echo in each report, in per cent; 0 where there is none."""
    echo_pct = np.zeros(len(t_ms), np.int64)
    for ghost in ghosts(town, hung, int(t_ms[0]), int(t_ms[-1]) + 1):
        first, behind = _place(t_ms, np.array(ghost[:2]))
        echo_pct[first:behind] = ghost.echo_pct
    return echo_pct


def _between(range_: tuple[int, int], drawn: float) -> int:
    return range_[0] + int((range_[1] - range_[0]) * drawn)


# --- LD2410 -------------------------------------------------------------------------------------------------

#: It sees who moves up to 6 m away (user manual, "detection distance"), and who sits still up to 3.5 m for
#: sure; beyond, it loses them for a minute now and then (ours).
REACH_M, SURE_M = 6.0, 3.5
LOST_CHANCE, LOST_S = 0.12, 60
#: A move is seen as one for so long (ours); nobody is reported only so long after the last was seen (protocol
#: V1.07, 2.2.3, "unmanned duration", as the factory sets it).
MOVING_S, UNMANNED_S = 2, 5
#: Somebody who sits still echoes less by so much for each metre (ours).
FADES_PCT_M = 12
#: The echo of what moves adds up over about half a minute: by so much for each step and each seated move
#: (ours; the real one is more restless, which nobody reads).
STEP_PCT, MOVE_PCT, FADES_MS = 10, 4, 30_000
ECHO_MS = 5_000


class RadarSignal:
    """An LD2410; the numbers of its reports are state (0 nobody, 1 moving, 2 still, 3 both) and energies."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._stretches = _Stretches(town, hung, self._see)
        self._far_m: dict[int, float] = {}

    def reports(self, start_ms: int, end_ms: int) -> Reports:
        """State, moving energy and still energy in [`start_ms`, `end_ms`)."""
        return self._stretches.between(start_ms, end_ms)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """What its driver makes of one report each second."""
        t_ms, (state, moving_pct, still_pct) = self.reports(start_ms, end_ms)
        said = Said(Kind.PRESENCE), Said(Kind.MOVING_ENERGY_PCT), Said(Kind.STILL_ENERGY_PCT)
        return Words(said, t_ms, np.stack((state > 0, moving_pct, still_pct)).astype(float))

    def distance_m(self, seat: int) -> float:
        """How far a seat is away: anywhere in a quarter of a circle that is as large as the space."""
        if seat not in self._far_m:
            area_m2 = self._town.building.spaces[self._hung.space].area_m2
            drawn = dice(self._town.seed, "far", self._hung.id, seat)
            self._far_m[seat] = sqrt(4 * area_m2 / pi * drawn)
        return self._far_m[seat]

    def _see(self, t_ms: Ints) -> Ints:
        moved = self._in_reach(_moved(self._town, self._hung.space, t_ms))
        places = _place(t_ms, moved.t_ms)
        is_moving = _lasting(np.bincount(places, minlength=len(t_ms)) > 0, MOVING_S)
        still_pct = self._still_pct(t_ms)
        is_there = _lasting(is_moving | (still_pct > 0), UNMANNED_S)
        ghost_pct = np.where(is_there, 0, _haunted(self._town, self._hung, t_ms))
        is_still = (still_pct > 0) | (is_there & ~is_moving) | (ghost_pct > 0)
        moving_pct = np.where(is_there, _moving_pct(t_ms, moved), 0)
        return np.stack((is_moving + 2 * is_still, moving_pct, still_pct + ghost_pct))

    def _in_reach(self, moved: Moves) -> Moves:
        """Whoever walks comes near."""
        seats, place = np.unique(moved.seat, return_inverse=True)
        near = np.array([self.distance_m(seat) < REACH_M for seat in seats.tolist()], bool)
        seen = moved.walking | near[place]
        return Moves(moved.t_ms[seen], moved.walking[seen], moved.seat[seen])

    def _still_pct(self, t_ms: Ints) -> Ints:
        """The echo of whoever sits nearest, in per cent."""
        found = np.zeros(len(t_ms), np.int64)
        for stay in self._town.stays(self._hung.space, int(t_ms[0]), int(t_ms[-1]) + 1):
            first, behind = _place(t_ms, np.array((stay.from_ms, stay.to_ms)))
            distance_m = self.distance_m(stay.seat)
            if distance_m < REACH_M:
                echo_pct = round(100 - FADES_PCT_M * distance_m)
                seen = echo_pct * ~self._is_lost(t_ms[first:behind], stay.seat)
                found[first:behind] = np.maximum(found[first:behind], seen)
        return found

    def _is_lost(self, t_ms: Ints, seat: int) -> Bools:
        """Whether who sits still at a seat is lost."""
        if self.distance_m(seat) < SURE_M or not len(t_ms):
            return np.zeros(len(t_ms), bool)
        minutes = t_ms // (SECOND_MS * LOST_S)
        first = int(minutes[0])
        who = self._town.seed, "lost", self._hung.id, seat
        lost = [dice(*who, minute) < LOST_CHANCE for minute in range(first, int(minutes[-1]) + 1)]
        return np.array(lost)[minutes - first]


def _moving_pct(t_ms: Ints, moved: Moves) -> Ints:
    """The echo of what moved a short while ago, in per cent."""
    parts = t_ms // ECHO_MS
    place = moved.t_ms // ECHO_MS - parts[0] + 1
    pulses = np.bincount(
        place, np.where(moved.walking, STEP_PCT, MOVE_PCT), minlength=int(parts[-1] - parts[0]) + 2
    )
    fades = np.exp(-np.arange(0, EARLIER_MS, ECHO_MS) / FADES_MS)
    echo_pct: Floats = np.convolve(pulses, fades)[parts - parts[0]]
    return np.minimum(echo_pct, 100).astype(np.int64)


# --- LD2450 -------------------------------------------------------------------------------------------------

#: It follows so many (instruction manual V1.00, section 1), within 6 m and 60° to each side.
MOST_TARGETS = 3
VIEW_M2 = 37.7
#: Who does not move is lost after so long (ours: it follows what moves).
FOLLOWS_MS = 90_000


class TargetSignal:
    """An LD2450; the number of its reports is how many targets it follows."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._stretches = _Stretches(town, hung, self._see)

    def reports(self, start_ms: int, end_ms: int) -> Reports:
        """The number of targets in [`start_ms`, `end_ms`)."""
        return self._stretches.between(start_ms, end_ms)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """What its driver makes of one report each second."""
        t_ms, (count,) = self.reports(start_ms, end_ms)
        said = Said(Kind.PRESENCE), Said(Kind.TARGET_COUNT)
        return Words(said, t_ms, np.stack((count > 0, count)).astype(float))

    def _see(self, t_ms: Ints) -> Ints:
        people = self._town.steps(self._hung.space, int(t_ms[0]), int(t_ms[-1]) + 1).at(t_ms)
        count = np.minimum(self._followed(t_ms), np.minimum(people, MOST_TARGETS))
        haunted = (count == 0) & (_haunted(self._town, self._hung, t_ms) > 0)
        return np.asarray((count + haunted)[None, :])

    def _followed(self, t_ms: Ints) -> Ints:
        """At how many seats it follows somebody; one who left is followed as long as one who sits still."""
        moved = _moved(self._town, self._hung.space, t_ms)
        seats, place = np.unique(moved.seat, return_inverse=True)
        seen = moved.walking | np.array([self._is_in_view(seat) for seat in seats.tolist()], bool)[place]
        from_ms, seat = moved.t_ms[seen], moved.seat[seen]
        order = np.lexsort((from_ms, seat))
        from_ms, seat = from_ms[order], seat[order]
        to_ms = from_ms + FOLLOWS_MS
        is_same = seat[1:] == seat[:-1]
        to_ms[:-1][is_same] = np.minimum(to_ms[:-1], from_ms[1:])[is_same]
        begun, ended = (np.bincount(_place(t_ms, at), minlength=len(t_ms) + 1) for at in (from_ms, to_ms))
        return np.asarray(np.cumsum(begun - ended)[:-1])

    def _is_in_view(self, seat: int) -> bool:
        area_m2 = self._town.building.spaces[self._hung.space].area_m2
        return dice(self._town.seed, "in view", self._hung.id, seat) * area_m2 < VIEW_M2
