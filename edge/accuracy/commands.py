# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet accuracy`: what the rules say of recorded rooms, against what was true there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bezet.errors import CannotStart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from edge.accuracy.shapes import Recording
    from edge.accuracy.tables import Figure, Line


class Judged(StrEnum):
    """Which recordings are judged."""

    TEST = "test"
    TRAINING = "training"
    ALL = "all"


class Subset(StrEnum):
    """Which of its sensors a recording is played with."""

    PIR = "pir"
    CO2 = "co2"
    NO_LIGHT = "no-light"
    ALL = "all"


def accuracy(
    folder: Annotated[
        Path, typer.Argument(help="Folder of recordings, a folder for each set.", readable=False)
    ] = Path("../shared/data"),
    sets: Annotated[list[str] | None, typer.Option("--set", help="Only this set; may be repeated.")] = None,
    subset: Annotated[
        list[Subset] | None, typer.Option(help="Only with these sensors; may be repeated.")
    ] = None,
    part: Annotated[
        Judged, typer.Option(help="Judge what is to be judged, what is to learn from, or both.")
    ] = Judged.ALL,
    csv: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
    *,
    warm: Annotated[
        bool | None,
        typer.Option("--warm/--cold", help="Whether days that stand apart begin with what others taught."),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables for a page.")] = False,
) -> None:
    """Play recorded rooms as an agent hears them, and print how right the rules are.

    Plain baselines and published figures stand beside ours. Unknown is neither right nor wrong.

    Example: `bezet accuracy recordings --set uci-occupancy --subset co2 --csv figures.csv`
    """
    try:
        from edge.accuracy.recordings import left_out, recordings
        from edge.accuracy.tables import comma_separated, subsets
        from edge.accuracy.tables import markdown as drawn
    except ImportError as error:
        raise CannotStart(f"needs {error.name}: pip install 'bezet[accuracy]'") from error
    if csv is not None and not csv.parent.is_dir():
        raise CannotStart(f"--csv {csv}: {csv.parent} is no folder")
    held = recordings(folder, sets or ())
    wanted = [one.value for one in subset or ()]
    judged = [one for one in held if _is_judged(one, part) and subsets(one, wanted)]
    if not judged:
        raise CannotStart(f"--part {part} and these subsets: no recording of these sets has them")
    console = _console()
    found = _all_lines(console, judged, held, wanted, warm=warm)
    if markdown:
        typer.echo(drawn(found), nl=False)
    else:
        _show(found, warm=warm)
    if csv is not None:
        csv.write_text(comma_separated(found), encoding="utf-8")
        console.print(f"All figures: {csv}")
    for name in [] if sets else left_out(folder, held):
        console.print(
            f"{name} was left out: it is Parquet, which needs pyarrow: pip install 'bezet\\[accuracy]'"
        )


occupancy = typer.Typer(help="The rules of occupancy, and what a room may tell them.", no_args_is_help=True)


@occupancy.callback()
def _occupancy() -> None:
    """The rules of occupancy, and what a room may tell them."""


@occupancy.command("fit")
def fit_rooms(
    folder: Annotated[
        Path, typer.Argument(help="Folder of recordings, a folder for each set.", readable=False)
    ],
    sets: Annotated[list[str] | None, typer.Option("--set", help="Only this set; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the sections to this file.")] = None,
) -> None:
    """Fit how often a room's air is changed while in use to people who were counted there beside its CO2.

    Prints `[[space]]` sections for an agent's configuration, with where each number comes from.

    Example: `bezet occupancy fit recordings --set sdu-ou44 --out rooms.toml`
    """
    try:
        from edge.accuracy.fitting import PLAYS, as_toml, can_be_fitted, fit
        from edge.accuracy.recordings import recordings
    except ImportError as error:
        raise CannotStart(f"needs {error.name}: pip install 'bezet[accuracy]'") from error
    from datetime import UTC, datetime

    from rich.progress import Progress

    from edge.accuracy.shapes import Part

    if out is not None and not out.parent.is_dir():
        raise CannotStart(f"--out {out}: {out.parent} is no folder")
    if out is not None and out.exists():
        raise CannotStart(f"--out {out}: is there already, and is never written over")
    held = [one for one in recordings(folder, sets or ()) if can_be_fitted(one) and one.part is not Part.TEST]
    if not held:
        raise CannotStart(f"{folder}: no recording of these sets has both CO2 and people who were counted")
    console, found = _console(), []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        for one in held:
            task = bar.add_task(f"{one.set} {one.name}", total=len(one.t_ms) * PLAYS)
            found.append(fit(one, lambda rows, task=task: bar.advance(task, rows)))  # type: ignore[misc]
    text = as_toml(found, datetime.now(UTC).date().isoformat())
    typer.echo(text, nl=False)
    if out is not None:
        out.write_text(text, encoding="utf-8")
        console.print(f"Written to {out}; give each section the id of its space.")


def _is_judged(recording: Recording, part: Judged) -> bool:
    """Days that are judged by what other days taught are for both."""
    from edge.accuracy.shapes import Part

    unwanted = {Judged.TEST: {Part.TRAINING}, Judged.TRAINING: {Part.TEST}, Judged.ALL: set[Part]()}
    return recording.part not in unwanted[part]


def _console() -> Console:
    """Where people are told what goes on; figures go to standard output."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def _all_lines(
    console: Console,
    judged: Sequence[Recording],
    held: Sequence[Recording],
    wanted: Sequence[str],
    *,
    warm: bool | None,
) -> list[Line]:
    """The lines of each recording, and on a terminal how far it is."""
    from rich.progress import Progress

    from edge.accuracy.tables import lines, subsets

    found: list[Line] = []
    total = sum(len(one.t_ms) * len(subsets(one, wanted)) for one in judged)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("playing", total=total)
        for one in judged:
            bar.update(task, description=f"{one.set} {one.name}")
            found += lines(one, held, wanted, warm=warm, told=lambda rows: bar.advance(task, rows))
    return found


# --- what is printed --------------------------------------------------------------------------------------


def _show(found: Sequence[Line], *, warm: bool | None) -> None:
    """A table of presence and one of people for each recording."""
    from itertools import groupby

    from rich.console import Console

    from edge.accuracy.tables import PEOPLE, PRESENCE, title, told_by

    console = Console(highlight=False)
    for _, group in groupby(found, key=lambda one: id(one.recording)):
        mine = list(group)
        console.print(f"[bold]{title(mine[0])}[/]")
        recording = mine[0].recording
        if recording.days_apart:
            is_warm = recording.is_warm if warm is None else warm
            begins = "after a walk through the others, truth unseen" if is_warm else "knowing nothing"
            console.print(f"Each day begins {begins}.")
        for columns in (PRESENCE, PEOPLE):
            told = told_by(columns, mine)
            if told:
                console.print(_table(columns, told))
        console.print()
    for figure in (*PRESENCE, *PEOPLE):
        console.print(f"{figure.head:>7}  {figure.meaning}")


def _table(columns: Sequence[Figure], told: Sequence[Line]) -> Table:
    from rich.table import Table

    from edge.accuracy.tables import BASELINE, written

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", width=24, no_wrap=True)
    for figure in columns:
        table.add_column(figure.head, justify="right", no_wrap=True)
    said = ""
    for one in told:
        if one.source != said and (said or one.source != told[0].source):
            table.add_row(f"[dim]{'plain baselines' if one.source == BASELINE else one.source}[/]")
        style = "bold" if one.source == told[0].source else ""
        table.add_row(one.method, *(written(figure, one.score) for figure in columns), style=style)
        said = one.source
    return table
