# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Radars at the far end of a line, which speak by themselves.

Frames: LD2410C serial communication protocol V1.07, section 2.3, tables 10 to 13 (basic mode); LD2450
instruction manual V1.00, section 6, tables 2 and 3. All numbers are little endian.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.hardware import World
    from demo.plan import Hung

SECOND_MS = 1_000
#: Both report ten times a second.
REPORTS_PER_S = 10
#: So far ahead a radar asks its signal for what it will report.
AHEAD_MS = 600_000


class _Speaker:
    """A radar that speaks `reports_per_s` times a second, which may be fewer in a run that is not live."""

    def __init__(self, world: World, hung: Hung, frame: Callable[..., bytes]) -> None:
        self._world, self._hung, self._frame = world, hung, frame
        self.reports_per_s = REPORTS_PER_S
        self._of_town: Any = None
        self._signal: Any = None
        self._from_ms = 0
        self._numbers: list[list[int]] = []

    def answer(self, sent: bytes, now_ms: int) -> bytes:  # noqa: ARG002  the drivers send no commands
        """It is told nothing."""
        return b""

    def next_report(self, after_ms: int) -> tuple[int, bytes]:
        """The next report, and its bytes."""
        every_ms, phase_ms = SECOND_MS // self.reports_per_s, self._hung.phase_ms
        when_ms = after_ms + every_ms - (after_ms - phase_ms) % every_ms
        return when_ms, self._frame(*self._at(when_ms - (when_ms - phase_ms) % SECOND_MS))

    def _at(self, second_ms: int) -> list[int]:
        place = (second_ms - self._from_ms) // SECOND_MS
        if self._of_town is self._world.town and 0 <= place < len(self._numbers):
            return self._numbers[place]
        if self._of_town is not self._world.town:
            self._of_town, self._signal = self._world.town, self._world.signal(self._hung)
        self._from_ms = second_ms
        self._numbers = self._signal.reports(second_ms, second_ms + AHEAD_MS).numbers.T.tolist()
        return self._numbers[0]


# --- LD2410 -------------------------------------------------------------------------------------------------

LD2410_FRAME = struct.Struct("<4sHBBBHBHBHBB4s")
BASIC, HEAD, TAIL = 0x02, 0xAA, 0x55
BASIC_BYTES = 13
MOVES, STILL = 0x01, 0x02


class LD2410End(_Speaker):
    """An LD2410 in basic mode."""

    def __init__(self, world: World, hung: Hung) -> None:
        super().__init__(world, hung, ld2410_frame)


@lru_cache(maxsize=512)
def ld2410_frame(state: int, moving_pct: int, still_pct: int) -> bytes:
    """A report; who is nearer echoes more (the distances are ours, and no driver reads them)."""
    moving_cm = 20 * (25 - moving_pct // 5) if state & MOVES else 0
    still_cm = 20 * (25 - still_pct // 5) if state & STILL else 0
    return LD2410_FRAME.pack(
        *(b"\xf4\xf3\xf2\xf1", BASIC_BYTES, BASIC, HEAD, state),
        *(moving_cm, moving_pct, still_cm, still_pct, max(moving_cm, still_cm)),
        *(TAIL, 0, b"\xf8\xf7\xf6\xf5"),
    )


# --- LD2450 -------------------------------------------------------------------------------------------------

LD2450_HEADER, LD2450_END = b"\xaa\xff\x03\x00", b"\x55\xcc"
LD2450_TARGET = struct.Struct("<HHHH")
#: Of a number with a sign the top bit is set where it is positive.
POSITIVE = 0x8000
GATE_MM = 320
#: Where the targets are: sideways and straight ahead, in mm. Ours; drivers count them.
TARGETS_MM = ((-900, 1_800), (200, 2_700), (1_100, 3_400))


class LD2450End(_Speaker):
    """An LD2450."""

    def __init__(self, world: World, hung: Hung) -> None:
        super().__init__(world, hung, ld2450_frame)


@lru_cache(maxsize=8)
def ld2450_frame(count: int) -> bytes:
    """A report of so many targets, up to three; who is not there is all zero."""
    targets = b"".join(
        LD2450_TARGET.pack(_signed(x_mm), _signed(y_mm), 0, GATE_MM) for x_mm, y_mm in TARGETS_MM[:count]
    )
    return LD2450_HEADER + targets.ljust(3 * LD2450_TARGET.size, b"\0") + LD2450_END


def _signed(number: int) -> int:
    return number | POSITIVE if number >= 0 else -number
