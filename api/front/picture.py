# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the picture of a screen says, before it is drawn: while this is the same, so is the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.front.grouping import Group, group_of, word_of
from api.front.lobby import detail_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.front.filling import Now
    from api.schemas import Space
    from api.words import Words


class Row(NamedTuple):
    """One space, in words."""

    group: Group
    id: str
    name: str
    word: str
    detail: str
    where: str
    kind: str
    capacity: str


class Told(NamedTuple):
    """All that a picture says. `age` is to the minute, so that the picture is not another every second."""

    rows: tuple[Row, ...]
    counts: tuple[tuple[Group, int, str], ...]
    none: str
    more: str
    age: str
    age_short: str
    loud: str
    code: str
    address: str


def told(now: Now, directions: Mapping[str, Words], code: str, address: str) -> Told:
    """What is said now; the free spaces first. A phone reads `code`, a person types `address`."""
    spaces = [one for group in Group for one in now.found.spaces if group_of(one) is group]
    groups = [group_of(one) for one in spaces]
    words, time = now.words, now.minute(now.newest) if now.newest else ""
    return Told(
        rows=tuple(_row(one, now, directions) for one in spaces),
        counts=tuple(
            (one, groups.count(one), words[one]) for one in Group if one in groups or one is Group.FREE
        ),
        none=words["none_free"],
        more=words["more"],
        age=words["as_of"].format(time=time) if time else words["no_data"],
        age_short=words["age_short"].format(time=time) if time else words["no_data"],
        loud=now.banner(),
        code=code,
        address=address,
    )


def _row(space: Space, now: Now, directions: Mapping[str, Words]) -> Row:
    group, way, words = group_of(space), directions.get(space.id), now.words
    return Row(
        group=group,
        id=space.id,
        name=space.name,
        word=word_of(space, now),
        detail=detail_of(space, now),
        where=getattr(way, now.language) if way else space.floor_name,
        kind=words[space.kind],
        capacity=f"{words['capacity']} {space.capacity}",
    )
