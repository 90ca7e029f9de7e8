# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a space is booked, in words; booking.js says the same of later changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.live import Shown

if TYPE_CHECKING:
    from datetime import datetime

    from api.front.filling import Now
    from api.schemas import Space


def booking_text(space: Space, now: Now) -> str:
    """Until when it is booked or free, or from when it is booked; "" where no calendar is known."""
    words = now.words
    if space.booked and space.booked_until is not None:
        return words["booked_until"].format(time=_time(space.booked_until, now))
    if space.booked is None:
        return ""
    is_free, is_today = space.occupancy is Shown.FREE, _is_today(space.free_until, now)
    if space.free_until is not None and is_today:
        key = words["free_until"] if is_free else words["booked_from"]
        return key.format(time=_time(space.free_until, now))
    return words["free_today"] if is_free else ""


def _is_today(instant: datetime | None, now: Now) -> bool:
    today = now.found.at.astimezone(now.zone).date()
    return instant is not None and instant.astimezone(now.zone).date() == today


def _time(instant: datetime, now: Now) -> str:
    return instant.astimezone(now.zone).strftime("%H:%M" if _is_today(instant, now) else "%d-%m %H:%M")
