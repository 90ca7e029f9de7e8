# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the agent and its sensors are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.wire import SensorState, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A sensor that has not given a number for this many of its turns, or this long, is silent.
SILENT_AFTER_MS = 600_000


class HealthBook:
    """What is known about each sensor and what troubles the agent; instants are monotonic milliseconds."""

    def __init__(self, sensors: Iterable[str], now_ms: int) -> None:
        self._spoke_ms = dict.fromkeys(sensors, now_ms)
        self._failing: dict[str, SensorState] = {}
        self._troubles: set[Trouble] = set()

    def spoke(self, sensor: str, now_ms: int) -> None:
        """The sensor gave a number."""
        self._spoke_ms[sensor] = now_ms
        self._failing.pop(sensor, None)

    def failed(self, sensor: str, how: SensorState) -> bool:
        """The sensor could not give a number; returns whether that is news."""
        is_news = self._failing.get(sensor) is not how
        self._failing[sensor] = how
        return is_news

    def trouble(self, trouble: Trouble, *, there: bool) -> bool:
        """Note that a trouble is there or gone; returns whether that is news."""
        is_news = there != (trouble in self._troubles)
        (self._troubles.add if there else self._troubles.discard)(trouble)
        return is_news

    def sensors(self, now_ms: int) -> dict[str, SensorState]:
        """Each sensor and how it is doing."""
        return {
            sensor: self._failing.get(
                sensor, SensorState.SILENT if now_ms - spoke_ms > SILENT_AFTER_MS else SensorState.OK
            )
            for sensor, spoke_ms in self._spoke_ms.items()
        }

    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong, in the order of the contract."""
        return tuple(trouble for trouble in Trouble if trouble in self._troubles)
