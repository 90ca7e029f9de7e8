# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What devices said, out of an embedded store, one by one as the words of the model."""

from __future__ import annotations

import heapq
import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from bezet.messages import Clock, Health, SensorState, Trouble
from bezet.model import Kind, Occupancy, Reading, State, Zone
from store.portions import portions
from store.sqlite.columns import SERIES, VOICES, reasons_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from bezet.messages import Batch
    from store.sqlite.file import Database

#: Rows of one sensor or rule that are fetched at a time when all of a zone is read.
PAGE_ROWS = 1_000

_NEWEST = """
    SELECT site, name, device, t_ms, occupancy, probability, t_ms - lasting_ms, because, rule,
           people, people_low, people_high
    FROM space JOIN zone ON zone.space = space.id JOIN voice ON voice.zone = zone.id
    JOIN state ON state.voice = voice.id JOIN saying ON saying.id = saying
    WHERE site = ? AND t_ms = (SELECT MAX(t_ms) FROM state WHERE voice = voice.id)
    ORDER BY name, device, t_ms, rule
"""
_ZONES = """
    SELECT site, name, device FROM space JOIN zone ON zone.space = space.id
    WHERE EXISTS (SELECT 1 FROM series JOIN reading ON series = series.id WHERE zone = zone.id)
       OR EXISTS (SELECT 1 FROM voice JOIN state ON voice = voice.id WHERE zone = zone.id)
    ORDER BY site, name, device
"""
_HEALTHS = """
    SELECT device, t_ms, boot, online, uptime_s, queued, refused, clock, sensors, troubles, version
    FROM agent JOIN health ON agent = agent.id JOIN condition ON condition.id = condition
    WHERE site = ? AND t_ms >= ? AND t_ms < ? ORDER BY t_ms, device
"""
_READINGS = (
    "SELECT t_ms, value FROM reading WHERE series = ? AND t_ms >= ? AND t_ms < ? ORDER BY t_ms LIMIT ?"
)
_STATES = """
    SELECT t_ms, occupancy, probability, t_ms - lasting_ms, because, people, people_low, people_high
    FROM state JOIN saying ON saying.id = saying
    WHERE voice = ? AND t_ms >= ? AND t_ms < ? ORDER BY t_ms LIMIT ?
"""


def read_newest(connection: sqlite3.Connection, site: str) -> list[tuple[Zone, State]]:
    """The newest state of every zone, in order of the zone."""
    newest = {}
    for *zone, t_ms, occupancy, probability, since_ms, because, rule, people, low, high in connection.execute(
        _NEWEST, [site]
    ):
        said = Occupancy(occupancy), probability, since_ms, reasons_in(because), rule
        newest[Zone(*zone)] = State(t_ms, *said, people, low, high)
    return list(newest.items())


def read_zones(connection: sqlite3.Connection) -> list[Zone]:
    """Every zone of which there is a reading or a state, in order."""
    return [Zone(*words) for words in connection.execute(_ZONES)]


def read_healths(connection: sqlite3.Connection, site: str, start_ms: int, end_ms: int) -> list[Health]:
    """What agents said of themselves, in order of time and device."""
    return [
        Health(
            site=site,
            device=device,
            t_ms=t_ms,
            boot=boot.hex(),
            online=bool(online),
            uptime_s=uptime_s,
            queued=queued,
            refused=refused,
            clock=Clock(clock),
            sensors={sensor: SensorState(word) for sensor, word in json.loads(sensors).items()},
            troubles=tuple(Trouble(word) for word in troubles.split()),
            version=version,
        )
        for device, t_ms, boot, online, uptime_s, queued, refused, clock, sensors, troubles, version in (
            connection.execute(_HEALTHS, (site, start_ms, end_ms))
        )
    ]


# --- everything of a zone ---------------------------------------------------------------------------------


def stream_zone(database: Database, zone: Zone, start_ms: int, end_ms: int) -> Iterator[Batch]:
    """Everything of one zone in order of time, in portions."""
    with database.snapshot() as connection:
        place = zone.site, zone.space
        series = [row for row in connection.execute(SERIES, place) if row[1] == zone.device]
        voices = [row for row in connection.execute(VOICES, place) if row[1] == zone.device]
    sources: list[Iterator[Reading | State]] = [
        *(
            _readings(database, number, sensor, Kind(kind), start_ms, end_ms)
            for number, _, sensor, kind in series
        ),
        *(_states(database, number, rule, start_ms, end_ms) for number, _, rule in voices),
    ]
    return portions(zone, heapq.merge(*sources, key=attrgetter("t_ms")))


def _readings(
    database: Database, number: int, sensor: str, kind: Kind, start_ms: int, end_ms: int
) -> Iterator[Reading]:
    for t_ms, amount in _pages(database, _READINGS, number, start_ms, end_ms):
        yield Reading(t_ms, sensor, kind, amount)


def _states(database: Database, number: int, rule: str, start_ms: int, end_ms: int) -> Iterator[State]:
    for t_ms, occupancy, probability, since_ms, because, *people in _pages(
        database, _STATES, number, start_ms, end_ms
    ):
        yield State(t_ms, Occupancy(occupancy), probability, since_ms, reasons_in(because), rule, *people)


def _pages(
    database: Database, query: str, number: int, start_ms: int, end_ms: int
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a page at a time; between two pages no transaction is open."""
    next_ms = start_ms
    while True:
        with database.snapshot() as connection:
            page = connection.execute(query, (number, next_ms, end_ms, PAGE_ROWS)).fetchall()
        yield from page
        if len(page) < PAGE_ROWS:
            return
        next_ms = page[-1][0] + 1
