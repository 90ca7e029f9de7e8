# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is known of when spaces are booked, and how old that is. Pure; `now_ms` is an argument."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bezet.retention import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from api.calendars.reading import Busy

#: A calendar that could not be read for so long is not told any more: a wrong promise is worse than none.
STALE_MS = 6 * HOUR_MS
NEVER_MS = 2**53


class Booked(NamedTuple):
    """Whether a space is booked at an instant, and when that changes (None: not in the time that is read).

    `as_of_ms` is when its calendar was read last.
    """

    is_booked: bool
    changes_ms: int | None
    as_of_ms: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a calendar said when it was read last, and why it could not be since ("" where it could)."""

    busy: Sequence[Busy] = ()
    as_of_ms: int = 0
    why: str = ""


class Bookings:
    """The bookings of all spaces with a calendar; `changed` is called with a space that has others now."""

    def __init__(self) -> None:
        self.changed: Callable[[str], None] = lambda _: None
        self._known: dict[str, Known] = {}

    def learn(self, space: str, known: Known) -> None:
        """Take what a calendar says, or why it says nothing."""
        before = self._known.get(space)
        self._known[space] = known
        if before is None or (before.busy, before.as_of_ms) != (known.busy, known.as_of_ms):
            self.changed(space)

    def known(self) -> Mapping[str, Known]:
        """What is known, by space."""
        return self._known

    def at(self, space: str, now_ms: int) -> Booked | None:
        """Whether a space is booked; None where no calendar is known, or for too long."""
        known = self._known.get(space)
        if known is None or not known.as_of_ms or now_ms - known.as_of_ms >= STALE_MS:
            return None
        place = bisect_right(known.busy, now_ms, key=lambda one: one.start_ms)
        if place and now_ms < known.busy[place - 1].end_ms:
            return Booked(True, known.busy[place - 1].end_ms, known.as_of_ms)
        begins_ms = known.busy[place].start_ms if place < len(known.busy) else None
        return Booked(False, begins_ms, known.as_of_ms)

    def changes_ms(self, space: str, now_ms: int) -> int:
        """The next instant at which the answer of `at` changes by itself."""
        found = self.at(space, now_ms)
        if found is None:
            return NEVER_MS
        return min(found.changes_ms or NEVER_MS, found.as_of_ms + STALE_MS)
