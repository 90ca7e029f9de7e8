# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Readings and states out of an embedded store, as columns: no row becomes an object of its own."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from bezet.model import Because, Kind, Occupancy
from bezet.usage.columns import OCCUPANCIES, ReadingColumns, Source, StateColumns, places

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from bezet.usage.columns import Floats, Places

    Rows = NDArray[np.void]

SERIES = """
    SELECT series.id, device, sensor, kind FROM space
    JOIN zone ON zone.space = space.id JOIN series ON series.zone = zone.id
    WHERE (site, name) = (?, ?) ORDER BY device, sensor, kind
"""
VOICES = """
    SELECT voice.id, device, rule FROM space
    JOIN zone ON zone.space = space.id JOIN voice ON voice.zone = zone.id
    WHERE (site, name) = (?, ?) ORDER BY device, rule
"""
_READINGS = "SELECT t_ms, value FROM reading WHERE series = ? AND t_ms >= ? AND t_ms < ? ORDER BY t_ms"
_READING = np.dtype([("t_ms", "<i8"), ("amount", "<f8")])
# SQL knows no NaN; nobody counts infinitely many people either.
_COLUMNS = """t_ms, saying, probability, lasting_ms,
    IFNULL(people, 9e999), IFNULL(people_low, 9e999), IFNULL(people_high, 9e999)"""
_STATES = f"""
    SELECT {_COLUMNS} FROM state WHERE voice = ? AND t_ms = ?
    UNION ALL
    SELECT {_COLUMNS} FROM state WHERE voice = ? AND t_ms >= ? AND t_ms < ?
"""  # noqa: S608  the only thing put in is the list of columns above
_STATE = np.dtype(
    [
        ("t_ms", "<i8"),
        ("saying", "<i8"),
        ("probability", "<f8"),
        ("lasting_ms", "<i8"),
        ("people", "<f8"),
        ("people_low", "<f8"),
        ("people_high", "<f8"),
    ]
)
#: Before every instant that can be stored.
_NEVER_MS = -(2**62)


def read_readings(
    connection: sqlite3.Connection,
    place: tuple[str, str],
    start_ms: int,
    end_ms: int,
    kinds: Collection[Kind] | None,
) -> ReadingColumns:
    """Readings of a site and space."""
    series = [
        (number, Source(device, sensor, Kind(kind)))
        for number, device, sensor, kind in connection.execute(SERIES, place)
        if kinds is None or kind in kinds
    ]
    found = [
        np.fromiter(connection.execute(_READINGS, (number, start_ms, end_ms)), _READING)
        for number, _source in series
    ]
    rows, source = _in_order(found, _READING)
    sources = tuple(source for _number, source in series)
    return ReadingColumns(sources, source, rows["t_ms"].copy(), rows["amount"].copy())


def read_states(
    connection: sqlite3.Connection, place: tuple[str, str], start_ms: int, end_ms: int
) -> StateColumns:
    """States of a site and space, and each device's last ones before the span."""
    voices = connection.execute(VOICES, place).fetchall()
    last_ms = _last_ms(connection, voices, start_ms)
    found = [
        np.fromiter(connection.execute(_STATES, (number, last_ms[device], number, start_ms, end_ms)), _STATE)
        for number, device, _rule in voices
    ]
    rows, voice = _in_order(found, _STATE)
    devices, device_of = places(voices, itemgetter(1))
    rules, rule_of = places(voices, itemgetter(2))
    numbers, saying = np.unique(rows["saying"], return_inverse=True)
    sayings = [_saying(connection, int(number)) for number in numbers]
    reasons, reasons_of = places(sayings, itemgetter(1))
    occupancies = np.array([OCCUPANCIES.index(occupancy) for occupancy, _reasons in sayings], np.int8)
    return StateColumns(
        devices=devices,
        rules=rules,
        reasons=reasons,
        device=device_of[voice],
        rule=rule_of[voice],
        because=reasons_of[saying],
        t_ms=rows["t_ms"].copy(),
        occupancy=occupancies[saying],
        probability=rows["probability"].copy(),
        since_ms=rows["t_ms"] - rows["lasting_ms"],
        people=_known(rows["people"]),
        people_low=_known(rows["people_low"]),
        people_high=_known(rows["people_high"]),
    )


def _last_ms(
    connection: sqlite3.Connection, voices: Sequence[tuple[int, str, str]], start_ms: int
) -> dict[str, int]:
    """When each device spoke last before the span, by whichever rule."""
    last_ms: dict[str, int] = {}
    query = "SELECT IFNULL(MAX(t_ms), ?) FROM state WHERE voice = ? AND t_ms < ?"
    for number, device, _rule in voices:
        (found_ms,) = connection.execute(query, (_NEVER_MS, number, start_ms)).fetchone()
        last_ms[device] = max(last_ms.get(device, _NEVER_MS), found_ms)
    return last_ms


def _in_order(found: list[Rows], kind: np.dtype[Any]) -> tuple[Rows, Places]:
    """The rows of several queries by time, at one instant in their order; and which query each is from."""
    rows = np.concatenate([np.empty(0, kind), *found])
    query = np.repeat(np.arange(len(found), dtype=np.int32), [len(one) for one in found])
    order = np.argsort(rows["t_ms"], kind="stable")
    return rows[order], query[order]


def _saying(connection: sqlite3.Connection, number: int) -> tuple[Occupancy, tuple[Because, ...]]:
    row = connection.execute("SELECT occupancy, because FROM saying WHERE id = ?", [number]).fetchone()
    return Occupancy(row[0]), reasons_in(row[1])


def reasons_in(words: str) -> tuple[Because, ...]:
    """The reasons that stand in a row."""
    return tuple(Because(word) for word in words.split())


def _known(people: Floats) -> Floats:
    return np.where(np.isinf(people), np.nan, people)
