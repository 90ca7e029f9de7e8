# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Facts are made and old rows removed beside the collecting, which nothing of it stops."""

from __future__ import annotations

import asyncio
import queue
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bezet import wire
from bezet.errors import StoreBusy, StoreUnusable
from bezet.model import Because, Kind, Level, Occupancy, Reading, State
from collector.metrics import Meters
from collector.upkeep import Pauses, Upkeep
from store.memory import MemoryStore
from tests.collector.stage import BOOT, BUILDING, GUARD_S, NOW_MS, PI, SITE, SPACE, batch, collecting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from store import Touched

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
AT_ONCE = Pauses(facts_s=0, removal_s=0, first_retry_s=0.001, last_retry_s=0.002)


class Watched(MemoryStore):
    """Tells of each look at what is touched, and of each removal; and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: queue.Queue[int] = queue.Queue()
        self.removals: queue.Queue[int] = queue.Queue()
        self.fails: dict[str, list[Exception]] = {"touched": [], "remove_before": []}

    def touched(self, site: str) -> list[Touched]:
        """Tell, then fail or look."""
        self.looks.put(1)
        self._fail("touched")
        return super().touched(site)

    def remove_before(self, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:
        """Tell, then fail or remove."""
        self.removals.put(1)
        self._fail("remove_before")
        return super().remove_before(site, before_ms)

    def _fail(self, what: str) -> None:
        if self.fails[what]:
            raise self.fails[what].pop(0)


async def times(told: queue.Queue[int], count: int) -> None:
    """Return when it was told of so often from now on."""
    while not told.empty():
        told.get()
    for _ in range(count):
        await asyncio.to_thread(told.get, timeout=GUARD_S)


def counted(meters: Meters, name: str, **labels: str) -> float:
    """What was counted."""
    found = meters.registry.get_sample_value(f"bezet_{name}", labels)
    assert found is not None
    return found


def morning(end_ms: int, hours: int = 2) -> wire.Batch:
    """A space in which somebody is, said every five minutes, and its air."""
    instants = range(end_ms - hours * HOUR_MS, end_ms, 300_000)
    states = (State(t, Occupancy.OCCUPIED, 0.9, instants[0], (Because.MOTION,), "rule-1") for t in instants)
    readings = [Reading(t, "co2", Kind.CO2_PPM, 700.0) for t in instants]
    readings += [Reading(t, "pir", Kind.MOTION, 1.0) for t in instants]
    return wire.Batch(SITE, PI, SPACE, BOOT, 1, wire.Clock.TRUSTED, tuple(readings), tuple(states))


@asynccontextmanager
async def kept_up(store: MemoryStore, pauses: Pauses = AT_ONCE) -> AsyncIterator[Meters]:
    """Upkeep at work on a store."""
    meters = Meters()
    async with asyncio.TaskGroup() as tasks:
        upkeep = Upkeep(store, BUILDING, lambda: NOW_MS, meters, pauses=pauses)
        running = tasks.create_task(upkeep.run())
        yield meters
        running.cancel()


async def test_makes_facts_of_what_is_written() -> None:
    """What was written turns into facts, counted once; what is not over yet is told as waiting."""
    store = Watched()
    async with kept_up(store) as meters:
        store.write([morning(NOW_MS)])
        await times(store.looks, 6)
        found = [*store.facts(SITE, SPACE, start_ms=0, end_ms=2**53)]
        waiting = len(store.touched(SITE))
        made = counted(meters, "collector_facts_made_total")

        assert 7 <= sum(map(len, found)) <= 9
        assert made == sum(map(len, found))
        assert counted(meters, "collector_touched_quarters") == waiting > 0


async def test_counts_what_late_data_changed() -> None:
    """Facts that are made again are counted as revised."""
    store = Watched()
    async with kept_up(store) as meters:
        store.write([morning(NOW_MS - 12 * HOUR_MS)])
        await times(store.looks, 6)
        before = counted(meters, "collector_facts_revised_total")
        late = Reading(NOW_MS - 13 * HOUR_MS + 1, "co2", Kind.CO2_PPM, 1_500.0)
        store.write([wire.Batch(SITE, PI, SPACE, BOOT, 2, wire.Clock.TRUSTED, (late,))])
        await times(store.looks, 6)

        assert counted(meters, "collector_facts_revised_total") > before


async def test_removes_what_is_too_old() -> None:
    """At the start, what is older than the building lets it be kept goes, once its facts are made."""
    store = Watched()
    store.write([morning(NOW_MS - 2 * DAY_MS)])
    pauses = AT_ONCE._replace(removal_s=3_600)
    async with kept_up(store, pauses) as meters:
        await times(store.looks, 8)

        kinds = {row.reading.kind for row in store.readings(SITE, SPACE, start_ms=0, end_ms=2**53).rows()}
        assert kinds == {Kind.CO2_PPM}
        assert store.removals.qsize() == 1
        assert counted(meters, "retention_removed_rows_total", level=Level.PRESENCE) == 24
        assert counted(meters, "retention_removed_rows_total", level=Level.STATES) == 0
        assert [*store.facts(SITE, SPACE, start_ms=0, end_ms=2**53)]


async def test_removes_again_and_again() -> None:
    """What becomes too old later goes in a later turn."""
    store = Watched()
    async with kept_up(store) as meters:
        await times(store.removals, 3)
        store.write([morning(NOW_MS - 2 * DAY_MS)])
        await times(store.removals, 3)

        assert counted(meters, "retention_removed_rows_total", level=Level.PRESENCE) == 24


async def test_waits_for_a_busy_store() -> None:
    """A store that is busy is tried again with back-off until it is not, and that is said once."""
    store = Watched()
    store.write([morning(NOW_MS - 12 * HOUR_MS)])
    store.fails["touched"] = [StoreBusy("locked")] * 5
    with capture_logs() as logs:
        async with kept_up(store) as meters:
            await times(store.looks, 12)

            assert [*store.facts(SITE, SPACE, start_ms=0, end_ms=2**53)]
            assert counted(meters, "store_errors_total", kind="busy") == 5
    said = [line for line in logs if "upkeep waits" in line["event"]]
    assert [(line["task"], line["why"]) for line in said] == [("facts", "locked")]


async def test_an_outage_is_said_again_after_a_good_turn() -> None:
    """What was mended and breaks again is news."""
    store = Watched()
    with capture_logs() as logs:
        async with kept_up(store) as meters:
            for _ in range(2):
                store.fails["remove_before"] = [StoreBusy("locked")] * 3
                await times(store.removals, 8)

            assert counted(meters, "store_errors_total", kind="busy") == 6
    assert len([line for line in logs if "upkeep waits" in line["event"]]) == 2


async def test_a_mistake_of_ours_waits_for_the_next_turn() -> None:
    """Whatever goes wrong in making or removing is counted, said once with its trace, and tried again."""
    store = Watched()
    store.write([morning(NOW_MS - 2 * DAY_MS)])
    store.fails["remove_before"] = [ZeroDivisionError("ours") for _ in range(3)]
    with capture_logs() as logs:
        async with kept_up(store) as meters:
            await times(store.removals, 6)

            assert counted(meters, "collector_upkeep_failures_total", task="retention") == 3
            assert counted(meters, "collector_upkeep_failures_total", task="facts") == 0
            assert counted(meters, "retention_removed_rows_total", level=Level.PRESENCE) == 24
    said = [line for line in logs if "mistake" in line["event"]]
    assert [(line["why"], line["exc_info"]) for line in said] == [("ours", True)]


async def test_nothing_is_removed_while_facts_cannot_be_made() -> None:
    """Removal makes the facts first: while that fails by a mistake of ours, nothing goes."""
    store = Watched()
    store.write([morning(NOW_MS - 200 * DAY_MS)])
    store.fails["touched"] = [ZeroDivisionError("ours") for _ in range(1_000)]
    async with kept_up(store) as meters:
        await times(store.looks, 20)

        assert counted(meters, "collector_upkeep_failures_total", task="facts") > 0
        assert store.removals.empty()
        assert len(store.states(SITE, SPACE, start_ms=0, end_ms=2**53)) == 24


async def test_an_unusable_store_ends_it() -> None:
    """A store that can not be used any more ends the collector, with its words."""
    store = Watched()
    store.fails["touched"] = [StoreUnusable("bezet.db: malformed")]
    meters = Meters()

    with pytest.raises(StoreUnusable, match="malformed"):
        await Upkeep(store, BUILDING, lambda: NOW_MS, meters).run()
    assert counted(meters, "store_errors_total", kind="unusable") == 1


async def test_collecting_goes_on_whatever_upkeep_does() -> None:
    """While upkeep waits for a store that it finds busy, messages are taken and answered."""
    store = Watched()
    store.fails["touched"] = [StoreBusy("locked") for _ in range(100_000)]
    async with kept_up(store), collecting(store) as stage:
        for seq in range(1, 30):
            await times(store.looks, 1)
            await stage.send(batch(seq))
            await stage.receipts(seq)

        assert stage.stored() == [float(seq) for seq in range(1, 30)]


def test_pauses_have_a_share_of_their_own() -> None:
    """Of collectors that start together none stays in step with another."""
    upkeeps = [
        Upkeep(MemoryStore(), BUILDING, lambda: NOW_MS, Meters(), dice=random.Random(seed)) for seed in (1, 2)
    ]
    pauses_s = [[upkeep._share(30.0) for _ in range(50)] for upkeep in upkeeps]

    assert all(15 <= pause_s <= 45 for row in pauses_s for pause_s in row)
    assert not set(pauses_s[0]) & set(pauses_s[1])
    assert max(pauses_s[0]) - min(pauses_s[0]) > 15
