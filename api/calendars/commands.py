# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet calendars check`: whether the feeds in window.toml can be read, and what they say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from api.commands import DEFAULT_WINDOW, WindowFile
from bezet.cli import DEFAULT_BUILDING, BuildingFile, load_building
from bezet.errors import CannotStart
from bezet.program import now_ms
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.calendars.fetching import Fetcher
    from api.calendars.reading import Read
    from bezet.model import Building

AHEAD_DAYS = 7

calendars = typer.Typer(help="Look at the calendars of spaces.", no_args_is_help=True)


class Looked(NamedTuple):
    """What was found at a feed, or why it could not be read."""

    read: Read | None
    why: str = ""


@calendars.callback()
def _calendars() -> None:
    """Look at the calendars of spaces."""


@calendars.command()
def check(window: WindowFile = DEFAULT_WINDOW, building: BuildingFile = DEFAULT_BUILDING) -> None:
    """Ask each calendar once: how often its space is busy in the next 7 days, or why that cannot be read.

    Nothing is kept, and no address is shown, because it often holds a secret. Ends with 1 where one fails.

    Example: `bezet calendars check --window window.toml --building building.toml`
    """
    from api.settings import load_settings

    found = load_building(building)
    feeds = load_settings(window, found).calendars.feeds
    if not feeds:
        raise CannotStart(f"{window}: there is no calendar in [calendars.feeds]")
    asked_ms = now_ms()
    looked = asyncio.run(_looked(feeds, found, asked_ms))
    # Onto a terminal as wide as it is, into a file as wide as need be.
    width = None if Console().is_terminal else 200
    Console(width=width, markup=False, highlight=False).print(_table(looked, found, asked_ms))
    if any(one.read is None for one in looked.values()):
        raise typer.Exit(1)


async def _looked(feeds: Mapping[str, str | Path], building: Building, asked_ms: int) -> Mapping[str, Looked]:
    """What every feed says, in their order."""
    from api.calendars.fetching import Fetcher
    from api.calendars.watching import TOGETHER

    fetcher, turns = Fetcher(), asyncio.Semaphore(TOGETHER)

    async def look(feed: str | Path) -> Looked:
        async with turns:
            return await _look(fetcher, feed, building, asked_ms)

    try:
        found = await asyncio.gather(*(look(feed) for feed in feeds.values()))
    finally:
        await fetcher.aclose()
    return dict(zip(feeds, found, strict=True))


async def _look(fetcher: Fetcher, feed: str | Path, building: Building, asked_ms: int) -> Looked:
    from api.calendars.fetching import Marks, NotFetched

    try:
        return Looked((await fetcher.fetch(feed, Marks(), asked_ms, building.timezone)).read)
    except NotFetched as error:
        return Looked(None, str(error))


def _table(looked: Mapping[str, Looked], building: Building, asked_ms: int) -> Table:
    table = Table("space", "name", f"busy in {AHEAD_DAYS} days", "left out", "cannot be read", box=None)
    until_ms = asked_ms + AHEAD_DAYS * DAY_MS
    for space, (read, why) in looked.items():
        busy, dropped = "", ""
        if read is not None:
            ahead = [one for one in read.busy if one.end_ms > asked_ms and one.start_ms < until_ms]
            busy = f"{len(ahead)} time{'' if len(ahead) == 1 else 's'}"
            dropped = ", ".join(f"{number} {reason}" for reason, number in read.dropped.items())
        table.add_row(space, building.spaces[space].name, busy, dropped, why)
    return table
