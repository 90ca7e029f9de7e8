# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a screen says of its spaces, in words. lobby.js says the same of later changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.front.booking import booking_text
from api.front.grouping import Group, group_of, word_of
from api.live import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.front.filling import Now
    from api.schemas import Space
    from api.screens.settings import Screen
    from api.words import Words
    from bezet.model import Building


@dataclass(frozen=True, slots=True)
class Card:
    """What the page says of one space."""

    id: str
    name: str
    group: str
    word: str
    floor: str
    kind: str
    capacity: int
    is_hybrid: bool
    directions: str
    detail: str
    age: str


BLANK = Card("", "", Group.UNKNOWN, "", "", "", 0, is_hybrid=False, directions="", detail="", age="")


def on_screen(now: Now, screen: Screen, building: Building) -> Now:
    """What is now, as far as it is on a screen."""
    return now.of([one for one in now.found.spaces if screen.shows(building.spaces[one.id], one.kind)])


def detail_of(space: Space, now: Now) -> str:
    """What the calendar says of it; else why it is unknown, or since when it is occupied."""
    if space.occupancy is Shown.FREE:
        return booking_text(space, now)
    booking = booking_text(space, now) if space.occupancy is Shown.OCCUPIED else ""
    return booking or now.since(space)


def card_of(space: Space, now: Now, directions: Mapping[str, Words]) -> Card:
    """A space in words."""
    way = directions.get(space.id)
    return Card(
        id=space.id,
        name=space.name,
        group=group_of(space),
        word=word_of(space, now),
        floor=space.floor_name,
        kind=now.words[space.kind],
        capacity=space.capacity,
        is_hybrid=space.kind == "hybrid",
        directions=getattr(way, now.language) if way else "",
        detail=detail_of(space, now),
        age=now.age(space),
    )


def groups(now: Now, directions: Mapping[str, Words]) -> dict[str, list[Card]]:
    """The spaces by where they stand."""
    cards = [card_of(space, now, directions) for space in now.found.spaces]
    return {group.value: [card for card in cards if card.group == group] for group in Group}
