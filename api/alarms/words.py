# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What sensors and devices say of themselves, in words: what it means, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from api.words import Words
from bezet.messages import SensorState, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping


class Advice(NamedTuple):
    """What something means, and what somebody can do about it."""

    meaning: Words
    what_to_do: Words


NOTHING = Words("", "")

SENSOR_WORDS: Mapping[SensorState, Advice] = {
    SensorState.OK: Advice(Words("Werkt.", "Works."), NOTHING),
    SensorState.SILENT: Advice(
        Words("Zegt niets meer.", "Says nothing any more."),
        Words(
            "Kijk of de sensor stroom heeft en de kabel vastzit; vervang anders de batterij.",
            "Check that the sensor has power and its cable is fast; else change the battery.",
        ),
    ),
    SensorState.FAULTY: Advice(
        Words("Geeft fouten.", "Reports errors."),
        Words(
            "Haal de sensor los, steek hem weer aan en wacht een kwartier; vervang hem als het blijft.",
            "Unplug the sensor, plug it in again and wait a quarter of an hour; replace it if this stays.",
        ),
    ),
    SensorState.ABSENT: Advice(
        Words("Is niet te bereiken.", "Cannot be reached."),
        Words(
            "Kijk of de sensor vastzit en stroom heeft, en of de gateway werkt waar hij door spreekt. "
            "Hangt hij er niet meer: haal hem uit de instellingen van het kastje.",
            "Check that the sensor is fast and has power, and that the gateway works by which it speaks. "
            "Is it not there any more: take it out of the settings of the device.",
        ),
    ),
    SensorState.STUCK_ON: Advice(
        Words("Ziet te lang achtereen iemand.", "Has seen somebody for too long."),
        Words(
            "Kijk wat er beweegt of warm is: een ventilator, gordijn of radiator. Draai de sensor weg.",
            "Look for what moves or is warm: a fan, a curtain, a radiator. Turn the sensor away from it.",
        ),
    ),
    SensorState.STUCK_OFF: Advice(
        Words("Mist mensen die andere sensoren zien.", "Misses people whom other sensors see."),
        Words(
            "Kijk of er iets voor de sensor staat en of hij op de zitplaatsen gericht is.",
            "Check that nothing stands before the sensor, and that it points at the seats.",
        ),
    ),
    SensorState.NEVER_TRIGGERED: Advice(
        Words("Zag nog nooit iemand.", "Never saw anybody yet."),
        Words(
            "Loop voor de sensor langs en kijk of hij het meldt; controleer anders hoe hij is aangesloten.",
            "Walk past the sensor and see whether it says so; else check how it is wired.",
        ),
    ),
    SensorState.IMPLAUSIBLE: Advice(
        Words("Meet iets wat niet kan.", "Measures what cannot be."),
        Words(
            "Zet een CO2-sensor een kwartier in de buitenlucht om te ijken; vervang een sensor die vastzit.",
            "Put a CO2 sensor outdoors for a quarter of an hour to calibrate; replace one that is stuck.",
        ),
    ),
}

TROUBLE_WORDS: Mapping[Trouble, Advice] = {
    Trouble.OUTBOX_FULL: Advice(
        Words("Kan niets meer bewaren.", "Can keep nothing more."),
        Words(
            "Herstel eerst de verbinding met de server; wat er nu bij komt, gaat verloren.",
            "First mend the connection to the server; what comes now is lost.",
        ),
    ),
    Trouble.DISK_FULL: Advice(
        Words("De schijf is vol.", "The disk is full."),
        Words(
            "Maak ruimte op de geheugenkaart, of vervang haar door een grotere.",
            "Make room on the memory card, or replace it by a larger one.",
        ),
    ),
    Trouble.NAME_TAKEN: Advice(
        Words("Twee kastjes heten hetzelfde.", "Two devices have the same name."),
        Words(
            "Geef een van de twee een andere naam in zijn instellingen.",
            "Give one of the two another name in its settings.",
        ),
    ),
    Trouble.CLOCK_STEPPED: Advice(
        Words("De klok versprong.", "The clock jumped."),
        Words(
            "Eén keer is niet erg. Gebeurt het vaker, kijk dan of het kastje de tijdserver bereikt.",
            "Once does no harm. If it happens again, check that the device reaches the time server.",
        ),
    ),
    Trouble.CLOCK_UNKNOWN: Advice(
        Words("Weet niet hoe laat het is.", "Does not know what time it is."),
        Words(
            "Kijk of het kastje de tijdserver bereikt (NTP, poort 123); tot dan is zijn ruimte onbekend.",
            "Check that the device reaches the time server (NTP, port 123); until then its space is unknown.",
        ),
    ),
    Trouble.REFUSED: Advice(
        Words("De server weigerde berichten.", "The server refused messages."),
        Words(
            "Kijk bij `/v1/health` waarom; meestal kent het gebouwbestand de ruimte niet.",
            "See `/v1/health` for the reason; mostly the building file does not know the space.",
        ),
    ),
}
