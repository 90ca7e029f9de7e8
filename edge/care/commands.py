# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet edge check`, `watch`, `record`, `walk-test` and `learned`: for whoever stands before the device."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bezet.errors import CannotStart
from bezet.program import now_ms, stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType
    from rich.table import Table

    from edge.care.checkup import Finding
    from edge.care.walking import Score, Stage
    from edge.care.watching import Watcher
    from edge.cases import Case
    from edge.config import AgentConfig

DEFAULT_CONFIG = Path("/etc/bezet/agent.toml")
#: Whether it can be read is found out, and told, where every other mistake in it is.
ConfigFile = Annotated[Path, typer.Argument(help="The agent's configuration (TOML).", readable=False)]
REFRESH_S = 0.5


def check(config: ConfigFile = DEFAULT_CONFIG) -> None:
    """Look whether this device is ready: configuration, folder, clock, broker, and each sensor read once.

    Ends with 1 if anything is bad. Stop a running agent first: it holds the sensors.

    Example: `bezet edge check /etc/bezet/agent.toml`
    """
    from edge.care.checkup import Verdict
    from edge.config import read_config

    findings: list[Finding] = []
    console = _console()
    asyncio.run(_look(read_config(config), console, findings))
    bad = sum(one.verdict is Verdict.BAD for one in findings)
    if bad:
        raise CannotStart(f"{bad} of {len(findings)} checks failed; what to do is in the last column")


async def _look(config: AgentConfig, console: Console, findings: list[Finding]) -> None:
    """Show each finding when it is there, and how much is still to come."""
    from rich.console import Group
    from rich.live import Live
    from rich.spinner import Spinner

    from edge.care.checkup import examine

    try:
        with Live(console=console) as live:
            waiting = Spinner("dots", "Looking; a sensor may take 20 seconds to say its first word")
            live.update(waiting)
            async for one in examine(config):
                findings.append(one)
                live.update(Group(_findings(findings), waiting))
            live.update(_findings(findings))
    finally:
        await config.close()


def _findings(findings: list[Finding]) -> Table:
    from rich.table import Table

    from edge.care.checkup import Verdict

    marks = {
        Verdict.OK: "[green]✓ ok[/]",
        Verdict.WARNING: "[yellow]! warning[/]",
        Verdict.BAD: "[red]✗ bad[/]",
    }
    table = Table("what", "", "found", "what to do", expand=False)
    for one in findings:
        table.add_row(one.what, marks[one.verdict], _plain(one.found), _plain(one.advice))
    return table


def watch(
    config: ConfigFile = DEFAULT_CONFIG,
    *,
    seconds: Annotated[float | None, typer.Option(help="Stop after this time; else at Ctrl-C.")] = None,
) -> None:
    """Show live what each sensor says, and what each space is because of it. Nothing is kept or sent.

    Stop a running agent first: it holds the sensors.

    Example: `bezet edge watch /etc/bezet/agent.toml`
    """
    from edge.config import read_config

    asyncio.run(_watch(read_config(config), seconds))


async def _watch(config: AgentConfig, seconds: float | None) -> None:
    from rich.live import Live

    console = _console()
    async with _watching(config) as watcher:
        typer.echo("Watching; Ctrl-C ends it.", err=True)
        with Live(console=console, auto_refresh=False) as live:

            async def draw() -> None:
                while True:
                    live.update(_now(watcher), refresh=console.is_terminal)
                    await asyncio.sleep(REFRESH_S)

            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(seconds):
                    await draw()
            live.update(_now(watcher), refresh=True)


@contextlib.asynccontextmanager
async def _watching(config: AgentConfig) -> Any:
    """A watcher that hears the sensors of the device until the block ends, or a signal ends it."""
    from edge.care.watching import Watcher

    stop_on_signals()
    watcher = Watcher(config.device, config.sensors, config.clock(), config.rooms)
    hearing = asyncio.create_task(watcher.run(), name="watcher")
    try:
        yield watcher
    finally:
        hearing.cancel()
        await asyncio.wait([hearing])
        await config.close()


