# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Agents as programs on bad days: a wrong broker, a twin, a state that nobody owns any more."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bezet import wire
from bezet.link import Delivery
from bezet.link.mqtt import MqttLink
from tests.conftest import Mosquitto, bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

CONFIG = """
[agent]
site = "townhall"
device = "pi-1"
broker = "{broker}"
state_folder = "{folder}"
clock = "system"

[[sensor]]
id = "pir"
space = "1.04"
driver = "simulated-motion"
every_s = 0.2
moves_s = 5
"""


@contextmanager
def agent(folder: Path, broker: str) -> Iterator[subprocess.Popen[str]]:
    """An agent as a process, with a folder of its own."""
    folder.mkdir()
    config = folder / "agent.toml"
    config.write_text(CONFIG.format(broker=broker, folder=folder))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(bezet("edge", "run", config), stderr=log, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)


def test_a_wrong_broker_is_said_once(tmp_path: Path) -> None:
    """An agent that was pointed at something else tries again and again, and says so once."""
    with socket.create_server(("127.0.0.1", 0)) as wrong:
        wrong.settimeout(30)
        with agent(tmp_path / "pi", f"mqtt://127.0.0.1:{wrong.getsockname()[1]}"):
            for _ in range(4):
                connection, _ = wrong.accept()
                connection.close()

    assert (tmp_path / "pi" / "log").read_text().count("trying again with back-off") == 1


def test_stops_at_once_without_a_broker(tmp_path: Path) -> None:
    """SIGTERM ends an agent in order also while it cannot reach a broker, and what it read stays on disk."""
    with agent(tmp_path / "pi", f"mqtt://127.0.0.1:{free_port()}") as process:
        while "trying again" not in (tmp_path / "pi" / "log").read_text():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0


def test_what_lies_where_it_is_started_is_no_part_of_it(tmp_path: Path) -> None:
    """Started in a folder with an `edge` in it an agent runs itself, and reads the file named there."""
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "__init__.py").write_text("raise SystemExit('another program')")
    command = [sys.executable, "-P", "-m", "bezet", "edge", "run", "agent.toml"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (1, "bezet: agent.toml: No such file or directory\n")


@pytest.mark.broker
async def test_two_agents_of_one_name(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Two agents with one device name are told in health and in their logs, on a broker that tells nobody."""
    async with MqttLink(mosquitto.url, "ear", subscriptions=("bezet/v1/townhall/pi-1/health",)) as ear:
        with agent(tmp_path / "a", mosquitto.url), agent(tmp_path / "b", mosquitto.url):
            boots: set[str] = set()
            async with asyncio.timeout(60):
                while len(boots) < 2:
                    event = await ear.receive()
                    if isinstance(event, Delivery):
                        ear.acknowledge(event)
                        message = wire.decode(event.topic, event.payload)
                        assert isinstance(message, wire.Health)
                        if wire.Trouble.NAME_TAKEN in message.troubles:
                            boots.add(message.boot)

    for name in ("a", "b"):
        assert (tmp_path / name / "log").read_text().count("also calls itself pi-1") == 1
