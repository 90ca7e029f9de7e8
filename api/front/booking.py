# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a space is booked, in words; booking.js says the same of later changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.live import Shown

if TYPE_CHECKING:
    from api.front.filling import Now
    from api.schemas import Space


def booking_text(space: Space, now: Now) -> str:
    """Until when it is booked or free, or from when it is booked; "" where no calendar is known."""
    words = now.words
    if space.booked and space.booked_until is not None:
        return words["booked_until"].format(time=now.minute(space.booked_until))
    if space.booked is None:
        return ""
    is_free = space.occupancy is Shown.FREE
    if space.free_until is not None and now.is_today(space.free_until):
        key = words["free_until"] if is_free else words["booked_from"]
        return key.format(time=now.minute(space.free_until))
    return words["free_today"] if is_free else ""
