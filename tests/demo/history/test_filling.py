# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is missing of the history is found, filled once, and not filled again."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.usage.facts import QUARTER_MS
from demo.faults import ALL
from demo.history.filling import SHORTEST_MS, Filling, gaps
from demo.standing import DATABASE, found_town
from demo.truth.files import FOLDER as TRUTH
from demo.truth.reading import covered_spans, read_truth
from store.sqlite import SqliteStore
from tests.conftest import ROOT
from tests.demo.towns import DAY_MS, HOUR_MS, MINUTE_MS, TUESDAY, clock

if TYPE_CHECKING:
    from pathlib import Path

    from demo.town import Town

Span = tuple[int, int]


# --- what is missing --------------------------------------------------------------------------------------


def hours(*spans: tuple[float, float]) -> list[Span]:
    """Spans in ms of spans in hours."""
    return [(round(from_h * HOUR_MS), round(to_h * HOUR_MS)) for from_h, to_h in spans]


@pytest.mark.parametrize(
    ("covered", "missing"),
    [
        ([], [(2, 8)]),
        ([(2, 8)], []),
        ([(0, 12)], []),
        ([(0, 1), (9, 12)], [(2, 8)]),
        ([(0, 3), (4, 5), (7, 12)], [(3, 4), (5, 7)]),
        ([(4, 5), (0, 3)], [(3, 4), (5, 8)]),
        ([(3, 6), (4, 5)], [(2, 3), (6, 8)]),
        ([(3, 4), (4.01, 5)], [(2, 3), (5, 8)]),
        ([(2.01, 7.99)], []),
        ([(2, 7.99), (9, 12)], []),
    ],
)
def test_gaps(covered: list[tuple[float, float]], missing: list[tuple[float, float]]) -> None:
    """What is not covered between two and eight o'clock is missing, unless it is shorter than a minute."""
    assert gaps(hours(*covered), *hours((2, 8))[0]) == hours(*missing)


INSTANTS = st.integers(-10, 40).map(lambda half: half * SHORTEST_MS // 2)


@given(covered=st.lists(st.tuples(INSTANTS, INSTANTS).map(sorted), max_size=6))
def test_gaps_and_what_is_covered(covered: list[list[int]]) -> None:
    """Gaps are in order, apart, within the span and long enough; filled, they leave none."""
    start_ms, end_ms = 0, 15 * SHORTEST_MS
    spans = [(from_ms, to_ms) for from_ms, to_ms in covered]
    found = gaps(spans, start_ms, end_ms)

    turns = [t_ms for gap in found for t_ms in gap]
    assert turns == sorted(turns)
    assert all(start_ms <= t_ms <= end_ms for t_ms in turns)
    assert all(to_ms - from_ms >= SHORTEST_MS for from_ms, to_ms in found)
    assert not [(gap, span) for gap in found for span in spans if max(gap[0], span[0]) < min(gap[1], span[1])]
    assert gaps([*spans, *found], start_ms, end_ms) == []


# --- filling it -------------------------------------------------------------------------------------------


def rows(store: SqliteStore, town: Town, span: Span) -> dict[str, tuple[int, int, int]]:
    """How many readings, states and quarter hours are stored of each space."""
    from_ms, to_ms = span[0] - DAY_MS, span[1] + DAY_MS
    site, found = town.building.site, {}
    for space in town.building.spaces:
        facts = store.facts(site, space, start_ms=from_ms, end_ms=to_ms)
        found[space] = (
            len(store.readings(site, space, start_ms=from_ms, end_ms=to_ms)),
            len(store.states(site, space, start_ms=from_ms, end_ms=to_ms)),
            sum(len(one) for one in facts),
        )
    return found


@pytest.mark.slow
def test_two_days(tmp_path: Path) -> None:
    """Two days are filled with states, facts and truth from end to end; filled again, nothing changes."""
    source = (ROOT / "building.toml").read_text(encoding="utf-8")
    town = found_town(tmp_path, source, 1, ALL, TUESDAY)
    span = clock(0), clock(0, TUESDAY + timedelta(days=2))
    file, counts, truths = tmp_path / DATABASE, [], []

    for _ in range(2):
        shares: list[float] = []
        Filling(tmp_path, f"sqlite:{file}", *span).run(shares.append)
        with closing(SqliteStore(file)) as store:
            counts.append(rows(store, town, span))
            waiting = store.touched(town.building.site)
        truths.append({one.name: one.read_bytes() for one in (tmp_path / TRUTH).iterdir()})
        assert shares == sorted(shares)
        assert shares[-1] == 1
        # Those that follow are not over yet; whoever collects goes on with them.
        assert all(one.quarter_ms >= span[1] for one in waiting)

    assert counts[0] == counts[1]
    assert truths[0] == truths[1]
    measured = [space.id for space in town.building.spaces.values() if space.measured]
    most = (span[1] - span[0]) // QUARTER_MS
    for space, (_, states, facts) in counts[0].items():
        assert (states > 0) == (facts > 0) == (space in measured)
        assert facts <= most
    assert covered_spans(tmp_path / TRUTH) == [span]
    assert read_truth(tmp_path / TRUTH).stays
    with closing(SqliteStore(file)) as store:
        assert_all_covered(store, town, measured, span)


def assert_all_covered(store: SqliteStore, town: Town, spaces: list[str], span: Span) -> None:
    """Every space is spoken of to the end, and from soon on: what runs on a battery says little at night."""
    for space in spaces:
        t_ms = store.states(town.building.site, space, start_ms=span[0], end_ms=span[1]).t_ms
        assert t_ms[0] - span[0] < 3 * HOUR_MS
        assert span[1] - t_ms[-1] < 30 * MINUTE_MS
