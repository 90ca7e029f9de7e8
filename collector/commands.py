# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet collect`: the collector as a program."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bezet.cli import (
    DEFAULT_BUILDING,
    DEFAULT_STORE,
    BrokerAddress,
    BuildingFile,
    StoreAddress,
    load_building,
)
from bezet.errors import CannotStart, StoreBusy
from bezet.link import DEFAULT_BROKER
from bezet.program import now_ms, stop_on_signals
from bezet.retention import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from bezet.model import Building
    from collector.differing import Difference
    from collector.metrics import Meters
    from store import Store

#: A broker notices in about ten seconds that a collector froze; from then on the others get its share.
KEEPALIVE_S = 5


def collect(
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    broker: BrokerAddress = DEFAULT_BROKER,
    metrics: Annotated[
        str | None,
        typer.Option(
            envvar="BEZET_METRICS",
            help="Serve figures about this collector at HOST:PORT, as 127.0.0.1:9464; off unless asked for, "
            "because each collector on a machine needs a port of its own.",
            show_default=False,
        ),
    ] = None,
    *,
    upkeep: Annotated[
        bool,
        typer.Option(
            envvar="BEZET_UPKEEP",
            help="Also make facts, and remove what is older than the building file lets it be kept.",
        ),
    ] = True,
) -> None:
    """Take in what the devices send, and answer each message once the store has it.

    Any number of collectors may share the work of one site on one broker (MQTT 5) and one store.

    Example: `bezet collect --building building.toml --store sqlite:bezet.db --broker mqtt://127.0.0.1:1883`
    """
    from collector.metrics import Meters, serving
    from store.opening import open_store

    found = load_building(building)
    meters = Meters()
    with ExitStack() as stack:
        if metrics is not None:
            stack.enter_context(serving(meters, metrics))
        opened = stack.enter_context(closing(open_store(store)))
        meters.watch(opened)
        asyncio.run(_run(found, opened, broker, meters, upkeep=upkeep))


async def _run(building: Building, store: Store, broker: str, meters: Meters, *, upkeep: bool) -> None:
    from bezet.link.address import read_address
    from bezet.link.mqtt import MqttLink
    from collector.service import LOG, Collector, subscriptions

    name = f"bezet-collector-{building.site}-{secrets.token_hex(4)}"
    wanted = subscriptions(building.site, shared=read_address(broker).is_version_5)
    link = MqttLink(broker, name, subscriptions=wanted, keepalive_s=KEEPALIVE_S)
    stop_on_signals()
    LOG.info("collecting", site=building.site, spaces=len(building.spaces), pid=os.getpid())
    try:
        async with link, asyncio.TaskGroup() as tasks:
            tasks.create_task(Collector(link, store, building, now_ms, meters).run(), name="collector")
            if upkeep:
                from collector.upkeep import Upkeep

                tasks.create_task(Upkeep(store, building, now_ms, meters).run(), name="collector.upkeep")
    except asyncio.CancelledError:
        LOG.info("stopped")


def retention(
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    *,
    run: Annotated[bool, typer.Option("--run", help="Remove it now; without this, only say it.")] = False,
) -> None:
    """Say what is older than the building file lets it be kept, and with --run remove it now.

    A collector does this by itself every hour. Example: `bezet retention --store sqlite:bezet.db`
    """
    from collector.facts import FactMaker
    from collector.retention import RetentionJob, dry_run, in_words
    from store.opening import open_store

    found = load_building(building)
    with closing(open_store(store)) as opened:
        if run:
            report = RetentionJob(opened, found, now_ms, FactMaker(opened, found, now_ms).make_due).run_once()
        else:
            report = dry_run(opened, found, now_ms())
    for line in in_words(report, found.timezone):
        typer.echo(line)


