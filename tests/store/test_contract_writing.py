# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every store promises of writing: everything comes back, once, and the last word stays."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Because, Kind, Occupancy, Reading, State, Zone
from bezet.wire import T_MAX_MS, T_MIN_MS
from tests.bezet import strategies
from tests.bezet.strategies import unhurried
from tests.store.stage import (
    EVER,
    SITE,
    SPACE,
    T_MS,
    Span,
    any_batch,
    batch,
    content,
    every_store,
    examples,
    health,
    instants,
    reading,
    reading_seconds,
    state,
    whole_stores,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bezet.messages import Batch, Health
    from store import Store
    from tests.store.stage import Maker


@every_store
def test_gives_back_what_was_written(make: Maker) -> None:
    """Every field of every reading and state that the contract allows comes back as it was."""

    @settings(unhurried, max_examples=examples(make, 60))
    @given(st.lists(any_batch, max_size=4))
    def check(written: list[Batch]) -> None:
        with make() as store:
            store.write(written)
            found = content(store, written)

        assert {(site, space, *row) for site, space, rows, _ in found for row in rows} == {
            (one.site, one.space, one.device, reading)
            for reading, one in lasts(
                (r.t_ms, r.sensor, r.kind, r, one) for one in written for r in one.readings
            )
        }
        assert {(site, space, *row) for site, space, _, rows in found for row in rows} == {
            (one.site, one.space, one.device, state)
            for state, one in lasts((s.t_ms, s.rule, s, one) for one in written for s in one.states)
        }

    check()


def lasts(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, Batch]]:
    """Rows `(…identity, row, batch)`: of each identity of a device in a space the last."""
    return list(
        {(one.site, one.space, one.device, *identity): (row, one) for *identity, row, one in rows}.values()
    )


@every_store
def test_gives_back_the_health_that_was_written(make: Maker) -> None:
    """Every field of what agents say of themselves comes back as it was, once for each device and instant."""

    @settings(unhurried, max_examples=examples(make, 40))
    @given(st.lists(st.builds(replace, strategies.healths, t_ms=instants), max_size=6))
    def check(written: list[Health]) -> None:
        with make() as store:
            store.write_health(written[:2])
            store.write_health(written[2:])
            found = [one for site in {one.site for one in written} for one in store.healths(site, **EVER)]

        assert len(found) == len({(one.site, one.device, one.t_ms) for one in written})
        assert {(one.site, one.device, one.t_ms): one for one in found} == {
            (one.site, one.device, one.t_ms): one for one in written
        }

    check()


