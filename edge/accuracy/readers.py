# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the files of each set become recordings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bezet.errors import CannotStart
from bezet.model import Kind
from bezet.occupancy.room import ANY_ROOM
from bezet.retention import DAY_MS
from edge.accuracy.files import Columns, parquet_columns
from edge.accuracy.shapes import Channel, Part, Recording

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bezet.occupancy.room import Room
    from edge.accuracy.shapes import Column, Instants, Numbers, Shape


def _room(shape: Shape, name: str) -> Room:
    """The room of a file, by the words in its name; of one that nobody described nothing is known."""
    return next((room for word, room in shape.rooms.items() if word in name), ANY_ROOM)


def plain_table(shape: Shape, path: Path) -> list[Recording]:
    """A file with a row for each instant, truth beside the sensors."""
    columns = Columns(path)
    t_ms = columns.times_ms(shape.times)
    order = np.argsort(t_ms, kind="stable")
    t_ms = t_ms[order]

    is_clock_wrong = _is_clock_wrong(shape, columns, t_ms, order)

    def column(one: Column) -> Numbers:
        early_s = one.early_s if is_clock_wrong else 0
        return _on_time(columns.numbers(one.name)[order] * one.factor, t_ms, early_s)

    channels = tuple(Channel(one.name, one.kind, column(one)) for one in shape.columns if one.name in columns)
    people = columns.numbers(shape.people)[order] if shape.people else np.full(len(t_ms), np.nan)
    present = columns.numbers(shape.present)[order] if shape.present else _some(people)
    part = shape.part(path.stem)
    room = _room(shape, path.stem)
    return [Recording(shape.folder, path.stem, part, room, t_ms, channels, present, people)]


def _some(people: Numbers) -> Numbers:
    """Presence by a count; not a number stays so."""
    return np.where(np.isnan(people), np.nan, people > 0)


def _is_clock_wrong(shape: Shape, columns: Columns, t_ms: Instants, order: Instants) -> bool:
    """Whether the clock of some columns is wrong in this file too; yes where it cannot be told."""
    early_s = {one.name: one.early_s for one in shape.columns}
    if shape.clock_proof is None or not all(name in columns for name in shape.clock_proof):
        return True
    wrong, right = (columns.numbers(name)[order] for name in shape.clock_proof)
    mended = _on_time(wrong, t_ms, early_s[shape.clock_proof[0]])
    return _goes_with(mended, right) >= _goes_with(wrong, right)


def _goes_with(one: Numbers, other: Numbers) -> float:
    """How well two columns go together, -1 to 1; 0 where one of them never changes."""
    is_there = ~np.isnan(one) & ~np.isnan(other)
    one, other = one[is_there], other[is_there]
    if not len(one) or not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _on_time(numbers: Numbers, t_ms: Instants, early_s: int) -> Numbers:
    """Numbers put where they belong, `early_s` after the row that they stand in; rows are in order of time.

    Where there is no such row they are lost, and what nothing belongs to has no number.
    """
    if not early_s:
        return numbers
    found = np.full(len(t_ms), np.nan)
    places = np.searchsorted(t_ms, t_ms + early_s * 1000)
    is_there = places < len(t_ms)
    is_there[is_there] = t_ms[places[is_there]] == (t_ms + early_s * 1000)[is_there]
    found[places[is_there]] = numbers[is_there]
    return found


#: A Monday, in the month when the days below were recorded.
MONDAY_MS = 1_488_758_400_000  # 2017-03-06


