# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From the stored facts of zones to the facts of their space, never overstating."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bezet.occupancy.zones import GONE_MS
from bezet.usage.columns import JOINT
from bezet.usage.facts import FACTS, QUARTER_MS, ROW, SESSION_GAP_MS, Over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.usage.columns import Floats, Ints, ZoneFacts
    from bezet.usage.stretches import Bools

#: How far before the first quarter hour that is asked the facts of zones must reach: a zone is one of its
#: space until its device is gone, and one quarter hour more, because sessions look back.
LOOK_BACK_MS = GONE_MS + QUARTER_MS

#: What the facts say of a quarter hour of which nothing is stored.
_NOTHING = np.array([[0.0 if fact.over is Over.SUM else np.nan] for fact in FACTS.values()])
_NO_QUARTERS = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class SpaceFacts:
    """Facts of one space: `amounts[fact, n]` of the quarter hour that begins at `quarter_ms[n]`, in order.

    Where `exact` is False they were drawn from zones alone, and are bounds. `revised` is True where late data
    changed any of what they were drawn from.
    """

    quarter_ms: Ints
    amounts: Floats
    exact: Bools
    revised: Bools

    def __len__(self) -> int:
        return len(self.quarter_ms)


def merged(zones: Sequence[ZoneFacts], quarters: Ints | None = None) -> SpaceFacts:
    """The facts of a space in these quarter hours, in order, or in all that are stored of it.

    The joint quarter hour where there is one (a joint one of NaN is none); else that of the only zone; else
    what the zones prove. For that, the zones must be given from `LOOK_BACK_MS` before the first quarter hour
    that is asked.
    """
    told = [_told(zone) for zone in sorted(zones, key=lambda one: one.zone)]
    if quarters is None:
        quarters = np.unique(np.concatenate([_NO_QUARTERS, *(zone.quarter_ms for zone in told)]))
    found = _proven([zone for zone in told if zone.zone.device != JOINT], quarters)
    for zone in told:
        if zone.zone.device == JOINT:
            amounts, revision = _at(zone, quarters)
            is_joint = revision >= 0
            found = SpaceFacts(
                quarters,
                np.where(is_joint, amounts, found.amounts),
                found.exact | is_joint,
                np.where(is_joint, revision > 0, found.revised),
            )
    return found


def _told(zone: ZoneFacts) -> ZoneFacts:
    """The zone without the quarter hours of which it says that there is nothing to say."""
    there = ~np.isnan(zone.amounts[ROW["covered_s"]])
    return replace(
        zone,
        quarter_ms=zone.quarter_ms[there],
        amounts=zone.amounts[:, there],
        revision=zone.revision[there],
    )


def _at(zone: ZoneFacts, quarters: Ints) -> tuple[Floats, Ints]:
    """The amounts and revisions of these quarter hours; nothing and -1 where none is stored."""
    amounts, revision = zone.at(quarters)
    return np.where(revision >= 0, amounts, _NOTHING), revision


# --- what zones prove -------------------------------------------------------------------------------------


class _Zones:
    """Zones side by side, one row each and one column a quarter hour; times in whole milliseconds.

    `has_a_say` where a zone speaks of presence: it was covered within the time in which a device is not yet
    gone. A zone with nothing but AV devices never has.
    """

    def __init__(self, zones: Sequence[ZoneFacts], quarters: Ints) -> None:
        found = [_at(zone, quarters) for zone in zones]
        self.amounts = np.array([amounts for amounts, _ in found])
        self.revision = np.array([revision for _, revision in found])
        self.has_a_say = np.array([_has_a_say(zone, quarters) for zone in zones])
        #: n sets of lengths a, b … inside one quarter hour overlap for at least a + b + … - spare_ms.
        self.spare_ms = np.maximum(self.has_a_say.sum(axis=0) - 1, 0) * QUARTER_MS
        self.covered_ms, self.occupied_ms = self.time_ms("covered_s"), self.time_ms("occupied_s")
        self.free_ms = self.covered_ms - self.occupied_ms

    def rows(self, name: str) -> Floats:
        """One fact of all zones."""
        return self.amounts[:, ROW[name]]

    def time_ms(self, name: str) -> Ints:
        """A time of all zones."""
        return np.rint(self.rows(name) * 1000).astype(np.int64)

    def others(self, so: Bools) -> Bools:
        """For each zone, whether it is so of all other zones with a say."""
        not_so = self.has_a_say & ~so
        return np.asarray(not_so.sum(axis=0) == not_so)


def _has_a_say(zone: ZoneFacts, quarters: Ints) -> Bools:
    known_ms = np.append(-LOOK_BACK_MS, zone.quarter_ms[zone.amounts[ROW["covered_s"]] > 0])
    last_ms = known_ms[np.searchsorted(known_ms, quarters, side="right") - 1]
    return np.asarray(quarters - last_ms <= LOOK_BACK_MS)


