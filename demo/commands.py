# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet demo`: everything at once, on one machine, without a sensor."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bezet.cli import DEFAULT_BUILDING, BuildingFile
from bezet.errors import CannotStart
from bezet.program import now_ms, read_text

DataPath = Annotated[Path, typer.Option(help="The folder that keeps the history for the next start.")]
DEFAULT_DATA = Path(".demo")
Lasts = Annotated[float | None, typer.Option("--seconds", help="For how long.", show_default=False)]

demo = typer.Typer(rich_markup_mode="markdown")


@demo.callback(invoke_without_command=True)
def _demo(
    context: typer.Context,
    building: BuildingFile = DEFAULT_BUILDING,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port of the page.")] = 8080,
    data: DataPath = DEFAULT_DATA,
    broker: Annotated[
        str | None,
        typer.Option(
            help="mosquitto or amqtt; without it, Mosquitto where it is installed.", show_default=False
        ),
    ] = None,
    weeks: Annotated[int, typer.Option(min=0, max=104, help="How many weeks of history there are.")] = 12,
    seed: Annotated[
        int | None,
        typer.Option(
            min=1, help="Which people there are; the same number gives the same town.", show_default="1"
        ),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=60, help="How fast life goes; sensors and rules do not.")
    ] = 1.0,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the history of earlier starts first.")
    ] = False,
) -> None:
    """Show a town hall that isn't there, run by the programs of a real one, until Ctrl-C.

    Example: `bezet demo --port 8081 --weeks 4 --fresh`, and while it runs: `bezet demo fill 1.03`
    """
    if context.invoked_subcommand is not None:
        return
    from demo.broker import choose_broker
    from demo.faults import ALL
    from demo.folder import DataFolder
    from demo.show import Show
    from demo.standing import bend, found_town, read_town
    from demo.truth.files import FOLDER as TRUTH
    from demo.truth.reading import covered_spans
    from demo.words import Bar

    source = read_text(building)
    chosen = choose_broker(broker)
    _check_port(port)
    with DataFolder(data, fresh=fresh) as folder:
        log = folder.log("demo")
        logging.basicConfig(
            filename=log, filemode="w", format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        town = found_town(folder.path, source, seed, ALL, datetime.now().astimezone().date())
        covered = covered_spans(folder.path / TRUTH)
        live_ms = now_ms()
        bent = bend(folder.path, town, live_ms, speed, max((to_ms for _, to_ms in covered), default=0))
        town = read_town(folder.path)
        count = sum(len(device.spaces) for device in town.plan)
        _say(f"{town.building.name}: a town hall that isn't there, with {count} measured spaces.")
        if bent:
            _say(bent)
        bar = Bar(weeks, _write, is_terminal=sys.stdout.isatty())
        show = Show(town, folder, chosen, port, weeks, live_ms, _say, bar)
        asyncio.run(show.run())


@demo.command()
def fill(
    space: str,
    people: Annotated[
        int | None, typer.Option(min=1, help="How many; half of its places if not given.")
    ] = None,
    seconds: Lasts = None,
    data: DataPath = DEFAULT_DATA,
) -> None:
    """Let people come into a space. Example: `bezet demo fill 1.04 --people 6 --seconds 300`"""
    _happen("fill", space, seconds, data, people)


@demo.command()
def empty(space: str, seconds: Lasts = None, data: DataPath = DEFAULT_DATA) -> None:
    """Let everybody leave a space. Example: `bezet demo empty 1.04`"""
    _happen("empty", space, seconds, data)


@demo.command()
def stick(sensor: str, seconds: Lasts = None, data: DataPath = DEFAULT_DATA) -> None:
    """Let a motion sensor hang: it sees motion all the time. Example: `bezet demo stick pir-1.04`"""
    _happen("stick", sensor, seconds, data)


@demo.command()
def unplug(device: str, seconds: Lasts = None, data: DataPath = DEFAULT_DATA) -> None:
    """Pull the plug of a device. Example: `bezet demo unplug demo-pi-2 --seconds 90`"""
    _happen("unplug", device, seconds, data)


@demo.command()
def cut_broker(seconds: Lasts = None, data: DataPath = DEFAULT_DATA) -> None:
    """Let nothing carry messages for a while. Example: `bezet demo cut-broker --seconds 30`"""
    _happen("cut-broker", "", seconds, data)


@demo.command()
def stop(data: DataPath = DEFAULT_DATA) -> None:
    """End what was made to happen and goes on now. Example: `bezet demo stop`"""
    from demo.acting import undo
    from demo.standing import read_town

    read_town(data)
    ended = undo(data, now_ms())
    _say(f"Ended: {', '.join(f'{one.what} {one.where}'.strip() for one in ended) or 'nothing went on'}.")


@demo.command()
def score(
    data: DataPath = DEFAULT_DATA,
    csv: Annotated[Path | None, typer.Option(help="Write all figures to this file too.")] = None,
    *,
    all_hours: Annotated[bool, typer.Option("--all-hours", help="Not only opening hours.")] = False,
) -> None:
    """Compare what was sensed with what truly was, space by space and kind by kind.

    Example: `bezet demo score --csv score.csv`
    """
    from rich.console import Console
    from rich.table import Table

    from demo.standing import DATABASE, read_town
    from demo.truth.figures import columns, in_words, rows, write_score
    from demo.truth.files import FOLDER as TRUTH
    from demo.truth.reading import read_truth
    from demo.truth.score import score as compare
    from store.opening import open_store

    town, truth = read_town(data), read_truth(data / TRUTH)
    with closing(open_store(f"sqlite:{data / DATABASE}")) as store:
        found = compare(truth, store, town.building, all_hours=all_hours)
    # As narrow as a terminal of 80 columns: a head breaks between its words, and a name says what it is of.
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for number, head in enumerate(columns(brief=True)[1:]):
        words = head.removeprefix("occupancy_").replace("_", "\n")
        table.add_column(words, justify="right" if number else "left")
    for row in rows(found, brief=True):
        table.add_row(*row[1:])
    Console().print(table)
    for line in in_words(found):
        _say(line)
    if csv is not None:
        write_score(found, csv)
        _say(f"All figures are in {csv}.")


def _happen(what: str, where: str, lasts_s: float | None, data: Path, people: int | None = None) -> None:
    from demo.acting import make_happen, wish
    from demo.happenings import What
    from demo.standing import read_town

    happening = wish(read_town(data), What(what), now_ms(), where, people=people, lasts_s=lasts_s)
    make_happen(data, happening)
    crowd = f" with {happening.people} people" if happening.people else ""
    lasts = (happening.to_ms - happening.from_ms) / 1000
    _say(f"{what} {happening.where}{crowd} for {lasts:g} s; end it with: bezet demo stop".replace("  ", " "))


def _check_port(port: int) -> None:
    """Raise `CannotStart` while somebody else listens on the port."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        why = "another program uses it" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
        raise CannotStart(
            f"port {port} cannot be used: {why}; choose another, "
            f"as in: bezet demo --port {port + 1}, or: make demo DEMO_ARGS='--port {port + 1}'"
        ) from None


def _say(line: str) -> None:
    """One line for a person; a terminal that is gone must not keep the demo from ending well."""
    _write(f"{line}\n")


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        typer.echo(text, nl=False)
