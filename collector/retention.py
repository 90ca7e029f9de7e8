# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is removed because its time has come, what waits for facts that are not made, and the report of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import structlog

from bezet.errors import StoreBusy, StoreError, StoreUnusable
from bezet.model import KINDS, Level
from bezet.retention import whole_hours
from bezet.usage.facts import REACH_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from bezet.model import Building
    from store import Store

LOG = structlog.get_logger("bezet.retention")

#: Facts are made from these.
_FEED_FACTS = (Level.STATES, Level.ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Removal:
    """One level: rows older than `before_ms` went (None: nothing did), and why not those up to `limit_ms`."""

    limit_ms: int
    before_ms: int | None
    rows: int = 0
    held_because: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What went of one site at one time."""

    site: str
    t_ms: int
    levels: Mapping[Level, Removal]

    @property
    def removed(self) -> dict[Level, int]:
        """How many rows went."""
        return {level: one.rows for level, one in self.levels.items()}


@runtime_checkable
class KeepsBuckets(Protocol):
    """A store on a server that also removes by itself what is older than it was told."""

    def keep(self, durations: Mapping[Level, timedelta]) -> Sequence[str]:
        """Have the server remove what is older, and say what was changed for it."""


class RetentionJob:
    """Removes from one site what is older than its building file says; `run_once` may run in a thread.

    Several collectors may each have one: what one has removed, another does not find.
    """

    def __init__(
        self, store: Store, building: Building, now_ms: Callable[[], int], make_due: Callable[[], object]
    ) -> None:
        self._store = store
        self._building = building
        self._now_ms = now_ms
        self._make_due = make_due

    def run_once(self) -> Report:
        """Make the facts that are due, then remove what is too old, but nothing that facts still wait for.

        Raises `StoreBusy` when the store could not remove; the next run will.
        """
        now_ms = self._now_ms()
        levels = self._after_making(now_ms)
        asked = {level: one.before_ms for level, one in levels.items() if one.before_ms is not None}
        try:
            rows = self._store.remove_before(self._building.site, asked)
        except (StoreBusy, StoreUnusable):
            raise
        except StoreError as error:  # a server that cannot, such as InfluxDB 3 Core
            levels = {
                level: replace(one, before_ms=None, held_because=str(error)) for level, one in levels.items()
            }
            rows = {}
        report = _report(self._building.site, now_ms, levels, rows)
        changed = self._tell_buckets(report)
        _log(report, changed)
        return report

    def _after_making(self, now_ms: int) -> dict[Level, Removal]:
        """What is to go; where facts could not be made, nothing that has to do with facts."""
        try:
            self._make_due()
            return _due(self._store, self._building, now_ms)
        except StoreError as error:
            why = f"facts could not be made: {error}"
            limits = self._building.retention.limits(now_ms, self._building.timezone)
            return {
                level: Removal(limit_ms, limit_ms)
                if level is Level.PRESENCE
                else Removal(limit_ms, None, 0, why)
                for level, limit_ms in limits.items()
            }

    def _tell_buckets(self, report: Report) -> list[str]:
        """Have a server keep no longer than this run did; a level that was held back whole stays as it is."""
        if not isinstance(self._store, KeepsBuckets):
            return []
        # A server removes whole days or weeks, once the last instant of them is too old. That slack is more
        # than enough for facts of data that comes in its last hour.
        durations = {
            level: whole_hours(report.t_ms - one.before_ms)
            for level, one in report.levels.items()
            if one.before_ms is not None
        }
        return [*self._store.keep(durations)]


def dry_run(store: Store, building: Building, now_ms: int) -> Report:
    """What a run would remove now, counted in constant memory; nothing is made and nothing goes."""
    levels = _due(store, building, now_ms)
    before_ms = {level: one.before_ms for level, one in levels.items() if one.before_ms is not None}
    return _report(building.site, now_ms, levels, _count(store, building.site, before_ms))


def in_words(report: Report, timezone: ZoneInfo) -> list[str]:
    """One line for each level, for people; the instants are local to the site."""
    lines = []
    for level, one in report.levels.items():
        instant_ms = one.limit_ms if one.before_ms is None else one.before_ms
        instant = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(timezone)
        why = f"; the rest waits: {one.held_because}" if one.held_because else ""
        lines.append(f"{level:<12}{one.rows:>12,} rows from before {instant:%Y-%m-%d %H:%M}{why}")
    return lines


def _due(store: Store, building: Building, now_ms: int) -> dict[Level, Removal]:
    """What is to go when all facts are made but those of the quarter hours that are touched.

    Such a quarter hour is made from its own rows and those up to `REACH_MS` before it. The last word of a
    device from before that says only that there was a device, and a device whose words have gone is gone
    (`FactMaker`): nothing is held back for it, else one late message would hold back a week.
    Presence readings make no fact, and never wait.
    """
    oldest_ms = min((one.quarter_ms for one in store.touched(building.site)), default=now_ms) - REACH_MS
    due = {}
    for level, limit_ms in building.retention.limits(now_ms, building.timezone).items():
        if level in _FEED_FACTS and oldest_ms < limit_ms:
            due[level] = Removal(limit_ms, oldest_ms, 0, "facts of older quarter hours are not made yet")
        else:
            due[level] = Removal(limit_ms, limit_ms)
    return due


def _report(site: str, now_ms: int, levels: Mapping[Level, Removal], rows: Mapping[Level, int]) -> Report:
    return Report(
        site, now_ms, {level: replace(one, rows=rows.get(level, 0)) for level, one in levels.items()}
    )


def _log(report: Report, changed: Sequence[str]) -> None:
    rows = {str(level): count for level, count in report.removed.items()}
    held = {str(level): one.held_because for level, one in report.levels.items() if one.held_because}
    more = ({"held_back": held} if held else {}) | ({"buckets": [*changed]} if changed else {})
    LOG.info("removed what was too old", site=report.site, **rows, **more)


def _count(store: Store, site: str, before_ms: Mapping[Level, int]) -> Counter[Level]:
    """How many rows of each level are older."""
    found: Counter[Level] = Counter()
    end_ms = max(before_ms.values())
    for zone in store.zones():
        for batch in store.batches(zone, start_ms=0, end_ms=end_ms) if zone.site == site else ():
            rows = [(KINDS[one.kind].level, one.t_ms) for one in batch.readings]
            rows += [(Level.STATES, one.t_ms) for one in batch.states]
            found.update(level for level, t_ms in rows if t_ms < before_ms[level])
    found[Level.STATES] += len(store.healths(site, start_ms=0, end_ms=before_ms[Level.STATES]))
    found[Level.FACTS] += sum(map(len, store.facts(site, start_ms=0, end_ms=before_ms[Level.FACTS])))
    return found
