# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The words of an explanation, Dutch and English, in tables; {…} is filled in by api.why.telling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.live import Reason, Shown
from api.words import Words
from bezet.messages import SensorState
from bezet.model import Because, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sides(NamedTuple):
    """The same thing speaking for presence, against it, and (where that is put otherwise) for neither."""

    present: Words
    absent: Words
    neutral: Words | None = None


# --- what a space is --------------------------------------------------------------------------------------

SHOWN: Mapping[Shown, Words] = {
    Shown.FREE: Words("vrij", "free"),
    Shown.OCCUPIED: Words("bezet", "occupied"),
    Shown.UNKNOWN: Words("onbekend", "unknown"),
    Shown.NOT_MEASURED: Words("niet gemeten", "not measured"),
}
HEAD: Mapping[str, Words] = {
    "now": Words("{name} is {shown}", "{name} is {shown}"),
    "then": Words("{name} was om {at} {shown}", "{name} was {shown} at {at}"),
    "since": Words(" sinds {time}", " since {time}"),
    "since_then": Words(", en dat sinds {time}", ", and had been since {time}"),
    "sure": Words("{pct} % zeker", "{pct} % sure"),
    "person": Words("1 mens", "1 person"),
    "people": Words("{n} mensen", "{n} people"),
    "between": Words(" ({low} tot {high})", " ({low} to {high})"),
    "not_measured": Words(
        "{name} wordt niet gemeten: wat daar gebeurt, wordt niet vastgelegd.",
        "{name} is not measured: nothing that happens there is recorded.",
    ),
}

#: Why a space is unknown, and what to do about it.
UNKNOWN: Mapping[Reason | Because, Words] = {
    Reason.LINK: Words(
        "er is geen verbinding met de sensoren. Kijk of de broker draait en bereikbaar is",
        "there is no connection to the sensors. See whether the broker runs and can be reached",
    ),
    Reason.NO_SENSOR: Words(
        "er heeft zich hier nog geen sensor gemeld. Kijk of er een kastje voor deze ruimte is ingesteld",
        "no sensor has reported here yet. See whether a device was set up for this space",
    ),
    Reason.OFFLINE: Words(
        "het kastje is uitgevallen. Kijk of het stroom en netwerk heeft; wat het intussen meet, komt later",
        "the device is down. See whether it has power and network; what it measures meanwhile comes later",
    ),
    Reason.CLOCK: Words(
        "de klok van het kastje is niet te vertrouwen. Kijk of het een tijdserver bereikt",
        "the device's clock cannot be trusted. See whether it reaches a time server",
    ),
    Reason.STALE: Words(
        "het kastje zegt te lang niets. Kijk of het stroom en netwerk heeft",
        "the device has said nothing for too long. See whether it has power and network",
    ),
    Reason.SILENCE: Words(
        "geen sensor heeft de laatste tijd iets gezegd. Kijk of zij vastzitten en stroom hebben",
        "no sensor has said anything lately. See whether they are connected and have power",
    ),
    Reason.FAULT: Words(
        "wat er nog meet, is niet te geloven. Kijk naar de sensoren hieronder",
        "what still measures cannot be believed. Look at the sensors below",
    ),
    Reason.EVIDENCE: Words(
        "wat voor en wat tegen spreekt, weegt ongeveer even zwaar",
        "what speaks for it and what speaks against it weigh about the same",
    ),
}
UNKNOWN = {
    **UNKNOWN,
    Because.SILENCE: UNKNOWN[Reason.SILENCE],
    Because.SENSOR_FAULT: UNKNOWN[Reason.FAULT],
    Because.CLOCK: UNKNOWN[Reason.CLOCK],
    Because.WEAK_EVIDENCE: UNKNOWN[Reason.EVIDENCE],
}

# --- evidence ---------------------------------------------------------------------------------------------