def _proven(singles: Sequence[ZoneFacts], quarters: Ints) -> SpaceFacts:
    """What the zones prove of their space, whatever within the quarter hour happened when.

    No time and no number is more than what all devices together would have said; what CO2 was is what the
    zone with the most of it says. One zone alone is its space. Proven of devices that know something at least
    once in a week while they are there; nothing is stored of one that never knew anything.
    """
    if not singles:
        is_exact, is_revised = np.ones(len(quarters), bool), np.zeros(len(quarters), bool)
        return SpaceFacts(quarters, np.repeat(_NOTHING, len(quarters), axis=1), is_exact, is_revised)
    zones = _Zones(singles, quarters)
    found = {**_presence(zones), **_people(zones), **_air(zones), **_av(zones)}
    found["sessions_started"] = _sessions(zones, _Zones(singles, quarters - QUARTER_MS))
    there = (zones.revision >= 0).sum(axis=0)
    is_exact = (there == 0) | ((there == 1) & (zones.spare_ms == 0))
    is_revised = np.any(zones.revision > 0, axis=0)
    return SpaceFacts(quarters, np.array([found[name] for name in FACTS]), is_exact, is_revised)


def _presence(zones: _Zones) -> dict[str, Floats]:
    """Occupied at least as long as any zone is; known at least while all zones know."""
    occupied_ms = zones.occupied_ms.max(axis=0)
    known_ms = zones.covered_ms.sum(axis=0) - zones.spare_ms
    return {"covered_s": np.maximum(occupied_ms, known_ms) / 1000, "occupied_s": occupied_ms / 1000}


def _people(zones: _Zones) -> dict[str, Floats]:
    """People add up where every zone counts: at least where all count at once, and there are at least as many
    as are left when each zone's busiest time falls outside of that.
    """
    counted_ms, most = zones.time_ms("counted_s"), np.nan_to_num(zones.rows("people_max"))
    all_ms = np.maximum(counted_ms.sum(axis=0) - zones.spare_ms, 0)
    outside_s = (counted_ms - all_ms) / 1000
    left = np.maximum(zones.rows("person_s") - outside_s * most, 0.0).sum(axis=0)
    person_s = np.where(all_ms > 0, left, 0.0)
    # A zone's highest number is one of the space if all others count all the time.
    seen = (counted_ms > 0) & zones.others(counted_ms == QUARTER_MS)
    highest = np.fmax.reduce(np.where(seen, most, np.nan), axis=0)
    mean = np.divide(
        person_s * 1000, all_ms, out=np.full(len(all_ms), np.nan), where=(all_ms > 0) & (zones.spare_ms > 0)
    )
    return {"counted_s": all_ms / 1000, "person_s": person_s, "people_max": np.fmax(highest, mean)}


def _air(zones: _Zones) -> dict[str, Floats]:
    """The figures of the zone with the most; of several, of the first by name."""
    most = np.argmax(zones.rows("co2_s"), axis=0)[None]
    names = [name for name in FACTS if name.startswith("co2_")]
    return {name: np.take_along_axis(zones.rows(name), most, axis=0)[0] for name in names}


def _av(zones: _Zones) -> dict[str, Floats]:
    """On at least as long as in any zone; and of the time on, at least so much falls in occupied or free time
    as would not fit beside it.
    """
    on_ms = zones.time_ms("av_on_s").max(axis=0)
    occupied_ms = zones.occupied_ms.max(axis=0)
    free_ms = zones.free_ms.sum(axis=0) - zones.spare_ms
    on_occupied_ms = zones.time_ms("av_on_occupied_s").max(axis=0)
    on_free_ms = zones.time_ms("av_on_empty_s") - zones.free_ms + free_ms
    on_free_ms = np.where(zones.has_a_say, np.maximum(on_free_ms, 0), 0).max(axis=0)
    return {
        "av_s": zones.time_ms("av_s").max(axis=0) / 1000,
        "av_on_s": on_ms / 1000,
        "av_on_occupied_s": np.maximum(on_occupied_ms, on_ms + occupied_ms - QUARTER_MS) / 1000,
        "av_on_empty_s": np.maximum(on_free_ms, on_ms + free_ms - QUARTER_MS) / 1000,
    }


def _sessions(zones: _Zones, before: _Zones) -> Floats:
    """Those of a zone while all others are free; and one where occupied time follows on a free quarter hour,
    known but for less than the gap that a session needs.
    """
    is_idle = (zones.free_ms == QUARTER_MS) & (before.free_ms == QUARTER_MS)
    alone: Floats = np.where(zones.others(is_idle), zones.rows("sessions_started"), 0.0).max(axis=0)
    unknown_ms = np.where(zones.has_a_say, 2 * QUARTER_MS - zones.covered_ms - before.covered_ms, 0)
    began = (
        (zones.occupied_ms > 0).any(axis=0)
        & ~(before.occupied_ms > 0).any(axis=0)
        & (unknown_ms.sum(axis=0) < SESSION_GAP_MS)
    )
    return np.where(began & (alone == 0), 1.0, alone)
