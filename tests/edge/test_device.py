# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A whole device as a program: six shipped drivers on real transports, a real broker, a real collector."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
from contextlib import asynccontextmanager, closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from bezet import wire
from bezet.link import Delivery
from bezet.link.mqtt import MqttLink
from bezet.wire import SensorState
from edge.outbox import Outbox
from tests.conftest import ROOT, Mosquitto, bezet
from tests.edge.hardware import hardware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ALL = {"air", "door", "pir", "plug", "projector", "radar"}


@contextmanager
def program(folder: Path, name: str, *words: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the house until the block ends."""
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            bezet(*words), stdout=log, stderr=log, env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def collecting(folder: Path, broker: Mosquitto) -> Iterator[Path]:
    """A collector; its store."""
    path = folder / "bezet.db"
    words = ("--building", ROOT / "building.toml", "--store", f"sqlite:{path}", "--broker", broker.url)
    with program(folder, "collect", "collect", *words):
        yield path


class Ear:
    """Hears what the device says of itself, and what it is answered."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link

    async def until(self, wanted: Callable[[wire.Health], object]) -> wire.Health:
        """The next word of health that is wanted."""
        while True:
            message = await self.next()
            if isinstance(message, wire.Health) and wanted(message):
                return message

    async def next(self) -> wire.Message:
        """The next health or receipt."""
        async with asyncio.timeout(60):
            while not isinstance(event := await self._link.receive(), Delivery):
                pass
        self._link.acknowledge(event)
        return wire.decode(event.topic, event.payload)


@asynccontextmanager
async def listening(broker: Mosquitto) -> AsyncIterator[Ear]:
    """An ear for it."""
    topics = tuple(wire.topic_filter(name, "townhall") for name in ("health", "receipt"))
    async with MqttLink(broker.url, "ear", subscriptions=topics) as link:
        yield Ear(link)


def are_ok(*names: str) -> Callable[[wire.Health], bool]:
    """A wish that these sensors are well."""
    return lambda message: all(message.sensors.get(name) is SensorState.OK for name in names)


async def test_every_driver_is_heard_and_committed(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Six drivers of five buses speak through one agent, and every kind of theirs is in the store."""
    async with hardware(tmp_path, mosquitto) as hung, listening(mosquitto) as ear:
        config = hung.config(mosquitto, tmp_path)
        with collecting(tmp_path, mosquitto) as path, program(tmp_path, "edge", "edge", "run", config):
            await ear.until(lambda message: message.sensors.keys() == ALL and are_ok(*ALL)(message))
            while len(kinds(path)) < 8:
                await ear.next()

            assert kinds(path) == {
                *("motion", "door_open", "presence", "moving_energy_pct", "still_energy_pct"),
                *("co2_ppm", "av_state", "power_w"),
            }


def kinds(path: Path) -> set[str]:
    """The kinds of reading in a store."""
    if not path.exists():
        return set()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            return {kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM series")}
        except sqlite3.OperationalError:
            return set()


async def test_unplugged_and_plugged_in_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """A radar that is pulled out is absent, while the others go on, and is heard again when it is back."""
    async with hardware(tmp_path, mosquitto) as hung, listening(mosquitto) as ear:
        config = hung.config(mosquitto, tmp_path)
        with program(tmp_path, "edge", "edge", "run", config):
            await ear.until(are_ok("radar", "air"))
            hung.radar.unplug()
            absent = await ear.until(lambda message: message.sensors["radar"] is SensorState.ABSENT)
            hung.radar.plug_in()
            await ear.until(are_ok("radar"))

            assert are_ok("air", "pir", "door")(absent)


async def test_sigterm_leaves_nothing_unsaved(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """What was measured up to a SIGTERM is on disk when the agent has ended, at once and with 0."""
    async with hardware(tmp_path, mosquitto) as hung, listening(mosquitto) as ear:
        config = hung.config(mosquitto, tmp_path)
        with program(tmp_path, "edge", "edge", "run", config) as agent:
            await ear.until(are_ok(*ALL))
            agent.send_signal(signal.SIGTERM)

            assert await asyncio.to_thread(agent.wait, 20) == 0
    with closing(Outbox(tmp_path / "state" / "outbox.db")) as outbox:
        sensors = {
            reading.sensor
            for seq in outbox.waiting(10_000)
            if (letter := outbox.load(seq)) is not None
            if isinstance(batch := wire.decode(*letter), wire.Batch)
            for reading in batch.readings
        }

    assert sensors - {"plug"} == ALL - {"plug"}  # a plug has its time to speak


async def test_a_broker_that_dies_costs_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Over a broker that was killed the device goes on: its own link, and the plug that speaks through it."""
    async with hardware(tmp_path, mosquitto) as hung, listening(mosquitto) as ear:
        config = hung.config(mosquitto, tmp_path)
        with collecting(tmp_path, mosquitto) as path, program(tmp_path, "edge", "edge", "run", config):
            await ear.until(are_ok(*ALL))
            await asyncio.to_thread(mosquitto.kill)
            await asyncio.to_thread(mosquitto.start)
            await ear.until(
                lambda message: are_ok(*ALL)(message) and message.uptime_s > 0 and not message.queued
            )
            await asyncio.to_thread(path.exists)

            assert doubles(path) == 0


def doubles(path: Path) -> int:
    """Rows of one series with one instant."""
    query = "SELECT COUNT(*) - COUNT(DISTINCT series || ' ' || t_ms) FROM reading"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute(query).fetchone()[0])
