# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Hours, days and months of the site's own time, on ordinary days and when the clock changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.usage.facts import FACTS, QUARTER_MS, ROW, Over
from bezet.usage.rollup import Span, rolled_up
from bezet.usage.spaces import SpaceFacts
from tests.bezet.strategies import unhurried

if TYPE_CHECKING:
    from bezet.usage.columns import Floats

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = [
    "Europe/Amsterdam",
    "Asia/Kathmandu",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "UTC",
]
IS_SUM = np.array([fact.over is Over.SUM for fact in FACTS.values()])


def instant_ms(text: str, timezone: ZoneInfo = AMSTERDAM, fold: int = 0) -> int:
    """A local time as an instant."""
    local = datetime.fromisoformat(text).replace(tzinfo=timezone, fold=fold)
    return round(local.timestamp() * 1000)


def facts_from(first_ms: int, count: int) -> SpaceFacts:
    """Quarter hours one after another; covered all the time, with as many people as it is the n-th."""
    amounts = np.zeros((len(FACTS), count))
    amounts[ROW["covered_s"]] = 900
    amounts[ROW["people_max"]] = np.arange(count)
    amounts[ROW["co2_max_ppm"]] = np.nan
    quarters = first_ms + np.arange(count, dtype=np.int64) * QUARTER_MS
    return SpaceFacts(quarters, amounts, np.ones(count, bool), np.zeros(count, bool))


# --- the two days that the clock changes ------------------------------------------------------------------


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_is_as_long_as_it_is(day: str, hours: int) -> None:
    """A local day has 23 or 25 hours when the clock changes, and all of them are in it."""
    start_ms = instant_ms(day)
    found = rolled_up(facts_from(start_ms - QUARTER_MS, 4 * hours + 2), AMSTERDAM, Span.DAY)

    assert found.quarters.tolist() == [1, 4 * hours, 1]
    assert (found.start_ms[1], found.end_ms[1] - start_ms) == (start_ms, hours * 3_600_000)
    assert found.amounts[ROW["covered_s"]].tolist() == [900, hours * 3600, 900]


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [("2026-03-29", "01:00+01:00", "03:00+02:00"), ("2026-10-25", "02:00+02:00", "02:00+01:00")],
)
def test_an_hour_is_skipped_or_comes_twice(day: str, before: str, after: str) -> None:
    """The hour that the clock skips is no period; the one that it repeats is two, in order."""
    found = rolled_up(facts_from(instant_ms(day), 5 * 4), AMSTERDAM, Span.HOUR)
    names = [
        datetime.fromtimestamp(start_ms / 1000, AMSTERDAM).isoformat(timespec="minutes")
        for start_ms in found.start_ms.tolist()
    ]

    assert names.index(f"{day}T{after}") == names.index(f"{day}T{before}") + 1
    assert found.quarters.tolist() == [4] * 5
    assert (np.diff(found.start_ms) == 3_600_000).all()


@pytest.mark.parametrize(
    ("month", "hours"), [("2026-02", 28 * 24), ("2026-03", 31 * 24 - 1), ("2026-10", 31 * 24 + 1)]
)
def test_a_month_is_as_long_as_it_is(month: str, hours: int) -> None:
    """A month begins and ends at local midnight, whatever the clock did within it."""
    start_ms = instant_ms(f"{month}-01")
    found = rolled_up(facts_from(start_ms, 4 * hours + 1), AMSTERDAM, Span.MONTH)

    assert found.quarters.tolist() == [4 * hours, 1]
    assert found.start_ms.tolist() == [start_ms, found.end_ms[0]] == [start_ms, start_ms + hours * 3_600_000]


def test_a_day_begins_when_midnight_is_skipped() -> None:
    """Where the clock goes from midnight to one, the day begins at one."""
    havana = ZoneInfo("America/Havana")
    start_ms = instant_ms("2026-03-08T01:00", havana)
    found = rolled_up(facts_from(start_ms - QUARTER_MS, 23 * 4 + 2), havana, Span.DAY)

    assert found.quarters.tolist() == [1, 92, 1]
    assert found.start_ms[1] == start_ms == found.end_ms[0]


