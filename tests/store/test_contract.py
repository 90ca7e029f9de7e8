# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every store promises, in memory and in SQLite."""

from __future__ import annotations

import tempfile
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import Cause
from bezet.model import Because, Kind, Occupancy, Reading, State
from bezet.wire import Batch, Clock
from store import MAX_REJECT_BYTES, MAX_REJECTS, Reject
from store.memory import MemoryStore
from store.sqlite import SqliteStore
from tests.bezet import strategies
from tests.bezet.strategies import unhurried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from store import Store

SITE, SPACE, PI = "townhall", "1.04", "pi-1"
T_MS = 1_790_000_000_000


class Span(TypedDict):
    """From an instant to an instant."""

    start_ms: int
    end_ms: int


EVER = Span(start_ms=0, end_ms=2**53)


@contextmanager
def memory_store() -> Iterator[Store]:
    """An empty store in memory."""
    with closing(MemoryStore()) as store:
        yield store


@contextmanager
def sqlite_store() -> Iterator[Store]:
    """An empty store in a file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteStore(Path(folder) / "bezet.db")) as store,
    ):
        yield store


#: A new kind of store is one line here.
MAKERS: dict[str, Callable[[], AbstractContextManager[Store]]] = {
    "memory": memory_store,
    "sqlite": sqlite_store,
}
every_store = pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))


@pytest.fixture(params=MAKERS.values(), ids=list(MAKERS))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store."""
    with request.param() as made:
        yield made


def reading(seconds: int, sensor: str = "co2", kind: Kind = Kind.CO2_PPM, amount: float = 500.0) -> Reading:
    """A reading so many seconds after the beginning."""
    return Reading(T_MS + seconds * 1000, sensor, kind, amount)


def state(seconds: int, occupancy: Occupancy = Occupancy.FREE, rule: str = "first-1") -> State:
    """A state so many seconds after the beginning."""
    t_ms = T_MS + seconds * 1000
    return State(t_ms, occupancy, 0.25, t_ms, (Because.MOTION, Because.CO2_PPM), rule)


def batch(*rows: Reading | State, device: str = PI, space: str = SPACE, site: str = SITE) -> Batch:
    """A message with these readings and states."""
    return Batch(
        site,
        device,
        space,
        "6f1a2b3c4d5e6f70",
        1,
        Clock.TRUSTED,
        tuple(row for row in rows if isinstance(row, Reading)),
        tuple(row for row in rows if isinstance(row, State)),
    )


def content(store: Store, batches: Sequence[Batch]) -> list[Any]:
    """Everything that the store holds of the spaces of these batches."""
    return [
        (site, space, list(store.readings(site, space, **EVER)), list(store.states(site, space, **EVER)))
        for site, space in sorted({(one.site, one.space) for one in batches})
    ]


def instants(rows: Iterator[Any]) -> list[int]:
    """The seconds after the beginning of rows of either kind."""
    return [
        ((row.reading.t_ms if hasattr(row, "reading") else row.state.t_ms) - T_MS) // 1000 for row in rows
    ]


def span(start: int, end: int) -> Span:
    """From a second to a second after the beginning."""
    return Span(start_ms=T_MS + start * 1000, end_ms=T_MS + end * 1000)


# --- writing ----------------------------------------------------------------------------------------------


@every_store
@settings(unhurried, max_examples=40)
@given(written=st.lists(strategies.batches, max_size=4))
def test_gives_back_what_was_written(
    make: Callable[[], AbstractContextManager[Store]], written: list[Batch]
) -> None:
    """Every field of every reading and state that the contract allows comes back as it was."""
    with make() as store:
        store.write(written)
        found = content(store, written)

    assert {(site, space, *row) for site, space, rows, _ in found for row in rows} == {
        (one.site, one.space, one.device, reading)
        for reading, one in firsts(
            (r.t_ms, r.sensor, r.kind, r, one) for one in written for r in one.readings
        )
    }
    assert {(site, space, *row) for site, space, _, rows in found for row in rows} == {
        (one.site, one.space, one.device, state)
        for state, one in firsts((s.t_ms, s.rule, s, one) for one in written for s in one.states)
    }


