# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the agent and its sensors are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.wire import SensorState, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.sensing import Sensor


class HealthBook:
    """What is known about each sensor and what troubles the agent; instants are monotonic milliseconds."""

    def __init__(self, sensors: Iterable[Sensor], now_ms: int) -> None:
        self._started_ms = now_ms
        self._silent_after_s = {sensor.id: sensor.silent_after_s for sensor in sensors}
        # Whoever speaks of changes only is given its time to speak; all others speak at once.
        self._is_waited_for = {sensor.id: bool(sensor.stands_s) for sensor in sensors}
        self._spoke_ms: dict[str, int] = {}
        self._failing: dict[str, SensorState] = {}
        self._suspect: dict[str, SensorState] = {}
        self._troubles: set[Trouble] = set()

    def spoke(self, sensor: str, now_ms: int) -> bool:
        """The sensor gave a number; returns whether that is news, after it failed or at the start."""
        is_news = sensor not in self._spoke_ms or sensor in self._failing
        self._spoke_ms[sensor] = now_ms
        self._failing.pop(sensor, None)
        return is_news

    def failed(self, sensor: str, how: SensorState) -> bool:
        """The sensor could not give a number; returns whether that is news."""
        is_news = self._failing.get(sensor) is not how
        self._failing[sensor] = how
        return is_news

    def suspect(self, suspicions: Mapping[str, SensorState]) -> dict[str, SensorState]:
        """These sensors, and no others, do not deserve belief now; returns those for which that is news."""
        news = {sensor: why for sensor, why in suspicions.items() if self._suspect.get(sensor) is not why}
        self._suspect = dict(suspicions)
        return news

    def trouble(self, trouble: Trouble, *, there: bool) -> bool:
        """Note that a trouble is there or gone; returns whether that is news."""
        is_news = there != (trouble in self._troubles)
        (self._troubles.add if there else self._troubles.discard)(trouble)
        return is_news

    def sensors(self, now_ms: int) -> dict[str, SensorState]:
        """Each sensor and how it is doing; what keeps it from speaking counts before what it says."""
        return {sensor: self._state(sensor, now_ms) for sensor in self._silent_after_s}

    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong, in the order of the contract."""
        return tuple(trouble for trouble in Trouble if trouble in self._troubles)

    def _state(self, sensor: str, now_ms: int) -> SensorState:
        if sensor in self._failing:
            return self._failing[sensor]
        silent_after_s = self._silent_after_s[sensor]
        since_ms = self._spoke_ms.get(sensor, self._started_ms)
        is_due = sensor in self._spoke_ms or self._is_waited_for[sensor]
        if silent_after_s is not None and (not is_due or now_ms - since_ms > silent_after_s * 1000):
            return SensorState.SILENT
        return self._suspect.get(sensor, SensorState.OK)
