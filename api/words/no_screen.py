# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is said where there is no such screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_SCREEN: Mapping[str, Words] = {
    "no_screen": Words("Dit scherm is er niet", "There is no such screen"),
    "no_screen_named": Words(
        "Er is geen scherm met de naam “{id}”.", "There is no screen that is called “{id}”."
    ),
    "no_screen_do": Words(
        "Kijk of de naam in het adres klopt. De beheerder zet schermen in window.toml.",
        "Check the name in the address. Whoever runs this puts screens in window.toml.",
    ),
    "screens_there_are": Words("Deze schermen zijn er:", "These screens are there:"),
    "everything": Words("Alle ruimtes", "All rooms"),
}
