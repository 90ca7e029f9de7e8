# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""From zones to a space: unknown is never free, and a history has no gaps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Because, Occupancy, State
from bezet.occupancy.zones import GONE_MS, SPEAKS_MS, Interval, coverage, history, merge

BUSY, FREE, UNKNOWN = Occupancy.OCCUPIED, Occupancy.FREE, Occupancy.UNKNOWN
MINUTE_MS = 60_000
T_MS = 1_780_000_000_000
LIKELY = {BUSY: 0.9, FREE: 0.1, UNKNOWN: 0.5}


def state(
    occupancy: Occupancy, t_ms: int = T_MS, *, since_ms: int | None = None, people: float | None = None
) -> State:
    """What a zone says."""
    because = {BUSY: (Because.MOTION,), FREE: (Because.CO2_PPM,), UNKNOWN: (Because.SILENCE,)}[occupancy]
    since_ms = t_ms if since_ms is None else since_ms
    return State(
        t_ms, occupancy, LIKELY[occupancy], since_ms, because, "rule-1", people, people, people and people + 1
    )


# --- at one instant --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        ([], UNKNOWN),
        ([FREE], FREE),
        ([UNKNOWN], UNKNOWN),
        ([BUSY], BUSY),
        ([FREE, FREE], FREE),
        ([FREE, UNKNOWN], UNKNOWN),
        ([FREE, BUSY], BUSY),
        ([UNKNOWN, BUSY], BUSY),
        ([FREE, UNKNOWN, BUSY], BUSY),
    ],
)
def test_one_occupied_zone_decides_and_then_one_unknown_zone(
    zones: list[Occupancy], expected: Occupancy
) -> None:
    """A space is occupied if any zone is, else unknown if any zone is or if there are none, else free."""
    assert merge([state(zone) for zone in zones], T_MS).occupancy is expected


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        ([(BUSY, -9, 2.0), (FREE, -5, 0.0)], (-9, 2.0)),
        ([(BUSY, -9, 2.0), (BUSY, -5, 3.0)], (-9, 5.0)),
        ([(FREE, -9, 0.0), (FREE, -5, 0.0)], (-5, 0.0)),
        ([(UNKNOWN, -9, None), (FREE, -5, 0.0)], (-5, None)),
        ([(UNKNOWN, -9, None), (UNKNOWN, -5, None)], (-5, None)),
        ([(BUSY, -9, 2.0), (BUSY, -5, None)], (-9, None)),
    ],
)
def test_since_is_what_the_zones_prove_and_people_are_summed_where_all_count(
    zones: list[tuple[Occupancy, int, float | None]], expected: tuple[int, float | None]
) -> None:
    """Occupied since the first zone that is, else since the last change; people only where all count."""
    merged = merge([state(one, since_ms=T_MS + since, people=people) for one, since, people in zones], T_MS)

    assert (merged.since_ms - T_MS, merged.people) == expected


def test_what_decides_is_what_is_said() -> None:
    """The evidence is that of the zones that decide; the probability that of the likeliest."""
    merged = merge([state(FREE), state(BUSY), state(UNKNOWN)], T_MS)

    assert (merged.because, merged.probability, merged.rule) == ((Because.MOTION,), 0.9, "rule-1")


# --- over a stretch of time ------------------------------------------------------------------------------

INSTANTS = st.one_of(
    st.integers(-30, 120).map(lambda minutes: T_MS + minutes * MINUTE_MS),
    st.integers(-10, 10).map(lambda days: T_MS + days * 24 * 60 * MINUTE_MS),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.builds(
            state,
            st.sampled_from([BUSY, FREE, UNKNOWN]),
            INSTANTS,
            people=st.sampled_from([None, 0.0, 1.0, 4.0]),
        ),
    ),
    unique_by=lambda row: (row[0], row[1].t_ms),
    max_size=30,
)
#: The instants around which a row begins or ceases to speak.
TURNS_MS = (-1, 0, SPEAKS_MS - 1, SPEAKS_MS, GONE_MS - 1, GONE_MS)
SPANS = st.tuples(INSTANTS, INSTANTS).filter(lambda span: span[0] < span[1])


