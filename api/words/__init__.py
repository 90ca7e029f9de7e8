# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of the pages, Dutch and English, a table for each page; {…} is filled in by the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.about import ABOUT
from api.words.booking import BOOKING
from api.words.cards import CARDS
from api.words.door import DOOR
from api.words.everywhere import EVERYWHERE
from api.words.feedback import FEEDBACK
from api.words.find import FIND
from api.words.language import Language, Words, asked_language
from api.words.live import LIVE
from api.words.lobby import LOBBY
from api.words.no_screen import NO_SCREEN
from api.words.now import NOW
from api.words.problem import PROBLEM
from api.words.running import RUNNING
from api.words.sign_in import SIGN_IN
from api.words.space import SPACE
from api.words.welcome import WELCOME

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BOOKING",
    "DOOR",
    "EVERYWHERE",
    "FIND",
    "LIVE",
    "LOBBY",
    "NOW",
    "WORDS",
    "Language",
    "Words",
    "asked_language",
    "words_in",
]

#: All of them; no word stands in two tables.
WORDS: Mapping[str, Words] = {
    **EVERYWHERE,
    **NOW,
    **LIVE,
    **RUNNING,
    **WELCOME,
    **LOBBY,
    **NO_SCREEN,
    **SPACE,
    **SIGN_IN,
    **BOOKING,
    **DOOR,
    **FIND,
    **FEEDBACK,
    **CARDS,
    **ABOUT,
    **PROBLEM,
}


def words_in(language: Language, *tables: Mapping[str, Words]) -> dict[str, str]:
    """The words of some tables in one language; of all where none is named."""
    return {key: getattr(words, language) for table in tables or (WORDS,) for key, words in table.items()}
