# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every store promises of facts: none is forgotten, the newest stand, late data is not overlooked."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind, Level, Zone
from bezet.usage.columns import JOINT, ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, touched_quarters
from store import Month
from tests.bezet.strategies import unhurried
from tests.store.stage import (
    EVER,
    SITE,
    SPACE,
    T_MS,
    ZONE,
    Span,
    any_batch,
    batch,
    every_store,
    examples,
    fact_rows,
    lasting_stores,
    quarters,
    reading,
    state,
    zone_facts,
)

if TYPE_CHECKING:
    from bezet.messages import Batch
    from store import Store
    from tests.store.stage import Maker

QUARTER_S = QUARTER_MS // 1000

# --- touches ----------------------------------------------------------------------------------------------


@every_store
def test_touches_what_a_write_touches(make: Maker) -> None:
    """The quarter hours that any batches touch are marked, in order of space and time, and no others."""

    @settings(unhurried, max_examples=examples(make, 60))
    @given(st.lists(any_batch, max_size=4))
    def check(written: list[Batch]) -> None:
        with make() as store:
            store.write(written[:2])
            store.write(written[2:])
            found = {site: store.touched(site) for site in {one.site for one in written}}

        for site, touched in found.items():
            wanted = {
                (one.space, quarter)
                for one in written
                if one.site == site
                for quarter in touched_quarters(one)
            }
            assert [one.site for one in touched] == [site] * len(wanted)
            assert [(one.space, one.quarter_ms) for one in touched] == sorted(wanted)

    check()


def test_presence_evidence_touches_nothing(store: Store) -> None:
    """What speaks through states only makes no work of its own."""
    store.write([batch(reading(1, "pir", Kind.MOTION, 1.0), reading(2, "door", Kind.DOOR_OPEN, 1.0))])

    assert store.touched(SITE) == []


def test_what_is_done_is_forgotten(store: Store) -> None:
    """A quarter hour is touched until its facts are written, with facts or without, and then no more."""
    store.write([batch(state(1)), batch(state(1), space="1.05")])
    first, *rest = store.touched(SITE)
    store.write_facts([zone_facts({0: 1.0})], [first])
    assert store.touched(SITE) == rest

    store.write_facts([], rest)
    assert store.touched(SITE) == []
    store.write_facts([], [first, *rest])
    store.write([batch(state(2))])
    assert quarters(store.touched(SITE)) == [0, 1]


def test_what_is_touched_again_stays_touched(store: Store) -> None:
    """Data that comes while facts are made is not overlooked, though it be a repeat of the same."""
    store.write([batch(state(1)), batch(state(1 + 4 * QUARTER_S))])
    seen = store.touched(SITE)
    store.write([batch(state(1))])
    store.write_facts([zone_facts({0: 1.0, 4: 1.0})], seen)

    assert quarters(seen) == [0, 1, 4, 5]
    assert quarters(store.touched(SITE)) == [0, 1]
    store.write_facts([], seen)
    assert quarters(store.touched(SITE)) == [0, 1]
    store.write_facts([], store.touched(SITE))
    assert store.touched(SITE) == []


def test_what_somebody_else_settled_is_touched_anew(store: Store) -> None:
    """Facts that are written after those of later rows do not stand: their quarter hour is made again."""
    store.write([batch(state(1))])
    slow = store.touched(SITE)
    store.write([batch(state(2))])
    store.write_facts([zone_facts({0: 2.0})], store.touched(SITE))
    assert store.touched(SITE) == []
    store.write_facts([zone_facts({0: 1.0})], slow)

    assert quarters(store.touched(SITE)) == [0, 1]


def test_touches_of_one_space_are_its_own(store: Store) -> None:
    """What is done in a space, or at another site, says nothing of the same quarter hour elsewhere."""
    store.write([batch(state(1)), batch(state(1), space="1.05"), batch(state(1), site="library")])
    done = [one for one in store.touched(SITE) if one.space == SPACE]
    store.write_facts([], done)

    assert quarters(store.touched(SITE)) == []
    assert quarters(store.touched(SITE), "1.05") == [0, 1]
    assert quarters(store.touched("library")) == [0, 1]


