# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the screens say: their pages, and their pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

LOBBY: Mapping[str, Words] = {
    "title": Words("Welke ruimte is vrij?", "Which room is free?"),
    "none_free": Words(
        "Er is nu geen ruimte waarvan we zeker weten dat zij vrij is.",
        "There is no room now that we know to be free.",
    ),
    "hybrid_mark": Words("Hybride", "Hybrid"),
    # only on pictures
    "more": Words("en nog {n}: kijk op uw telefoon", "and {n} more: look on your phone"),
    "age_short": Words("van {time}", "of {time}"),
    # pages that turn, and the way to a phone
    "page_of": Words("{n} van {all}", "{n} of {all}"),
    "pause": Words("Stil zetten", "Pause"),
    "go_on": Words("Verder gaan", "Continue"),
    "on_phone": Words("Op uw telefoon:", "On your phone:"),
    "code_for": Words("QR-code voor {address}", "QR code for {address}"),
}
