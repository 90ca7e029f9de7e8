# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A score as rows of text, in words, and as a file."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from bezet.building import read_building
from bezet.model import SpaceKind
from demo.truth.figures import FIGURES, columns, in_words, rows, write_score
from demo.truth.files import AIR, SHEETS
from demo.truth.score import score
from demo.truth.writing import write_truth
from tests.conftest import ROOT
from tests.demo.towns import Room, clock, meeting, small_building, small_town, stay
from tests.demo.truth.stage import perfect, stored, truth_of

if TYPE_CHECKING:
    from pathlib import Path

ROOMS = Room("1.01"), Room("1.02", SpaceKind.DESKS, 12)
TRUTH = truth_of(meeting(2, 9, 10), spaces=("1.01", "1.02"))
SCORE = score(TRUTH, stored(*perfect(TRUTH)), small_building(*ROOMS))
PAGE = (ROOT / "docs" / "truth.md").read_text(encoding="utf-8")


def test_rows() -> None:
    """There is a row for each space, each kind and all, with a text in each column."""
    found = rows(SCORE)

    assert [row[:2] for row in found] == [
        *(["space", "1.01"], ["space", "1.02"]),
        *(["kind", "meeting"], ["kind", "desks"], ["all", "all"]),
    ]
    assert {len(row) for row in found} == {len(columns())}
    assert all(text for row in found for text in row)


def test_the_brief_table_is_part_of_the_whole() -> None:
    """What is shown on a screen are some of the columns, with the same texts."""
    wide, brief = (
        dict(zip(columns(brief=few), rows(SCORE, brief=few)[0], strict=True)) for few in (False, True)
    )

    assert brief.items() < wide.items()
    assert brief["agreed_pct"] == "100.0"


def test_the_file_holds_every_figure(tmp_path: Path) -> None:
    """The file is comma-separated text with the columns of the table."""
    write_score(SCORE, tmp_path / "score.csv")

    with (tmp_path / "score.csv").open(encoding="utf-8", newline="") as file:
        assert [*csv.reader(file)] == [columns(), *rows(SCORE)]


def test_in_words() -> None:
    """The sentences say when, how much is known, and how much of that is right."""
    text = " ".join(in_words(SCORE))

    assert "2026-11-23 23:00 UTC to 2026-11-24 23:00 UTC, opening hours of 2 spaces: 20.0 h" in text
    assert "Known: 50.0 %" in text
    assert "right: 100.0 %" in text


def test_a_layout_that_changed() -> None:
    """A space counts for the kind that it was at the time, from the midnight on which its layout changed."""
    building = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
    change = building.spaces["1.06"].layouts[1].start
    span = clock(-72, change), clock(24, change)  # Friday, a weekend, Monday
    truth = truth_of(covered=[span], spaces=tuple(building.spaces))

    found = score(truth, stored(), building)

    parts = {part.kind: part.tally.asked_ms for part in found.parts if part.space == "1.06"}
    assert parts == {SpaceKind.DESKS: clock(9) - clock(0), SpaceKind.CREATIVE: clock(10) - clock(0)}
    assert found.spaces()["1.06"].asked_ms == sum(parts.values())
    assert "0.04" not in found.spaces()  # it is not measured


def test_the_page_explains_every_column() -> None:
    """docs/truth.md says what each file and each figure is, as the tables in the code do."""
    files = [
        f"| `{name}` | {sheet.meaning} | {', '.join(f'`{column}`' for column in sheet.columns)} |"
        for name, sheet in SHEETS.items()
    ]
    figures = [f"| `{name}` | {figure.meaning} |" for name, figure in FIGURES.items()]

    assert [line for line in (*files, *figures) if line not in PAGE] == []
    assert f"| `{AIR}` |" in PAGE


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    """What the page shows can be copied, and adds up hours."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    stays = stay("a", 9, 11, space="1.04"), stay("b", 10, 12.5, space="1.04")
    town = small_town(*stays, spaces=(Room("1.04"),))
    write_truth(tmp_path / ".demo" / "truth", town, clock(0), clock(24))

    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert run.stdout == "3.5 hours\n"
