# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Time series: one protocol, and stores that keep it; what `write` returned from is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bezet.errors import Cause
    from bezet.model import Kind, Reading, State
    from bezet.wire import Batch

#: Rejects are for people to look at; older ones make room.
MAX_REJECTS = 1_000
MAX_REJECT_BYTES = 4_096


class DeviceReading(NamedTuple):
    """A stored reading with the device it came from."""

    device: str
    reading: Reading


class DeviceState(NamedTuple):
    """A stored state with the device that made it."""

    device: str
    state: State


@dataclass(frozen=True, slots=True)
class Reject:
    """A message that was refused: when, on which topic, why, and how it began (at most 4 KiB)."""

    t_ms: int
    topic: str
    cause: Cause
    what: str
    payload: bytes


class Store(Protocol):
    """What the collector writes and the API reads. Spans are `[start_ms, end_ms)`."""

    def write(self, batches: Sequence[Batch]) -> None:
        """Commit all of it or nothing; what is there already stays as it is.

        Raises `StoreBusy` when nothing was written and another try may help.
        """

    def readings(
        self, site: str, space: str, *, start_ms: int, end_ms: int, kind: Kind | None = None
    ) -> Iterator[DeviceReading]:
        """Readings of a space in order of time, device, sensor and kind."""

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> Iterator[DeviceState]:
        """States of a space in order of time and device, each device's last one before the span first."""

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep refused messages for people to see: counted for ever, the newest 1,000 whole."""

    def rejects(self, limit: int = 50) -> list[Reject]:
        """The newest refused messages, newest first."""

    def reject_counts(self) -> dict[Cause, int]:
        """How many messages were ever refused, by cause."""

    def close(self) -> None:
        """Release files and connections; the store is not used after."""
