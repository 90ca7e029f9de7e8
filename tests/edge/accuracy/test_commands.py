# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet accuracy` as it is typed."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from bezet.errors import CannotStart
from edge.accuracy.commands import accuracy
from tests.edge.accuracy.made import room_count, sdu, uci_occupancy

if TYPE_CHECKING:
    from pathlib import Path

APP = typer.Typer()
APP.command()(accuracy)


def _typed(*words: object) -> str:
    done = CliRunner(env={"COLUMNS": "80"}).invoke(APP, [str(word) for word in words])
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_a_table_for_each_recording(tmp_path: Path) -> None:
    """Ours, the baselines and the published stand together, in lines of 80 columns."""
    uci_occupancy(tmp_path, "datatraining", [0] * 30 + [1] * 30)
    uci_occupancy(tmp_path, "datatest", [0] * 20 + [1] * 40)
    room_count(tmp_path, [0] * 20 + [2] * 20)
    sdu(tmp_path, "room_1", {"0": 0, "1": 1})

    told = _typed(tmp_path)

    for words in ("datatest (test), 60 rows", "CO2 only", "light above a threshold", "Candanedo 2016"):
        assert words in told
    assert "PIR held 10 min" in told
    assert "Each day begins after a walk through the others, truth unseen." in told
    assert max(len(line) for line in told.splitlines()) <= 80


def test_what_is_judged_can_be_chosen(tmp_path: Path) -> None:
    """By set, by part and by sensors; days apart may begin cold."""
    uci_occupancy(tmp_path, "datatraining", [0, 1] * 20)
    uci_occupancy(tmp_path, "datatest", [0, 1] * 20)
    sdu(tmp_path, "room_1", {"0": 0, "1": 1})

    told = _typed(tmp_path, "--set", "uci-occupancy", "--part", "test", "--subset", "co2")
    assert "datatest (test)" in told
    assert "datatraining" not in told
    assert "all sensors" not in told
    assert "sdu" not in told
    assert "knowing nothing" in _typed(tmp_path, "--set", "sdu-ou44", "--cold")


def test_everything_in_a_file(tmp_path: Path) -> None:
    """The file holds a row for each line of the tables, and the page can be had as well."""
    room_count(tmp_path, [0] * 20 + [2] * 20)
    file = tmp_path / "figures.csv"

    page = _typed(tmp_path, "--csv", file, "--markdown")

    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["method"] for row in rows} >= {"PIR only", "CO2 only", "always free", "PIR held 5 min"}
    assert page.startswith("### uci-room-count other_days (days), 40 rows")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "mine"], "there is no such set"),
        (["--subset", "pir"], "no recording of these sets has them"),
        (["--part", "training"], "no recording of these sets has them"),
        (["--csv", "nowhere/figures.csv"], "nowhere is no folder"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_played(
    tmp_path: Path, words: list[str], says: str
) -> None:
    """A choice that leaves nothing, or a file that cannot be written, ends at once."""
    uci_occupancy(tmp_path, "datatest", [0, 1])

    with pytest.raises(CannotStart, match=says):
        _typed(tmp_path, *words)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(CannotStart, match="nowhere: no such folder"):
        _typed(tmp_path / "nowhere")
