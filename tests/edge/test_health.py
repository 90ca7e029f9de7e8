# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the sensors of a device are said to be doing."""

from __future__ import annotations

import pytest

from bezet.wire import SensorState
from edge.health import HealthBook
from edge.sensing import Sensor
from tests.edge.care.test_checkup import Asked
from tests.edge.stage import Told

POLLED = Sensor("polled", "1.04", Asked(), every_s=10)
SLOW = Sensor("slow", "1.04", Asked(), every_s=300)
SPEAKS = Sensor("speaks", "1.04", Told(), speaks_every_s=30)
CHANGES = Sensor("changes", "1.04", Told(), stands_s=3_600)
BUTTON = Sensor("button", "1.04", Told())
ALL = (POLLED, SLOW, SPEAKS, CHANGES, BUTTON)


def book() -> HealthBook:
    """A book of all of them, begun at 0."""
    return HealthBook(ALL, 0)


def test_nobody_is_well_before_the_first_word() -> None:
    """What has to speak is silent until it did; what speaks of changes only, or hardly ever, has its time."""
    assert {name for name, state in book().sensors(1_000).items() if state is SensorState.SILENT} == {
        *("polled", "slow", "speaks")
    }


@pytest.mark.parametrize(
    ("sensor", "silent_after_s"), [(POLLED, 600), (SLOW, 1_500), (SPEAKS, 600), (CHANGES, 3_600)]
)
def test_silence_by_kind_of_sensor(sensor: Sensor, silent_after_s: int) -> None:
    """A sensor is silent after ten minutes, five of its turns or the time that its word stands."""
    health = book()
    health.spoke(sensor.id, 0)
    states = [health.sensors(round(t_s * 1000))[sensor.id] for t_s in (silent_after_s, silent_after_s + 0.1)]

    assert states == [SensorState.OK, SensorState.SILENT]


def test_a_button_is_never_silent() -> None:
    """Nobody has to press a button."""
    assert book().sensors(10**12)["button"] is SensorState.OK


def test_what_keeps_a_sensor_from_speaking_is_said_first() -> None:
    """Absent comes before silent, silent before suspect; each is news once, and a word mends it."""
    health = book()
    news = [
        health.spoke("polled", 0),
        health.spoke("polled", 1),
        health.failed("polled", SensorState.ABSENT),
        health.failed("polled", SensorState.ABSENT),
    ]
    suspect = [dict(health.suspect({"polled": SensorState.STUCK_ON})) for _ in range(2)]
    absent = health.sensors(10**9)["polled"]
    news += [health.spoke("polled", 10**9)]

    assert news == [True, False, True, False, True]
    assert suspect == [{"polled": SensorState.STUCK_ON}, {}]
    assert absent is SensorState.ABSENT
    assert health.sensors(10**9 + 1)["polled"] is SensorState.STUCK_ON
    assert health.sensors(2 * 10**9)["polled"] is SensorState.SILENT
    assert health.suspect({}) == {}
    assert health.sensors(10**9 + 1)["polled"] is SensorState.OK
