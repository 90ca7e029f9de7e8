# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads what really happened back from its files; knows nothing of the town but what stands there."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bezet.errors import CannotStart
from demo.people import Booking, Doing, Fate, Stay, Thing
from demo.town import Steps
from demo.truth.files import AIR, SHEETS, TOWN, TrueAir, in_ms, is_monday, joined, read_air, read_rows
from demo.truth.hours import Spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from demo.truth.files import Row


class Wrong(NamedTuple):
    """A fault `what` of a sensor, a device or the broker (""), from `from_ms` up to `to_ms`."""

    what: str
    where: str
    from_ms: int
    to_ms: int


class Change(NamedTuple):
    """A space whose layout changed on a day, and how many times as often people meet there since."""

    space: str
    day: date
    true_effect: float


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Everything that is written; of rows by space, a space of which nothing is written is missing.

    `covered` are the spans of which all is written, and `always` the faults that are always there.
    """

    seed: int
    spaces: tuple[str, ...]
    covered: Spans
    always: tuple[str, ...]
    changes: tuple[Change, ...]
    stays: Mapping[str, tuple[Stay, ...]]
    things: Mapping[str, tuple[Thing, ...]]
    bookings: tuple[Booking, ...]
    faults: tuple[Wrong, ...]
    air: TrueAir

    def steps(self, space: str, start_ms: int, end_ms: int) -> Steps:
        """How many people are in a space; the first step is at `start_ms`."""
        spans = [(one.from_ms, one.to_ms) for one in self.stays.get(space, ())]
        return steps_of(spans, start_ms, end_ms)

    def things_steps(self, space: str, start_ms: int, end_ms: int) -> Steps:
        """How many things keep a place in a space; the first step is at `start_ms`."""
        spans = [(one.from_ms, one.to_ms) for one in self.things.get(space, ())]
        return steps_of(spans, start_ms, end_ms)


def steps_of(spans: Iterable[tuple[int, int]], start_ms: int, end_ms: int) -> Steps:
    """How many of the spans hold each instant of [`start_ms`, `end_ms`)."""
    found = np.array([*spans], np.int64).reshape(-1, 2)
    found = found[(found[:, 0] < end_ms) & (found[:, 1] > start_ms)]
    turns_ms = np.concatenate([[start_ms], np.maximum(found[:, 0], start_ms), found[:, 1]])
    change = np.repeat([0, 1, -1], [1, len(found), len(found)])
    inside = turns_ms < end_ms
    t_ms, place = np.unique(turns_ms[inside], return_inverse=True)
    changes = np.bincount(place, change[inside], minlength=len(t_ms)).astype(np.int64)
    return Steps(t_ms.astype(np.int64), np.cumsum(changes))


def read_truth(folder: Path) -> Truth:
    """The truth in a folder; `CannotStart` where there is none."""
    try:
        about: dict[str, Any] = json.loads((folder / TOWN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotStart(f"{folder}: holds no truth; `bezet demo` writes it there") from None
    rows = {name: _rows(folder, name) for name in SHEETS}
    return Truth(
        seed=about["seed"],
        spaces=tuple(about["spaces"]),
        covered=_covered(about["covered"]),
        always=tuple(about["faults"]["always"]),
        changes=tuple(
            Change(one["space"], date.fromisoformat(one["date"]), one["true_effect"])
            for one in about["pilot"]
        ),
        stays=_stays(rows["stays"]),
        things=_things(rows["things"]),
        bookings=tuple(_booking(row) for row in rows["bookings"]),
        faults=tuple(_wrong(row) for row in rows["faults"]),
        air=_air(folder, tuple(about["spaces"])),
    )


def covered_spans(folder: Path) -> list[tuple[int, int]]:
    """The spans of which all is written; none where there is no truth yet."""
    try:
        about: dict[str, Any] = json.loads((folder / TOWN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    found = _covered(about["covered"])
    return list(zip(found.from_ms.tolist(), found.to_ms.tolist(), strict=True))


def _rows(folder: Path, name: str) -> list[Row]:
    """The rows of all weeks, in order; what was cut between two weeks is one row."""
    files = sorted(folder.glob(f"{name}-*.csv"))
    return joined((row for file in files for row in read_rows(file, SHEETS[name])), is_monday)


def _covered(spans: Iterable[Mapping[str, str]]) -> Spans:
    from_ms, to_ms = (in_ms([span[name] for span in spans]) for name in ("from", "to"))
    return Spans(from_ms, to_ms)


def _stays(rows: Iterable[Row]) -> dict[str, tuple[Stay, ...]]:
    found: defaultdict[str, list[Stay]] = defaultdict(list)
    doings = {doing.value: doing for doing in Doing}
    for from_ms, to_ms, (space, person, doing, seat) in rows:
        found[space].append(Stay(person, space, from_ms, to_ms, doings[doing], int(seat)))
    return {space: tuple(sorted(stays, key=_by_time)) for space, stays in found.items()}


def _by_time(stay: Stay) -> tuple[int, str]:
    return stay.from_ms, stay.person


def _things(rows: Iterable[Row]) -> dict[str, tuple[Thing, ...]]:
    found: defaultdict[str, list[Thing]] = defaultdict(list)
    for from_ms, to_ms, (space,) in rows:
        found[space].append(Thing(space, from_ms, to_ms))
    return {space: tuple(things) for space, things in found.items()}


def _booking(row: Row) -> Booking:
    space, people, fate, series, uid = row.words
    return Booking(uid, space, row.from_ms, row.to_ms, int(people), Fate(fate), series)


def _wrong(row: Row) -> Wrong:
    what, where = row.words
    return Wrong(what, where, row.from_ms, row.to_ms)


def _air(folder: Path, spaces: tuple[str, ...]) -> TrueAir:
    found = [read_air(file) for file in sorted(folder.glob(f"{AIR}-*.csv"))]
    weeks = [one for one in found if one is not None]
    if not weeks:
        return TrueAir(spaces, np.empty(0, np.int64), np.empty((len(spaces), 0)))
    t_ms, co2_ppm = (np.concatenate([one[place] for one in weeks], axis=-1) for place in (1, 2))
    return TrueAir(spaces, t_ms, co2_ppm)
