# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is asked: of which space, of when, how much of it may be told, and what the store has of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from api.live import MIN_CAPACITY, PRIVATE_CAPACITY
from bezet.errors import BezetError
from bezet.model import PRESENCE_KINDS, Kind
from bezet.occupancy.zones import SPEAKS_MS
from bezet.retention import DAY_MS, local_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from bezet.messages import Health
    from bezet.model import Building, Space
    from bezet.usage.columns import DeviceReading, DeviceState
    from store import Store

#: So much of the past is read and told: all of what is kept of presence, unless a site keeps it longer.
PAST_MS = DAY_MS
#: What the rules may listen to. Warmth, power and batteries say nothing of presence.
HEARD = PRESENCE_KINDS | {Kind.CO2_PPM, Kind.ILLUMINANCE_LUX}


class CannotAnswer(BezetError):
    """The question has no answer; the message says what to ask instead. Ask otherwise."""


class Grain(StrEnum):
    """How much may be told of a space, for the people in it."""

    NOTHING = "nothing"
    NOW_WITHOUT_INSTANTS = "nowWithoutInstants"
    NOW = "now"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Question:
    """Why `space` is what it is at `at_ms`, asked at `now_ms`; of now where the two are the same."""

    building: Building
    space: Space
    at_ms: int
    now_ms: int

    @property
    def is_of_now(self) -> bool:
        """Whether it is about this moment."""
        return self.at_ms == self.now_ms

    @property
    def grain(self) -> Grain:
        """How much may be told, by the smallest layout of the time that is read."""
        if not self.space.measured:
            return Grain.NOTHING
        zone = self.building.timezone
        first, last = local_day(self.at_ms - PAST_MS, zone), local_day(self.at_ms, zone)
        layouts = [
            self.space.layout_on(first),
            *(one for one in self.space.layouts if first < one.start <= last),
        ]
        capacity = min(one.capacity for one in layouts)
        if capacity <= PRIVATE_CAPACITY:
            return Grain.NOW_WITHOUT_INSTANTS
        return Grain.NOW if capacity < MIN_CAPACITY else Grain.ALL


def must_show(question: Question) -> None:
    """`CannotAnswer` where the question is about the past of a space that has none to tell."""
    space = question.space
    if question.is_of_now or question.grain is Grain.ALL:
        return
    if question.grain is Grain.NOTHING:
        raise CannotAnswer(f"{space.id}: is not measured, so it has no past")
    raise CannotAnswer(
        f"{space.id}: was for fewer than {MIN_CAPACITY} people then; to protect them only its present is told"
    )


class Stored(NamedTuple):
    """What the store has of a space up to an instant, in order of time; of each device its last state."""

    readings: Sequence[DeviceReading] = ()
    states: Sequence[DeviceState] = ()
    healths: Sequence[Health] = ()


def stored(store: Store, question: Question) -> Stored:
    """What the store has for a question; `CannotAnswer` where it is about a time before anything stored."""
    site, space, at_ms = question.building.site, question.space.id, question.at_ms
    if question.grain is Grain.NOTHING:
        return Stored()
    span = {"start_ms": at_ms - PAST_MS, "end_ms": at_ms + 1}
    readings = [*store.readings(site, space, kinds=HEARD, **span).rows()]
    states = [*store.states(site, space, **span).rows()]
    if not states and not question.is_of_now:
        raise CannotAnswer(_nothing_yet(store, question))
    healths = store.healths(site, start_ms=at_ms - SPEAKS_MS, end_ms=at_ms + 1)
    return Stored(readings, states, healths)


def _nothing_yet(store: Store, question: Question) -> str:
    found = store.states(
        question.building.site, question.space.id, start_ms=question.at_ms, end_ms=question.now_ms + 1
    )
    zone = question.building.timezone
    asked = _shown(question.at_ms, zone)
    if not len(found):
        return f"{asked}: nothing is stored of {question.space.id}"
    first = _shown(int(found.t_ms[0]), zone)
    return f"{asked}: nothing is stored of {question.space.id} before {first}"


def _shown(t_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(t_ms / 1000, zone).isoformat(" ", "minutes")[:16]


# --- words to instants and spaces -------------------------------------------------------------------------


def instant_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    """A time of today, or a day with a time, by the site's clock unless it has an offset; not after now.

    `CannotAnswer` for what is none, and for what is still to come.
    """
    at_ms = _parsed_ms(text, now_ms, zone)
    if at_ms > now_ms:
        raise CannotAnswer(f"{text}: is still to come; it is {_shown(now_ms, zone)} at the site")
    return at_ms


def _parsed_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    try:
        try:
            found = datetime.combine(local_day(now_ms, zone), time.fromisoformat(text))
        except ValueError:
            found = datetime.fromisoformat(text)
        return round(found.replace(tzinfo=found.tzinfo or zone).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise CannotAnswer(
            f"{text!r}: needs a time of today, as 10:42, or a day with a time, as 2026-11-23T10:42"
        ) from None


def space_called(building: Building, text: str) -> Space:
    """The space of that id or name; `CannotAnswer` names those that look like it."""
    if text in building.spaces:
        return building.spaces[text]
    named = {space.name.casefold(): space for space in building.spaces.values()}
    words = {
        **{id_.casefold(): id_ for id_ in building.spaces},
        **{name: one.id for name, one in named.items()},
    }
    if text.casefold() in words:
        return building.spaces[words[text.casefold()]]
    like = dict.fromkeys(words[one] for one in get_close_matches(text.casefold(), words, n=3, cutoff=0.5))
    told = [f"{id_} ({building.spaces[id_].name})" for id_ in like or [*building.spaces][:3]]
    raise CannotAnswer(f"{text}: there is no such space; there is {', '.join(told)}")
