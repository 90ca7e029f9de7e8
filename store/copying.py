# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything of one store into another, with the proof of it: so a pilot grows without losing a day.

Both stores are read side by side, and what the target lacks is written. So it may be stopped at any instant
and started again, devices may already write to the target, and a second run writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import KINDS, Level, Reading, State
from bezet.usage.columns import ZoneFacts
from bezet.usage.facts import ROW, touched_quarters
from store import MAX_REJECTS, PORTION_ROWS
from store.portions import portions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from bezet.messages import Batch, Health
    from bezet.model import Zone
    from store import Month, Store

Row = Reading | State

#: After every instant that a store can hold.
EVER_MS = 2**53
DAY_MS = 24 * 3_600_000
HEALTH, MONTHS = "health", "months"


class Count(NamedTuple):
    """Rows of one sort in the source, those of them in the target, and those that it keeps no longer."""

    source: int
    target: int
    expired: int


@dataclass(frozen=True, slots=True)
class Copied:
    """What was written, and the proof: a count for each level, and for `health` and `months`."""

    written: int
    counts: Mapping[str, Count]

    @property
    def is_whole(self) -> bool:
        """Whether all that the target can keep is there; what it has besides does not matter."""
        return all(one.source == one.target + one.expired for one in self.counts.values())


def copy(
    source: Store,
    target: Store,
    *,
    site: str | None = None,
    progress: Callable[[str, int, int], None],
    kept_from_ms: Callable[[], Mapping[Level, int]] = dict,
) -> Copied:
    """Copy one site or all; where a row of both differs, the source has the last word.

    `progress` hears what is at work, how many steps are done and how many there are; what it raises ends the
    copying. `kept_from_ms` says from when on the target keeps each level, and is asked again and again. A
    site of which no rows are left, but facts, is found only by name. Raises `StoreError` as the stores do.
    """
    plan = _plan(source, site)
    run = _Run(source, target, progress, kept_from_ms, steps=sum(map(_steps, plan.values())))
    for name, spaces in plan.items():
        run.site(name, spaces)
    if not target.rejects(1):
        target.reject(source.rejects(MAX_REJECTS)[::-1])
    return run.copied()


def _plan(source: Store, site: str | None) -> dict[str, dict[str, list[Zone]]]:
    """The zones of every space of every site; of some spaces only facts are left."""
    plan: dict[str, dict[str, list[Zone]]] = {} if site is None else {site: {}}
    for zone in source.zones():
        if site in (None, zone.site):
            plan.setdefault(zone.site, {}).setdefault(zone.space, []).append(zone)
    for name, spaces in plan.items():
        for one in source.facts(name, start_ms=0, end_ms=EVER_MS):
            spaces.setdefault(one.zone.space, [])
    return plan


def _steps(spaces: Mapping[str, list[Zone]]) -> int:
    """Each zone is copied, each space has its facts and is counted, each site has health and months."""
    return sum(len(zones) + 2 for zones in spaces.values()) + 1


