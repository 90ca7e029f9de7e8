# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Facts of quarter hours: what they mean, and that nothing but the rows decides them."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.messages import Batch, Clock
from bezet.model import Kind, Reading, State
from bezet.usage.columns import ReadingColumns, StateColumns
from bezet.usage.facts import (
    FACTS,
    QUARTER_MS,
    READING_SPEAKS_MS,
    ROW,
    SESSION_GAP_MS,
    quarter_facts,
    touched_quarters,
)
from tests.bezet.strategies import unhurried
from tests.bezet.usage.told import (
    BUSY,
    DAY_MS,
    FREE,
    LIMITS_PPM,
    MINUTE_MS,
    T_MS,
    UNKNOWN,
    columns,
    days,
    facts_of,
    quarters_of,
    reading,
    readings,
    rows,
    state,
    states,
    told,
)

if TYPE_CHECKING:
    from bezet.model import Occupancy

Row = tuple[str, State | Reading]

NO_READINGS = ReadingColumns.of([])
#: The columns that hold one entry a row.
STATE_COLUMNS = [one.name for one in fields(StateColumns) if one.name not in {"devices", "rules", "reasons"}]
#: Around the rows, and around where devices that spoke days ago are gone.
QUARTERS = np.concatenate([quarters_of(-3, 5), quarters_of(670, 676)])


@unhurried
@given(rows | days())
def test_facts_are_what_the_history_says(given_rows: list[Row]) -> None:
    """Every fact of random rows of up to three devices is what one finds by looking at each moment alone."""
    found = facts_of(given_rows, QUARTERS)

    for place, quarter_ms in enumerate(QUARTERS.tolist()):
        expected = told(given_rows, quarter_ms)
        amounts = dict(zip(FACTS, found[:, place].tolist(), strict=True))
        assert amounts == pytest.approx(expected, rel=1e-12, abs=0, nan_ok=True)


@unhurried
@given(rows | days(), st.sets(st.sampled_from(QUARTERS.tolist()), min_size=1))
def test_facts_do_not_depend_on_what_else_is_asked(given_rows: list[Row], asked: set[int]) -> None:
    """All quarter hours at once, some of them, or one by one, give the same to the last bit."""
    whole = facts_of(given_rows, QUARTERS)
    some = np.array(sorted(asked))
    singles = [facts_of(given_rows, np.array([quarter_ms])) for quarter_ms in QUARTERS]

    np.testing.assert_array_equal(np.concatenate(singles, axis=1), whole)
    np.testing.assert_array_equal(facts_of(given_rows, some), whole[:, np.isin(QUARTERS, some)])


@unhurried
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.builds(state, st.integers(T_MS, T_MS + 60 * MINUTE_MS), people=st.floats(0, 50)),
        )
    ),
    st.permutations(range(4)),
)
def test_sums_are_the_same_to_the_last_bit(given_rows: list[Row], order: list[int]) -> None:
    """People that do not add up without rounding do so in one order, whatever is asked first."""
    whole = facts_of(given_rows, quarters_of(0, 3))

    for place in order:
        np.testing.assert_array_equal(facts_of(given_rows, quarters_of(place, place)), whole[:, [place]])


@unhurried
@given(rows | days(), st.sampled_from(QUARTERS.tolist()))
def test_facts_need_no_older_rows_than_they_say(given_rows: list[Row], quarter_ms: int) -> None:
    """Rows of the reach, and each device's last states before it, give what all rows give."""
    quarters = np.array([quarter_ms])
    from_ms, end_ms = quarter_ms - SESSION_GAP_MS, quarter_ms + QUARTER_MS
    said = [(device, row) for device, row in given_rows if isinstance(row, State)]
    last = {
        device: row.t_ms for device, row in sorted(said, key=lambda one: one[1].t_ms) if row.t_ms < from_ms
    }
    kept = [
        (device, row)
        for device, row in given_rows
        if (
            from_ms <= row.t_ms < end_ms or row.t_ms == last.get(device)
            if isinstance(row, State)
            else quarter_ms - READING_SPEAKS_MS <= row.t_ms < end_ms
        )
    ]

    np.testing.assert_array_equal(facts_of(kept, quarters), facts_of(given_rows, quarters))


@unhurried
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_of_one_instant_does_not_matter(given_rows: list[Row], dice: object) -> None:
    """Columns in order of time alone, and words in any order, give the same facts."""
    ordered, measured = columns(given_rows)
    shuffled = sorted(given_rows, key=lambda _: dice.random())  # type: ignore[attr-defined]  # a Random
    stirred, _ = columns([(device, row) for device, row in shuffled if isinstance(row, State)])
    order = np.lexsort(([dice.random() for _ in range(len(stirred))], stirred.t_ms))  # type: ignore[attr-defined]
    by_time = replace(stirred, **{name: getattr(stirred, name)[order] for name in STATE_COLUMNS})

    np.testing.assert_array_equal(
        quarter_facts(by_time, measured, QUARTERS, LIMITS_PPM),
        quarter_facts(ordered, measured, QUARTERS, LIMITS_PPM),
    )


