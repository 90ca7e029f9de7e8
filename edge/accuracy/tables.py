# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The figures as lines, and lines as text: which figure stands in which column, and how it is written."""

from __future__ import annotations

import csv
import io
import math
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Kind
from bezet.occupancy.evidence import RULE
from edge.accuracy.baselines import baselines
from edge.accuracy.fitting import can_be_fitted, leave_one_day_out
from edge.accuracy.playing import play
from edge.accuracy.published import published
from edge.accuracy.recordings import SETS
from edge.accuracy.scoring import FIGURES, score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from edge.accuracy.scoring import Score
    from edge.accuracy.shapes import Column, Recording, Shape

#: The sensors that a building may have.
SUBSETS: Mapping[str, Callable[[frozenset[Kind]], frozenset[Kind]]] = {
    "pir": lambda kinds: kinds & {Kind.MOTION},
    "co2": lambda kinds: kinds & {Kind.CO2_PPM},
    "no-light": lambda kinds: kinds - {Kind.ILLUMINANCE_LUX},
    "all": lambda kinds: kinds,
}
NAMES = {"pir": "PIR only", "co2": "CO2 only", "no-light": "all but light", "all": "all sensors"}


class Line(NamedTuple):
    """The figures of one rule on one recording; `source` is whose they are."""

    recording: Recording
    method: str
    source: str
    score: Score


BASELINE = "baseline"
#: The same rules, told how often the air is changed in use, by people who were counted on other days.
FITTED = f"{RULE} and a fit"


def subsets(recording: Recording, wanted: Sequence[str]) -> list[tuple[str, frozenset[Kind]]]:
    """The subsets of a recording's sensors that differ, the first name of each."""
    found: dict[frozenset[Kind], str] = {}
    for name in wanted or SUBSETS:
        kinds = SUBSETS[name](recording.kinds)
        if kinds:
            found.setdefault(kinds, NAMES[name])
    return [(name, kinds) for kinds, name in found.items()]


def lines(
    recording: Recording,
    others: Sequence[Recording],
    wanted: Sequence[str] = (),
    *,
    warm: bool | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Line]:
    """Our rules on each subset, then the baselines, then what is published."""
    for name, kinds in subsets(recording, wanted):
        yield Line(recording, name, RULE, score(play(recording, kinds, warm=warm, told=told)))
    if recording.days_apart and can_be_fitted(recording) and (not wanted or "co2" in wanted):
        fitted = leave_one_day_out(recording, told, warm=warm)
        yield Line(recording, "CO2, fitted to other days", FITTED, score(fitted))
    for name, found in baselines(recording, others):
        yield Line(recording, name, BASELINE, found)
    for one in published(recording):
        yield Line(recording, one.method, one.source, one.score)


# --- columns ----------------------------------------------------------------------------------------------


class Figure(NamedTuple):
    """A column: its head, the figure, by how much it is multiplied, its decimals, and what it means."""

    head: str
    name: str
    times: float
    decimals: int
    meaning: str


MIN = 1 / 60
PRESENCE: tuple[Figure, ...] = (
    Figure("acc", "accuracy", 100, 1, "accuracy, % of the rows that were known"),
    Figure("all", "accuracy_of_all", 100, 1, "accuracy, % of all rows: unknown is wrong"),
    Figure("F1", "f1", 100, 1, "F1 of occupied, %"),
    Figure("bal", "balanced", 100, 1, "balanced accuracy, %: the mean of both kinds of rows"),
    Figure("unk", "unknown", 100, 1, "rows that were unknown, %"),
    Figure("f-free", "false_free_min_day", 1, 0, "minutes a day said to be free while occupied"),
    Figure("f-occ", "false_occupied_min_day", 1, 0, "minutes a day said to be occupied while free"),
    Figure("chg", "changes_day", 1, 1, "changes between free and occupied a day"),
    Figure(
        "in",
        "detected_after_s",
        MIN,
        0,
        "median minutes until occupied was said, of true stretches of 10 or more",
    ),
    Figure(
        "out",
        "released_after_s",
        MIN,
        0,
        "median minutes until free was said, of true gaps of 10 or more",
    ),
)
PEOPLE: tuple[Figure, ...] = (
    Figure("told", "counted", 100, 1, "rows in which people were counted, %; the rest of these is of them"),
    Figure("MAE", "count_mae", 1, 2, "mean absolute error, people"),
    Figure("bias", "count_bias", 1, 2, "mean error, people: below zero is too few"),
    Figure("exact", "count_exact", 100, 1, "rounded it is the truth, % of rows"),
    Figure("±1", "count_within_1", 100, 1, "rounded it is at most one off, % of rows"),
    Figure("in 90", "covered_90", 100, 1, "the truth is within the 90 % interval, % of rows"),
    Figure("wide", "width_90", 1, 2, "mean width of that interval, people"),
)


