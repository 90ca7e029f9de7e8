# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet edge` and `bezet replay`: the agent as a program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from bezet import wire
from bezet.cli import BrokerAddress  # noqa: TC001  Typer reads it
from bezet.errors import CannotStart
from bezet.link import DEFAULT_BROKER
from bezet.model import KINDS, Kind
from bezet.program import log_to_stderr, now_ms
from edge.care import commands as care

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.agent import Agent
    from edge.clock import Clock, ReplayClock
    from edge.outbox import Outbox

edge = typer.Typer(help="The agent on a Raspberry Pi.", no_args_is_help=True)


@edge.callback()
def _edge() -> None:
    """The agent on a Raspberry Pi."""


edge.command()(care.check)
edge.command()(care.watch)
edge.command()(care.record)
edge.command("walk-test")(care.walk_test)
edge.command()(care.learned)


@edge.command()
def run(
    config: Annotated[Path, typer.Argument(readable=False, help="The agent's configuration (TOML).")],
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")] = False,
) -> None:
    """Read the sensors of this device until stopped, and keep what was read until the collector has it.

    Example: `bezet edge run /etc/bezet/agent.toml`
    """
    words = ["--verbose"] if verbose else []
    # The agent becomes this process: the same number for systemd, and none of the command line's memory.
    # `-P`: a folder or a file in the folder of whoever starts it is no part of the agent.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "edge", str(config), *words])  # noqa: S606


# --- replay -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """What a first reading of the whole file found."""

    rows: int
    first_ms: int
    last_ms: int


def replay(
    file: Annotated[Path, typer.Argument(help="A recording in CSV.")],
    site: Annotated[str, typer.Option(help="Site the recording is played into.")],
    space: Annotated[str, typer.Option(help="Space the recording is played into.")],
    column: Annotated[
        list[str], typer.Option(help="COLUMN=KIND, once for each column to play; kinds: " + ", ".join(Kind))
    ],
    device: Annotated[str, typer.Option(help="Name of the device that seems to measure.")] = "replay",
    time_column: Annotated[
        list[str] | None,
        typer.Option("--time", help="Column that holds the time; two for date and time apart."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times that do not name theirs.")] = "UTC",
    speed: Annotated[
        str | None,
        typer.Option(
            help="1 is real time, 60 an hour a minute, max as fast as it goes (default; with --as-now 1)."
        ),
    ] = None,
    broker: BrokerAddress = DEFAULT_BROKER,
    outbox: Annotated[
        Path,
        typer.Option(help="Folder for what is not committed yet; an interrupted replay goes on from it."),
    ] = Path(".state/replay"),
    *,
    as_now: Annotated[
        bool, typer.Option("--as-now", help="Play it as if it happened now, for a live page.")
    ] = False,
) -> None:
    """Feed a recording through a real agent, as if its sensors hung on this device.

    Example: `bezet replay datatraining.txt --site townhall --space 1.04 --column CO2=co2_ppm
    --column Temperature=temperature_c --timezone Europe/Brussels`
    """
    from edge.bus.recording import Recording, Source
    from edge.clock import ReplayClock, SystemClock
    from edge.outbox import Outbox
    from edge.running import run_agent
    from edge.sensing import Sensor
    from edge.sensors.recorded import Recorded
    from edge.voice import Device

    log_to_stderr()
    for option, word in (("--site", site), ("--space", space), ("--device", device)):
        if not wire.ID.fullmatch(word):
            raise CannotStart(f"{option} {word!r}: needs to match {wire.ID.pattern}")
    columns = dict(_columns(column))
    source = Source(file, tuple(columns), tuple(time_column or ()), _zone(timezone))
    rate = _speed(speed or ("1" if as_now else "max"))
    if as_now and rate != 1:
        raise CannotStart("--as-now needs --speed 1: a faster one would run ahead of the clock")
    span = _check(source, columns)
    shift_ms = now_ms() - span.first_ms if as_now else 0
    opened = Outbox(outbox / f"{site}-{device}.db")
    with contextlib.closing(opened):
        after_ms = None if as_now else _last_played_ms(opened, space)
        # What an interrupted replay believed is of its last row: the clock may not stand before it.
        begin_ms = span.first_ms if after_ms is None else max(after_ms, span.first_ms)
        clock: ReplayClock | SystemClock = SystemClock() if as_now else ReplayClock(begin_ms, rate)
        bus = Recording(source, clock, shift_ms, after_ms)
        sensor = Sensor("csv", space, Recorded(bus, columns))
        progress = _Progress(span, clock, shift_ms)
        is_done = asyncio.run(
            run_agent(
                Device(site, device), [sensor], broker, opened, clock, progress.watch, most_queued=1_000
            )
        )
        if not is_done:
            raise CannotStart(
                f"stopped; {opened.queued} messages wait in {outbox}, run the same command again to go on"
            )
        typer.echo(f"{span.rows} rows replayed; the collector has committed all of it.")


def _columns(words: Sequence[str]) -> Iterator[tuple[str, Kind]]:
    for word in words:
        column, _, kind = word.rpartition("=")
        if not column or kind not in KINDS:
            raise CannotStart(f"--column {word!r}: needs the form COLUMN=KIND; kinds are {', '.join(Kind)}")
        yield column, Kind(kind)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotStart(f"--timezone {name!r}: is not a time zone, as Europe/Amsterdam is") from None


def _speed(word: str) -> float | None:
    if word == "max":
        return None
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", word) or float(word) == 0:
        raise CannotStart(f"--speed {word!r}: needs a number above 0, or max")
    return float(word)


def _check(source: Any, columns: dict[str, Kind]) -> _Span:
    """Read the whole file once, so that what is wrong with it is said before anything is sent."""
    rows, first_ms, last_ms = 0, 0, 0
    for row in source.rows():
        if rows and row.t_ms < last_ms:
            raise CannotStart(
                f"{source.path}: row {rows + 1} is earlier than the row before it; sort it by time"
            )
        for column, number in row.cells.items():
            bounds = KINDS[columns[column]]
            if not bounds.low <= number <= bounds.high:
                what = f"{number:g} is outside {bounds.low:g} to {bounds.high:g} for {columns[column]}"
                raise CannotStart(f"{source.path}: row {rows + 1}: {column}: {what}")
        first_ms, last_ms, rows = (first_ms if rows else row.t_ms), row.t_ms, rows + 1
    if not rows:
        raise CannotStart(f"{source.path}: holds no rows")
    return _Span(rows, first_ms, last_ms)


def _last_played_ms(outbox: Outbox, space: str) -> int | None:
    """The last row of an interrupted replay that is on disk already; everything up to it is."""
    kept = outbox.kept(f"newest {space}")
    return None if kept is None else int(kept)


@dataclass(frozen=True, slots=True)
class _Progress:
    """Shows how far a replay is, on a terminal."""

    span: _Span
    clock: Clock
    shift_ms: int

    async def watch(self, agent: Agent) -> None:
        """Draw until cancelled."""
        from rich.progress import Progress

        total_ms = max(1, self.span.last_ms - self.span.first_ms)
        with Progress(transient=True) as bar:
            task = bar.add_task("replaying", total=total_ms)
            while True:
                done_ms = self.clock.now_ms() - self.shift_ms - self.span.first_ms
                bar.update(
                    task, completed=done_ms, description=f"replaying, {agent.queued} not committed yet"
                )
                await asyncio.sleep(0.2)
