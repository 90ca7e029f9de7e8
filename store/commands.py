# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet store`: looking after what was measured."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bezet.cli import DEFAULT_STORE, load_building
from bezet.errors import CannotStart, StoreBusy
from bezet.model import KINDS, Level
from bezet.program import now_ms
from bezet.retention import whole_hours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from store import Store
    from store.sqlite.checkup import Contents
    from store.sqlite.cost import Cost

store = typer.Typer(
    help="Look after what was measured: check it, copy it, put it back, remove a space.", no_args_is_help=True
)

StoreArgument = Annotated[
    str, typer.Argument(envvar="BEZET_STORE", help="Which store: sqlite:FILE or influx:URL/DATABASE.")
]
FileArgument = Annotated[Path, typer.Argument(help="The file of the copy.")]
BuildingOption = Annotated[
    Path | None,
    typer.Option(envvar="BEZET_BUILDING", help="The building file: how long each level is kept."),
]

#: What to do where a command is for files only.
INSTEAD = {
    "verify": "for InfluxDB there is `bezet store check`",
    "vacuum": "InfluxDB packs its files by itself, and drops what is older than its buckets keep",
    "backup": "for InfluxDB there is `influx backup`, or `bezet store copy` into a file",
    "restore": "for InfluxDB there is `influx restore`, or `bezet store copy` out of a file",
    "size": "InfluxDB tells by itself what it takes, as `storage_shard_disk_size` at its /metrics",
}


@store.callback()
def _store() -> None:
    """Look after what was measured: check it, copy it, put it back, remove a space."""


# --- the file ---------------------------------------------------------------------------------------------


@store.command()
def verify(store: StoreArgument = DEFAULT_STORE) -> None:
    """Read all of a store, name what is wrong with it, and say what is in it. The collector may go on.

    Example: `bezet store verify sqlite:bezet.db`
    """
    from store.sqlite import checkup

    path = _file(store, "verify")
    with _plain_words(), _progress() as progress:
        verdict = checkup.verify(path, progress)
    for wrong in verdict.wrong:
        typer.echo(f"{path}: {wrong}")
    if verdict.contents is not None:
        _tell(path, verdict.contents)
    if verdict.wrong:
        raise typer.Exit(1)
    typer.echo(f"{path}: schema {verdict.version}, nothing is wrong")


@store.command()
def vacuum(store: StoreArgument = DEFAULT_STORE) -> None:
    """Write a store's file anew, without the room that removed rows left. The collector waits meanwhile.

    Example: `bezet store vacuum sqlite:bezet.db`
    """
    from store.sqlite import copies

    path = _file(store, "vacuum")
    with _plain_words(), _progress() as progress:
        progress("writing the file anew", 0, 0)
        before, after = copies.vacuum(path)
    typer.echo(f"{path}: {before:,} bytes before, {after:,} bytes now")


@store.command()
def backup(
    store: Annotated[str, typer.Argument(help="Which store: sqlite:FILE.")], file: FileArgument
) -> None:
    """Copy a store into a file that is not there yet, and check the copy. The collector may go on.

    Example: `bezet store backup sqlite:bezet.db bezet-monday.db`
    """
    from store.sqlite import copies

    path = _file(store, "backup")
    with _plain_words(), _progress() as progress:
        contents = copies.backup(path, file, progress)
    if contents is not None:
        _tell(file, contents)
    typer.echo(f"{file}: a sound copy of {path}; `bezet store restore {file} {store}` puts it back")


@store.command()
def restore(
    file: FileArgument,
    store: Annotated[str, typer.Argument(help="Which store: sqlite:FILE.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where a store is; that one is kept beside it.")
    ] = False,
) -> None:
    """Check a copy and put it in the place of a store. Stop the collector and the server first.

    Example: `bezet store restore bezet-monday.db sqlite:bezet.db --replace`
    """
    from store.sqlite import copies

    path = _file(store, "restore")
    aside = copies.dated(path, datetime.now(tz=UTC).astimezone()) if replace else None
    with _plain_words(), _progress() as progress:
        contents = copies.restore(file, path, progress, aside=aside)
    if contents is not None:
        _tell(path, contents)
    typer.echo(f"{path}: restored from {file}")
    if aside is not None and aside.exists():
        typer.echo(f"{aside}: what was there before")


