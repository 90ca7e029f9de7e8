# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Copying from any store to any other ends with everything there, however often it is stopped."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import Cause
from bezet.model import Kind, Level, Occupancy, Reading, State, Zone
from bezet.usage.columns import JOINT
from bezet.usage.facts import FACTS, QUARTER_MS, ROW
from collector.facts import FactMaker
from store import PORTION_ROWS, Month, Reject
from store.copying import Copied, Count, copy
from store.memory import MemoryStore
from store.portions import portions
from tests.bezet.strategies import unhurried
from tests.collector.stage import BUILDING
from tests.store.influx_server import influx_store, now_ms
from tests.store.stage import (
    EVER,
    MAKERS,
    PI,
    SITE,
    SPACE,
    T_MS,
    ZONE,
    any_batch,
    batch,
    examples,
    fact_rows,
    health,
    memory_store,
    reading,
    state,
    whole_stores,
    zone_facts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.messages import Batch, Health
    from store import Store
    from tests.store.stage import Maker

pytestmark = pytest.mark.slow

ELSEWHERE = "library"
PAIRS = [(one, other) for one in MAKERS for other in MAKERS if one != other or one == "memory"]
every_pair = pytest.mark.parametrize(
    ("start", "end"),
    [(MAKERS[one], MAKERS[other]) for one, other in PAIRS],
    ids=[f"{one}-{other}" for one, other in PAIRS],
)


def silent(what: str, done: int, steps: int) -> None:
    """Progress that nobody looks at."""


def month(name: str, covered_s: float, revision: int = 0, site: str = SITE) -> Month:
    """A month in which so much was known."""
    amounts = np.arange(len(FACTS), dtype=np.float64)
    amounts[ROW["covered_s"]] = covered_s
    amounts[-1] = np.nan
    return Month(site, name, amounts, revision)


def reject(number: int) -> Reject:
    """A refused message."""
    return Reject(T_MS + number, f"bezet/{number}", Cause.BAD_VALUE, "wrong", b"{}")


@dataclass
class Content:
    """What a store is given, and which of its quarter hours are settled."""

    batches: Sequence[Batch] = ()
    healths: Sequence[Health] = ()
    facts: dict[int, float] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)

    def put(self, store: Store) -> None:
        """Give it to a store."""
        store.write(self.batches)
        store.write_health(self.healths)
        for device in (PI, "pi-2", JOINT):
            store.write_facts([zone_facts(self.facts, Zone(SITE, SPACE, device), revision=3)], [])
        for site in {one.site for one in self.batches}:
            touched = store.touched(site)
            store.write_facts(
                [], [one for one in touched if one.quarter_ms // QUARTER_MS % 7 in self.settled]
            )
        store.write_months([month("2026-08", 7_000.0, 2), month("2026-09", 500.0)])
        store.reject([reject(1), reject(2)])


#: Two hours of one space and two devices, three to an instant, so that instants, portions and stores overlap.
SMALL = Content(
    [
        batch(
            *(reading(60 * minute, sensor) for minute in range(120) for sensor in ("co2", "temp")),
            *(reading(60 * minute, "pir", Kind.MOTION, minute % 2) for minute in range(120)),
            *(state(60 * minute, Occupancy.OCCUPIED) for minute in range(0, 120, 5)),
            device=device,
        )
        for device in (PI, "pi-2")
    ]
    + [batch(state(0), site=ELSEWHERE), batch(reading(86_400 * 9), space="1.05")],
    [*(health(seconds) for seconds in range(-600, 100_000, 1_000)), health(5, device="pi-2", online=False)],
    {quarter: float(quarter) for quarter in range(6)},
    {0, 1, 2, 3, 4, 5},
)


def contents() -> st.SearchStrategy[Content]:
    """Whatever a store can hold."""
    seconds = st.integers(0, 3_000_000) | st.integers(0, 20)
    rows = st.lists(st.builds(state, seconds) | st.builds(reading, seconds), max_size=12).map(tuple)
    devices = st.sampled_from([PI, "pi-2"])
    ours = st.builds(lambda found, device: batch(*found, device=device), rows, devices)
    return st.builds(
        Content,
        st.lists(any_batch | ours, max_size=4).map(lambda found: [*found, batch(state(0))]),
        st.lists(st.builds(health, st.integers(0, 3_000_000)), max_size=4),
        st.dictionaries(st.integers(0, 3_000), st.floats(0, 900), max_size=6),
        st.sets(st.integers(0, 6)),
    )


def everything(store: Store) -> dict[str, Any]:
    """All that a store holds, comparable."""
    zones = store.zones()
    sites = {zone.site for zone in zones} | {SITE}
    return {
        "rows": {zone: rows_of(store.batches(zone, **EVER)) for zone in zones},
        "health": [one for site in sorted(sites) for one in store.healths(site, **EVER)],
        "facts": {site: fact_rows(store, site) for site in sites},
        "months": [
            (one.site, one.month, one.amounts.tobytes(), one.revision)
            for site in sorted(sites)
            for one in store.months(site)
        ],
        "touched": {one[:3] for site in sites for one in store.touched(site)},
        "rejects": [(one.t_ms, one.topic) for one in store.rejects()],
    }


def rows_of(batches: Iterator[Batch]) -> set[Reading | State]:
    """Readings and states."""
    found: set[Reading | State] = set()
    for one in batches:
        found |= {*one.readings, *one.states}
    return found


class StoppedError(Exception):
    """The program was killed."""


@dataclass
class Stop:
    """Progress that ends the copying after so many words."""

    left: int

    def __call__(self, what: str, *_: int) -> None:
        """Count down."""
        self.left -= 1
        if self.left < 0:
            raise StoppedError(what)


# --- everything arrives -----------------------------------------------------------------------------------


@every_pair
def test_everything_arrives(start: Maker, end: Maker) -> None:
    """Rows, health, facts with revisions, months, rejects and what waits for facts are all there."""
    with start() as source, end() as target, memory_store() as back:
        SMALL.put(source)
        copied = copy(source, target, progress=silent)

        assert everything(target) == everything(source)
        assert copied.is_whole
        assert copied.counts == {
            "presence": Count(240, 240, 0),
            "environment": Count(481, 481, 0),
            "states": Count(49, 49, 0),
            "facts": Count(18, 18, 0),
            "health": Count(102, 102, 0),
            "months": Count(2, 2, 0),
        }
        assert copied.written == sum(one.source for one in copied.counts.values())
        assert copy(target, back, progress=silent).is_whole
        assert everything(back) == everything(source)


@every_pair
def test_a_second_run_writes_nothing(start: Maker, end: Maker) -> None:
    """What is there is not written again, and what came to the source since then is."""
    with start() as source, end() as target:
        SMALL.put(source)
        first = copy(source, target, progress=silent)
        again = copy(source, target, progress=silent)
        source.write([batch(reading(30), space="1.06")])
        more = copy(source, target, progress=silent)

        assert (again.written, again.counts) == (0, first.counts)
        assert (more.written, more.is_whole) == (1, True)
        assert everything(target) == everything(source)


@pytest.mark.parametrize("end", MAKERS.values(), ids=list(MAKERS))
def test_any_content_arrives_however_often_it_is_stopped(end: Maker) -> None:
    """Killed at any instant, several times, copying ends in what an undisturbed copy ends in."""

    @settings(unhurried, max_examples=examples(end, 40))
    @given(content=contents(), stops=st.lists(st.integers(0, 30), max_size=4))
    def play(content: Content, stops: list[int]) -> None:
        with memory_store() as source, end() as target:
            content.put(source)
            for left in stops:
                try:
                    copy(source, target, progress=Stop(left))
                except StoppedError:
                    continue
            assert copy(source, target, progress=silent).is_whole
            assert everything(target) == everything(source)

    play()


def test_a_zone_that_was_half_copied_is_gone_on_with() -> None:
    """After a kill in the middle of a zone only the other half is written."""
    rows = [reading(seconds) for seconds in range(2 * PORTION_ROWS + 10)]
    with memory_store() as source, memory_store() as target:
        source.write([*portions(ZONE, rows)])
        with pytest.raises(StoppedError):
            copy(source, target, progress=Stop(2))
        done = sum(len(one.readings) for one in target.batches(ZONE, **EVER))
        copied = copy(source, target, progress=silent)

        assert done in (PORTION_ROWS, 2 * PORTION_ROWS)
        assert copied.written == len(rows) - done
        assert copied.is_whole


def test_one_site_is_copied_alone() -> None:
    """Only the site that is named is copied, also when all but its facts has gone."""
    with memory_store() as source, memory_store() as target:
        source.write([batch(state(0), site=ELSEWHERE)])
        source.write_facts([zone_facts({0: 1.0, 7: 2.0})], [])
        source.write_months([month("2024-01", 5.0)])
        copied = copy(source, target, site=SITE, progress=silent)

        assert target.zones() == []
        assert fact_rows(target) == fact_rows(source)
        assert len(target.months(SITE)) == 1
        assert (copied.written, copied.is_whole) == (3, True)


def test_progress_counts_up_to_its_end() -> None:
    """Progress says what is at work; the steps go up to their number, which stands from the start."""
    heard: list[tuple[str, int, int]] = []
    with memory_store() as source, memory_store() as target:
        SMALL.put(source)
        copy(source, target, progress=lambda *words: heard.append(words))
    done = [one[1] for one in heard]

    assert {steps for _, _, steps in heard} == {12}
    assert done == sorted(done)
    assert done[-1] == 12
    assert ("copying townhall 1.04 pi-2", 5, 12) in heard


# --- the proof --------------------------------------------------------------------------------------------


class LossyStore(MemoryStore):
    """Loses readings that were taken at a full hour, and says nothing."""

    def write(self, batches: Sequence[Batch]) -> None:
        """Write what is not lost."""
        kept = [
            replace(one, readings=tuple(row for row in one.readings if row.t_ms % 3_600_000))
            for one in batches
        ]
        super().write(kept)


def test_what_is_missing_is_counted() -> None:
    """A target that lost something is not whole; the count says of which level how much."""
    with memory_store() as source:
        SMALL.put(source)
        copied = copy(source, LossyStore(), progress=silent)

    assert not copied.is_whole
    assert copied.counts[Level.PRESENCE] == Count(240, 236, 0)
    assert copied.counts[Level.ENVIRONMENT] == Count(481, 472, 0)
    assert copied.counts[Level.STATES] == Count(49, 49, 0)


def test_another_number_is_not_the_same_row() -> None:
    """A row of the target that differs gives way to the word of the source; only equal rows count."""
    with memory_store() as source, memory_store() as target:
        source.write([batch(reading(0, amount=700.0), state(0, Occupancy.OCCUPIED))])
        target.write([batch(reading(0, amount=500.0), state(0, Occupancy.FREE), reading(1))])
        copied = copy(source, target, progress=silent)
        (rows,) = everything(target)["rows"].values()

    assert rows == {reading(0, amount=700.0), state(0, Occupancy.OCCUPIED), reading(1)}
    assert (copied.written, copied.is_whole) == (2, True)


def test_what_the_target_keeps_no_longer_is_expired() -> None:
    """Rows from before what the target keeps are neither written nor missing, level by level."""
    kept = dict.fromkeys(Level, T_MS + 3_600_000) | {Level.STATES: T_MS}
    with memory_store() as source, memory_store() as target:
        SMALL.put(source)
        copied = copy(source, target, site=SITE, progress=silent, kept_from_ms=lambda: kept)

        assert copied.is_whole
        assert copied.counts == {
            "presence": Count(240, 120, 120),
            "environment": Count(481, 241, 240),
            "states": Count(48, 48, 0),
            "facts": Count(18, 6, 12),
            "health": Count(102, 101, 1),
            "months": Count(2, 2, 0),
        }
        assert copy(source, target, progress=silent).counts["facts"] == Count(18, 18, 0)


def test_a_server_that_takes_no_old_rows_is_whole_without_them() -> None:
    """A real server refuses rows older than its bucket keeps; where that is told, they have expired."""
    day_ms = 86_400_000
    old_ms, young_ms = now_ms() - 5 * day_ms, now_ms() - 3_600_000

    def kept() -> dict[Level, int]:
        return {Level.PRESENCE: now_ms() - day_ms}

    rows = [Reading(t_ms, "pir", Kind.MOTION, 1.0) for t_ms in (old_ms, old_ms + 1, young_ms)]
    with memory_store() as source, influx_store() as target:
        if target.server.found().generation == 3:
            pytest.skip("InfluxDB 3 cannot change how long it keeps")
        source.write([batch(*rows, reading(0))])
        target.keep({Level.PRESENCE: timedelta(days=1)})
        told = copy(source, target, progress=silent, kept_from_ms=kept)
        untold = copy(source, target, progress=silent)

        assert (told.is_whole, told.counts["presence"]) == (True, Count(3, 1, 2))
        assert (untold.is_whole, untold.counts["presence"]) == (False, Count(3, 1, 0))
        assert target.parked == 0


@pytest.mark.slow
def test_copying_goes_in_constant_memory() -> None:
    """Three times the rows take no more memory at a time."""

    @dataclass
    class Spring(MemoryStore):
        """One zone, whose rows are made as they are read."""

        rows: int

        def __post_init__(self) -> None:
            super().__init__()

        def zones(self) -> list[Zone]:
            """The one zone."""
            return [ZONE]

        def batches(self, zone: Zone, *, start_ms: int, end_ms: int) -> Iterator[Batch]:  # noqa: ARG002
            """All rows, never at once."""
            return portions(zone, map(reading, range(self.rows)))

    def peak(portions_of_rows: int) -> int:
        stores = Spring(portions_of_rows * PORTION_ROWS), Spring(portions_of_rows * PORTION_ROWS)
        tracemalloc.start()
        try:
            assert copy(*stores, progress=silent).counts["environment"].target == stores[0].rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(6) < 1.2 * peak(2)


# --- a target that is written to already ------------------------------------------------------------------


def copied_over(target: Store, *, own: Batch) -> Copied:
    """A source with facts of everything, copied into a target that has a row of its own."""
    source = MemoryStore()
    SMALL.put(source)
    source.write_facts([], source.touched(SITE))
    target.write([own])
    return copy(source, target, site=SITE, progress=silent)


@pytest.mark.parametrize("end", MAKERS.values(), ids=list(MAKERS))
def test_newer_rows_of_the_target_stay(end: Maker) -> None:
    """What a collector wrote to the target stays there, waits for its facts, and spoils no proof."""
    with end() as target:
        newer = state(86_400)
        copied = copied_over(target, own=batch(newer))

        assert copied.is_whole
        assert newer in everything(target)["rows"][ZONE]
        assert {one.quarter_ms - T_MS for one in target.touched(SITE)} == {86_400_000}


@pytest.mark.parametrize("end", MAKERS.values(), ids=list(MAKERS))
@pytest.mark.parametrize("device", [PI, "new"])
def test_late_rows_of_the_target_reopen_copied_facts(end: Maker, device: str) -> None:
    """A quarter hour with copied facts is made again where the target has a row of its own in it."""
    with end() as target:
        late = batch(state(901.5), device=device)
        target.write([late])
        target.write_facts([zone_facts({1: 99.0})], target.touched(SITE))
        copied = copied_over(target, own=batch())

        assert copied.is_whole
        assert {one.quarter_ms - T_MS for one in target.touched(SITE)} == {900_000, 1_800_000}
        assert fact_rows(target)[ZONE, 1] != fact_rows(target)[ZONE, 0]
        assert fact_rows(target)[ZONE, 1][:1] == (1.0,)


@pytest.mark.parametrize("end", MAKERS.values(), ids=list(MAKERS))
def test_a_second_run_reopens_what_it_puts_back(end: Maker) -> None:
    """Facts that the target made better since the first run are made again after the second."""
    with memory_store() as source, end() as target:
        source.write([batch(state(10), state(400))])
        source.write_facts([zone_facts({0: 4.0, 1: 4.0})], source.touched(SITE))
        copy(source, target, progress=silent)
        target.write([batch(state(20), device="new")])
        target.write_facts([zone_facts({0: 8.0}, revision=1)], target.touched(SITE))
        copied = copy(source, target, progress=silent)

        assert copied.is_whole
        assert {one.quarter_ms for one in target.touched(SITE)} == {T_MS, T_MS + QUARTER_MS}


def test_facts_made_of_half_a_copy_are_put_right() -> None:
    """Where a collector made facts and months of what was copied so far, the copied ones take their place."""
    with memory_store() as source, memory_store() as target:
        SMALL.put(source)
        source.write_facts([], source.touched(SITE))
        with pytest.raises(StoppedError):
            copy(source, target, progress=Stop(6))
        target.write_facts([zone_facts({0: 5.5, 2: 7.5})], target.touched(SITE))
        target.write_months([month("2026-08", 20.0), month("2026-09", 900.0)])
        copied = copy(source, target, site=SITE, progress=silent)
        months = {one.month: one.amounts[ROW["covered_s"]] for one in target.months(SITE)}

        assert copied.is_whole
        assert fact_rows(target) == fact_rows(source)
        assert months == {"2026-08": 7_000.0, "2026-09": 900.0}
        assert target.touched(SITE) == []


def test_what_waits_in_the_source_waits_in_the_target() -> None:
    """A quarter hour that the source has not made again waits in the target, though it was made there."""
    with memory_store() as source, memory_store() as target:
        source.write([batch(state(10), state(400))])
        source.write_facts([zone_facts({0: 4.0})], source.touched(SITE))
        source.write([batch(state(700))])
        copy(source, target, progress=silent)
        target.write_facts([zone_facts({0: 8.0})], target.touched(SITE))
        copied = copy(source, target, progress=silent)

        assert copied.is_whole
        assert {one.quarter_ms for one in source.touched(SITE)} <= {
            one.quarter_ms for one in target.touched(SITE)
        }


def test_a_late_write_keeps_its_touch() -> None:
    """What is written to the target while it is looked at stays touched, whichever instant it comes at."""
    for moment in range(12):
        with memory_store() as source, memory_store() as target:
            SMALL.put(source)
            source.write_facts([], source.touched(SITE))
            heard = iter(range(1_000))

            def meanwhile(what: str, done: int, steps: int) -> None:
                if next(heard) == moment:  # noqa: B023  each round has its own
                    target.write([batch(state(1_000.5), device="pi-3")])

            copy(source, target, site=SITE, progress=meanwhile)

            assert T_MS + QUARTER_MS in {one.quarter_ms for one in target.touched(SITE)}, moment
            assert Zone(SITE, SPACE, "pi-3") in target.zones()


ROWS = st.lists(
    st.builds(
        lambda seconds, said, device: batch(state(seconds, said), device=device),
        st.integers(0, 3 * 3_600),
        st.sampled_from([Occupancy.FREE, Occupancy.OCCUPIED]),
        st.sampled_from([PI, "pi-2"]),
    ),
    max_size=12,
)


@whole_stores
@settings(unhurried, max_examples=40)
@given(ours=ROWS, theirs=ROWS, moments=st.lists(st.integers(0, 40), max_size=12), work=st.integers(1, 5))
def test_a_collector_may_be_at_work_on_the_target(
    make: Maker, ours: list[Batch], theirs: list[Batch], moments: list[int], work: int
) -> None:
    """Whenever a collector writes to the target and makes facts there, they end like those of one store."""
    with memory_store() as source, make() as target, memory_store() as undisturbed:
        stores = source, target, undisturbed
        makers = {one: FactMaker(one, BUILDING, lambda: T_MS + 86_400_000) for one in stores}
        # A row that both have is another matter: there the source has the last word.
        written = {(one.device, one.states[0].t_ms): one for one in ours}
        others = {(one.device, one.states[0].t_ms): one for one in theirs}
        left = [others[key] for key in sorted(others.keys() - written.keys())]
        undisturbed.write([*written.values(), *left])
        source.write([*written.values()])
        makers[source].make_due()
        turns = iter(range(1_000))

        def meanwhile(*_: object) -> None:
            turn = next(turns)
            if turn in moments and left:
                target.write([left.pop()])
            if turn % work == 0:
                makers[target].make_due()

        copy(source, target, progress=meanwhile)
        target.write(left)
        for one in (target, undisturbed):
            makers[one].make_due()

        assert amounts(target) == amounts(undisturbed)
        assert target.touched(SITE) == []


def amounts(store: Store) -> dict[Any, Any]:
    """Facts without their revisions."""
    return {key: row[:-1] for key, row in fact_rows(store).items()}


def test_rejects_of_the_target_are_its_own() -> None:
    """Refused messages are copied to a target that has none, in their order, and to no other."""
    with memory_store() as source, memory_store() as empty, memory_store() as busy:
        SMALL.put(source)
        busy.reject([reject(9)])
        for target in (empty, busy):
            copy(source, target, progress=silent)

        assert [one.t_ms - T_MS for one in empty.rejects()] == [2, 1]
        assert [one.t_ms - T_MS for one in busy.rejects()] == [9]