@st.composite
def repeated(draw: st.DrawFn) -> tuple[list[Batch], list[list[Batch]]]:
    """Batches that are true of one history, and the same ones in any order, some of them many times."""
    rows: list[Reading | State] = [
        *(reading(second, sensor) for second in range(4) for sensor in ("co2", "other")),
        *(state(second) for second in range(4)),
    ]
    once = [
        batch(*draw(st.lists(st.sampled_from(rows))), device=device, space=space)
        for device in ("pi-1", "pi-2")
        for space in ("1.04", "1.05")
    ]
    order = draw(st.permutations([*once, *draw(st.lists(st.sampled_from(once)))]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=3)))
    return once, [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@every_store
def test_order_and_repeats_change_nothing(make: Maker) -> None:
    """In whatever order, portions and number batches are written, the content is the same."""

    @settings(unhurried, max_examples=examples(make, 60))
    @given(repeated())
    def check(found: tuple[list[Batch], list[list[Batch]]]) -> None:
        once, portions = found
        with make() as straight, make() as crooked:
            straight.write(once)
            for portion in portions:
                crooked.write(portion)

            assert content(crooked, once) == content(straight, once)

    check()


def test_the_last_word_stays(store: Store) -> None:
    """Of readings, states and healths of one identity the last is kept, in one write and in two."""
    store.write([batch(reading(1, amount=1.0), reading(1, amount=2.0), state(1), state(1, people=2.0))])
    store.write(
        [batch(reading(2, amount=1.0), state(2)), batch(reading(2, amount=2.0), state(2, people=2.0))]
    )
    store.write([batch(reading(3, amount=1.0), state(3))])
    store.write([batch(reading(3, amount=2.0), state(3, people=2.0))])
    store.write_health([health(1), health(1, online=False), health(2)])
    store.write_health([health(2, online=False)])

    assert store.readings(SITE, SPACE, **EVER).amount.tolist() == [2.0] * 3
    assert [row.state.people for row in store.states(SITE, SPACE, **EVER).rows()] == [2.0] * 3
    assert [one.online for one in store.healths(SITE, **EVER)] == [False] * 2


def test_every_field_of_a_state_can_change(store: Store) -> None:
    """What is said again of one instant differs in any field, and each difference is kept; None too."""
    first = State(T_MS, Occupancy.FREE, 0.25, T_MS, (Because.MOTION,), "first-1", 1.5, 1.0, 2.0)
    changes: list[dict[str, Any]] = [
        {"occupancy": Occupancy.UNKNOWN},
        {"probability": 0.1 + 0.2},
        {"since_ms": T_MS - 86_399_999},
        {"because": (Because.SILENCE, Because.MOTION)},
        {"because": ()},
        {"people": None},
        {"people": 0.0},
        {"people_low": None},
        {"people_high": 9_999.9},
    ]
    for change in changes:
        other = replace(first, **change)
        store.write([batch(first)])
        store.write([batch(other)])

        assert [row.state for row in store.states(SITE, SPACE, **EVER).rows()] == [other]
        assert store.latest(SITE) == [(Zone(SITE, SPACE, "pi-1"), other)]


@pytest.mark.parametrize(
    "other",
    [
        batch(reading(1), device="pi-2"),
        batch(reading(1, sensor="co2-2")),
        batch(reading(1, kind=Kind.POWER_W)),
        batch(reading(1.001)),
    ],
    ids=["device", "sensor", "kind", "instant"],
)
def test_each_part_of_the_identity_counts(store: Store, other: Batch) -> None:
    """Readings that differ in device, sensor, kind or instant are two readings."""
    store.write([batch(reading(1)), other])

    assert len(store.readings(SITE, SPACE, **EVER)) == 2


@pytest.mark.parametrize(("site", "space"), [("library", SPACE), (SITE, "1.05")])
def test_sites_and_spaces_are_apart(store: Store, site: str, space: str) -> None:
    """A space shows nothing of another space, nor of a space of the same name at another site."""
    store.write([batch(reading(1), state(1), site=site, space=space)])

    assert content(store, [batch()]) == [(SITE, SPACE, [], [])]
    assert reading_seconds(store, site=site, space=space) == [1]


def test_two_rules_may_speak_of_one_instant(store: Store) -> None:
    """A state made again by another rule stands beside the first."""
    store.write([batch(state(1), state(1, Occupancy.OCCUPIED, rule="second-1"))])

    assert [row.state.rule for row in store.states(SITE, SPACE, **EVER).rows()] == ["first-1", "second-1"]


@pytest.mark.parametrize("t_ms", [T_MIN_MS, T_MAX_MS])
def test_the_ends_of_time(store: Store, t_ms: int) -> None:
    """The first and the last instant that the contract allows are instants like any other."""
    said = State(t_ms, Occupancy.FREE, 0.5, T_MIN_MS, (), "first-1")
    store.write([batch(Reading(t_ms, "co2", Kind.CO2_PPM, 400.0), said)])
    span = Span(start_ms=t_ms, end_ms=t_ms + 1)

    assert store.readings(SITE, SPACE, **span).t_ms.tolist() == [t_ms]
    assert [row.state for row in store.states(SITE, SPACE, **span).rows()] == [said]


def test_writing_nothing(store: Store) -> None:
    """No batches, batches without content and no healths are no error."""
    store.write([])
    store.write([batch()])
    store.write_health([])

    assert content(store, [batch()]) == [(SITE, SPACE, [], [])]
    assert (store.zones(), store.latest(SITE), store.healths(SITE, **EVER)) == ([], [], [])
    assert store.touched(SITE) == []


# --- stores of one machine --------------------------------------------------------------------------------


@whole_stores
def test_all_or_nothing(make: Maker) -> None:
    """A write that fails on its way leaves nothing of itself, and the next one is not hurt."""
    spoiled = replace(batch(), readings=(reading(2), None))  # type: ignore[arg-type]
    with make() as store:
        with pytest.raises(AttributeError):
            store.write([batch(reading(1), state(1)), spoiled])
        assert content(store, [batch()]) == [(SITE, SPACE, [], [])]
        assert store.touched(SITE) == []

        store.write([batch(reading(1), reading(3), state(3))])
        assert reading_seconds(store) == [1, 3]


@whole_stores
def test_reads_while_another_thread_writes(make: Maker) -> None:
    """A reader in another thread sees whole batches at any moment, and more and more of them."""
    size, seen = 20, [0]
    done = threading.Event()

    with make() as store:

        def write() -> None:
            for number in range(100):
                store.write([batch(*(reading(number * size + place) for place in range(size)))])
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        while not done.is_set():
            seen.append(len(store.readings(SITE, SPACE, **EVER)))
        writer.join()

        assert seen == sorted(seen)
        assert all(count % size == 0 for count in seen)
        assert len(store.readings(SITE, SPACE, **EVER)) == 100 * size