@unhurried
@given(
    st.lists(states | readings, max_size=20),
    st.lists(states | readings, min_size=1, max_size=4),
)
def test_only_touched_quarter_hours_change(before: list[State | Reading], new: list[State | Reading]) -> None:
    """What a batch changes in the facts of its zone lies in the quarter hours that it touches."""
    batch = Batch(
        *("site", "device", "space", "0" * 16, 1, Clock.TRUSTED),
        readings=tuple(row for row in new if isinstance(row, Reading)),
        states=tuple(row for row in new if isinstance(row, State)),
    )
    # Of two rows with one identity the last word stays.
    kept = {(row.t_ms, row.rule if isinstance(row, State) else (row.sensor, row.kind)): row for row in before}
    both = kept | {
        (row.t_ms, row.rule if isinstance(row, State) else (row.sensor, row.kind)): row for row in new
    }
    old, now = (facts_of([("a", row) for row in found.values()], QUARTERS) for found in (kept, both))
    changed = ~np.isclose(old, now, rtol=0, atol=0, equal_nan=True).all(axis=0)

    assert set(QUARTERS[changed].tolist()) <= touched_quarters(batch)


# --- one thing at a time ----------------------------------------------------------------------------------


def minute(number: float) -> int:
    """An instant, counted from the beginning."""
    return T_MS + round(number * MINUTE_MS)


def busy_from(first: int, last: int, people: float | None = None) -> list[Row]:
    """A device that says occupied from minute to minute."""
    return [("a", state(minute(number), BUSY, people)) for number in range(first, last, 5)]


def test_nothing_asked_and_nothing_known() -> None:
    """No quarter hours give no facts; no rows give no time and no peak."""
    assert facts_of([], quarters_of(0, -1)).shape == (len(FACTS), 0)
    found = dict(zip(FACTS, facts_of([], quarters_of(0, 0))[:, 0].tolist(), strict=True))
    peaks = {name for name, amount in found.items() if amount != 0}
    assert peaks == {"people_max", "co2_max_ppm"}


@pytest.mark.parametrize(
    ("ppm", "number"),
    [(799, 1), (800, 1), (801, 2), (949, 2), (950, 2), (951, 3), (1199, 3), (1200, 3), (1201, 4)],
)
def test_a_limit_belongs_to_the_better_class(ppm: float, number: int) -> None:
    """CO2 up to and including a limit is in the class that ends there."""
    found = facts_of([*busy_from(0, 15), ("a", reading(minute(0), ppm))], quarters_of(0, 0))[:, 0]

    assert {one: found[ROW[f"co2_class_{one}_s"]] for one in range(1, 5)} == {
        one: 900.0 * (one == number) for one in range(1, 5)
    }


@pytest.mark.parametrize(
    ("watt", "on_s"), [(-5.0, 0), (0.5, 0), (8.0, 0), (10.0, 0), (10.1, 900), (150.0, 900)]
)
def test_standing_by_is_not_on(watt: float, on_s: float) -> None:
    """An AV device is on above what the law lets it draw in networked standby."""
    found = facts_of([("a", reading(minute(0), watt, Kind.POWER_W))], quarters_of(0, 0))[:, 0]

    assert (found[ROW["av_s"]], found[ROW["av_on_s"]]) == (900, on_s)
    assert found[ROW["av_on_empty_s"]] == found[ROW["covered_s"]] == 0


@pytest.mark.parametrize(("does", "on_s"), [(0, 0), (1, 0), (2, 900), (3, 900)])
def test_a_device_may_say_itself_that_it_is_on(does: float, on_s: float) -> None:
    """An AV device that tells its state is on from "on", without a single watt."""
    found = facts_of([("a", reading(minute(0), does, Kind.AV_STATE))], quarters_of(0, 0))[:, 0]

    assert (found[ROW["av_s"]], found[ROW["av_on_s"]]) == (900, on_s)


@pytest.mark.parametrize(("does", "watt", "on_s"), [(1, 40.0, 0), (2, 4.0, 900), (2, 40.0, 900), (0, 0.0, 0)])
def test_a_sensor_that_tells_a_state_is_not_judged_by_its_watts(does: int, watt: float, on_s: float) -> None:
    """A sensor that gives both counts once, by its state: that was made with the thresholds of its device."""
    both: list[Row] = [
        ("a", reading(minute(0), does, Kind.AV_STATE)),
        ("a", reading(minute(0), watt, Kind.POWER_W)),
    ]
    found = facts_of(both, quarters_of(0, 0))[:, 0]

    assert (found[ROW["av_s"]], found[ROW["av_on_s"]]) == (900, on_s)


@pytest.mark.parametrize("other", [("a", "plug"), ("b", "sensor")])
def test_a_space_is_on_while_any_of_its_devices_is(other: tuple[str, str]) -> None:
    """Of a state and of watts of two sensors each counts for its own time, and together once."""
    device, sensor = other
    given_rows: list[Row] = [
        *(("a", reading(minute(at), does, Kind.AV_STATE)) for at, does in ((0, 2), (6, 1))),
        *((device, reading(minute(at), watt, Kind.POWER_W, sensor)) for at, watt in ((3, 50.0), (9, 3.0))),
    ]
    found = facts_of([*given_rows, *busy_from(5, 20)], quarters_of(0, 0))[:, 0]

    assert (found[ROW["av_s"]], found[ROW["av_on_s"]]) == (900, 9 * 60)
    assert found[ROW["av_on_occupied_s"]] == 4 * 60


