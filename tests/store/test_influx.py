# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the store on a server has: bad lines set aside, expiry, marks that others read, versions."""

from __future__ import annotations

import math
import random
import sys
import threading
import tracemalloc
from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import CannotStart, Cause, StoreBusy, StoreUnusable
from bezet.model import Kind, Level, Reading, Zone
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import FACTS, QUARTER_MS
from store import Reject
from store.influx import delivery, lines
from store.influx.address import access
from store.influx.store import InfluxStore
from store.opening import open_store
from tests.bezet.strategies import unhurried
from tests.store.influx_proxy import Fault, Proxy
from tests.store.influx_server import influx, influx_store, now_ms
from tests.store.stage import EVER, SITE, SPACE, T_MS, batch, reading, state
from tests.store.test_influx_faults import Clock, behind_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store import Touched

YEAR_MS = 365 * 24 * 3_600_000


def opened(database: str) -> InfluxStore:
    """One more store on a database."""
    return InfluxStore(access(influx().address(database), influx().environ), now_ms=now_ms)


@contextmanager
def shared(number: int) -> Iterator[list[InfluxStore]]:
    """Several stores on one database, as several collectors have them."""
    with influx().database() as database, ExitStack() as stack:
        yield [stack.enter_context(closing(opened(database))) for _ in range(number)]


# --- exactness --------------------------------------------------------------------------------------------


