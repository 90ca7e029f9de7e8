# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Removal from an embedded store, a portion at a time, so that whoever writes never waits for long."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import KINDS, Kind, Level
from store.sqlite.days import has_facts, remove_facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from store.sqlite.file import Database

#: The most rows that go in one transaction, and how long others have before the next one.
PORTION_ROWS = 10_000
PAUSE_S = 0.01
#: After every instant that can be stored, and more than there can be of anything.
_EVER = 2**62

_OF_SPACE = "JOIN space ON space.id = space WHERE site = ? AND name = IFNULL(?, name)"
_ZONES = f"SELECT zone.id FROM zone {_OF_SPACE}"  # noqa: S608  what is put in here stands above
_SERIES = f"SELECT series.id, kind FROM series JOIN zone ON zone.id = zone {_OF_SPACE}"  # noqa: S608
_VOICES = f"SELECT voice.id FROM voice JOIN zone ON zone.id = zone {_OF_SPACE}"  # noqa: S608
#: The rows of one owner before an instant, but no more than so many of the oldest.
_REMOVE = {
    table: f"""
        DELETE FROM {table} WHERE {owner} = :owner AND t_ms < IFNULL(
            (SELECT t_ms FROM {table} WHERE {owner} = :owner AND t_ms < :before_ms
             ORDER BY t_ms LIMIT 1 OFFSET :rows), :before_ms)
    """  # noqa: S608  as above
    for table, owner in (("reading", "series"), ("state", "voice"), ("health", "agent"))
}


class _Old(NamedTuple):
    """Rows of one owner (a series, a voice, an agent) before an instant, and their level."""

    table: str
    owner: int
    before_ms: int
    level: Level


def remove_before(database: Database, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:
    """Remove what is older, and say how many rows went of each level that was named."""
    with database.snapshot() as connection:
        old = _old(connection, site, None, before_ms)
        if (limit_ms := before_ms.get(Level.STATES)) is not None:
            agents = connection.execute("SELECT id FROM agent WHERE site = ?", [site])
            old += [_Old("health", agent, limit_ms, Level.STATES) for (agent,) in agents]
    removed = _remove(database, old)
    if (limit_ms := before_ms.get(Level.FACTS)) is not None:
        removed[Level.FACTS] += _remove_facts(database, site, limit_ms)
    return {level: removed[level] for level in before_ms}


def remove_space(database: Database, site: str, space: str) -> dict[Level, int]:
    """Remove everything of a space, its words too, and say how many rows went."""
    everything = dict.fromkeys(Level, _EVER)
    with database.snapshot() as connection:
        old = _old(connection, site, space, everything)
    removed = _remove(database, old)
    with database.transaction() as connection:
        for one in _old(connection, site, space, everything):  # the little that was written in the meantime
            removed[one.level] += _remove_rows(connection, one, _EVER)
        for (zone,) in connection.execute(_ZONES, (site, space)).fetchall():
            removed[Level.FACTS] += remove_facts(connection, zone, _EVER)
            connection.execute("DELETE FROM series WHERE zone = ?", [zone])
            connection.execute("DELETE FROM voice WHERE zone = ?", [zone])
        for (number,) in connection.execute(_SPACE, (site, space)).fetchall():
            connection.execute("DELETE FROM touched WHERE space = ?", [number])
            connection.execute("DELETE FROM zone WHERE space = ?", [number])
            connection.execute("DELETE FROM space WHERE id = ?", [number])
            connection.execute("UPDATE removal SET spaces = spaces + 1")
    return {level: removed[level] for level in Level}


_SPACE = "SELECT id FROM space WHERE (site, name) = (?, ?)"


def _old(
    connection: sqlite3.Connection, site: str, space: str | None, before_ms: Mapping[Level, int]
) -> list[_Old]:
    """What there is of the named levels before their instants, of one space or of all."""
    series = [
        (number, KINDS[Kind(kind)].level) for number, kind in connection.execute(_SERIES, (site, space))
    ]
    old = [_Old("reading", number, before_ms[level], level) for number, level in series if level in before_ms]
    if (limit_ms := before_ms.get(Level.STATES)) is not None:
        voices = connection.execute(_VOICES, (site, space))
        old += [_Old("state", number, limit_ms, Level.STATES) for (number,) in voices]
    return old


def _remove(database: Database, old: Iterable[_Old]) -> Counter[Level]:
    """Remove all of it, and say how many rows went."""
    removed: Counter[Level] = Counter()
    left = deque(old)
    while left:
        with database.transaction() as connection:
            room = PORTION_ROWS
            while left and room:
                gone = _remove_rows(connection, left[0], room)
                removed[left[0].level] += gone
                if gone < room:
                    left.popleft()
                room -= gone
        if left:
            time.sleep(PAUSE_S)
    return removed


def _remove_facts(database: Database, site: str, before_ms: int) -> int:
    """Remove quarter hours of every zone of a site, and say how many went."""
    with database.snapshot() as connection:
        zones = connection.execute(_ZONES, (site, None)).fetchall()
        old = [zone for (zone,) in zones if has_facts(connection, zone, before_ms)]
    removed = 0
    for zone in old:
        with database.transaction() as connection:
            removed += remove_facts(connection, zone, before_ms)
        time.sleep(PAUSE_S)
    return removed


def _remove_rows(connection: sqlite3.Connection, one: _Old, rows: int) -> int:
    asked = {"owner": one.owner, "before_ms": one.before_ms, "rows": rows}
    return connection.execute(_REMOVE[one.table], asked).rowcount
