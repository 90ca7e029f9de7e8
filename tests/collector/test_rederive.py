# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""History told again: as an agent would tell it, beside the old one, and no further back than it can."""

from __future__ import annotations

import csv
import hashlib
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bezet.errors import CannotStart
from bezet.messages import Clock, Health
from bezet.model import (
    KINDS,
    Agreement,
    Because,
    Kind,
    Layout,
    Level,
    Occupancy,
    Reading,
    Retention,
    SpaceKind,
    State,
    Zone,
)
from bezet.occupancy.evidence import RULE
from bezet.occupancy.room import room_on
from bezet.program import now_ms
from bezet.retention import day_begins_ms
from bezet.usage.columns import FREE, OCCUPIED, UNKNOWN
from bezet.usage.facts import QUARTER_MS
from collector.commands import rederive as command
from collector.differing import differences
from collector.facts import FactMaker
from collector.rederive import EVER_MS, WARM_MS, Wish, rederive
from collector.retelling import Span, Teller, room_at, turns_ms
from edge.zone import ZoneLog
from store.memory import MemoryStore
from store.opening import open_store
from store.portions import portions
from store.sqlite import SqliteStore
from tests.collector.stage import BUILDING, MEETING, PRIVATE, SITE, SPACE
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bezet.model import Building
    from store import Store

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
TURN = date(2026, 11, 20)
TURN_MS = day_begins_ms(TURN, BUILDING.timezone)
NOW_MS = TURN_MS + 5 * DAY_MS
#: The space that is measured is a quiet room from one midnight on, and readings of it are kept for long.
QUIET = Layout(TURN, SpaceKind.FOCUS, 2, "stil")
LONG = Retention(presence_hours=2_160, agreement=Agreement("OR 1", date(2030, 1, 1)))
TURNING = replace(
    BUILDING,
    spaces={**BUILDING.spaces, SPACE: replace(MEETING, layouts=(*MEETING.layouts, QUIET))},
    retention=LONG,
)
ZONE = Zone(SITE, SPACE, "pi-1")
PIR, OTHER_PIR, AIR = ("pir", Kind.MOTION), ("pir-2", Kind.MOTION), ("air", Kind.CO2_PPM)
OLD_RULE = "older-1"
KNOWN = (Occupancy.FREE, Occupancy.OCCUPIED)


# --- what an agent told -----------------------------------------------------------------------------------


def told(building: Building, readings: Sequence[Reading], end_ms: int, zone: Zone = ZONE) -> MemoryStore:
    """A store with what the agent of a zone tells of readings in order of time, a minute at a time."""
    store, log = MemoryStore(), ZoneLog(zone, None)
    turns = [t_ms for t_ms in turns_ms(building, zone.space) if readings[0].t_ms < t_ms < end_ms]
    by_instant = {t_ms: [*group] for t_ms, group in groupby(readings, key=lambda one: one.t_ms)}
    ticks = range(readings[0].t_ms, end_ms, MINUTE_MS)
    log.room = room_at(building, zone.space, readings[0].t_ms)
    for t_ms in sorted({*by_instant, *ticks, *turns}):
        if t_ms in turns:
            log.pass_time(t_ms - 1)
            log.room = room_at(building, zone.space, t_ms)
        if t_ms in by_instant:
            log.take(by_instant[t_ms])
        else:
            log.pass_time(t_ms)
    store.write(log.drafts("0" * 16, Clock.TRUSTED))
    FactMaker(store, building, lambda: end_ms, EVER_MS).make_due()
    return store


def states(store: Store, zone: Zone = ZONE) -> list[State]:
    """All states of a zone in order."""
    return [one for batch in store.batches(zone, start_ms=0, end_ms=EVER_MS) for one in batch.states]


def readings_of(store: Store, zone: Zone = ZONE) -> list[Reading]:
    """All readings of a zone in order."""
    return [one for batch in store.batches(zone, start_ms=0, end_ms=EVER_MS) for one in batch.readings]


def spoken(state: State) -> tuple[int, Occupancy, int]:
    """What a lobby screen would show."""
    return state.t_ms, state.occupancy, state.since_ms


