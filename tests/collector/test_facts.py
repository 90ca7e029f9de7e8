# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Facts end the same in whatever order data arrives, and late data reopens what it touches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.messages import Batch, Clock
from bezet.model import Because, Kind, Occupancy, Reading, State
from bezet.usage.columns import JOINT
from bezet.usage.facts import GRACE_MS, QUARTER_MS, ROW
from bezet.usage.spaces import merged
from collector.facts import LATE_MS, FactMaker
from collector.retention import RetentionJob
from store.memory import MemoryStore
from tests.bezet.strategies import unhurried
from tests.collector.stage import BUILDING, SITE, SPACE
from tests.store.stage import sqlite_store

if TYPE_CHECKING:
    from bezet.model import Building
    from bezet.usage.columns import Floats, Ints
    from store import Store

#: A quarter hour begins here: 2026-09-14 09:00 UTC.
T_MS = 1_789_376_400_000
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


@dataclass
class Time:
    """A clock that is set by the test."""

    now_ms: int = T_MS

    def __call__(self) -> int:
        """The instant it was set to."""
        return self.now_ms


class Told(NamedTuple):
    """Quarter hours and their amounts."""

    quarters: list[int]
    amounts: Floats

    @classmethod
    def of(cls, quarter_ms: Ints, amounts: Floats) -> Told:
        """Those that tell something: a stored quarter hour of nothing is the same as none."""
        tells = amounts[ROW["covered_s"]] + amounts[ROW["av_s"]] > 0
        return cls(quarter_ms[tells].tolist(), amounts[:, tells])


def assert_same(one: Memory, other: Memory) -> None:
    """The same facts of every device, of the space, and of the months."""
    told = one.zones(), other.zones()
    for device in told[0] | told[1]:
        assert told[0][device].quarters == told[1][device].quarters
        np.testing.assert_array_equal(told[0][device].amounts, told[1][device].amounts)
    months = [[month.amounts for month in memory.store.months(SITE)] for memory in (one, other)]
    np.testing.assert_array_equal(months[0], months[1])


@dataclass
class Memory:
    """A store, and what makes and removes in it, at instants that the test sets."""

    store: Store = field(default_factory=MemoryStore)
    building: Building = BUILDING
    clock: Time = field(default_factory=Time)

    def __post_init__(self) -> None:
        self.maker = FactMaker(self.store, self.building, self.clock)
        self.retention = RetentionJob(self.store, self.building, self.clock, self.maker.make_due)

    def make(self, now_ms: int) -> int:
        """Make what is due; how many quarter hours of zones were written."""
        self.clock.now_ms = now_ms
        return self.maker.make_due().quarters

    def zones(self) -> dict[str, Told]:
        """What each device tells, and at "" all together; without quarter hours that tell nothing."""
        found = [*self.store.facts(SITE, SPACE, start_ms=0, end_ms=2**53)]
        told = {one.zone.device: Told.of(one.quarter_ms, one.amounts) for one in found}
        space = merged(found)
        return {**told, JOINT: Told.of(space.quarter_ms, space.amounts)}

    def amount(self, fact: str, quarter: int = 0) -> float:
        """One amount of the space, of a quarter hour counted from the beginning."""
        space = merged([*self.store.facts(SITE, SPACE, start_ms=0, end_ms=2**53)])
        here = space.quarter_ms.tolist().index(T_MS + quarter * QUARTER_MS)
        return float(space.amounts[ROW[fact], here])

    def revisions(self, device: str) -> dict[int, int]:
        """How often each quarter hour of a device was revised, counted from the beginning."""
        return {
            (quarter - T_MS) // QUARTER_MS: revision
            for one in self.store.facts(SITE, SPACE, start_ms=0, end_ms=2**53)
            if one.zone.device == device
            for quarter, revision in zip(one.quarter_ms.tolist(), one.revision.tolist(), strict=True)
        }


def message(*rows: State | Reading, device: str = "pi-1") -> Batch:
    """A message with these rows."""
    states = tuple(row for row in rows if isinstance(row, State))
    readings = tuple(row for row in rows if isinstance(row, Reading))
    return Batch(SITE, device, SPACE, "0" * 16, 1, Clock.TRUSTED, readings, states)


def state(minute: float, occupancy: Occupancy = Occupancy.OCCUPIED, people: float | None = None) -> State:
    """A statement so many minutes after the beginning."""
    t_ms = T_MS + round(minute * MINUTE_MS)
    return State(t_ms, occupancy, 0.9, t_ms, (Because.MOTION,), "first-1", people)


def reading(minute: float, amount: float, kind: Kind = Kind.CO2_PPM) -> Reading:
    """A reading so many minutes after the beginning."""
    return Reading(T_MS + round(minute * MINUTE_MS), "sensor", kind, amount)


# --- the property -----------------------------------------------------------------------------------------