def firsts(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, Batch]]:
    """Rows `(…identity, row, batch)`: of each identity of a device in a space the first."""
    found: dict[tuple[Any, ...], tuple[Any, Batch]] = {}
    for *identity, row, one in rows:
        found.setdefault((one.site, one.space, one.device, *identity), (row, one))
    return list(found.values())


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
@unhurried
@given(repeated())
def test_order_and_repeats_change_nothing(
    make: Callable[[], AbstractContextManager[Store]], found: tuple[list[Batch], list[list[Batch]]]
) -> None:
    """In whatever order, portions and number batches are written, the content is the same."""
    once, portions = found
    with make() as straight, make() as crooked:
        straight.write(once)
        for portion in portions:
            crooked.write(portion)

        assert content(crooked, once) == content(straight, once)


def test_the_first_word_stays(store: Store) -> None:
    """A second reading or state of the same identity does not replace the first, in one write or in two."""
    store.write(
        [batch(reading(1, amount=1.0), reading(1, amount=2.0), state(1), state(1, Occupancy.OCCUPIED))]
    )
    store.write([batch(reading(1, amount=3.0), state(1, Occupancy.UNKNOWN))])

    assert [row.reading.value for row in store.readings(SITE, SPACE, **EVER)] == [1.0]
    assert [row.state.occupancy for row in store.states(SITE, SPACE, **EVER)] == [Occupancy.FREE]


@pytest.mark.parametrize(
    "other",
    [
        batch(reading(1), device="pi-2"),
        batch(reading(1, sensor="co2-2")),
        batch(reading(1, kind=Kind.POWER_W)),
        batch(reading(2)),
    ],
    ids=["device", "sensor", "kind", "instant"],
)
def test_each_part_of_the_identity_counts(store: Store, other: Batch) -> None:
    """Readings that differ in device, sensor, kind or instant are two readings."""
    store.write([batch(reading(1)), other])

    assert len(list(store.readings(SITE, SPACE, **EVER))) == 2


@pytest.mark.parametrize(("site", "space"), [("library", SPACE), (SITE, "1.05")])
def test_sites_and_spaces_are_apart(store: Store, site: str, space: str) -> None:
    """A space shows nothing of another space, nor of a space of the same name at another site."""
    store.write([batch(reading(1), state(1), site=site, space=space)])

    assert list(store.readings(SITE, SPACE, **EVER)) == []
    assert list(store.states(SITE, SPACE, **EVER)) == []
    assert instants(store.readings(site, space, **EVER)) == [1]


def test_two_rules_may_speak_of_one_instant(store: Store) -> None:
    """A state made again by another rule stands beside the first."""
    store.write([batch(state(1), state(1, Occupancy.OCCUPIED, rule="second-1"))])

    assert [row.state.rule for row in store.states(SITE, SPACE, **EVER)] == ["first-1", "second-1"]


def test_all_or_nothing(store: Store) -> None:
    """A write that fails on its way leaves nothing of itself, and the next one is not hurt."""
    spoiled = replace(batch(), readings=(reading(2), None))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        store.write([batch(reading(1), state(1)), spoiled])

    assert content(store, [batch()]) == [(SITE, SPACE, [], [])]
    store.write([batch(reading(3))])
    assert instants(store.readings(SITE, SPACE, **EVER)) == [3]


def test_writing_nothing(store: Store) -> None:
    """No batches, and batches without content, are no error."""
    store.write([])
    store.write([batch()])

    assert content(store, [batch()]) == [(SITE, SPACE, [], [])]


# --- reading ----------------------------------------------------------------------------------------------


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

    assert [(row.reading, row.device) for row in store.readings(SITE, SPACE, **EVER)] == rows


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
    """A reading at the start of a span is in it, one at its end is not."""
    store.write([batch(reading(1), reading(2), reading(3))])

    assert instants(store.readings(SITE, SPACE, **span(start, end))) == found


