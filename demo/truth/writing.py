# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Writes down what really happened in the town, in files of their own beside what was sensed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from bezet.errors import CannotStart
from demo.calendars import town_bookings
from demo.faults import SEASONS
from demo.folder import put
from demo.lens import pieces
from demo.people.patterns import effect_of
from demo.physics.air import co2_ppm
from demo.sensing import polls
from demo.truth.files import (
    AIR,
    AIR_EVERY_MS,
    README,
    SHEETS,
    TOWN,
    Row,
    TrueAir,
    in_ms,
    instants,
    joined,
    read_air,
    read_rows,
    replaced,
    weeks,
    write_air,
    write_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from demo.town import Town
    from demo.truth.files import Week

ABOUT = """\
This is the truth about a town hall that isn't there: who was where, what was booked, what was left on chairs,
what the air really held, and which sensors were wrong when. `bezet demo` writes it beside the data that the
simulated sensors gave, so that an analysis of those can be checked; Bezet itself never reads it. Each week,
from Monday 00:00 UTC, has files of its own: comma-separated text with instants in UTC. town.json says which
town it is, and from when to when everything is written. docs/truth.md explains every column.
"""


def write_truth(folder: Path, town: Town, start_ms: int, end_ms: int) -> None:
    """Write what is true of [`start_ms`, `end_ms`) by the time on the wall into the folder.

    What was written of that span before is replaced, so writing it twice changes nothing. `CannotStart` where
    the folder holds the truth of another town.
    """
    folder.mkdir(parents=True, exist_ok=True)
    covered = _covered(folder / TOWN, town, start_ms, end_ms)
    for week in weeks(start_ms, end_ms):
        for name, sheet in SHEETS.items():
            file = folder / f"{name}-{week.name}.csv"
            found = FINDERS[name](town, week.from_ms, week.to_ms)
            before = read_rows(file, sheet)
            # A booking is one plan, and stands whole where it begins.
            put_in = _begun_anew if name == "bookings" else replaced
            write_rows(file, sheet, put_in(before, found, week.from_ms, week.to_ms))
        _write_air(folder / f"{AIR}-{week.name}.csv", town, week)
    put(folder / README, ABOUT)
    # Last, because it says that all of the span is written.
    put(folder / TOWN, json.dumps(_about(town, covered), indent=1) + "\n")


def _begun_anew(before: list[Row], found: Iterator[Row], start_ms: int, end_ms: int) -> list[Row]:
    """Rows of which those that begin in the span are as they were found."""
    return sorted({*found, *(row for row in before if not start_ms <= row.from_ms < end_ms)})


# --- what is found in the town ----------------------------------------------------------------------------


def _stays(town: Town, start_ms: int, end_ms: int) -> Iterator[Row]:
    for space in town.building.spaces:
        for stay in town.stays(space, start_ms, end_ms):
            yield Row(stay.from_ms, stay.to_ms, (space, stay.person, stay.doing.value, str(stay.seat)))


def _bookings(town: Town, start_ms: int, end_ms: int) -> Iterator[Row]:
    for space in town.building.spaces:
        for one in town_bookings(town, space, start_ms, end_ms):
            if start_ms <= one.from_ms < end_ms:
                words = space, str(one.people), one.fate.value, one.series, one.uid
                yield Row(one.from_ms, one.to_ms, words)


def _things(town: Town, start_ms: int, end_ms: int) -> Iterator[Row]:
    for piece in pieces(town.bent, start_ms, end_ms):
        from_ms, to_ms = piece.life_ms, piece.life_at(piece.to_ms)
        for day in town.days(from_ms, to_ms):
            for thing in day.things:
                if thing.from_ms < to_ms and thing.to_ms > from_ms:
                    begin_ms, end = max(thing.from_ms, from_ms), min(thing.to_ms, to_ms)
                    yield Row(piece.wall_at(begin_ms), piece.wall_at(end), (thing.space,))


def _faults(town: Town, start_ms: int, end_ms: int) -> Iterator[Row]:
    names = [hung.id for device in town.plan for hung in device.sensors]
    names += [*(device.name for device in town.plan), ""]
    for fault in SEASONS:
        for name in names:
            for spell in town.spells(fault, name, start_ms, end_ms):
                yield Row(*spell, (fault.value, name))


FINDERS: Mapping[str, Callable[[Town, int, int], Iterator[Row]]] = {
    "stays": _stays,
    "bookings": _bookings,
    "things": _things,
    "faults": _faults,
}


def _write_air(file: Path, town: Town, week: Week) -> None:
    t_ms = polls(week.from_ms, week.to_ms, AIR_EVERY_MS)
    before = read_air(file)
    if before is not None and not len(t_ms):
        return
    spaces = tuple(town.building.spaces)
    found = np.array([co2_ppm(town, space, t_ms) for space in spaces]).reshape(len(spaces), -1)
    if before is not None:
        rest = (before.t_ms < week.from_ms) | (before.t_ms >= week.to_ms)
        t_ms = np.append(before.t_ms[rest], t_ms)
        found = np.append(before.co2_ppm[:, rest], found, axis=1)
    order = np.argsort(t_ms)
    write_air(file, TrueAir(spaces, t_ms[order], found[:, order]))


# --- which town it is, and what is written ----------------------------------------------------------------


def _identity(town: Town) -> dict[str, Any]:
    building = town.building
    return {
        "site": building.site,
        "timezone": building.timezone.key,
        "seed": town.seed,
        "spaces": list(building.spaces),
    }


def _covered(file: Path, town: Town, start_ms: int, end_ms: int) -> list[Row]:
    """The spans of which everything is written once this one is."""
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = {**_identity(town), "covered": []}
    if any(found[name] != is_now for name, is_now in _identity(town).items()):
        raise CannotStart(f"{file.parent}: holds the truth of another town; use --fresh")
    from_ms, to_ms = (in_ms([span[name] for span in found["covered"]]).tolist() for name in ("from", "to"))
    before = [Row(*span, ()) for span in zip(from_ms, to_ms, strict=True)]
    rows = replaced(before, [Row(start_ms, end_ms, ())], start_ms, end_ms)
    return joined(rows, lambda _: True)


def _about(town: Town, covered: list[Row]) -> dict[str, Any]:
    always = sorted(fault.value for fault in town.faults if fault not in SEASONS)
    at_times = sorted(fault.value for fault in town.faults if fault in SEASONS)
    return {
        **_identity(town),
        "faults": {"always": always, "at_times": at_times},
        "pilot": [*_changes(town, covered)],
        "covered": [dict(zip(("from", "to"), instants(row[:2]), strict=True)) for row in covered],
    }


def _changes(town: Town, covered: list[Row]) -> Iterator[dict[str, Any]]:
    """The spaces whose layout changes in the time that is written, and what that really does to their use."""
    zone = town.building.timezone
    first, last = (
        datetime.fromtimestamp(t_ms / 1000, zone).date() for t_ms in (covered[0].from_ms, covered[-1].to_ms)
    )
    for space in town.building.spaces.values():
        for layout in space.layouts[1:]:
            if first < layout.start <= last:
                before, after = (
                    effect_of(space, day) for day in (layout.start - timedelta(days=1), layout.start)
                )
                yield {
                    "space": space.id,
                    "date": layout.start.isoformat(),
                    "true_effect": round(after / before, 6),
                }
