# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet edge check`: what it finds, and that everything it finds wrong comes with what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bezet.errors import SensorGone, SensorNotReady
from bezet.model import Kind
from edge.bus import BUSES
from edge.care.checkup import ADVICE, QUIET_S, Verdict, examine, look_at_sensor
from edge.config import AgentConfig, ClockSource, Wiring
from edge.sensing import Sensor
from edge.sensors import Measured
from edge.voice import Device
from tests.conftest import Mosquitto, free_port
from tests.edge.stage import Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Asked:
    """A sensor that answers what it is told to, one thing after another."""

    def __init__(self, *answers: list[Measured] | Exception) -> None:
        self._answers = list(answers)

    async def open(self) -> None:
        """It is always there."""

    async def read(self) -> list[Measured]:
        """The next answer."""
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Mute:
    """A sensor that never answers."""

    async def open(self) -> None:
        """It is there, as it seems."""

    async def read(self) -> list[Measured]:
        """Nothing, ever."""
        await asyncio.Event().wait()
        return []


AIR = [Measured(Kind.CO2_PPM, 612.0)]


def config(folder: Path, sensors: Sequence[Sensor], broker: str = "mqtt://127.0.0.1:1") -> AgentConfig:
    """A configuration of such sensors on I2C."""
    wirings = {sensor.id: Wiring("scd4x", {}, "i2c") for sensor in sensors}
    return AgentConfig(
        Device("townhall", "pi-1"), broker, ClockSource.SYSTEM, folder, 100_000, sensors, wirings, []
    )


@pytest.mark.parametrize(
    ("driver", "verdict", "words"),
    [
        (Asked(AIR), Verdict.OK, "co2_ppm=612"),
        (Asked(SensorNotReady("warming up"), AIR), Verdict.OK, "co2_ppm=612"),
        (Asked(SensorGone("no answer at 0x62")), Verdict.BAD, "no answer at 0x62"),
        (Asked(RuntimeError("a driver's mistake")), Verdict.BAD, "a driver's mistake"),
        (Mute(), Verdict.BAD, "no word within"),
    ],
    ids=["answers", "answers in the end", "is gone", "is broken", "is mute"],
)
async def test_sensors(tmp_path: Path, driver: object, verdict: Verdict, words: str) -> None:
    """A sensor is read once; where that fails, its words and what to do are told."""
    sensor = Sensor("air", "1.04", driver)
    finding = await look_at_sensor(config(tmp_path, [sensor]), sensor, 1.2)

    assert finding.verdict is verdict
    assert words in finding.found
    assert finding.advice == (ADVICE["i2c"] if verdict is Verdict.BAD else "")


async def test_one_that_has_nothing_to_say_yet_is_no_fault(tmp_path: Path) -> None:
    """A button that nobody presses and a device that speaks of changes are there, and silent."""
    sensor = Sensor("plug", "1.04", Told(), stands_s=3_600)
    finding = await look_at_sensor(config(tmp_path, [sensor]), sensor, 0.1)

    assert (finding.verdict, finding.advice) == (Verdict.OK, "")


@pytest.mark.slow
async def test_one_that_shows_that_it_is_there_is_not_waited_for(tmp_path: Path) -> None:
    """Buttons that nobody presses show that their pins are there, which is enough after a moment."""
    buttons = Told()
    buttons.say()
    sensor = Sensor("opinion", "1.04", buttons, speaks_every_s=30)
    async with asyncio.timeout(QUIET_S + 5):
        finding = await look_at_sensor(config(tmp_path, [sensor]), sensor, 600)

    assert (finding.verdict, finding.found) == (Verdict.OK, "there; it has nothing to say yet")


async def test_a_time_out_of_the_driver_is_told_in_its_words(tmp_path: Path) -> None:
    """A driver that gives up by itself says why."""
    sensor = Sensor("air", "1.04", Asked(TimeoutError("the chip does not become ready")))
    finding = await look_at_sensor(config(tmp_path, [sensor]), sensor, 600)

    assert (finding.verdict, finding.found) == (Verdict.BAD, "the chip does not become ready")


async def test_everything_is_looked_at_and_all_that_is_bad_has_advice(tmp_path: Path) -> None:
    """One bad thing hides no other, and nothing bad is left without a word on what to do."""
    folder = tmp_path / "file"
    folder.write_text("in the way")
    sensors = [Sensor("air", "1.04", Asked(AIR)), Sensor("mute", "1.04", Mute())]
    wrong = config(folder, sensors, f"mqtt://127.0.0.1:{free_port()}")
    found = [finding async for finding in examine(wrong, first_word_s=0.1, broker_s=0.5)]

    assert [one.what for one in found] == [
        *("configuration", "state folder", "clock", "broker", "sensor air", "sensor mute")
    ]
    assert [one.verdict for one in found if one.what in ("state folder", "broker", "sensor mute")] == [
        Verdict.BAD
    ] * 3
    assert all(one.advice for one in found if one.verdict is not Verdict.OK)


@pytest.mark.broker
async def test_a_broker_that_lets_us_in(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """With broker, folder and sensor in order, all is well."""
    good = config(tmp_path, [Sensor("air", "1.04", Asked(AIR))], mosquitto.url)
    found = [finding async for finding in examine(good)]

    assert {one.verdict for one in found} == {Verdict.OK}


def test_every_bus_has_advice() -> None:
    """Whatever a sensor hangs on, there is something to try."""
    assert set(BUSES) <= set(ADVICE)
