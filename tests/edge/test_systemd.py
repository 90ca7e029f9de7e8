# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What systemd hears, on a socket like its own."""

from __future__ import annotations

import secrets
import socket
from typing import TYPE_CHECKING

import pytest

from edge.systemd import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PID = 4_711


@pytest.fixture
def systemd() -> Iterator[socket.socket]:
    """A socket of datagrams that nobody has bound yet."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.settimeout(1)
        yield heard


def _tell_all(notifier: Notifier) -> None:
    notifier.ready()
    notifier.status("3 sensors, 0 messages wait")
    notifier.watchdog()
    notifier.stopping()


def _hear_all(systemd: socket.socket) -> list[str]:
    return [systemd.recv(1024).decode() for _ in range(4)]


TOLD = ["READY=1", "STATUS=3 sensors, 0 messages wait", "WATCHDOG=1", "STOPPING=1"]


def test_a_socket_with_a_path(systemd: socket.socket, tmp_path: Path) -> None:
    """Each word is a datagram of its own to the socket that systemd names."""
    address = str(tmp_path / "notify")
    systemd.bind(address)

    _tell_all(Notifier.from_environ({"NOTIFY_SOCKET": address}, PID))
    assert _hear_all(systemd) == TOLD


def test_a_socket_without_a_path(systemd: socket.socket) -> None:
    """A name that begins with @ is an abstract socket."""
    name = f"bezet-test-{secrets.token_hex(8)}"
    systemd.bind(f"\0{name}")

    _tell_all(Notifier.from_environ({"NOTIFY_SOCKET": f"@{name}"}, PID))
    assert _hear_all(systemd) == TOLD


def test_a_status_is_one_line(systemd: socket.socket, tmp_path: Path) -> None:
    """A status cannot smuggle in another word."""
    systemd.bind(str(tmp_path / "notify"))

    Notifier(str(tmp_path / "notify")).status("fine\nSTOPPING=1\n")
    assert systemd.recv(1024) == b"STATUS=fine STOPPING=1"


def test_without_systemd() -> None:
    """Where no systemd started it, nothing happens, and no watchdog waits."""
    notifier = Notifier.from_environ({}, PID)

    _tell_all(notifier)
    assert notifier.watchdog_s is None


def test_a_systemd_that_went_away(systemd: socket.socket, tmp_path: Path) -> None:
    """A socket that is gone, or that nobody empties, does not stop the agent."""
    _tell_all(Notifier(str(tmp_path / "gone")))

    systemd.bind(str(tmp_path / "full"))
    for _ in range(1_000):
        Notifier(str(tmp_path / "full")).watchdog()


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(PID)}, 30),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(PID)}, 0.5),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_PID": str(PID)}, None),
    ],
)
def test_the_watchdog(environ: dict[str, str], watchdog_s: float | None) -> None:
    """How often systemd wants to hear it, if this process is the one meant (sd_watchdog_enabled(3))."""
    assert Notifier.from_environ(environ, PID).watchdog_s == watchdog_s