def told(rows: list[tuple[str, State]], at_ms: int) -> Occupancy:
    """The rule in its plainest words, for one instant."""
    said = []
    for device in {device for device, _ in rows}:
        words = [word for name, word in rows if name == device and word.t_ms <= at_ms]
        if not words:
            continue
        last = max(words, key=lambda word: word.t_ms)
        if at_ms < last.t_ms + SPEAKS_MS:
            said.append(last.occupancy)
        elif at_ms < last.t_ms + GONE_MS:
            said.append(UNKNOWN)
    if BUSY in said:
        return BUSY
    return UNKNOWN if UNKNOWN in said or not said else FREE


@given(ROWS, SPANS)
def test_a_history_tiles_its_span(rows: list[tuple[str, State]], span: tuple[int, int]) -> None:
    """The intervals begin and end with the span, have no gap and no overlap, and neighbours differ."""
    found = history(rows, start_ms=span[0], end_ms=span[1])

    assert (found[0].start_ms, found[-1].end_ms) == span
    assert all(one.start_ms < one.end_ms for one in found)
    assert all(one.end_ms == next_one.start_ms for one, next_one in pairwise(found))
    assert all(one.occupancy is not next_one.occupancy for one, next_one in pairwise(found))


@given(ROWS, SPANS)
def test_a_history_says_at_each_instant_what_the_zones_said(
    rows: list[tuple[str, State]], span: tuple[int, int]
) -> None:
    """At every instant a space is what its zones said, and unknown where none of them spoke."""
    turns = {word.t_ms + after_ms for _, word in rows for after_ms in TURNS_MS}
    for one in history(rows, start_ms=span[0], end_ms=span[1]):
        looked_at = {one.start_ms, one.end_ms - 1, *turns}
        within = [at_ms for at_ms in looked_at if one.start_ms <= at_ms < one.end_ms]
        assert {told(rows, at_ms) for at_ms in within} == {one.occupancy}


@given(ROWS, SPANS, st.randoms(use_true_random=False))
def test_order_and_repeats_of_rows_do_not_matter(
    rows: list[tuple[str, State]], span: tuple[int, int], dice: object
) -> None:
    """Rows in any order, some of them twice, give the same history."""
    shuffled = rows + rows[::3]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert history(shuffled, start_ms=span[0], end_ms=span[1]) == history(
        rows, start_ms=span[0], end_ms=span[1]
    )


@given(ROWS, SPANS, st.integers(0, 1000))
def test_a_history_does_not_depend_on_where_it_is_cut(
    rows: list[tuple[str, State]], span: tuple[int, int], thousandths: int
) -> None:
    """Asked in two parts, a space was at each instant what it was when asked in one."""
    start_ms, end_ms = span
    cut_ms = start_ms + (end_ms - start_ms) * thousandths // 1000
    whole = history(rows, start_ms=start_ms, end_ms=end_ms)
    parts = history(rows, start_ms=start_ms, end_ms=cut_ms) + history(rows, start_ms=cut_ms, end_ms=end_ms)

    changes = [one.start_ms for one in parts if one.start_ms != cut_ms]
    assert [one.start_ms for one in whole if one.start_ms != cut_ms] == changes


def test_saying_the_same_again_splits_nothing() -> None:
    """A row that goes on as before makes no new interval; people and probability are means."""
    rows = [
        ("a", state(BUSY, T_MS + minutes * MINUTE_MS, people=people))
        for minutes, people in ((0, 2.0), (5, 4.0))
    ]

    found = history(rows, start_ms=T_MS, end_ms=T_MS + 15 * MINUTE_MS)

    assert found == [Interval(T_MS, T_MS + 15 * MINUTE_MS, BUSY, 10 / 3, 0.9)]


def test_a_dead_agent_is_not_free() -> None:
    """Ten minutes after an agent's last row its space is unknown, even if another zone is free."""
    rows = [("dead", state(FREE, T_MS))]
    rows += [("alive", state(FREE, T_MS + minutes * MINUTE_MS)) for minutes in range(0, 30, 5)]

    found = history(rows, start_ms=T_MS, end_ms=T_MS + 30 * MINUTE_MS)

    assert [(one.occupancy, (one.end_ms - T_MS) // MINUTE_MS) for one in found] == [(FREE, 10), (UNKNOWN, 30)]
    assert (found[1].probability, coverage(found)) == (None, 1 / 3)


def test_nothing_stored_is_nothing_known() -> None:
    """Without rows the whole span is unknown, and its coverage is nought."""
    found = history([], start_ms=T_MS, end_ms=T_MS + 1)

    assert found == [Interval(T_MS, T_MS + 1, UNKNOWN, None, None)]
    assert coverage(found) == coverage([]) == 0