def test_hours_of_a_zone_that_is_off_by_three_quarters() -> None:
    """In Kathmandu, 5:45 ahead of UTC, hours and days begin at a quarter past the hour of UTC."""
    kathmandu = ZoneInfo("Asia/Kathmandu")
    facts = facts_from(instant_ms("2026-06-01T00:00", kathmandu), 24 * 4)
    hours, days = rolled_up(facts, kathmandu, Span.HOUR), rolled_up(facts, kathmandu, Span.DAY)

    assert hours.quarters.tolist() == [4] * 24
    assert set((hours.start_ms % 3_600_000).tolist()) == {QUARTER_MS}
    assert days.quarters.tolist() == [96]


# --- adding up --------------------------------------------------------------------------------------------


@st.composite
def some_facts(draw: st.DrawFn) -> SpaceFacts:
    """Quarter hours of some weeks around a change of the clock, with gaps; some say nothing of some facts."""
    start_ms = draw(st.sampled_from(["2026-03-01", "2026-10-01", "2026-12-20"])) + "T00:00"
    places = draw(st.sets(st.integers(0, 40 * 96), max_size=60))
    quarters = np.array(sorted(places), np.int64) * QUARTER_MS + instant_ms(start_ms, ZoneInfo("UTC"))
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    amounts = dice.uniform(0, 900, (len(FACTS), len(quarters)))
    amounts[dice.uniform(size=amounts.shape) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = np.nan
    return SpaceFacts(quarters, amounts, *(dice.uniform(size=(2, len(quarters))) < 0.9))


def total(amounts: Floats) -> Floats:
    """One column of them all."""
    peaks: Floats = np.fmax.reduce(amounts, axis=1, initial=np.nan)
    return np.where(IS_SUM, np.nansum(amounts, axis=1), peaks)


@unhurried
@given(some_facts(), st.sampled_from(ZONES).map(ZoneInfo))
def test_hours_days_and_months_add_up_to_the_same(facts: SpaceFacts, timezone: ZoneInfo) -> None:
    """Nothing is lost and nothing counted twice, whatever the length of the periods."""
    for by in Span:
        found = rolled_up(facts, timezone, by)

        np.testing.assert_allclose(total(found.amounts), total(facts.amounts), rtol=1e-12)
        assert found.quarters.sum() == len(facts)
        assert (found.quarters > 0).all()


@unhurried
@given(some_facts(), st.sampled_from(ZONES).map(ZoneInfo), st.sampled_from(Span))
def test_a_quarter_hour_is_in_the_period_that_the_wall_shows(
    facts: SpaceFacts, timezone: ZoneInfo, by: Span
) -> None:
    """Each period holds the quarter hours of which the site's own clock shows the same hour, day or month."""
    found = rolled_up(facts, timezone, by)
    shape = {Span.HOUR: "%Y-%m-%d %H %z", Span.DAY: "%Y-%m-%d", Span.MONTH: "%Y-%m"}[by]
    shown = [
        datetime.fromtimestamp(quarter_ms / 1000, timezone).strftime(shape)
        for quarter_ms in facts.quarter_ms.tolist()
    ]
    names = sorted(set(shown), key=shown.index)

    assert found.quarters.tolist() == [shown.count(name) for name in names]
    for place, name in enumerate(names):
        here = np.array([one == name for one in shown])
        assert ((found.start_ms[place] <= facts.quarter_ms) & (facts.quarter_ms < found.end_ms[place]))[
            here
        ].all()
        assert found.exact[place] == facts.exact[here].all()
        assert found.revised[place] == facts.revised[here].any()
        np.testing.assert_allclose(found.amounts[:, place], total(facts.amounts[:, here]), rtol=1e-12)


@unhurried
@given(some_facts(), st.sampled_from(["Europe/Amsterdam", "Asia/Kathmandu", "America/Havana"]).map(ZoneInfo))
def test_periods_follow_each_other(facts: SpaceFacts, timezone: ZoneInfo) -> None:
    """Periods are in order and do not overlap, and each begins and ends on the site's own clock."""
    for by in Span:
        found = rolled_up(facts, timezone, by)

        assert (found.start_ms < found.end_ms).all()
        assert (found.end_ms[:-1] <= found.start_ms[1:]).all()
        for edge_ms in (*found.start_ms.tolist(), *found.end_ms.tolist()):
            local = datetime.fromtimestamp(edge_ms / 1000, timezone)
            before = datetime.fromtimestamp(edge_ms / 1000 - 1, timezone)
            assert local.minute == 0
            assert by is Span.HOUR or local.date() != before.date()
            assert by is not Span.MONTH or local.day == 1
