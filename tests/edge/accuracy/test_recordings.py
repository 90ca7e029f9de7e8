# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Files in the shapes of the sets, and what becomes of them."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.errors import CannotStart
from bezet.model import Kind
from bezet.retention import DAY_MS
from edge.accuracy.files import Columns, LibraryMissing
from edge.accuracy.published import PUBLISHED
from edge.accuracy.recordings import SETS, left_out, recordings
from edge.accuracy.shapes import Part
from tests.edge.accuracy.made import START_MS, robod, room_count, sdu, text, uci_occupancy

if TYPE_CHECKING:
    from pathlib import Path

HAS_PYARROW = importlib.util.find_spec("pyarrow") is not None


def test_an_office_with_photos(tmp_path: Path) -> None:
    """Row names without a name are skipped; times are the wall clock; each column is its sensor."""
    uci_occupancy(tmp_path, "datatest", [0, 1, 1])

    (found,) = recordings(tmp_path)

    assert (found.set, found.name, found.part) == ("uci-occupancy", "datatest", Part.TEST)
    assert found.t_ms.tolist() == [START_MS, START_MS + 60_000, START_MS + 120_000]
    assert found.present.tolist() == [0, 1, 1]
    assert np.isnan(found.people).all()
    (co2,) = found.heard([Kind.CO2_PPM])
    assert (co2.sensor, co2.values.tolist()) == ("CO2", [500, 800, 800])
    assert found.room.capacity == 2


@pytest.mark.parametrize(
    ("name", "part"),
    [("datatraining", Part.TRAINING), ("datatest", Part.TEST), ("datatest2", Part.TEST)],
)
def test_the_name_of_a_file_says_what_it_is_for(tmp_path: Path, name: str, part: Part) -> None:
    """One file is to learn from; every other one, of one's own too, is judged."""
    uci_occupancy(tmp_path, name, [0, 1])

    (found,) = recordings(tmp_path, ["uci-occupancy"])

    assert found.part is part


def test_a_count_tells_presence(tmp_path: Path) -> None:
    """Date and time may stand apart; somebody is there where the count is above zero."""
    room_count(tmp_path, [0, 2, 0])

    (found,) = recordings(tmp_path)

    assert found.people.tolist() == [0, 2, 0]
    assert found.present.tolist() == [0, 1, 0]
    assert [one.sensor for one in found.heard([Kind.MOTION])] == ["S6_PIR", "S7_PIR"]
    assert found.t_ms[0] == START_MS


def test_rows_are_played_in_order_of_time(tmp_path: Path) -> None:
    """However a file is sorted, its rows are put in order, each with its own cells."""
    path = room_count(tmp_path, [0, 1, 2])
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n")

    (found,) = recordings(tmp_path)

    assert found.people.tolist() == [0, 1, 2]
    assert (np.diff(found.t_ms) > 0).all()


def test_days_without_a_date_keep_their_weekday(tmp_path: Path) -> None:
    """Each day stands in the first week that lacks its weekday, in the order of the file."""
    sdu(tmp_path, "room_1", {"0": 5, "1": 0, "2": 5})

    (found,) = recordings(tmp_path)

    monday = int(found.days[0])
    assert (monday + 3) % 7 == 0  # 1970 began on a Thursday
    assert (found.days - monday).tolist() == [0] * 3 + [5] * 3 + [12] * 3
    assert found.days_apart
    assert found.is_warm
    assert found.people.tolist() == [0, 1, 2] * 3
    assert found.kinds == {Kind.CO2_PPM}
    assert [one.values.tolist() for one in found.channels if one.kind is None] == [[20, 21, 22] * 3]


def test_a_truth_that_is_no_good_for_presence_is_not_used_for_it(tmp_path: Path) -> None:
    """Of room 2 only the counts are judged; of a room that nobody described nothing is known but both are."""
    sdu(tmp_path, "room_2", {"0": 1})
    sdu(tmp_path, "room_3", {"0": 1})

    second, third = recordings(tmp_path)

    assert np.isnan(second.present).all()
    assert second.people.tolist() == third.people.tolist() == [0, 1, 2]
    assert third.present.tolist() == [0, 1, 1]
    assert (second.room.capacity, third.room.capacity) == (32, None)


