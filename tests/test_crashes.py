# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Nothing lost, nothing twice: the journey while broker, collector and agent are killed at random moments."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bezet.link import Delivery, Up
from bezet.link.mqtt import MqttLink
from tests.conftest import ROOT, Mosquitto, bezet, find_mosquitto

if TYPE_CHECKING:
    from pathlib import Path

SEEDS = range(20)
WORDS = range(10)
ROWS = 1_500
START = "2026-03-02T08:00"

pytestmark = [
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]


def write_recording(path: Path) -> None:
    """A morning of a meeting space, a row every ten seconds: people come and go, and the air follows."""
    dice = random.Random(7)
    co2, people = 450.0, 0
    lines = ["time,CO2,Motion,People,Temperature"]
    for row in range(ROWS):
        if dice.random() < 0.01:
            people = dice.choice((0, 0, 1, 3, 6))
        co2 += people * 1.6 - (co2 - 420) * 0.01
        moves = int(people > 0 and dice.random() < 0.4)
        seconds = row * 10
        hour, minute, second = 8 + seconds // 3600, seconds // 60 % 60, seconds % 60
        temperature = 20.5 + co2 / 1000
        lines.append(
            f"2026-03-02T{hour:02}:{minute:02}:{second:02},{co2:.1f},{moves},{people},{temperature:.2f}"
        )
    path.write_text("\n".join(lines) + "\n")


class Stage:
    """Broker, collector and agent as processes, each of which may be killed and started again."""

    def __init__(self, folder: Path, recording: Path) -> None:
        folder.mkdir(mode=0o777)
        self.database = folder / "bezet.db"
        self.broker = Mosquitto(folder)
        self.broker.start()
        self._log = (folder / "log").open("wb")
        self._collect = bezet(
            "collect",
            "--no-upkeep",  # the recording is older than its building keeps
            "--building",
            ROOT / "building.toml",
            "--store",
            f"sqlite:{self.database}",
            "--broker",
            self.broker.url,
        )
        self._replay = bezet(
            "replay",
            recording,
            *("--site", "townhall", "--space", "1.04", "--broker", self.broker.url),
            *("--column", "CO2=co2_ppm", "--column", "Motion=motion"),
            *("--column", "People=people_count", "--column", "Temperature=temperature_c"),
            *("--speed", "4000", "--outbox", folder / "outbox"),
        )
        self.collector = self._start(self._collect)

    def begin(self) -> None:
        """Let the agent begin."""
        self.agent = self._start(self._replay)

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def kill(self, victim: str) -> None:
        """SIGKILL, and start the same again."""
        if victim == "broker":
            self.broker.kill()
            self.broker.start()
        elif victim == "collector":
            _kill(self.collector)
            self.collector = self._start(self._collect)
        else:
            _kill(self.agent)
            self.agent = self._start(self._replay)

    def close(self) -> None:
        """End what still runs."""
        for process in (self.agent, self.collector):
            _kill(process)
        self.broker.stop()
        self._log.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def run_journey(folder: Path, recording: Path, seed: int | None) -> list[list[tuple[object, ...]]]:
    """Play the recording to its end, killing what the seed says; what the store holds then."""
    dice = random.Random(seed)
    stage = Stage(folder, recording)
    stage.begin()
    try:
        for _ in range(0 if seed is None else dice.randint(4, 7)):
            victim = dice.choice(("agent", "collector", "collector", "broker"))
            try:
                stage.agent.wait(dice.uniform(0.3, 1.3))
            except subprocess.TimeoutExpired:
                stage.kill(victim)
        assert stage.agent.wait(120) == 0, (folder / "log").read_text()
    finally:
        stage.close()
    return stored_rows(stage.database)


async def run_overheard(folder: Path, recording: Path, seed: int) -> list[list[tuple[object, ...]]]:
    """As `run_journey`, but each kill strikes whoever is at work when a word is heard on the broker.

    A receipt: kill the collector, which has promised by now that the store has it. A batch: kill the agent
    that sent it, or the broker that has not handed it on to everybody yet.
    """
    dice = random.Random(seed)
    stage = Stage(folder, recording)
    plan = [dice.choice(("collector", "collector", "agent", "broker")) for _ in range(6)]
    async with MqttLink(stage.broker.url, "ear", subscriptions=("bezet/#",)) as ear:
        while not isinstance(await ear.receive(), Up):
            pass
        stage.begin()
        try:
            for victim in plan:
                wanted = "receipt" if victim == "collector" else "readings"
                if await _heard(ear, wanted, dice.randint(1, 4), stage):
                    stage.kill(victim)
            assert await asyncio.to_thread(stage.agent.wait, 120) == 0, (folder / "log").read_text()
        finally:
            stage.close()
    return stored_rows(stage.database)


async def _heard(ear: MqttLink, wanted: str, count: int, stage: Stage) -> bool:
    """Whether so many words were heard before the agent was done."""
    while count and stage.agent.poll() is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                event = await ear.receive()
                if isinstance(event, Delivery):
                    ear.acknowledge(event)
                    count -= event.topic.endswith(wanted) and not event.retained
    return count == 0


def stored_rows(database: Path) -> list[list[tuple[object, ...]]]:
    """Every reading and every state of the store, in order."""
    queries = (
        """SELECT site, name, device, sensor, kind, t_ms, value FROM space JOIN zone ON space = space.id
           JOIN series ON zone = zone.id JOIN reading ON series = series.id ORDER BY 1, 2, 3, 4, 5, 6""",
        """SELECT site, name, device, t_ms, rule, occupancy, because, probability, lasting_ms,
           people, people_low, people_high FROM space JOIN zone ON space = space.id
           JOIN voice ON zone = zone.id JOIN state ON voice = voice.id JOIN saying ON saying = saying.id
           ORDER BY 1, 2, 3, 4, 5""",
    )
    with closing(sqlite3.connect(database)) as connection:
        return [connection.execute(query).fetchall() for query in queries]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One recording for all runs."""
    path = tmp_path_factory.mktemp("recording") / "morning.csv"
    write_recording(path)
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> list[list[tuple[object, ...]]]:
    """What the store holds when nothing goes wrong."""
    rows = run_journey(tmp_path_factory.mktemp("undisturbed") / "run", recording, None)

    assert len(rows[0]) == ROWS * 4
    return rows


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_moments(
    seed: int, tmp_path: Path, recording: Path, undisturbed: list[list[tuple[object, ...]]]
) -> None:
    """Whatever is killed, and whenever, the store ends with the same rows as an undisturbed run."""
    readings, states = run_journey(tmp_path / "run", recording, seed)

    assert readings == undisturbed[0]
    assert states == undisturbed[1]


@pytest.mark.parametrize("seed", WORDS)
async def test_killed_at_its_word(
    seed: int, tmp_path: Path, recording: Path, undisturbed: list[list[tuple[object, ...]]]
) -> None:
    """Killed at the very instant of a receipt or a batch, nobody has promised what was not kept."""
    readings, states = await run_overheard(tmp_path / "run", recording, seed)

    assert readings == undisturbed[0]
    assert states == undisturbed[1]