def _now(watcher: Watcher) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    sensors = Table("sensor", "space", "says", "age", "trouble", title="Sensors", title_justify="left")
    for name, look in watcher.looks.items():
        rows = list(_said(watcher, look)) or [("nothing yet", "")]
        for place, (words, age) in enumerate(rows):
            first = (name, look.space) if place == 0 else ("", "")
            sensors.add_row(*first, words, age, _plain(look.trouble) if place == 0 else "")
    # Spaces first: where the terminal is low, the end is what it does not show.
    return Group(_spaces(watcher), sensors)


def _said(watcher: Watcher, look: Any) -> Iterator[tuple[str, str]]:
    for (kind, part), last in sorted(look.last.items()):
        yield f"{kind}{f' {part}' if part else ''} = {last.value:g}", f"{watcher.age_s(last):.0f} s"


def _spaces(watcher: Watcher) -> Table:
    from datetime import UTC, datetime

    from rich.table import Table

    colours = {"occupied": "red", "free": "green", "unknown": "yellow"}
    table = Table(
        "space", "is", "since", "probability", "people", "because", title="Spaces", title_justify="left"
    )
    for space, state in watcher.states().items():
        if state is None:
            table.add_row(space, "[yellow]unknown[/]", "", "", "", "no word about presence yet")
            continue
        since = datetime.fromtimestamp(state.since_ms / 1000, UTC).astimezone().strftime("%H:%M:%S")
        people = "" if state.people is None else f"{state.people:g}"
        shown = f"[{colours[state.occupancy]}]{state.occupancy}[/]"
        table.add_row(space, shown, since, f"{state.probability:.0%}", people, ", ".join(state.because))
    return table


def record(
    sensor: Annotated[str, typer.Argument(help="The id of the sensor in the configuration.")],
    *,
    config: Annotated[
        Path, typer.Option(help="The agent's configuration (TOML).", readable=False)
    ] = DEFAULT_CONFIG,
    turns: Annotated[int, typer.Option(min=1, help="How many readings to record.")] = 5,
    name: Annotated[str, typer.Option(help="What the recording shows.")] = "recorded",
    out: Annotated[Path | None, typer.Option(help="File to write; else it is printed.")] = None,
) -> None:
    """Record what a real sensor says on its bus, as a test of its driver, and play it back once.

    Look through it before you share it: devices of others may say more than numbers.

    Example: `bezet edge record air --turns 10 --out tests/edge/sensors/cases/scd4x-my-room.toml`
    """
    from edge.cases import write_case
    from edge.config import read_config

    found = read_config(config)
    if sensor not in found.wirings:
        raise CannotStart(f"{config}: no sensor {sensor!r}; there are: {', '.join(found.wirings)}")
    if not found.wirings[sensor].on:
        raise CannotStart(f"{config}: sensor {sensor!r} hangs on no bus that can be recorded")
    if out is not None and out.exists():
        raise CannotStart(f"{out} is there already; a recording is never written over")
    if out is not None and not out.parent.is_dir():
        raise CannotStart(f"{out}: there is no folder {out.parent}")
    typer.echo(f"Recording {turns} turns; Ctrl-C ends it, and keeps nothing.", err=True)
    case = asyncio.run(_tape(found, sensor, name, turns))
    if out is None:
        typer.echo(write_case(case))
    else:
        _write(out, write_case(case))
    _play_back(case)
    if "password" in case.settings:
        typer.echo("It holds the password of the device. Change that there before you share this.", err=True)


def _play_back(case: Case) -> None:
    from edge.bus.conversation import Played, Strayed
    from edge.cases import play

    try:
        played = asyncio.run(play(case))
    except (Played, Strayed) as error:
        raise CannotStart(f"it does not play back: {error}") from None
    if played != list(case.turns):
        raise CannotStart(f"played back it says {played} instead of {list(case.turns)}")
    typer.echo(f"{len(case.lines)} lines, {len(case.turns)} turns; played back, it says the same.", err=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"{path}: {error.strerror}") from None


async def _tape(config: AgentConfig, sensor: str, name: str, turns: int) -> Any:
    from edge.care.taping import tape

    found = next(one for one in config.sensors if one.id == sensor)
    return await tape(
        config.wirings[sensor],
        name=name,
        turns=turns,
        every_s=found.every_s,
        timeout_s=max(found.timeout_s, found.speaks_every_s),
        heard=lambda turn: typer.echo(f"  {turn}", err=True),
    )