EVIDENCE: Mapping[Kind, Sides] = {
    Kind.MOTION: Sides(
        Words("beweging volgens {sensor}", "motion by {sensor}"),
        Words("geen beweging volgens {sensor}", "no motion by {sensor}"),
    ),
    Kind.PRESENCE: Sides(
        Words("aanwezigheid volgens {sensor}", "presence by {sensor}"),
        Words("geen aanwezigheid volgens {sensor}", "no presence by {sensor}"),
    ),
    Kind.TARGET_COUNT: Sides(
        Words("de radar {sensor} ziet iemand", "the radar {sensor} sees somebody"),
        Words("de radar {sensor} ziet niemand", "the radar {sensor} sees nobody"),
    ),
    Kind.PEOPLE_COUNT: Sides(
        Words("mensen geteld door {sensor}", "people counted by {sensor}"),
        Words("niemand geteld door {sensor}", "nobody counted by {sensor}"),
    ),
    Kind.CO2_PPM: Sides(
        Words("CO2 als waar iemand ademt, volgens {sensor}", "CO2 as where somebody breathes, by {sensor}"),
        Words("CO2 als in een lege ruimte, volgens {sensor}", "CO2 as in an empty room, by {sensor}"),
        Words("CO2 volgens {sensor}", "CO2 by {sensor}"),
    ),
    Kind.DOOR_OPEN: Sides(
        Words("deur {sensor} dicht, en iemand bleef binnen", "door {sensor} closed, with somebody inside"),
        Words("deur {sensor} dicht, en daarna niemand gezien", "door {sensor} closed, and nobody seen since"),
    ),
    Kind.PEOPLE_IN: Sides(
        Words("er kwamen meer mensen binnen dan er gingen", "more people came in than went out"),
        Words("wie binnenkwam, is weer weggegaan", "whoever came in has left again"),
        Words("de telling bij de deur", "the count at the doorway"),
    ),
    Kind.ILLUMINANCE_LUX: Sides(
        Words("licht als waar iemand is, volgens {sensor}", "light as where somebody is, by {sensor}"),
        Words("licht als in een lege ruimte, volgens {sensor}", "light as in an empty room, by {sensor}"),
        Words("licht volgens {sensor}", "light by {sensor}"),
    ),
}
#: What has no row of its own above.
ANY_EVIDENCE = Sides(
    Words("{kind}, volgens {sensor}, spreekt voor iemand", "{kind}, by {sensor}, speaks for somebody"),
    Words("{kind}, volgens {sensor}, spreekt tegen iemand", "{kind}, by {sensor}, speaks against it"),
)
#: The number that was measured, where it says more than the words.
AMOUNTS: Mapping[Kind, Words] = {
    Kind.TARGET_COUNT: Words("{n} tegelijk", "{n} at once"),
    Kind.PEOPLE_COUNT: Words("nu {n}", "{n} now"),
    Kind.CO2_PPM: Words("{n} ppm", "{n} ppm"),
    Kind.PEOPLE_IN: Words("ongeveer {n} binnen", "about {n} inside"),
    Kind.ILLUMINANCE_LUX: Words("{n} lux", "{n} lux"),
}
DETAILS: Mapping[str, Words] = {
    "rising": Words("stijgt {n} ppm per minuut", "rising {n} ppm a minute"),
    "falling": Words("daalt {n} ppm per minuut", "falling {n} ppm a minute"),
    "steady": Words("blijft gelijk", "steady"),
    "seen": Words("laatst om {time}", "last at {time}"),
    "until": Words("telt tot {time}", "counts until {time}"),
    "fading": Words("telt steeds minder, tot {time}", "counts less and less, until {time}"),
    "absent_since": Words("laatst wel om {time}", "last at {time}"),
    "closed": Words("dicht sinds {time}", "closed since {time}"),
    "inside": Words("binnen gezien om {time}", "seen inside at {time}"),
    "passed": Words("laatst iemand binnengekomen om {time}", "somebody last came in at {time}"),
}

#: What a state rests on, where the readings themselves are gone.
BECAUSE: Mapping[Because, Sides] = {
    Because.MOTION: Sides(Words("beweging", "motion"), Words("geen beweging", "no motion")),
    Because.PRESENCE: Sides(Words("aanwezigheid", "presence"), Words("geen aanwezigheid", "no presence")),
    Because.TARGET_COUNT: Sides(
        Words("de radar ziet iemand", "the radar sees somebody"),
        Words("de radar ziet niemand", "the radar sees nobody"),
    ),
    Because.DOOR_OPEN: Sides(
        Words("deur dicht met iemand binnen", "door closed with somebody inside"),
        Words("deur dicht, niemand meer gezien", "door closed, nobody seen since"),
    ),
    Because.DOORWAY: Sides(
        Words("iemand kwam binnen", "somebody came in"), Words("iedereen is weggegaan", "everybody left")
    ),
    Because.PEOPLE_COUNT: Sides(
        Words("mensen geteld", "people counted"), Words("niemand geteld", "nobody counted")
    ),
    Because.CO2_PPM: Sides(
        Words("CO2 als waar iemand ademt", "CO2 as where somebody breathes"),
        Words("CO2 als in een lege ruimte", "CO2 as in an empty room"),
    ),
    Because.ILLUMINANCE_LUX: Sides(
        Words("licht als waar iemand is", "light as where somebody is"),
        Words("licht als in een lege ruimte", "light as in an empty room"),
    ),
    Because.SILENCE: Sides(*[Words("geen sensor zei nog iets", "no sensor said anything any more")] * 2),
    Because.SENSOR_FAULT: Sides(
        *[Words("wat er mat, was niet te geloven", "what measured was not to be believed")] * 2
    ),
    Because.WEAK_EVIDENCE: Sides(
        *[Words("voor en tegen wegen even zwaar", "for and against weigh the same")] * 2
    ),
    Because.CLOCK: Sides(*[Words("de klok was niet te vertrouwen", "the clock could not be trusted")] * 2),
}

