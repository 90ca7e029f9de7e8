# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is too old goes, and nothing that facts still wait for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bezet.errors import StoreBusy
from bezet.messages import Batch, Clock, Health
from bezet.model import KINDS, Agreement, Because, Kind, Level, Occupancy, Reading, Retention, State, Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, REACH_MS, touched_quarters
from collector.facts import FactMaker
from collector.retention import RetentionJob, dry_run, in_words
from store import Month
from store.influx.generations import administration
from store.memory import MemoryStore
from tests.bezet.strategies import unhurried
from tests.collector.stage import BUILDING, NOW_MS, SITE, SPACE
from tests.store.influx_server import influx_store, now_ms
from tests.store.stage import WHOLE_MAKERS, Maker, whole_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from store import Store

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
EVER_MS = 2**53
STRICT = replace(BUILDING, retention=Retention(presence_hours=1, environment_days=3, states_days=2))

Row = Reading | State


def message(*rows: Row, device: str = "pi-1") -> Batch:
    """A message with these rows."""
    readings = tuple(row for row in rows if isinstance(row, Reading))
    states = tuple(row for row in rows if isinstance(row, State))
    return Batch(SITE, device, SPACE, "0" * 16, 1, Clock.TRUSTED, readings, states)


def state(t_ms: int) -> State:
    """A statement at an instant."""
    return State(t_ms, Occupancy.OCCUPIED, 0.9, t_ms, (Because.MOTION,), "first-1")


def reading(t_ms: int, kind: Kind = Kind.CO2_PPM) -> Reading:
    """A reading at an instant."""
    return Reading(t_ms, "sensor", kind, 1.0)


def health(t_ms: int) -> Health:
    """What an agent said of itself at an instant."""
    return Health(SITE, "pi-1", t_ms, "0" * 16, True, 1, 0, 0, Clock.TRUSTED, {}, (), "bezet 1")


def facts(*quarters_ms: int) -> ZoneFacts:
    """Facts of these quarter hours."""
    amounts = np.ones((len(FACTS), len(quarters_ms)))
    zone = Zone(SITE, SPACE, "pi-1")
    return ZoneFacts(zone, np.array(quarters_ms), amounts, np.zeros(len(quarters_ms), np.int32))


def level_of(row: Row) -> Level:
    """What decides how long a row is kept."""
    return Level.STATES if isinstance(row, State) else KINDS[row.kind].level


def rows_of(batch: Batch) -> tuple[Row, ...]:
    """What a message holds."""
    return (*batch.readings, *batch.states)


def rows_in(store: Store) -> dict[tuple[str, Row], Level]:
    """Every row of the store, with its device."""
    return {
        (zone.device, row): level_of(row)
        for zone in store.zones()
        for batch in store.batches(zone, start_ms=0, end_ms=EVER_MS)
        for row in rows_of(batch)
    }


def quarters_in(store: Store) -> list[int]:
    """Every quarter hour that has facts."""
    found = store.facts(SITE, start_ms=0, end_ms=EVER_MS)
    return sorted(quarter for one in found for quarter in one.quarter_ms.tolist())


def nothing() -> None:
    """A maker that has nothing to make."""


def fail() -> None:
    """A maker whose store is away."""
    raise StoreBusy("the disk is full")


# --- the property -----------------------------------------------------------------------------------------


