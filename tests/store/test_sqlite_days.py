# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The embedded store: a day of facts as one row, for this version and for those before and after it."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.model import Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS, ROW
from store.sqlite import SqliteStore
from tests.store.stage import EVER, SITE, T_MS, ZONE, fact_rows, zone_facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bezet.usage.columns import Floats

DAY_MS = 96 * QUARTER_MS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "bezet.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    with closing(SqliteStore(path)) as made:
        yield made


def day_rows(path: Path) -> list[tuple[int, int, int]]:
    """The rows of facts: day after the beginning, quarter hours, and bytes of columns."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT day - ?, quarters, length(columns) FROM facts ORDER BY zone, day", [T_MS // DAY_MS]
        ).fetchall()


def idle_amounts(quarters: int) -> Floats:
    """What a space in which nothing happens says of so many quarter hours."""
    amounts = np.zeros((len(FACTS), quarters))
    amounts[ROW["covered_s"]] = 900.0
    for name in ("people_max", "co2_max_ppm"):
        amounts[ROW[name]] = np.nan
    return amounts


def test_an_idle_day_costs_next_to_nothing(store: SqliteStore, path: Path) -> None:
    """The 96 quarter hours of a day in which nothing happened are one row of fewer than 100 bytes."""
    instants = T_MS + np.arange(96, dtype=np.int64) * QUARTER_MS
    for quarter in range(96):  # as they come, one at a time
        at = slice(quarter, quarter + 1)
        store.write_facts([ZoneFacts(ZONE, instants[at], idle_amounts(1), np.zeros(1, np.int32))], [])
    [(day, quarters, size)] = day_rows(path)

    assert (day, quarters) == (0, 96)
    assert size < 100
    [found] = store.facts(SITE, **EVER)
    np.testing.assert_array_equal(found.amounts, idle_amounts(96))


def test_days_are_those_of_utc(store: SqliteStore, path: Path) -> None:
    """Each UTC day of a zone is a row of its own, with the quarter hours that are there."""
    store.write_facts([zone_facts(dict.fromkeys([-1, 0, 95, 96, 97, 300], 1.0))], [])

    assert [row[:2] for row in day_rows(path)] == [(-1, 1), (0, 2), (1, 2), (3, 1)]


@pytest.mark.parametrize("more", [-2, -1, 1, 5])
def test_reads_what_a_version_with_other_facts_wrote(store: SqliteStore, path: Path, more: int) -> None:
    """Facts that an earlier version did not know are NaN; those that only a later one knows are not read."""
    store.write_facts([zone_facts({0: 1.0, 5: 2.0})], [])
    before = fact_rows(store)
    n_facts = len(FACTS) + more
    with closing(sqlite3.connect(path)) as connection, connection:
        (columns,) = connection.execute("SELECT columns FROM facts").fetchone()
        raw = zlib.decompress(columns)
        amounts, revision = raw[:-384], raw[-384:]
        other = (amounts + np.full(96 * 5, 7.0).tobytes())[: n_facts * 96 * 8] + revision
        connection.execute("UPDATE facts SET columns = ?", [zlib.compress(other)])
    known = min(len(FACTS), n_facts)
    unknown = ("nan",) * (len(FACTS) - known)

    assert fact_rows(store) == {key: (*row[:known], *unknown, row[-1]) for key, row in before.items()}
    store.write_facts([zone_facts({5: 3.0}, revision=1)], [])
    first, second = fact_rows(store).values()
    assert first == (*before[ZONE, 0][:known], *unknown, 0)
    assert second == (*(3.0 + row for row in range(len(FACTS))), 1)


def test_days_of_many_lengths_are_one_zone(store: SqliteStore, path: Path) -> None:
    """Days of an earlier version and of this one are read as one history."""
    store.write_facts([zone_facts({0: 1.0, 96: 2.0})], [])
    short = np.full((2, 96), 4.0).tobytes() + np.zeros(96, "<i4").tobytes()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO facts (id, quarters, columns) SELECT id + 1, 96, ? FROM facts WHERE quarters = 1 "
            "ORDER BY id DESC LIMIT 1",
            [zlib.compress(short)],
        )
    [found] = store.facts(SITE, **EVER)

    assert len(found) == 98
    assert found.amounts[:3, 97].tolist()[:2] == [4.0, 4.0]
    assert np.isnan(found.amounts[2:, 2:]).all()
    assert found.amounts[:, 1].tolist() == [2.0 + row for row in range(len(FACTS))]


@pytest.mark.parametrize("t_ms", [946_684_800_000, 4_102_444_800_000 - QUARTER_MS])
def test_days_at_the_ends_of_time(store: SqliteStore, t_ms: int) -> None:
    """The first and the last day of the contract are found, and removed, like any other; neighbours stay."""
    zones = [Zone(SITE, space, "pi-1") for space in ("1.03", "1.04", "1.05")]
    quarter = np.array([t_ms], np.int64)
    store.write_facts(
        [ZoneFacts(zone, quarter, np.ones((len(FACTS), 1)), np.zeros(1, np.int32)) for zone in zones], []
    )

    assert [one.quarter_ms.tolist() for one in store.facts(SITE, **EVER)] == [[t_ms]] * 3
    store.remove_space(SITE, "1.04")
    assert [one.zone.space for one in store.facts(SITE, **EVER)] == ["1.03", "1.05"]
