# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The `bezet` command: finds the rooms' commands by entry point, and loads only the one that is asked for."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import bezet
from bezet.building import read_building
from bezet.errors import CannotStart
from bezet.program import read_text, run_or_say_why

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bezet.model import Building

GROUP = "bezet.commands"


def main() -> None:
    """Run the command that the words after `bezet` name."""
    words = sys.argv[1:]
    points = {point.name: point for point in commands()}
    if words and words[0] in ("--version", "-V"):
        print(f"bezet {bezet.__version__}")  # noqa: T201  that is what was asked for
        return
    asked = [points[words[0]]] if words and words[0] in points else [points[name] for name in sorted(points)]
    run_or_say_why(lambda: application(asked)(words, prog_name="bezet"))


def commands() -> metadata.EntryPoints:
    """The commands that the installed rooms announce."""
    return metadata.entry_points(group=GROUP)


def application(points: Iterable[metadata.EntryPoint]) -> typer.Typer:
    """The command line with the commands of these entry points, and no others loaded."""
    app = typer.Typer(
        name="bezet",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help="Measures how flexible office spaces are really used, and helps decide what to change.\n\n"
        "Begin with `make demo`, or read a command's help: `bezet replay --help`.",
    )
    app.callback()(_nothing)  # keeps the command's name when only one is loaded
    for point in points:
        _add(app, point)
    return app


def _nothing() -> None:
    """Measures how flexible office spaces are really used, and helps decide what to change."""


def _add(app: typer.Typer, point: metadata.EntryPoint) -> None:
    """Add one room's command; a room whose libraries are not installed says so when it is asked for."""
    try:
        command: Any = point.load()
    except ImportError as error:
        _add_missing(app, point.name, str(error.name))
        return
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=point.name)
    else:
        app.command(name=point.name)(command)


def _add_missing(app: typer.Typer, name: str, library: str) -> None:
    def missing() -> None:
        raise CannotStart(f"`bezet {name}` needs {library}, which is not installed here")

    app.command(name=name, help=f"(not installed here: needs {library})")(missing)


# --- what several commands share ---------------------------------------------------------------------------

BuildingFile = Annotated[Path, typer.Option(envvar="BEZET_BUILDING", help="The building file.")]
StoreAddress = Annotated[
    str,
    typer.Option(
        envvar="BEZET_STORE",
        help="Where history is kept: sqlite:FILE, or influx:http://HOST:8086/DATABASE for an installation.",
    ),
]
BrokerAddress = Annotated[str, typer.Option(envvar="BEZET_BROKER", help="The MQTT broker: mqtt://host:port.")]

DEFAULT_BUILDING = Path("building.toml")
DEFAULT_STORE = "sqlite:bezet.db"


# --- the middle's own command ------------------------------------------------------------------------------

building = typer.Typer(help="Look at a building file.", no_args_is_help=True)


@building.callback()
def _building() -> None:
    """Look at a building file."""


@building.command()
def check(file: Annotated[Path, typer.Argument(help="The building file.")] = Path("building.toml")) -> None:
    """Read a building file and say what is in it, or everything that is wrong with it.

    Example: `bezet building check building.toml`
    """
    found = load_building(file)
    places = sum(space.layouts[-1].capacity for space in found.spaces.values())
    typer.echo(
        f"{file}: {found.name} ({found.site}), {len(found.floors)} floors, {len(found.spaces)} spaces, "
        f"{places} places, {len(found.holidays)} days closed, {found.timezone.key}"
    )


def load_building(file: Path) -> Building:
    """The building in the file, or `CannotStart`."""
    return read_building(read_text(file), str(file))
