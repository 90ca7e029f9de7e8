# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is said about signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.words.language import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGN_IN: Mapping[str, Words] = {
    # signing in
    "sign_in": Words("Aanmelden", "Sign in"),
    "sign_out": Words("Afmelden", "Sign out"),
    "signed_in": Words("Aangemeld als {name}", "Signed in as {name}"),
    "sign_in_account": Words("Aanmelden met uw werkaccount", "Sign in with your work account"),
    "sign_in_token": Words("Sleutel", "Token"),
    "sign_in_token_help": Words(
        "Voor een scherm of een vaste werkplek; de beheerder maakt hem (bezet screen add).",
        "For a screen or a fixed place; the administrator makes it (bezet screen add).",
    ),
    "sign_in_open": Words(
        "Aanmelden is hier niet nodig: er is geen toegang ingesteld.",
        "There is no need to sign in here: no access has been set up.",
    ),
    "sign_in_away": Words(
        "Aanmelden lukt nu niet: de dienst die dat doet, antwoordt niet.",
        "You cannot sign in now: the service that does that does not answer.",
    ),
    "sign_in_again": Words("Dat lukte niet. Begin opnieuw.", "That did not work. Begin again."),
    "sign_in_no_token": Words("Deze sleutel telt hier niet.", "This token does not count here."),
}
