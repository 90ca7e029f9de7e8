# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the page of one space says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

SPACE: Mapping[str, Words] = {
    # the page of one space
    "space_feedback": Words("Hoe was deze ruimte?", "How was this room?"),
    "space_door": Words("Bord voor de deur", "Sign for the door"),
    "space_why": Words("Waarom", "Why"),
    "space_why_away": Words("Dat is nu niet te zeggen.", "That cannot be told now."),
    "space_day": Words("Het laatste etmaal", "The last 24 hours"),
    "space_day_drawn": Words(
        "Het laatste etmaal als balk; de tijden staan eronder.",
        "The last 24 hours as a bar; times are below.",
    ),
    "space_day_list": Words("Toon de tijden", "Show the times"),
    "space_day_signed_in": Words(
        "Wie het gebouw beheert, ziet dit na aanmelden.",
        "Those who run the building see this when signed in.",
    ),
    "space_day_small": Words(
        "Een ruimte voor zo weinig mensen, of een die niet gemeten wordt, heeft geen eigen geschiedenis.",
        "A space for so few people, or one that is not measured, has no history of its own.",
    ),
    "space_day_away": Words("De geschiedenis is nu niet te lezen.", "The history cannot be read now."),
    "space_felt": Words("Hoe mensen het vonden", "How people found it"),
    "space_felt_of": Words("{n} antwoorden sinds {start}", "{n} answers since {start}"),
    "space_felt_none": Words(
        "Er zijn nog te weinig antwoorden. Minder dan {n} samen laten wij niet zien.",
        "There are too few answers so far. We do not show fewer than {n} together.",
    ),
    "space_felt_why": Words("Vaak genoemd:", "Named often:"),
}
