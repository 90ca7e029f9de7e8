# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The `bezet` command: finds the rooms' commands by entry point, and loads only the one that is asked for."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import bezet
from bezet.building import read_building
from bezet.errors import CannotStart

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
    try:
        application(asked)(words, prog_name="bezet")
    except (CannotStart, BaseExceptionGroup) as error:
        reason = _first_reason(error)
        if reason is None:
            raise
        print(f"bezet: {reason}", file=sys.stderr)  # noqa: T201  one clear line for a person
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _first_reason(error: BaseException) -> CannotStart | None:
    """What a person can do something about: the error itself, or the first such one in a group of tasks."""
    if isinstance(error, BaseExceptionGroup):
        found = (_first_reason(inner) for inner in error.exceptions)
        return next((reason for reason in found if reason is not None), None)
    return error if isinstance(error, CannotStart) else None


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


def log_to_stderr(*, verbose: bool = False) -> None:
    """Plain lines with time and room, for a terminal and for journald alike."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )


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


def now_ms() -> int:
    """Milliseconds since 1970 UTC, by this machine's clock."""
    return time.time_ns() // 1_000_000


def stop_on_signals() -> None:
    """Let SIGTERM and SIGINT cancel the task that calls this."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


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


def read_text(file: Path) -> str:
    """What is written in a configuration file, or `CannotStart` with the reason."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{file}: {getattr(error, 'strerror', None) or error}") from None
