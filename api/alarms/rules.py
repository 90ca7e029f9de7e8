# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The table of alarms: what is found, when it rests, how bad it is, and what to do (docs/alarms.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from api.words import Words
from bezet.retention import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping


class AlarmKind(StrEnum):
    """What an alarm is about."""

    CO2_HIGH = "co2High"
    AV_ON_EMPTY = "avOnEmpty"
    DEVICE_SILENT = "deviceSilent"
    DEVICE_CLOCK = "deviceClock"
    DEVICE_TROUBLE = "deviceTrouble"
    SENSOR_DOUBTED = "sensorDoubted"
    COVERAGE_LOW = "coverageLow"
    CALENDAR_FAILS = "calendarFails"
    BROKER_AWAY = "brokerAway"
    STORE_AWAY = "storeAway"


class Severity(StrEnum):
    """How soon somebody should look."""

    NOW = "now"
    TODAY = "today"
    WEEK = "week"


class Of(StrEnum):
    """What the subject of an alarm is."""

    SPACE = "space"
    DEVICE = "device"
    SENSOR = "sensor"
    SITE = "site"


class Rule(NamedTuple):
    """One row. `rests_closed`: while the site is closed, and on holidays, nothing is found and nothing ends.

    `needs_store`: while the store is away nobody knows. `words` take `{subject}` and `{number}`.
    """

    of: Of
    severity: Severity
    rests_closed: bool
    needs_store: bool
    when: Words
    words: Words
    what_to_do: Words


#: The 15-minute mean of CO2 must fall this far below the limit until the alarm is over, ppm.
CO2_BACK_PPM = 100.0
#: AV counts as left on after a space was free and the device on for so long; CO2 is a mean over as long.
LOOK_MS = 15 * 60_000
#: An AV sensor that lives says a word at least so often: agents do after five minutes without a change, or at
#: the next answer of a device that is asked (decision 10). So two words or more are in every `LOOK_MS`.
AV_WORD_MS = LOOK_MS // 2
#: A device that says nothing for so long is silent; agents speak each half minute.
SILENT_MS = 10 * 60_000
#: A broker that is away for a moment, as at each start, is no alarm yet.
AWAY_MS = 60_000
#: Coverage is looked at when a space was open for so long today, and is low under this share (product.md).
COVERAGE_AFTER_MS, COVERAGE_FLOOR = HOUR_MS, 0.9
#: A queue of messages on a device that waits for the server is no trouble until it is so long.
QUEUE_MESSAGES = 500
#: An alarm that is found again so soon after it ended is the same one.
AGAIN_MS = 10 * 60_000

