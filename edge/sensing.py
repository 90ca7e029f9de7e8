# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One sensor's turns: open it, hear it for as long as it lasts, and open it again when it fails."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bezet.errors import BadFrame, SensorError, SensorGone, SensorNotReady
from bezet.wire import SensorState
from edge.clock import loop_ms
from edge.sensors import Polled, Speaking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.sensors import Measured

FIRST_REOPEN_S = 1.0
LAST_REOPEN_S = 60.0
#: One that speaks by itself is taken for gone after so many of its turns without a word.
MISSED_WORDS = 3
#: Whatever its turns are, a sensor is called silent only after this time.
SILENT_AFTER_S = 600.0
#: A polled sensor is called silent after so many turns without a number.
SILENT_TURNS = 5
#: After so many bad answers one after another the sensor is opened again.
MOST_BAD_FRAMES = 5
#: One that was not ready so often in a row has forgotten what it was told, as after a dip of its power: it is
#: opened again.
MOST_UNREADY = 200


@dataclass(frozen=True, slots=True)
class Sensor:
    """A driver at its place: asked every `every_s` seconds if it is polled, given up on after `timeout_s`.

    One that speaks by itself does so every `speaks_every_s` at least (0: as it likes), and its last word
    stands for `stands_s` without another.
    """

    id: str
    space: str
    driver: Any
    every_s: float = 1.0
    timeout_s: float = 5.0
    speaks_every_s: float = 0.0
    stands_s: float = 0.0

    @property
    def silent_after_s(self) -> float | None:
        """Without a number for so long it is silent; None for one that has nothing to say for ever."""
        if isinstance(self.driver, Polled):
            return max(SILENT_AFTER_S, SILENT_TURNS * self.every_s)
        if self.speaks_every_s or self.stands_s:
            return max(SILENT_AFTER_S, MISSED_WORDS * self.speaks_every_s, self.stands_s)
        return None


class Listener(Protocol):
    """Who hears a sensor."""

    async def take(self, sensor: Sensor, measured: Sequence[Measured]) -> None:
        """The sensor gave numbers, just now; none if it only showed that it is there."""

    def failed(self, sensor: Sensor, how: SensorState, error: Exception) -> None:
        """The sensor could not speak."""


@dataclass(slots=True)
class BackOff:
    """Waits that double, each with jitter, until something went well."""

    dice: random.Random = field(default_factory=random.Random)
    _next_s: float = FIRST_REOPEN_S

    def wait_s(self) -> float:
        """How long to wait this time."""
        now_s, self._next_s = self._next_s, min(self._next_s * 2, LAST_REOPEN_S)
        return now_s * self.dice.uniform(0.75, 1.25)

    def went_well(self) -> None:
        """Begin with the shortest wait again."""
        self._next_s = FIRST_REOPEN_S


async def sense(sensor: Sensor, listener: Listener) -> None:
    """Hear a sensor until it has nothing more to say; whatever its driver raises stays in here."""
    back_off = BackOff()
    while True:
        try:
            async with asyncio.timeout(sensor.timeout_s):
                await sensor.driver.open()
            await _hear(sensor, listener, back_off)
        except (SensorError, TimeoutError, OSError) as error:
            how = SensorState.ABSENT if isinstance(error, SensorGone) else SensorState.FAULTY
            listener.failed(sensor, how, error)
        except Exception as error:  # noqa: BLE001  one driver's mistake may not stop the others
            listener.failed(sensor, SensorState.FAULTY, error)
        else:
            return
        await asyncio.sleep(back_off.wait_s())


async def _hear(sensor: Sensor, listener: Listener, back_off: BackOff) -> None:
    if isinstance(sensor.driver, Speaking):
        await _listen(sensor, sensor.driver, listener, back_off)
    elif isinstance(sensor.driver, Polled):
        await _poll(sensor, sensor.driver, listener, back_off)
    else:
        raise TypeError(f"driver of {sensor.id} neither answers nor speaks")


async def _listen(sensor: Sensor, driver: Speaking, listener: Listener, back_off: BackOff) -> None:
    patience_s = sensor.speaks_every_s * MISSED_WORDS or None
    async with aclosing(driver.listen()) as words:
        while True:
            patience = asyncio.timeout(patience_s)
            try:
                async with patience:
                    measured = await anext(words)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if patience.expired():
                    raise SensorGone(f"it has not spoken for {patience_s:g} s") from None
                raise
            back_off.went_well()
            await listener.take(sensor, measured)


async def _poll(sensor: Sensor, driver: Polled, listener: Listener, back_off: BackOff) -> None:
    next_ms, bad_frames, unready = loop_ms(), 0, 0
    while True:
        try:
            async with asyncio.timeout(sensor.timeout_s):
                measured = await driver.read()
            bad_frames = unready = 0
            back_off.went_well()
            await listener.take(sensor, measured)
        except SensorNotReady as error:
            unready += 1
            if unready >= MOST_UNREADY:
                raise SensorGone(f"not ready {unready} times in a row: {error}") from None
            back_off.went_well()
        except BadFrame as error:
            bad_frames += 1
            if bad_frames >= MOST_BAD_FRAMES:
                raise
            listener.failed(sensor, SensorState.FAULTY, error)
        next_ms = max(next_ms + round(sensor.every_s * 1000), loop_ms())
        await asyncio.sleep((next_ms - loop_ms()) / 1000)
