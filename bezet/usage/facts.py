# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""15-minute facts of a zone or a space, as a pure function of stored states and readings."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import KINDS, Kind, Level
from bezet.occupancy.zones import GONE_MS, SPEAKS_MS
from bezet.usage.stretches import av_devices, devices, mean_levels, presence, sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bezet.messages import Batch
    from bezet.usage.columns import Floats, Ints, ReadingColumns, StateColumns
    from bezet.usage.stretches import AVDevices, Bools, Presence, Voice

QUARTER_MS = 15 * 60_000
#: A stretch of occupied time begins a session when the space was not occupied for so long before it.
SESSION_GAP_MS = 5 * 60_000
#: How long a reading of CO2, of power or of an AV device's state speaks when no other of its sensor follows.
READING_SPEAKS_MS = 15 * 60_000
#: So long after its instant what is stored can still change a fact.
REACH_MS = max(SPEAKS_MS + SESSION_GAP_MS, READING_SPEAKS_MS)
#: A quarter hour is made so long after its end, so that what was on its way is in it.
GRACE_MS = 2 * 60_000
#: The kinds of readings that facts are made of, beside states.
MEASURED = (Kind.CO2_PPM, Kind.POWER_W, Kind.AV_STATE)


class Over(StrEnum):
    """How a fact of a longer time follows from those of its quarter hours."""

    SUM = "sum"
    MAX = "max"


class Fact(NamedTuple):
    """One row of the table: how it adds up, and what it means."""

    over: Over
    meaning: str


FACTS: Mapping[str, Fact] = {
    "covered_s": Fact(Over.SUM, "time in which the sensors could speak"),
    "occupied_s": Fact(Over.SUM, "time in which somebody was there"),
    "counted_s": Fact(Over.SUM, "occupied time in which people were counted"),
    "person_s": Fact(Over.SUM, "people times time, over the counted time"),
    "people_max": Fact(Over.MAX, "most people at one instant of the counted time"),
    "co2_s": Fact(Over.SUM, "occupied time in which CO2 was measured"),
    "co2_ppm_s": Fact(Over.SUM, "CO2 times time over that time; divided by co2_s it is the mean in ppm"),
    "co2_max_ppm": Fact(Over.MAX, "highest CO2 in that time"),
    "co2_class_1_s": Fact(Over.SUM, "that time in the best class of the site's CO2 profile"),
    "co2_class_2_s": Fact(Over.SUM, "that time in the second class"),
    "co2_class_3_s": Fact(Over.SUM, "that time in the third class"),
    "co2_class_4_s": Fact(Over.SUM, "that time above every limit of the profile"),
    "av_s": Fact(Over.SUM, "time in which an AV device told its power or its state"),
    "av_on_s": Fact(Over.SUM, "time in which an AV device was on"),
    "av_on_occupied_s": Fact(Over.SUM, "time in which an AV device was on while somebody was there"),
    "av_on_empty_s": Fact(Over.SUM, "time in which an AV device was on while the space was known to be free"),
    "sessions_started": Fact(Over.SUM, "sessions that began"),
}
#: Where each fact stands in the rows of `ZoneFacts.amounts`.
ROW: Mapping[str, int] = {name: row for row, name in enumerate(FACTS)}


