# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The town that stands in a data folder, and when its people live."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from bezet.building import read_building
from bezet.errors import CannotStart
from demo.faults import ALL
from demo.lens import Piece, pieces, read_lens
from demo.standing import LENS, bend, busy_morning, found_town, read_town, with_pilot
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = (ROOT / "building.toml").read_text(encoding="utf-8")
BUILDING = read_building(SOURCE, "building.toml")
TODAY = date(2026, 11, 25)


def at(text: str) -> int:
    """An instant of the building's own time, in ms."""
    return round(datetime.fromisoformat(text).replace(tzinfo=BUILDING.timezone).timestamp() * 1000)


def test_the_pilot_began_on_a_monday_eight_weeks_ago() -> None:
    """The new layouts of the pilot wing begin eight weeks before the demo is first started."""
    moved = read_building(with_pilot(SOURCE, TODAY), "building.toml")
    starts = {space.layouts[-1].start for space in moved.spaces.values() if len(space.layouts) > 1}

    assert starts == {date(2026, 9, 28)}
    assert date(2026, 9, 28).weekday() == 0


def test_it_is_kept_for_the_next_start(tmp_path: Path) -> None:
    """The same folder holds the same town, whatever day it is next time."""
    town = found_town(tmp_path, SOURCE, 7, ALL, TODAY)
    again = found_town(tmp_path, SOURCE, None, (), date(2027, 3, 1))

    assert (again.seed, again.faults, again.building) == (7, ALL, town.building)


@pytest.mark.parametrize(
    ("source", "seed", "said"),
    [(SOURCE, 8, "--seed 8"), (SOURCE + "\n", None, "another building file")],
)
def test_another_town_is_not_taken_for_it(tmp_path: Path, source: str, seed: int | None, said: str) -> None:
    """Another seed or building file is refused, with the way to begin anew."""
    found_town(tmp_path, SOURCE, 7, ALL, TODAY)
    with pytest.raises(CannotStart, match=f"{said}.*--fresh"):
        found_town(tmp_path, source, seed, ALL, TODAY)


def test_the_folder_of_an_earlier_demo(tmp_path: Path) -> None:
    """History of which no town is known is not mixed with that of another."""
    (tmp_path / "bezet.db").write_bytes(b"")
    with pytest.raises(CannotStart, match="an earlier demo made it"):
        found_town(tmp_path, SOURCE, 7, ALL, TODAY)


def test_a_broken_file(tmp_path: Path) -> None:
    """A file that the demo did not write is named."""
    found_town(tmp_path, SOURCE, 7, ALL, TODAY)
    (tmp_path / "town.json").write_text('{"seed": "many"}')
    with pytest.raises(CannotStart, match=r"town\.json: is not what the demo wrote there"):
        read_town(tmp_path)


@pytest.mark.parametrize(
    ("now", "lives_at"),
    [
        ("2026-11-25T10:00", "2026-11-24T10:30"),
        ("2026-11-25T22:00", "2026-11-24T10:30"),
        ("2026-11-24T07:00", "2026-11-17T10:30"),
        ("2026-11-28T12:00", "2026-11-24T10:30"),
        ("2026-05-05T12:00", "2026-04-28T10:30"),
    ],
)
def test_a_busy_morning(now: str, lives_at: str) -> None:
    """While the town hall is closed its people live through the last Tuesday morning on which it was open."""
    assert round(busy_morning(BUILDING, at(now)).timestamp() * 1000) == at(lives_at)


def test_life_is_straight_by_day(tmp_path: Path) -> None:
    """While the town hall is open, at the speed of life, nothing is bent and nothing is to be said."""
    town = found_town(tmp_path, SOURCE, 7, ALL, TODAY)

    assert bend(tmp_path, town, at("2026-11-25T10:00"), 1.0, 0) == ""
    assert read_lens(tmp_path / LENS) == ()


def test_what_was_bent_ends_with_its_run(tmp_path: Path) -> None:
    """A bent piece goes on without end while the demo runs, and ends where the next start knows it ended."""
    town = found_town(tmp_path, SOURCE, 7, ALL, TODAY)
    first_ms, last_ms = at("2026-11-25T22:00"), at("2026-11-25T22:30")
    said = bend(tmp_path, town, first_ms, 2.0, 0)
    again = bend(tmp_path, read_town(tmp_path), at("2026-11-26T10:00"), 1.0, last_ms)

    assert "Tuesday 24 November, 10:30; Life goes 2 times as fast" in said
    assert again == ""
    assert read_lens(tmp_path / LENS) == (Piece(first_ms, last_ms, at("2026-11-24T10:30"), 2.0),)


def test_pieces_have_no_gaps() -> None:
    """Between what is bent, life and the wall agree, and one piece begins where the other ends."""
    found = list(pieces([Piece(100, 200, 5_000, 2.0), Piece(300, math.inf, 0, 1.0)], 50, 400))

    assert found == [
        Piece(50, 100, 50, 1),
        Piece(100, 200, 5_000, 2.0),
        Piece(200, 300, 200, 1),
        Piece(300, 400, 0, 1.0),
    ]
    assert found[1].life_at(150) == 5_100
    assert found[1].wall_at(5_100) == 150
