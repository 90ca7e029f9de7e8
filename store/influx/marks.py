# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which marks of touched quarter hours this process need not write, and need not read, again.

Nobody makes the facts of a quarter hour before it is over, so a mark that is there holds for everything
that is written until then: a live stream costs one mark for each space and quarter hour, not one a message.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from bezet.usage.facts import QUARTER_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

#: Site, space and the beginning of a quarter hour.
Quarter = tuple[str, str, int]

#: Older ones are rarely touched; what another process touched there may wait for a look at everything.
RECENT_MS = 2 * 24 * 3_600_000
#: A look at everything that takes longer than this is taken so seldom that it is a hundredth of the time.
QUICK_MS = 50
SELDOM = 100
LONGEST_MS = 3_600_000


class Look(NamedTuple):
    """A look at the marks of a site, from the quarter hour `start_ms` on, or at everything."""

    site: str
    begun_ms: int
    start_ms: int | None
    all_due_ms: int


class Marks:
    """What this process has marked and nobody has looked at since. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: set[Quarter] = set()
        self._looks = 0
        self._oldest_ms: dict[str, int] = {}
        self._all_due_ms: dict[str, int] = {}

    def missing(self, touched: set[Quarter], now_ms: int) -> tuple[list[Quarter], int]:
        """Those that need a mark, in order, and which look at the marks was the last one."""
        with self._lock:
            standing = {one for one in touched & self._standing if now_ms < one[2] + QUARTER_MS}
            return sorted(touched - standing), self._looks

    def written(self, marked: Iterable[Quarter], look: int, now_ms: int) -> None:
        """These are in the store; if somebody looked meanwhile they may be used up, and count for nothing."""
        with self._lock:
            if look == self._looks:
                self._standing.update(marked)
                self._standing = {one for one in self._standing if now_ms < one[2] + QUARTER_MS}
            for site, _, quarter_ms in marked:
                self._oldest_ms[site] = min(quarter_ms, self._oldest_ms.get(site, quarter_ms))

    def forget(self) -> None:
        """What stands may be used up, or gone."""
        with self._lock:
            self._looks += 1
            self._standing.clear()

    def look(self, site: str, now_ms: int) -> Look:
        """Where to look now; if `found` is not told of it, the next look is at everything."""
        with self._lock:
            due_ms = self._all_due_ms.pop(site, now_ms)
            oldest_ms = self._oldest_ms.pop(site, now_ms)
            everything = not due_ms - LONGEST_MS <= now_ms < due_ms
            start_ms = None if everything else min(oldest_ms, now_ms - RECENT_MS)
            return Look(site, now_ms, start_ms, due_ms)

    def found(self, look: Look, quarters: Collection[int], now_ms: int) -> None:
        """What a look found; told before anybody reads what facts are made of.

        From here on words need marks of their own: this look may have used up any mark that stands.
        """
        self.forget()
        took_ms = now_ms - look.begun_ms
        with self._lock:
            known_ms = self._oldest_ms.get(look.site, look.begun_ms)
            self._oldest_ms[look.site] = min([known_ms, *quarters])
            if look.start_ms is not None:
                self._all_due_ms[look.site] = look.all_due_ms
            elif took_ms > QUICK_MS:
                self._all_due_ms[look.site] = now_ms + min(SELDOM * took_ms, LONGEST_MS)
