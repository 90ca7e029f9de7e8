# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of the pages, Dutch and English, in one table; {…} is filled in by the page."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Language(StrEnum):
    """What a page can speak; the first is what it speaks when it is not asked."""

    NL = "nl"
    EN = "en"


class Words(NamedTuple):
    """The same words in every language."""

    nl: str
    en: str


WORDS: Mapping[str, Words] = {
    "title": Words("Welke ruimte is vrij?", "Which room is free?"),
    "other_language": Words("English", "Nederlands"),
    # states, each with its count beside the group of spaces that it heads
    "free": Words("Vrij", "Free"),
    "occupied": Words("Bezet", "Occupied"),
    "unknown": Words("Onbekend", "Unknown"),
    "notMeasured": Words("Niet gemeten", "Not measured"),
    "none_free": Words(
        "Er is nu geen ruimte waarvan we zeker weten dat zij vrij is.",
        "There is no room now that we know to be free.",
    ),
    # kinds of spaces
    "focus": Words("Stilteplek", "Focus room"),
    "meeting": Words("Vergaderkamer", "Meeting room"),
    "hybrid": Words("Vergaderkamer", "Meeting room"),
    "creative": Words("Creatieve ruimte", "Creative space"),
    "social": Words("Ontmoetingsplek", "Social space"),
    "desks": Words("Flexplekken", "Flexible desks"),
    "phone": Words("Belcel", "Phone booth"),
    "hybrid_mark": Words("Hybride", "Hybrid"),
    "capacity": Words("voor", "for"),
    # times
    "since": Words("sinds {time}", "since {time}"),
    "as_of": Words("gegevens van {time}", "data from {time}"),
    "last_word": Words("laatste bericht {time}", "last message {time}"),
    "no_data": Words("nog geen gegevens", "no data yet"),
    "seconds": Words("{n} seconden", "{n} seconds"),
    "minute": Words("1 minuut", "1 minute"),
    "minutes": Words("{n} minuten", "{n} minutes"),
    "hour": Words("1 uur", "1 hour"),
    "hours": Words("{n} uur", "{n} hours"),
    "ago": Words("{age} geleden", "{age} ago"),
    # why a space is unknown: api.live.Reason
    "link": Words("geen verbinding met de sensoren", "no connection to the sensors"),
    "noSensor": Words("geen sensor meldt zich", "no sensor reports"),
    "offline": Words("de sensor is uitgevallen", "the sensor is down"),
    "clock": Words("de klok van de sensor klopt niet", "the sensor's clock is wrong"),
    "stale": Words("de sensor is te lang stil", "the sensor has been silent for too long"),
    "silence": Words("de sensor meet niets", "the sensor measures nothing"),
    "fault": Words("de sensor meet onzin of zit vast", "the sensor is stuck or measures nonsense"),
    "evidence": Words("de meting is niet zeker genoeg", "the measurement is not certain enough"),
    # what is said loudly
    "server_late": Words("Verbinding hapert", "Connection is unsteady"),
    "server_lost": Words(
        "Geen verbinding. Welke ruimtes vrij zijn, is nu onbekend.",
        "No connection. Which rooms are free is unknown now.",
    ),
    "server_last": Words("Het laatste bericht is van {time}.", "The last message is from {time}."),
    "link_lost": Words(
        "De sensoren zijn niet bereikbaar. Wat hier staat, is van {time} of eerder.",
        "The sensors cannot be reached. What you see is from {time} or earlier.",
    ),
    "link_never": Words("De sensoren zijn nog niet bereikbaar.", "The sensors cannot be reached yet."),
    "data_old": Words(
        "Sinds {time} zijn er geen nieuwe gegevens.", "There have been no new data since {time}."
    ),
    "data_none": Words("De sensoren hebben nog niets gemeld.", "The sensors have not told anything yet."),
    "no_script": Words(
        "Deze pagina is de stand van {time} en ververst niet vanzelf.",
        "This page shows {time} and does not refresh by itself.",
    ),
    "reload": Words("Toon de stand van nu", "Show what it is now"),
    # the live page
    "live_title": Words("Nu in het gebouw", "The building now"),
    "list_title": Words("Alle ruimtes", "All spaces"),
    "ways": Words("Andere pagina's", "Other pages"),
    "way_lobby": Words("Welke ruimte is vrij?", "Which room is free?"),
    "mark": Words("{id} {name}: {word}", "{id} {name}: {word}"),
    "head_space": Words("Ruimte", "Space"),
    "head_kind": Words("Soort", "Kind"),
    "head_places": Words("Plaatsen", "Places"),
    "head_state": Words("Nu", "Now"),
    "head_people": Words("Mensen", "People"),
    "head_detail": Words("Sinds", "Since"),
    "head_age": Words("Gegevens van", "Data from"),
    # the page of one space
    "space_why": Words("Waarom", "Why"),
    "space_day": Words("Het laatste etmaal", "The last 24 hours"),
    "space_day_drawn": Words(
        "Het laatste etmaal als balk; de tijden staan eronder.",
        "The last 24 hours as a bar; times are below.",
    ),
    "space_day_list": Words("Toon de tijden", "Show the times"),
    "space_day_signed_in": Words(
        "Wie het gebouw beheert, ziet dit na aanmelden.",
        "Those who run the building see this when signed in.",
    ),
    "space_day_small": Words(
        "Een ruimte voor zo weinig mensen, of een die niet gemeten wordt, heeft geen eigen geschiedenis.",
        "A space for so few people, or one that is not measured, has no history of its own.",
    ),
    "space_day_away": Words("De geschiedenis is nu niet te lezen.", "The history cannot be read now."),
    # signing in
    "sign_in": Words("Aanmelden", "Sign in"),
    "sign_out": Words("Afmelden", "Sign out"),
    "signed_in": Words("Aangemeld als {name}", "Signed in as {name}"),
    "sign_in_account": Words("Aanmelden met uw werkaccount", "Sign in with your work account"),
    "sign_in_token": Words("Sleutel", "Token"),
    "sign_in_token_help": Words(
        "Voor een scherm of een vaste werkplek; de beheerder maakt hem (bezet screen add).",
        "For a screen or a fixed place; the administrator makes it (bezet screen add).",
    ),
    "sign_in_open": Words(
        "Aanmelden is hier niet nodig: er is geen toegang ingesteld.",
        "There is no need to sign in here: no access has been set up.",
    ),
    "sign_in_away": Words(
        "Aanmelden lukt nu niet: de dienst die dat doet, antwoordt niet.",
        "You cannot sign in now: the service that does that does not answer.",
    ),
    "sign_in_again": Words("Dat lukte niet. Begin opnieuw.", "That did not work. Begin again."),
    "sign_in_no_token": Words("Deze sleutel telt hier niet.", "This token does not count here."),
    "open_mode": Words(
        "Er is geen toegang ingesteld: op deze computer mag iedereen alles zien.",
        "No access has been set up: on this machine everybody may see everything.",
    ),
    # what a screen reader is told
    "changed": Words("{name}: {word}", "{name}: {word}"),
    "counts": Words(
        "{free} vrij, {occupied} bezet, {unknown} onbekend",
        "{free} free, {occupied} occupied, {unknown} unknown",
    ),
}


def words_in(language: Language) -> dict[str, str]:
    """The whole table in one language."""
    return {key: getattr(words, language) for key, words in WORDS.items()}


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
