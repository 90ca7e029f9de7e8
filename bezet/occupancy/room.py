# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the rules know of a space beside its readings: what it is for, for how many, and its air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from bezet.model import Space, SpaceKind

#: Clear height of an office floor where nothing else is said, m (Bouwbesluit 2012, art. 4.3: at least 2.6).
HEIGHT_M = 2.8


@dataclass(frozen=True, slots=True)
class Room:
    """A space as the rules see it; None where it is not known, which is never an error.

    `capacity` is the people it is meant for, `volume_m3` the air in it, `air_changes_per_h` how often that
    air is changed in an hour while the space is in use: by the papers of its ventilation, or by
    `bezet occupancy fit`.
    """

    kind: SpaceKind | None = None
    capacity: int | None = None
    volume_m3: float | None = None
    air_changes_per_h: float | None = None


#: No space holds more people than this share of its places and two; where those are not known, so many.
MOST_SHARE, MOST_PEOPLE = 1.5, 150.0


def most_people(room: Room) -> float:
    """More are never believed to be in a space."""
    return MOST_PEOPLE if room.capacity is None else MOST_SHARE * room.capacity + 2


#: A space of which nothing is known.
ANY_ROOM = Room()


def room_on(space: Space, day: date) -> Room:
    """A space of a building file as it was on a day."""
    layout = space.layout_on(day)
    return Room(layout.kind, layout.capacity, space.area_m2 * HEIGHT_M)
