# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What every store promises of removal: what is older goes, counted by level, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import KINDS, Kind, Level, Zone
from bezet.usage.columns import JOINT
from bezet.usage.facts import QUARTER_MS
from tests.bezet.strategies import unhurried
from tests.store.stage import (
    EVER,
    PI,
    SITE,
    SPACE,
    T_MS,
    batch,
    content,
    every_store,
    examples,
    fact_rows,
    health,
    quarters,
    reading,
    reading_seconds,
    state,
    zone_facts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from store import Store
    from tests.store.stage import Maker

PRESENCE = [kind for kind in Kind if KINDS[kind].level is Level.PRESENCE]
ENVIRONMENT = [kind for kind in Kind if KINDS[kind].level is Level.ENVIRONMENT]
#: A row of every level in each quarter hour from 0 to 7.
QUARTERS = range(8)
KEPT = [(SITE, SPACE, PI), (SITE, SPACE, "pi-2"), (SITE, "1.05", PI), ("library", SPACE, PI)]


def instant_ms(quarter: float) -> int:
    """The instant at so many quarter hours after the beginning."""
    return T_MS + round(quarter * QUARTER_MS)


def fill(store: Store, zones: Iterable[tuple[str, str, str]] = KEPT) -> None:
    """For each zone and quarter hour a reading of every kind, a state, facts, and health of the device."""
    for site, space, device in zones:
        seconds = [quarter * QUARTER_MS // 1000 for quarter in QUARTERS]
        readings = [reading(second, "s", kind, 1.0) for second in seconds for kind in Kind]
        states = [state(second) for second in seconds]
        store.write([batch(*readings, *states, site=site, space=space, device=device)])
        store.write_facts([zone_facts(dict.fromkeys(QUARTERS, 1.0), Zone(site, space, device))], [])
        store.write_health([health(second, site=site, device=device) for second in seconds])


def rows(store: Store, site: str = SITE) -> dict[Level, list[Any]]:
    """What there is of each level at a site: (where, quarter hour), in order."""
    found: dict[Level, list[Any]] = {level: [] for level in Level}
    for space in (SPACE, "1.05"):
        for one, kept in store.readings(site, space, **EVER).rows():
            quarter = (kept.t_ms - T_MS) // QUARTER_MS
            found[KINDS[kept.kind].level].append(((space, one, str(kept.kind)), quarter))
        for one, said in store.states(site, space, **EVER).rows():
            found[Level.STATES].append(((space, one), (said.t_ms - T_MS) // QUARTER_MS))
    for told in store.healths(site, **EVER):
        found[Level.STATES].append(((told.device,), (told.t_ms - T_MS) // QUARTER_MS))
    found[Level.FACTS] = [((zone.space, zone.device), quarter) for zone, quarter in fact_rows(store, site)]
    return {level: sorted(rows) for level, rows in found.items()}


@every_store
def test_what_is_older_goes(make: Maker) -> None:
    """Of each level that is named exactly the rows before its instant go, and are counted; others stay."""
    limits = st.dictionaries(st.sampled_from(Level), st.sampled_from([-1, 0, 0.5, 3, 3.5, 7, 8, 10**5]))

    @settings(unhurried, max_examples=examples(make, 60))
    @given(limits)
    def check(limits: dict[Level, float]) -> None:
        with make() as store:
            fill(store)
            before, elsewhere = rows(store), rows(store, "library")
            removed = store.remove_before(
                SITE, {level: instant_ms(quarter) for level, quarter in limits.items()}
            )
            after = rows(store)

            assert rows(store, "library") == elsewhere
            assert [one.site for one in store.touched(SITE)] != []
        assert after == {
            level: [row for row in found if row[1] >= limits.get(level, -9)]
            for level, found in before.items()
        }
        assert removed == {level: len(before[level]) - len(after[level]) for level in limits}

    check()


def test_removing_again_removes_nothing(store: Store) -> None:
    """What is gone is not counted twice, and a store that holds nothing of a site has nothing to remove."""
    fill(store)
    limits = dict.fromkeys(Level, instant_ms(4))

    assert all(store.remove_before(SITE, limits).values())
    assert store.remove_before(SITE, limits) == dict.fromkeys(Level, 0)
    assert store.remove_before("elsewhere", limits) == dict.fromkeys(Level, 0)
    assert store.remove_before(SITE, {}) == {}


@pytest.mark.parametrize("quarter", [1, 95, 96, 97, 192, 200, 300])
def test_days_of_facts_are_cut_where_they_are_told(store: Store, quarter: int) -> None:
    """Facts go up to the very quarter hour, at midnight UTC and in the middle of a day."""
    made = dict.fromkeys([0, 1, 94, 95, 96, 97, 191, 192, 250], 1.0)
    store.write_facts([zone_facts(made), zone_facts(made, Zone(SITE, SPACE, JOINT))], [])
    removed = store.remove_before(SITE, {Level.FACTS: instant_ms(quarter)})

    left = [number for number in made if number >= quarter]
    assert [number for _zone, number in fact_rows(store)] == left * 2
    assert removed == {Level.FACTS: 2 * (len(made) - len(left))}


def test_many_rows_go(store: Store) -> None:
    """More rows than are removed at a time go as well, and those beside them stay."""
    store.write([batch(*(reading(second) for second in range(25_000)), *(state(n) for n in range(11_000)))])
    store.write([batch(*(reading(second, "other") for second in range(0, 25_000, 1_000)))])
    limit_ms = T_MS + 24_990 * 1000
    removed = store.remove_before(SITE, {Level.ENVIRONMENT: limit_ms, Level.STATES: T_MS + 10_999_000})

    assert removed == {Level.ENVIRONMENT: 24_990 + 25, Level.STATES: 10_999}
    assert reading_seconds(store) == [*range(24_990, 25_000)]


def test_what_is_removed_can_come_again(store: Store) -> None:
    """Late data of a time that was removed is taken like any other, and marks its quarter hours."""
    fill(store, KEPT[:1])
    before = rows(store)
    store.write_facts([], store.touched(SITE))
    store.remove_before(SITE, dict.fromkeys(Level, instant_ms(100)))
    assert rows(store) == {level: [] for level in Level}
    assert (store.zones(), store.latest(SITE)) == ([], [])

    fill(store, KEPT[:1])
    assert rows(store) == before
    assert quarters(store.touched(SITE)) == [*QUARTERS]


# --- a space ----------------------------------------------------------------------------------------------


def test_a_space_goes_with_everything(store: Store) -> None:
    """Readings, states, facts and marks of the space go, counted by level; other spaces and sites stay."""
    fill(store)
    store.write_facts([zone_facts({0: 1.0}, Zone(SITE, SPACE, JOINT))], [])
    before, elsewhere = rows(store), rows(store, "library")
    removed = store.remove_space(SITE, SPACE)
    after = rows(store)

    n_devices, n_quarters = 2, len(QUARTERS)
    assert removed == {
        Level.PRESENCE: n_devices * n_quarters * len(PRESENCE),
        Level.ENVIRONMENT: n_devices * n_quarters * len(ENVIRONMENT),
        Level.STATES: n_devices * n_quarters,
        Level.FACTS: n_devices * n_quarters + 1,
    }
    # What a device said of itself is no word about the space.
    assert after == {level: [row for row in found if row[0][0] != SPACE] for level, found in before.items()}
    assert rows(store, "library") == elsewhere
    assert quarters(store.touched(SITE)) == []
    assert quarters(store.touched(SITE), "1.05") == quarters(store.touched("library")) == [*QUARTERS]
    assert store.zones() == [Zone("library", SPACE, PI), Zone(SITE, "1.05", PI)]
    assert [zone for zone, _state in store.latest(SITE)] == [Zone(SITE, "1.05", PI)]


def test_a_space_that_went_can_come_again(store: Store) -> None:
    """After its removal a space is written as if it were new, by the same store, again and again."""
    for _ in range(3):
        fill(store)
        assert sum(map(len, rows(store).values())) == 3 * len(QUARTERS) * (len(Kind) + 2) + 2 * len(QUARTERS)
        store.remove_space(SITE, SPACE)
        assert content(store, [batch()]) == [(SITE, SPACE, [], [])]
        assert fact_rows(store, space=SPACE) == {}


def test_a_space_that_is_not_there(store: Store) -> None:
    """Removing a space that nobody heard of removes nothing."""
    fill(store)
    before = rows(store)

    assert store.remove_space(SITE, "9.99") == dict.fromkeys(Level, 0)
    assert store.remove_space("elsewhere", SPACE) == dict.fromkeys(Level, 0)
    assert rows(store) == before
