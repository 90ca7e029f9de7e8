# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is shown of a building: every measured space once, and something that happens soon."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.building import read_building
from bezet.errors import CannotStart
from bezet.model import SpaceKind
from demo.building_life import stays
from demo.plan import EARLY_MS, SENSORS, SPACES_PER_AGENT, agent_config, make_plan
from demo.recording import ROW_MS, recording
from edge.bus.recording import Source
from edge.config import read_config
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NOW_MS = 1_795_428_000_000
TODAY = date(2026, 11, 23)
BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
PLAN = make_plan(BUILDING, TODAY, NOW_MS)


def test_every_measured_space_once() -> None:
    """Each measured space has one agent or one recording, and a space in privacy mode has neither."""
    shown = [space.id for agent in PLAN.agents for space in agent.spaces]
    shown += [one.space.id for one in PLAN.recordings]

    assert sorted(shown) == sorted(space.id for space in BUILDING.spaces.values() if space.measured)
    assert PLAN.measured == len(shown)
    assert all(len(agent.spaces) <= SPACES_PER_AGENT for agent in PLAN.agents)
    assert len(PLAN.agents) > 1
    assert PLAN.recordings


def test_spaces_are_what_they_are_today() -> None:
    """A space whose layout changed is simulated as what it is on the day of the demo."""
    plans = [make_plan(BUILDING, day, NOW_MS, seed=1) for day in (date(2026, 9, 6), date(2026, 9, 7))]
    kinds = [
        next(space.kind for agent in plan.agents for space in agent.spaces if space.id == "1.06")
        for plan in plans
    ]

    assert kinds == [SpaceKind.DESKS, SpaceKind.CREATIVE]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_something_happens_soon(later_ms: int) -> None:
    """Whenever the demo starts, somebody walks into an empty space in the first seconds."""
    now_ms = NOW_MS + later_ms
    early = [
        space
        for agent in make_plan(BUILDING, TODAY, now_ms).agents
        for space in agent.spaces
        if not stays(space, now_ms) and stays(space, now_ms + EARLY_MS[1])
    ]

    assert early


def test_a_seed_that_was_asked_for() -> None:
    """With a seed, the people are those of the seed."""
    plan = make_plan(BUILDING, TODAY, NOW_MS, seed=5)

    assert {space.seed for agent in plan.agents for space in agent.spaces} == {5}


def test_a_building_without_sensors() -> None:
    """A building in which nothing is measured has nothing to show, and that is said."""
    text = (ROOT / "building.toml").read_text(encoding="utf-8").replace("measured = false\n", "")
    private = read_building(text.replace("area_m2", "measured = false\narea_m2"), "building.toml")
    with pytest.raises(CannotStart, match="nothing to show"):
        make_plan(private, TODAY, NOW_MS)


def test_every_kind_has_sensors() -> None:
    """Whatever a space is meant for, the demo has sensors for it, whose names differ."""
    assert SENSORS.keys() == set(SpaceKind)
    assert all(len({hung.name for hung in row}) == len(row) for row in SENSORS.values())


def test_configurations_load(tmp_path: Path) -> None:
    """Every configuration that the demo writes is one that an agent reads."""
    for agent in PLAN.agents:
        path = tmp_path / "agent.toml"
        path.write_text(agent_config(agent, "townhall", "mqtt://127.0.0.1:1883", tmp_path / 'a "b"'))
        config = read_config(path)

        assert config.device.name == agent.device
        assert config.state_folder == tmp_path / 'a "b"'
        assert {sensor.space for sensor in config.sensors} == {space.id for space in agent.spaces}


def test_recordings_can_be_replayed(tmp_path: Path) -> None:
    """A recording is read row by row as it was written, with its own times and no cell missing."""
    for one in PLAN.recordings:
        path = tmp_path / "recording.csv"
        path.write_text("\n".join(recording(one.space, one.columns, NOW_MS, 60_000)) + "\n")
        rows = list(Source(path, tuple(one.columns)).rows())

        assert [row.t_ms for row in rows] == list(range(NOW_MS, NOW_MS + 60_000, ROW_MS))
        assert all(row.cells.keys() == one.columns.keys() for row in rows)
