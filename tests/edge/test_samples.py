# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What people copy works: the agent's sample file, with its examples too, and those of the pages."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bezet.building import read_building
from bezet.occupancy.room import room_on
from edge.config import read_config
from edge.sensors import DRIVERS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = ROOT / "firmware-config" / "pi" / "agent.toml"
BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
HARDWARE = sorted(name for name, row in DRIVERS.items() if row.on)
AGENT = '[agent]\nsite = "townhall"\ndevice = "pi-1"\n'


def test_the_sample_loads() -> None:
    """The file that is copied to a Pi loads as it stands."""
    config = read_config(SAMPLE)

    assert [sensor.id for sensor in config.sensors] == ["motion", "air"]
    assert config.rooms == {"1.04": room_on(BUILDING.spaces["1.04"], date(2026, 11, 24))}


def test_every_example_in_the_sample_loads(tmp_path: Path) -> None:
    """With every example switched on it loads too, and there is one for every driver."""
    path = tmp_path / "agent.toml"
    path.write_text(re.sub(r"^#(?=[\[a-z])", "", SAMPLE.read_text(), flags=re.MULTILINE))
    config = read_config(path)

    assert config.rooms.keys() == {"1.04", "1.07"}
    assert sorted({wiring.driver for wiring in config.wirings.values()}) == HARDWARE


@pytest.mark.parametrize("name", HARDWARE)
def test_the_settings_on_its_page_load(tmp_path: Path, name: str) -> None:
    """The sensor that the page of a driver shows is one that loads, and shows every setting there is."""
    page = (ROOT / "docs" / "sensors" / f"{name}.md").read_text()
    text = "\n".join(re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL))
    secret = tmp_path / "password"
    secret.write_text("JBMIAProjectorLink\n")
    path = tmp_path / "agent.toml"
    path.write_text(AGENT + re.sub(r'password_file = "[^"]*"', f'password_file = "{secret}"', text))

    assert {wiring.driver for wiring in read_config(path).wirings.values()} == {name}
