# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures as text."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from bezet.model import Kind
from bezet.occupancy.evidence import RULE
from edge.accuracy.published import PUBLISHED
from edge.accuracy.recordings import SETS
from edge.accuracy.scoring import FIGURES, Score
from edge.accuracy.tables import (
    PEOPLE,
    PRESENCE,
    Line,
    comma_separated,
    lines,
    markdown,
    meanings,
    shapes,
    subsets,
    written,
)
from tests.edge.accuracy.made import recorded

if TYPE_CHECKING:
    from edge.accuracy.shapes import Recording


def _office() -> Recording:
    still = [0.0] * 30
    channels = {"pir": (Kind.MOTION, [1.0, *still[1:]]), "light": (Kind.ILLUMINANCE_LUX, still)}
    return recorded(range(30), channels, present=[1.0] * 5 + still[5:])


def test_subsets_are_those_that_the_room_has() -> None:
    """A subset without a sensor is not played, and two names for the same sensors are played once."""
    assert subsets(_office(), ()) == [
        ("PIR only", frozenset({Kind.MOTION})),
        ("all sensors", frozenset({Kind.MOTION, Kind.ILLUMINANCE_LUX})),
    ]
    assert subsets(_office(), ["co2"]) == []
    assert [name for name, _ in subsets(_office(), ["no-light"])] == ["all but light"]


def test_ours_come_first_and_name_their_rules() -> None:
    """Each line says whose it is."""
    found = list(lines(_office(), [_office()]))

    assert [(one.method, one.source) for one in found[:2]] == [("PIR only", RULE), ("all sensors", RULE)]
    assert {one.source for one in found[2:]} == {"baseline"}


def test_figures_as_they_are_written() -> None:
    """Shares in per cent, delays in minutes, what is not there as nothing, what never came as never."""
    shown = {figure.head: figure for figure in (*PRESENCE, *PEOPLE)}

    assert written(shown["acc"], Score(accuracy=0.9314)) == "93.1"
    assert written(shown["in"], Score(detected_after_s=150)) == "2"
    assert written(shown["out"], Score(released_after_s=float("inf"))) == "never"
    assert written(shown["MAE"], Score()) == ""


def test_pages() -> None:
    """A recording without counts has one table; every column is explained."""
    page = markdown(list(lines(_office(), [])))

    assert page.startswith("### made-set made (days), 30 rows, 0.0 days, 16.7% occupied")
    assert page.count("| method | of |") == 1
    assert f"| PIR only | {RULE} |" in page
    assert all(f"| {one.head} | `{one.name}` |" in meanings() for one in (*PRESENCE, *PEOPLE))
    assert all(f"| `{one.folder}` | `{one.files}` |" in shapes() for one in SETS)
    assert "`indoor_co2` → `co2_ppm`, 8 h early" in shapes()


def test_the_file_has_everything() -> None:
    """All figures of all lines, unrounded for a program, empty where there is none."""
    found = [Line(_office(), "m", "s", Score(rows=3, accuracy=2 / 3, detected_after_s=float("inf")))]

    (row,) = csv.DictReader(io.StringIO(comma_separated(found)))

    assert list(row)[5:] == list(FIGURES)
    assert (row["accuracy"], row["f1"], row["detected_after_s"]) == ("0.666667", "", "inf")


def test_published_figures_fit_the_table() -> None:
    """Their names are short enough for a line of 80 columns."""
    assert max(len(one.method) for one in PUBLISHED) <= 24
    assert max(len(one.source) for one in PUBLISHED) <= 24
