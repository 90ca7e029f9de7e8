# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Numbers that wait for the time to be known: on disk within half a minute, stamped once the clock is
trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.outbox import Released

if TYPE_CHECKING:
    from edge.outbox import Held, Outbox

#: How long a number may wait in memory before it is put on disk; nothing is sent meanwhile, so it may be
#: long.
KEEP_AFTER_MS = 30_000
#: More than this many are not held: a month of six sensors in a room that is used.
MOST_HELD = 200_000


class Holding:
    """The numbers held since this start of the kernel, those of an earlier run of the agent first."""

    def __init__(self, outbox: Outbox, kernel_boot: str) -> None:
        self._outbox = outbox
        self._kernel_boot = kernel_boot
        self._on_disk = outbox.held(kernel_boot)
        self._in_memory: list[Held] = []
        self._since_ms = 0
        self._taken = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._on_disk) + len(self._in_memory)

    def add(self, held: Held) -> None:
        """Hold one more number; beyond the bound it is dropped, and counted."""
        if len(self) >= MOST_HELD:
            self.dropped += 1
            return
        if not self._in_memory:
            self._since_ms = held.monotonic_ms
        self._in_memory.append(held)

    def is_due(self, now_ms: int) -> bool:
        """Whether what is in memory has waited long enough."""
        return bool(self._in_memory) and now_ms - self._since_ms >= KEEP_AFTER_MS

    @property
    def released(self) -> Released | None:
        """What was taken and is on disk still; it is to go with the messages that were made of it."""
        return Released(self._kernel_boot, self._taken) if self._taken else None

    def gone(self) -> None:
        """What was released is not on disk any more."""
        self._taken = 0

    def keep(self) -> None:
        """Put what is in memory on disk; blocks. `OutboxFull` leaves it where it is."""
        rows = list(self._in_memory)
        self._outbox.hold(rows, self._kernel_boot)
        self._on_disk += rows
        del self._in_memory[: len(rows)]

    def take(self, most: int) -> list[Held]:
        """The oldest that are held, to be stamped: those on disk, and after them those in memory."""
        source = self._on_disk or self._in_memory
        found = source[:most]
        self._taken += len(found) if self._on_disk else 0
        del source[:most]
        return found
