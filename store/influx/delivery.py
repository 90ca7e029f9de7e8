# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Lines on their way to a bucket: in portions, the bad ones found and set aside, and no hammering."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bezet.errors import StoreBusy
from store.influx.server import Away, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from store.influx.server import Precision, Server

#: The makers of InfluxDB advise 5,000 to 10,000; more only makes a repeat dearer.
MAX_LINES = 10_000
#: A server may say how long to wait, but not for ever.
MAX_WAIT_MS = 300_000


@dataclass(slots=True)
class Residue:
    """What the server would not have: lines beyond what a bucket keeps, and bad lines with its words."""

    expired: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)


class Delivery:
    """Writes lines; what raised was not promised, and is to be written again as a whole."""

    def __init__(self, server: Server, now_ms: Callable[[], int]) -> None:
        self._server = server
        self._now_ms = now_ms
        self._not_before_ms = 0

    def write(self, bucket: str, lines: Sequence[str], *, precision: Precision = "ms") -> Residue:
        """Write all but what is returned; raises `StoreBusy`."""
        left_ms = self._not_before_ms - self._now_ms()
        if 0 < left_ms <= MAX_WAIT_MS:
            raise StoreBusy(f"{self._server.place}: asked to be left alone for {left_ms / 1000:.0f} s more")
        residue = Residue()
        try:
            for start in range(0, len(lines), MAX_LINES):
                self._send(bucket, lines[start : start + MAX_LINES], precision, residue)
        except Away as away:
            if away.retry_after_s is not None:
                self._not_before_ms = self._now_ms() + min(round(away.retry_after_s * 1000), MAX_WAIT_MS)
            raise
        return residue

    def _send(self, bucket: str, lines: Sequence[str], precision: Precision, residue: Residue) -> None:
        """Write; what is refused is halved until the bad lines stand alone.

        Nothing is taken for written because a refusal says so: of lines that disagree with each other on the
        type of a field, 1.x keeps none.
        """
        try:
            self._server.write(bucket, "\n".join(lines).encode(), precision=precision)
        except Refused as refusal:
            alone = len(lines) == 1 or refusal.dropped == len(lines)
            if alone and refusal.late:
                residue.expired += len(lines)
            elif alone:
                residue.bad += [(line, refusal.what) for line in lines]
            else:
                middle = len(lines) // 2
                self._send(bucket, lines[:middle], precision, residue)
                self._send(bucket, lines[middle:], precision, residue)
