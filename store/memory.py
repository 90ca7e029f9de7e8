# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The store in memory that ships: what it was given is gone with the process, everything else is the same."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bezet.model import KINDS, Level, Zone
from bezet.usage.columns import DeviceReading, DeviceState, ReadingColumns, StateColumns, ZoneFacts
from bezet.usage.facts import FACTS, touched_quarters
from store import MAX_REJECT_BYTES, MAX_REJECTS, Touched
from store.portions import portions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence

    from bezet.errors import Cause
    from bezet.messages import Batch, Health
    from bezet.model import Kind, Reading, State
    from bezet.usage.columns import Floats
    from store import Month, Reject

Key = TypeVar("Key")
Row = TypeVar("Row")


class MemoryStore:
    """A `Store` that keeps nothing. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._tokens = count(1)
        self._readings: defaultdict[Zone, dict[tuple[int, str, Kind], Reading]] = defaultdict(dict)
        self._states: defaultdict[Zone, dict[tuple[int, str], State]] = defaultdict(dict)
        self._healths: dict[tuple[str, str, int], Health] = {}
        self._touched: dict[tuple[str, str, int], int] = {}
        self._facts: defaultdict[Zone, dict[int, tuple[Floats, int]]] = defaultdict(dict)
        self._months: dict[tuple[str, str], Month] = {}
        self._rejects: deque[Reject] = deque(maxlen=MAX_REJECTS)
        self._counts: Counter[Cause] = Counter()

    # --- what devices say ---------------------------------------------------------------------------------

    def write(self, batches: Sequence[Batch]) -> None:
        """Keep all of it, or nothing if something in it is no batch."""
        marks = {(one.site, one.space, quarter) for one in batches for quarter in touched_quarters(one)}
        with self._lock:
            for one in batches:
                zone = Zone(one.site, one.space, one.device)
                self._readings[zone].update({(row.t_ms, row.sensor, row.kind): row for row in one.readings})
                self._states[zone].update({(row.t_ms, row.rule): row for row in one.states})
            self._touched.update(dict.fromkeys(marks, next(self._tokens)))

    def write_health(self, healths: Sequence[Health]) -> None:
        """Keep what agents say of themselves."""
        with self._lock:
            self._healths.update({(one.site, one.device, one.t_ms): one for one in healths})

    def readings(
        self,
        site: str,
        space: str,
        *,
        start_ms: int,
        end_ms: int,
        kinds: Collection[Kind] | None = None,
    ) -> ReadingColumns:
        """Readings of a space, of some kinds or of all."""
        with self._lock:
            return ReadingColumns.of(
                DeviceReading(zone.device, one)
                for zone, readings in self._readings.items()
                if (zone.site, zone.space) == (site, space)
                for one in readings.values()
                if start_ms <= one.t_ms < end_ms and (kinds is None or one.kind in kinds)
            )

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> StateColumns:
        """States of a space, and each device's last ones before the span."""
        found: list[DeviceState] = []
        with self._lock:
            for zone, states in self._states.items():
                if (zone.site, zone.space) != (site, space):
                    continue
                last_ms = max((t_ms for t_ms, _rule in states if t_ms < start_ms), default=None)
                found += [
                    DeviceState(zone.device, state)
                    for state in states.values()
                    if state.t_ms == last_ms or start_ms <= state.t_ms < end_ms
                ]
        return StateColumns.of(found)

    def latest(self, site: str) -> list[tuple[Zone, State]]:
        """The newest state of every zone, in order of the zone."""
        with self._lock:
            return [
                (zone, states[max(states)])
                for zone, states in sorted(self._states.items())
                if zone.site == site and states
            ]

    def healths(self, site: str, *, start_ms: int, end_ms: int) -> list[Health]:
        """What agents said of themselves, in order of time and device."""
        with self._lock:
            found = [one for one in self._healths.values() if one.site == site]
        asked = (one for one in found if start_ms <= one.t_ms < end_ms)
        return sorted(asked, key=lambda one: (one.t_ms, one.device))

    def zones(self) -> list[Zone]:
        """Every zone of which there is a reading or a state, in order."""
        with self._lock:
            kept: tuple[Mapping[Zone, object], ...] = (self._readings, self._states)
            return sorted({zone for rows in kept for zone, found in rows.items() if found})

    def batches(self, zone: Zone, *, start_ms: int, end_ms: int) -> Iterator[Batch]:
        """Everything of one zone in order of time, in portions."""
        with self._lock:
            readings = sorted(self._readings.get(zone, {}).values())
            states = sorted(self._states.get(zone, {}).items())
        rows: list[Reading | State] = [*readings, *(state for _, state in states)]
        asked = (row for row in sorted(rows, key=lambda row: row.t_ms) if start_ms <= row.t_ms < end_ms)
        return portions(zone, asked)

    # --- facts ----------------------------------------------------------------------------------------------

    def touched(self, site: str) -> list[Touched]:
        """Quarter hours written to since their facts were made, in order of space and time."""
        with self._lock:
            return [Touched(*key, token) for key, token in sorted(self._touched.items()) if key[0] == site]

    def write_facts(self, facts: Sequence[ZoneFacts], done: Sequence[Touched]) -> None:
        """Put these quarter hours in the place of what was there; then forget the touches that are done."""
        with self._lock:
            for one in facts:
                columns = zip(
                    one.quarter_ms.tolist(), one.amounts.T.copy(), one.revision.tolist(), strict=True
                )
                self._facts[one.zone].update({quarter: (column, n) for quarter, column, n in columns})
            for site, space, quarter_ms, token in done:
                key = site, space, quarter_ms
                if self._touched.get(key) == token:
                    del self._touched[key]
                elif facts:
                    self._touched[key] = next(self._tokens)

    def facts(
        self, site: str, space: str | None = None, *, start_ms: int, end_ms: int
    ) -> Iterator[ZoneFacts]:
        """Facts of one space or of all, zone by zone in order."""
        with self._lock:
            zones = sorted(zone for zone in self._facts if zone.site == site and space in (None, zone.space))
        for zone in zones:
            with self._lock:
                found = sorted(self._facts.get(zone, {}).items())
            asked = [(quarter, *row) for quarter, row in found if start_ms <= quarter < end_ms]
            if asked:
                quarters, columns, revisions = zip(*asked, strict=True)
                yield ZoneFacts(
                    zone,
                    np.array(quarters, np.int64),
                    np.array(columns, np.float64).reshape(-1, len(FACTS)).T,
                    np.array(revisions, np.int32),
                )

    def write_months(self, months: Sequence[Month]) -> None:
        """Put these months in the place of what was there."""
        with self._lock:
            self._months.update({(one.site, one.month): one for one in months})

    def months(self, site: str) -> list[Month]:
        """The months of a site, in order."""
        with self._lock:
            return [month for key, month in sorted(self._months.items()) if key[0] == site]

    # --- removal --------------------------------------------------------------------------------------------

    def remove_before(self, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:
        """Remove what is older, and say how many rows went of each level that was named."""
        with self._lock:
            removed = dict.fromkeys(before_ms, 0)
            for zone, readings in self._readings.items():
                for level in (
                    before_ms.keys() & {Level.PRESENCE, Level.ENVIRONMENT} if zone.site == site else ()
                ):
                    old = [
                        key for key in readings if key[0] < before_ms[level] and KINDS[key[2]].level is level
                    ]
                    removed[level] += _drop(readings, old)
            if (limit_ms := before_ms.get(Level.STATES)) is not None:
                for zone, states in self._states.items():
                    old_states = [key for key in states if zone.site == site and key[0] < limit_ms]
                    removed[Level.STATES] += _drop(states, old_states)
                old_healths = [key for key in self._healths if key[0] == site and key[2] < limit_ms]
                removed[Level.STATES] += _drop(self._healths, old_healths)
            if (limit_ms := before_ms.get(Level.FACTS)) is not None:
                for zone, facts in self._facts.items():
                    old_facts = [quarter for quarter in facts if zone.site == site and quarter < limit_ms]
                    removed[Level.FACTS] += _drop(facts, old_facts)
        return removed

    def remove_space(self, site: str, space: str) -> dict[Level, int]:
        """Remove everything of a space, its facts too, and say how many rows went."""
        removed = dict.fromkeys(Level, 0)
        with self._lock:
            for zone in [zone for zone in self._readings if zone[:2] == (site, space)]:
                for key in self._readings.pop(zone):
                    removed[KINDS[key[2]].level] += 1
            for zone in [zone for zone in self._states if zone[:2] == (site, space)]:
                removed[Level.STATES] += len(self._states.pop(zone))
            for zone in [zone for zone in self._facts if zone[:2] == (site, space)]:
                removed[Level.FACTS] += len(self._facts.pop(zone))
            _drop(self._touched, [key for key in self._touched if key[:2] == (site, space)])
        return removed

    # --- what was refused -----------------------------------------------------------------------------------

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep refused messages: counted for ever, the newest 1,000 whole."""
        with self._lock:
            for one in rejects:
                self._rejects.append(replace(one, payload=one.payload[:MAX_REJECT_BYTES]))
                self._counts[one.cause] += 1

    def rejects(self, limit: int = 50) -> list[Reject]:
        """The newest refused messages, newest first."""
        with self._lock:
            return list(self._rejects)[::-1][:limit]

    def reject_counts(self) -> dict[Cause, int]:
        """How many messages were ever refused, by cause."""
        with self._lock:
            return dict(self._counts)

    def close(self) -> None:
        """Nothing to release."""


def _drop(found: MutableMapping[Key, Row], keys: Collection[Key]) -> int:
    for key in keys:
        del found[key]
    return len(keys)
