# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The truth in files: what is written is what is read, in any portions and as often as one likes."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import CannotStart
from demo.faults import ALL, MONDAY_MS, WEEK_MS, Fault
from demo.happenings import Happening, What
from demo.lens import Piece
from demo.people import Booking, Doing, Fate, Stay, Thing
from demo.physics.air import co2_ppm
from demo.truth.files import SHEETS, Row, joined
from demo.truth.reading import Wrong, read_truth
from demo.truth.writing import write_truth
from tests.demo.towns import Room, clock, meeting, small_town, stay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.town import Town

#: The day on which clocks are put back, and the day after, with which a week begins.
CHANGE, MONDAY = date(2026, 10, 25), date(2026, 10, 26)
ROOMS = Room("1.01"), Room("1.02")
STAYS = (
    *meeting(2, 9, 10),
    *meeting(3, 11, 12.5, space="1.02"),
    stay("late", 21.5, 23.75, Doing.QUIET),
    # Twice half past two: an hour, in which the clock shows the same minutes two times.
    Stay("guard", "1.01", clock(1.5, CHANGE), clock(4.5, CHANGE), Doing.CLEANING, 0),
    # On Monday by the clock on the wall, which is before and after the midnight of UTC.
    Stay("owl", "1.02", clock(0.5, MONDAY), clock(5, MONDAY), Doing.DESK, 4),
)
BOOKINGS = (
    Booking("a-1", "1.01", clock(9), clock(10), 4, Fate.HELD, 'weekly, "the long one"'),
    Booking("b-1", "1.02", clock(11), clock(12), 8, Fate.NO_SHOW),
)
THINGS = (Thing("1.01", clock(10), clock(13)), Thing("1.01", clock(10), clock(13)))


def a_town(**more: Any) -> Town:
    """Two rooms, in which something happens on a Tuesday, and in the night that the clock changes."""
    return small_town(*STAYS, spaces=ROOMS, bookings=BOOKINGS, things=THINGS, **more)


def texts(folder: Path) -> dict[str, str]:
    """What every file of a folder says."""
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def written(town: Town, *spans: tuple[int, int]) -> dict[str, str]:
    """What the files say when these spans were written one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        for span in spans:
            write_truth(Path(folder), town, *span)
        return texts(Path(folder))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Stays, bookings, things and air come back as the town has them, over the clock change as well."""
    town, span = a_town(), (clock(0, CHANGE), clock(30))

    write_truth(tmp_path, town, *span)
    truth = read_truth(tmp_path)

    for space in ("1.01", "1.02"):
        assert truth.stays[space] == town.stays(space, *span)
        for mine, theirs in zip(truth.steps(space, *span), town.steps(space, *span), strict=True):
            assert mine.tolist() == theirs.tolist()
        place = truth.air.spaces.index(space)
        assert truth.air.co2_ppm[place] == pytest.approx(co2_ppm(town, space, truth.air.t_ms), abs=0.051)
    assert truth.bookings == BOOKINGS
    assert truth.things == {"1.01": THINGS}
    assert np.unique(np.diff(truth.air.t_ms)).tolist() == [300_000]
    assert (truth.seed, [*map(int, (*truth.covered.from_ms, *truth.covered.to_ms))]) == (1, [*span])


def test_faults_are_written(tmp_path: Path) -> None:
    """Faults that come and go stand with their time, whether by chance or made; the others stand once."""
    start_ms, end_ms = clock(0), clock(0) + 8 * WEEK_MS
    (pir,) = (hung.id for hung in a_town().plan[0].sensors if (hung.driver, hung.space) == ("pir", "1.02"))
    stuck = Happening(What.STICK, pir, clock(3), clock(4))
    town = a_town(faults=ALL, happenings=(stuck,))

    write_truth(tmp_path, town, start_ms, end_ms)
    truth = read_truth(tmp_path)

    assert set(truth.always) == {Fault.PIR_BLIND, Fault.CO2_LAG, Fault.CO2_DRIFT, Fault.DOOR_MISSES}
    assert Wrong("pir-stuck", pir, clock(3), clock(4)) in truth.faults
    out = [one for one in truth.faults if one.what == "broker-out"]
    assert [(one.from_ms, one.to_ms) for one in out] == town.spells(Fault.BROKER_OUT, "", start_ms, end_ms)
    assert {one.what for one in truth.faults} == {
        "pir-stuck",
        "broker-out",
        "device-silent",
        "clockless-boot",
    }


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    """A second call for the same time leaves every file as it is, untouched."""
    town = a_town(faults=ALL)
    write_truth(tmp_path, town, clock(0), clock(24))
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}

    write_truth(tmp_path, town, clock(0), clock(24))
    write_truth(tmp_path, town, clock(9.3), clock(9.4))

    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 30 * 24), max_size=6), st.booleans())
