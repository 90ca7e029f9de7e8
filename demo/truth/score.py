# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Compares what the sensors said with the truth, space by space, as readers of the store see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.errors import CannotStart
from bezet.model import Kind, SpaceKind
from bezet.occupancy.zones import GONE_MS, SPEAKS_MS
from bezet.retention import day_begins_ms
from bezet.usage.air import limits_ppm
from bezet.usage.facts import QUARTER_MS, READING_SPEAKS_MS, ROW
from bezet.usage.spaces import LOOK_BACK_MS, merged
from bezet.usage.stretches import devices, mean_levels, presence, sources
from demo.truth.hours import Spans, open_spans
from demo.truth.tally import Stretches, Tally, Used, air_tally, tally_of, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bezet.model import Building, Layout
    from demo.truth.reading import Truth
    from store import Store


class Part(NamedTuple):
    """One space under one layout: what it was then, and its tally."""

    space: str
    kind: SpaceKind
    tally: Tally


@dataclass(frozen=True, slots=True)
class Score:
    """How well a town was sensed between two instants; where `is_all_hours`, not in opening hours alone."""

    start_ms: int
    end_ms: int
    is_all_hours: bool
    parts: tuple[Part, ...]

    def spaces(self) -> Mapping[str, Tally]:
        """By space, in the order of the building."""
        names = dict.fromkeys(part.space for part in self.parts)
        return {name: total(part.tally for part in self.parts if part.space == name) for name in names}

    def kinds(self) -> Mapping[SpaceKind, Tally]:
        """By kind; a space counts for what it was at the time."""
        kinds = [kind for kind in SpaceKind if any(part.kind is kind for part in self.parts)]
        return {kind: total(part.tally for part in self.parts if part.kind is kind) for kind in kinds}

    def all(self) -> Tally:
        """Of all spaces together."""
        return total(part.tally for part in self.parts)


def score(
    truth: Truth,
    store: Store,
    building: Building,
    start_ms: int | None = None,
    end_ms: int | None = None,
    *,
    all_hours: bool = False,
) -> Score:
    """How what is stored compares with the truth, as far as that is written; without instants, all of it.

    `CannotStart` where nothing is written between the two, or of another building.
    """
    covered, lacking = truth.covered, building.spaces.keys() - set(truth.spaces)
    if lacking:
        raise CannotStart(f"the truth is of another building: it has no space {min(lacking)}")
    if not len(covered.from_ms):
        raise CannotStart("the truth is empty: nothing was written yet")
    start_ms = max(int(covered.from_ms[0]), start_ms or 0)
    end_ms = min(int(covered.to_ms[-1]), end_ms or int(covered.to_ms[-1]))
    if start_ms >= end_ms:
        raise CannotStart("nothing of the truth was written between these two instants")
    parts = []
    for space in building.spaces.values():
        if space.measured:
            when = None if all_hours else open_spans(building, space.id, start_ms, end_ms)
            found = _Space(truth, store, building, space.id, when, start_ms, end_ms)
            parts += [*found.parts()]
    return Score(start_ms, end_ms, all_hours, tuple(parts))


class _Space:
    """One space, in the time that is asked; `when` is when it counts, None for always."""

    def __init__(
        self,
        truth: Truth,
        store: Store,
        building: Building,
        space: str,
        when: Spans | None,
        start_ms: int,
        end_ms: int,
    ) -> None:
        self._truth, self._building, self._space = truth, building, space
        self._when = Spans.of([(start_ms, end_ms)], start_ms, end_ms) if when is None else when
        self._span = start_ms, end_ms
        place = building.site, space
        self._states = store.states(*place, start_ms=start_ms, end_ms=end_ms)
        self._readings = store.readings(
            *place, start_ms=start_ms - READING_SPEAKS_MS, end_ms=end_ms, kinds=[Kind.CO2_PPM]
        )
        zones = store.facts(*place, start_ms=start_ms - LOOK_BACK_MS, end_ms=end_ms)
        first_ms = start_ms // QUARTER_MS * QUARTER_MS
        self._facts = merged([*zones], np.arange(first_ms, end_ms, QUARTER_MS, dtype=np.int64))

    def parts(self) -> Iterator[Part]:
        """Each layout that it had in that time."""
        for layout, start_ms, end_ms in self._layouts():
            tallies = [
                tally_of(self._stretches(start_ms, end_ms), layout.capacity),
                self._air(start_ms, end_ms),
                self._revised(start_ms, end_ms),
            ]
            yield Part(self._space, layout.kind, total(tallies))

    def _layouts(self) -> Iterator[tuple[Layout, int, int]]:
        """The layouts of the time that is asked, each from its first day on, local time."""
        zone, (start_ms, end_ms) = self._building.timezone, self._span
        space = self._building.spaces[self._space]
        begin_ms = [day_begins_ms(layout.start, zone) for layout in space.layouts]
        begin_ms[0] = min(begin_ms[0], start_ms)
        for layout, from_ms, to_ms in zip(space.layouts, begin_ms, [*begin_ms[1:], end_ms], strict=True):
            if max(from_ms, start_ms) < min(to_ms, end_ms):
                yield layout, max(from_ms, start_ms), min(to_ms, end_ms)

    def _stretches(self, start_ms: int, end_ms: int) -> Stretches:
        people = self._truth.steps(self._space, start_ms, end_ms)
        things = self._truth.things_steps(self._space, start_ms, end_ms)
        voices = devices(self._states, start_ms, end_ms)
        covered = self._truth.covered
        turns_ms = [turn for voice in voices for turn in voice.turns_ms(SPEAKS_MS, GONE_MS)]
        turns_ms += [people.t_ms, things.t_ms, *self._when, *covered]
        edges_ms = np.unique(np.clip(np.append(np.concatenate(turns_ms), end_ms), start_ms, end_ms))
        starts_ms = edges_ms[:-1]
        told = presence(self._states, voices, starts_ms, GONE_MS)
        is_written = covered.hold(starts_ms)
        return Stretches(
            starts_ms,
            edges_ms[1:],
            asked=self._when.hold(starts_ms) & is_written,
            known=(told.occupied | told.free) & is_written,
            said=told.occupied,
            said_people=told.people,
            people=people.at(starts_ms),
            things=things.at(starts_ms),
        )

    def _air(self, start_ms: int, end_ms: int) -> Tally:
        air, profile = self._truth.air, self._building.air
        inside = (air.t_ms >= start_ms) & (air.t_ms < end_ms) & self._when.hold(air.t_ms)
        t_ms = air.t_ms[inside]
        co2 = sources(self._readings, Kind.CO2_PPM, start_ms, end_ms)
        if not co2 or not len(t_ms):
            return Tally()
        told = presence(self._states, devices(self._states, start_ms, end_ms), t_ms, GONE_MS)
        return air_tally(
            air.co2_ppm[air.spaces.index(self._space), inside],
            mean_levels(self._readings, co2, t_ms, READING_SPEAKS_MS),
            limits_ppm(profile.profile, profile.outdoor_ppm, profile.limits_ppm or None),
            Used(self._truth.steps(self._space, start_ms, end_ms).at(t_ms) > 0, told.occupied),
        )

    def _revised(self, start_ms: int, end_ms: int) -> Tally:
        quarter_ms = self._facts.quarter_ms
        inside = (quarter_ms >= start_ms) & (quarter_ms < end_ms) & self._when.hold(quarter_ms)
        inside &= self._facts.amounts[ROW["covered_s"]] > 0
        return Tally(facts=int(inside.sum()), revised_facts=int(self._facts.revised[inside].sum()))