def shuffled_days(shape: Shape, path: Path) -> list[Recording]:
    """Whole days of which only the weekday is told: each stands in the first week that lacks its weekday."""
    columns = {
        one: Columns(path.with_name(path.name.replace("co2_", f"{one}_", 1))) for one in ("co2", "occ")
    }
    vav = path.with_name(path.name.replace("co2_", "vav_", 1))
    if vav.exists():
        columns["vav"] = Columns(vav)
    keys = [tuple(one.text(name) for name in ("DayId", "Time", "Weekday")) for one in columns.values()]
    if any(one != keys[0] for one in keys):
        raise CannotStart(f"{path}: its rows are not those of the occ_ and vav_ files beside it")
    last = {name: one.numbers(one.names[-1]) for name, one in columns.items()}
    t_ms = _dated(path, *keys[0])
    order = np.argsort(t_ms, kind="stable")
    people = last["occ"][order]
    name = path.stem.removeprefix("co2_data_")
    # The truth of room 2 stays above zero at night: good for counts, not for presence.
    present = np.full(len(people), np.nan) if name == "room_2" else _some(people)
    channels = (
        Channel(one.name, one.kind, last[one.name][order]) for one in shape.columns if one.name in last
    )
    found = Recording(
        *(shape.folder, name, Part.DAYS, _room(shape, name), t_ms[order], tuple(channels), present, people),
        days_apart=True,
        is_warm=True,
    )
    return [found]


def _dated(path: Path, day_ids: list[str], times: list[str], weekdays: list[str]) -> Instants:
    """An instant for each row; days of one weekday stand a week apart, in the order of the file."""
    starts: dict[str, int] = {}
    taken: dict[int, int] = {}
    found = np.empty(len(day_ids), np.int64)
    for place, (day_id, time, weekday) in enumerate(zip(day_ids, times, weekdays, strict=True)):
        try:
            day, (hours, minutes, seconds) = int(weekday), map(int, time.split(":"))
        except ValueError:
            what = f"{time!r} on weekday {weekday!r} is no time of a day"
            raise CannotStart(f"{path}: row {place + 1}: {what}") from None
        if day_id not in starts:
            taken[day] = taken.get(day, -1) + 1
            starts[day_id] = MONDAY_MS + (7 * taken[day] + day) * DAY_MS
        found[place] = starts[day_id] + ((hours * 60 + minutes) * 60 + seconds) * 1000
    return found


#: Who counted by looking in, in the long table of the spot checks.
OBSERVER = "human_observer"


def spots(shape: Shape, path: Path) -> list[Recording]:
    """A long table: a row for each room, source and instant; a person looked in now and then.

    A room with a motion sensor is there once more, its other sensors against that one.
    """
    wanted = {one.name.partition(":")[2] for one in shape.columns}
    held = parquet_columns(path, ["id", "source", "timestamp", "occupancy__p", *sorted(wanted)])
    t_ms = held["timestamp"].astype("datetime64[ms]").astype(np.int64)
    found = [_of_room(shape, int(room), held, t_ms) for room in np.unique(held["id"])]
    return [*found, *(_against_motion(one) for one in found if Kind.MOTION in one.kinds)]


#: A motion sensor as truth is held for so long.
TRUE_FOR_MS = 600_000


def _against_motion(found: Recording) -> Recording:
    """Motion in the last ten minutes as if it were the truth, which it is not."""
    (motion,) = found.heard([Kind.MOTION])
    is_heard = ~np.isnan(motion.values)
    newest = np.maximum.accumulate(np.where(motion.values > 0, np.arange(len(found.t_ms)), -1))
    is_there = (newest >= 0) & (found.t_ms - found.t_ms[newest] <= TRUE_FOR_MS)
    return replace(
        found,
        name=f"{found.name} by its PIR",
        channels=tuple(one for one in found.channels if one.kind is not Kind.MOTION),
        present=np.where(is_heard, is_there, np.nan),
        people=np.full(len(found.t_ms), np.nan),
        is_spots=False,
    )


def _of_room(shape: Shape, room: int, held: Mapping[str, Numbers], t_ms: Instants) -> Recording:
    is_here = held["id"] == room
    instants = np.unique(t_ms[is_here])

    def column(source: str, name: str) -> Numbers:
        rows = is_here & (held["source"] == source)
        found = np.full(len(instants), np.nan)
        found[np.searchsorted(instants, t_ms[rows])] = held[name][rows].astype(float)
        return found

    channels = (
        Channel(one.name, one.kind, column(*one.name.split(":")) * one.factor) for one in shape.columns
    )
    there = tuple(one for one in channels if not np.isnan(one.values).all())
    people = column(OBSERVER, "occupancy__p")
    name = f"room {room}"
    return Recording(
        *(shape.folder, name, Part.DAYS, _room(shape, name), instants, there, _some(people), people),
        is_spots=True,
    )
