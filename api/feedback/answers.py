# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What somebody can answer: closed lists, because free text may be about people, or name them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping


class Face(StrEnum):
    """Hoe de ruimte was."""

    GOOD = "good"
    SO_SO = "soSo"
    BAD = "bad"


class FeedbackReason(StrEnum):
    """Waardoor dat kwam."""

    AIR = "air"
    TEMPERATURE = "temperature"
    NOISE = "noise"
    LIGHT = "light"
    EQUIPMENT = "equipment"
    FURNITURE = "furniture"
    DIRTY = "dirty"
    TOO_SMALL = "tooSmall"
    TOO_LARGE = "tooLarge"
    SHOWN_FREE = "shownFree"
    SHOWN_OCCUPIED = "shownOccupied"
    OTHER = "other"


FACE_WORDS: Mapping[Face, Words] = {
    Face.GOOD: Words("Goed", "Good"),
    Face.SO_SO: Words("Gaat wel", "So-so"),
    Face.BAD: Words("Slecht", "Bad"),
}
#: Each says what somebody met, and not whose fault it is; the last two tell whether the screens are right.
REASON_WORDS: Mapping[FeedbackReason, Words] = {
    FeedbackReason.AIR: Words("De lucht", "The air"),
    FeedbackReason.TEMPERATURE: Words("Te warm of te koud", "Too hot or too cold"),
    FeedbackReason.NOISE: Words("Te veel geluid", "Too much noise"),
    FeedbackReason.LIGHT: Words("Het licht of de zon", "The light or the sun"),
    FeedbackReason.EQUIPMENT: Words("Beeld of geluid werkte niet", "Screen or sound did not work"),
    FeedbackReason.FURNITURE: Words("De tafels of stoelen", "The tables or chairs"),
    FeedbackReason.DIRTY: Words("Vies of rommelig", "Dirty or untidy"),
    FeedbackReason.TOO_SMALL: Words("Te klein", "Too small"),
    FeedbackReason.TOO_LARGE: Words("Te groot", "Too large"),
    FeedbackReason.SHOWN_FREE: Words("Bezet, maar stond op vrij", "In use, but shown as free"),
    FeedbackReason.SHOWN_OCCUPIED: Words("Vrij, maar stond op bezet", "Free, but shown as occupied"),
    FeedbackReason.OTHER: Words("Iets anders", "Something else"),
}
