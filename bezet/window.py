# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The sliding window: which messages to send now, so that nothing is lost and nobody is flooded. Pure.

    SILENT ── receipt ──▶ OPEN          SILENT: nobody answers; one message at a time in turn, with back-off.
       ▲                    │           OPEN:   up to `size` messages out, each repeated until its receipt.
       └── no receipt for ──┘
           `silence_ms`

`now_ms` is any clock that does not jump (a device's monotonic clock). Numbers (`seq`) are the sender's; a
number leaves the window only by `settle` or `drop`, so what is neither is sent again, for ever. One that is
never answered keeps nothing else back, because each probe is another message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable


class Mode(StrEnum):
    """Whether somebody answers."""

    SILENT = "silent"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Pace:
    """How much and how often, with defaults for a few devices on one collector."""

    size: int = 64
    repeat_ms: int = 5_000
    silence_ms: int = 10_000
    first_probe_ms: int = 1_000
    last_probe_ms: int = 60_000


class Window:
    """What is out and not settled, and when each is due again.

    `dice` gives the jitter, so that a fleet does not probe in step.
    """

    def __init__(self, dice: random.Random, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.mode = Mode.SILENT
        self._dice = dice
        self._due_ms: dict[int, int] = {}
        self._probe_ms = self.pace.first_probe_ms
        self._probe_due_ms: int | None = None
        self._probed = 0
        self._heard_ms = 0

    def __len__(self) -> int:
        return len(self._due_ms)

    def __contains__(self, seq: int) -> bool:
        return seq in self._due_ms

    @property
    def room(self) -> int:
        """How many more messages may be taken in."""
        return max(0, self.pace.size - len(self._due_ms))

    def take(self, seqs: Iterable[int], now_ms: int) -> None:
        """Take messages in; they are due at once. The caller keeps within `room`."""
        for seq in seqs:
            if not self._due_ms:
                self._heard_ms = max(self._heard_ms, now_ms)  # silence counts from the first one out
            self._due_ms.setdefault(seq, now_ms)

    def due(self, now_ms: int) -> list[int]:
        """The messages to send now, oldest first; asking marks them as sent."""
        if self.mode is Mode.OPEN and self._due_ms and now_ms - self._heard_ms >= self.pace.silence_ms:
            self._fall_silent(now_ms)
        if self.mode is Mode.SILENT:
            return self._probe(now_ms)
        seqs = sorted(seq for seq, due_ms in self._due_ms.items() if due_ms <= now_ms)
        for seq in seqs:
            self._due_ms[seq] = now_ms + self._jittered(self.pace.repeat_ms)
        return seqs

    def settle(self, seqs: Iterable[int], now_ms: int) -> None:
        """A receipt came: somebody answers, and these messages need not be sent again."""
        for seq in seqs:
            self._due_ms.pop(seq, None)
        self._heard_ms = max(self._heard_ms, now_ms)
        self._probe_ms = self.pace.first_probe_ms
        if self.mode is Mode.SILENT:
            self.mode = Mode.OPEN
            self._due_ms = dict.fromkeys(self._due_ms, now_ms)

    def drop(self, seqs: Iterable[int]) -> None:
        """Forget messages that no longer exist; that is no sign of life."""
        for seq in seqs:
            self._due_ms.pop(seq, None)

    def reconnected(self, now_ms: int) -> None:
        """The link came back: what was out may be lost, so probe at once instead of waiting."""
        self._probe_ms = self.pace.first_probe_ms
        self._fall_silent(now_ms)

    def deadline_ms(self) -> int | None:
        """When `due` has something to say next, or None while the window is empty."""
        if not self._due_ms:
            return None
        if self.mode is Mode.SILENT:
            return self._probe_due_ms or 0
        return min(*self._due_ms.values(), self._heard_ms + self.pace.silence_ms)

    def _probe(self, now_ms: int) -> list[int]:
        if not self._due_ms or (self._probe_due_ms is not None and now_ms < self._probe_due_ms):
            return []
        self._probe_due_ms = now_ms + self._jittered(self._probe_ms)
        self._probe_ms = min(self._probe_ms * 2, self.pace.last_probe_ms)
        self._probed = min((seq for seq in self._due_ms if seq > self._probed), default=min(self._due_ms))
        return [self._probed]

    def _fall_silent(self, now_ms: int) -> None:
        self.mode = Mode.SILENT
        self._probe_due_ms = now_ms
        self._probed = 0

    def _jittered(self, wait_ms: int) -> int:
        return round(wait_ms * self._dice.uniform(0.75, 1.25))
