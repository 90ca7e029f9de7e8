# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every store promises of reading: columns in order, half-open spans, the last word before them."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Because, Kind, Occupancy, Reading, State, Zone
from store import PORTION_ROWS
from tests.bezet.strategies import unhurried
from tests.store.stage import (
    EVER,
    SITE,
    SPACE,
    T_MS,
    ZONE,
    batch,
    content,
    every_store,
    examples,
    health,
    lasting_stores,
    reading,
    reading_seconds,
    span,
    state,
)

if TYPE_CHECKING:
    from store import Store
    from tests.store.stage import Maker

# --- readings ---------------------------------------------------------------------------------------------


def test_readings_are_in_order(store: Store) -> None:
    """Readings come by time, then device, then sensor, then kind, however they were written."""
    rows = [
        (reading(second, sensor, kind), device)
        for second in (1, 2)
        for device in ("pi-1", "pi-2")
        for sensor in ("air", "lux")
        for kind in (Kind.CO2_PPM, Kind.TEMPERATURE_C)
    ]
    store.write([batch(row, device=device) for row, device in reversed(rows)])
    found = store.readings(SITE, SPACE, **EVER)

    assert [(row.reading, row.device) for row in found.rows()] == rows
    types = [column.dtype.str for column in (found.t_ms, found.amount, found.source)]
    assert types == ["<i8", "<f8", "<i4"]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (1, 3, [1, 2]),
        (2, 3, [2]),
        (2, 2, []),
        (3, 2, []),
        (0, 1, []),
        (3, 9, [3]),
        (4, 9, []),
        (0, 9, [1, 2, 3]),
    ],
)
def test_spans_are_half_open(store: Store, start: int, end: int, found: list[int]) -> None:
    """What is at the start of a span is in it, what is at its end is not."""
    store.write([batch(reading(1), reading(2), reading(3))])
    store.write_health([health(1), health(2), health(3)])

    assert reading_seconds(store, span(start, end)) == found
    assert [one.uptime_s for one in store.healths(SITE, **span(start, end))] == found
    portions = store.batches(ZONE, **span(start, end))
    assert [(row.t_ms - T_MS) // 1000 for one in portions for row in one.readings] == found


@pytest.mark.parametrize(
    "kinds", [(), (Kind.CO2_PPM,), (Kind.MOTION,), (Kind.TEMPERATURE_C, Kind.CO2_PPM), tuple(Kind)]
)
def test_readings_of_some_kinds(store: Store, kinds: tuple[Kind, ...]) -> None:
    """Asked for kinds, the store gives those, of every sensor and device."""
    there = (Kind.CO2_PPM, Kind.TEMPERATURE_C)
    store.write([batch(*(reading(1, sensor, one) for sensor in ("a", "b") for one in there))])
    store.write([batch(*(reading(1, "a", one) for one in there), device="pi-2")])
    found = [row.reading.kind for row in store.readings(SITE, SPACE, **EVER, kinds=kinds).rows()]

    assert sorted(found) == sorted([kind for kind in there if kind in kinds] * 3)


def test_columns_of_nothing(store: Store) -> None:
    """A space that was never heard of has columns without rows."""
    found = store.readings(SITE, "9.99", **EVER)
    said = store.states(SITE, "9.99", **EVER)

    assert (len(found), len(found.amount), len(said), len(said.people)) == (0, 0, 0, 0)
    assert ([*found.rows()], [*said.rows()], [*store.batches(ZONE, **EVER)]) == ([], [], [])


# --- states -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (5, 9, [("pi-1", 3), ("pi-2", 4), ("pi-1", 5), ("pi-1", 7), ("pi-2", 8)]),
        (6, 8, [("pi-2", 4), ("pi-1", 5), ("pi-1", 7)]),
        (0, 5, [("pi-1", 1), ("pi-2", 2), ("pi-1", 3), ("pi-2", 4)]),
        (1, 2, [("pi-1", 1)]),
        (2, 3, [("pi-1", 1), ("pi-2", 2)]),
        (9, 9, [("pi-1", 7), ("pi-2", 8)]),
        (99, 100, [("pi-1", 7), ("pi-2", 8)]),
    ],
)
def test_states_begin_with_the_last_one_before(
    store: Store, start: int, end: int, found: list[tuple[str, int]]
) -> None:
    """States of a span come in order, after each device's last one before the span, however long ago."""
    store.write([batch(*(state(second) for second in (1, 3, 5, 7)))])
    store.write([batch(*(state(second) for second in (8, 4, 2)), device="pi-2")])
    rows = store.states(SITE, SPACE, **span(start, end)).rows()

    assert [(row.device, (row.state.t_ms - T_MS) // 1000) for row in rows] == found


#: Device, second, rule.
Told = tuple[str, int, str]
told = st.tuples(st.sampled_from(["pi-1", "pi-2"]), st.integers(0, 6), st.sampled_from(["a-1", "b-1"]))


@every_store
def test_states_of_any_span(make: Maker) -> None:
    """The span's own rows, and each device's rows of its last instant before; by time, device and rule."""

    @settings(unhurried, max_examples=examples(make, 80))
    @given(st.sets(told), st.integers(0, 8), st.integers(0, 8))
    def check(rows: set[Told], start: int, end: int) -> None:
        with make() as store:
            store.write([batch(state(second, rule=rule), device=device) for device, second, rule in rows])
            found = [
                (row.device, (row.state.t_ms - T_MS) // 1000, row.state.rule)
                for row in store.states(SITE, SPACE, **span(start, end)).rows()
            ]

        last = {device: second for device, second, _ in sorted(rows) if second < start}
        wanted = [row for row in rows if start <= row[1] < end or row[1] == last.get(row[0])]
        assert found == sorted(wanted, key=lambda row: (row[1], row[0], row[2]))

    check()


def test_states_as_columns(store: Store) -> None:
    """Words that repeat stand once, and people that nobody counts are NaN."""
    counted = State(T_MS, Occupancy.OCCUPIED, 1.0, T_MS - 5, (Because.MOTION,), "first-1", 2.0, 1.5, 3.0)
    store.write([batch(counted, *(state(second) for second in range(1, 5)))])
    found = store.states(SITE, SPACE, **EVER)

    assert (found.devices, found.rules, len(found.reasons)) == (("pi-1",), ("first-1",), 2)
    assert found.people[0] == 2.0
    assert np.isnan(found.people[1:]).all()
    assert (found.t_ms - found.since_ms).tolist() == [5, 0, 0, 0, 0]
    for column in (found.device, found.rule, found.because, found.occupancy, found.probability):
        assert len(column) == len(found) == 5


# --- the newest, and what there is ------------------------------------------------------------------------


def test_the_newest_state_of_every_zone(store: Store) -> None:
    """The last state of each zone of the site, in order; of two at one instant the newer rule's."""
    newest = {
        Zone(SITE, space, device): state(second, rule="b-1")
        for second, (space, device) in enumerate([("1.04", "pi-1"), ("1.04", "pi-2"), ("1.05", "pi-1")], 5)
    }
    for zone, last in reversed(newest.items()):
        rows = (last, state(1), State(last.t_ms, Occupancy.OCCUPIED, 0.9, last.t_ms, (), "a-1"))
        store.write([batch(*rows, device=zone.device, space=zone.space)])
    store.write([batch(state(9), site="library"), batch(reading(9), space="1.06")])

    assert store.latest(SITE) == list(newest.items())


def test_zones_are_those_with_rows(store: Store) -> None:
    """Every zone with a reading or a state is named, in order; one whose message was empty is not."""
    store.write([batch(reading(1), space="1.05"), batch(state(1), device="pi-2"), batch(space="1.06")])
    store.write([batch(reading(1), site="library"), batch(reading(2), state(2))])

    assert store.zones() == [
        Zone("library", SPACE, "pi-1"),
        Zone(SITE, SPACE, "pi-1"),
        Zone(SITE, SPACE, "pi-2"),
        Zone(SITE, "1.05", "pi-1"),
    ]


def test_health_is_in_order_of_time_and_device(store: Store) -> None:
    """What the agents of a site said of themselves comes by time, then device."""
    rows = [health(second, device=device) for second in (1, 2) for device in ("pi-1", "pi-2")]
    store.write_health([*rows[::-1], health(1, site="library")])

    assert store.healths(SITE, **EVER) == rows


# --- everything of a zone ---------------------------------------------------------------------------------


def test_a_zone_in_portions(store: Store) -> None:
    """Portions of at most 5,000 rows, in order of time, hold every row of the zone once, and no other's."""
    rows = 6_100
    written = [
        batch(*(reading(second, sensor) for second in range(rows)), device=device)
        for device in ("pi-1", "pi-2")
        for sensor in ("co2", "other")
    ]
    store.write([*written, batch(*(state(second) for second in range(rows)))])
    portions = list(store.batches(ZONE, **EVER))
    instants = [[row.t_ms for row in one.readings] + [row.t_ms for row in one.states] for one in portions]

    assert all(0 < len(one) <= PORTION_ROWS for one in instants)
    assert all(max(one) <= min(after) for one, after in pairwise(instants))
    assert sorted(row for one in portions for row in one.readings) == sorted(
        row for one in written[:2] for row in one.readings
    )
    assert [row for one in portions for row in one.states] == [state(second) for second in range(rows)]
    assert {(one.site, one.space, one.device) for one in portions} == {(SITE, SPACE, "pi-1")}


@every_store
def test_portions_written_elsewhere_are_a_copy(make: Maker) -> None:
    """What is read from one store by zones and written to another is there as it was."""
    rows: list[Reading | State] = [
        reading(1),
        reading(1, "other"),
        state(1),
        state(2, people=3.0),
        reading(3, kind=Kind.POWER_W),
    ]
    written = [batch(*rows), batch(*rows[1:4], device="pi-2"), batch(*rows[2:], space="1.05")]
    with make() as store, make() as other:
        store.write(written)
        for zone in store.zones():
            for portion in store.batches(zone, **EVER):
                other.write([portion])

        assert content(other, written) == content(store, written)
        assert [one[:3] for one in other.touched(SITE)] == [one[:3] for one in store.touched(SITE)]


@lasting_stores
def test_a_long_history_in_constant_memory(make: Maker) -> None:
    """Reading everything of a zone takes no more memory for five times as many rows."""
    with make() as store:
        peaks = []
        for rows in (20_000, 100_000):
            store.write(
                [batch(*(Reading(T_MS + n, "co2", Kind.CO2_PPM, 400.0 + n % 7) for n in range(rows)))]
            )
            tracemalloc.start()
            try:
                assert sum(len(one.readings) for one in store.batches(ZONE, **EVER)) == rows
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()

    assert peaks[1] < 1.5 * peaks[0]


def test_a_read_may_be_left_unfinished(store: Store) -> None:
    """Whoever takes only the first portion keeps nobody from writing."""
    store.write([batch(*(reading(second) for second in range(PORTION_ROWS + 1)))])
    portions = store.batches(ZONE, **EVER)
    next(portions)
    store.write([batch(reading(10_000))])

    assert len(store.readings(SITE, SPACE, **EVER)) == PORTION_ROWS + 2