def walk_test(
    space: Annotated[str, typer.Argument(help="The space to walk through.")],
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Guide you through five minutes before the sensors of a space, and keep the score.

    Stop a running agent first: it holds the sensors.

    Example: `bezet edge walk-test 1.04 /etc/bezet/agent.toml`
    """
    from edge.care.checkup import Verdict, look_at_folder
    from edge.care.walking import keep_score
    from edge.config import read_config

    found = read_config(config)
    spaces = sorted({sensor.space for sensor in found.sensors})
    if space not in spaces:
        raise CannotStart(f"{config}: no sensor in space {space!r}; there are: {', '.join(spaces)}")
    if (folder := look_at_folder(found)).verdict is Verdict.BAD:
        raise CannotStart(f"state folder {folder.found}; the score could not be kept. {folder.advice}")
    console = _console()
    typer.echo("Five minutes; Ctrl-C ends it, and keeps nothing.", err=True)
    score = asyncio.run(_walk(found, space, console))
    if score is None:
        raise CannotStart("stopped before the end; nothing was kept")
    console.print(_score(score))
    console.print(f"Kept in {keep_score(score, found.state_folder, now_ms())}.")


async def _walk(config: AgentConfig, space: str, console: Console) -> Score | None:
    from edge.care.walking import PLAN, walk

    async with _watching(config) as watcher:
        with console.status("") as status:

            def say(stage: Stage, left_s: int) -> None:
                step = f"{PLAN.index(stage) + 1} of {len(PLAN)}: {stage.told}"
                if console.is_terminal:
                    status.update(f"[bold]{step}[/] ({left_s} s)")
                elif left_s == stage.seconds:
                    console.print(f"{step} ({left_s} s)")
                if left_s == stage.seconds:
                    console.bell()  # nobody looks at a terminal while walking; it does nothing in a file

            with contextlib.suppress(asyncio.CancelledError):
                return await walk(watcher, space, say=say)
    return None


def _score(score: Score) -> RenderableType:
    from rich.console import Group
    from rich.table import Table

    stages = list(next(iter(score.seen.values()), {}))
    table = Table("sensor", *(f"seen: {stage}" for stage in stages), "quiet when empty")
    for source, seen in score.seen.items():
        table.add_row(source, *(f"{seen[stage]:.0%}" for stage in stages), f"{score.quiet[source]:.0%}")
    delay = "never" if score.delay_s is None else f"after {score.delay_s} s"
    stay = f"for {score.occupied_share:.0%} of your stay"
    words = f"{score.space}: {score.points} of 100. Occupied {delay}, and {stay}."
    return Group(words, table, *score.remarks)


def learned(
    config: ConfigFile = DEFAULT_CONFIG,
    forget: Annotated[
        list[str] | None,
        typer.Option(help="Let this space begin anew; may be repeated. Stop the agent first."),
    ] = None,
) -> None:
    """Show what each space taught this device: its air, and how still people sit there.

    Example: `bezet edge learned /etc/bezet/agent.toml --forget 1.04`
    """
    from rich.table import Table

    from edge.care.learned import Kept

    kept, console = Kept(config), _console()
    for space, lessons in (kept.forget(forget) if forget else {}).items():
        for one in lessons:
            was = f"{one.before.number:.3g} {one.before.unit}"
            console.print(f"{space}: {one.before.what}: was {was}, begins again at {one.number:g}")
    if forget:
        return
    found = kept.lessons()
    if not any(found.values()):
        console.print(f"{kept.path}: no space has taught anything yet.")
        return
    table = Table("space", "what", "learned", "between", "from")
    for space, taught in found.items():
        for lesson in taught:
            what = f"{lesson.what} ({lesson.sensor})" if lesson.sensor else lesson.what
            bounds = f"{lesson.low:g} and {lesson.high:g}"
            table.add_row(space, _plain(what), f"{lesson.number:.3g} {lesson.unit}", bounds, lesson.taught)
    console.print(table)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if _is_terminal() else 140)


def _is_terminal() -> bool:
    import sys

    return sys.stdout.isatty()


def _plain(words: str) -> str:
    """Text in which square brackets are no markup."""
    return words.replace("[", "\\[")
