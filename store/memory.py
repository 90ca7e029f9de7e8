# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The store in memory that ships: what it was given is gone with the process, everything else is the same."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from bezet.model import Zone
from store import MAX_REJECT_BYTES, MAX_REJECTS, DeviceReading, DeviceState, Reject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.errors import Cause
    from bezet.model import Kind, Reading, State
    from bezet.wire import Batch


class MemoryStore:
    """A `Store` that keeps nothing. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: dict[Zone, dict[tuple[int, str, Kind], Reading]] = {}
        self._states: dict[Zone, dict[tuple[int, str], State]] = {}
        self._rejects: deque[Reject] = deque(maxlen=MAX_REJECTS)
        self._counts: Counter[Cause] = Counter()

    def write(self, batches: Sequence[Batch]) -> None:
        """Keep all of it, or nothing if something in it is no batch; what is there already stays as it is."""
        readings = [
            (Zone(batch.site, batch.space, batch.device), (one.t_ms, one.sensor, one.kind), one)
            for batch in batches
            for one in batch.readings
        ]
        states = [
            (Zone(batch.site, batch.space, batch.device), (one.t_ms, one.rule), one)
            for batch in batches
            for one in batch.states
        ]
        with self._lock:
            for zone, identity, reading in readings:
                self._readings.setdefault(zone, {}).setdefault(identity, reading)
            for zone, moment, state in states:
                self._states.setdefault(zone, {}).setdefault(moment, state)

    def readings(
        self, site: str, space: str, *, start_ms: int, end_ms: int, kind: Kind | None = None
    ) -> Iterator[DeviceReading]:
        """Readings of a space in order of time, device, sensor and kind."""
        with self._lock:
            found = [
                DeviceReading(zone.device, reading)
                for zone, readings in self._readings.items()
                if (zone.site, zone.space) == (site, space)
                for reading in readings.values()
                if start_ms <= reading.t_ms < end_ms and kind in (None, reading.kind)
            ]
        return iter(sorted(found, key=lambda row: (row.reading.t_ms, row.device, row.reading)))

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> Iterator[DeviceState]:
        """States of a space in order of time and device, each device's last one before the span first."""
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
        return iter(sorted(found, key=lambda row: (row.state.t_ms, row.device, row.state.rule)))

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
