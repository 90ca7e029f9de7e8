# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the finder says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

FIND: Mapping[str, Words] = {
    "find_people": Words("Voor hoeveel mensen?", "For how many people?"),
    "find_until": Words("Tot hoe laat, vandaag?", "Until when, today?"),
    "find_until_help": Words("Mag leeg blijven.", "May stay empty."),
    "find_video": Words("Met beeld en geluid voor video", "With screen and sound for video"),
    "find_go": Words("Zoek", "Find"),
    "find_wrong_people": Words(
        "Vul een aantal in van 1 tot 1000. Wij zochten voor 1.",
        "Enter a number from 1 to 1000. We looked for 1.",
    ),
    "find_wrong_until": Words(
        "Vul een tijd in die vandaag nog komt, zoals 14:30. Wij zochten voor nu.",
        "Enter a time that is still to come today, such as 14:30. We looked for now.",
    ),
    "find_free": Words("{n} vrij", "{n} free"),
    "find_best": Words("Past het best", "Best fit"),
    "find_asked": Words("voor {n} of meer", "for {n} or more"),
    "find_asked_until": Words("tot {time}", "until {time}"),
    "find_asked_video": Words("met video", "with video"),
    "find_none": Words("Er past nu niets dat zeker vrij is.", "Nothing that fits is known to be free now."),
    "find_lost": Words("Welke vrij zijn, is nu onbekend", "Which are free is unknown now"),
    "find_no_calendar": Words("agenda niet bekend", "calendar not known"),
    "find_booked": Words("{n} leeg, maar geboekt", "{n} empty, but booked"),
    "find_booked_why": Words(
        "Hier is nu niemand. Wie geboekt heeft, kan nog komen.",
        "Nobody is here now. Who booked it may still come.",
    ),
    "find_places": Words("plaatsen", "places"),
    "find_unknown": Words("{n} onbekend", "{n} unknown"),
    "find_unknown_why": Words(
        "Deze passen, maar wij weten niet of zij vrij zijn. Ga kijken, of kies een andere.",
        "These would fit, but we do not know whether they are free. Go and look, or choose another.",
    ),
    "find_help": Words("Dit helpt misschien", "This may help"),
    "find_without_video": Words("Zonder video: {n} vrij", "Without video: {n} free"),
    "find_sooner": Words("Korter, tot {time}: {n} vrij", "Shorter, until {time}: {n} free"),
    "find_fewer": Words("Voor {people} mensen: {n} vrij", "For {people} people: {n} free"),
    "find_no_help": Words(
        "Er is nu geen enkele ruimte waarvan wij weten dat zij vrij is.",
        "There is no room at all that we know to be free now.",
    ),
    "find_all": Words("Toon alle ruimtes", "Show all rooms"),
}
