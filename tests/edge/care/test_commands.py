# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The commands for who stands before a device, as they are typed."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import threading
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge.cases import play, read_cases
from tests.conftest import bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge.cases import Case

pytestmark = pytest.mark.slow

AGENT = """
[agent]
site = "townhall"
device = "pi-1"
broker = "mqtt://127.0.0.1:{port}"
state_folder = "{folder}"
clock = "system"
"""
PIR = """
[[sensor]]
id = "pir"
space = "1.04"
driver = "simulated-motion"
moves_s = 5
"""
RADAR = """
[[sensor]]
id = "radar"
space = "1.04"
driver = "ld2410"
port = "{port}"
"""
PROJECTOR = """
[[sensor]]
id = "projector"
space = "1.04"
driver = "pjlink"
host = "127.0.0.1"
tcp_port = {port}
password = "JBMIAProjectorLink"
"""
#: Somebody sits still at 1.2 m: state 2, moving energy 3, still energy 64 (Hi-Link's protocol, basic target
#: data).
FRAME = bytes.fromhex("f4f3f2f10d0002aa020000037800407800" + "5500" + "f8f7f6f5")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A device with a motion sensor, and no broker."""
    path = tmp_path / "agent.toml"
    path.write_text(AGENT.format(port=free_port(), folder=tmp_path / "state") + PIR)
    return path


@contextmanager
def radar() -> Iterator[str]:
    """A radar at the end of a serial line that says the same ten times a second."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    ended = threading.Event()

    def speak() -> None:
        while not ended.wait(0.1):
            os.write(ours, FRAME)

    speaking = threading.Thread(target=speak)
    speaking.start()
    try:
        yield os.ttyname(theirs)
    finally:
        ended.set()
        speaking.join()
        os.close(ours)
        os.close(theirs)


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    return subprocess.run(bezet(*words), capture_output=True, text=True, check=False, timeout=60)


def test_check_tells_what_to_do(config: Path) -> None:
    """A table with every check, what to do in the last column, and 1 where anything is bad."""
    done = run("edge", "check", config)

    assert done.returncode == 1
    assert all(
        word in done.stdout for word in ("state folder", "clock", "broker", "pir", "motion=", "Check the")
    )
    assert "1 of 5 checks failed" in done.stderr


def test_check_tells_every_mistake_in_the_file(config: Path) -> None:
    """Mistakes in the configuration come first, all of them, each with its line."""
    config.write_text(config.read_text().replace("moves_s = 5", "moves_s = 5\nwarp = 9") + RADAR)
    done = run("edge", "check", config)

    assert done.returncode == 1
    assert "warp: driver simulated-motion has no such setting" in done.stderr


def test_watch_shows_sensors_and_spaces(config: Path) -> None:
    """What each sensor says and what the space is because of it stand in the terminal."""
    done = run("edge", "watch", config, "--seconds", "2")

    assert done.returncode == 0
    assert all(word in done.stdout for word in ("pir", "motion = ", "1.04", "because"))


def test_watch_ends_at_ctrl_c(config: Path) -> None:
    """Ctrl-C ends it in order, with what was last seen."""
    command = bezet("edge", "watch", config, "--seconds", "60")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Ctrl-C ends it" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=30)

    assert "Sensors" in shown
    assert process.returncode == 0


def test_record_makes_a_test(config: Path, tmp_path: Path) -> None:
    """A recording of a real serial line is a case that plays back the same, and is never written over."""
    out = tmp_path / "radar.toml"
    with radar() as port:
        config.write_text(config.read_text() + RADAR.format(port=port))
        done = run("edge", "record", "radar", "--config", config, "--turns", "3", "--out", out)
        again = run("edge", "record", "radar", "--config", config, "--out", out)
    (case,) = read_cases(out)

    assert done.returncode == 0, done.stderr
    assert case.driver == "ld2410"
    assert set(case.turns) == {"presence=1 moving_energy_pct=3 still_energy_pct=64"}
    assert again.returncode == 1
    assert "is there already" in again.stderr


def recorded(config: Path, out: Path) -> Case:
    """A case made of a real serial line."""
    with radar() as port:
        config.write_text(config.read_text() + RADAR.format(port=port))
        run("edge", "record", "radar", "--config", config, "--turns", "2", "--out", out)
    return read_cases(out)[0]


async def test_a_recording_plays_in_the_suite(config: Path, tmp_path: Path) -> None:
    """What was recorded runs through the conformance test's own player."""
    case = await asyncio.to_thread(recorded, config, tmp_path / "radar.toml")

    assert await play(case) == list(case.turns)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("record", "magic"), "no sensor 'magic'; there are: pir, projector"),
        (("record", "pir"), "hangs on no bus that can be recorded"),
        (("record", "projector", "--out", "no-such-folder/case.toml"), "there is no folder no-such-folder"),
    ],
)
def test_record_says_what_it_cannot(config: Path, words: tuple[str, ...], told: str) -> None:
    """A sensor that is not there or on no bus, and a folder that is not there, are named before the start."""
    config.write_text(config.read_text() + PROJECTOR.format(port=free_port()))
    done = run("edge", *words, "--config", config)

    assert done.returncode == 1
    assert told in done.stderr


def test_walk_test_names_the_spaces(config: Path) -> None:
    """A space without a sensor of this device is refused, with those that there are."""
    done = run("edge", "walk-test", "9.99", config)

    assert done.returncode == 1
    assert "no sensor in space '9.99'; there are: 1.04" in done.stderr


def test_record_warns_of_a_password(config: Path) -> None:
    """A recording holds the settings of its sensor; that one of them is a password is said."""
    config.write_text(config.read_text() + PROJECTOR.format(port=free_port()))
    done = run("edge", "record", "projector", "--config", config, "--turns", "1")

    assert "JBMIAProjectorLink" in done.stdout
    assert "It holds the password of the device" in done.stderr


def test_walk_test_begins_only_where_its_score_can_be_kept(config: Path, tmp_path: Path) -> None:
    """Nobody walks for five minutes for a score that cannot be written."""
    (tmp_path / "state").write_text("in the way")
    done = run("edge", "walk-test", "1.04", config)

    assert done.returncode == 1
    assert "the score could not be kept" in done.stderr
