# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the page of cards says, and the cards on it, which speak both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

CARDS: Mapping[str, Words] = {
    "cards_title": Words("Kaarten om op te hangen", "Cards to hang up"),
    "cards_how": Words(
        "Druk deze pagina af op A4, vier kaarten op elk vel. Knip ze uit en hang ze binnen naast de deur.",
        "Print this page on A4, four cards on a sheet. Cut them out and hang them inside, beside the door.",
    ),
    "cards_address": Words(
        "De codes leiden naar {address}. Kennen telefoons dat adres niet? Open deze pagina dan op een adres "
        "dat zij wel kennen.",
        "The codes lead to {address}. Do phones not know that address? Then open this page at one that they "
        "know.",
    ),
    "cards_left_out": Words(
        "Geen kaart is er voor ruimtes die niet gemeten worden, en voor die met minder dan {n} plaatsen.",
        "There is no card for rooms that are not measured, nor for those with fewer than {n} places.",
    ),
    "cards_none": Words("Geen ruimte neemt antwoorden aan.", "No room takes answers."),
    "cards_scan": Words("Scan, of ga naar", "Scan, or go to"),
    "cards_promise": Words("Wij vragen geen naam.", "We ask for no name."),
}