def test_ten_thousand_readings_to_the_last_bit() -> None:
    """Floats of any size come back with every bit, in whatever portions they are sent and read."""
    dice = random.Random(3)
    odd = [
        5e-324,
        sys.float_info.max,
        sys.float_info.min,
        0.1 + 0.2,
        1 / 3,
        1e21,
        2**53 + 2.0,
        -60.07,
    ]
    amounts = odd + [dice.uniform(-1, 1) * 10.0 ** dice.randint(-300, 300) for _ in range(10_000 - len(odd))]
    kinds = [Kind.CO2_PPM, Kind.MOTION]
    rows = [Reading(T_MS + place, "s", kinds[place % 2], amount) for place, amount in enumerate(amounts)]
    with influx_store() as store:
        for _, portion in groupby(rows, key=lambda row: row.t_ms // 7_000):
            store.write([batch(*portion)])
        found = store.readings(SITE, SPACE, **EVER)
        streamed = [row for one in store.batches(Zone(SITE, SPACE, "pi-1"), **EVER) for row in one.readings]

    assert found.amount.tobytes() == np.array(amounts).tobytes()
    assert [row.reading for row in found.rows()] == rows == streamed


def test_a_stream_takes_constant_memory() -> None:
    """A zone of a hundred thousand rows passes through a few megabytes."""
    with influx_store() as store:
        for start in range(0, 100_000, 10_000):
            store.write([batch(*(reading(start + second) for second in range(10_000)))])
        tracemalloc.start()
        rows = sum(len(one.readings) for one in store.batches(Zone(SITE, SPACE, "pi-1"), **EVER))
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert rows == 100_000
    assert peak_bytes < 20_000_000


def test_a_stream_that_nobody_reads_to_the_end_is_let_go() -> None:
    """Whoever takes the first portion only leaves no connection behind, and the next one gets all."""
    with influx_store() as store:
        store.write([batch(*(reading(second) for second in range(30_000)))])
        for _ in range(20):
            stream = store.batches(Zone(SITE, SPACE, "pi-1"), **EVER)
            assert len(next(stream).readings) == 5_000
            stream.close()  # type: ignore[attr-defined]

        assert len(store.readings(SITE, SPACE, **EVER)) == 30_000


def test_facts_that_are_no_longer_said_do_not_come_back() -> None:
    """A number that the newest word leaves out is not there, though the server keeps it."""
    zone = Zone(SITE, SPACE, "pi-1")
    quarters = np.array([T_MS, T_MS + QUARTER_MS])
    said = np.arange(2.0 * len(FACTS)).reshape(len(FACTS), 2)
    unsaid = said.copy()
    unsaid[3:9, 0] = unsaid[0, 1] = math.nan
    with influx_store() as store:
        for amounts, revision in ((said, 0), (unsaid, 1)):
            store.write_facts([ZoneFacts(zone, quarters, amounts, np.full(2, revision, np.int32))], [])
            (found,) = store.facts(SITE, **EVER)

            np.testing.assert_array_equal(found.amounts, amounts)
            assert found.revision.tolist() == [revision] * 2


# --- bad lines --------------------------------------------------------------------------------------------


def _spoil(store: InfluxStore) -> None:
    """Another program wrote text where we write numbers, in the year of `OLD_MS`."""
    store.server.write("environment", f'environment,site=other amount="warm" {OLD_MS}'.encode())


OLD_MS = T_MS - 10 * YEAR_MS


def test_bad_lines_are_set_aside() -> None:
    """Lines that the server can never take stand with the rejects and are counted; the others are written."""
    bad = Reading(OLD_MS + 1000, "co2", Kind.CO2_PPM, 412.5)
    with influx_store() as store:
        _spoil(store)
        store.write([batch(*(reading(second) for second in range(500)), bad, state(1))])
        (reject,) = store.rejects()

        assert store.parked == 1
        assert store.expired == 0
        assert len(store.readings(SITE, SPACE, **EVER)) == 500
        assert reject.cause is Cause.BAD_VALUE
        assert reject.topic == "bezet/v1/townhall/pi-1/1.04/readings"
        assert "field type conflict" in reject.what
        assert reject.payload == lines.reading_lines([batch(bad)])[Level.ENVIRONMENT][0].encode()
        assert store.reject_counts() == {Cause.BAD_VALUE: 1}


def test_bad_lines_are_set_aside_once() -> None:
    """A write that has to be repeated after it met a bad line does not set it aside twice."""
    bad = Reading(OLD_MS + 1000, "co2", Kind.CO2_PPM, 412.5)
    with behind_proxy() as (store, proxy):
        _spoil(store)
        for _ in range(3):
            proxy.before["%2Fstates"] = lambda: proxy.faults.append(Fault.UNAVAILABLE)
            with pytest.raises(StoreBusy):
                store.write([batch(reading(1), bad, state(1))])
        store.write([batch(reading(1), bad, state(1))])

        assert store.parked == 1
        assert len(store.rejects()) == 1
        assert store.reject_counts() == {Cause.BAD_VALUE: 1}


@settings(unhurried, max_examples=10)
@given(st.sets(st.integers(0, 199), max_size=40))
def test_any_mix_of_bad_and_good_lines(places: set[int]) -> None:
    """Whichever lines are bad, those are set aside and no others, with a bounded number of requests."""
    rows = [
        Reading((OLD_MS if place in places else T_MS) + place * 1000, "co2", Kind.CO2_PPM, float(place))
        for place in range(200)
    ]
    with behind_proxy() as (store, proxy):
        _spoil(store)
        proxy.requests.clear()
        store.write([batch(*rows)])
        requests = proxy.writes()

        assert store.parked == len(places)
        found = [row.reading for row in store.readings(SITE, SPACE, **EVER).rows()]
        assert found == [row for place, row in enumerate(rows) if place not in places]
        assert requests < 2 * 200 + 5


def test_lines_that_cannot_be_parsed() -> None:
    """A line that is none at all does not take its neighbours with it."""
    good = [f"environment,site=x amount={number}.0 {T_MS + number}" for number in range(20)]
    with influx_store() as store:
        mixed = [*good[:7], "what is this", *good[7:]]
        residue = delivery.Delivery(store.server, now_ms).write("environment", mixed)
        (found,) = store.server.query("environment", 'SELECT count("amount") FROM "environment"')

    assert [line for line, _ in residue.bad] == ["what is this"]
    assert residue.expired == 0
    assert found.rows[0][1] == 20


def test_what_has_expired_is_counted() -> None:
    """Readings older than their bucket keeps are not parked and not tried again: their time is over."""
    with influx_store() as store:
        store.keep({Level.ENVIRONMENT: timedelta(hours=24)})
        now = now_ms()
        rows = [Reading(now - hour * 3_600_000, "co2", Kind.CO2_PPM, 1.0) for hour in range(0, 48, 2)]
        store.write([batch(*rows)])

        assert (store.parked, store.expired) == (0, 12)
        assert store.rejects() == []
        assert len(store.readings(SITE, SPACE, **EVER)) == 12


# --- marks ------------------------------------------------------------------------------------------------


def test_a_live_stream_marks_once_a_quarter_hour() -> None:
    """While a quarter hour runs and nobody looked, its mark stands; then it is made anew."""
    clock = Clock()
    clock.now_ms = T_MS + 60_000
    with behind_proxy(clock) as (store, proxy):

        def marks() -> int:
            proxy.requests.clear()
            store.write([batch(reading(clock.now_ms / 1000 - T_MS / 1000))])
            return sum("%2Fstates" in one for one in proxy.requests)

        assert [marks() for _ in range(3)] == [1, 0, 0]
        store.touched(SITE)
        assert [marks() for _ in range(3)] == [1, 0, 0]
        clock.now_ms += QUARTER_MS
        late = Reading(T_MS + 5_000, "co2", Kind.CO2_PPM, 1.0)
        for _ in range(2):  # its quarter hour is over, so every word in it is a mark
            proxy.requests.clear()
            store.write([batch(late)])
            assert sum("%2Fstates" in one for one in proxy.requests) == 1
        assert [marks() for _ in range(2)] == [1, 0]


def test_a_maker_that_was_overtaken_touches_again() -> None:
    """Whose facts may have been written over newer ones leaves the quarter hour touched, whoever was done."""
    with shared(2) as (slow, quick):
        slow.write([batch(state(1))])
        seen = slow.touched(SITE)
        quick.write([batch(state(2))])
        quick.write_facts([], quick.touched(SITE))
        assert quick.touched(SITE) == []
        slow.write_facts([], seen)

        assert [one[:3] for one in quick.touched(SITE)] == [one[:3] for one in seen]


def test_a_word_during_a_look_does_not_hide_the_next() -> None:
    """A mark that is made while somebody looks may be used up by that look; the next word makes another."""
    with behind_proxy(lambda: T_MS) as (store, proxy):
        maker = Maker(store)
        store.write([batch(state(1))])
        proxy.before["FROM+%22mark%22"] = lambda: store.write([batch(state(2))])
        maker.look()
        assert proxy.before == {}
        maker.read()
        store.write([batch(state(3))])
        maker.done()

        assert [one.quarter_ms for one in store.touched(SITE)] == [T_MS, T_MS + QUARTER_MS]


def test_makers_that_write_through_each_other_end_right() -> None:
    """Older facts that come between newer ones and their mark do not stay."""
    with influx().database() as database, Proxy(influx().url) as proxy:
        found = access(influx().address(database, proxy.url), influx().environ)
        with closing(opened(database)) as store, closing(InfluxStore(found, now_ms=now_ms)) as other:
            slow, quick = Maker(store), Maker(other)
            store.write([batch(state(1))])
            slow.look()
            slow.read()
            store.write([batch(state(2))])
            quick.look()
            quick.read()
            # Between its facts and its mark the quick one asks for the newest touches.
            proxy.before["FROM+%22mark%22"] = slow.done
            quick.done()
            assert proxy.before == {}
            quick.look()
            quick.read()
            quick.done()
            (facts,) = store.facts(SITE, **EVER)

            assert store.touched(SITE) == []
            assert facts.amounts[0].tolist() == [2.0, 0.0]


@st.composite
def turns(draw: st.DrawFn) -> list[tuple[str, int]]:
    """What two collectors do: write, look for touched quarter hours, write the facts of what they saw."""
    steps = st.tuples(st.sampled_from(["write", "look", "read", "done"]), st.integers(0, 1))
    return draw(st.lists(steps, max_size=25))


class Maker:
    """Counts the states of each quarter hour, in the three steps that take time: look, read, write."""

    def __init__(self, store: InfluxStore) -> None:
        self.store = store
        self.seen: list[Touched] | None = None
        self.made: list[ZoneFacts] | None = None

    def look(self) -> None:
        """Which are touched."""
        self.seen, self.made = self.store.touched(SITE), None

    def read(self) -> None:
        """What is there of them now."""
        if self.seen:
            quarters = np.array([one.quarter_ms for one in self.seen])
            t_ms = self.store.states(SITE, SPACE, **EVER).t_ms
            counts = [np.count_nonzero(t_ms - t_ms % QUARTER_MS == quarter) for quarter in quarters]
            amounts = np.tile(np.array(counts, np.float64), (len(FACTS), 1))
            zone = Zone(SITE, SPACE, "pi-1")
            self.made = [ZoneFacts(zone, quarters, amounts, np.zeros(len(quarters), np.int32))]

    def done(self) -> None:
        """Write it, however long ago it was read."""
        if self.seen and self.made is not None:
            self.store.write_facts(self.made, self.seen)
        self.seen = self.made = None


@settings(unhurried, max_examples=25)
@given(turns())
def test_two_makers_end_in_the_facts_of_all_data(steps: list[tuple[str, int]]) -> None:
    """However two collectors write and make facts through each other, the facts end right."""
    with shared(2) as stores:
        makers = [Maker(store) for store in stores]
        written = 0
        for step, who in steps:
            if step == "write":
                written += 1
                stores[who].write([batch(state(written * 400))])
            else:
                getattr(makers[who], step)()
        for maker in makers:
            maker.done()  # whoever was slow writes now
        for maker in [*makers, *makers]:
            maker.look()
            maker.read()
            maker.done()

        assert stores[0].touched(SITE) == []
        counted = {
            quarter: count
            for one in stores[1].facts(SITE, **EVER)
            for quarter, count in zip(one.quarter_ms.tolist(), one.amounts[0].tolist(), strict=True)
            if count
        }
        t_ms = stores[0].states(SITE, SPACE, **EVER).t_ms
        assert counted == Counter((t_ms - t_ms % QUARTER_MS).tolist())


def test_threads_write_and_look_together() -> None:
    """Writers in several threads and a maker beside them leave nothing touched that is not made."""
    # In a quarter hour that runs, so that marks stand.
    with influx_store(lambda: T_MS) as store:
        maker = Maker(store)

        def write(thread: int) -> None:
            for number in range(25):
                store.write([batch(state(number * 40 + thread))])

        threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            maker.look()
            maker.read()
            maker.done()
        for thread in threads:
            thread.join()
        for _ in range(2):
            maker.look()
            maker.read()
            maker.done()
        (facts,) = store.facts(SITE, **EVER)

        assert facts.amounts[0].sum() == 100


# --- zones ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("retired", [3, 70])
@pytest.mark.parametrize("index", [True, False], ids=["index", "no index"])
def test_zones_that_have_long_been_silent_are_there(retired: int, index: bool) -> None:
    """A zone counts while it has a row, however old, and no longer; the index is only a hint."""
    now = now_ms()
    with behind_proxy() as (store, proxy):

        def ask() -> tuple[list[Zone], list[Zone]]:
            def hide() -> None:
                proxy.faults.append(Fault.UNAVAILABLE)
                proxy.before["SHOW+SERIES"] = hide

            if not index:
                proxy.before["SHOW+SERIES"] = hide
            return store.zones(), [zone for zone, _ in store.latest(SITE)]

        old = [Zone(SITE, SPACE, f"old-{number:02}") for number in range(retired)]
        new = [Zone(SITE, "1.05", "new"), Zone(SITE, "1.05", "newer")]
        store.write([batch(state(number), device=zone.device) for number, zone in enumerate(old)])
        today = replace(state(1), t_ms=now - 1000)
        store.write([batch(today, device=zone.device, space=zone.space) for zone in new])

        assert ask() == (old + new, old + new)
        store.remove_before(SITE, {Level.STATES: T_MS + 2_000})
        assert ask() == (old[2:] + new, old[2:] + new)
        store.remove_space(SITE, SPACE)
        assert ask() == (new, new)


# --- versions and opening ---------------------------------------------------------------------------------


def test_a_newer_schema_is_refused() -> None:
    """What a newer version wrote is neither read nor written, and the program ends with one line."""
    words = "made by a newer bezet \\(schema 99, this one knows 1\\); upgrade bezet"
    with influx().database() as database:
        with closing(influx().server(database)) as server:
            server.write("months", b"schema version=99i 0")
        with closing(opened(database)) as store, pytest.raises(StoreUnusable, match=words):
            store.write([batch(reading(1))])
        with closing(opened(database)) as store, pytest.raises(StoreUnusable, match=words):
            store.latest(SITE)


def test_a_store_opens_by_its_address() -> None:
    """`influx:` and a token in the environment are all it takes; a newer schema ends it there and then."""
    with influx().database() as database:
        address = influx().address(database)
        with closing(open_store(address, influx().environ)) as store:
            store.write([batch(reading(1))])
            assert len(store.readings(SITE, SPACE, **EVER)) == 1
        with closing(influx().server(database)) as server:
            server.write("months", b"schema version=99i 0")
        with pytest.raises(CannotStart, match="upgrade bezet"):
            open_store(address, influx().environ)


def test_a_store_opens_before_its_server() -> None:
    """A collector that starts first waits, and does not die."""
    with Proxy(influx().url) as proxy:
        url = proxy.url
    open_store(influx().address("bezet", url), influx().environ).close()


# --- retention --------------------------------------------------------------------------------------------


def test_buckets_keep_what_they_are_told() -> None:
    """The server itself is told how long to keep each level; what is so already is not said again."""
    day = timedelta(days=1)
    keep = {Level.PRESENCE: day, Level.ENVIRONMENT: 90 * day, Level.STATES: 90 * day, Level.FACTS: 761 * day}
    with influx_store() as store:
        changed = store.keep(keep)

        assert [words.partition("/")[2] for words in changed] == [
            "presence keeps 24 hours; it kept for ever",
            "environment keeps 90 days; it kept for ever",
            "states keeps 90 days; it kept for ever",
            "facts keeps 761 days; it kept for ever",
        ]
        assert store.keep(keep) == []
        assert len(store.keep({Level.STATES: 30 * day, Level.FACTS: 761 * day})) == 1


def test_old_rejects_make_room() -> None:
    """On the server too no more refused messages stay than people look at, or a few more for a moment."""
    with influx_store() as store:
        for start in range(0, 3_000, 500):
            instants = range(T_MS + start, T_MS + start + 500)
            store.reject([Reject(t_ms, "topic", Cause.FUTURE, "what", b"x") for t_ms in instants])
        (found,) = store.server.query("states", 'SELECT count("what") FROM "reject"')

        assert found.rows[0][1] <= 1_500
        assert len(store.rejects(5_000)) == 1_000
        assert store.reject_counts() == {Cause.FUTURE: 3_000}
