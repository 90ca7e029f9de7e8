# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which sensors hang where, and the configurations that say so."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bezet.building import read_building
from bezet.errors import CannotStart
from bezet.occupancy.room import room_on
from demo.plan import SPACES_PER_DEVICE, Device, agent_config, hung_in, make_plan
from demo.sensing import SIGNALS
from edge.config import read_config
from edge.sensors import DRIVERS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "building.toml").read_text(encoding="utf-8")
BUILDING = read_building(TEXT, "building.toml")
PLAN = make_plan(BUILDING)
#: After the new layouts of the pilot.
TODAY = date(2026, 11, 24)


def test_every_driver_is_at_work() -> None:
    """Each driver that is shipped hangs somewhere in the example building, and has a signal."""
    shipped = DRIVERS.keys() - {"recorded"}

    assert {hung.driver for hung in hung_in(PLAN)} == shipped
    assert SIGNALS.keys() == shipped


def test_every_measured_space_is_measured() -> None:
    """No space is left out or measured twice, and one in privacy mode has no sensor."""
    spaces = [space for device in PLAN for space in device.spaces]

    assert len(spaces) == len(set(spaces)) == 24
    assert "0.04" not in spaces
    assert all(len(device.spaces) <= SPACES_PER_DEVICE for device in PLAN)


def test_names_and_turns_are_each_ones_own() -> None:
    """No two sensors have one name, nor two of a device their turn at the same millisecond."""
    names = [hung.id for hung in hung_in(PLAN)]
    turns = [(hung.device, hung.phase_ms) for hung in hung_in(PLAN)]

    assert len(set(names)) == len(names)
    assert len(set(turns)) == len(turns)


@pytest.mark.parametrize("device", PLAN, ids=lambda device: device.name)
def test_an_agent_takes_its_configuration(tmp_path: Path, device: Device) -> None:
    """What is written for a device is a configuration that an agent on a Pi accepts."""
    ports = {hung.id: 4_000 + number for number, hung in enumerate(hung_in(PLAN))}
    file = tmp_path / "agent.toml"
    text = agent_config(device, BUILDING, TODAY, "mqtt://127.0.0.1:1883", tmp_path, ports)
    file.write_text(text, encoding="utf-8")
    config = read_config(file)

    assert [(one.id, one.space, one.every_s) for one in config.sensors] == [
        (hung.id, hung.space, hung.every_s) for hung in device.sensors
    ]
    assert config.rooms == {space: room_on(BUILDING.spaces[space], TODAY) for space in device.spaces}


def test_a_building_in_which_nothing_is_measured() -> None:
    """Where no space is measured there is nothing to show, which is said."""
    private = TEXT.replace("measured = false\n", "").replace("area_m2", "measured = false\narea_m2")
    with pytest.raises(CannotStart, match="no space in the building file is measured"):
        make_plan(read_building(private, "building.toml"))
