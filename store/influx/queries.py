# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""InfluxQL: the text of questions, and answers as columns. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from bezet.model import Because, Kind, Level, Occupancy, Reading, State
from bezet.usage.columns import OCCUPANCIES, ReadingColumns, Source, StateColumns, ZoneFacts
from bezet.usage.facts import FACTS
from store.influx.lines import JOINT_TAG, NOT_COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bezet.model import Zone
    from bezet.usage.columns import Floats, Places

CHUNK_ROWS = 10_000
#: The instants that a server can tell apart, in ms.
FIRST_MS, LAST_MS = 0, 9_223_372_036_854

STATE_FIELDS = ("occupancy", "probability", "since_ms", "because", "people", "people_low", "people_high")
FACT_FIELDS = ("revision", "unsaid", *FACTS)


class BadAnswer(Exception):
    """An answer that says an error, or that was cut short."""


class Series(NamedTuple):
    """A portion of an answer: rows of one set of tags; `columns` name their places."""

    tags: Mapping[str, str]
    columns: Sequence[str]
    rows: list[list[Any]]


def parsed(lines: Iterable[bytes]) -> Iterator[Series]:
    """The series of an answer in portions, one line of JSON each."""
    more = False
    for line in lines:
        if not line.strip():
            continue
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise BadAnswer("an answer that is no whole JSON") from None
        more = False
        for result in _results(said):
            more = more or bool(result.get("partial"))
            for one in result.get("series", ()):
                yield Series(one.get("tags", {}), one["columns"], one.get("values") or [])
    if more:
        raise BadAnswer("an answer that was cut short")


