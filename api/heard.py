# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which kinds of readings came in of each space: asked of the store now and then, not each time."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Kind
from bezet.retention import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bezet.model import Building
    from store import Store

#: A kind that was not heard for so long is not measured any more.
HEARD_MS = DAY_MS
#: Sensors are hung and taken down by hand: an answer that is so old still holds.
ASK_AGAIN_MS = HOUR_MS // 6


class HeardKinds(NamedTuple):
    """The kinds by space, in the order of the table, and when the store was asked."""

    at_ms: int
    by_space: Mapping[str, Sequence[Kind]]


class Hearing:
    """Asks the store when the last answer is too old; one asks, and the others wait for that."""

    def __init__(self, store: Store, building: Building, clock: Callable[[], int]) -> None:
        self._store, self._building, self._clock = store, building, clock
        self._turn = Lock()
        self._heard: HeardKinds | None = None

    def kinds(self) -> HeardKinds:
        """What was heard; `StoreError` while the store is away and the last answer is too old."""
        with self._turn:
            now_ms = self._clock()
            if self._heard is None or not 0 <= now_ms - self._heard.at_ms < ASK_AGAIN_MS:
                measured = [one.id for one in self._building.spaces.values() if one.measured]
                self._heard = HeardKinds(now_ms, {space: self._of(space, now_ms) for space in measured})
            return self._heard

    def _of(self, space: str, now_ms: int) -> Sequence[Kind]:
        found = self._store.readings(
            self._building.site, space, start_ms=now_ms - HEARD_MS, end_ms=now_ms + 1
        )
        heard = {source.kind for source in found.sources}
        return [kind for kind in Kind if kind in heard]
