# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is said to who sees Bezet for the first time, on a machine of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

WELCOME: Mapping[str, Words] = {
    "welcome": Words("Welkom bij Bezet", "Welcome to Bezet"),
    "welcome_what": Words(
        "Bezet laat zien welke ruimtes nu vrij zijn, en helpt kiezen wat er anders kan. "
        "Sensoren meten het; namen, beeld en geluid komen er niet aan te pas.",
        "Bezet shows which spaces are free now, and helps to choose what to change. "
        "Sensors measure it, without names, images or sound.",
    ),
    "welcome_shapes": Words("Wat de tekens zeggen", "What the signs say"),
    "welcome_free": Words("niemand er, en daar zijn we zeker van", "nobody there, and we are sure of that"),
    "welcome_booked": Words("niemand er, maar wel geboekt", "nobody there, but booked"),
    "welcome_occupied": Words("er is iemand", "somebody is there"),
    "welcome_unknown": Words(
        "we weten het niet: een sensor zwijgt. Onbekend is nooit vrij.",
        "we do not know: a sensor is silent. Unknown is never free.",
    ),
    "welcome_next": Words("Kijk verder", "Look further"),
    "welcome_space": Words(
        "Kies een ruimte in de tekening: haar laatste etmaal, en waarom zij bezet heet.",
        "Choose a space in the drawing: its last 24 hours, and why it is called occupied.",
    ),
    "welcome_close": Words("Begrepen, toon dit niet meer", "Understood, do not show this again"),
}
