# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One sensor's turns: open it, hear it for as long as it lasts, and open it again when it fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bezet.errors import BadFrame, SensorError, SensorGone, SensorNotReady
from bezet.wire import SensorState
from edge.courier import monotonic_ms
from edge.sensors import Polled, Speaking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.sensors import Measured

FIRST_REOPEN_S = 1.0
LAST_REOPEN_S = 60.0


@dataclass(frozen=True, slots=True)
class Sensor:
    """A driver at its place: asked every `every_s` seconds if it is polled, given up on after `timeout_s`."""

    id: str
    space: str
    driver: Any
    every_s: float = 1.0
    timeout_s: float = 5.0


class Listener(Protocol):
    """Who hears a sensor."""

    async def take(self, sensor: Sensor, measured: Sequence[Measured]) -> None:
        """The sensor gave numbers, just now."""

    def failed(self, sensor: Sensor, how: SensorState, error: Exception) -> None:
        """The sensor could not speak."""


async def sense(sensor: Sensor, listener: Listener) -> None:
    """Hear a sensor until it has nothing more to say; whatever its driver raises stays in here."""
    wait_s = FIRST_REOPEN_S
    while True:
        try:
            async with asyncio.timeout(sensor.timeout_s):
                await sensor.driver.open()
            await _hear(sensor, listener)
        except (SensorError, TimeoutError, OSError) as error:
            how = SensorState.ABSENT if isinstance(error, SensorGone) else SensorState.FAULTY
            listener.failed(sensor, how, error)
        except Exception as error:  # noqa: BLE001  one driver's mistake may not stop the others
            listener.failed(sensor, SensorState.FAULTY, error)
        else:
            return
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LAST_REOPEN_S)


async def _hear(sensor: Sensor, listener: Listener) -> None:
    if isinstance(sensor.driver, Speaking):
        async for measured in sensor.driver.listen():
            await listener.take(sensor, measured)
    elif isinstance(sensor.driver, Polled):
        await _poll(sensor, sensor.driver, listener)
    else:
        raise TypeError(f"driver of {sensor.id} neither answers nor speaks")


async def _poll(sensor: Sensor, driver: Polled, listener: Listener) -> None:
    next_ms = monotonic_ms()
    while True:
        try:
            async with asyncio.timeout(sensor.timeout_s):
                measured = await driver.read()
            await listener.take(sensor, measured)
        except SensorNotReady:
            pass
        except BadFrame as error:
            listener.failed(sensor, SensorState.FAULTY, error)
        next_ms = max(next_ms + round(sensor.every_s * 1000), monotonic_ms())
        await asyncio.sleep((next_ms - monotonic_ms()) / 1000)
