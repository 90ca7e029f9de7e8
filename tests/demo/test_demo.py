# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The demo from beginning to end, as a newcomer starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT, bezet, find_mosquitto
from tests.demo.stage import Demo, processes, running, wait_for_all

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")
needs_mosquitto = pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
BROKERS = [
    pytest.param("mosquitto", marks=[pytest.mark.broker, needs_mosquitto]),
    "amqtt",
]
KNOWN = {"free", "occupied"}
#: A space in which people are counted, by a thermal array.
COUNTED = "0.02"


def see_all_known_and_one_change(demo: Demo) -> None:
    """Return when every measured space was known, and one then became what was made of it."""
    seen: dict[str, str] = {}
    made = False
    for space in demo.events():
        seen[space["id"]] = space["occupancy"]
        if not made and set(seen.values()) - {"notMeasured"} <= KNOWN:
            # People who are counted are seen at once, and so is it when they have gone a minute ago.
            demo.make("fill", COUNTED, "--people", "2", "--seconds", "600")
            made = True
        if made and space["id"] == COUNTED and space["occupancy"] == "occupied":
            return
    raise AssertionError("the live stream ended")


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("broker", BROKERS)
def test_from_start_to_ctrl_c(tmp_path: Path, broker: str) -> None:
    """It says which broker and two addresses, shows what is made to happen, and Ctrl-C leaves no process."""
    with running(tmp_path / "data", "--broker", broker, "--weeks", "0") as demo:
        said = demo.words()
        group = demo.group()
        see_all_known_and_one_change(demo)
        spaces = demo.get("/v1/spaces")["spaces"]

        page, panel = re.findall(r"https?://\S+", "\n".join(said))
        assert page == f"http://127.0.0.1:{demo.port}"
        assert panel != page
        assert broker in "\n".join(said).lower()
        assert [one["id"] for one in spaces if one["occupancy"] == "unknown"] == []
        assert demo.end(signal.SIGINT) == 0
        assert [one for one in processes() if one.group == group] == []
        assert demo.process.stderr is not None
        assert demo.process.stderr.read() == ""


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_other_ways_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    """A polite signal, or a terminal that closes, ends everything too."""
    if signal.getsignal(how) is signal.SIG_IGN:
        pytest.skip(f"these tests were started with {how.name} ignored, as nohup does, and so is the demo")
    with running(tmp_path / "data", "--weeks", "0") as demo:
        demo.words()
        group = demo.group()

        assert demo.end(how) == 0
        assert [one for one in processes() if one.group == group] == []


@pytest.mark.slow
@needs_proc
@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system has no pidfd_open")
def test_killed(tmp_path: Path) -> None:
    """Nothing outlives a demo that is killed outright, and the next start takes its history up again."""
    with running(tmp_path / "data", "--weeks", "0") as demo:
        demo.words()
        started = [child.pid for child in demo.children()]
        demo.end(signal.SIGKILL)
        wait_for_all(started, 15)
    with running(tmp_path / "data", "--weeks", "0") as again:
        assert again.words()[-1].endswith("Ctrl-C ends everything.")
        assert again.end(signal.SIGINT) == 0


@pytest.mark.slow
@needs_proc
def test_an_agent_dies(tmp_path: Path) -> None:
    """An agent that dies is named with the end of its log, and is started again."""
    with running(tmp_path / "data", "--weeks", "0") as demo:
        demo.words()
        (agent,) = (
            child.pid
            for child in demo.children()
            if b"demo-pi-1.toml" in Path(f"/proc/{child.pid}/cmdline").read_bytes()
        )
        os.kill(agent, signal.SIGKILL)
        assert demo.process.stdout is not None
        said = demo.process.stdout.readline()
        see_all_known_and_one_change(demo)

        assert said.startswith("Agent demo-pi-1 was ended by SIGKILL; starting it again.")
        assert demo.end(signal.SIGINT) == 0


def refused(*options: str | Path) -> str:
    """The one line that a demo says on stderr when it does not start."""
    command = bezet("demo", "--building", ROOT / "building.toml", *options)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert ended.stdout == ""
    return line


def test_a_taken_port(tmp_path: Path) -> None:
    """A port that somebody listens on is named, with a way out."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        line = refused("--port", str(port), "--data", tmp_path / "data")

    assert f"port {port} cannot be used: another program uses it" in line
    assert "DEMO_ARGS" in line


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """A data folder that cannot be made is named with the reason."""
    (tmp_path / "file").write_text("in the way")

    assert f"data folder {tmp_path}/file/data: cannot be used" in refused(
        "--data", tmp_path / "file" / "data"
    )


@pytest.mark.parametrize("options", [(), ("--fresh",)], ids=["kept", "fresh"])
def test_a_folder_of_somebody_else(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A folder with files that the demo did not make is left as it is."""
    (tmp_path / "thesis.txt").write_text("years of work")

    assert "holds files that the demo did not make" in refused("--data", tmp_path, *options)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_unknown_broker(tmp_path: Path) -> None:
    """A broker that the demo does not know is refused by name."""
    assert "'hivemq'" in refused("--broker", "hivemq", "--data", tmp_path / "data")


def test_a_building_that_is_not_there(tmp_path: Path) -> None:
    """A building file that cannot be read is named."""
    assert "nowhere.toml: No such file" in refused("--building", tmp_path / "nowhere.toml")
