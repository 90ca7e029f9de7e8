# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The demo itself: starts every program as a user would, says what it does, and stays until it is stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bezet.errors import CannotStart
from bezet.program import now_ms
from demo.broker import BrokerKind, open_broker
from demo.plan import agent_config
from demo.programs import Keeper, ProcessGroup, Program
from demo.recording import recording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from demo.folder import DataFolder
    from demo.plan import AgentPlan, Plan, RecordingPlan

ANSWERS_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.05
#: What is recorded was recorded a day ago.
RECORDED_AGO_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Show:
    """Everything that one run of the demo needs to know."""

    building: Path
    plan: Plan
    folder: DataFolder
    broker: BrokerKind
    port: int
    say: Callable[[str], None]

    async def run(self) -> None:
        """Run until a signal says stop; `CannotStart` when a program cannot be kept running."""
        _cancel_once_at(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, say=self.say)
        try:
            with ProcessGroup() as group:
                await self._play(Keeper(group, self.say))
        except asyncio.CancelledError:
            self.say(f"Everything has stopped. The history is kept in {self.folder.path} for the next start.")

    async def _play(self, keeper: Keeper) -> None:
        self._say_broker()
        async with open_broker(self.broker, self.folder, keeper) as broker, asyncio.TaskGroup() as tasks:
            for program in self._programs(broker):
                tasks.create_task(keeper.keep(program), name=f"demo.program[{program.name}]")
            async for program in self._recordings(broker):
                tasks.create_task(keeper.keep(program), name=f"demo.program[{program.name}]")
            await self._until_page_answers()
            self.say(f"\nOpen this page in a browser: http://127.0.0.1:{self.port}\n")
            self.say("Visits are short here, so that you see spaces become occupied and free.")
            self.say(f"What each program says is in {self.folder.path / 'logs'}. Ctrl-C ends everything.")

    def _say_broker(self) -> None:
        if self.broker is BrokerKind.MOSQUITTO:
            self.say("Starting the broker, which carries the messages: Mosquitto.")
        else:
            self.say(
                "Starting the broker, which carries the messages: amqtt, for the demo only "
                "(a real building uses Mosquitto)."
            )

    def _programs(self, broker: str) -> Iterator[Program]:
        """Collector, server and agents, each announced when it is about to start."""
        store = ("--building", str(self.building), "--store", f"sqlite:{self.folder.database}")
        where = ("--broker", broker)
        self.say(f"Starting the collector, which keeps the history in {self.folder.database}.")
        yield self._bezet("The collector", "collect", "collect", *store, *where)
        self.say("Starting the server of the page.")
        yield self._bezet("The server", "serve", "serve", *store, *where, "--port", str(self.port))
        agents = self.plan.agents
        if agents:
            spaces = _many(sum(len(agent.spaces) for agent in agents), "space")
            self.say(f"Starting {_many(len(agents), 'agent')} on simulated sensors in {spaces}.")
        for agent in agents:
            yield self._agent(agent, broker)

    async def _recordings(self, broker: str) -> AsyncIterator[Program]:
        """The replays; their files are written while the other programs start."""
        recordings = self.plan.recordings
        if recordings:
            places = " and ".join(one.space.id for one in recordings)
            self.say(f"Replaying {_many(len(recordings), 'recording')} of other sensors, in {places}.")
        for one in recordings:
            file = self.folder.path / "recordings" / f"{one.device}.csv"
            await asyncio.to_thread(_write_recording, one, file)
            yield self._replay(one, file, broker)

    def _bezet(self, name: str, log: str, *words: str, ends: bool = False) -> Program:
        return Program(name, (sys.executable, "-m", "bezet", *words), self.folder.log(log), ends)

    def _agent(self, plan: AgentPlan, broker: str) -> Program:
        config = self.folder.path / "agents" / f"{plan.device}.toml"
        state_folder = config.with_suffix("")
        state_folder.mkdir(exist_ok=True)
        config.write_text(agent_config(plan, self.plan.site, broker, state_folder), encoding="utf-8")
        return self._bezet(f"Agent {plan.device}", plan.device, "edge", "run", str(config))

    def _replay(self, plan: RecordingPlan, file: Path, broker: str) -> Program:
        columns = [word for name, kind in plan.columns.items() for word in ("--column", f"{name}={kind}")]
        place = ("--site", self.plan.site, "--space", plan.space.id, "--device", plan.device)
        how = ("--as-now", "--speed", "1", "--broker", broker, "--outbox", str(file.parent))
        words = ("replay", str(file), *place, *columns, *how)
        return self._bezet(f"Recording {plan.device}", plan.device, *words, ends=True)

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


def _write_recording(plan: RecordingPlan, file: Path) -> None:
    first_ms = now_ms() - RECORDED_AGO_MS
    file.write_text("\n".join(recording(plan.space, plan.columns, first_ms)) + "\n", encoding="utf-8")


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


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
