# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How often each may ask: a bucket of turns for each caller, which fills again by itself. Pure."""

from __future__ import annotations

from collections import OrderedDict

#: Of so many callers the buckets are remembered; who was not seen for longest begins anew with a full one.
MOST_CALLERS = 10_000
MINUTE_MS = 60_000


class Buckets:
    """A bucket of so many turns for each caller; an empty one is full again after `fills_ms`."""

    def __init__(self, turns: int, fills_ms: int = MINUTE_MS) -> None:
        self._turns, self._fills_ms = turns, fills_ms
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_s(self, caller: str, now_ms: int) -> float:
        """Take a turn: 0 where there is one, else the seconds until there will be, and none is taken."""
        left, then_ms = self._left.pop(caller, (float(self._turns), now_ms))
        filled = left + max(now_ms - then_ms, 0) * self._turns / self._fills_ms
        left = min(float(self._turns), filled)
        is_free = left >= 1
        self._left[caller] = (left - is_free, max(now_ms, then_ms))
        if len(self._left) > MOST_CALLERS:
            self._left.popitem(last=False)
        return 0.0 if is_free else (1 - left) * self._fills_ms / self._turns / 1_000
