# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What only the lobby page says."""

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
}
