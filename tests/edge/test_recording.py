# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Recordings in CSV as people and instruments write them, and errors that say where."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bezet.errors import CannotStart
from bezet.model import Kind
from edge.bus.recording import Recording, Row, Source
from edge.clock import ReplayClock
from edge.sensors import Measured
from edge.sensors.recorded import Recorded, part_of

if TYPE_CHECKING:
    from pathlib import Path

NOON_MS = 1_772_452_800_000  # 2026-03-02T12:00:00Z

READABLE = {
    "commas": "time,CO2\n2026-03-02T12:00:00Z,500\n",
    "semicolons": "time;CO2\n2026-03-02T12:00:00Z;500\n",
    "tabs": "time\tCO2\n2026-03-02T12:00:00Z\t500\n",
    "quotes": '"time","CO2"\n"2026-03-02T12:00:00Z","500"\n',
    "R's row numbers": '"time","CO2"\n"1","2026-03-02T12:00:00Z",500\n',
    "date and time apart": "Date,Time,CO2\n2026/03/02,12:00:00,500\n",
    "byte order mark and CRLF": "\ufefftime,CO2\r\n2026-03-02 12:00:00,500\r\n",
    "an offset": "time,CO2\n2026-03-02T13:00:00+01:00,500\n",
    "columns nobody asked for": "id,time,Name,CO2\n1,2026-03-02T12:00:00Z,Jan,500\n",
    "empty lines": "time,CO2\n\n2026-03-02T12:00:00Z,500\n\n",
}


def source(folder: Path, text: str, *, zone: str = "UTC") -> Source:
    """A recording with that text, of which the CO2 column is wanted."""
    path = folder / "recording.csv"
    path.write_text(text, newline="")
    return Source(path, ("CO2",), zone=ZoneInfo(zone))


@pytest.mark.parametrize("form", READABLE)
def test_reads_what_instruments_write(tmp_path: Path, form: str) -> None:
    """The same row is read from every usual form of CSV."""
    assert list(source(tmp_path, READABLE[form]).rows()) == [Row(NOON_MS, {"CO2": 500.0})]


def test_times_without_a_zone_are_in_the_zone_named(tmp_path: Path) -> None:
    """A local time is read in the zone that was given, summer time included."""
    text = "time,CO2\n2026-03-02 13:00:00,500\n2026-07-01 14:00:00,500\n"
    winter, summer = source(tmp_path, text, zone="Europe/Amsterdam").rows()

    assert (winter.t_ms, summer.t_ms) == (NOON_MS, 1_782_907_200_000)


@pytest.mark.parametrize("cell", ["", "NA", "nan", "null", "-"])
def test_a_cell_without_a_number_is_silence(tmp_path: Path, cell: str) -> None:
    """A missing number is left out of its row, not read as zero."""
    assert [row.cells for row in source(tmp_path, f"time,CO2\n2026-03-02T12:00:00Z,{cell}\n").rows()] == [{}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,CO2\n2026-03-02T12:00:00Z,many\n", "recording.csv:2: CO2: 'many' is not a number"),
        ("time,CO2\n2026-03-02T12:00:00Z,5\nsoon,5\n", "recording.csv:3: 'soon' is not a date and time"),
        ("time,co2\n2026-03-02T12:00:00Z,5\n", "recording.csv:2: no column 'CO2'; there are: time, co2"),
        ("when,CO2\n2026-03-02T12:00:00Z,5\n", "recording.csv:1: no time column found in when, CO2"),
        ("time,CO2\n2026-03-02T12:00:00Z,inf\n", "recording.csv:2: CO2: 'inf' is not a number"),
        ("time,CO2\n2026-03-02T12:00:00Z\n", "recording.csv:2: no column 'CO2'"),
    ],
)
def test_says_where_it_cannot_read(tmp_path: Path, text: str, words: str) -> None:
    """What cannot be read is named with file, line and column."""
    with pytest.raises(CannotStart) as caught:
        list(source(tmp_path, text).rows())

    assert words in str(caught.value)


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe\x00", "not a CSV file"), (None, "No such file")])
def test_says_what_is_no_recording(tmp_path: Path, content: bytes | None, words: str) -> None:
    """A file that is absent or not text is named in one line."""
    path = tmp_path / "recording.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotStart) as caught:
        list(Source(path, ("CO2",)).rows())

    assert words in str(caught.value)


async def test_plays_each_row_at_its_time(tmp_path: Path) -> None:
    """The driver gives each row's numbers while the clock stands at it, without what was played before."""
    text = "time,CO2\n" + "".join(f"2026-03-02T12:0{n}:00Z,{500 + n}\n" for n in range(4))
    clock = ReplayClock(NOON_MS, None)
    driver = Recorded(
        Recording(source(tmp_path, text), clock, after_ms=NOON_MS + 60_000), {"CO2": Kind.CO2_PPM}
    )
    await driver.open()
    played = [(clock.now_ms() - NOON_MS, measured) async for measured in driver.listen()]

    assert played == [
        (120_000, [Measured(Kind.CO2_PPM, 502.0, "co2")]),
        (180_000, [Measured(Kind.CO2_PPM, 503.0, "co2")]),
    ]


@pytest.mark.parametrize(("column", "part"), [("CO2", "co2"), ("S1_Temp", "s1_temp"), ("RH (%)", "rh-")])
def test_columns_become_ids(column: str, part: str) -> None:
    """A column's name becomes an id that the contract allows."""
    assert part_of(column) == part
