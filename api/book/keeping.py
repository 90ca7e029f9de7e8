# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is too old goes out of the book, each hour, and the log says how much."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from api.book.alarms import forget_alarms_before, forget_mutes_before
from api.book.audit import forget_entries_before
from api.book.busy import forget_busy_before
from api.book.feedback import forget_answers_before
from bezet.errors import StoreError
from bezet.model import Level
from bezet.retention import DAY_MS, months_before_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.book.book import Book
    from bezet.model import Building

LOG = logging.getLogger("bezet.api.book")

EACH_S = 3_600.0
#: BIO2 8.18.02 wants what people did for six months at least; with these a whole year can be looked back on.
AUDIT_MONTHS = 13
ALARMS_MS = 90 * DAY_MS


async def keep(book: Book, building: Building, clock: Callable[[], int]) -> None:
    """Remove what is too old, for ever."""
    while True:
        try:
            gone = await asyncio.to_thread(removed, book, building, clock())
        except StoreError as error:
            LOG.warning("nothing could be removed from the book: %s", error)
        else:
            for what, number in gone.items():
                if number:
                    LOG.info("removed from the book: %s, %d", what, number)
        await asyncio.sleep(EACH_S)


def removed(book: Book, building: Building, now_ms: int) -> dict[str, int]:
    """Remove what is too old now, and say how much of each.

    Bookings go with the states of the building, answers about spaces with its facts.
    """
    limits = building.retention.limits(now_ms, building.timezone)
    return {
        "lines of what was done": forget_entries_before(
            book, months_before_ms(now_ms, AUDIT_MONTHS, building.timezone)
        ),
        "alarms that were over": forget_alarms_before(book, now_ms - ALARMS_MS),
        "mutes that were over": forget_mutes_before(book, now_ms),
        "bookings": forget_busy_before(book, limits[Level.STATES]),
        "answers about spaces": forget_answers_before(book, limits[Level.FACTS]),
    }
