# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What other systems were told last of an alarm, what is true now, and so what they must be told. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from api.alarms.rules import AGAIN_MS

if TYPE_CHECKING:
    from api.alarms.judging import Alarm


class Told(StrEnum):
    """What they were told last."""

    NOTHING = "nothing"
    OPENED = "opened"
    ENDED = "ended"


def must_know(told: Told, alarm: Alarm, *, is_muted: bool, now_ms: int) -> Told:
    """What they must have been told by now; what they were told where there is nothing to tell.

    Of what they think is open they hear that it ended, muted or not, once it can not be found again any more:
    one that returned sooner never ended for them. Of what they do not know, or think is over, they hear that
    it is open while it is and nobody muted it.
    """
    if told is Told.OPENED:
        is_over = alarm.ended_ms is not None and now_ms - alarm.ended_ms > AGAIN_MS
        return Told.ENDED if is_over else told
    return told if is_muted or alarm.ended_ms is not None else Told.OPENED