class _Run:
    """One run, and what it has counted so far."""

    def __init__(
        self,
        source: Store,
        target: Store,
        progress: Callable[[str, int, int], None],
        kept_from_ms: Callable[[], Mapping[Level, int]],
        steps: int,
    ) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._kept_from_ms = kept_from_ms
        self._steps = steps
        self._done = 0
        self._written = 0
        self._counts = {str(name): Count(0, 0, 0) for name in (*Level, HEALTH, MONTHS)}

    def copied(self) -> Copied:
        """What was counted."""
        return Copied(self._written, self._counts)

    def site(self, site: str, spaces: Mapping[str, list[Zone]]) -> None:
        """Space by space, so that no more than those of one space wait for facts at a time."""
        touched = defaultdict[str, set[int]](set)
        for one in self._source.touched(site):
            touched[one.space].add(one.quarter_ms)
        spans = [
            span
            for space, zones in spaces.items()
            for span in self._space(site, space, zones, touched[space])
        ]
        self._healths(site, spans)
        self._months(site)
        self._step(f"{site} health and months")

    def _space(self, site: str, space: str, zones: list[Zone], touched: set[int]) -> list[int]:
        """Rows, then facts, then what is to be made again; the first and last instants of each zone."""
        for zone in zones:
            self._write_rows(zone)
        facts = self._write_facts(site, space)
        # In this order: whatever is written after the touches were read has another token and stays touched,
        # and whatever was written before is among the rows that are looked at next.
        touches = [one for one in self._target.touched(site) if one.space == space]
        here = {*zones, *(zone for zone in self._target.zones() if zone[:2] == (site, space))}
        again = _Again(touched)
        spans = [t_ms for zone in sorted(here) for t_ms in self._count_rows(zone, again)]
        if done := [one for one in touches if not again.waits(one.quarter_ms)]:
            self._target.write_facts([], done)
        if rows := again.rows(facts, {one.quarter_ms for one in touches}):
            self._target.write(rows)
        self._count_facts(site, space, again)
        return spans

    # --- rows ---------------------------------------------------------------------------------------------

    def _write_rows(self, zone: Zone) -> None:
        what = f"copying {zone.site} {zone.space} {zone.device}"
        kept_from_ms = self._kept_from_ms()
        missing = (
            row
            for _, wanted, found in self._side_by_side(zone, what)
            for row in wanted - found
            if row.t_ms >= kept_from_ms.get(_level(row), 0)
        )
        for batch in portions(zone, missing):
            self._target.write([batch])
            self._written += len(batch.readings) + len(batch.states)
        self._step(what)

    def _count_rows(self, zone: Zone, again: _Again) -> list[int]:
        """Count each level, note whatever the target alone has; the first and last instants."""
        what = f"counting {zone.site} {zone.space} {zone.device}"
        span: list[int] = []
        for t_ms, wanted, found in self._side_by_side(zone, what):
            span[1:] = [t_ms] if span else [t_ms, t_ms]
            again.look(zone, wanted, found)
            for row in wanted:
                level = _level(row)
                self._count_one(level, t_ms, is_there=row in found)
        return span

    def _side_by_side(self, zone: Zone, what: str) -> Iterator[tuple[int, set[Row], set[Row]]]:
        """Instant by instant, what the source has and what the target has."""
        wanted = ((row.t_ms, True, row) for row in self._rows(self._source, zone, what))
        found = ((row.t_ms, False, row) for row in self._rows(self._target, zone, what))
        for t_ms, group in groupby(merge(wanted, found, key=_instant), key=_instant):
            sides: tuple[set[Row], set[Row]] = set(), set()
            for _, is_wanted, row in group:
                sides[not is_wanted].add(row)
            yield t_ms, *sides

    def _rows(self, store: Store, zone: Zone, what: str) -> Iterator[Row]:
        """Readings and states of a zone, in order of time."""
        for batch in store.batches(zone, start_ms=0, end_ms=EVER_MS):
            self._say(what)
            rows: tuple[Sequence[Row], Sequence[Row]] = batch.readings, batch.states
            yield from merge(*rows, key=_t_ms)

    # --- facts --------------------------------------------------------------------------------------------

    def _write_facts(self, site: str, space: str) -> set[int]:
        """Copy facts as they are, with their revisions; every quarter hour that has some."""
        what = f"facts of {site} {space}"
        kept_from_ms = self._kept_from_ms().get(Level.FACTS, 0)
        quarters: set[int] = set()
        for facts, _, is_same in self._facts_beside(site, space):
            missing = np.flatnonzero(~is_same & (facts.quarter_ms >= kept_from_ms))
            for start in range(0, len(missing), PORTION_ROWS):
                self._say(what)
                self._target.write_facts([_at(facts, missing[start : start + PORTION_ROWS])], [])
            self._written += len(missing)
            quarters.update(facts.quarter_ms.tolist())
        self._step(what)
        return quarters

    def _count_facts(self, site: str, space: str, again: _Again) -> None:
        """Count quarter hours; those that are made again in the target may differ by now."""
        for facts, is_there, is_same in self._facts_beside(site, space):
            waits = np.array([again.waits(quarter_ms) for quarter_ms in facts.quarter_ms.tolist()], np.bool_)
            found = is_same | (is_there & waits)
            expired = ~found & (facts.quarter_ms < self._kept_from_ms().get(Level.FACTS, 0))
            self._count(Level.FACTS, len(facts), int(found.sum()), int(expired.sum()))
        self._step(f"counting {site} {space}")

    def _facts_beside(self, site: str, space: str) -> Iterator[_Beside]:
        """Facts of each zone of the source, beside those of the target."""
        found = {one.zone: one for one in self._target.facts(site, space, start_ms=0, end_ms=EVER_MS)}
        for wanted in self._source.facts(site, space, start_ms=0, end_ms=EVER_MS):
            yield _beside(wanted, found.get(wanted.zone))

    # --- of a whole site ----------------------------------------------------------------------------------

    def _healths(self, site: str, spans: list[int]) -> None:
        """Day by day over the time of which there are rows, and what lies before and after it."""
        days = range(min(spans), max(spans) + DAY_MS, DAY_MS) if spans else range(0)
        edges_ms = [0, *days, EVER_MS]
        for start_ms, end_ms in pairwise(edges_ms):
            self._say(f"health of {site}")
            kept_from_ms = self._kept_from_ms().get(Level.STATES, 0)
            wanted = _by_device(self._source.healths(site, start_ms=start_ms, end_ms=end_ms))
            found = _by_device(self._target.healths(site, start_ms=start_ms, end_ms=end_ms))
            missing = [
                one for key, one in wanted.items() if found.get(key) != one and one.t_ms >= kept_from_ms
            ]
            if missing:
                self._target.write_health(missing)
                self._written += len(missing)
                found = _by_device(self._target.healths(site, start_ms=start_ms, end_ms=end_ms))
            for key, one in wanted.items():
                self._count_one(HEALTH, one.t_ms, is_there=found.get(key) == one)

    def _months(self, site: str) -> None:
        """Of two that differ, the one that knows of more time; a collector makes it again when it starts."""
        wanted, found = self._source.months(site), _by_name(self._target.months(site))
        missing = [one for one in wanted if not _says_all(found.get(one.month), one)]
        if missing:
            self._target.write_months(missing)
            self._written += len(missing)
            found = _by_name(self._target.months(site))
        for one in wanted:
            self._count(MONTHS, 1, _says_all(found.get(one.month), one), 0)

    # --- counting -----------------------------------------------------------------------------------------

    def _count(self, name: str, source: int, target: int, expired: int) -> None:
        counts = self._counts[name]
        self._counts[name] = Count(counts.source + source, counts.target + target, counts.expired + expired)

    def _count_one(self, name: str, t_ms: int, *, is_there: bool) -> None:
        """Count a row; time goes on, so whether it has expired is asked after it was looked for."""
        level = Level.STATES if name == HEALTH else Level(name)
        is_expired = not is_there and t_ms < self._kept_from_ms().get(level, 0)
        self._count(name, 1, is_there, is_expired)

    def _say(self, what: str) -> None:
        self._progress(what, self._done, self._steps)

    def _step(self, what: str) -> None:
        self._done += 1
        self._say(what)


