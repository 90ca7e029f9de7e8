# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a page calls a space: free is only what is free for the taking. stream.js says the same of changes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from api.live import Shown

if TYPE_CHECKING:
    from api.front.filling import Now
    from api.schemas import Space


class Group(StrEnum):
    """What a space is to whoever looks for one: what is free for the taking comes first."""

    FREE = "free"
    BOOKED = "booked"
    OCCUPIED = "occupied"
    UNKNOWN = "unknown"
    NOT_MEASURED = "notMeasured"


def group_of(space: Space) -> Group:
    """What a space is: one that is empty and booked is not offered as free."""
    return Group.BOOKED if space.occupancy is Shown.FREE and space.booked else Group(space.occupancy)


def word_of(space: Space, now: Now) -> str:
    """What a space is in a word; of one that is empty and booked it is said beside it until when."""
    group = group_of(space)
    return now.words["empty"] if group is Group.BOOKED else now.words[group]
