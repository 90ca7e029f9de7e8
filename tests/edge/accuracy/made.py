# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Tiny recordings made by hand, in memory and in the shapes of the files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from bezet.occupancy.room import ANY_ROOM
from edge.accuracy.playing import Played
from edge.accuracy.shapes import Channel, Part, Recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bezet.model import Kind

NAN = float("nan")
#: A Monday, at eight in the morning.
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)


def recorded(
    minutes: Sequence[float],
    channels: Mapping[str, tuple[Kind, Sequence[float]]] | None = None,
    *,
    present: Sequence[float] | None = None,
    people: Sequence[float] | None = None,
    days_apart: bool = False,
    is_warm: bool = False,
    part: Part = Part.DAYS,
    name: str = "made",
) -> Recording:
    """A recording with rows at these minutes after eight on a Monday."""
    nothing = [NAN] * len(minutes)
    return Recording(
        *("made-set", name, part, ANY_ROOM),
        np.array([START_MS + round(one * 60_000) for one in minutes], np.int64),
        tuple(Channel(sensor, kind, np.array(said)) for sensor, (kind, said) in (channels or {}).items()),
        np.array(nothing if present is None else present, float),
        np.array(nothing if people is None else people, float),
        days_apart=days_apart,
        is_warm=is_warm,
    )


def said(
    recording: Recording,
    occupancy: Sequence[int],
    *,
    people: Sequence[float] | None = None,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    switches: Sequence[int] | None = None,
) -> Played:
    """What a rule might have said of it."""
    nothing = [NAN] * len(occupancy)
    likely, count, least, most = (
        np.array(nothing if one is None else one) for one in (None, people, low, high)
    )
    changes = np.array([0] * len(occupancy) if switches is None else switches)
    return Played(recording, np.array(occupancy, np.int8), likely, count, least, most, changes)


# --- files ------------------------------------------------------------------------------------------------


def text(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    """A comma-separated file, with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def uci_occupancy(folder: Path, name: str, present: Sequence[int]) -> Path:
    """An office of which each minute a photo was taken; CO2 and light go up with people."""
    rows: list[tuple[object, ...]] = [
        tuple(
            f'"{one}"'
            for one in ("date", "Temperature", "Humidity", "Light", "CO2", "HumidityRatio", "Occupancy")
        )
    ]
    for row, is_there in enumerate(present):
        at = f'"{START.replace(tzinfo=None) + timedelta(minutes=row)}"'
        rows.append((f'"{row + 1}"', at, 21.5, 30, 400 * is_there, 500 + 300 * is_there, 0.005, is_there))
    return text(folder / "uci-occupancy" / f"{name}.txt", rows)


def sdu(folder: Path, room: str, days: Mapping[str, int], minutes: int = 3) -> Path:
    """A room on days of which only the weekday is told; each minute one person and 10 ppm more."""
    for file, first in (("co2", 400), ("occ", 0), ("vav", 20)):
        rows: list[tuple[object, ...]] = [("DayId", "Time", "Weekday", "Holiday", "Room")]
        for day_id, weekday in days.items():
            for minute in range(minutes):
                number = first + minute * (10 if file == "co2" else 1)
                rows.append((day_id, f"00:{minute:02}:00", weekday, 0, float(number)))
        text(folder / "sdu-ou44" / f"{file}_data_{room}.csv", rows)
    return folder / "sdu-ou44" / f"co2_data_{room}.csv"


def robod(folder: Path, rows: int, early: int = 96, name: str = "combined_Room1") -> Path:
    """A lecture room of which light, sound and CO2 stand `early` rows of five minutes before their time.

    Its lights burn, and people are there, from row 150 to 200; row n has 400 + n ppm.
    """
    names = (
        "timestamp",
        "indoor_co2",
        "illuminance",
        "lighting_energy",
        "occupant_presence",
        "occupant_count",
    )
    table: list[tuple[object, ...]] = [names]
    for row in range(rows):
        at = START.replace(hour=0, tzinfo=None) + timedelta(minutes=5 * row)
        is_lit, is_there = 150 <= row + early < 200, 150 <= row < 200
        cells = (400 + row + early, 300.0 * is_lit, 0.1 * is_there, int(is_there), 7 * is_there)
        table.append((f"{at:%Y-%m-%d %H:%M} +08:00", *cells))
    return text(folder / "robod-room1" / f"{name}.csv", table)


def room_count(folder: Path, counts: Sequence[int]) -> Path:
    """A room with two motion sensors, one of which sees whoever is there; rows a minute apart."""
    table: list[tuple[object, ...]] = [("Date", "Time", "S5_CO2", "S6_PIR", "S7_PIR", "Room_Occupancy_Count")]
    for row, count in enumerate(counts):
        at = START + timedelta(minutes=row)
        table.append((f"{at:%Y/%m/%d}", f"{at:%H:%M:%S}", 400 + 20 * count, 0, int(count > 0), count))
    return text(folder / "uci-room-count" / "other_days.csv", table)
