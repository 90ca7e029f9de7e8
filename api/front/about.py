# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page about measuring: each thing that /v1/public-information holds, in words of one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.words import Language, words_in
from api.words.about import GRAIN_WORDS, KEPT_WORDS
from api.words.kinds import KIND_WORDS
from bezet.model import KINDS, Kind, Level
from bezet.occupancy.evidence import FREE_UP_TO, OCCUPIED_FROM, SAY_AGAIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, tzinfo

    from api.routes.public_information import MeasuredSpace, PublicInformation

#: Of some things the term is in calendar months, of which the mean is so long.
MONTH_HOURS = 24 * 365.25 / 12
IN_MONTHS = ("facts", "feedback", "audit")
#: A term up to here is told in hours.
MOST_HOURS = 72
_MONTHS: Mapping[Language, str] = {
    Language.NL: "januari februari maart april mei juni juli augustus september oktober november december",
    Language.EN: "January February March April May June July August September October November December",
}


class Room(NamedTuple):
    """A space: its facts, what is measured in it, and what else must be said of it."""

    space: MeasuredSpace
    facts: tuple[str, ...]
    kinds: tuple[str, ...]
    notes: tuple[str, ...]


class Told(NamedTuple):
    """A kind of reading, explained."""

    name: str
    meaning: str
    about: str


class Line(NamedTuple):
    """Something that is kept: what, how precisely, and how long."""

    what: str
    grain: str
    long: str


def about(found: PublicInformation, language: Language, zone: tzinfo, *, is_heard: bool) -> dict[str, object]:
    """What the page is filled with; `is_heard` tells whether anybody knows which sensors there are."""
    words = words_in(language)
    at, heard_at = (one.astimezone(zone) for one in (found.at, found.heard_at))
    in_use = {kind for space in found.spaces for kind in space.kinds}
    heard = words["about_heard"].format(time=f"{day_text(heard_at.date(), language)} {heard_at:%H:%M}")
    return {
        "made": words["about_made"].format(time=f"{day_text(at.date(), language)} {at:%H:%M}"),
        "decided": words["about_decided_how"].format(
            high=round(OCCUPIED_FROM * 100), low=round(FREE_UP_TO * 100)
        ),
        "rule": words["about_rule"].format(rule=found.rule),
        "heard": heard if is_heard else words["about_not_heard"],
        "is_heard": is_heard,
        "rooms": [_room(space, found, language, is_heard=is_heard) for space in found.spaces],
        "kinds": [_kind(kind, language) for kind in Kind if kind in in_use],
        "kept": [*_kept(found, language)],
        "agreement": _agreement(found, language),
        "seen": _seen(found, words),
        "contact": found.contact,
        "ask": words["about_contact_ask"].format(name=found.contact.name) if found.contact else "",
    }


def _room(space: MeasuredSpace, found: PublicInformation, language: Language, *, is_heard: bool) -> Room:
    words = words_in(language)
    few = words["about_place"]
    places = few if space.capacity == 1 else words["about_places"].format(n=space.capacity)
    facts = (space.floor_name, words_in(language)[space.kind], places)
    if not space.measured:
        return Room(space, facts, (), (words["about_not_measured"],))
    kinds = tuple(getattr(KIND_WORDS[kind].name, language) for kind in space.kinds)
    said = (
        (is_heard and not kinds, words["about_silent"]),
        (not space.has_since, words["about_no_since"]),
        (not space.has_history, words["about_no_history"].format(n=found.smallest_shown_capacity)),
        (space.has_calendar, words["about_calendar"]),
    )
    return Room(space, facts, kinds, tuple(note for holds, note in said if holds))


def _kind(kind: Kind, language: Language) -> Told:
    words, said = words_in(language), KIND_WORDS[kind]
    is_of_people = KINDS[kind].level is Level.PRESENCE
    of_people, of_room = words["about_of_people"], words["about_of_room"]
    return Told(
        getattr(said.name, language), getattr(said.meaning, language), of_people if is_of_people else of_room
    )


def _kept(found: PublicInformation, language: Language) -> Iterator[Line]:
    words = words_in(language)
    rows = [(one.level.value, one.grain, one.hours) for one in found.kept]
    rows += [(one.what.value, one.grain, one.hours) for one in found.own_kept]
    for what, grain, hours in rows:
        precise = getattr(GRAIN_WORDS[grain], language).format(n=round(SAY_AGAIN_S / 60))
        yield Line(getattr(KEPT_WORDS[what], language), precise, _long(what, hours, words))
    yield Line(words["about_months_row"], words["about_by_month"], words["about_always"])


def _long(what: str, hours: float, words: Mapping[str, str]) -> str:
    if what in IN_MONTHS:
        return words["about_months"].format(n=round(hours / MONTH_HOURS))
    if hours <= MOST_HOURS:
        return words["about_hours"].format(n=round(hours))
    return words["about_days"].format(n=round(hours / 24))


def _agreement(found: PublicInformation, language: Language) -> str:
    words, agreed = words_in(language), found.agreement
    if agreed is None:
        return words["about_agreement_none"]
    said = words["about_agreement_holds"] if agreed.in_force else words["about_agreement_over"]
    return said.format(reference=agreed.reference, until=day_text(agreed.until, language))


def _seen(found: PublicInformation, words: Mapping[str, str]) -> list[str]:
    few = words["about_seen_feedback"].format(n=found.fewest_answers, base=found.least_base)
    if found.open_to_all:
        return [words["about_seen_all"], few]
    public, staff = words["about_seen_public"], words["about_seen_staff"]
    who = public if found.public_view else staff
    people, history, audit = (
        words["about_seen_people"],
        words["about_seen_history"],
        words["about_seen_audit"],
    )
    return [who, people, history, few, audit]


def day_text(day: date, language: Language) -> str:
    """A day as people write it, as in 30 juni 2027; the machine's own language does not matter."""
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"