def written(figure: Figure, found: Score) -> str:
    """A figure as it stands in a table; nothing where there is none."""
    number: float = getattr(found, figure.name)
    if math.isnan(number):
        return ""
    return "never" if math.isinf(number) else f"{number * figure.times:.{figure.decimals}f}"


def told_by(columns: Sequence[Figure], found: Sequence[Line]) -> list[Line]:
    """The lines that have any of these figures."""
    return [one for one in found if any(written(figure, one.score) for figure in columns)]


def title(first: Line) -> str:
    """What a recording is, in a line."""
    recording, found = first.recording, first.score
    words = [f"{recording.set} {recording.name} ({recording.part})", f"{found.rows} rows"]
    if recording.is_spots:
        words.append("spot checks")
    if not math.isnan(found.days):
        words.append(f"{found.days:.1f} days")
    if not math.isnan(found.true_occupied):
        words.append(f"{found.true_occupied:.1%} occupied")
    if not math.isnan(found.true_changes_day):
        words.append(f"{found.true_changes_day:.1f} changes a day")
    return ", ".join(words)


# --- text -------------------------------------------------------------------------------------------------


def markdown(found: Sequence[Line]) -> str:
    """The lines as tables of a page, each recording with a table for presence and one for people."""
    parts = []
    for _, group in groupby(found, key=lambda one: id(one.recording)):
        mine = list(group)
        parts.append(f"### {title(mine[0])}")
        for columns in (PRESENCE, PEOPLE):
            told = told_by(columns, mine)
            if told:
                rows = [("method", "of", *(figure.head for figure in columns))]
                rows.append(("---", "---", *("--:" for _ in columns)))
                rows += [
                    (one.method, one.source, *(written(at, one.score) for at in columns)) for one in told
                ]
                parts.append("\n".join("| " + " | ".join(row) + " |" for row in rows))
    return "\n\n".join(parts) + "\n"


def _page_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ("---",) * len(head), *rows])


def meanings() -> str:
    """What each column means, as a table of a page."""
    rows = ((figure.head, f"`{figure.name}`", figure.meaning) for figure in (*PRESENCE, *PEOPLE))
    return _page_table(("column", "in the CSV", "meaning"), rows)


def shapes() -> str:
    """What each set is made of, as a table of a page."""
    return _page_table(("set", "files", "column → kind", "what is true"), map(_shape_row, SETS))


def _shape_row(shape: Shape) -> tuple[str, ...]:
    columns = (f"`{one.name}` → {_kind(one)}" for one in shape.columns)
    truth = [f"`{name}`" for name in (shape.present, shape.people) if name is not None]
    return f"`{shape.folder}`", f"`{shape.files}`", ", ".join(columns), ", ".join(truth) or shape.truth


def _kind(column: Column) -> str:
    """What a column is, with what is done to it."""
    what = "not played" if column.kind is None else f"`{column.kind}`"
    times = f" times {column.factor:g}" if column.factor != 1 and column.kind is not None else ""
    return f"{what}{times}{f', {column.early_s // 3600} h early' if column.early_s else ''}"


def comma_separated(found: Sequence[Line]) -> str:
    """Everything, shares from 0 to 1 and times in seconds; an empty cell where there is no figure."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("set", "recording", "part", "method", "source", *FIGURES))
    for one in found:
        numbers = [getattr(one.score, name) for name in FIGURES]
        cells = ["" if math.isnan(number) else f"{number:.6g}" for number in numbers]
        rows.writerow((one.recording.set, one.recording.name, one.recording.part, *one[1:3], *cells))
    return text.getvalue()
