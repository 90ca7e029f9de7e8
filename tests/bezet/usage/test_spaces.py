# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From zones to a space: the joint facts where they are, and never more than the zones prove."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Kind, Occupancy, Reading, State, Zone
from bezet.usage.columns import JOINT, ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, ROW
from bezet.usage.spaces import LOOK_BACK_MS, SpaceFacts, merged
from tests.bezet.strategies import unhurried
from tests.bezet.usage.told import (
    BUSY,
    DAY_MS,
    FREE,
    MINUTE_MS,
    T_MS,
    UNKNOWN,
    days,
    facts_of,
    quarters_of,
    reading,
    rows,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.usage.columns import Ints

Row = tuple[str, State | Reading]

#: From before every row until every device is gone.
QUARTERS = quarters_of(-10 * 96, 17 * 96)
#: Bounds are sums and products of floats.
ROUNDING = 1 + 1e-12

#: What bounds may not overstate: all but what CO2 was, which they take from one zone.
BOUNDS = [name for name in FACTS if not name.startswith("co2_") or name == "co2_s"]


def zone_of(
    device: str, given_rows: Sequence[Row], quarters: Ints = QUARTERS, revision: int = 0
) -> ZoneFacts:
    """The facts of a device as they are stored: quarter hours of which it says something."""
    amounts = facts_of([row for row in given_rows if device in (JOINT, row[0])], quarters)
    says = amounts[ROW["covered_s"]] + amounts[ROW["av_s"]] > 0
    revisions = np.full(says.sum(), revision, np.int32)
    return ZoneFacts(Zone("site", "space", device), quarters[says], amounts[:, says], revisions)


def zones_of(given_rows: Sequence[Row], quarters: Ints = QUARTERS) -> list[ZoneFacts]:
    """The facts of every device alone."""
    return [zone_of(device, given_rows, quarters) for device in sorted({device for device, _ in given_rows})]


# --- bounds -----------------------------------------------------------------------------------------------


def without_the_lost(given_rows: list[Row]) -> list[Row]:
    """The rows but for what no fact can tell: that a device was there in a week in which it knew nothing.

    Statements of a device that knows nothing are kept if it knew something in the day before and after.
    """
    spoken = {(device, row.t_ms): row for device, row in sorted(given_rows, key=by_rule) if is_state(row)}
    known = [key for key, row in spoken.items() if row.occupancy is not Occupancy.UNKNOWN]
    kept = [
        (device, row)
        for (device, t_ms), row in spoken.items()
        if any(one == device and 0 <= t_ms - at_ms <= DAY_MS for one, at_ms in known)
        and any(one == device and 0 <= at_ms - t_ms <= DAY_MS for one, at_ms in known)
    ]
    return [*kept, *((device, row) for device, row in given_rows if not is_state(row))]


def is_state(row: State | Reading) -> TypeGuard[State]:
    """Whether it is one."""
    return isinstance(row, State)


def by_rule(one: Row) -> str:
    """The greater rule comes last."""
    return one[1].rule if is_state(one[1]) else ""


@unhurried
@given((rows | days()).map(without_the_lost))
def test_bounds_never_overstate(given_rows: list[Row]) -> None:
    """No time, count or peak drawn from zones alone is more than all devices together say."""
    exact = facts_of(given_rows, QUARTERS)
    found = merged(zones_of(given_rows), QUARTERS)

    for name in BOUNDS:
        bound, truth = found.amounts[ROW[name]], exact[ROW[name]]
        told = ~np.isnan(bound)
        assert (bound[told] <= truth[told] * ROUNDING).all(), name
    # Of a device with nothing but CO2 nothing is stored: a space that has one has joint facts.
    same = [ROW[name] for name in FACTS if not name.startswith("co2_")]
    np.testing.assert_array_equal(found.amounts[same][:, found.exact], exact[same][:, found.exact])


@unhurried
@given((rows | days()).map(without_the_lost))
def test_bounds_agree_with_each_other(given_rows: list[Row]) -> None:
    """The parts of a bound are not more than the whole that they are parts of."""
    found = dict(zip(FACTS, merged(zones_of(given_rows), QUARTERS).amounts, strict=True))
    classes = sum(found[f"co2_class_{number}_s"] for number in range(1, 5))

    assert (found["covered_s"] <= 900).all()
    assert (found["occupied_s"] <= found["covered_s"]).all()
    assert (found["counted_s"] <= found["occupied_s"]).all()
    assert (found["av_on_s"] <= found["av_s"]).all()
    assert (found["av_on_occupied_s"] <= found["occupied_s"]).all()
    assert (found["av_on_empty_s"] <= (found["covered_s"] - found["occupied_s"]) + 1e-9).all()
    assert (found["av_on_occupied_s"] + found["av_on_empty_s"] <= found["av_on_s"] + 1e-9).all()
    np.testing.assert_array_equal(np.isnan(found["people_max"]), found["counted_s"] == 0)
    np.testing.assert_allclose(classes, found["co2_s"], rtol=0, atol=1e-9)
    assert np.isfinite([found[name] for name in found if not name.endswith(("_max", "_max_ppm"))]).all()


@unhurried
@given(rows | days())
def test_one_zone_is_its_space(given_rows: list[Row]) -> None:
    """The facts of the only device of a space are those of the space, to the last bit."""
    alone = [("a", row) for _, row in given_rows]
    found = merged([zone_of("a", alone)], QUARTERS)

    np.testing.assert_array_equal(found.amounts, facts_of(alone, QUARTERS))
    assert found.exact.all()


@unhurried
@given(rows | days(), st.permutations(["a", "b", "c", "z", JOINT]))
def test_the_order_of_zones_does_not_matter(given_rows: list[Row], order: list[str]) -> None:
    """Zones in any order make the same space."""
    zones = [zone_of(device, given_rows, half(device)) for device in sorted(order)]
    shuffled = [zone_of(device, given_rows, half(device)) for device in order]

    assert_equal(merged(shuffled), merged(zones))


@unhurried
@given(rows | days(), st.integers(0, 27 * 96), st.integers(1, 60))
def test_bounds_need_no_more_before_them_than_they_say(given_rows: list[Row], first: int, count: int) -> None:
    """Quarter hours asked with what must reach back before them are what they are among all."""
    asked = QUARTERS[first : first + count]
    zones = zones_of(given_rows)
    near = QUARTERS[max(0, first - LOOK_BACK_MS // QUARTER_MS) : first + count]
    part = merged([cut(zone, near) for zone in zones], asked)
    whole = merged(zones, QUARTERS)

    np.testing.assert_array_equal(part.amounts, whole.amounts[:, first : first + count])


def assert_equal(one: SpaceFacts, other: SpaceFacts) -> None:
    """The same, all of it."""
    np.testing.assert_array_equal(one.quarter_ms, other.quarter_ms)
    np.testing.assert_array_equal(one.amounts, other.amounts)
    np.testing.assert_array_equal(one.exact, other.exact)
    np.testing.assert_array_equal(one.revised, other.revised)


def half(device: str) -> Ints:
    """The quarter hours of a device; joint ones are not always there."""
    return QUARTERS[::2] if device == JOINT else QUARTERS


def cut(zone: ZoneFacts, quarters: Ints) -> ZoneFacts:
    """The zone in some quarter hours."""
    kept = np.isin(zone.quarter_ms, quarters)
    return ZoneFacts(zone.zone, zone.quarter_ms[kept], zone.amounts[:, kept], zone.revision[kept])


# --- one thing at a time ----------------------------------------------------------------------------------


def steady(
    device: str, occupancy: Occupancy, first: int, last: int, people: float | None = None
) -> list[Row]:
    """A device that says the same from one minute to another, every five minutes."""
    return [(device, state(T_MS + at * MINUTE_MS, occupancy, people)) for at in range(first, last, 5)]


def amount(found: SpaceFacts, fact: str, quarter: int) -> float:
    """One amount, of a quarter hour counted from the beginning."""
    place = found.quarter_ms.tolist().index(int(quarters_of(quarter, quarter)[0]))
    return float(found.amounts[ROW[fact], place])


def test_the_joint_quarter_hour_is_taken_as_it_is() -> None:
    """Where all devices together have a quarter hour it stands, with its own revision; elsewhere zones do."""
    talk = [*steady("a", FREE, 0, 30), *steady("b", BUSY, 0, 10), *steady("b", FREE, 10, 30)]
    joint = zone_of(JOINT, talk, quarters_of(0, 0), revision=1)
    found = merged([joint, *zones_of(talk)])

    assert found.quarter_ms.tolist() == quarters_of(0, 2).tolist()
    assert found.exact.tolist() == [True, False, False]
    assert found.revised.tolist() == [True, False, False]
    np.testing.assert_array_equal(found.amounts[:, 0], joint.amounts[:, 0])
    unrevised = [zone_of(JOINT, talk), zone_of("a", talk, revision=1), zone_of("b", talk)]
    assert not merged(unrevised).revised.any()


def test_a_joint_quarter_hour_of_nan_is_none() -> None:
    """Where the rows of a device had gone before all were taken together, the zones are."""
    talk = [*steady("a", BUSY, 0, 15), *steady("b", BUSY, 0, 15)]
    joint = zone_of(JOINT, talk, revision=1)
    joint.amounts[:] = np.nan
    only_there = ZoneFacts(joint.zone, joint.quarter_ms + DAY_MS, joint.amounts, joint.revision)
    zones = zones_of(talk)

    assert_equal(merged([joint, *zones]), merged(zones))
    assert_equal(merged([only_there, *zones]), merged(zones))


def test_nothing_stored_is_nothing_known() -> None:
    """Without zones, or in quarter hours that none of them has, there is no time and no peak."""
    nothing = facts_of([], quarters_of(0, 1))
    zone = zone_of("a", steady("a", BUSY, -200, -180))

    assert len(merged([])) == 0
    np.testing.assert_array_equal(merged([], quarters_of(0, 1)).amounts, nothing)
    np.testing.assert_array_equal(merged([zone], quarters_of(0, 1)).amounts, nothing)
    np.testing.assert_array_equal(merged([zone, zone_of("b", [])], quarters_of(0, 1)).amounts, nothing)


def test_a_zone_has_a_say_until_its_device_is_gone() -> None:
    """A device that fell silent makes its space unknown for a week, and then the other one decides."""
    week = 7 * 24 * 60
    talk = [*steady("a", FREE, week - 60, week + 60), ("b", state(T_MS, FREE))]
    found = merged(zones_of(talk), QUARTERS)

    assert [amount(found, "covered_s", 7 * 96 + quarter) for quarter in (-1, 0, 1, 2)] == [0, 0, 0, 900]
    assert amount(merged([zone_of(JOINT, talk)], QUARTERS), "covered_s", 7 * 96) == 900


def test_a_zone_with_nothing_but_power_has_no_say_in_presence() -> None:
    """What a gateway measures stands beside what the others know, and takes nothing from it."""
    power: list[Row] = [("z", reading(T_MS + at * MINUTE_MS, 180.0, Kind.POWER_W)) for at in (0, 10)]
    talk = [*steady("a", BUSY, -30, 10), *steady("a", FREE, 10, 30), *power]
    found = merged(zones_of(talk), QUARTERS)
    shown = ("covered_s", "av_on_s", "av_on_occupied_s", "av_on_empty_s")

    assert [amount(found, name, 0) for name in shown] == [900, 900, 600, 300]


def test_people_of_zones_add_up_only_where_all_count() -> None:
    """People of two zones add up; of the time in which one of them may not have counted nothing is said."""
    talk = [*steady("a", BUSY, 0, 30, 2.0), *steady("b", BUSY, 0, 15, 3.0), *steady("b", BUSY, 15, 30)]
    found = merged(zones_of(talk))

    assert [amount(found, name, 0) for name in ("counted_s", "person_s", "people_max")] == [900, 4500, 5]
    assert [amount(found, name, 1) for name in ("counted_s", "person_s")] == [0, 0]
    assert np.isnan(amount(found, "people_max", 1))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        # The other one is free all the time: every session of the first is one of the space.
        ([(FREE, -60, 60)], [1, 1]),
        # It comes in at the same time: the first session is sure, the second may have been bridged.
        ([(FREE, -60, 5), (BUSY, 5, 20), (FREE, 20, 60)], [1, 0]),
        # It was there all the time: nobody came.
        ([(BUSY, -60, 60)], [0, 0]),
        # It knew nothing: nobody can tell.
        ([(FREE, -60, -30)], [0, 0]),
    ],
)
def test_a_session_of_a_space_is_one_that_is_sure(
    other: list[tuple[Occupancy, int, int]], expected: list[int]
) -> None:
    """Sessions are those of a zone while all others are free, and the first after a free quarter hour."""
    talk = [*steady("a", FREE, -60, 5), *steady("a", BUSY, 5, 10), *steady("a", FREE, 10, 20)]
    talk += [*steady("a", BUSY, 20, 25), *steady("a", FREE, 25, 60)]
    talk += [row for occupancy, first, last in other for row in steady("b", occupancy, first, last)]
    found = merged(zones_of(talk), QUARTERS)

    assert [amount(found, "sessions_started", quarter) for quarter in (0, 1)] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # The other one was occupied until the quarter hour began: that bridges the gap.
        ([(FREE, -60, 3), (BUSY, 3, 15)], [(BUSY, -60, 0), (FREE, 0, 30)]),
        # For all of the gap the first one knew nothing.
        ([(FREE, -59, -1), (UNKNOWN, -1, 4), (BUSY, 4, 15)], [(FREE, -60, 30)]),
    ],
)
def test_no_session_begins_where_the_gap_is_not_known(
    one: list[tuple[Occupancy, int, int]], other: list[tuple[Occupancy, int, int]]
) -> None:
    """What all devices together do not call a session, their zones do not either."""
    talk = [
        row
        for device, said in (("a", one), ("b", other))
        for occupancy, first, last in said
        for row in steady(device, occupancy, first, last)
    ]

    assert amount(merged([zone_of(JOINT, talk)], QUARTERS), "sessions_started", 0) == 0
    assert amount(merged(zones_of(talk), QUARTERS), "sessions_started", 0) == 0


