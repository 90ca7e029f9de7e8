# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a page says where there is nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEM: Mapping[str, Words] = {
    "problem_no_page": Words("Deze pagina is er niet", "There is no such page"),
    "problem_no_page_help": Words(
        "Klopt het adres? Hieronder komt u verder.", "Is the address right? You can go on below."
    ),
    "problem_no_space": Words("Deze ruimte is er niet", "There is no such room"),
    "problem_no_space_help": Words(
        "In dit gebouw heet geen ruimte zo. Misschien heeft zij een ander nummer.",
        "No room of this building is called so. Perhaps it has another number.",
    ),
    "problem_often": Words("Even wachten", "One moment"),
    "problem_often_help": Words(
        "Van dit adres kwamen veel vragen achter elkaar. Probeer het over {time} opnieuw.",
        "Many questions came from this address in a row. Try again in {time}.",
    ),
    "problem_away": Words("Dit is nu niet te lezen", "This cannot be read now"),
    "problem_away_help": Words(
        "De opslag antwoordt niet. Welke ruimtes vrij zijn, kunt u wel zien.",
        "The store does not answer. You can still see which rooms are free.",
    ),
    "problem_refused": Words("Dit kan hier niet", "This cannot be done here"),
    "problem_refused_help": Words(
        "Zo mag of kan het niet. Begin opnieuw bij een van deze pagina's.",
        "It cannot be done like this, or may not. Begin again at one of these pages.",
    ),
    "problem_ours": Words("Er ging iets mis", "Something went wrong"),
    "problem_ours_help": Words(
        "Dat ligt aan ons en niet aan u. Het is opgeschreven.",
        "The fault is ours and not yours. It has been noted.",
    ),
}