@store.command()
def size(store: StoreArgument = DEFAULT_STORE) -> None:
    """Say what a store costs: rows and bytes by level, and those of a zone in which nothing happens.

    Example: `bezet store size sqlite:bezet.db`
    """
    from store.sqlite import cost

    path = _file(store, "size")
    with _plain_words(), _progress() as progress:
        progress("counting", 0, 0)
        costs, idle = cost.measure(path)
    _tell_costs(f"{path}", costs)
    how = "as found in it" if idle.is_measured else "as made for this; readings depend on the sensors"
    _tell_costs(f"A zone on a day on which nothing happens, {how}", idle.costs)


def _file(address: str, command: str) -> Path:
    """The file of a store; `CannotStart` for another kind of store, with what to do there."""
    scheme, _, place = address.partition(":")
    if scheme == "influx":
        raise CannotStart(f"store {address}: `bezet store {command}` is for a file; {INSTEAD[command]}")
    if scheme != "sqlite" or not place:
        raise CannotStart(f"store {address!r}: needs the form sqlite:FILE, as in sqlite:bezet.db")
    return Path(place)


# --- any store --------------------------------------------------------------------------------------------


@store.command()
def check(
    store: StoreArgument = DEFAULT_STORE,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Make what is missing.")] = False,
    building: BuildingOption = None,
) -> None:
    """Look whether a store is what bezet needs: the file, or the server with its buckets and rights.

    Example: `bezet store check influx:http://127.0.0.1:8086/bezet --fix --building building.toml`
    """
    with _plain_words():
        findings = [*_findings(store, building, fix=fix)]
    table = Table("", "what", "remedy", box=None, pad_edge=False)
    for finding in findings:
        table.add_row("ok" if finding.ok else "NO", finding.what, finding.remedy)
    _print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


class _Finding(Protocol):
    """One thing that was looked at, and what to do about it where it is not well."""

    @property
    def what(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def remedy(self) -> str: ...


def _findings(address: str, building: Path | None, *, fix: bool) -> Iterable[_Finding]:
    if address.partition(":")[0] == "influx":
        from store.influx import setup

        return setup.examine(address, fix=fix, keep=_durations(building))
    from store.opening import open_store
    from store.sqlite import checkup

    path = _file(address, "check")
    if fix:
        open_store(address).close()
    return checkup.examine(path)


def _durations(building: Path | None) -> Mapping[Level, timedelta] | None:
    """How long each level is kept, in whole hours."""
    if building is None:
        return None
    found, now = load_building(building), now_ms()
    limits = found.retention.limits(now, found.timezone)
    return {level: whole_hours(now - limit_ms) for level, limit_ms in limits.items()}


@store.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The store that is read.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The store that is written.")],
    *,
    site: Annotated[str | None, typer.Option(help="Copy this site only.")] = None,
    building: BuildingOption = None,
) -> None:
    """Copy everything of one store into another, and prove by counts that it is there.

    It may be stopped and started again, and what is in the target already stays. With `--building`, what is
    older than that site keeps is left out, as a server would refuse it.

    Example: `bezet store copy sqlite:bezet.db influx:http://127.0.0.1:8086/bezet --building building.toml`
    """
    from store import copying
    from store.opening import open_store

    if source == target:
        raise CannotStart(f"store {source}: is both FROM and TO")
    _demand(source)
    found = None if building is None else load_building(building)

    def kept_from_ms() -> Mapping[Level, int]:
        return {} if found is None else found.retention.limits(now_ms(), found.timezone)

    with ExitStack() as stack:
        stack.enter_context(_plain_words())
        read, written = (stack.enter_context(closing(open_store(one))) for one in (source, target))
        progress = stack.enter_context(_progress())
        copied = copying.copy(read, written, site=site, progress=progress, kept_from_ms=kept_from_ms)
    table = Table("level", "in FROM", "in TO", "too old for TO", box=None, pad_edge=False)
    for level, count in copied.counts.items():
        table.add_row(str(level), *(f"{rows:,}" for rows in count))
    _print(table)
    if not copied.is_whole:
        typer.echo("not everything is there; run the same command again")
        raise typer.Exit(1)
    typer.echo(f"{copied.written:,} rows were written, and everything is there")