RULES: Mapping[AlarmKind, Rule] = {
    AlarmKind.CO2_HIGH: Rule(
        *(Of.SPACE, Severity.NOW, False, True),
        Words(
            "het gemiddelde van 15 minuten is boven de hoogste grens van het profiel, terwijl er iemand is",
            "the mean of 15 minutes is above the highest limit of the air profile while somebody is there",
        ),
        Words(
            "{subject}: lucht is slecht ({number} ppm CO2)", "{subject}: the air is bad ({number} ppm CO2)"
        ),
        Words(
            "Zet een deur of raam open, of vraag de groep een ruimere kamer te nemen. "
            "Blijft het, kijk dan naar de ventilatie.",
            "Open a door or a window, or ask the group to take a larger room. "
            "If it stays, look at the ventilation.",
        ),
    ),
    AlarmKind.AV_ON_EMPTY: Rule(
        *(Of.SPACE, Severity.TODAY, False, True),
        Words(
            "15 minuten is de ruimte vrij en een AV-apparaat aan; onbekend is niet vrij",
            "for 15 minutes the space is free and an AV device is on; unknown is not free",
        ),
        Words("{subject}: apparatuur staat aan, er is niemand", "{subject}: devices are on, nobody is there"),
        Words(
            "Zet scherm of beamer uit. Gebeurt het vaker, stel dan automatisch uitschakelen in.",
            "Switch the screen or projector off. If it happens often, set it to switch off by itself.",
        ),
    ),
    AlarmKind.DEVICE_SILENT: Rule(
        *(Of.DEVICE, Severity.TODAY, False, False),
        Words("10 minuten zegt het kastje niets", "for 10 minutes the device says nothing"),
        Words("{subject}: kastje zegt niets meer", "{subject}: the device is silent"),
        Words(
            "Kijk of het stroom en netwerk heeft; trek de stekker eruit, wacht tien tellen, steek hem terug.",
            "Check its power and network; pull the plug, count to ten, and plug it in again.",
        ),
    ),
    AlarmKind.DEVICE_CLOCK: Rule(
        *(Of.DEVICE, Severity.TODAY, False, False),
        Words("het kastje vertrouwt zijn klok niet", "the device does not trust its clock"),
        Words("{subject}: kastje weet niet hoe laat het is", "{subject}: the device does not know the time"),
        Words(
            "Kijk of het de tijdserver bereikt (NTP, poort 123).",
            "Check that it reaches the time server (NTP, port 123).",
        ),
    ),
    AlarmKind.DEVICE_TROUBLE: Rule(
        *(Of.DEVICE, Severity.TODAY, False, False),
        Words(
            f"het kastje meldt een storing, of meer dan {QUEUE_MESSAGES} berichten wachten",
            f"the device reports a trouble, or more than {QUEUE_MESSAGES} messages wait",
        ),
        Words("{subject}: kastje heeft een storing", "{subject}: the device has a trouble"),
        Words(
            "Zie het kastje bij de apparaten: daar staat per storing wat te doen is.",
            "See the device among the devices: there is what to do about each trouble.",
        ),
    ),
    AlarmKind.SENSOR_DOUBTED: Rule(
        *(Of.SENSOR, Severity.WEEK, False, False),
        Words(
            "de sensor zwijgt, zit vast, mist mensen of meet wat niet kan",
            "the sensor is silent, stuck, misses people or measures what cannot be",
        ),
        Words("{subject}: sensor is niet te vertrouwen", "{subject}: the sensor cannot be trusted"),
        Words(
            "Zie de sensor bij de apparaten: daar staat wat te doen is.",
            "See the sensor among the devices: there is what to do.",
        ),
    ),
    AlarmKind.COVERAGE_LOW: Rule(
        *(Of.SPACE, Severity.TODAY, True, True),
        Words(
            "minder dan 90 % van de openingstijd van vandaag is bekend (na een uur)",
            "less than 90 % of today's opening hours is known (after an hour)",
        ),
        Words("{subject}: vandaag is maar {number} % bekend", "{subject}: only {number} % of today is known"),
        Words(
            "Kijk welke sensor van de ruimte zwijgt; de cijfers van vandaag zijn onvolledig.",
            "See which sensor of the space is silent; today's figures are incomplete.",
        ),
    ),
    AlarmKind.CALENDAR_FAILS: Rule(
        *(Of.SPACE, Severity.TODAY, False, False),
        Words("een uur is de agenda niet te lezen", "for an hour the calendar cannot be read"),
        Words("{subject}: agenda is niet te lezen", "{subject}: the calendar cannot be read"),
        Words(
            "Kijk of het adres in window.toml nog klopt en of de agendaserver werkt.",
            "Check that the address in window.toml is still right, and that the calendar server works.",
        ),
    ),
    AlarmKind.BROKER_AWAY: Rule(
        *(Of.SITE, Severity.NOW, False, False),
        Words(
            "een minuut is er geen verbinding met de broker",
            "for a minute there is no connection to the broker",
        ),
        Words("{subject}: geen verbinding met de sensoren", "{subject}: no connection to the sensors"),
        Words(
            "Kijk of de broker draait en te bereiken is. Metingen wachten op de kastjes en blijven bewaard.",
            "Check that the broker runs and can be reached. Readings wait on the devices and are not lost.",
        ),
    ),
    AlarmKind.STORE_AWAY: Rule(
        *(Of.SITE, Severity.NOW, False, False),
        Words("de opslag antwoordt niet", "the store does not answer"),
        Words("{subject}: de opslag antwoordt niet", "{subject}: the store does not answer"),
        Words(
            "Kijk of de opslag draait en of de schijf niet vol is. Metingen wachten op de kastjes.",
            "Check that the store runs and its disk is not full. Readings wait on the devices.",
        ),
    ),
}


class Why(StrEnum):
    """Why somebody acknowledges or mutes; a closed list, because free text could name people."""

    KNOWN = "known"
    REPAIR = "repair"
    WORKS = "works"
    CLOSED = "closed"
    FALSE_ALARM = "falseAlarm"


WHYS: Mapping[Why, Words] = {
    Why.KNOWN: Words("al bekend", "known already"),
    Why.REPAIR: Words("reparatie is gepland", "repair is planned"),
    Why.WORKS: Words("er wordt gewerkt", "works are going on"),
    Why.CLOSED: Words("ruimte is gesloten", "the space is closed"),
    Why.FALSE_ALARM: Words("loos alarm", "false alarm"),
}
