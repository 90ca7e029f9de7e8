# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One sensor's turns: waits that grow and shrink, sensors that fall silent, answers that are all wrong."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import BadFrame, SensorGone, SensorNotReady
from bezet.model import Kind
from edge.sensing import LAST_REOPEN_S, MOST_BAD_FRAMES, MOST_UNREADY, BackOff, Sensor, sense
from edge.sensors import Measured
from tests.edge.care.test_checkup import Asked
from tests.edge.stage import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.wire import SensorState

AIR = [Measured(Kind.CO2_PPM, 612.0)]


class Ear:
    """Notes what a sensor said and how it failed, and ends the hearing after so many of both."""

    def __init__(self, most: int) -> None:
        self.words: list[Sequence[Measured] | str] = []
        self._most = most
        self.enough = asyncio.Event()

    async def take(self, sensor: Sensor, measured: Sequence[Measured]) -> None:
        """Note the numbers."""
        del sensor
        self._note(measured)

    def failed(self, sensor: Sensor, how: SensorState, error: Exception) -> None:
        """Note the failure."""
        del sensor
        self._note(f"{how}: {error}")

    def _note(self, word: Sequence[Measured] | str) -> None:
        self.words.append(word)
        if len(self.words) >= self._most:
            self.enough.set()


async def heard(sensor: Sensor, most: int) -> list[Sequence[Measured] | str]:
    """The first words of a sensor."""
    ear = Ear(most)
    task = asyncio.create_task(sense(sensor, ear))
    async with asyncio.timeout(20):
        await ear.enough.wait()
    task.cancel()
    await asyncio.wait([task])
    return ear.words


@given(st.integers(0, 2**32))
def test_waits_double_with_jitter_up_to_a_minute(seed: int) -> None:
    """Each wait is twice the one before, give or take a quarter, never more than a minute and a quarter."""
    back_off = BackOff(random.Random(seed))
    for plain_s in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        assert 0.75 * plain_s <= back_off.wait_s() <= 1.25 * plain_s <= 1.25 * LAST_REOPEN_S
    back_off.went_well()

    assert back_off.wait_s() <= 1.25


async def test_one_that_should_speak_and_does_not_is_gone() -> None:
    """A radar that falls silent without an error is found out after three of its words, and opened again."""
    radar = Told()
    radar.say(*AIR)
    words = await heard(Sensor("radar", "1.04", radar, speaks_every_s=0.02), 2)

    assert words == [AIR, "absent: it has not spoken for 0.06 s"]


async def test_one_that_speaks_as_it_likes_is_waited_for() -> None:
    """A button that nobody presses is no fault."""
    button = Told()
    task = asyncio.create_task(heard(Sensor("button", "1.04", button), 1))
    for _ in range(100):
        await asyncio.wait([task], timeout=0)
    button.say(*AIR)

    assert await task == [AIR]


@pytest.mark.slow
async def test_a_sensor_of_wrong_answers_is_opened_again() -> None:
    """One wrong answer is passed over; after five in a row the sensor is opened again, and heard."""
    wrong = [BadFrame("00 ff")] * MOST_BAD_FRAMES
    asked = Asked(BadFrame("ff"), AIR, *wrong, AIR)
    words = await heard(Sensor("air", "1.04", asked, every_s=0.01), 1 + 1 + MOST_BAD_FRAMES + 1)

    assert words == ["faulty: ff", AIR, *["faulty: 00 ff"] * MOST_BAD_FRAMES, AIR]


@pytest.mark.slow
async def test_a_sensor_that_is_never_ready_is_opened_again() -> None:
    """A chip that lost its settings in a dip of its power answers and has nothing: it is told them again."""
    unready = [SensorNotReady("no new measurement yet")] * MOST_UNREADY
    asked = Asked(AIR, *unready[1:], AIR, *unready, AIR)
    words = await heard(Sensor("air", "1.04", asked, every_s=0.001), 4)

    gone = f"absent: not ready {MOST_UNREADY} times in a row: no new measurement yet"
    assert words == [AIR, AIR, gone, AIR]


@pytest.mark.slow
@pytest.mark.parametrize("error", [SensorGone("no answer"), OSError(121, "NACK"), KeyError("a mistake")])
async def test_whatever_a_driver_raises_it_is_heard_again(error: Exception) -> None:
    """An error of any kind is told, and the sensor is opened again."""
    words = await heard(Sensor("air", "1.04", Asked(error, AIR)), 2)

    assert words[1] == AIR
    assert str(error) in str(words[0])