def test_a_clock_that_is_eight_hours_early_is_mended(tmp_path: Path) -> None:
    """What stands 96 rows early is put in its own row; what nothing belongs to is missing, not made up."""
    robod(tmp_path, 288)

    (found,) = recordings(tmp_path)

    (co2,) = found.heard([Kind.CO2_PPM])
    assert np.isnan(co2.values[:96]).all()
    assert co2.values[96:].tolist() == [400 + row for row in range(96, 288)]
    (light,) = found.heard([Kind.ILLUMINANCE_LUX])
    assert ((light.values[96:] > 0) == (found.present[96:] > 0)).all()


def test_a_clock_that_is_right_is_left_alone(tmp_path: Path) -> None:
    """Light that goes with the energy of the lighting as it stands needs no mending."""
    robod(tmp_path, 288, early=0, name="combined_Room2")

    (found,) = recordings(tmp_path)

    (co2,) = found.heard([Kind.CO2_PPM])
    assert co2.values.tolist() == [400 + row for row in range(288)]


def test_a_night_without_rows_does_not_shift_what_comes_after_it(tmp_path: Path) -> None:
    """Clocks are mended by time and not by row: what belongs to a row that is not there is lost."""
    path = robod(tmp_path, 3 * 288)
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *rows[:288], *rows[576:]]) + "\n")

    (found,) = recordings(tmp_path)

    (co2,) = found.heard([Kind.CO2_PPM])
    is_there = ~np.isnan(co2.values)
    belongs = 400 + (found.t_ms - found.t_ms[0]) // 300_000
    assert (co2.values[is_there] == belongs[is_there]).all()
    assert is_there.sum() == 192 + 192


def test_an_empty_cell_is_no_reading(tmp_path: Path) -> None:
    """A cell without a number is not a number, never zero."""
    path = room_count(tmp_path, [0, 1])
    path.write_text(path.read_text().replace(",420,", ",,"))

    (found,) = recordings(tmp_path)

    assert np.isnan(found.heard([Kind.CO2_PPM])[0].values).tolist() == [False, True]


