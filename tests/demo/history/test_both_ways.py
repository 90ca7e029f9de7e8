# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A week of one device, run through its buses and made behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bezet.building import read_building
from bezet.model import Reading, State, Zone
from collector.intake import Haul, Intake
from demo.faults import ALL, Fault
from demo.history.telling import Telling
from demo.plan import Device, Hung
from demo.town import make_town
from store.memory import MemoryStore
from tests.conftest import ROOT
from tests.demo.history.bus_way import PIN_REPEAT_MS, through_buses
from tests.demo.towns import DAY_MS, HOUR_MS, clock

if TYPE_CHECKING:
    from pathlib import Path

    from demo.town import Town
    from store import Store

Row = Reading | State
NAME = "demo-pi-9"
#: A Monday in winter at noon, at an instant at which the pin is said again.
START_MS = clock(-12) // PIN_REPEAT_MS * PIN_REPEAT_MS + 11
#: A sensor on each bus of a Pi, and one that speaks on a broker. Two are asked once a minute, not every few
#: seconds, for a week takes long enough. Nothing is asked over TCP here: that connection would be a real one;
#: `tests/demo/hardware` has the projector.
WEEK = (
    Hung("pir", "0.08", NAME, "pir", phase_ms=11, settings={"pin": 4}),
    Hung("scd4x", "0.08", NAME, "scd4x", phase_ms=22, every_s=60, place={"i2c": 1}),
    Hung("cec", "1.03", NAME, "cec", phase_ms=33, every_s=60, place={"cec": "/dev/cec0"}),
    Hung("mhz19", "1.03", NAME, "mhz19", phase_ms=44, every_s=60, place={"port": "/dev/ttyAMA0"}),
    Hung("zigbee", "1.03", NAME, "zigbee2mqtt", "motion", phase_ms=55, settings={"name": "zigbee"}),
)
#: A radar speaks each second, which is too often for a week: it is heard for some hours.
RADAR = Hung("radar", "0.08", NAME, "ld2410", phase_ms=66, place={"port": "/dev/ttyAMA1"})
HOURS = (*WEEK, RADAR)


def town(sensors: tuple[Hung, ...]) -> Town:
    """The example building with the device of this test, and all that can be wrong with its sensors."""
    building = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
    not_here = {Fault.DEVICE_SILENT, Fault.CLOCKLESS_BOOT, Fault.BROKER_OUT}
    made = make_town(building, 1, faults=ALL - not_here)
    return replace(made, plan=(Device(NAME, sensors),))


def behind_buses(town: Town, span: tuple[int, int]) -> Store:
    """What the store holds when the history of the span was made, and written as the collector does."""
    (device,), store = town.plan, MemoryStore()
    told = Telling(town, device).tell(town, *span, presence_from_ms=span[0])
    intake, haul = Intake(store, town.building, lambda: span[1]), Haul()
    for batch in told.batches:
        intake.take(batch, haul, is_live=False)
    intake.write(haul)
    return store


def rows(store: Store, town: Town, span: tuple[int, int]) -> list[Row]:
    """Every reading and every state that a store holds of a span, space by space in order of time."""
    (device,) = town.plan
    found: list[Row] = []
    for space in device.spaces:
        zone = Zone(town.building.site, space, device.name)
        for batch in store.batches(zone, start_ms=span[0], end_ms=span[1]):
            found += batch.readings
            found += batch.states
    return found


def both_ways(sensors: tuple[Hung, ...], span: tuple[int, int], folder: Path) -> tuple[list[Row], list[Row]]:
    """Every row of a span, through the buses and behind them."""
    here = town(sensors)
    (device,) = here.plan
    through = through_buses(here, device, span, folder)
    return rows(through, here, span), rows(behind_buses(here, span), here, span)


def sensors_of(found: list[Row]) -> set[str]:
    """Whose readings are among the rows."""
    return {row.sensor for row in found if isinstance(row, Reading)}


@pytest.mark.slow
def test_a_week_both_ways(tmp_path: Path) -> None:
    """A week of a device through its buses and a week behind them are the same history, row for row."""
    through, behind = both_ways(WEEK, (START_MS, START_MS + 7 * DAY_MS), tmp_path)

    assert through == behind
    assert sensors_of(through) == {hung.id for hung in WEEK}
    assert any(isinstance(row, State) for row in through)


@pytest.mark.slow
def test_a_radar_both_ways(tmp_path: Path) -> None:
    """So are some hours in which a radar speaks each second."""
    through, behind = both_ways(HOURS, (START_MS, START_MS + 4 * HOUR_MS), tmp_path)

    assert through == behind
    assert RADAR.id in sensors_of(through)