def test_portions_make_the_same_files(hours: list[float], is_backwards: bool) -> None:
    """Whether time is written at once or in portions, in whatever order, the files are the same."""
    town = a_town(faults=ALL)
    edges = sorted({clock(0, CHANGE), clock(31 * 24, CHANGE), *(clock(hour, CHANGE) for hour in hours)})
    portions = [*pairwise(edges)]

    found = written(town, *(portions[::-1] if is_backwards else portions))

    assert found == written(town, (edges[0], edges[-1]))


def test_what_is_not_over_yet(tmp_path: Path) -> None:
    """What still goes on ends where the writing ends, and goes on with the next; no file tells the future."""
    town = a_town()

    write_truth(tmp_path, town, clock(8), clock(9.5))
    so_far = read_truth(tmp_path)
    write_truth(tmp_path, town, clock(9.5), clock(9.75))

    assert [(one.from_ms, one.to_ms) for one in so_far.stays["1.01"]] == [(clock(9), clock(9.5))] * 2
    assert [one.to_ms for one in read_truth(tmp_path).stays["1.01"]] == [clock(9.75)] * 2


def test_a_gap(tmp_path: Path) -> None:
    """Time of which nothing was written is no part of what is covered."""
    for span in ((8, 9), (10, 11), (11, 12)):
        write_truth(tmp_path, a_town(), *map(clock, span))

    covered = read_truth(tmp_path).covered

    assert [*zip(*(column.tolist() for column in covered), strict=True)] == [
        (clock(8), clock(9)),
        (clock(10), clock(12)),
    ]


def test_life_that_goes_faster(tmp_path: Path) -> None:
    """Everything stands by the time on the wall, also while life goes faster than that."""
    bent = (Piece(clock(20), clock(21), clock(8), 5),)
    town = a_town(bent=bent)
    whole = town.stays("1.01", clock(20), clock(21))

    for minute in range(60):
        write_truth(tmp_path, town, clock(20) + minute * 60_000, clock(20) + (minute + 1) * 60_000)
    truth = read_truth(tmp_path)

    assert truth.stays["1.01"] == whole
    assert [(one.from_ms, one.to_ms) for one in whole] == [(clock(20.2), clock(20.4))] * 2
    assert [(one.from_ms, one.to_ms) for one in truth.things["1.01"]] == [(clock(20.4), clock(21))] * 2
    assert [(one.uid, one.from_ms) for one in truth.bookings] == [("a-1", clock(20.2)), ("b-1", clock(20.6))]


def test_each_week_has_its_files() -> None:
    """A week from Monday 00:00 UTC is one file a sheet, and what goes on over that is cut between two."""
    names = written(a_town(), (clock(0, CHANGE), clock(48, CHANGE)))

    weeks = {name.removesuffix(".csv").rpartition("-2026-")[2] for name in names if name.endswith(".csv")}
    owls = [row for name in sorted(names) for row in csv.reader(names[name].splitlines()) if "owl" in row]
    assert weeks == {"W43", "W44"}
    assert [row[1:3] for row in owls] == [
        ["2026-10-25T23:30:00.000Z", "2026-10-26T00:00:00.000Z"],
        ["2026-10-26T00:00:00.000Z", "2026-10-26T04:00:00.000Z"],
    ]


def test_heads_are_those_of_the_table() -> None:
    """Every file begins with the columns of its sheet."""
    names = written(a_town(), (clock(0), clock(1)))

    for name, sheet in SHEETS.items():
        assert names[f"{name}-2026-W48.csv"].splitlines()[0].split(",") == [*sheet.columns]
    assert names["air-2026-W48.csv"].splitlines()[0] == "t,1.01,1.02"


def test_another_town(tmp_path: Path) -> None:
    """The truth of one town is never mixed with that of another."""
    write_truth(tmp_path, a_town(), clock(0), clock(1))

    with pytest.raises(CannotStart, match="another town"):
        write_truth(tmp_path, a_town(seed=2), clock(1), clock(2))


def test_no_truth(tmp_path: Path) -> None:
    """Where no truth is, that is said."""
    with pytest.raises(CannotStart, match="no truth"):
        read_truth(tmp_path)


def test_the_file_of_the_town_is_json() -> None:
    """Which town it is can be read by any tool."""
    about = json.loads(written(a_town(), (clock(0), clock(1)))["town.json"])

    assert about["site"] == "small"
    assert about["covered"] == [{"from": "2026-11-23T23:00:00.000Z", "to": "2026-11-24T00:00:00.000Z"}]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from("ab"))))
def test_joined_rows_last_as_long(spans: Iterable[tuple[int, int, str]]) -> None:
    """Rows that are joined at weeks hold as many at each instant as before."""
    rows = [
        Row(MONDAY_MS + begin * WEEK_MS, MONDAY_MS + (begin + weeks) * WEEK_MS, (word,))
        for begin, weeks, word in spans
    ]

    found = joined(rows, lambda _: True)

    for week in range(7):
        t_ms = MONDAY_MS + week * WEEK_MS
        here = [
            sorted(row.words for row in those if row.from_ms <= t_ms < row.to_ms) for those in (rows, found)
        ]
        assert here[0] == here[1]
