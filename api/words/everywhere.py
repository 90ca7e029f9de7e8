# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What any page may say as it comes from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYWHERE: Mapping[str, Words] = {
    "other_language": Words("English", "Nederlands"),
    "no_script": Words(
        "Deze pagina is de stand van {time} en ververst niet vanzelf.",
        "This page shows {time} and does not refresh by itself.",
    ),
    "way_about": Words("Wat wij meten en bewaren", "What we measure and keep"),
    "way_find": Words("Zoek een vrije ruimte", "Find a free room"),
    "reload": Words("Toon de stand van nu", "Show what it is now"),
    "open_mode": Words(
        "Geen toegang ingesteld: iedereen hier mag alles zien.",
        "No access set up: everybody here may see everything.",
    ),
}
