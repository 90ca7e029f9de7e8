# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Whether something answers: real ports of this computer, and real echoes in a network of the test's own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bezet.errors import SensorGone
from edge.bus.tcp import RemotePort
from edge.sensors.reachable import Reachable
from tests.conftest import free_port
from tests.edge.bus.full_port import full_port

#: Asks once and prints what came of it; without a port, so by an echo.
ASK = """
import asyncio, sys
from bezet.errors import SensorGone
from edge.bus.tcp import RemotePort
from edge.sensors.reachable import Reachable
try:
    print(asyncio.run(Reachable(RemotePort(sys.argv[1]), answer_s=0.3).read())[0].value)
except SensorGone as error:
    print("SensorGone:", error)
"""
ROOT = Path(__file__).parents[3]
UP = "ip link set lo up || ifconfig lo up"
#: The user of a test is root in there, and there is no other.
ALLOWED = "echo 0 0 > /proc/sys/net/ipv4/ping_group_range"


def ask_apart(host: str, *setting_up: str) -> str:
    """What comes of an echo to the host in a network of its own, which begins without anything in it."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare is not installed")
    own_network = [unshare, "--user", "--map-root-user", "--net", "sh", "-ec"]
    if subprocess.run([*own_network, f"{UP}; {ALLOWED}"], check=False, capture_output=True).returncode:
        pytest.skip("this system gives a test no network of its own")
    words = "; ".join([*setting_up, 'exec "$@"'])
    asked = [*own_network, words, "sh", sys.executable, "-c", ASK, host]
    return subprocess.run(asked, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()


async def _read(port: int, answer_s: float = 2.0) -> float:
    driver = Reachable(RemotePort("127.0.0.1", port), answer_s=answer_s)
    await driver.open()
    (measured,) = await driver.read()
    return measured.value


async def test_a_port_that_listens() -> None:
    """A device whose port takes a connection is there, again and again."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]

        assert [await _read(port) for _ in range(3)] == [1, 1, 1]


async def test_a_port_that_refuses() -> None:
    """A device whose port refuses is not there, and that is a number."""
    assert await _read(free_port()) == 0


async def test_a_port_that_does_not_answer() -> None:
    """A device that takes no notice for `answer_s` is not there."""
    with full_port() as port:
        assert await _read(port, answer_s=0.1) == 0


async def test_a_name_that_is_not_known() -> None:
    """Of a name that leads nowhere nothing is known: that is no device that is off."""
    with pytest.raises(SensorGone, match=r"the name projector\.invalid is not known here"):
        await Reachable(RemotePort("projector.invalid", 80)).read()


@pytest.mark.parametrize("answer_s", [0, -1, 61])
def test_how_long_to_wait(answer_s: float) -> None:
    """A time in which nothing can answer, or longer than a minute, is a mistake in the configuration."""
    with pytest.raises(ValueError, match=f"answer_s = {answer_s}"):
        Reachable(RemotePort("127.0.0.1"), answer_s=answer_s)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_echo_that_comes_back(host: str) -> None:
    """Without a port a device that sends an echo back is there."""
    assert ask_apart(host, UP, ALLOWED) == "1"


def test_an_echo_that_does_not_come_back() -> None:
    """Without a port a device that sends none is not there: here, an address behind which nobody is."""
    if shutil.which("ip") is None:
        pytest.skip("iproute2 is not installed")
    nobody = "ip route add 192.0.2.2 dev lo src 127.0.0.1"

    assert ask_apart("192.0.2.2", UP, ALLOWED, nobody) == "0"


def test_an_echo_that_is_not_allowed() -> None:
    """Where Linux allows no echo, the words say what to set."""
    told = ask_apart("127.0.0.1", UP)  # a new network allows none

    assert told.startswith("SensorGone: ")
    assert "net.ipv4.ping_group_range" in told
    assert "tcp_port" in told


def test_an_echo_without_a_network() -> None:
    """Where this computer has no network, nothing is known of the device."""
    told = ask_apart("192.0.2.2", ALLOWED)

    assert told.startswith("SensorGone: ")
    assert "Network is unreachable" in told
