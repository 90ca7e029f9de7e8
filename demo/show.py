# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The demo itself: starts every program as a user would, says what it does, and stays until it is stopped."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bezet.errors import CannotStart
from bezet.program import now_ms
from bezet.retention import DAY_MS, local_day
from demo.broker import BrokerKind, free_port, open_broker
from demo.faults import Fault
from demo.folder import put
from demo.hardware import World
from demo.panel import build_panel, serve_panel
from demo.people.rooms import is_bookable
from demo.plan import agent_config, hung_in
from demo.programs import Keeper, ProcessGroup, Program
from demo.screens import SCREENS
from demo.standing import NOTICE, PROGRESS, keep_up
from demo.truth.files import FOLDER as TRUTH
from demo.truth.writing import write_truth
from demo.words import Bar, notice_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from demo.folder import DataFolder
    from demo.plan import Device
    from demo.town import Town

ANSWERS_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.05
WINDOW = "window.toml"
#: Whom people may ask, as the page about measuring names them; nobody's address or number.
CONTACT = '[contact]\nname = "Team Gebouw"\nemail = "gebouw@stadhuis.example"\nphone = "088 555 01 23"\n'
#: What truly was is written this often.
TRUTH_EVERY_S = 60.0


@dataclass(slots=True)
class Show:
    """Everything that one run of the demo needs to know; life begins to be measured at `live_ms`."""

    town: Town
    folder: DataFolder
    broker: BrokerKind
    port: int
    weeks: int
    live_ms: int
    say: Callable[[str], None]
    bar: Bar
    _world: World = field(init=False)
    _upkeep: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self) -> None:
        """Run until a signal says stop; `CannotStart` when a program cannot be kept running."""
        _cancel_once_at(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, say=self.say)
        self._world = World(now_ms, self.town)
        try:
            with ProcessGroup() as group:
                await self._play(Keeper(group, self.say))
        except asyncio.CancelledError:
            # All that wrote there has ended, so that what was lived is known however far the history is.
            write_truth(self.folder.path / TRUTH, self._world.town, self.live_ms, now_ms())
            self.say(f"Everything has stopped. The history is kept in {self.folder.path} for the next start.")

    async def _play(self, keeper: Keeper) -> None:
        self._say_broker()
        self._say_faults()
        (self.folder.path / NOTICE).unlink(missing_ok=True)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_up(self._world, self.folder.path), name="demo.happenings")
            async with (
                open_broker(self.broker, self.folder, keeper, self._is_cut) as broker,
                asyncio.TaskGroup() as inner,
            ):
                panel_port = free_port()
                # Before the server, which asks it for the calendars.
                inner.create_task(self._serve_panel(panel_port), name="demo.panel")
                self._write_window(panel_port)
                self._start(inner, keeper, broker)
                await self._until_page_answers()
                self.say(f"\nOpen this page in a browser: http://127.0.0.1:{self.port}")
                self.say(f"Make things happen there:    http://127.0.0.1:{panel_port}\n")
                self.say(f"What each program says is in {self.folder.path / 'logs'}. Ctrl-C ends everything.")
                inner.create_task(self._keep_truth(), name="demo.truth")
                await self._fill_history(keeper)

    def _say_broker(self) -> None:
        if self.broker is BrokerKind.MOSQUITTO:
            self.say("Starting the broker, which carries the messages: Mosquitto.")
        else:
            self.say(
                "Starting the broker, which carries the messages: amqtt, for the demo only "
                "(a real building uses Mosquitto)."
            )

    def _say_faults(self) -> None:
        """What has no power now by itself, so that nobody looks for the reason."""
        if self._is_cut():
            self.say("The broker has one of its bad afternoons, which the town hall has now and then.")
        for device in self.town.plan:
            if self._is_off(device.name):
                self.say(f"Device {device.name} has no power now, as happens in the town hall now and then.")

    # --- the programs ---

    def _start(self, tasks: asyncio.TaskGroup, keeper: Keeper, broker: str) -> None:
        tasks.create_task(self._collect(keeper, broker), name="demo.collector")
        ports = {hung.id: free_port() for hung in hung_in(self.town.plan) if hung.on == "tcp"}
        for program in self._programs(broker, ports):
            tasks.create_task(keeper.keep(program), name=f"demo.program[{program.name}]")
        for device in self.town.plan:
            program = self._agent(device, broker, ports)
            is_off = partial(self._is_off, device.name)
            tasks.create_task(keeper.keep_powered(program, is_off), name=f"demo.program[{program.name}]")

    async def _collect(self, keeper: Keeper, broker: str) -> None:
        """Keep a collector; while history is filled in, whoever fills it makes the facts."""
        self.say(f"Starting the collector, which keeps the history in {self.folder.database}.")
        words = ("collect", *self._store(), "--broker", broker)
        if self.weeks:
            beside = self._bezet("The collector", "collect", *words, "--no-upkeep")
            filling = asyncio.create_task(keeper.keep(beside), name="demo.collector.filling")
            filled = asyncio.create_task(self._upkeep.wait(), name="demo.filled")
            try:
                await asyncio.wait([filling, filled], return_when=asyncio.FIRST_COMPLETED)
            finally:
                filling.cancel()
                filled.cancel()
                await asyncio.wait([filling])
            if not filling.cancelled():
                await filling  # it cannot be kept running
        await keeper.keep(self._bezet("The collector", "collect", *words))

    def _programs(self, broker: str, ports: dict[str, int]) -> Iterator[Program]:
        """What runs beside collector and agents, each announced when it is about to start."""
        self.say("Starting the server of the page.")
        notice = str(self.folder.path / NOTICE)
        window = ("--book", str(self.folder.path / "window.db"), "--window", str(self.folder.path / WINDOW))
        where = ("--broker", broker, "--port", str(self.port), "--notice", notice, *window)
        yield self._bezet("The server", "serve", "serve", *self._store(), *where)
        self.say("Starting the network: projectors, plugs, and sensors of others that speak on the broker.")
        words = ("--data", str(self.folder.path), "--broker", broker, "--ports", json.dumps(ports))
        yield self._python("The network", "network", "demo.network", *words)
        spaces = sum(len(device.spaces) for device in self.town.plan)
        sensors = len(hung_in(self.town.plan))
        self.say(
            f"Starting {len(self.town.plan)} agents with {sensors} sensors in {spaces} spaces: the shipped "
            "drivers, on hardware that is simulated."
        )

    def _write_window(self, panel_port: int) -> None:
        """The settings of the window: the calendar of each space that can be booked, needs, and screens."""
        today = local_day(now_ms(), self.town.building.timezone)
        feeds = [
            f'"{space.id}" = "http://127.0.0.1:{panel_port}/calendars/{space.id}.ics"\n'
            for space in self.town.building.spaces.values()
            if space.measured and is_bookable(space.layout_on(today))
        ]
        text = (
            f"{CONTACT}[calendars]\nrefresh_minutes = 1\n[calendars.feeds]\n{''.join(feeds)}"
            f"[demand]\npublish = true\n{SCREENS}"
        )
        put(self.folder.path / WINDOW, text)

    def _store(self) -> tuple[str, ...]:
        building = self.folder.path / "building.toml"
        return ("--building", str(building), "--store", f"sqlite:{self.folder.database}")

    def _bezet(self, name: str, log: str, *words: str) -> Program:
        return self._python(name, log, "bezet", *words)

    def _python(self, name: str, log: str, module: str, *words: str) -> Program:
        return Program(name, (sys.executable, "-m", module, *words), self.folder.log(log))

    def _agent(self, device: Device, broker: str, ports: dict[str, int]) -> Program:
        config = self.folder.path / "agents" / f"{device.name}.toml"
        state_folder = config.with_suffix("")
        state_folder.mkdir(exist_ok=True)
        building = self.town.building
        today = local_day(now_ms(), building.timezone)
        text = agent_config(device, building, today, broker, state_folder, ports)
        config.write_text(text, encoding="utf-8")
        words = (str(config), str(self.folder.path))
        return self._python(f"Agent {device.name}", device.name, "demo.pi", *words)

    def _is_off(self, device: str) -> bool:
        """Whether a device has no power now, by itself or because somebody pulled its plug."""
        now = now_ms()
        return bool(self._world.town.without_power(device, now, now + 1))

    def _is_cut(self) -> bool:
        """Whether nothing carries messages now."""
        now = now_ms()
        return bool(self._world.town.spells(Fault.BROKER_OUT, "", now, now + 1))

    async def _serve_panel(self, port: int) -> None:
        app = build_panel(
            self.folder.path,
            lambda: self._world.town,
            now_ms,
            f"http://127.0.0.1:{self.port}",
            lambda: self.bar.text,
        )
        await serve_panel(app, port)

    # --- what was ---

    async def _fill_history(self, keeper: Keeper) -> None:
        """Fill in the weeks before, with a bar here and a word on the pages."""
        start_ms = self.live_ms - self.weeks * 7 * DAY_MS
        words = (str(self.folder.path), f"sqlite:{self.folder.database}", str(start_ms), str(self.live_ms))
        program = self._python("The history", "history", "demo.history", *words)
        progress = self.folder.path / PROGRESS
        progress.unlink(missing_ok=True)
        if self.weeks:
            watching = asyncio.create_task(self._watch(progress), name="demo.progress")
            try:
                await keeper.once(program)
            finally:
                watching.cancel()
            self.bar.show(1.0)
        (self.folder.path / NOTICE).unlink(missing_ok=True)
        self._upkeep.set()

    async def _watch(self, progress: Path) -> None:
        said = -1
        while True:
            share = await asyncio.to_thread(_share, progress)
            self.bar.show(share)
            if int(10 * share) != said:  # screen readers read each change aloud
                said = int(10 * share)
                await asyncio.to_thread(put, self.folder.path / NOTICE, notice_text(share))
            await asyncio.sleep(1)

    async def _keep_truth(self) -> None:
        while True:
            await asyncio.sleep(TRUTH_EVERY_S)
            if self._upkeep.is_set():  # until then whoever fills history in writes there
                now = now_ms()
                await asyncio.to_thread(
                    write_truth, self.folder.path / TRUTH, self._world.town, self.live_ms, now
                )

    async def _until_page_answers(self) -> None:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                while not await _answers(self.port):
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            log = self.folder.log("serve")
            raise CannotStart(
                f"the page does not answer within {ANSWERS_WITHIN_S:.0f} s; see {log}"
            ) from None


def _share(file: Path) -> float:
    """Which share of the history is filled, by what was left in a file."""
    try:
        return float(file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):  # not begun yet, or half written
        return 0.0


async def _answers(port: int) -> bool:
    """Whether the server of the page answers with a page."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /lobby HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


def _cancel_once_at(*signals: signal.Signals, say: Callable[[str], None]) -> None:
    """Let the first of these signals cancel the current task; the others must not disturb the ending."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def stop() -> None:
        if task is not None and not task.cancelling():
            say("\nStopping.")
            task.cancel()

    for number in signals:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            loop.add_signal_handler(number, stop)