@store.command()
def remove(
    store: StoreArgument = DEFAULT_STORE,
    *,
    site: Annotated[str, typer.Option(help="The site of the space.")],
    space: Annotated[str, typer.Option(help="The space whose history goes.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove everything that was measured in a space, for ever. What devices said of themselves stays.

    Example: `bezet store remove sqlite:bezet.db --site townhall --space 1.04`
    """
    from store.opening import open_store

    _demand(store)
    with _plain_words(), closing(open_store(store)) as opened:
        with _progress() as progress:
            there = _count(opened, site, space, progress)
        if not any(there.values()):
            raise CannotStart(f"store {store}: holds nothing of space {space} of site {site}")
        typer.echo(f"space {space} of site {site} has {_spoken(there)}")
        if not yes:
            typer.echo(f"to keep a copy: bezet store backup {store} FILE")
            typer.confirm("Remove all of it, for ever?", abort=True)
        with _progress() as progress:
            progress("removing", 0, 0)
            gone = opened.remove_space(site, space)
    typer.echo(f"removed {_spoken(gone)}")


def _demand(address: str) -> None:
    """Raise `CannotStart` where a file would only be made to be found empty."""
    if address.partition(":")[0] != "influx":
        path = _file(address, "")
        if not path.exists():
            raise CannotStart(f"store {path}: there is no such file")


def _count(
    opened: Store, site: str, space: str, progress: Callable[[str, int, int], None]
) -> Mapping[Level, int]:
    """The rows of a space by level, in constant memory."""
    rows = dict.fromkeys(Level, 0)
    for zone in opened.zones():
        for batch in opened.batches(zone, start_ms=0, end_ms=2**53) if zone[:2] == (site, space) else ():
            for reading in batch.readings:
                rows[KINDS[reading.kind].level] += 1
            rows[Level.STATES] += len(batch.states)
            progress(f"counting: {sum(rows.values()):,} rows", 0, 0)
    rows[Level.FACTS] = sum(map(len, opened.facts(site, space, start_ms=0, end_ms=2**53)))
    return rows


# --- words ------------------------------------------------------------------------------------------------


@contextmanager
def _plain_words() -> Iterator[None]:
    """A store that is busy is one line for a person."""
    try:
        yield
    except StoreBusy as error:
        raise CannotStart(f"store {error}; try again when nobody else is at it") from error


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """What is at work, and how far it is, on a terminal."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield show


def _spoken(rows: Mapping[Level, int]) -> str:
    return ", ".join(f"{count:,} rows of {level}" for level, count in rows.items())


def _tell(path: Path, contents: Contents) -> None:
    rows = ", ".join(f"{count:,} {what}" for what, count in contents.rows.items() if count)
    typer.echo(f"{path}: {contents.spaces} spaces, {rows or 'no rows'}, {contents.size_bytes:,} bytes")
    if contents.first_ms is not None and contents.last_ms is not None:
        typer.echo(f"{path}: from {_instant(contents.first_ms)} to {_instant(contents.last_ms)}")


def _instant(t_ms: int) -> str:
    return datetime.fromtimestamp(t_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _tell_costs(title: str, costs: Mapping[str, Cost]) -> None:
    table = Table(
        "level", "rows", "bytes", "bytes a row", box=None, pad_edge=False
    )  # a row of facts is a day
    for name, (rows, size_bytes) in costs.items():
        if not rows and not size_bytes:
            continue
        each = f"{size_bytes / rows:.1f}" if rows and size_bytes is not None else ""
        shown = "" if size_bytes is None else f"{size_bytes:,.0f}"
        table.add_row(str(name), f"{rows:,}" if rows else "", shown, each)
    known = [size_bytes for _rows, size_bytes in costs.values() if size_bytes is not None]
    table.add_row("all", "", f"{sum(known):,.0f}" if len(known) == len(costs) else "", "")
    typer.echo(title)
    _print(table)


def _print(table: Table) -> None:
    """Onto a terminal as wide as it is, into a file as wide as need be."""
    width = None if Console().is_terminal else 200
    Console(width=width, markup=False, highlight=False).print(table)
