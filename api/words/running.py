# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only whoever runs the building reads: alarms, devices, air and AV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNNING: Mapping[str, Words] = {
    "alarms": Words("Wat te doen is", "What to do"),
    "alarms_jump": Words("{n} te doen", "{n} to do"),
    "alarms_none": Words("Er is nu niets te doen.", "There is nothing to do now."),
    "alarms_away": Words(
        "De alarmen zijn nu niet te lezen. Kijk of de schijf van de server niet vol is.",
        "The alarms cannot be read now. Check that the server's disk is not full.",
    ),
    "alarm_now": Words("Nu", "Now"),
    "alarm_today": Words("Vandaag", "Today"),
    "alarm_week": Words("Deze week", "This week"),
    "alarm_since": Words("sinds {time}", "since {time}"),
    "alarm_say": Words("Zeg er iets van", "Say something about it"),
    "alarm_said": Words("Wat doen we?", "What do we do?"),
    "alarm_say_known": Words("Ik weet ervan, tot het over is", "I know of it, until it is over"),
    "alarm_say_day": Words("Stil tot de volgende werkdag", "Mute until the next working day"),
    "alarm_say_week": Words("Stil voor een week", "Mute for a week"),
    "alarm_say_month": Words("Stil voor vier weken", "Mute for four weeks"),
    "alarm_reason": Words("Waarom?", "Why?"),
    "alarm_send": Words("Opslaan", "Save"),
    "alarm_again": Words("Weer melden", "Tell again"),
    "alarm_muted": Words("stil tot {time}: {why}", "muted until {time}: {why}"),
    "alarm_known": Words("iemand weet ervan: {why}", "somebody knows: {why}"),
    "alarms_known": Words("Bekend of stil ({n})", "Known or muted ({n})"),
    "space_why_link": Words("bekijk de ruimte", "look at the space"),
    "devices": Words("Kastjes", "Devices"),
    "devices_none": Words(
        "Nog geen kastje heeft zich gemeld. Zet er een aan; het meldt zich vanzelf.",
        "No device has spoken yet. Switch one on; it tells of itself.",
    ),
    "devices_away": Words(
        "Zolang de sensoren niet bereikbaar zijn, weten wij niet hoe het met de kastjes is.",
        "While the sensors cannot be reached we do not know how the devices are.",
    ),
    "devices_all_well": Words("Alle {n} kastjes doen het.", "All {n} devices work."),
    "devices_well": Words("Doen het ({n})", "Working ({n})"),
    "device_well": Words("doet het", "works"),
    "device_ill": Words("kijk ernaar", "look at it"),
    "device_silent": Words(
        "Zegt niets meer. Kijk of het stroom en netwerk heeft.",
        "Says nothing any more. Check its power and network.",
    ),
    "device_clock": Words(
        "Weet niet hoe laat het is. Kijk of het de tijdserver bereikt.",
        "Does not know the time. Check that it reaches the time server.",
    ),
    "device_last": Words("laatste bericht {time}", "last message {time}"),
    "device_queue": Words("{n} berichten wachten", "{n} messages wait"),
    "head_air": Words("Lucht", "Air"),
    "head_av": Words("AV", "AV"),
    "head_device": Words("Kastje", "Device"),
    "device_doubt": Words("kijk naar {names}", "look at {names}"),
}
