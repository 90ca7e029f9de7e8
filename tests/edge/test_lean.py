# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An agent loads what its configuration needs and keeps within its bounds: a Pi Zero has little to spare."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edge.outbox import DEFAULT_MAX_BYTES
from tests.bench.device import live_a_day

if TYPE_CHECKING:
    from pathlib import Path

AGENT = '[agent]\nsite = "townhall"\ndevice = "pi-1"\n[[sensor]]\nid = "s"\nspace = "1.04"\n'
COMMAND_LINE = {"typer", "rich", "pydantic"}
OF_DRIVERS = {
    *("adafruit_vl53l1x", "aiopjlink", "gpiozero", "icmplib", "numpy"),
    *("sensirion_i2c_scd30", "sensirion_i2c_scd4x", "serial", "smbus2"),
}

NEEDS = {
    'driver = "pir"\npin = 17': {"gpiozero"},
    'driver = "scd4x"': {"sensirion_i2c_scd4x", "smbus2"},
    'driver = "mhz19"\nport = "/dev/serial0"': {"serial"},
    'driver = "amg8833"': {"numpy", "smbus2"},
    'driver = "pjlink"\nhost = "10.0.0.1"': {"aiopjlink"},
    'driver = "shelly"\ntopic_prefix = "shelly-1"': set[str](),
}


@pytest.mark.parametrize("settings", NEEDS, ids=lambda settings: settings.split('"')[1])
def test_only_what_is_configured_is_loaded(tmp_path: Path, settings: str) -> None:
    """The libraries of other drivers stay on the disk, and those of the command line too."""
    path = tmp_path / "agent.toml"
    path.write_text(f"{AGENT}{settings}\n")
    program = (
        "import sys; from pathlib import Path; import edge.running; from edge.config import read_config; "
        "read_config(Path(sys.argv[1])); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}

    assert loaded & (COMMAND_LINE | OF_DRIVERS) == NEEDS[settings]


@pytest.mark.slow
def test_a_month_without_a_collector_fits(tmp_path: Path) -> None:
    """Thirty busy days of six sensors take less than the outbox may hold."""
    day = live_a_day(tmp_path, is_busy=True, is_heard=False)

    assert day.messages > 1_000
    assert 30 * day.payload_bytes < DEFAULT_MAX_BYTES
