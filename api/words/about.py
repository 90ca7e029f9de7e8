# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the page about measuring says: short sentences, for who never thought about sensors (level B1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

ABOUT: Mapping[str, Words] = {
    "about_intro": Words(
        "In dit gebouw hangen sensoren. Zij vertellen of een ruimte vrij is. Wie u bent, weten zij niet.",
        "There are sensors in this building. They tell whether a room is free. They do not know who you are.",
    ),
    "about_made": Words(
        "Deze pagina komt vanzelf uit de instellingen van nu: {time}.",
        "This page is made of the settings that hold now: {time}.",
    ),
    "about_contents": Words("Op deze pagina", "On this page"),
    # never
    "about_never": Words("Wat wij nooit doen", "What we never do"),
    "about_never_pictures": Words("Wij maken geen foto's en geen video.", "We take no photos and no video."),
    "about_never_sound": Words("Wij nemen geen geluid op.", "We record no sound."),
    "about_never_names": Words(
        "Wij bewaren geen namen en geen tekst. Ook niet uit de agenda.",
        "We keep no names and no text. Not from the calendar either.",
    ),
    "about_never_phones": Words(
        "Wij zoeken en volgen geen telefoons.", "We do not look for phones, and follow none."
    ),
    "about_never_leaves": Words(
        "Wat een sensor ziet, blijft in het kastje. Er gaan alleen getallen uit.",
        "What a sensor sees stays in its box. Only numbers leave it.",
    ),
    "about_never_cookies": Words(
        "Wie niet aanmeldt, krijgt van ons geen cookies.", "Who does not sign in gets no cookies from us."
    ),
    # how it is decided
    "about_decided": Words("Hoe wij zien of een ruimte vrij is", "How we see whether a room is free"),
    "about_decided_how": Words(
        "De sensoren geven samen een kans dat er iemand is. Vanaf {high} procent staat er bezet, tot {low} "
        "procent staat er vrij. Daartussen staat er onbekend, ook als een sensor zwijgt.",
        "Together the sensors give a chance that somebody is there. From {high} per cent it is occupied, "
        "up to {low} per cent free. In between we show unknown, also when a sensor is silent.",
    ),
    "about_rule": Words("Deze regels heten {rule}.", "These rules are called {rule}."),
    # spaces
    "about_spaces": Words("Wat wij in elke ruimte meten", "What we measure in each room"),
    "about_heard": Words(
        "Dit kwam er binnen in de 24 uur voor {time}.", "This came in during the 24 hours before {time}."
    ),
    "about_not_heard": Words(
        "Welke sensoren er hangen, is nu niet te lezen.", "Which sensors there are cannot be read now."
    ),
    "about_no_spaces": Words("Er zijn nog geen ruimtes.", "There are no rooms yet."),
    "about_places": Words("{n} plaatsen", "{n} places"),
    "about_place": Words("1 plaats", "1 place"),
    "about_not_measured": Words(
        "Niet gemeten. Van deze ruimte bewaren wij niets.", "Not measured. We keep nothing of this room."
    ),
    "about_silent": Words("Hier kwam niets binnen.", "Nothing came in here."),
    "about_no_since": Words(
        "Wij zeggen nooit sinds wanneer zij vrij of bezet is.",
        "We never say since when it is free or occupied.",
    ),
    "about_no_history": Words(
        "Voor minder dan {n} mensen. Hoe het hier vroeger was, tonen wij niet.",
        "For fewer than {n} people. We do not show what it was before.",
    ),
    "about_calendar": Words(
        "Uit de agenda lezen wij alleen welke tijden bezet zijn.",
        "From its calendar we read only which times are busy.",
    ),
    "about_kinds": Words("Wat de sensoren merken", "What the sensors notice"),
    "about_kinds_none": Words("Er is nog niets gemeten.", "Nothing has been measured yet."),
    "about_of_people": Words("gaat over mensen", "is about people"),
    "about_of_room": Words("gaat over de ruimte", "is about the room"),
    # keeping
    "about_kept": Words("Wat wij bewaren, en hoe lang", "What we keep, and for how long"),
    "about_head_what": Words("Wat", "What"),
    "about_head_grain": Words("Hoe precies", "How precisely"),
    "about_head_long": Words("Hoe lang", "For how long"),
    "about_hours": Words("{n} uur", "{n} hours"),
    "about_days": Words("{n} dagen", "{n} days"),
    "about_months": Words("{n} maanden", "{n} months"),
    "about_months_row": Words("Cijfers van het hele gebouw", "Figures of the whole building"),
    "about_by_month": Words("per maand", "by the month"),
    "about_always": Words("altijd", "for ever"),
    "about_removed": Words(
        "Daarna is het weg. Dat gaat vanzelf, elk uur.", "Then it is gone. That goes by itself, every hour."
    ),
    # the agreement
    "about_agreement": Words("De afspraak", "The agreement"),
    "about_agreement_none": Words(
        "Er is geen afspraak om iets langer te bewaren.", "There is no agreement to keep anything longer."
    ),
    "about_agreement_holds": Words(
        "Langer bewaren mag door een afspraak: {reference}. Zij geldt tot en met {until}.",
        "An agreement allows keeping longer: {reference}. It holds until {until}, that day included.",
    ),
    "about_agreement_over": Words(
        "De afspraak {reference} liep af op {until}. Nu gelden de gewone tijden weer.",
        "The agreement {reference} ended on {until}. The ordinary times hold again.",
    ),
    # who sees what
    "about_seen": Words("Wie wat ziet", "Who sees what"),
    "about_seen_all": Words(
        "Er is geen toegang ingesteld. Wie op deze computer zit, ziet alles.",
        "No access has been set up. Whoever uses this computer sees everything.",
    ),
    "about_seen_public": Words(
        "Iedereen ziet welke ruimtes vrij zijn. Aanmelden hoeft niet.",
        "Everybody sees which rooms are free. There is no need to sign in.",
    ),
    "about_seen_staff": Words(
        "Alleen wie aanmeldt, ziet welke ruimtes vrij zijn.", "Only who signs in sees which rooms are free."
    ),
    "about_seen_people": Words(
        "Hoeveel mensen er zijn, ziet alleen wie het gebouw beheert.",
        "Only those who run the building see how many people are there.",
    ),
    "about_seen_history": Words(
        "Hoe het vroeger was, ziet alleen wie dat voor het werk nodig heeft.",
        "Only those who need it for their work see what it was before.",
    ),
    "about_seen_feedback": Words(
        "Antwoorden over een ruimte tonen wij pas als er {n} zijn. Een percentage komt er pas bij {base}.",
        "We show answers about a room only when there are {n}. A percentage comes only with {base}.",
    ),
    "about_seen_audit": Words(
        "Wie aanmeldt, krijgt een schuilnaam. Wat die doet, staat in een lijst voor de beheerder.",
        "Who signs in gets a pseudonym. What they do stands in a list for the administrator.",
    ),
    # rights
    "about_rights": Words("Uw rechten", "Your rights"),
    "about_rights_law": Words(
        "De privacywet (AVG) geldt ook hier. U mag vragen wat wij bewaren. U mag er ook bezwaar tegen maken.",
        "The privacy law (GDPR) holds here too. You may ask what we keep. You may also object to it.",
    ),
    "about_rights_found": Words(
        "Wij kunnen u in deze cijfers niet terugvinden. Daarom kunnen wij ook niets van u alleen wissen.",
        "We cannot find you in these figures. So we cannot erase anything of you alone either.",
    ),
    "about_rights_complain": Words(
        "Bent u het er niet mee eens? Praat met de privacy-collega van uw organisatie (de FG). "
        "U kunt ook klagen bij de Autoriteit Persoonsgegevens.",
        "Do you not agree? Talk to the data protection officer of your organisation. You may also "
        "complain to the Dutch Data Protection Authority (Autoriteit Persoonsgegevens).",
    ),
    "about_contact": Words("Vragen", "Questions"),
    "about_contact_ask": Words("Vraag het aan {name}.", "Ask {name}."),
    "about_contact_none": Words(
        "Er staat hier nog niemand genoemd. De beheerder vult een naam in, onder [contact] in window.toml.",
        "Nobody has been named here yet. The administrator fills it in, under [contact] in window.toml.",
    ),
}
#: What is kept, by its level, its place in the window's book, and its grain: api.routes.public_information.
KEPT_WORDS: Mapping[str, Words] = {
    "presence": Words("Of er iemand is, en hoeveel mensen", "Whether somebody is there, and how many"),
    "environment": Words("Lucht, licht en schermen", "Air, light and screens"),
    "states": Words("Vrij, bezet of onbekend", "Free, occupied or unknown"),
    "facts": Words("Hoe lang een ruimte bezet was", "How long a room was occupied"),
    "bookings": Words("Wanneer een ruimte geboekt is", "When a room is booked"),
    "feedback": Words("Antwoorden over een ruimte", "Answers about a room"),
    "alarms": Words("Wat er stuk of mis was", "What was broken or wrong"),
    "audit": Words("Wie aanmeldde, en wat die hier deed", "Who signed in, and what they did here"),
}
GRAIN_WORDS: Mapping[str, Words] = {
    "message": Words("elk bericht van de sensor", "each message of the sensor"),
    "change": Words("elke keer dat het verandert", "each time that it changes"),
    "changeAndBeat": Words("elke verandering, en elke {n} minuten", "each change, and each {n} minutes"),
    "quarter": Words("per kwartier", "by the quarter of an hour"),
    "hour": Words("per uur, als aantal", "by the hour, as a number"),
    "booking": Words("begin en eind", "begin and end"),
    "action": Words("elke keer, met tijd en netwerkadres", "each time, with time and network address"),
}