class Said(NamedTuple):
    """One message of a device; the gateway has nothing but a power meter."""

    minute: float
    device: str
    occupancy: Occupancy
    people: float | None
    amount: float

    @property
    def batch(self) -> Batch:
        """The message."""
        if self.device == "gateway":
            return message(reading(self.minute, self.amount / 10, Kind.POWER_W), device=self.device)
        rows = state(self.minute, self.occupancy, self.people), reading(self.minute, self.amount)
        return message(*rows, device=self.device)


#: A message and when it arrives, in ms.
Arrival = tuple[int, Said]


@st.composite
def logs(draw: st.DrawFn) -> list[Said]:
    """What one to three devices say over some hours, with holes."""
    said = []
    for device in draw(st.sampled_from([("pi-1",), ("pi-1", "pi-2"), ("pi-1", "pi-2", "gateway")])):
        minute: float = draw(st.integers(0, 40))
        for _ in range(draw(st.integers(1, 12))):
            words = draw(st.sampled_from(Occupancy)), draw(st.sampled_from([None, 1.0, 4.0]))
            said.append(Said(minute, device, *words, draw(st.sampled_from([50.0, 900.0, 1400.0]))))
            minute += draw(st.sampled_from([0.5, 3, 5, 9.99, 10, 16, 47, 600]))
    return sorted(said)


@st.composite
def disturbed(draw: st.DrawFn) -> tuple[list[Said], list[Arrival]]:
    """A log as it was said, and as it may arrive: in any order, up to 30 days late, some of it twice."""
    log = draw(logs())
    delays = st.sampled_from([0, 1_000, 40 * MINUTE_MS, 9 * DAY_MS, 30 * DAY_MS])
    late = [
        (T_MS + round(said.minute * MINUTE_MS) + draw(delays), said)
        for said in log
        for _ in range(draw(st.integers(1, 2)))
    ]
    return log, sorted(draw(st.permutations(late)), key=lambda one: one[0])


def in_order(log: list[Said]) -> list[Arrival]:
    """The log when nothing goes wrong."""
    return [(T_MS + round(said.minute * MINUTE_MS), said) for said in log]


def play(memory: Memory, arrivals: list[Arrival], *, removing: bool) -> None:
    """Write each message when it arrives, and make facts after it; a day after the last one, all are made."""
    for now_ms, said in arrivals:
        memory.store.write([said.batch])
        memory.make(now_ms)
        if removing:
            memory.retention.run_once()
    memory.make(T_MS + 31 * DAY_MS + DAY_MS)


@settings(unhurried, max_examples=60)
@given(found=disturbed(), removing=st.booleans())
def test_any_order_ends_in_the_same_facts(found: tuple[list[Said], list[Arrival]], *, removing: bool) -> None:
    """Any permutation, repetition and delay of up to 30 days ends in the facts of the orderly log."""
    log, arrivals = found
    orderly, crooked = Memory(), Memory()
    play(orderly, in_order(log), removing=False)
    play(crooked, arrivals, removing=removing)
    assert_same(orderly, crooked)


@settings(unhurried, max_examples=15)
@given(found=disturbed())
def test_the_same_in_a_file(found: tuple[list[Said], list[Arrival]]) -> None:
    """The embedded store ends in the facts that the store in memory ends in."""
    _, arrivals = found
    in_memory = Memory()
    play(in_memory, arrivals, removing=False)
    with sqlite_store() as store:
        in_file = Memory(store)
        play(in_file, arrivals, removing=True)
        assert_same(in_file, in_memory)


# --- when, and how often ------------------------------------------------------------------------------------


def test_a_quarter_hour_is_made_when_it_is_over() -> None:
    """Nothing is made before the end of the quarter hour and its grace, and then once."""
    memory = Memory()
    memory.store.write([message(state(1), state(6))])
    end_ms = T_MS + QUARTER_MS + GRACE_MS

    assert [memory.make(end_ms - 1), memory.make(end_ms), memory.make(end_ms)] == [0, 1, 0]
    assert memory.amount("occupied_s") == 14 * 60


def test_late_data_reopens_its_quarter_hour() -> None:
    """A quarter hour that late data changes is made again and marked as revised; others are left alone."""
    memory = Memory()
    memory.store.write([message(state(1)), message(state(31), state(36))])
    memory.make(T_MS + 4 * QUARTER_MS + GRACE_MS)
    memory.store.write([message(state(3, Occupancy.FREE))])
    memory.make(T_MS + 5 * QUARTER_MS)

    assert memory.amount("occupied_s") == 2 * 60
    assert memory.revisions("pi-1") == {0: 1, 2: 0, 3: 0}


def test_a_repeat_revises_nothing() -> None:
    """Data that was there already reopens nothing."""
    memory = Memory()
    for now_ms in (T_MS + 2 * QUARTER_MS, T_MS + 3 * QUARTER_MS):
        memory.store.write([message(state(1))])
        memory.make(now_ms)

    assert memory.revisions("pi-1") == {0: 0}


