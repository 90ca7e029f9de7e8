# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What each kind of reading is, for who never saw a sensor: what it notices, and what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.words.language import Words
from bezet.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


class KindWords(NamedTuple):
    """A kind in a word or two, and in a sentence."""

    name: Words
    meaning: Words


KIND_WORDS: Mapping[Kind, KindWords] = {
    Kind.MOTION: KindWords(
        Words("Beweging", "Motion"),
        Words("Er beweegt iets warms, of niet.", "Something warm moves, or does not."),
    ),
    Kind.PRESENCE: KindWords(
        Words("Aanwezigheid", "Presence"),
        Words(
            "Er is iemand, of niet. Wie dat is, ziet de sensor niet.",
            "Somebody is there, or nobody is. The sensor does not see who.",
        ),
    ),
    Kind.MOVING_ENERGY_PCT: KindWords(
        Words("Echo van beweging", "Echo of motion"),
        Words("Hoe sterk radar terugkomt van wat beweegt.", "How strongly radar comes back from what moves."),
    ),
    Kind.STILL_ENERGY_PCT: KindWords(
        Words("Echo van stilte", "Echo of what is still"),
        Words(
            "Hoe sterk radar terugkomt van wat stil is.", "How strongly radar comes back from what is still."
        ),
    ),
    Kind.TARGET_COUNT: KindWords(
        Words("Aantal echo's", "Number of echoes"),
        Words("Hoeveel dingen de radar uit elkaar houdt.", "How many things the radar tells apart."),
    ),
    Kind.DOOR_OPEN: KindWords(
        Words("Deur", "Door"),
        Words("De deur is open of dicht.", "The door is open or closed."),
    ),
    Kind.PEOPLE_COUNT: KindWords(
        Words("Aantal mensen", "Number of people"),
        Words("Hoeveel mensen er zijn, als getal.", "How many people are there, as a number."),
    ),
    Kind.PEOPLE_IN: KindWords(
        Words("Naar binnen", "Coming in"),
        Words("Hoeveel mensen er door de deur naar binnen gaan.", "How many people come in by the door."),
    ),
    Kind.PEOPLE_OUT: KindWords(
        Words("Naar buiten", "Going out"),
        Words("Hoeveel mensen er door de deur naar buiten gaan.", "How many people go out by the door."),
    ),
    Kind.FEEDBACK: KindWords(
        Words("Knoppen", "Buttons"),
        Words("Iemand drukt op goed, gaat wel of slecht.", "Somebody presses good, so-so or bad."),
    ),
    Kind.CO2_PPM: KindWords(
        Words("Lucht (CO2)", "Air (CO2)"),
        Words("Hoe fris de lucht is.", "How fresh the air is."),
    ),
    Kind.TEMPERATURE_C: KindWords(
        Words("Temperatuur", "Temperature"), Words("Hoe warm het is.", "How warm it is.")
    ),
    Kind.HUMIDITY_PCT: KindWords(
        Words("Vocht", "Humidity"), Words("Hoe vochtig de lucht is.", "How humid the air is.")
    ),
    Kind.ILLUMINANCE_LUX: KindWords(Words("Licht", "Light"), Words("Hoe licht het is.", "How light it is.")),
    Kind.POWER_W: KindWords(
        Words("Stroom", "Power"),
        Words("Hoeveel stroom het scherm gebruikt.", "How much power the screen uses."),
    ),
    Kind.AV_STATE: KindWords(
        Words("Scherm", "Screen"),
        Words(
            "Het scherm staat aan of uit. Wat erop staat, zien wij niet.",
            "The screen is on or off. We do not see what is on it.",
        ),
    ),
    Kind.REACHABLE: KindWords(
        Words("Apparaat", "Device"),
        Words("Een vast apparaat in de ruimte staat aan of uit.", "A fixed device in the room is on or off."),
    ),
    Kind.BATTERY_PCT: KindWords(
        Words("Batterij", "Battery"),
        Words("Hoe vol de batterij van de sensor is.", "How full the battery of the sensor is."),
    ),
}
