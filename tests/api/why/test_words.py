# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of an explanation: there for everything, in both languages, with the same things filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from api.live import Reason, Shown
from api.why import words
from api.words import Language, Words, asked_language
from bezet.messages import SensorState
from bezet.model import Because, Kind
from bezet.occupancy.evidence import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = [found for found in vars(words).values() if isinstance(found, dict)]


def all_words(found: Any) -> Iterator[Words]:
    """Everything that is said, in both languages."""
    if isinstance(found, Words):
        yield found
    elif isinstance(found, (dict, tuple)):
        for one in found.values() if isinstance(found, dict) else found:
            yield from all_words(one)


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_are_filled_in_alike(table: dict[Any, Any]) -> None:
    """What stands in braces in one language stands in the other."""
    for one in all_words(table):
        fields = [sorted(re.findall(r"{(\w+)}", text)) for text in one]
        assert fields[0] == fields[1], one
        assert all(text.strip() for text in one)


def test_there_are_words_for_everything() -> None:
    """Every kind that is evidence, every reason, every state of a sensor."""
    assert words.EVIDENCE.keys() >= {*EVIDENCE, Kind.CO2_PPM, Kind.DOOR_OPEN, Kind.PEOPLE_IN}
    assert words.BECAUSE.keys() == {*Because}
    assert words.UNKNOWN.keys() >= {*Reason}
    assert words.SHOWN.keys() == {*Shown}
    assert words.FAULTS.keys() == {*SensorState} - {SensorState.OK}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.NL),
        ("en", Language.EN),
        ("en-GB,en;q=0.9", Language.EN),
        ("de,en;q=0.7,nl;q=0.3", Language.EN),
        ("en;q=0.2,nl;q=0.9", Language.NL),
        ("en;q=0", Language.NL),
        ("en;q=x, nl;q=0.1", Language.NL),
        ("de, fr, *", Language.NL),
    ],
)
def test_the_language_that_is_liked_best(header: str, language: Language) -> None:
    """Of Dutch and English the one with the greater weight; Dutch where neither is asked."""
    assert asked_language(header) is language
