# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet serve` as a user meets it: one clear line for each mistake, and an end when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.api.conftest import building_text
from tests.conftest import bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # it starts programs

NO_BROKER = "mqtt://127.0.0.1:1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good building file."""
    (tmp_path / "building.toml").write_text(building_text())
    return tmp_path


def refused(folder: Path, *arguments: str) -> list[str]:
    """What a `bezet serve` that cannot start says."""
    plain = ["--building", str(folder / "building.toml"), "--broker", NO_BROKER, "--port", "0"]
    plain += ["--book", str(folder / "window.db")]
    found = subprocess.run(
        bezet("serve", *plain, "--store", f"sqlite:{folder / 'bezet.db'}", *arguments),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, "")
    return found.stderr.splitlines()


def test_a_taken_port_is_said_in_one_line(folder: Path) -> None:
    """A port that somebody else has is named."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        [line] = refused(folder, "--port", port)

    assert line == f"bezet: cannot listen on 127.0.0.1 port {port}: Address already in use"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--building", "none.toml"], "none.toml: No such file"),
        (["--store", "oracle:x"], "oracle:x"),
        (["--store", "sqlite:none/bezet.db"], "none"),
        (["--broker", "http://127.0.0.1"], "needs the form mqtt://"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(folder: Path, arguments: list[str], said: str) -> None:
    """A file that is not there, an address that is not ours, an unknown store or broker: one line, exit 1."""
    [line] = refused(folder, *arguments)

    assert said in line


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_an_open_window_is_for_this_machine_alone(folder: Path, host: str) -> None:
    """Where others could reach it, it does not start before somebody said who may see what, and says how."""
    said = refused(folder, "--host", host)

    assert said[0].startswith(f"bezet: --host {host}: others could reach this")
    assert "[access]" in said
    (folder / "window.toml").write_text("[access]\n")
    window = ("--window", str(folder / "window.toml"))
    assert "cannot listen on 192.0.2.1" in refused(folder, "--host", "192.0.2.1", *window)[0]


def test_a_file_that_is_no_database_is_said_in_one_line(folder: Path) -> None:
    """The store's file holds something else: it is named and left alone."""
    odd = folder / "odd.db"
    odd.write_bytes(b"these are no tables" * 100)

    [line] = refused(folder, "--store", f"sqlite:{odd}")

    assert "odd.db" in line
    assert odd.read_bytes() == b"these are no tables" * 100


def test_all_mistakes_of_a_building_file_are_said(folder: Path) -> None:
    """Three mistakes give three lines, each with file, line and key."""
    wrong = building_text().replace("capacity = 36", "capacity = -1").replace('"meeting"', '"party"', 1)
    (folder / "building.toml").write_text(wrong.replace("area_m2 = 20.0", "area = 20.0", 1))

    said = "\n".join(refused(folder))

    assert all(word in said for word in ("building.toml:", "capacity", "party", "area"))


@pytest.fixture
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server without a broker, and its address."""
    port = free_port()
    store = f"sqlite:{folder / 'bezet.db'}"
    process = subprocess.Popen(
        bezet(
            *("serve", "--building", folder / "building.toml", "--store", store),
            *("--broker", NO_BROKER, "--port", str(port), "--book", folder / "window.db"),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == f"The lobby page is at http://127.0.0.1:{port}/lobby\n"
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_though_somebody_watches(
    served: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    """With a live stream open the server ends by itself: exit 0, nothing cut off, the stream finished."""
    process, address = served
    with httpx.stream("GET", f"{address}/v1/live-events", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: spaces"
        process.send_signal(number)
        rest = list(lines)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "event: tick" in rest
    assert "Cancel" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /v1/spaces HTTP/1.1\r\n\r\n",
        b"GET /v1/sp\x00aces HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /v1/feedback HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
    ids=["garbage", "no host", "a NUL", "a length that is none", "a long head"],
)
def test_what_is_no_http_is_a_problem_too(served: tuple[subprocess.Popen[str], str], sent: bytes) -> None:
    """Whatever comes in on the port is answered as everything else is, and the connection ends."""
    _, address = served
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 10) as connection:
        connection.sendall(sent)
        with connection.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 ")
    for name in (b"content-type: application/problem+json", b"api-version: ", b"content-security-policy: "):
        assert name in head.lower()
    assert json.loads(body)["status"] == 400


def test_a_web_socket_is_asked_for_in_vain(served: tuple[subprocess.Popen[str], str]) -> None:
    """There are none: what asks for one is answered as if it had not, with all our headers."""
    _, address = served
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    answer = httpx.get(f"{address}/v1/spaces", headers=upgrade)

    assert answer.status_code == 200
    assert "api-version" in answer.headers


def test_without_a_broker_it_serves_and_says_so(served: tuple[subprocess.Popen[str], str]) -> None:
    """The page and the history are there; the health is degraded, the link is down, all is unknown."""
    _, address = served
    health = httpx.get(f"{address}/v1/health").json()
    spaces = httpx.get(f"{address}/v1/spaces").json()["spaces"]
    lobby = httpx.get(f"{address}/lobby")

    assert (health["status"], health["link"]["up"]) == ("degraded", False)
    assert {space["unknownBecause"] for space in spaces} == {"link", None}
    assert {space["occupancy"] for space in spaces} == {"unknown", "notMeasured"}
    assert lobby.status_code == 200
    assert "server" not in lobby.headers