class _Again:
    """The quarter hours of one space whose facts the target must make itself, and rows that touch them.

    They are those that wait in the source, and those of which the target has rows of its own.
    """

    def __init__(self, touched: Collection[int]) -> None:
        self._touched = touched
        self._waiting: dict[int, Batch] = {}
        self._own: dict[int, Batch] = {}

    def look(self, zone: Zone, wanted: set[Row], found: set[Row]) -> None:
        """Look at what both have of one instant of a zone."""
        for row in found - wanted:
            self._note(self._own, zone, row)
        if self._touched:
            for row in wanted & found:
                self._note(self._waiting, zone, row)

    def _note(self, noted: dict[int, Batch], zone: Zone, row: Row) -> None:
        (batch,) = portions(zone, [row])
        for quarter_ms in touched_quarters(batch):
            if noted is self._own or quarter_ms in self._touched:
                noted.setdefault(quarter_ms, batch)

    def waits(self, quarter_ms: int) -> bool:
        """Whether the facts of a quarter hour are made in the target."""
        return quarter_ms in self._touched or quarter_ms in self._own

    def rows(self, copied: Collection[int], touched: Collection[int]) -> list[Batch]:
        """Rows that, written again, touch the quarter hours whose copied facts are not the last word."""
        wanted = self._waiting | {quarter: row for quarter, row in self._own.items() if quarter in copied}
        return [row for quarter, row in wanted.items() if quarter not in touched]


# --- what is the same -------------------------------------------------------------------------------------


def _instant(one: tuple[int, bool, Row]) -> int:
    return one[0]


def _t_ms(row: Row) -> int:
    return row.t_ms


def _level(row: Row) -> Level:
    return KINDS[row.kind].level if isinstance(row, Reading) else Level.STATES


def _at(facts: ZoneFacts, places: NDArray[np.intp]) -> ZoneFacts:
    return ZoneFacts(facts.zone, facts.quarter_ms[places], facts.amounts[:, places], facts.revision[places])


class _Beside(NamedTuple):
    """Facts of a zone, and which of its quarter hours another store has at all, and to the last bit."""

    facts: ZoneFacts
    is_there: NDArray[np.bool_]
    is_same: NDArray[np.bool_]


def _beside(wanted: ZoneFacts, found: ZoneFacts | None) -> _Beside:
    there, same = np.zeros((2, len(wanted)), np.bool_)
    if found is not None:
        amounts, revision = found.at(wanted.quarter_ms)
        equal = (wanted.amounts == amounts) | (np.isnan(wanted.amounts) & np.isnan(amounts))
        there = revision >= 0
        same = there & equal.all(axis=0) & (wanted.revision == revision)
    return _Beside(wanted, there, same)


def _says_all(found: Month | None, wanted: Month) -> bool:
    """Whether a month is the same, or knows of more time."""
    if found is None:
        return False
    known, asked = found.amounts[ROW["covered_s"]], wanted.amounts[ROW["covered_s"]]
    same = np.array_equal(found.amounts, wanted.amounts, equal_nan=True) and found.revision == wanted.revision
    return bool(same or known > asked)


def _by_device(healths: Iterable[Health]) -> dict[tuple[str, int], Health]:
    return {(one.device, one.t_ms): one for one in healths}


def _by_name(months: Sequence[Month]) -> dict[str, Month]:
    return {one.month: one for one in months}
