# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the tests of facts share: random rows, and the facts in their plainest words, instant by instant."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from bezet.av import AV_ON_W
from bezet.model import Because, Kind, Occupancy, Reading, State
from bezet.occupancy.zones import GONE_MS, SPEAKS_MS, history
from bezet.usage.columns import DeviceReading, DeviceState, ReadingColumns, StateColumns
from bezet.usage.facts import (
    FACTS,
    QUARTER_MS,
    READING_SPEAKS_MS,
    SESSION_GAP_MS,
    quarter_facts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.usage.columns import Floats, Ints

BUSY, FREE, UNKNOWN = Occupancy.OCCUPIED, Occupancy.FREE, Occupancy.UNKNOWN
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
#: A quarter hour begins here.
T_MS = 1_789_376_400_000
LIMITS_PPM = (800.0, 950.0, 1200.0)


def state(t_ms: int, occupancy: Occupancy = BUSY, people: float | None = None, rule: str = "rule-1") -> State:
    """What a device says."""
    return State(t_ms, occupancy, 0.5, t_ms, (Because.MOTION,), rule, people)


def reading(t_ms: int, amount: float, kind: Kind = Kind.CO2_PPM, sensor: str = "sensor") -> Reading:
    """What a sensor says."""
    return Reading(t_ms, sensor, kind, amount)


def columns(rows: Sequence[tuple[str, State | Reading]]) -> tuple[StateColumns, ReadingColumns]:
    """Rows of devices as columns."""
    return (
        StateColumns.of(DeviceState(device, row) for device, row in rows if isinstance(row, State)),
        ReadingColumns.of(DeviceReading(device, row) for device, row in rows if isinstance(row, Reading)),
    )


def quarters_of(first: int, last: int) -> Ints:
    """Quarter hours counted from the beginning, the last one too."""
    return np.arange(first, last + 1, dtype=np.int64) * QUARTER_MS + T_MS


def facts_of(rows: Sequence[tuple[str, State | Reading]], quarters: Ints) -> Floats:
    """The facts of rows."""
    return quarter_facts(*columns(rows), quarters, LIMITS_PPM)


# --- random rows ------------------------------------------------------------------------------------------

#: Mostly on a clock that ticks every five minutes, so that turns, edges of quarter hours and rows of one
#: instant meet; sometimes anywhere, or so many days away that devices are gone.
ticks = st.integers(-6, 12).map(lambda tick: T_MS + tick * 5 * MINUTE_MS)
anywhere = st.integers(-30 * MINUTE_MS, 60 * MINUTE_MS).map(lambda ms: T_MS + ms)
instants = st.one_of(
    ticks,
    ticks,
    anywhere,
    st.tuples(ticks, st.sampled_from([-9, -7, -6, 6, 7])).map(lambda found: found[0] + found[1] * DAY_MS),
)

#: What adds up without rounding, and what does not.
people = st.one_of(st.none(), st.integers(0, 4).map(float), st.floats(0, 6))
levels = st.one_of(st.sampled_from([400.0, *LIMITS_PPM]), st.floats(700, 1300))
watts = st.sampled_from([-1.0, 0.5, AV_ON_W, 10.5, 200.0])
sensors = st.sampled_from("xyz")

states = st.builds(
    state, instants, st.sampled_from(Occupancy), people, st.sampled_from(["rule-1", "rule-2", "a-rule"])
)
readings = st.one_of(
    st.builds(reading, instants, levels, st.just(Kind.CO2_PPM), sensors),
    st.builds(reading, instants, watts, st.just(Kind.POWER_W), sensors),
    st.builds(reading, instants, st.sampled_from([0.0, 1.0, 2.0, 3.0]), st.just(Kind.AV_STATE), sensors),
    st.builds(reading, instants, st.just(21.0), st.just(Kind.TEMPERATURE_C)),
)


def identity(row: tuple[str, State | Reading]) -> tuple[object, ...]:
    """What a store keeps once."""
    device, one = row
    if isinstance(one, State):
        return device, one.t_ms, one.rule
    return device, one.t_ms, one.sensor, one.kind


rows = st.lists(st.tuples(st.sampled_from("abc"), states | readings), unique_by=identity, max_size=40)


@st.composite
def days(draw: st.DrawFn) -> list[tuple[str, State | Reading]]:
    """What up to three devices say without a pause, as agents do, and what a gateway measures beside them."""
    found: list[tuple[str, State | Reading]] = []
    for device in draw(st.sampled_from(["a", "ab", "abc"])):
        t_ms = T_MS + draw(st.integers(-40, 5)) * MINUTE_MS
        for minutes, occupancy, people in draw(st.lists(stints, min_size=1, max_size=6)):
            found += [
                (device, state(at_ms, occupancy, people))
                for at_ms in range(t_ms, t_ms + minutes * MINUTE_MS, 5 * MINUTE_MS)
            ]
            t_ms += minutes * MINUTE_MS
    for device, kind in draw(st.sets(st.sampled_from(MEASURED))):
        amounts = draw(st.lists(st.sampled_from(LEVELS[kind]), max_size=10))
        found += [
            (device, reading(T_MS + (10 * place - 5) * MINUTE_MS, amount, kind))
            for place, amount in enumerate(amounts)
        ]
    return found


LEVELS = {
    Kind.POWER_W: [0.5, 0.5, 180.0],
    Kind.AV_STATE: [0.0, 1.0, 2.0, 3.0],
    Kind.CO2_PPM: [450.0, 900.0, 1400.0],
}
MEASURED = [
    *(("a", Kind.POWER_W), ("z", Kind.POWER_W), ("a", Kind.AV_STATE), ("y", Kind.AV_STATE)),
    *(("a", Kind.CO2_PPM), ("b", Kind.CO2_PPM)),
]
#: So many minutes, what the device says, and how many people it counts.
stints = st.tuples(
    st.sampled_from([1, 4, 15, 30, 30]),
    st.sampled_from([FREE, FREE, FREE, BUSY, BUSY, UNKNOWN]),
    st.sampled_from([None, 0.0, 1.0, 3.5, 3.5]),
)


# --- the facts in plain words -----------------------------------------------------------------------------


def told(rows: Sequence[tuple[str, State | Reading]], quarter_ms: int) -> dict[str, float]:
    """The facts of one quarter hour, from every moment in which nothing changes."""
    found = {name: float("nan") if name in {"people_max", "co2_max_ppm"} else 0.0 for name in FACTS}
    said = [(device, row) for device, row in rows if isinstance(row, State)]
    for start_ms, end_ms in moments(rows, quarter_ms, quarter_ms + QUARTER_MS):
        (interval,) = history(said, start_ms=start_ms, end_ms=end_ms)
        seconds = (end_ms - start_ms) / 1000
        people = interval.people if interval.occupancy is BUSY else None
        co2 = [*speaking(rows, Kind.CO2_PPM, start_ms).values()] if interval.occupancy is BUSY else []
        power, av = speaking(rows, Kind.POWER_W, start_ms), speaking(rows, Kind.AV_STATE, start_ms)
        is_on = any(does >= 2 for does in av.values())
        is_on |= any(watt > 10.0 for sensor, watt in power.items() if sensor not in av)
        found["covered_s"] += seconds * (interval.occupancy is not UNKNOWN)
        found["occupied_s"] += seconds * (interval.occupancy is BUSY)
        if people is not None:
            found["counted_s"] += seconds
            found["person_s"] += seconds * people
            found["people_max"] = max(people, found["people_max"])
        if co2:
            ppm = sum(co2) / len(co2)
            number = 1 + (ppm > 800) + (ppm > 950) + (ppm > 1200)
            found["co2_s"] += seconds
            found["co2_ppm_s"] += seconds * ppm
            found[f"co2_class_{number}_s"] += seconds
            found["co2_max_ppm"] = max(ppm, found["co2_max_ppm"])
        found["av_s"] += seconds * bool(power or av)
        found["av_on_s"] += seconds * is_on
        found["av_on_occupied_s"] += seconds * (is_on and interval.occupancy is BUSY)
        found["av_on_empty_s"] += seconds * (is_on and interval.occupancy is FREE)
        found["sessions_started"] += interval.occupancy is BUSY and is_start(said, start_ms)
    return found


def moments(
    rows: Sequence[tuple[str, State | Reading]], start_ms: int, end_ms: int
) -> Iterator[tuple[int, int]]:
    """The span, cut wherever anything may change."""
    after_ms = (0, SPEAKS_MS, GONE_MS, READING_SPEAKS_MS)
    turns = {row.t_ms + after for _, row in rows for after in after_ms}
    yield from pairwise(sorted({start_ms, end_ms} | {turn for turn in turns if start_ms < turn < end_ms}))


def speaking(
    rows: Sequence[tuple[str, State | Reading]], kind: Kind, at_ms: int
) -> dict[tuple[str, str], float]:
    """What the sources of a kind say at an instant, by device and sensor."""
    last: dict[tuple[str, str], Reading] = {}
    for device, row in sorted(rows, key=lambda one: one[1].t_ms):
        if isinstance(row, Reading) and row.kind is kind and row.t_ms <= at_ms:
            last[device, row.sensor] = row
    return {sensor: row.value for sensor, row in last.items() if at_ms < row.t_ms + READING_SPEAKS_MS}


def is_start(said: Sequence[tuple[str, State]], at_ms: int) -> bool:
    """Whether a session begins at an instant that is occupied."""
    before = history(said, start_ms=at_ms - SESSION_GAP_MS, end_ms=at_ms)
    words = {interval.occupancy for interval in before}
    return BUSY not in words and FREE in words
