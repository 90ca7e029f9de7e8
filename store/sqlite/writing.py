# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What devices say, put into an embedded store."""

from __future__ import annotations

import json
import secrets
from operator import itemgetter
from typing import TYPE_CHECKING

from bezet.usage.facts import QUARTER_MS, touched_quarters
from store import MAX_REJECT_BYTES, MAX_REJECTS
from store.sqlite.numbers import numbered

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from bezet.messages import Batch, Health
    from bezet.model import State
    from store import Reject
    from store.sqlite.numbers import Numbers, ZoneNumbers

# A repeat changes nothing, so there is nothing to do for it.
_READING = """
    INSERT INTO reading (series, t_ms, value) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value WHERE value != excluded.value
"""
_STATE = """
    INSERT INTO state (voice, t_ms, saying, probability, lasting_ms, people, people_low, people_high)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET saying = excluded.saying, probability = excluded.probability,
        lasting_ms = excluded.lasting_ms, people = excluded.people, people_low = excluded.people_low,
        people_high = excluded.people_high
    WHERE (saying, probability, lasting_ms, people, people_low, people_high) IS NOT
        (excluded.saying, excluded.probability, excluded.lasting_ms, excluded.people, excluded.people_low,
         excluded.people_high)
"""
_TOUCH = """
    INSERT INTO touched (space, quarter, token) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET token = excluded.token
"""
_PLACE = itemgetter(0, 1)
_HEALTH = "INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?, ?, ?, ?)"


def write_batches(connection: sqlite3.Connection, numbers: Numbers, batches: Sequence[Batch]) -> None:
    """Readings and states, and the quarter hours that they touch."""
    readings: list[tuple[int, int, float]] = []
    states: list[tuple[object, ...]] = []
    touched: set[tuple[int, int]] = set()
    for batch in batches:
        zone = numbers.zone(connection, batch.site, batch.space, batch.device)
        series = zone.series
        for reading in batch.readings:
            key = reading.sensor, reading.kind
            number = series.get(key)
            if number is None:
                number = series[key] = numbered(connection, "series (zone, sensor, kind)", zone.zone, *key)
            readings.append((number, reading.t_ms, reading.value))
        states += (_state_row(connection, numbers, zone, state) for state in batch.states)
        touched.update((zone.space, quarter_ms // QUARTER_MS) for quarter_ms in touched_quarters(batch))
    # In the order of the file each of its pages is looked for once. Sorting keeps the order of equal keys, so
    # that the last word stays.
    connection.executemany(_READING, sorted(readings, key=_PLACE))
    connection.executemany(_STATE, sorted(states, key=_PLACE))
    token = secrets.randbits(63)
    connection.executemany(_TOUCH, ((*one, token) for one in sorted(touched)))


def _state_row(
    connection: sqlite3.Connection, numbers: Numbers, zone: ZoneNumbers, state: State
) -> tuple[object, ...]:
    voice = zone.voices.get(state.rule)
    if voice is None:
        voice = zone.voices[state.rule] = numbered(connection, "voice (zone, rule)", zone.zone, state.rule)
    saying = numbers.saying(connection, state.occupancy, state.because)
    people = (state.people, state.people_low, state.people_high)
    return voice, state.t_ms, saying, state.probability, state.t_ms - state.since_ms, *people


def write_health(connection: sqlite3.Connection, healths: Sequence[Health]) -> None:
    """What agents say of themselves."""
    for one in healths:
        agent = numbered(connection, "agent (site, device)", one.site, one.device)
        words = (one.online, one.clock, json.dumps(dict(one.sensors)), " ".join(one.troubles), one.version)
        condition = numbered(connection, "condition (online, clock, sensors, troubles, version)", *words)
        counts = (bytes.fromhex(one.boot), one.uptime_s, one.queued, one.refused)
        connection.execute(_HEALTH, (agent, one.t_ms, condition, *counts))


def write_rejects(connection: sqlite3.Connection, rejects: Sequence[Reject]) -> None:
    """Messages that were refused: counted for ever, the newest 1,000 whole."""
    connection.executemany(
        "INSERT INTO reject (t_ms, topic, cause, what, payload) VALUES (?, ?, ?, ?, ?)",
        ((one.t_ms, one.topic, one.cause, one.what, one.payload[:MAX_REJECT_BYTES]) for one in rejects),
    )
    connection.execute("DELETE FROM reject WHERE id <= (SELECT MAX(id) FROM reject) - ?", [MAX_REJECTS])
    connection.executemany(
        "INSERT INTO reject_count VALUES (?, 1) ON CONFLICT DO UPDATE SET messages = messages + 1",
        ((one.cause,) for one in rejects),
    )
