# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What fits a wish now, what would fit if only we knew, and what helps where nothing does.

What is free and fits is what /v1/spaces says for the same question, by the same function.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from api.front.booking import booking_text
from api.front.grouping import Group, group_of, word_of
from api.live import Shown
from api.routes.spaces import SpacesQuery, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.front.filling import Now
    from api.schemas import Space

MOST_PEOPLE = 1_000
_TIME = re.compile("[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")


class Wish(NamedTuple):
    """What somebody looks for; `until` is an instant of today; what was typed wrong is said."""

    people: int
    until: datetime | None
    until_text: str
    video: bool
    wrong_people: str = ""
    is_until_wrong: bool = False

    def query(self, until: datetime | None, *, free: bool = True) -> SpacesQuery:
        """The same as a question to the API, of spaces that are not booked until then (None: or are)."""
        return SpacesQuery(
            kind=[],
            minCapacity=self.people,
            free=True if free else None,
            until=until,
            hasAv=True if self.video else None,
        )

    def address(self, language: str) -> str:
        """Where this is asked."""
        fields = {"people": str(self.people), "until": self.until_text, "video": "on" if self.video else ""}
        kept = {name: text for name, text in fields.items() if text}
        return f"/find?{urlencode({**kept, 'lang': language})}"


class Hit(NamedTuple):
    """A space that fits, in words."""

    space: Space
    group: Group
    word: str
    kind: str
    is_hybrid: bool
    booking: str
    detail: str
    age: str
    is_best: bool


class Help(NamedTuple):
    """Another wish that something fits."""

    text: str
    address: str


def asked(people: str, until: str, video: bool, now: Now) -> Wish:
    """The wish that was typed; what is no number or no time of today is said, and left out."""
    words = now.words
    is_number = people.isascii() and people.isdigit() and 1 <= int(people) <= MOST_PEOPLE
    instant = _today_at(until, now)
    is_ahead = instant is not None and instant > now.found.at
    return Wish(
        people=int(people) if is_number else 1,
        until=instant if is_ahead else None,
        until_text=until if is_ahead else "",
        video=video,
        wrong_people="" if is_number else words["find_wrong_people"],
        is_until_wrong=bool(until) and not is_ahead,
    )


def found(wish: Wish, now: Now) -> dict[str, object]:
    """What the page is filled with."""
    spaces, until = now.found.spaces, _until(wish, now)
    free = wanted(spaces, wish.query(until))
    unknown = [one for one in wanted(spaces, wish.query(until, free=False)) if one.occupancy is Shown.UNKNOWN]
    booked = [one for one in wanted(spaces, wish.query(None)) if one.booked] if wish.until is None else []
    words, language = now.words, now.language
    return {
        "hits": [_hit(one, now, is_best=place == 0) for place, one in enumerate(free)],
        "booked": [_hit(one, now) for one in booked],
        "unknown": [_hit(one, now) for one in unknown],
        "free_text": words["find_free"].format(n=len(free)),
        "booked_text": words["find_booked"].format(n=len(booked)),
        "unknown_text": words["find_unknown"].format(n=len(unknown)),
        "asked_text": ", ".join(_asked_text(wish, now)),
        "helps": [] if free else [*_helps(wish, now)],
        "address": wish.address(language),
        "other_address": wish.address("en" if language == "nl" else "nl"),
    }


def _until(wish: Wish, now: Now) -> datetime:
    """Until when it must not be booked: who says nothing wants to sit down now, and not on a booking."""
    return wish.until or now.found.at


def _asked_text(wish: Wish, now: Now) -> Iterator[str]:
    words = now.words
    yield words["find_asked"].format(n=wish.people)
    if wish.until:
        yield words["find_asked_until"].format(time=wish.until_text)
    if wish.video:
        yield words["find_asked_video"]


def _hit(space: Space, now: Now, *, is_best: bool = False) -> Hit:
    words = now.words
    return Hit(
        space=space,
        group=group_of(space),
        word=word_of(space, now),
        kind=words[space.kind],
        is_hybrid=space.kind == "hybrid",
        booking=words["find_no_calendar"] if space.booked is None else booking_text(space, now),
        detail=now.since(space) if space.occupancy is Shown.UNKNOWN else "",
        age=now.age(space),
        is_best=is_best,
    )


def _helps(wish: Wish, now: Now) -> Iterator[Help]:
    """Each wish that asks one thing less and that something fits: no video, shorter, for fewer."""
    words = now.words

    def free(other: Wish) -> list[Space]:
        return wanted(now.found.spaces, other.query(_until(other, now)))

    if wish.video and (hits := free(other := wish._replace(video=False))):
        yield Help(words["find_without_video"].format(n=len(hits)), other.address(now.language))
    ends = [one.free_until for one in free(wish._replace(until=None)) if one.free_until] if wish.until else []
    if ends:
        text = max(ends).astimezone(now.zone).strftime("%H:%M")
        other = wish._replace(until=max(ends), until_text=text)
        if hits := free(other):
            said = words["find_sooner"].format(time=text, n=len(hits))
            yield Help(said, other.address(now.language))
    most = max((one.capacity for one in free(wish._replace(people=1))), default=0)
    if 0 < most < wish.people:
        other = wish._replace(people=most)
        said = words["find_fewer"].format(people=most, n=len(free(other)))
        yield Help(said, other.address(now.language))


def _today_at(text: str, now: Now) -> datetime | None:
    """A time as the field of the form sends it."""
    if not _TIME.fullmatch(text):
        return None
    try:
        at = time.fromisoformat(text)
    except ValueError:
        return None
    today = now.found.at.astimezone(now.zone).date()
    return datetime.combine(today, at, now.zone)
