# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every driver says on its bus what was recorded, and makes of the answers what was expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.cases import play, read_cases
from edge.sensors import DRIVERS, Polled, Speaking, load_driver

if TYPE_CHECKING:
    from edge.cases import Case

FOLDER = Path(__file__).parent / "cases"
CASES = [case for path in sorted(FOLDER.glob("*.toml")) for case in read_cases(path)]
PAGES = Path(__file__).parents[3] / "docs" / "sensors"
HARDWARE = sorted(name for name, row in DRIVERS.items() if row.on)
ERRORS = re.compile(r"[A-Z]\w+")


def _name(case: Case) -> str:
    return f"{case.driver}: {case.name}"


@pytest.mark.parametrize("case", CASES, ids=_name)
async def test_recorded(case: Case) -> None:
    """A recorded conversation is said to the byte, and every turn of it comes out as recorded."""
    assert await play(case) == list(case.turns)


@pytest.mark.parametrize("name", HARDWARE)
def test_every_driver_is_recorded(name: str) -> None:
    """A driver has a recording in which it measures, and one in which something goes wrong."""
    turns = [turn for case in CASES if case.driver == name for turn in case.turns]

    assert any("=" in turn for turn in turns)
    assert any(ERRORS.fullmatch(turn) and turn != "SensorNotReady" for turn in turns)


@pytest.mark.parametrize("name", HARDWARE)
def test_every_driver_is_polled_or_speaks(name: str) -> None:
    """A driver has one of the two manners, and takes its bus by that name."""
    made = load_driver(name)

    assert issubclass(made, Polled) != issubclass(made, Speaking)


@pytest.mark.parametrize("name", HARDWARE)
def test_every_driver_gives_what_its_row_says(name: str) -> None:
    """No recorded number is of a kind that the row of its driver leaves out."""
    turns = [turn for case in CASES if case.driver == name for turn in case.turns]
    kinds = {
        word.partition("=")[0].partition("@")[0] for turn in turns for word in turn.split() if "=" in word
    }

    assert kinds <= set(DRIVERS[name].measures)


@pytest.mark.parametrize("name", HARDWARE)
def test_every_driver_has_its_page(name: str) -> None:
    """The page of a sensor answers the questions of whoever buys, mounts and defends it."""
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    asked = (
        "What it senses",
        "Where to mount it",
        "What fools it",
        "Settings",
        "Price class",
        "Privacy class",
    )

    assert [one for one in asked if one not in text] == []