def test_a_mean_is_not_more_than_the_most() -> None:
    """A mean that rounding lifts over the highest number does not become the highest of the only zone."""
    talk: list[Row] = [("a", state(T_MS + at * MINUTE_MS, BUSY, 4.4)) for at in (6, 12)]
    zone = zone_of("a", talk, quarters_of(0, 0))

    assert zone.amounts[ROW["person_s"], 0] / zone.amounts[ROW["counted_s"], 0] > 4.4
    assert amount(merged([zone]), "people_max", 0) == 4.4


def test_co2_is_that_of_the_zone_with_the_most() -> None:
    """CO2 of several zones is not mixed: the one that measured longest over its occupied time speaks."""
    talk = [*steady("a", BUSY, 5, 15), *steady("b", BUSY, 0, 15)]
    talk += [("a", reading(T_MS, 900.0)), ("b", reading(T_MS + 10 * MINUTE_MS, 1300.0))]
    found = merged(zones_of(talk), QUARTERS)

    assert [amount(found, name, 0) for name in ("co2_s", "co2_max_ppm", "co2_class_2_s")] == [600, 900, 600]


@pytest.mark.parametrize(("revisions", "revised"), [((0, 0), False), ((0, 3), True), ((1, 0), True)])
def test_a_space_is_revised_where_a_zone_is(revisions: tuple[int, int], *, revised: bool) -> None:
    """Late data of one zone revises the quarter hours of its space."""
    talk = [*steady("a", BUSY, 0, 5), *steady("b", BUSY, 0, 5)]
    zones = [zone_of(device, talk, revision=count) for device, count in zip("ab", revisions, strict=True)]

    assert merged(zones).revised.tolist() == [revised]