GOOD = "Date,Time,S5_CO2,S6_PIR,S7_PIR,Room_Occupancy_Count\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no rows"),
        (GOOD, "holds no rows"),
        (GOOD + "2026/03/02,08:00:00,400,0\n", "row 1: 4 cells where 6 are needed"),
        (GOOD + "2026/03/02,08:00:00,400,0,0,two\n", "row 1: Room_Occupancy_Count: 'two' is not a number"),
        (GOOD + "yesterday,08:00:00,400,0,0,2\n", "row 1: 'yesterday 08:00:00' is not a date with a time"),
        (
            "Date,Time,S5_CO2\n2026/03/02,08:00:00,400\n",
            "has no column 'Room_Occupancy_Count'; it has: Date,",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_row(tmp_path: Path, content: str, says: str) -> None:
    """The message names the file, the row and the cell."""
    path = tmp_path / "uci-room-count" / "broken.csv"
    path.parent.mkdir()
    path.write_text(content)

    with pytest.raises(CannotStart) as raised:
        recordings(tmp_path)

    assert str(path) in str(raised.value)
    assert says in str(raised.value)


def test_files_that_belong_together_must_agree(tmp_path: Path) -> None:
    """A truth of other days than the sensor's is refused."""
    sdu(tmp_path, "room_1", {"0": 1})
    other = sdu(tmp_path / "other", "room_1", {"7": 1}).with_name("occ_data_room_1.csv")
    (tmp_path / "sdu-ou44" / "occ_data_room_1.csv").write_text(other.read_text())

    with pytest.raises(CannotStart, match="its rows are not those of"):
        recordings(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file that cannot be read is told by its name."""
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CannotStart, match=r"binary\.csv: cannot be read"):
        Columns(path)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], "no such folder"),
        (["uci-occupancy"], "no such folder"),
    ],
)
def test_a_folder_that_is_not_there(tmp_path: Path, names: list[str], says: str) -> None:
    """It is told by its name, and what should be in it."""
    with pytest.raises(CannotStart, match=says):
        recordings(tmp_path / "nowhere", names)


def test_a_folder_with_nothing_to_play(tmp_path: Path) -> None:
    """It says how a set must lie; a set that is asked for by name says what it should hold."""
    with pytest.raises(CannotStart, match="holds no recordings; a set lies in a folder of its own"):
        recordings(tmp_path)
    with pytest.raises(CannotStart, match=r"uci-occupancy: holds no \*.txt"):
        recordings(tmp_path, ["uci-occupancy"])
    with pytest.raises(CannotStart, match="--set 'mine': there is no such set"):
        recordings(tmp_path, ["mine"])


@pytest.mark.skipif(HAS_PYARROW, reason="pyarrow is installed")
def test_without_pyarrow_only_parquet_is_missing(tmp_path: Path) -> None:
    """Other sets are played, and the one that is asked for says what to install."""
    text(tmp_path / "windesheim-b4b" / "b4b_raw_properties.parquet", [("PAR1",)])
    uci_occupancy(tmp_path, "datatest", [0, 1])

    found = recordings(tmp_path)

    assert [one.set for one in found] == ["uci-occupancy"]
    assert left_out(tmp_path, found) == ["windesheim-b4b"]
    with pytest.raises(LibraryMissing, match=r"pip install 'bezet\[accuracy\]'"):
        recordings(tmp_path, ["windesheim-b4b"])


@pytest.mark.skipif(not HAS_PYARROW, reason="pyarrow is not installed")
def test_spot_checks_and_the_motion_sensor(tmp_path: Path) -> None:
    """Truth is there at the spots only; the room is there again, against its motion sensor."""
    pa, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
    rows = [("bms", 0, 1, None), ("bms", 60, 0, None), ("human_observer", 90, None, 2), ("bms", 720, 0, None)]
    columns: dict[str, list[object]] = {
        "id": [999169 for _ in rows],
        "source": [source for source, *_ in rows],
        "timestamp": [np.datetime64(START_MS + 1000 * at_s, "ms") for _, at_s, *_ in rows],
        "occupancy__p": [people for *_, people in rows],
        "occupancy__bool": [moves for *_, moves, _ in rows],
        "rel_humidity__0": [0.5 if source == "bms" else None for source, *_ in rows],
    }
    for name in ("co2__ppm", "temp_in__degC", "valve_frac__0"):
        columns[name] = [500.0 if source == "bms" else None for source, *_ in rows]
    path = tmp_path / "windesheim-b4b" / "b4b_raw_properties.parquet"
    path.parent.mkdir()
    parquet.write_table(pa.table(columns), path)

    spots, by_motion = recordings(tmp_path)

    assert spots.is_spots
    assert spots.room.volume_m3 == 75
    np.testing.assert_array_equal(spots.people, [np.nan, np.nan, 2, np.nan])
    assert spots.heard([Kind.HUMIDITY_PCT])[0].values[0] == 50
    np.testing.assert_array_equal(by_motion.present, [1, 1, np.nan, 0])
    assert by_motion.kinds == spots.kinds - {Kind.MOTION}


def test_every_published_figure_is_of_a_set_that_there_is() -> None:
    """Names in the table of figures are names in the table of sets."""
    assert {one.set for one in PUBLISHED} <= {one.folder for one in SETS}


def test_days_that_stand_apart_do_not_follow_each_other(tmp_path: Path) -> None:
    """The first row of each day begins anew, and the last one lasts as long as the others."""
    sdu(tmp_path, "room_1", {"0": 0, "1": 1})

    (found,) = recordings(tmp_path)

    assert found.follows.tolist() == [False, True, True] * 2
    assert found.lasts_s.tolist() == [60] * 6
    assert found.days[3] * DAY_MS == found.t_ms[3]
