# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What tests share: real servers on loopback, started and ended here, and one furnished space."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on a real InfluxDB carry its name, and with it the mark that leaves them out of `make fast`."""
    for item in items:
        if "influx" in item.nodeid:
            item.add_marker(pytest.mark.influx)


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def find_mosquitto() -> str | None:
    """Mosquitto, also where Debian puts it outside an ordinary user's PATH."""
    return shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Mosquitto:
    """A real broker with its default persistence, that a test may kill and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
            f"persistence true\npersistence_location {folder}/\nlog_dest stderr\n"
            # Started by root it would become another user, who may not look into this folder.
            + ("user root\n" if os.geteuid() == 0 else "")
        )
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """The address as configuration names it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start and return once it listens."""
        program = find_mosquitto()
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-c", str(self._config)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.rstrip().endswith("running"):
                return self
        raise AssertionError("mosquitto did not start")

    def kill(self) -> None:
        """SIGKILL: nothing is saved."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, if it runs."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:  # 2.0.11 misses a SIGTERM that comes while it starts
                self._process.kill()
                self._process.wait(10)
            assert self._process.stderr is not None
            self._process.stderr.close()
            self._process = None


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running Mosquitto of one's own."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    folder.chmod(0o777)
    broker = Mosquitto(folder)
    try:
        yield broker.start()
    finally:
        broker.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    plain = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=program, args=[*plain, *quiet])


def bezet(*arguments: str | Path) -> list[str]:
    """The command line that runs `bezet` as a user does, with this environment's Python."""
    return [sys.executable, "-m", "bezet", *map(str, arguments)]