def facts(store: Store) -> list[tuple[Zone, list[int], str]]:
    """All facts, to the last bit."""
    found = store.facts(SITE, start_ms=0, end_ms=EVER_MS)
    return [(one.zone, one.quarter_ms.tolist(), one.amounts.tobytes().hex()) for one in found]


def recording(start_ms: int, end_ms: int, every_ms: int = 5 * MINUTE_MS) -> list[Reading]:
    """Somebody who comes and goes each other hour, seen by a motion sensor; and the air."""
    return [
        reading
        for t_ms in range(start_ms, end_ms, every_ms)
        for reading in (
            Reading(t_ms, "air", Kind.CO2_PPM, 450.0 + 200 * (t_ms // HOUR_MS % 2)),
            Reading(t_ms, "pir", Kind.MOTION, t_ms // HOUR_MS % 2),
        )
    ]


def state(t_ms: int, occupancy: Occupancy, because: Because = Because.MOTION, rule: str = OLD_RULE) -> State:
    """A state as earlier rules made it."""
    return State(t_ms, occupancy, 0.9, t_ms, (because,), rule)


def stored(zone: Zone, rows: Iterable[Reading | State], building: Building) -> MemoryStore:
    """A store with rows as they are, and their facts."""
    store = MemoryStore()
    store.write([*portions(zone, sorted(rows, key=lambda row: row.t_ms))])
    FactMaker(store, building, lambda: NOW_MS, EVER_MS).make_due()
    return store


def judged(start_ms: int, end_ms: int, because: Because = Because.MOTION) -> list[State]:
    """States of an earlier rule, every five minutes: free, always."""
    return [state(t_ms, Occupancy.FREE, because) for t_ms in range(start_ms, end_ms, 5 * MINUTE_MS)]


# --- the same, told again ---------------------------------------------------------------------------------


@st.composite
def recordings(draw: st.DrawFn) -> list[Reading]:
    """Half a day around the midnight at which the space becomes another one, with silences in it."""
    t_ms, found = TURN_MS - 6 * HOUR_MS + 1, []
    for gap_s in draw(st.lists(st.sampled_from([1, 7, 60, 290, 900, 5_000]), min_size=1, max_size=60)):
        t_ms += gap_s * 1000 - gap_s
        for sensor, kind in draw(st.sets(st.sampled_from([AIR, OTHER_PIR, PIR]), min_size=1)):
            amount = draw(st.integers(400, 1_500) if kind is Kind.CO2_PPM else st.integers(0, 1))
            found.append(Reading(t_ms, sensor, kind, float(amount)))
    return sorted(found)


@settings(max_examples=40, deadline=None)
@given(recordings())
def test_the_same_rules_say_the_same(readings: list[Reading]) -> None:
    """Readings told again by the rules that judged them are the same history: states, and facts of them."""
    old, new = told(TURNING, readings, readings[-1].t_ms + 2 * HOUR_MS), MemoryStore()
    rederive(old, new, TURNING, Wish(), NOW_MS)

    assert readings_of(new) == readings
    assert states(new) == states(old)
    assert facts(new) == facts(old)


def test_a_part_in_the_middle_joins_what_is_around_it() -> None:
    """One day made anew, after its run-up, says the same as when the rules had begun long before."""
    readings = recording(TURN_MS - 3 * DAY_MS, TURN_MS + 2 * DAY_MS)
    old, new = told(TURNING, readings, TURN_MS + 2 * DAY_MS), MemoryStore()
    made = rederive(old, new, TURNING, Wish(from_ms=TURN_MS, to_ms=TURN_MS + DAY_MS), NOW_MS)

    assert [part.span for part in made.parts] == [Span(TURN_MS, TURN_MS + DAY_MS)]
    # What was learned of the air in the days before tells in numbers, not in words.
    assert [spoken(one) for one in states(new)] == [spoken(one) for one in states(old)]


def test_a_space_is_judged_as_what_it_was() -> None:
    """Each instant is judged by the layout of its day at the site."""
    space = TURNING.spaces[SPACE]
    rooms = [(TURN_MS - HOUR_MS, room_on(space, date(2026, 11, 19))), (TURN_MS, room_on(space, TURN))]
    teller = Teller(Span(TURN_MS - HOUR_MS, NOW_MS), rooms)
    rows = teller.tell(recording(TURN_MS - HOUR_MS, TURN_MS + HOUR_MS))
    seen = {(row.t_ms >= TURN_MS, teller.course.room.kind) for row in rows if isinstance(row, State)}

    assert seen == {(False, SpaceKind.MEETING), (True, SpaceKind.FOCUS)}


# --- what cannot be told again ----------------------------------------------------------------------------


def test_where_presence_was_removed_the_old_states_stay() -> None:
    """Before the readings of presence that are held, states keep their rule, and facts are not made again."""
    held: list[Reading | State] = [
        row
        for row in recording(NOW_MS - 5 * DAY_MS, NOW_MS)
        if row.kind is not Kind.MOTION or row.t_ms >= NOW_MS - DAY_MS
    ]
    held += judged(NOW_MS - 5 * DAY_MS, NOW_MS)
    old, new = stored(ZONE, held, BUILDING), MemoryStore()
    made = rederive(old, new, BUILDING, Wish(), NOW_MS)
    (part,) = made.parts
    start_ms = NOW_MS - DAY_MS + WARM_MS

    assert part.span == Span(start_ms, NOW_MS)
    before = [one for one in states(old) if one.t_ms < start_ms]
    assert [one for one in states(new) if one.t_ms < start_ms] == before
    assert {one.rule for one in states(new) if one.t_ms >= start_ms} == {RULE}
    assert {one.occupancy for one in states(new) if one.t_ms >= start_ms} == {*KNOWN}
    old_facts, new_facts = (next(store.facts(SITE, start_ms=0, end_ms=start_ms)) for store in (old, new))
    assert old_facts.amounts.tobytes() == new_facts.amounts.tobytes()
    assert [one for one in new.touched(SITE) if one.quarter_ms < NOW_MS - 2 * QUARTER_MS] == []


def test_what_was_never_made_of_presence_goes_back_as_far_as_its_air() -> None:
    """A zone that only measures air is told again from the first CO2 on that is held."""
    readings = [one for one in recording(NOW_MS - 5 * DAY_MS, NOW_MS) if one.kind is Kind.CO2_PPM]
    silent = judged(NOW_MS - 5 * DAY_MS, NOW_MS, Because.CO2_PPM)
    new = MemoryStore()
    made = rederive(stored(ZONE, [*readings, *silent], BUILDING), new, BUILDING, Wish(), NOW_MS)

    assert made.parts[0].span == Span(NOW_MS - 90 * DAY_MS + WARM_MS, NOW_MS)
    assert {one.rule for one in states(new)} <= {RULE}


def test_a_device_that_is_gone_keeps_what_it_said() -> None:
    """Where no reading of presence is left at all, states still tell that they were made of them."""
    air = [one for one in recording(NOW_MS - 5 * DAY_MS, NOW_MS - 3 * DAY_MS) if one.kind is Kind.CO2_PPM]
    said = judged(NOW_MS - 5 * DAY_MS, NOW_MS - 3 * DAY_MS)
    new = MemoryStore()
    rederive(stored(ZONE, [*air, *said], BUILDING), new, BUILDING, Wish(), NOW_MS)

    assert states(new) == said


def test_too_early_is_refused_unless_presence_may_be_left_out() -> None:
    """A day of which presence is not held any more is an error that says from when on, and what to do."""
    readings = recording(NOW_MS - 5 * DAY_MS, NOW_MS)
    old = stored(ZONE, [*readings, *judged(NOW_MS - 5 * DAY_MS, NOW_MS)], BUILDING)
    early = Wish(from_ms=NOW_MS - 3 * DAY_MS)
    words = r"--from 2026-11-22: .* space 1\.04 .* from 2026-11-24 01:00 on.* --without-presence"
    with pytest.raises(CannotStart, match=words):
        rederive(old, MemoryStore(), BUILDING, early, NOW_MS)
    new = MemoryStore()
    rederive(old, new, BUILDING, early._replace(without_presence=True), NOW_MS)

    heard = {because for one in states(new) if one.rule == RULE for because in one.because}
    assert Because.MOTION not in heard
    assert {one.rule for one in states(new) if one.t_ms < NOW_MS - 3 * DAY_MS} == {OLD_RULE}


def test_a_zone_without_air_is_carried_over_when_presence_is_left_out() -> None:
    """Nobody can judge by CO2 where none is measured; its history stays what it was."""
    seen = [one for one in recording(NOW_MS - DAY_MS, NOW_MS) if one.kind is Kind.MOTION]
    said = judged(NOW_MS - DAY_MS, NOW_MS)
    new = MemoryStore()
    made = rederive(stored(ZONE, [*seen, *said], TURNING), new, TURNING, Wish(without_presence=True), NOW_MS)

    assert made.parts[0].span is None
    assert states(new) == said


def test_other_spaces_are_carried_over_and_private_ones_left_out() -> None:
    """Only what is asked for is made anew; of a space in privacy mode nothing is written again."""
    here, there, hidden = (Zone(SITE, space, "pi-1") for space in (SPACE, "1.06", PRIVATE))
    building = replace(TURNING, spaces={**TURNING.spaces, "1.06": replace(MEETING, id="1.06")})
    old = MemoryStore()
    rows: list[Reading | State] = [*recording(NOW_MS - HOUR_MS, NOW_MS), *judged(NOW_MS - HOUR_MS, NOW_MS)]
    for zone in (here, there, hidden):
        old.write([*portions(zone, sorted(rows, key=lambda row: row.t_ms))])
    new = MemoryStore()
    rederive(old, new, building, Wish(spaces=[SPACE]), NOW_MS)

    assert [{one.rule for one in states(new, zone)} for zone in (here, there, hidden)] == [
        {RULE},
        {OLD_RULE},
        set(),
    ]


def test_what_is_too_old_is_not_written_again() -> None:
    """What retention has not removed yet does not get a second life."""
    readings = recording(NOW_MS - 3 * DAY_MS, NOW_MS)
    new = MemoryStore()
    rederive(stored(ZONE, readings, BUILDING), new, BUILDING, Wish(), NOW_MS)

    written = [one.t_ms for one in readings_of(new) if KINDS[one.kind].level is Level.PRESENCE]
    assert min(written) == NOW_MS - DAY_MS
    assert len(readings_of(new)) == len(readings) * 2 // 3


# --- what differs -----------------------------------------------------------------------------------------


def test_differences_are_told_to_the_minute() -> None:
    """For each pair of what was said and is said now, for how long; and the sessions and rules of both."""
    start_ms = NOW_MS - HOUR_MS
    free, occupied = KNOWN

    def store(*said: Occupancy, rule: str) -> MemoryStore:
        rows = [state(start_ms + n * 10 * MINUTE_MS, one, rule=rule) for n, one in enumerate(said)]
        return stored(ZONE, rows, BUILDING)

    old = store(free, free, occupied, occupied, Occupancy.UNKNOWN, free, rule="a")
    new = store(free, occupied, occupied, free, free, Occupancy.UNKNOWN, rule="b")
    made = rederive(old, MemoryStore(), TURNING, Wish(), NOW_MS)
    (part,) = made.parts
    (found,) = differences(old, new, SITE, [part._replace(span=Span(start_ms, NOW_MS))])

    minutes = found.said_ms / MINUTE_MS
    assert minutes[FREE].tolist() == [10, 10, 10]
    assert minutes[OCCUPIED].tolist() == [10, 10, 0]
    assert minutes[UNKNOWN].tolist() == [10, 0, 0]
    assert found.sessions == (1, 1)
    assert found.rules == (frozenset("a"), frozenset("b"))
    assert found.known_ms() == (50 * MINUTE_MS, 50 * MINUTE_MS)


# --- as a command -----------------------------------------------------------------------------------------


def run(*words: str) -> str:
    """What `bezet rederive` prints."""
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(
        app, [*words, "--building", str(ROOT / "building.toml")], env={"COLUMNS": "200"}
    )
    if done.exception is not None:
        raise done.exception
    return done.output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store of the example building with its last three hours, by this machine's clock."""
    now = now_ms()
    path = tmp_path / "old.db"
    rows: list[Reading | State] = [
        *recording(now - 3 * HOUR_MS, now, MINUTE_MS),
        *judged(now - 3 * HOUR_MS, now),
    ]
    with closing(SqliteStore(path)) as store:
        store.write([*portions(ZONE, sorted(rows, key=lambda row: row.t_ms))])
    return path


def test_a_new_store_is_made_and_the_old_one_only_read(file: Path, tmp_path: Path) -> None:
    """The old file stays as it is to the last byte, and the new one holds it as it is told now."""
    before = hashlib.sha256(file.read_bytes()).digest()
    new, table = f"sqlite:{tmp_path / 'new.db'}", tmp_path / "table.csv"
    said = run("--store", f"sqlite:{file}", "--into", new, "--csv", str(table))
    with closing(open_store(new)) as store:
        rules = {one.rule for one in states(store)}
        count = len(readings_of(store))
        assert [*store.facts(SITE, start_ms=0, end_ms=EVER_MS)] != []
    with table.open(encoding="utf-8") as text:
        (row,) = csv.DictReader(text)

    assert hashlib.sha256(file.read_bytes()).digest() == before
    assert rules == {RULE}
    assert count == 360
    assert f"{OLD_RULE} → {RULE}" in said
    assert (row["space"], row["rules_old"], row["rules_new"]) == (SPACE, OLD_RULE, RULE)
    assert float(row["occupied_new_s"]) > float(row["occupied_old_s"]) == 0


def test_a_table_alone(file: Path) -> None:
    """Into memory nothing is left behind but the table."""
    assert SPACE in run("--store", f"sqlite:{file}", "--into", "memory:")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--into", "sqlite:{old}"], "is the store that is read"),
        (["--into", "sqlite:{full}"], "is not empty; remove it first"),
        (["--into", "memory:", "--from", "monday"], "--from 'monday': needs a day, as 2026-11-24"),
        (
            ["--into", "memory:", "--from", "2026-11-02", "--to", "2026-11-01"],
            "--to 2026-11-01: is before --from 2026-11-02",
        ),
        (["--into", "memory:", "--space", "9.99"], "--space 9.99: is not in the building file"),
    ],
    ids=["itself", "full", "no day", "backwards", "no space"],
)
def test_what_cannot_be_done_is_said(file: Path, tmp_path: Path, words: list[str], error: str) -> None:
    """What would overwrite something, or is not there, is one clear line, and nothing is written."""
    full = tmp_path / "full.db"
    with closing(SqliteStore(full)) as store:
        store.write([*portions(ZONE, [state(NOW_MS, Occupancy.FREE)])])
    asked = [word.format(old=file, full=full) for word in words]
    with pytest.raises(CannotStart, match=error):
        run("--store", f"sqlite:{file}", *asked)
    with closing(SqliteStore(full)) as store:
        assert len(states(store)) == 1


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    """A store that would have to be made to be read is none."""
    with pytest.raises(CannotStart, match="there is no store"):
        run("--store", f"sqlite:{tmp_path / 'nowhere.db'}", "--into", "memory:")
    assert [*tmp_path.iterdir()] == []


def test_health_goes_along() -> None:
    """What agents said of themselves is in the new store too."""
    old, new = stored(ZONE, recording(NOW_MS - HOUR_MS, NOW_MS), BUILDING), MemoryStore()
    health = Health(
        *(SITE, "pi-1", NOW_MS - HOUR_MS, "0" * 16, True, 1, 0, 0, Clock.TRUSTED, {}, (), "1.0"),
    )
    old.write_health([health])
    rederive(old, new, BUILDING, Wish(), NOW_MS)

    assert new.healths(SITE, start_ms=0, end_ms=NOW_MS) == [health]
