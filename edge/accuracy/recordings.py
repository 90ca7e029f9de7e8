# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The table of recorded rooms: which files, which column is which sensor, what is true, what the room is.

A recording of your own in the shape of one of these is played when its file lies beside theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import CannotStart
from bezet.model import Kind, SpaceKind
from bezet.occupancy.room import Room
from edge.accuracy.files import LibraryMissing
from edge.accuracy.readers import plain_table, shuffled_days, spots
from edge.accuracy.shapes import Column, Shape

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from edge.accuracy.shapes import Recording

#: Six clocks of ROBOD stand at UTC, labelled as Singapore.
EIGHT_H_S = 8 * 3600
#: Energy of five minutes in kWh as a mean power in W.
KWH_IN_5_MIN_W = 12_000.0
STUDY_HEIGHT_M = 3.0

SETS: tuple[Shape, ...] = (
    Shape(
        *("uci-occupancy", "*.txt", plain_table),
        (
            Column("CO2", Kind.CO2_PPM),
            Column("Temperature", Kind.TEMPERATURE_C),
            Column("Humidity", Kind.HUMIDITY_PCT),
            Column("Light", Kind.ILLUMINANCE_LUX),
        ),
        times=("date",),
        present="Occupancy",
        training="training",
        # Candanedo & Feldheim 2016: an office of 5.85 m by 3.50 m by 3.53 m for two.
        rooms={"": Room(SpaceKind.DESKS, 2, 5.85 * 3.50 * 3.53)},
    ),
    Shape(
        *("uci-room-count", "*.csv", plain_table),
        (
            Column("S6_PIR", Kind.MOTION),
            Column("S7_PIR", Kind.MOTION),
            Column("S5_CO2", Kind.CO2_PPM),
            *(Column(f"S{one}_Temp", Kind.TEMPERATURE_C) for one in range(1, 5)),
            *(Column(f"S{one}_Light", Kind.ILLUMINANCE_LUX) for one in range(1, 5)),
            *(Column(f"S{one}_Sound", None) for one in range(1, 5)),
        ),
        times=("Date", "Time"),
        people="Room_Occupancy_Count",
        rooms={"": Room(None, 4)},  # what kind of room it is, nobody tells
    ),
    Shape(
        *("sdu-ou44", "co2_data_*.csv", shuffled_days),
        (Column("co2", Kind.CO2_PPM), Column("vav", None)),  # the damper, `ventilation_pct`, is not a Kind
        truth="the last column of `occ_data_*.csv`",
        rooms={
            "room_1": Room(SpaceKind.MEETING, 84, 139 * STUDY_HEIGHT_M),
            "room_2": Room(SpaceKind.DESKS, 32, 125 * STUDY_HEIGHT_M),
        },
    ),
    Shape(
        *("robod-room1", "combined_*.csv", plain_table),
        (
            Column("indoor_co2", Kind.CO2_PPM, early_s=EIGHT_H_S),
            Column("air_temperature", Kind.TEMPERATURE_C),
            Column("indoor_relative_humidity", Kind.HUMIDITY_PCT, early_s=EIGHT_H_S),
            Column("illuminance", Kind.ILLUMINANCE_LUX, early_s=EIGHT_H_S),
            Column("plug_load_energy", Kind.POWER_W, KWH_IN_5_MIN_W),
            Column("sound_pressure_level", None, early_s=EIGHT_H_S),
            Column("voc", None, early_s=EIGHT_H_S),
            Column("pm2.5", None, early_s=EIGHT_H_S),
            Column("fcu_fan_speed", None),  # `ventilation_pct` is not a Kind
            Column("wifi_connected_devices", None),
        ),
        times=("timestamp",),
        present="occupant_presence",
        people="occupant_count",
        clock_proof=("illuminance", "lighting_energy"),
        rooms={"Room1": Room(SpaceKind.MEETING, 40, 486.2)},
    ),
    Shape(
        *("windesheim-b4b", "*raw_properties*.parquet", spots),
        (
            Column("bms:occupancy__bool", Kind.MOTION),
            Column("bms:co2__ppm", Kind.CO2_PPM),
            Column("CO2-meter-SCD4x:co2__ppm", Kind.CO2_PPM),
            Column("bms:temp_in__degC", Kind.TEMPERATURE_C),
            Column("bms:rel_humidity__0", Kind.HUMIDITY_PCT, 100.0),
            Column("bms:valve_frac__0", None, 100.0),  # `ventilation_pct` is not a Kind
        ),
        truth="`occupancy__p` of `human_observer`",
        rooms={
            "999169": Room(SpaceKind.DESKS, 6, 75.0),
            "917810": Room(SpaceKind.DESKS, 6, 75.0),
            "925038": Room(SpaceKind.DESKS, 4, 60.0),
        },
    ),
)


def recordings(folder: Path, names: Collection[str] = ()) -> list[Recording]:
    """All recordings under a folder, or those of the sets that are named. Raises `CannotStart`.

    Without names, a set that needs a library which is not installed is left out; see `left_out`.
    """
    if not folder.is_dir():
        raise CannotStart(f"{folder}: no such folder; it should hold a folder for each set of recordings")
    known = [shape.folder for shape in SETS]
    for name in names:
        if name not in known:
            raise CannotStart(f"--set {name!r}: there is no such set; there are {', '.join(known)}")
    found = []
    for shape in SETS:
        if names and shape.folder not in names:
            continue
        paths = sorted((folder / shape.folder).glob(shape.files))
        if names and not paths:
            raise CannotStart(f"{folder / shape.folder}: holds no {shape.files}")
        found += _read_all(shape, paths, is_needed=bool(names))
    if not found:
        raise CannotStart(
            f"{folder}: holds no recordings; a set lies in a folder of its own: {', '.join(known)}"
        )
    return found


def _read_all(shape: Shape, paths: list[Path], *, is_needed: bool) -> list[Recording]:
    try:
        return [one for path in paths for one in shape.read(shape, path)]
    except LibraryMissing:
        if is_needed:
            raise
        return []


def left_out(folder: Path, found: Collection[Recording]) -> list[str]:
    """The sets that lie in the folder, of which nothing could be read."""
    there = {one.set for one in found}
    return [
        one.folder for one in SETS if one.folder not in there and any((folder / one.folder).glob(one.files))
    ]