def test_a_device_that_was_away_revises() -> None:
    """Quarter hours first told of more than an hour late count as revised: their figures were read before."""
    memory = Memory()
    memory.store.write([message(state(1))])
    memory.make(T_MS + QUARTER_MS + LATE_MS + 1)

    assert memory.revisions("pi-1") == {0: 1}


def test_a_month_is_revised_after_its_end() -> None:
    """Late data after the end of a month changes it and says so; a month still running is not revised."""
    memory = Memory()
    memory.store.write([message(state(1))])
    memory.make(T_MS + QUARTER_MS + GRACE_MS)
    memory.store.write([message(state(31))])
    memory.make(T_MS + 5 * QUARTER_MS)
    assert [(one.month, one.revision) for one in memory.store.months(SITE)] == [("2026-09", 0)]

    memory.store.write([message(state(61))])
    memory.make(T_MS + 30 * DAY_MS)
    (month,) = memory.store.months(SITE)
    assert month.revision == 1
    assert month.amounts[ROW["occupied_s"]] == 30 * 60


# --- several devices --------------------------------------------------------------------------------------


def test_devices_of_a_space_are_taken_together() -> None:
    """Occupied is the time in which any device says so, and AV on is set against what the other one saw."""
    memory = Memory()
    memory.store.write(
        [
            message(state(0), state(5, Occupancy.FREE), state(10, Occupancy.FREE), device="pi-1"),
            message(state(0, Occupancy.FREE), state(7), state(9, Occupancy.FREE), device="pi-2"),
            message(reading(0, 150.0, Kind.POWER_W), reading(12, 0.5, Kind.POWER_W), device="gateway"),
        ]
    )
    memory.make(T_MS + QUARTER_MS + GRACE_MS)

    assert memory.amount("occupied_s") == 7 * 60
    assert memory.amount("av_on_occupied_s") == 7 * 60
    assert memory.amount("av_on_empty_s") == 5 * 60


def test_a_device_that_tells_its_state_needs_no_meter() -> None:
    """What an AV device says of itself is read for the facts as watts are."""
    memory = Memory()
    memory.store.write(
        [
            message(state(0), state(5, Occupancy.FREE), state(10, Occupancy.FREE), device="pi-1"),
            message(reading(0, 2, Kind.AV_STATE), reading(12, 1, Kind.AV_STATE), device="pi-1"),
        ]
    )
    memory.make(T_MS + QUARTER_MS + GRACE_MS)

    assert memory.amount("av_on_occupied_s") == 5 * 60
    assert memory.amount("av_on_empty_s") == 7 * 60


def test_a_late_word_of_silence_reaches_forward() -> None:
    """That a device was there at all, told late, makes later quarter hours unknown in which it was silent."""
    memory = Memory()
    memory.store.write([message(*(state(minute, Occupancy.FREE) for minute in range(60, 120, 5)))])
    memory.make(T_MS + 12 * QUARTER_MS)
    assert memory.amount("covered_s", 5) == 900
    memory.store.write([message(state(0), device="pi-2")])
    memory.make(T_MS + 13 * QUARTER_MS)

    assert memory.amount("covered_s", 5) == 0
    assert memory.revisions(JOINT)[5] == 1


# --- after raw rows have gone -----------------------------------------------------------------------------

STRICT = replace(BUILDING, retention=replace(BUILDING.retention, states_days=3, environment_days=3))


@pytest.mark.parametrize("late_days", [1, 2, 5, 29])
def test_a_late_device_needs_no_rows_of_another(late_days: int) -> None:
    """Facts of what a device told late are right, and those of another stay, though its rows have gone."""
    here = message(*(state(minute, Occupancy.FREE) for minute in range(0, 60, 5)))
    late = message(*(state(minute) for minute in range(0, 60, 5)), device="pi-2")
    orderly, crooked = Memory(building=STRICT), Memory(building=STRICT)
    orderly.store.write([here, late])
    orderly.make(T_MS + 6 * QUARTER_MS)
    crooked.store.write([here])
    crooked.make(T_MS + 6 * QUARTER_MS)
    crooked.clock.now_ms = T_MS + round(timedelta(days=late_days).total_seconds() * 1000)
    crooked.retention.run_once()
    crooked.store.write([late])
    crooked.retention.run_once()

    for device in ("pi-1", "pi-2"):
        np.testing.assert_array_equal(crooked.zones()[device].amounts, orderly.zones()[device].amounts)
    assert crooked.amount("occupied_s") == orderly.amount("occupied_s") == 900
    left = crooked.store.states(SITE, SPACE, start_ms=0, end_ms=2**53)
    assert bool(len(left)) == (late_days < 3)
