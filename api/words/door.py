# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the sign at a door says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

DOOR: Mapping[str, Words] = {
    "door_capacity": Words("{n} plaatsen", "{n} places"),
    "door_place": Words("1 plaats", "1 place"),
    "door_av": Words("met video", "with video"),
    "door_feedback": Words("Hoe was deze ruimte?", "How was this room?"),
    "door_find": Words("Zoek een andere ruimte", "Find another room"),
}