@pytest.mark.parametrize("kind", [Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.MOTION])
def test_readings_of_one_kind(store: Store, kind: Kind) -> None:
    """Asked for one kind, the store gives that kind, of every sensor and device."""
    kinds = (Kind.CO2_PPM, Kind.TEMPERATURE_C)
    store.write([batch(*(reading(1, sensor, one) for sensor in ("a", "b") for one in kinds))])
    store.write([batch(*(reading(1, "a", one) for one in kinds), device="pi-2")])
    found = [row.reading.kind for row in store.readings(SITE, SPACE, **EVER, kind=kind)]

    assert found == ([] if kind is Kind.MOTION else [kind] * 3)


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
    store.write([batch(*(state(second) for second in (8, 6, 4, 2) if second != 6), device="pi-2")])
    rows = store.states(SITE, SPACE, **span(start, end))

    assert [(row.device, (row.state.t_ms - T_MS) // 1000) for row in rows] == found


def test_a_read_may_be_left_unfinished(store: Store) -> None:
    """Whoever takes only the first rows keeps nobody from writing."""
    store.write([batch(*(reading(second) for second in range(500)))])
    rows = store.readings(SITE, SPACE, **EVER)
    next(rows)
    store.write([batch(reading(1_000))])

    assert len(list(store.readings(SITE, SPACE, **EVER))) == 501


def test_reads_while_another_thread_writes(store: Store) -> None:
    """A reader in another thread sees whole batches at any moment, and more and more of them."""
    size, seen = 20, [0]
    done = threading.Event()

    def write() -> None:
        for number in range(100):
            store.write([batch(*(reading(number * size + place) for place in range(size)))])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        seen.append(len(list(store.readings(SITE, SPACE, **EVER))))
    writer.join()

    assert seen == sorted(seen)
    assert all(count % size == 0 for count in seen)
    assert len(list(store.readings(SITE, SPACE, **EVER))) == 100 * size


# --- what was refused -------------------------------------------------------------------------------------


def reject(number: int, cause: Cause = Cause.NOT_JSON, payload: bytes = b"\xff\x00bytes") -> Reject:
    """A refused message that can be told apart."""
    return Reject(T_MS + number, f"bezet/v1/townhall/pi-{number}", cause, f"number {number}", payload)


def test_rejects_are_kept_newest_first(store: Store) -> None:
    """Refused messages come back as they were, the newest first, as many as were asked for."""
    given_in = [reject(number, cause) for number, cause in enumerate(Cause)]
    store.reject(given_in[:3])
    store.reject(given_in[3:])

    assert store.rejects() == given_in[::-1]
    assert store.rejects(2) == given_in[:-3:-1]
    assert store.reject_counts() == dict.fromkeys(Cause, 1)


def test_rejects_are_bounded_but_counted_for_ever(store: Store) -> None:
    """The newest 1,000 are kept, whatever the portions they came in; all of them are counted, by cause."""
    numbers = iter(range(2_345))
    for portion in (1, 999, 1, 1_300, 44):
        store.reject([reject(next(numbers), Cause.FUTURE) for _ in range(portion)])
    store.reject([reject(9_999, Cause.BAD_TOPIC)])
    kept = store.rejects(5_000)

    assert len(kept) == MAX_REJECTS == 1_000
    assert [one.t_ms - T_MS for one in kept] == [9_999, *range(2_344, 1_345, -1)]
    assert store.reject_counts() == {Cause.FUTURE: 2_345, Cause.BAD_TOPIC: 1}


@pytest.mark.parametrize("size", [0, 1, 4_095, 4_096, 4_097, 1_000_000])
def test_payloads_of_rejects_are_cut(store: Store, size: int) -> None:
    """Of a refused payload the first 4 KiB are kept."""
    payload = bytes(number % 251 for number in range(size))
    store.reject([reject(1, payload=payload)])

    assert store.rejects()[0].payload == payload[:4_096]
    assert MAX_REJECT_BYTES == 4_096


def test_no_rejects(store: Store) -> None:
    """A store that refused nothing says so, also after it was told of nothing."""
    store.reject([])

    assert store.rejects() == []
    assert store.reject_counts() == {}
