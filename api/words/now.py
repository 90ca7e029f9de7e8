# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is now, in words; every script gets these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW: Mapping[str, Words] = {
    # states, each with its count beside the group of spaces that it heads
    "free": Words("Vrij", "Free"),
    "occupied": Words("Bezet", "Occupied"),
    "unknown": Words("Onbekend", "Unknown"),
    "notMeasured": Words("Niet gemeten", "Not measured"),
    # what is free now and booked: how many there are, and each of them, as in "Leeg geboekt tot 14:00"
    "booked": Words("Leeg, geboekt", "Empty, booked"),
    "empty": Words("Leeg", "Empty"),
    # kinds of spaces
    "focus": Words("Stilteplek", "Focus room"),
    "meeting": Words("Vergaderkamer", "Meeting room"),
    "hybrid": Words("Vergaderkamer", "Meeting room"),
    "creative": Words("Creatieve ruimte", "Creative space"),
    "social": Words("Ontmoetingsplek", "Social space"),
    "desks": Words("Flexplekken", "Flexible desks"),
    "phone": Words("Belcel", "Phone booth"),
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
    # what a screen reader is told
    "changed": Words("{name}: {word}", "{name}: {word}"),
    "counts": Words(
        "{free} vrij, {occupied} bezet, {unknown} onbekend",
        "{free} free, {occupied} occupied, {unknown} unknown",
    ),
}
