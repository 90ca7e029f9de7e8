# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who sits on which chair of a space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.dice import generator
from demo.people import Stay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from demo.people import Doing

#: Somebody in a space: from, to, who, what they do, and the seat, or one of these two.
Row = tuple[int, int, str, "Doing", int]
ANY_SEAT, STANDS = -1, -2


def seated(space: str, capacity: int, rows: list[Row], seed: int, day: date) -> Iterator[Stay]:
    """The stays that rows make, in order of coming: each at a free seat if there is one, or standing."""
    rows.sort()
    wishes = generator(seed, "chairs", space, day).integers(capacity, size=len(rows)).tolist()
    free_ms: dict[int, int] = {}
    for (from_ms, to_ms, person, doing, seat), wish in zip(rows, wishes, strict=True):
        place = seat
        if seat == ANY_SEAT:
            place = wish
            for _ in range(capacity):
                if free_ms.get(place, 0) <= from_ms:
                    break
                place = (place + 1) % capacity
            else:
                seat = STANDS  # noqa: PLW2901 # all are taken
        if seat == STANDS:
            place = capacity
            while free_ms.get(place, 0) > from_ms:
                place += 1
        free_ms[place] = to_ms
        yield Stay(person, space, from_ms, to_ms, doing, place)
