# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's configuration: what loads, and how every mistake is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bezet.errors import CannotStart
from edge.config import read_config
from edge.outbox import DEFAULT_MAX_BYTES
from edge.sensors import Polled
from edge.voice import Device

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[agent]
site = "townhall"
device = "pi-1"
broker = "mqtt://10.0.0.2:1883"
state_folder = "/tmp/bezet"

[[sensor]]
id = "pir"
space = "1.04"
driver = "simulated-motion"
every_s = 2
simulates = "1.04"
kind = "creative"
capacity = 16
"""

MISTAKES = {
    "no sensor": ('[agent]\nsite = "a"\ndevice = "b"\n', ["agent.toml:1: sensor: is missing"]),
    "a driver that is not there": (
        '[agent]\nsite = "a"\ndevice = "b"\n[[sensor]]\nid = "x"\nspace = "1"\ndriver = "magic"\n',
        ["agent.toml:7: sensor \"x\", driver: 'magic' is not a driver; there are: amg8833, "],
    ),
    "three at once": (
        '[agent]\nsite = "A b"\ndevise = "b"\n[[sensor]]\nid = "x"\nspace = "1"\ndriver = "magic"\n',
        ["agent.toml:2: agent, site:", "agent.toml:1: agent, device: is missing", "agent.toml:7: "],
    ),
    "a setting the driver has not": (
        '[agent]\nsite = "a"\ndevice = "b"\n[[sensor]]\nid = "x"\nspace = "1"\ndriver = "recorded"\nwarp=9\n',
        ['agent.toml:8: sensor "x", warp: driver recorded has no such setting; it has: bus, columns'],
    ),
    "no TOML": ("[agent\n", ["agent.toml:1: TOML:"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_told(tmp_path: Path, mistake: str) -> None:
    """Each mistake is named with file, line and key, all of them in one go."""
    text, expected = MISTAKES[mistake]
    path = tmp_path / "agent.toml"
    path.write_text(text)
    with pytest.raises(CannotStart) as caught:
        read_config(path)

    assert [words for words in expected if words not in str(caught.value)] == []


def test_a_good_file_loads(tmp_path: Path) -> None:
    """What is written is what the agent is told, and what is not written has its default."""
    path = tmp_path / "agent.toml"
    path.write_text(GOOD)
    config = read_config(path)

    assert (config.device, config.broker) == (Device("townhall", "pi-1"), "mqtt://10.0.0.2:1883")
    assert config.outbox_max_bytes == DEFAULT_MAX_BYTES
    assert [(one.id, one.space, one.every_s, one.timeout_s) for one in config.sensors] == [
        ("pir", "1.04", 2, 5)
    ]
    assert isinstance(config.sensors[0].driver, Polled)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is one clear line."""
    with pytest.raises(CannotStart, match=r"nowhere\.toml: No such file"):
        read_config(tmp_path / "nowhere.toml")
