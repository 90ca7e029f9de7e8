# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's clock: instants that never run backwards unseen, and whether to trust them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: Before this (2026-01-01) the device has not been told the time yet.
PLAUSIBLE_FROM_MS = 1_767_225_600_000
#: A wall clock that differs by more from the monotonic one was set, not merely corrected.
STEP_MS = 1_000
#: How long a clock that was set must hold still before it is believed.
CONFIRM_MS = 60_000


class Clock(Protocol):
    """Where the agent's time comes from; milliseconds since 1970 UTC."""

    def now_ms(self) -> int:
        """The instant to stamp readings with."""

    @property
    def is_known(self) -> bool:
        """Whether the device was told the time at all."""

    @property
    def is_trusted(self) -> bool:
        """Whether that instant can be believed."""

    @property
    def steps(self) -> int:
        """How often the clock was set to another time since the start."""

    async def sleep_until(self, t_ms: int) -> None:
        """Return when it is `t_ms`."""


class SystemClock:
    """The device's clock, watched by its monotonic one.

    A step (somebody or something sets the clock) first makes it untrusted while stamps go on along the
    monotonic clock; when the new time has held for a minute it is believed, forwards or backwards.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._offset_ms = self._wall_offset_ms()
        self._stepped_to_ms: int | None = None
        self._stepped_at_ms = 0
        self._last_ms = 0
        self._steps = 0

    def now_ms(self) -> int:
        """The instant to stamp with; it runs backwards only when a step back has been believed."""
        offset_ms = self._wall_offset_ms()
        if abs(offset_ms - self._offset_ms) <= STEP_MS:
            self._offset_ms, self._stepped_to_ms = offset_ms, None
        else:
            self._watch_step(offset_ms)
        self._last_ms = max(self._last_ms, self._monotonic_ms() + self._offset_ms)
        return self._last_ms

    @property
    def is_known(self) -> bool:
        """False on a device without a battery clock until the network told it the time."""
        return self.now_ms() >= PLAUSIBLE_FROM_MS

    @property
    def is_trusted(self) -> bool:
        """False before the device was told the time, and for a minute after it was set."""
        return self.is_known and self._stepped_to_ms is None

    @property
    def steps(self) -> int:
        """How often the clock was set to another time, and believed, since the start."""
        return self._steps

    async def sleep_until(self, t_ms: int) -> None:
        """Sleep, for at most a minute at a time, until it is `t_ms`."""
        while (wait_ms := t_ms - self.now_ms()) > 0:
            await asyncio.sleep(min(wait_ms, 60_000) / 1000)

    def _watch_step(self, offset_ms: int) -> None:
        if self._stepped_to_ms is None or abs(offset_ms - self._stepped_to_ms) > STEP_MS:
            self._stepped_to_ms, self._stepped_at_ms = offset_ms, self._monotonic_ms()
        elif self._monotonic_ms() - self._stepped_at_ms >= CONFIRM_MS:
            self._offset_ms, self._stepped_to_ms = offset_ms, None
            self._last_ms = 0
            self._steps += 1

    def _monotonic_ms(self) -> int:
        return self._monotonic_ns() // 1_000_000

    def _wall_offset_ms(self) -> int:
        return self._wall_ns() // 1_000_000 - self._monotonic_ms()


class ReplayClock:
    """The clock of a recording: it stands at the row that was read last.

    `speed` is how many recorded seconds pass in one real second; None is as fast as it will go.
    """

    def __init__(self, start_ms: int, speed: float | None) -> None:
        self._now_ms = start_ms
        self._speed = speed

    def now_ms(self) -> int:
        """The recorded instant that is now."""
        return self._now_ms

    @property
    def is_known(self) -> bool:
        """A recording carries its time."""
        return True

    @property
    def is_trusted(self) -> bool:
        """A recording's own times are what is replayed."""
        return True

    @property
    def steps(self) -> int:
        """Recordings run forwards."""
        return 0

    async def sleep_until(self, t_ms: int) -> None:
        """Let the recorded time go on to `t_ms`, at the speed of the replay."""
        wait_s = 0.0 if self._speed is None else (t_ms - self._now_ms) / 1000 / self._speed
        await asyncio.sleep(max(0.0, wait_s))
        self._now_ms = max(self._now_ms, t_ms)
