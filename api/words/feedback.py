# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the page for feedback says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

FEEDBACK: Mapping[str, Words] = {
    "feedback_title": Words("Hoe was deze ruimte?", "How was this room?"),
    "feedback_face": Words("Kies een gezicht", "Choose a face"),
    "feedback_reason": Words("Waardoor kwam dat?", "What was it?"),
    "feedback_optional": Words("U mag dit overslaan.", "You may skip this."),
    "feedback_no_reason": Words("Geen reden", "No reason"),
    "feedback_send": Words("Versturen", "Send"),
    "feedback_choose": Words("Kies eerst een gezicht.", "Choose a face first."),
    "feedback_often": Words(
        "Vanaf dit adres kwamen net al een paar antwoorden. Probeer het over {n} minuten weer.",
        "A few answers came from this address just now. Try again in {n} minutes.",
    ),
    "feedback_anonymous": Words(
        "Wij vragen geen naam. Wij tellen uw antwoord mee in dit uur. Verder bewaren wij niets van u.",
        "We ask for no name. We count your answer in this hour. We keep nothing else of you.",
    ),
    "feedback_thanks": Words("Dank u wel", "Thank you"),
    "feedback_counted": Words("Uw antwoord telt mee.", "Your answer has been counted."),
    "feedback_use": Words(
        "Wie het gebouw beheert, ziet hoe vaak iets genoemd is. Niemand ziet wie het zei.",
        "Those who run the building see how often something was named. Nobody sees who said it.",
    ),
    "feedback_again": Words("Nog iets? Geef nog een antwoord.", "Anything else? Give another answer."),
    "feedback_urgent": Words("Moet er nu iemand komen?", "Should somebody come now?"),
    "feedback_closed": Words("Hier kunt u geen antwoord geven", "You cannot answer here"),
    "feedback_closed_small": Words(
        "Deze ruimte is voor weinig mensen. Een antwoord wijst snel één van hen aan. Dus vragen wij niets.",
        "This room is for few people. An answer would soon point at one of them. So we do not ask.",
    ),
    "feedback_closed_not_measured": Words(
        "Van deze ruimte bewaren wij niets. Ook geen antwoorden, want die vertellen dat er iemand was.",
        "We keep nothing of this room. No answers either, for they would tell that somebody was there.",
    ),
}