def _results(said: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(said, dict) or "error" in said:
        raise BadAnswer(str(said["error"] if isinstance(said, dict) else said))
    for result in said.get("results", ()):
        if "error" in result:
            raise BadAnswer(str(result["error"]))
        yield result


# --- questions --------------------------------------------------------------------------------------------


def word(text: str) -> str:
    """A text as InfluxQL wants it in a condition."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def name(text: str) -> str:
    """The name of something as InfluxQL wants it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def where(
    tags: Mapping[str, str | None],
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    kinds: Iterable[str] = (),
) -> str:
    """`WHERE` with these tags, in this span, of one of these kinds; without any of it, nothing."""
    conditions = [f"{name(tag)} = {word(text)}" for tag, text in tags.items() if text is not None]
    if start_ms is not None:
        conditions.append(f"time >= {min(max(start_ms, FIRST_MS), LAST_MS)}ms")
    if end_ms is not None:
        conditions.append(f"time < {min(max(end_ms, FIRST_MS), LAST_MS)}ms")
    if asked := " OR ".join(f"kind = {word(kind)}" for kind in sorted(kinds)):
        conditions.append(f"({asked})")
    return " WHERE " + " AND ".join(conditions) if conditions else ""


def select(fields: Iterable[str], measurement: str, condition: str = "", *more: str) -> str:
    """`SELECT` of these fields."""
    return " ".join((f"SELECT {', '.join(map(name, fields))} FROM {name(measurement)}{condition}", *more))  # noqa: S608  quoted


def count(field: str, measurement: str, condition: str) -> str:
    """How many rows there are."""
    return f"SELECT count({name(field)}) FROM {name(measurement)}{condition}"  # noqa: S608  quoted


def delete(measurement: str, condition: str) -> str:
    """Delete rows; for 1.x."""
    return f"DELETE FROM {name(measurement)}{condition}"  # noqa: S608  quoted


NEWEST = "ORDER BY time DESC LIMIT 1"


# --- answers ----------------------------------------------------------------------------------------------


def reading_columns(found: Iterable[Series]) -> ReadingColumns:
    """Columns of `amount` by device, sensor and kind."""
    rows: dict[Source, list[Floats]] = {}
    for one in found:
        key = Source(one.tags["device"], one.tags["sensor"], Kind(one.tags["kind"]))
        # An instant in ms is a whole number that a float holds exactly until the year 287396.
        rows.setdefault(key, []).append(np.array(one.rows, np.float64))
    sources = tuple(sorted(rows))
    columns = [np.concatenate(rows[key]) for key in sources]
    whole = np.concatenate([np.empty((0, 2)), *columns])
    source: Places = np.repeat(np.arange(len(sources), dtype=np.int32), [len(one) for one in columns])
    order = np.lexsort((source, whole[:, 0]))
    t_ms = whole[order, 0].astype(np.int64)
    return ReadingColumns(sources, source[order], t_ms, np.ascontiguousarray(whole[order, 1]))


def state_columns(found: Iterable[Series]) -> StateColumns:
    """Columns of states by device and rule.

    A row that is being written just now may be seen without some of its fields (influxd 1.6 does). It is not
    there yet; its quarter hour is touched once it is.
    """
    rows = [
        (one.tags["device"], one.tags["rule"], row) for one in found for row in one.rows if None not in row
    ]
    rows.sort(key=lambda row: (row[2][0], row[0], row[1]))
    places: list[dict[Any, int]] = [{}, {}, {}]
    device, rule, because = (
        np.array([place.setdefault(key, len(place)) for key in keys], np.int32)
        for place, keys in zip(
            places,
            ((row[0] for row in rows), (row[1] for row in rows), (row[2][4] for row in rows)),
            strict=True,
        )
    )
    people = np.array([row[2][5:] for row in rows], np.float64).reshape(-1, 3)
    people[people == NOT_COUNTED] = np.nan
    return StateColumns(
        devices=tuple(places[0]),
        rules=tuple(places[1]),
        reasons=tuple(_because(words) for words in places[2]),
        device=device,
        rule=rule,
        because=because,
        t_ms=np.array([row[2][0] for row in rows], np.int64),
        occupancy=np.array([_OCCUPANCY[row[2][1]] for row in rows], np.int8),
        probability=np.array([row[2][2] for row in rows], np.float64),
        since_ms=np.array([row[2][3] for row in rows], np.int64),
        people=people[:, 0].copy(),
        people_low=people[:, 1].copy(),
        people_high=people[:, 2].copy(),
    )


_OCCUPANCY = {str(one): place for place, one in enumerate(OCCUPANCIES)}


def _because(words: str) -> tuple[Because, ...]:
    return tuple(Because(one) for one in words.split())


def state(row: Sequence[Any], rule: str) -> State:
    """A state from a row of `STATE_FIELDS`."""
    t_ms, occupancy, probability, since_ms, because, *people = row
    counts = (None if one == NOT_COUNTED else float(one) for one in people)
    return State(t_ms, Occupancy(occupancy), float(probability), since_ms, _because(because), rule, *counts)


def reading(row: Sequence[Any]) -> Reading:
    """A reading from a row of time, amount, sensor and kind."""
    t_ms, amount, sensor, kind = row
    return Reading(t_ms, sensor, Kind(kind), float(amount))


def zone_facts(zone: Zone, found: Iterable[Series]) -> ZoneFacts:
    """The facts of a zone from rows of `FACT_FIELDS`."""
    parts = [_facts(one.rows) for one in found if one.rows]
    if not parts:
        return ZoneFacts(zone, np.empty(0, np.int64), np.empty((len(FACTS), 0)), np.empty(0, np.int32))
    quarter_ms, revision, amounts = (np.concatenate(some) for some in zip(*parts, strict=True))
    return ZoneFacts(zone, quarter_ms, np.ascontiguousarray(amounts.T), revision)


def _facts(rows: list[list[Any]]) -> tuple[Any, ...]:
    quarters, revisions, unsaid, *amounts = zip(*rows, strict=True)
    table = np.array(amounts, np.float64).T  # None becomes NaN
    words = np.array(unsaid)
    for names in set(unsaid) - {""}:
        # The last word did not say these: what stands there is older.
        silent = [place for place, fact in enumerate(FACTS) if fact in names.split()]
        table[np.ix_(words == names, silent)] = np.nan
    return np.array(quarters, np.int64), np.array(revisions, np.int32), table


def device_of(tag: str) -> str:
    """The device behind a tag of a fact."""
    return "" if tag == JOINT_TAG else tag


#: Which levels are rows of readings.
READING_LEVELS = (Level.PRESENCE, Level.ENVIRONMENT)