# --- facts ------------------------------------------------------------------------------------------------

#: Which zone, and the quarter hours with their amounts and revision.
Told = tuple[Zone, dict[int, float], int]
zones = st.builds(Zone, st.just(SITE), st.sampled_from(["1.04", "1.05"]), st.sampled_from([JOINT, "a", "b"]))
amounts = st.one_of(st.floats(0, 1e9), st.just(float("nan")))
told = st.tuples(
    zones, st.dictionaries(st.integers(-3, 200), amounts, min_size=1, max_size=6), st.integers(0, 9)
)


@every_store
def test_the_newest_facts_stand(make: Maker) -> None:
    """Of each quarter hour of a zone the amounts and revision written last come back exactly, NaN too."""

    @settings(unhurried, max_examples=examples(make, 80))
    @given(st.lists(st.lists(told, max_size=3), max_size=4))
    def check(writes: list[list[Told]]) -> None:
        wanted: dict[Any, Any] = {}
        with make() as store:
            for write in writes:
                made = [zone_facts(amounts, zone, revision) for zone, amounts, revision in write]
                store.write_facts(made, [])
                for facts in made:
                    wanted |= rows_of(facts)
            found = fact_rows(store)

        assert found == wanted
        assert list(found) == sorted(wanted)

    check()


def rows_of(facts: ZoneFacts) -> dict[Any, Any]:
    """As `fact_rows`, of what was written."""
    return {
        (facts.zone, (quarter_ms - T_MS) // QUARTER_MS): (
            *("nan" if np.isnan(amount) else amount for amount in column),
            revision,
        )
        for quarter_ms, column, revision in zip(
            facts.quarter_ms.tolist(), facts.amounts.T.tolist(), facts.revision.tolist(), strict=True
        )
    }


def test_facts_come_zone_by_zone_and_joint_first(store: Store) -> None:
    """Zones are in order of space and device, all devices together first; columns are what they should be."""
    devices = [Zone(SITE, space, device) for space in ("1.04", "1.05") for device in (JOINT, "pi-1", "pi-2")]
    for zone in reversed(devices):
        store.write_facts([zone_facts({3: 1.0, 1: 2.0, 100: 3.0}, zone)], [])
    found = list(store.facts(SITE, **EVER))

    assert [one.zone for one in found] == devices
    assert [one.zone for one in store.facts(SITE, "1.05", **EVER)] == devices[3:]
    for one in found:
        assert ((one.quarter_ms - T_MS) // QUARTER_MS).tolist() == [1, 3, 100]
        assert one.amounts.shape == (len(FACTS), 3)
        types = [column.dtype.str for column in (one.quarter_ms, one.amounts, one.revision)]
        assert types == ["<i8", "<f8", "<i4"]


def test_facts_of_a_space_are_its_own(store: Store) -> None:
    """Facts of another space, of a space of that name at another site, and of none do not show."""
    store.write_facts([zone_facts({0: 1.0}, Zone("library", SPACE, "pi-1"))], [])

    assert fact_rows(store) == fact_rows(store, space=SPACE) == {}
    assert len(fact_rows(store, "library")) == 1
    assert store.zones() == []


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(0, 96, [0, 1, 95]), (1, 95, [1]), (1, 97, [1, 95, 96]), (96, 96, []), (97, 400, [200]), (9, 5, [])],
)
def test_facts_of_a_span(store: Store, start: int, end: int, found: list[int]) -> None:
    """A quarter hour that begins in the span is in it, also in the middle of a day."""
    store.write_facts([zone_facts(dict.fromkeys([0, 1, 95, 96, 200], 1.0))], [])
    asked = Span(start_ms=T_MS + start * QUARTER_MS, end_ms=T_MS + end * QUARTER_MS)

    assert [number for _zone, number in fact_rows(store, asked=asked)] == found
    late = Span(start_ms=asked["start_ms"] + 1, end_ms=asked["end_ms"] + 1)
    assert [number for _zone, number in fact_rows(store, asked=late)] == [
        number for number in (0, 1, 95, 96, 200) if start < number <= end
    ]


