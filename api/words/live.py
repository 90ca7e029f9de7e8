# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the live page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

LIVE: Mapping[str, Words] = {
    # the live page
    "live_title": Words("Nu in het gebouw", "The building now"),
    "list_title": Words("Alle ruimtes", "All spaces"),
    "ways": Words("Andere pagina's", "Other pages"),
    "not_drawn": Words(
        "Van deze verdieping is nog geen tekening. De lijst zegt hetzelfde.",
        "There is no drawing of this floor yet. The list says the same.",
    ),
    "way_lobby": Words("Welke ruimte is vrij?", "Which room is free?"),
    "mark": Words("{id} {name}: {word}", "{id} {name}: {word}"),
    "head_space": Words("Ruimte", "Space"),
    "head_kind": Words("Soort", "Kind"),
    "head_places": Words("Plaatsen", "Places"),
    "head_state": Words("Nu", "Now"),
    "head_people": Words("Mensen", "People"),
    "head_detail": Words("Sinds", "Since"),
    "head_age": Words("Gegevens van", "Data from"),
    # air by its class, and AV
    "air": Words("lucht {word}, {ppm} ppm", "air {word}, {ppm} ppm"),
    "good": Words("goed", "good"),
    "fair": Words("redelijk", "fair"),
    "poor": Words("matig", "poor"),
    "bad": Words("slecht", "bad"),
    "av_on": Words("AV aan", "AV on"),
    "av_empty": Words("AV aan, niemand er", "AV on, nobody there"),
    "av_off": Words("AV uit", "AV off"),
    "people_of": Words("{people} van {capacity}", "{people} of {capacity}"),
}
