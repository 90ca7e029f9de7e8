# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a space needs, by what it is and when it is booked. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.live import PRIVATE_CAPACITY, Shown
from bezet.messages import Demand, Need

if TYPE_CHECKING:
    from api.live import SpaceNow

#: What is said again after so long; after three of those it counts for nothing (docs/contract.md).
AGAIN_MS = 5 * 60_000


def demand(site: str, now: SpaceNow, now_ms: int, expected_min: int) -> Demand:
    """What a space needs at an instant; expected is one so many minutes before a booking, and while it lasts.

    | it is | booked now or soon | it needs |
    | --- | --- | --- |
    | occupied | | occupied |
    | free | yes | expected |
    | free | no, or not known | empty |
    | unknown, or not measured | | unknown: the building does what it would do without us |
    """
    space = now.space.id
    since_ms = None if now.layout.capacity <= PRIVATE_CAPACITY else now.since_ms
    if now.shown is Shown.OCCUPIED:
        people = (now.people, now.people_low, now.people_high)
        return Demand(site, space, now_ms, Need.OCCUPIED, *people, since_ms)
    if now.shown is not Shown.FREE:
        return Demand(site, space, now_ms, Need.UNKNOWN)
    nobody = 0.0 if now.people is not None else None
    empty = Demand(site, space, now_ms, Need.EMPTY, nobody, nobody, nobody, since_ms)
    booked = now.booked
    if booked is not None and booked.changes_ms is not None:
        is_soon = booked.changes_ms - now_ms <= expected_min * 60_000
        if booked.is_booked or is_soon:
            return replace(empty, need=Need.EXPECTED, until_ms=booked.changes_ms)
    return empty


def is_news(before: Demand | None, after: Demand) -> bool:
    """Whether a demand must be said: it differs by a whole person or in anything but its time, or is due."""
    if before is None or after.t_ms - before.t_ms >= AGAIN_MS:
        return True
    mine, other = (
        (one.need, None if one.people is None else round(one.people), one.since_ms, one.until_ms)
        for one in (before, after)
    )
    return mine != other
