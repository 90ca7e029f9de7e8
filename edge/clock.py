# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's clock: instants that never run backwards unseen, and whether to trust them.

A Raspberry Pi has no clock that runs without power. At start it shows 1970, or the last time it remembers,
which looks right and is not. So a time is believed when the kernel says that a time server set it; until then
readings are held with the monotonic instant at which they were taken, and stamped afterwards.
"""

from __future__ import annotations

import asyncio
import ctypes
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: Before this (2026-01-01) the device has not been told the time yet.
PLAUSIBLE_FROM_MS = 1_767_225_600_000
#: A wall clock that differs by more from the monotonic one was set, not merely corrected.
STEP_MS = 1_000
#: How long a clock that was set must hold still before it is believed.
CONFIRM_MS = 60_000

#: What adjtimex returns while no time server has set the kernel's clock (adjtimex(2)).
_TIME_ERROR = 5
#: More than the kernel's struct timex needs; all zero asks and changes nothing.
_TIMEX_BYTES = 512


#: What systemd-timesyncd leaves behind once it has set the clock.
_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")


def is_set_by_network() -> bool:
    """Whether the kernel says that a time server has set its clock (timesyncd, chrony and ntpd alike)."""
    asked = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        answer = ctypes.CDLL(None).adjtimex(asked)
    except (OSError, AttributeError):  # not Linux
        return True
    if answer < 0:  # a sandbox that forbids the question
        return _SYNCHRONIZED.exists()
    return bool(answer < _TIME_ERROR)


def kernel_boot() -> str:
    """A name for this start of the kernel: monotonic instants of another one mean nothing now."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def monotonic_ms() -> int:
    """A clock that does not jump, in milliseconds."""
    return time.monotonic_ns() // 1_000_000


def loop_ms() -> int:
    """The clock that the running loop's waits go by, in milliseconds: `monotonic_ms`, or that of a test."""
    return round(asyncio.get_running_loop().time() * 1000)


class Clock(Protocol):
    """Where the agent's time comes from; milliseconds since 1970 UTC."""

    def now_ms(self) -> int:
        """The instant that is now; before the time is known, what the device believes."""

    def monotonic_ms(self) -> int:
        """A clock beside it that does not jump; it means something until the kernel starts again."""

    def stamp_ms(self, monotonic_ms: int) -> int:
        """The instant of something that was measured then; to be asked only while the clock is trusted."""

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

    Until `is_set` says so once, it is not known. A step later on (somebody or something sets the clock) makes
    it untrusted; when the new time has held for a minute it is believed, forwards or backwards.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        is_set: Callable[[], bool] = lambda: True,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._is_set = is_set
        self._is_known = False
        self._offset_ms = self._wall_offset_ms()
        self._stepped_to_ms: int | None = None
        self._stepped_at_ms = 0
        self._last_ms = self._last_stamp_ms = 0
        self._steps = 0
        self._watch()

    def now_ms(self) -> int:
        """The instant that is now; it runs backwards only when a step back has been believed."""
        self._watch()
        self._last_ms = max(self._last_ms, self.monotonic_ms() + self._offset_ms)
        return self._last_ms

    def stamp_ms(self, monotonic_ms: int) -> int:
        """The instant of something that was measured then; never earlier than one that was given before."""
        self._watch()
        self._last_stamp_ms = max(self._last_stamp_ms, monotonic_ms + self._offset_ms)
        return self._last_stamp_ms

    @property
    def is_known(self) -> bool:
        """False on a device without a battery clock until the network told it the time."""
        self._watch()
        return self._is_known

    @property
    def is_trusted(self) -> bool:
        """False before the device was told the time, and for a minute after it was set anew."""
        return self.is_known and self._stepped_to_ms is None

    @property
    def steps(self) -> int:
        """How often the clock was set to another time, and believed, since it was known."""
        return self._steps

    async def sleep_until(self, t_ms: int) -> None:
        """Sleep, for at most a minute at a time, until it is `t_ms`."""
        while (wait_ms := t_ms - self.now_ms()) > 0:
            await asyncio.sleep(min(wait_ms, 60_000) / 1000)

    def _watch(self) -> None:
        offset_ms = self._wall_offset_ms()
        if not self._is_known:
            self._offset_ms, self._last_ms = offset_ms, 0
            self._is_known = self._wall_ns() // 1_000_000 >= PLAUSIBLE_FROM_MS and self._is_set()
        elif abs(offset_ms - self._offset_ms) <= STEP_MS:
            self._offset_ms, self._stepped_to_ms = offset_ms, None
        else:
            self._watch_step(offset_ms)

    def _watch_step(self, offset_ms: int) -> None:
        if self._stepped_to_ms is None or abs(offset_ms - self._stepped_to_ms) > STEP_MS:
            self._stepped_to_ms, self._stepped_at_ms = offset_ms, self.monotonic_ms()
        elif self.monotonic_ms() - self._stepped_at_ms >= CONFIRM_MS:
            self._offset_ms, self._stepped_to_ms = offset_ms, None
            self._last_ms = self._last_stamp_ms = 0
            self._steps += 1

    def monotonic_ms(self) -> int:
        """The monotonic clock of the device."""
        return self._monotonic_ns() // 1_000_000

    def _wall_offset_ms(self) -> int:
        return self._wall_ns() // 1_000_000 - self.monotonic_ms()


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

    def monotonic_ms(self) -> int:
        """The monotonic clock of this machine."""
        return monotonic_ms()

    def stamp_ms(self, monotonic_ms: int) -> int:
        """What a row says was measured at the row's own instant."""
        del monotonic_ms
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