def test_watts_count_again_when_the_state_falls_silent() -> None:
    """A sensor whose state is too old to speak is judged by its watts."""
    given_rows: list[Row] = [
        ("a", reading(minute(-10), 1, Kind.AV_STATE)),
        ("a", reading(minute(0), 50.0, Kind.POWER_W)),
    ]

    assert facts_of(given_rows, quarters_of(0, 0))[ROW["av_on_s"], 0] == 10 * 60


@pytest.mark.parametrize(
    ("said", "started"),
    [
        ([(10, FREE), (15, BUSY)], [0, 1, 0]),
        ([(10, FREE), (14.9, BUSY)], [1, 0, 0]),
        ([(10, FREE), (15.1, BUSY)], [0, 1, 0]),
        ([(5, FREE), (15, UNKNOWN), (19, BUSY)], [0, 1, 0]),
        ([(5, FREE), (15, UNKNOWN), (20, BUSY)], [0, 0, 0]),
        ([(15, BUSY)], [0, 0, 0]),
        ([(0, BUSY), (10, FREE), (15, BUSY)], [0, 1, 0]),
        ([(0, BUSY), (5, BUSY), (10.1, FREE), (15, BUSY)], [0, 0, 0]),
        ([(0, FREE), (5, BUSY), (6, FREE), (11, BUSY), (12, FREE), (17, BUSY)], [2, 1, 0]),
        ([(5, FREE), (15, BUSY), (20, BUSY), (25, BUSY), (30, BUSY)], [0, 1, 0]),
    ],
)
def test_a_session_begins_once_and_where_it_begins(
    said: list[tuple[float, Occupancy]], started: list[int]
) -> None:
    """A session begins where occupied follows on a gap without it in which the space was known to be free."""
    given_rows: list[Row] = [("a", state(minute(at), occupancy)) for at, occupancy in said]
    one_by_one = [
        facts_of(given_rows, quarters_of(place, place))[ROW["sessions_started"], 0] for place in range(3)
    ]

    assert facts_of(given_rows, quarters_of(0, 2))[ROW["sessions_started"]].tolist() == one_by_one == started


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_of_two_statements_of_one_instant_the_greater_rule_speaks(order: tuple[int, ...]) -> None:
    """Whatever the order of the rows, and of the words, a device says what its greatest rule says."""
    said = [("rule-1", FREE), ("rule-3", BUSY), ("rule-2", UNKNOWN)]
    ordered, _ = columns([("a", state(T_MS, occupancy, rule=rule)) for rule, occupancy in said])
    stirred = replace(ordered, **{name: getattr(ordered, name)[[*order]] for name in STATE_COLUMNS})
    renamed = replace(
        ordered,
        rules=tuple(ordered.rules[place] for place in order),
        rule=np.argsort(order)[ordered.rule].astype(np.int32),
    )

    for found in (stirred, renamed):
        assert quarter_facts(found, NO_READINGS, quarters_of(0, 0), LIMITS_PPM)[ROW["occupied_s"]] == [600]


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_order_of_words_does_not_change_the_last_bit(order: tuple[int, ...]) -> None:
    """People and CO2 of several devices are added up by name, however the columns list them."""
    tenths = {"a": 0.1, "b": 0.2, "c": 0.3}
    said = [(device, state(T_MS, BUSY, tenth)) for device, tenth in tenths.items()]
    people, co2 = columns([*said, *((device, reading(T_MS, tenth)) for device, tenth in tenths.items())])
    places = np.argsort(order).astype(np.int32)
    stirred = (
        replace(
            people, devices=tuple(people.devices[place] for place in order), device=places[people.device]
        ),
        replace(co2, sources=tuple(co2.sources[place] for place in order), source=places[co2.source]),
    )

    np.testing.assert_array_equal(
        quarter_facts(*stirred, quarters_of(0, 0), LIMITS_PPM),
        quarter_facts(people, co2, quarters_of(0, 0), LIMITS_PPM),
    )


def test_a_device_that_is_gone_has_no_say() -> None:
    """Until a device is gone its silence is unknown; after that the others decide. A caller may say when."""
    given_rows: list[Row] = [("b", state(minute(7.5), FREE))]
    given_rows += [
        ("a", state(T_MS + DAY_MS * day + minutes * MINUTE_MS, FREE))
        for day in (1, 3, 7)
        for minutes in (0, 5)
    ]
    quarters = np.array([T_MS + DAY_MS * day for day in (1, 3, 7)])
    states_found, readings_found = columns(given_rows)
    sooner = quarter_facts(states_found, readings_found, quarters, LIMITS_PPM, gone_ms=2 * DAY_MS)

    assert facts_of(given_rows, quarters)[ROW["covered_s"]].tolist() == [0, 0, 450]
    assert sooner[ROW["covered_s"]].tolist() == [0, 900, 900]
