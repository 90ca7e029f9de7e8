# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a space is booked, in words that stand after what it is: the door sign and the finder say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOKING: Mapping[str, Words] = {
    "free_until": Words("tot {time}", "until {time}"),
    "free_today": Words("de rest van de dag", "for the rest of the day"),
    "booked_until": Words("geboekt tot {time}", "booked until {time}"),
    "booked_from": Words("geboekt vanaf {time}", "booked from {time}"),
}