def rederive(
    into: Annotated[
        str,
        typer.Option(
            help="The new store, which must be empty: sqlite:FILE, or memory: to see the table only."
        ),
    ],
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    space: Annotated[
        list[str] | None, typer.Option(help="Only of this space; may be said again. Others are carried over.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="The first day, by the site's clock.", show_default=False)
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="The last day, by the site's clock.", show_default=False)
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table to this file too.")] = None,
    *,
    without_presence: Annotated[
        bool,
        typer.Option(
            "--without-presence",
            help="Judge by CO2 alone, which is kept for longer than motion, doors and counts.",
        ),
    ] = False,
) -> None:
    """Tell history again under the rules that are installed, in a new store, and show what differs.

    The old store is only read, and a collector may go on with it. Remove the new one to undo it.

    Example: `bezet rederive --building building.toml --store sqlite:bezet.db --into sqlite:rederived.db`
    """
    from collector.differing import differences, write_csv
    from collector.rederive import rederive as run
    from collector.rederive import wish_of

    found, began_ms = load_building(building), now_ms()
    wish = wish_of(found, space or (), start, end, without_presence=without_presence)
    with ExitStack() as stack:
        old, new = _two_stores(stack, found, store, into)
        with _progress() as progress:
            made = run(old, new, found, wish, began_ms, progress)
        took_s = max(now_ms() - began_ms, 1) / 1000
        lines = [*differences(old, new, found.site, made.parts)]
    if without_presence:
        typer.echo("Judged without presence: by CO2 alone.")
    _tell_differences(lines, found.timezone)
    if csv is not None:
        with csv.open("w", encoding="utf-8", newline="") as file:
            write_csv(file, lines)
    carried = sum(part.span is None for part in made.parts)
    typer.echo(
        f"{into}: {made.readings:,} readings and {made.states:,} states of {len(made.parts)} zones in "
        f"{took_s:.1f} s, {made.readings / took_s:,.0f} readings a second; {carried} zones are as they were"
    )


def _two_stores(stack: ExitStack, building: Building, store: str, into: str) -> tuple[Store, Store]:
    """The store that is read and the one that is written, or `CannotStart` before anything is touched.

    Until the stack is left, a store that is busy is one line for a person too.
    """
    from collector.rederive import is_empty
    from store.opening import open_store
    from store.sqlite.checkup import examine

    stack.enter_context(_plain_words())
    if store == into:
        raise CannotStart(f"--into {into}: is the store that is read; history is never told over itself")
    scheme, _, place = store.partition(":")
    if scheme == "sqlite":
        # To open an older one would bring it up to date, which is a change.
        for finding in examine(Path(place)):
            if not finding.ok:
                raise CannotStart(f"store {finding.what}; {finding.remedy}")
    old, new = (stack.enter_context(closing(open_store(one))) for one in (store, into))
    if not is_empty(new, building.site):
        raise CannotStart(f"--into {into}: is not empty; remove it first, or name another")
    return old, new


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except StoreBusy as error:
        raise CannotStart(f"store {error}; remove what was begun, and try again") from error


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """What is at work, and how far it is, on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield show


#: The columns of the table, and whether they hold numbers.
COLUMNS = {
    "space": False,
    "anew from": False,
    "known h": True,
    "occupied h": True,
    "free → occ. min": True,
    "occ. → free min": True,
    "→ unknown min": True,
    "unknown → min": True,
    "sessions": True,
    "rules": False,
}


def _tell_differences(lines: Sequence[Difference], timezone: ZoneInfo) -> None:
    """The old beside the new of every space, and of all together."""
    from rich.console import Console
    from rich.table import Table

    from collector.differing import total

    table = Table(box=None, pad_edge=False)
    for name, is_number in COLUMNS.items():
        table.add_column(name, justify="right" if is_number else "left")
    for line in [*lines, *([total("all", lines)] if lines else [])]:
        table.add_row(
            line.space,
            f"{datetime.fromtimestamp(line.span.start_ms / 1000, timezone):%Y-%m-%d %H:%M}",
            " → ".join(f"{n / HOUR_MS:,.1f}" for n in line.known_ms()),
            " → ".join(f"{n / HOUR_MS:,.1f}" for n in line.occupied_ms()),
            *(f"{n / 60_000:,.0f}" for n in line.changed_ms().values()),
            " → ".join(f"{n:,}" for n in line.sessions),
            " → ".join("+".join(sorted(rules)) or "none" for rules in line.rules),
        )
    width = None if Console().is_terminal else 200
    Console(width=width, markup=False, highlight=False).print(table)