def touched_quarters(batch: Batch) -> set[int]:
    """The beginnings of the quarter hours whose facts may change with what is in the batch, t in ms."""
    instants = {state.t_ms for state in batch.states}
    instants |= {one.t_ms for one in batch.readings if KINDS[one.kind].level is not Level.PRESENCE}
    reaches = {(t_ms // QUARTER_MS, (t_ms + REACH_MS - 1) // QUARTER_MS) for t_ms in instants}
    return {quarter * QUARTER_MS for first, last in reaches for quarter in range(first, last + 1)}


# --- from rows to facts -----------------------------------------------------------------------------------


class _Stretches(NamedTuple):
    """Stretches of time in which nothing changes, in order, and the place of the quarter hour of each.

    They end where any voice says something new and where a quarter hour ends, so how a quarter hour is cut
    does not depend on which others are asked: its sums are the same to the last bit.
    """

    starts_ms: Ints
    spans_ms: Ints
    quarter: Ints
    n_quarters: int

    def only(self, wanted: Bools) -> _Stretches:
        return _Stretches(
            self.starts_ms[wanted], self.spans_ms[wanted], self.quarter[wanted], self.n_quarters
        )

    def seconds(self, where: Bools) -> Floats:
        """How long it was so in each quarter hour: whole milliseconds, divided once."""
        spans_ms = self.spans_ms * where
        return np.bincount(self.quarter, spans_ms, minlength=self.n_quarters) / 1000

    def level_seconds(self, level: Floats) -> Floats:
        """Level times time of each quarter hour, where there is a level."""
        spans_ms = np.where(np.isnan(level), 0.0, level) * self.spans_ms
        return np.bincount(self.quarter, spans_ms, minlength=self.n_quarters) / 1000

    def highest(self, level: Floats) -> Floats:
        """The highest level of each quarter hour; NaN where there is none."""
        found = np.full(self.n_quarters, np.nan)
        np.fmax.at(found, self.quarter, level)
        return found


def quarter_facts(
    states: StateColumns,
    readings: ReadingColumns,
    quarters: Ints,
    limits_ppm: Sequence[float],
    *,
    gone_ms: int = GONE_MS,
) -> Floats:
    """Facts, shape (len(FACTS), len(quarters)), of what all devices in the columns say together.

    `quarters` are beginnings of quarter hours in order, perhaps with gaps. Readings must reach back
    `READING_SPEAKS_MS` before each, states `SESSION_GAP_MS`, with each device's last ones before that.
    `limits_ppm` are the upper ends of the first three CO2 classes. What states mean, and `gone_ms`, is said
    in `bezet.occupancy.zones.history`.
    """
    if not len(quarters):
        return np.zeros((len(FACTS), 0))
    # The quarter hour before is looked at as well: sessions begin after a gap.
    span = int(quarters[0]) - QUARTER_MS, int(quarters[-1]) + QUARTER_MS
    spoken = devices(states, *span)
    co2, power, av = (sources(readings, kind, *span) for kind in MEASURED)
    stretches = _stretches(quarters, spoken, [*co2, *power, *av], gone_ms)
    told = presence(states, spoken, stretches.starts_ms, gone_ms)
    found = {"sessions_started": _sessions(stretches, told)}
    asked = stretches.quarter >= 0
    stretches, told = stretches.only(asked), told.only(asked)
    found |= _people(stretches, told)
    busy = stretches.only(told.occupied)
    found |= _air(busy, mean_levels(readings, co2, busy.starts_ms, READING_SPEAKS_MS), limits_ppm)
    found |= _av(stretches, av_devices(readings, av, power, stretches.starts_ms, READING_SPEAKS_MS), told)
    return np.array([found[name] for name in FACTS])


def _stretches(
    quarters: Ints, states: Sequence[Voice], readings: Sequence[Voice], gone_ms: int
) -> _Stretches:
    """The stretches of the quarter hours, and with -1 for its place of the one before each."""
    turns = [turn for voice in states for turn in voice.turns_ms(SPEAKS_MS, gone_ms)]
    turns += [turn for voice in readings for turn in voice.turns_ms(READING_SPEAKS_MS)]
    edges_ms = np.unique(np.concatenate([quarters - QUARTER_MS, quarters, quarters + QUARTER_MS, *turns]))
    starts_ms, spans_ms = edges_ms[:-1], np.diff(edges_ms)
    quarter = np.searchsorted(quarters, starts_ms, side="right") - 1
    is_asked = (quarter >= 0) & (starts_ms - quarters[quarter] < QUARTER_MS)
    next_ms = quarters[np.minimum(quarter + 1, len(quarters) - 1)]
    is_before = (starts_ms < next_ms) & (starts_ms >= next_ms - QUARTER_MS)
    stretches = _Stretches(starts_ms, spans_ms, np.where(is_asked, quarter, -1), len(quarters))
    return stretches.only(is_asked | is_before)


def _sessions(stretches: _Stretches, told: Presence) -> Floats:
    """How often occupied time began in each quarter hour, after a gap in which it was known to be free.

    After nothing but unknown time nobody can tell that a session began.
    """
    ends_ms = stretches.starts_ms + stretches.spans_ms
    left_ms, free_ms = (_last_end_ms(ends_ms, so) for so in (told.occupied, told.free))
    gap_ms = stretches.starts_ms - SESSION_GAP_MS
    began = told.occupied & (left_ms <= gap_ms) & (free_ms > gap_ms) & (stretches.quarter >= 0)
    return np.bincount(stretches.quarter[began], minlength=stretches.n_quarters).astype(np.float64)


def _last_end_ms(ends_ms: Ints, so: Bools) -> Ints:
    """When it was last so before each stretch; 0 where it was not."""
    return np.append(0, np.maximum.accumulate(ends_ms * so)[:-1])


def _people(stretches: _Stretches, told: Presence) -> dict[str, Floats]:
    people = np.where(told.occupied, told.people, np.nan)
    return {
        "covered_s": stretches.seconds(told.occupied | told.free),
        "occupied_s": stretches.seconds(told.occupied),
        "counted_s": stretches.seconds(~np.isnan(people)),
        "person_s": stretches.level_seconds(people),
        "people_max": stretches.highest(people),
    }


def _air(busy: _Stretches, co2_ppm: Floats, limits_ppm: Sequence[float]) -> dict[str, Floats]:
    known = ~np.isnan(co2_ppm)
    air_class = np.searchsorted(limits_ppm, co2_ppm)
    classes = {
        f"co2_class_{number + 1}_s": busy.seconds(known & (air_class == number))
        for number in range(len(limits_ppm) + 1)
    }
    return {
        "co2_s": busy.seconds(known),
        "co2_ppm_s": busy.level_seconds(co2_ppm),
        "co2_max_ppm": busy.highest(co2_ppm),
        **classes,
    }


def _av(stretches: _Stretches, av: AVDevices, told: Presence) -> dict[str, Floats]:
    return {
        "av_s": stretches.seconds(av.speak),
        "av_on_s": stretches.seconds(av.on),
        "av_on_occupied_s": stretches.seconds(av.on & told.occupied),
        "av_on_empty_s": stretches.seconds(av.on & told.free),
    }