def test_facts_survive_what_they_were_made_of(store: Store) -> None:
    """Where readings and states are gone facts stand, and quarter hours of late data are put beside them."""
    store.write([batch(reading(1), state(1))])
    store.write_facts([zone_facts({0: 1.0, 1: 2.0})], store.touched(SITE))
    limit_ms = T_MS + QUARTER_MS
    store.remove_before(SITE, {level: limit_ms for level in Level if level is not Level.FACTS})
    store.write_facts([zone_facts({1: 5.0, 2: 6.0}, revision=1)], [])

    assert {number: row[-1] for (_, number), row in fact_rows(store).items()} == {0: 0, 1: 1, 2: 1}
    assert [row[0] for row in fact_rows(store).values()] == [1.0, 5.0, 6.0]


@lasting_stores
def test_facts_of_many_zones_in_constant_memory(make: Maker) -> None:
    """Reading the facts of ten times as many zones takes no more memory."""
    with make() as store:
        peaks = []
        for count in (4, 40):
            made = [
                zone_facts(dict.fromkeys(range(14 * 96), float(number)), Zone(SITE, f"{number:03}", "pi-1"))
                for number in range(count)
            ]
            store.write_facts(made, [])
            del made
            tracemalloc.start()
            try:
                assert sum(len(one) for one in store.facts(SITE, **EVER)) == count * 14 * 96
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0]


def test_reading_facts_while_they_are_written(store: Store) -> None:
    """Whoever has read the first zone keeps nobody from writing, and reads on."""
    store.write_facts([zone_facts({0: 1.0}, Zone(SITE, space, "pi-1")) for space in ("1.04", "1.05")], [])
    found = store.facts(SITE, **EVER)
    first = next(found)
    store.write_facts([zone_facts({0: 2.0})], [])
    store.write([batch(state(1))])

    assert first.amounts[0].tolist() == [1.0]
    assert [one.zone.space for one in found] == ["1.05"]


# --- months -----------------------------------------------------------------------------------------------


def month(name: str, first: float, revision: int = 0, site: str = SITE) -> Month:
    """A month whose first amount is this, and whose last is not known."""
    found = np.arange(len(FACTS), dtype=np.float64) + first
    found[-1] = np.nan
    return Month(site, name, found, revision)


def test_months_are_kept_per_site(store: Store) -> None:
    """The months of a site come in order with every amount; one that is written again takes its place."""
    written = [month("2026-11", 1.5), month("2026-09", 2.5, 3), month("2027-01", 0.1 + 0.2)]
    store.write_months([*written, month("2026-09", 9.0, site="library")])
    store.write_months([month("2026-11", 7.0, 1)])
    store.write_months([])
    wanted = [written[1], month("2026-11", 7.0, 1), written[2]]

    found = store.months(SITE)
    assert [one[:2] for one in found] == [one[:2] for one in wanted]
    assert [one.revision for one in found] == [3, 1, 0]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one.amounts, other.amounts)
    assert len(store.months("library")) == 1


def test_months_stay_when_facts_go(store: Store) -> None:
    """Months are kept for ever, whatever is removed."""
    store.write_facts([zone_facts({0: 1.0}, ZONE)], [])
    store.write_months([month("2026-09", 1.0)])
    store.remove_before(SITE, dict.fromkeys(Level, T_MS + 10**12))
    store.remove_space(SITE, SPACE)

    assert [one.month for one in store.months(SITE)] == ["2026-09"]
