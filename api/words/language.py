# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What we speak, and how a word stands in all of it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Language(StrEnum):
    """What a page can speak; the first is what it speaks when it is not asked."""

    NL = "nl"
    EN = "en"


class Words(NamedTuple):
    """The same words in every language."""

    nl: str
    en: str


def asked_language(accepted: str) -> Language:
    """What we speak of the languages in an Accept-Language header, the best liked first; else Dutch."""
    liked: dict[Language, float] = {}
    for part in accepted.split(","):
        name, _, weight = part.partition(";q=")
        found = name.strip().partition("-")[0].lower()
        if found in [*Language]:
            liked.setdefault(Language(found), _number(weight))
    best = max(liked.values(), default=0.0)
    return next((one for one, weight in liked.items() if weight == best > 0), Language.NL)


def _number(weight: str) -> float:
    try:
        return float(weight or 1)
    except ValueError:
        return 0.0