@dataclass
class Life:
    """A store that is written to, made facts in and removed from, at instants that the test sets."""

    store: Store
    now_ms: int = NOW_MS
    #: Devices that speak of the same quarter hours late, after others are removed, are not for this test.
    told: dict[tuple[str, int], Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.maker = FactMaker(self.store, STRICT, self.clock)

    def clock(self) -> int:
        """The instant that it is."""
        return self.now_ms

    def write(self, age_ms: int, device: str, kind: Kind | None) -> None:
        """Write a reading, or a state, of so long ago."""
        t_ms = self.now_ms - age_ms
        row: Row = reading(t_ms, kind) if kind else state(t_ms)
        self.store.write([message(row, device=device)])
        self.told[device, t_ms] = row

    def retain(self, make_due: Callable[[], object]) -> None:
        """Remove, and look at what went."""
        limits = STRICT.retention.limits(self.now_ms, STRICT.timezone)
        before = rows_in(self.store)
        expected = dry_run(self.store, STRICT, self.now_ms)
        report = RetentionJob(self.store, STRICT, self.clock, make_due).run_once()
        after = rows_in(self.store)
        gone = before.keys() - after.keys()
        waiting = {one.quarter_ms for one in self.store.touched(SITE)}

        assert after.keys() <= before.keys()
        assert all(row.t_ms < limits[before[device, row]] for device, row in gone)
        # A quarter hour that waits for its facts still has every row that they need.
        for device, row in gone:
            if before[device, row] is not Level.PRESENCE:
                assert not any(q - REACH_MS <= row.t_ms < q + QUARTER_MS for q in waiting)
                assert not touched_quarters(message(row)) & waiting
        # What nothing waits for is gone, and presence always.
        for (_, row), level in after.items():
            if level is Level.PRESENCE or (make_due is not fail and not waiting):
                assert row.t_ms >= limits[level]
        counted = {level: sum(before[key] is level for key in gone) for level in Level}
        assert report.removed == counted
        if make_due is nothing:
            assert report == expected
        if make_due is fail:
            assert {before[key] for key in gone} <= {Level.PRESENCE}

    def look_at_facts(self) -> None:
        """Of everything that was ever told of presence, there are facts."""
        self.maker.make_due()
        made = {
            (one.zone.device, quarter)
            for one in self.store.facts(SITE, start_ms=0, end_ms=EVER_MS)
            for quarter in one.quarter_ms.tolist()
        }
        over_ms = self.now_ms - QUARTER_MS - HOUR_MS
        for (device, t_ms), row in self.told.items():
            if isinstance(row, State) and t_ms < over_ms:
                assert (device, t_ms - t_ms % QUARTER_MS) in made


class Write(NamedTuple):
    """A row of so long ago, a state where there is no kind."""

    age_ms: int
    device: str
    kind: Kind | None


class Later(NamedTuple):
    """Time goes by."""

    span_ms: int


class Make(NamedTuple):
    """Facts are made."""


class Retain(NamedTuple):
    """Retention runs, with a maker that works, does nothing or fails."""

    maker: str


#: Mostly of the last hours, some of it as late as a week, and some of it close to the limits.
AGES_MS = st.integers(0, 3 * HOUR_MS) | st.integers(0, 7 * DAY_MS) | st.integers(45, 75).map(HOUR_MS.__mul__)
KINDS_OR_STATE = st.sampled_from([None, None, Kind.CO2_PPM, Kind.POWER_W, Kind.MOTION])
WRITES = st.builds(Write, AGES_MS, st.sampled_from(["pi-1", "pi-2"]), KINDS_OR_STATE)
STEPS = st.lists(
    st.one_of(
        WRITES,
        WRITES,
        st.builds(Later, st.integers(1, 60 * HOUR_MS)),
        st.builds(Make),
        st.builds(Retain, st.sampled_from(["make", "nothing", "fail"])),
    ),
    min_size=3,
    max_size=25,
)


@whole_stores
@settings(unhurried, max_examples=60)
@given(steps=STEPS)
def test_nothing_goes_that_facts_wait_for(make: Maker, steps: list[Write | Later | Make | Retain]) -> None:
    """However writing, making facts and removing interleave, rows go only after their facts were made."""
    with make() as store:
        life = Life(store)
        makers = {"make": life.maker.make_due, "nothing": nothing, "fail": fail}
        for step in steps:
            match step:
                case Write(age_ms, device, kind):
                    life.write(age_ms, device, kind)
                case Later(span_ms):
                    life.now_ms += span_ms
                case Make():
                    life.maker.make_due()
                case Retain(maker):
                    life.retain(makers[maker])
        life.look_at_facts()


# --- what goes, level by level ----------------------------------------------------------------------------


@pytest.fixture(params=WHOLE_MAKERS.values(), ids=list(WHOLE_MAKERS))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store."""
    with request.param() as made:
        yield made


#: How old the oldest row is that is kept, by the promise.
KEPT_MS = {
    Kind.MOTION: DAY_MS,
    Kind.DOOR_OPEN: DAY_MS,
    Kind.PEOPLE_COUNT: DAY_MS,
    Kind.CO2_PPM: 90 * DAY_MS,
    Kind.POWER_W: 90 * DAY_MS,
    None: 90 * DAY_MS,
}


def settle(store: Store) -> None:
    """Forget what waits for facts."""
    store.write_facts([], store.touched(SITE))


def test_each_level_goes_in_its_own_time(store: Store) -> None:
    """Of rows on both sides of each limit the older go and the younger stay; months of the building stay."""
    for kind, kept_ms in KEPT_MS.items():
        for t_ms in (NOW_MS - kept_ms - 1, NOW_MS - kept_ms):
            store.write([message(reading(t_ms, kind) if kind else state(t_ms))])
            store.write_health([health(NOW_MS - 90 * DAY_MS - 1), health(NOW_MS - 90 * DAY_MS)])
    limit_ms = Retention().limits(NOW_MS, BUILDING.timezone)[Level.FACTS]
    edge_ms = limit_ms - limit_ms % QUARTER_MS
    store.write_facts([facts(edge_ms - QUARTER_MS, edge_ms, edge_ms + QUARTER_MS)], [])
    store.write_months([Month(SITE, "2001-01", np.ones(len(FACTS)), 0)])
    settle(store)
    report = RetentionJob(store, BUILDING, lambda: NOW_MS, nothing).run_once()

    assert {row.t_ms for _, row in rows_in(store)} == {NOW_MS - DAY_MS, NOW_MS - 90 * DAY_MS}
    assert len(rows_in(store)) == len(KEPT_MS)
    assert [one.t_ms for one in store.healths(SITE, start_ms=0, end_ms=EVER_MS)] == [NOW_MS - 90 * DAY_MS]
    assert quarters_in(store) == [edge_ms, edge_ms + QUARTER_MS][edge_ms < limit_ms :]
    assert [one.month for one in store.months(SITE)] == ["2001-01"]
    assert report.removed == {
        Level.PRESENCE: 3,
        Level.ENVIRONMENT: 2,
        Level.STATES: 2,
        Level.FACTS: 1 + (edge_ms < limit_ms),
    }
    assert not any(one.held_because for one in report.levels.values())


def test_other_sites_are_left_alone(store: Store) -> None:
    """A job removes from its own site only."""
    other = replace(message(state(NOW_MS - 200 * DAY_MS)), site="library")
    store.write([other])
    store.write_facts([], store.touched("library"))
    report = RetentionJob(store, BUILDING, lambda: NOW_MS, nothing).run_once()

    assert set(report.removed.values()) == {0}
    assert len(rows_in(store)) == 1


def test_an_agreement_ends_without_a_restart() -> None:
    """The same job keeps longer while the agreement lasts, and what was promised on the day after it."""
    agreed = Retention(states_days=200, agreement=Agreement("OR 7", date(2026, 9, 22)))
    building = replace(BUILDING, retention=agreed)
    store = MemoryStore()
    store.write([message(state(NOW_MS - 150 * DAY_MS))])
    settle(store)
    now_ms = [NOW_MS]
    job = RetentionJob(store, building, lambda: now_ms[0], nothing)

    assert job.run_once().removed[Level.STATES] == 0
    now_ms[0] += 2 * DAY_MS
    assert job.run_once().removed[Level.STATES] == 1


# --- what is held back ------------------------------------------------------------------------------------


def old_rows(store: Store) -> None:
    """One row of each level that is a year too old, and a state that is not made facts of."""
    old_ms = NOW_MS - 365 * DAY_MS
    store.write([message(reading(old_ms, Kind.MOTION), reading(old_ms), state(old_ms))])
    settle(store)
    store.write_facts([facts((NOW_MS - 900 * DAY_MS) // QUARTER_MS * QUARTER_MS)], [])


def test_facts_that_cannot_be_made_hold_everything_they_need(store: Store) -> None:
    """A maker that fails keeps readings, states and facts; presence goes, and the report says why."""
    old_rows(store)
    report = RetentionJob(store, BUILDING, lambda: NOW_MS, fail).run_once()

    assert report.removed == {Level.PRESENCE: 1, Level.ENVIRONMENT: 0, Level.STATES: 0, Level.FACTS: 0}
    assert set(rows_in(store).values()) == {Level.ENVIRONMENT, Level.STATES}
    assert len(quarters_in(store)) == 1
    why = {level: one.held_because for level, one in report.levels.items()}
    assert why.pop(Level.PRESENCE) == ""
    assert set(why.values()) == {"facts could not be made: the disk is full"}


def test_a_late_quarter_hour_holds_what_it_needs(store: Store) -> None:
    """Rows up to 15 minutes before the oldest quarter hour that waits stay; older ones and old facts go."""
    quarter_ms = (NOW_MS - 200 * DAY_MS) // QUARTER_MS * QUARTER_MS
    before_ms = quarter_ms - REACH_MS
    store.write([message(*(state(t_ms) for t_ms in (before_ms - 1, before_ms, quarter_ms - 1)))])
    settle(store)
    store.write([message(reading(quarter_ms))])
    report = RetentionJob(store, BUILDING, lambda: NOW_MS, nothing).run_once()

    assert sorted(row.t_ms for _, row in rows_in(store)) == [before_ms, quarter_ms - 1, quarter_ms]
    assert report.levels[Level.STATES].before_ms == before_ms
    assert report.levels[Level.STATES].held_because == "facts of older quarter hours are not made yet"
    assert report.levels[Level.FACTS].held_because == ""


class LockedStore(MemoryStore):
    """Removes nothing."""

    def remove_before(self, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:  # noqa: ARG002
        """Raise."""
        raise StoreBusy("locked")


def test_a_store_that_cannot_remove_says_so() -> None:
    """Where the store takes no removal, the run fails as busy and nothing is reported as gone."""
    with capture_logs() as logs, pytest.raises(StoreBusy):
        RetentionJob(LockedStore(), BUILDING, lambda: NOW_MS, nothing).run_once()
    assert logs == []


# --- what it says -----------------------------------------------------------------------------------------


def test_a_run_is_one_line_of_the_log() -> None:
    """Each run says how many rows of each level went, and what was held back because of what."""
    store = MemoryStore()
    old_rows(store)
    with capture_logs() as logs:
        RetentionJob(store, BUILDING, lambda: NOW_MS, nothing).run_once()
        RetentionJob(store, BUILDING, lambda: NOW_MS, fail).run_once()
    done, held = logs

    assert done == {
        "event": "removed what was too old",
        "log_level": "info",
        "site": SITE,
        "presence": 1,
        "environment": 1,
        "states": 1,
        "facts": 1,
    }
    why = "facts could not be made: the disk is full"
    assert held["held_back"] == {"environment": why, "states": why, "facts": why}


def test_a_report_speaks_to_people() -> None:
    """A report says for each level how many rows, from before when at the site, and what waits and why."""
    store = MemoryStore()
    old_rows(store)
    store.write([message(*map(state, range(NOW_MS - 400 * DAY_MS, NOW_MS - 400 * DAY_MS + 1_999)))])
    settle(store)
    store.write([message(state(NOW_MS - 300 * DAY_MS))])
    store.write_facts([], [one for one in store.touched(SITE) if one.quarter_ms > NOW_MS - 300 * DAY_MS])

    waits = "; the rest waits: facts of older quarter hours are not made yet"
    assert in_words(dry_run(store, BUILDING, NOW_MS), BUILDING.timezone) == [
        "presence               1 rows from before 2026-09-20 16:13",
        f"environment            1 rows from before 2025-11-25 14:45{waits}",
        f"states             2,000 rows from before 2025-11-25 14:45{waits}",
        "facts                  1 rows from before 2024-08-21 16:13",
    ]


def test_a_dry_run_removes_nothing(store: Store) -> None:
    """A dry run counts what would go, and leaves it."""
    old_rows(store)
    store.write_health([health(NOW_MS - 365 * DAY_MS)])
    before = rows_in(store)
    report = dry_run(store, BUILDING, NOW_MS)

    assert report.removed == {Level.PRESENCE: 1, Level.ENVIRONMENT: 1, Level.STATES: 2, Level.FACTS: 1}
    assert rows_in(store) == before
    assert RetentionJob(store, BUILDING, lambda: NOW_MS, nothing).run_once() == report


# --- a server that removes by itself ----------------------------------------------------------------------


@dataclass
class ServerStore(MemoryStore):
    """A store that is told how long to keep things."""

    told: list[dict[Level, timedelta]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def keep(self, durations: Mapping[Level, timedelta]) -> list[str]:
        """Remember what was said."""
        self.told.append({**durations})
        return ["bucket bezet_states keeps 2 days"]


def test_a_server_is_told_how_long_to_keep() -> None:
    """A server keeps what the site keeps, longer while facts wait; nothing changes while none can be made."""
    store = ServerStore()
    job = RetentionJob(store, STRICT, lambda: NOW_MS, nothing)
    with capture_logs() as logs:
        job.run_once()
    store.write([message(state(NOW_MS - 5 * DAY_MS))])
    job.run_once()
    RetentionJob(store, STRICT, lambda: NOW_MS, fail).run_once()
    first, waiting, failed = store.told

    assert first[Level.PRESENCE] == timedelta(hours=1)
    assert first[Level.ENVIRONMENT] == timedelta(days=3)
    assert first[Level.STATES] == timedelta(days=2)
    assert timedelta(days=760) <= first[Level.FACTS] <= timedelta(days=763)
    assert waiting[Level.STATES] == waiting[Level.ENVIRONMENT] > timedelta(days=5)
    assert waiting[Level.FACTS] == first[Level.FACTS]
    assert failed == {Level.PRESENCE: timedelta(hours=1)}
    assert logs[0]["buckets"] == ["bucket bezet_states keeps 2 days"]


def test_a_real_influx_keeps_what_the_site_keeps() -> None:
    """Rows go from a real InfluxDB like from any store, and its buckets keep as long as the site does."""
    clock_ms = now_ms()
    with influx_store() as store:
        if store.server.found().generation == 3:
            pytest.skip("InfluxDB 3 deletes no rows, and cannot change how long it keeps")
        for kind, kept_ms in KEPT_MS.items():
            for t_ms in (clock_ms - kept_ms - MINUTE_MS, clock_ms - kept_ms + MINUTE_MS):
                store.write([message(reading(t_ms, kind) if kind else state(t_ms))])
        settle(store)
        expected = dry_run(store, BUILDING, clock_ms)
        report = RetentionJob(store, BUILDING, lambda: clock_ms, nothing).run_once()
        kept = administration(store.server).buckets()

        assert report == expected
        assert report.removed == {
            Level.PRESENCE: 3,
            Level.ENVIRONMENT: 2,
            Level.STATES: 1,
            Level.FACTS: 0,
        }
        assert len(rows_in(store)) == len(KEPT_MS)
        assert kept[Level.PRESENCE] == timedelta(hours=24)
        assert kept[Level.ENVIRONMENT] == kept[Level.STATES] == timedelta(days=90)
        assert kept[Level.FACTS] == timedelta(
            hours=-(
                -(clock_ms - BUILDING.retention.limits(clock_ms, BUILDING.timezone)[Level.FACTS]) // HOUR_MS
            )
        )