# --- what cannot speak ------------------------------------------------------------------------------------

DEVICE_SILENT = Words("niets gehoord van kastje {device}", "nothing heard from device {device}")
FAULTS: Mapping[SensorState, Words] = {
    SensorState.SILENT: Words("niets gehoord van {sensor}", "nothing heard from {sensor}"),
    SensorState.STUCK_ON: Words(
        "niet geloofd: {sensor}, ziet al uren zonder pauze iemand, dus het hangt",
        "not listened to: {sensor}, stuck on: it has seen somebody for hours without a pause",
    ),
    SensorState.STUCK_OFF: Words(
        "niet geloofd: {sensor}, zag urenlang niemand terwijl andere sensoren iemand zagen",
        "not listened to: {sensor}, stuck off: it saw nobody for hours while other sensors did",
    ),
    SensorState.NEVER_TRIGGERED: Words(
        "niet geloofd: {sensor}, zag nog nooit iemand sinds het er hangt",
        "not listened to: {sensor}, which has never seen anybody since it was put up",
    ),
    SensorState.IMPLAUSIBLE: Words(
        "niet geloofd: {sensor}, meet wat niet kan", "not listened to: {sensor}, measures what cannot be"
    ),
    SensorState.FAULTY: Words("niet geloofd: {sensor}, is stuk", "not listened to: {sensor}, is faulty"),
    SensorState.ABSENT: Words("niet gevonden: {sensor}", "not found: {sensor}"),
}
FAULT_SINCE = Words(" sinds {time}", " since {time}")

# --- around it --------------------------------------------------------------------------------------------

TITLES: Mapping[str, Words] = {
    "for": Words("voor", "for"),
    "against": Words("tegen", "against"),
    "neither": Words("zegt niets", "says neither"),
    "faults": Words("let op", "note"),
    "changes": Words("wat er veranderde", "what changed"),
    "nothing": Words("—", "—"),
}
NOTES: Mapping[str, Words] = {
    "gone": Words(
        "Metingen van aanwezigheid worden {n} uur bewaard; van daarvoor spreekt alleen wat toen gezegd is.",
        "Presence readings are kept for {n} hours; of the time before, only what was said then can speak.",
    ),
    "gone_because": Words(
        "Wat toen gezegd is, rustte op: {because}.", "What was said then rested on: {because}."
    ),
    "unheard": Words(
        "Wat hierboven voor of tegen spreekt, is van voordat de verbinding wegviel, en telt nu niet.",
        "What speaks for or against above is from before the connection was lost, and does not count now.",
    ),
    "other_rule": Words(
        "Gezegd met regels {said}; het bewijs is gelezen met {installed}, en dat kan anders wegen.",
        "Said by rules {said}; the evidence is read by {installed}, which may weigh it differently.",
    ),
    "read_again": Words(
        "Opnieuw gelezen zeggen deze metingen: {shown}. Het kastje weet soms meer van eerdere dagen.",
        "Read again, these readings say {shown}. The device may know more from earlier days.",
    ),
    "private": Words(
        "Een ruimte voor één mens: daarom zonder tijden en zonder verleden.",
        "A space for one person: so no times, and no past.",
    ),
    "small": Words(
        "Een ruimte voor minder dan {n} mensen: daarom alleen het nu, zonder verleden.",
        "A space for fewer than {n} people: so only what is now, and no past.",
    ),
    "rules": Words("Regels {rules}.", "Rules {rules}."),
    "as_of": Words("Gegevens tot {time}.", "Data up to {time}."),
    "coverage": Words("Dekking van de laatste 24 uur: {pct} %.", "Coverage of the last 24 hours: {pct} %."),
}
