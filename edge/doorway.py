# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Who went through a doorway, by two zones side by side in it. Pure.

    side a   ░░░ zone a ░░░▒▒▒▒▒▒░░░ zone b ░░░   side b        somebody under both is seen by both

Whoever came from one side and was last seen under the other zone alone has crossed, once nobody is seen any
more. So a half turn, standing in the doorway, and what covers both zones at once (a hand, two people who meet
there) count nothing. Two people count as one while there is no instant between them in which nobody is seen:
side by side, or closer behind each other than the zones are wide.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Passage(StrEnum):
    """From which side somebody came, and where they are."""

    EMPTY = "empty"
    A_AT_A = "from a, under a"
    A_AT_BOTH = "from a, under both"
    A_AT_B = "from a, under b"
    B_AT_B = "from b, under b"
    B_AT_BOTH = "from b, under both"
    B_AT_A = "from b, under a"
    UNSURE = "from nowhere"


P = Passage

#: What becomes of a passage when (nobody, only zone a, both zones, only zone b) see somebody.
TURNS: Mapping[Passage, tuple[Passage, Passage, Passage, Passage]] = {
    P.EMPTY: (P.EMPTY, P.A_AT_A, P.UNSURE, P.B_AT_B),
    P.A_AT_A: (P.EMPTY, P.A_AT_A, P.A_AT_BOTH, P.A_AT_B),
    P.A_AT_BOTH: (P.EMPTY, P.A_AT_A, P.A_AT_BOTH, P.A_AT_B),
    P.A_AT_B: (P.EMPTY, P.A_AT_A, P.A_AT_BOTH, P.A_AT_B),
    P.B_AT_B: (P.EMPTY, P.B_AT_A, P.B_AT_BOTH, P.B_AT_B),
    P.B_AT_BOTH: (P.EMPTY, P.B_AT_A, P.B_AT_BOTH, P.B_AT_B),
    P.B_AT_A: (P.EMPTY, P.B_AT_A, P.B_AT_BOTH, P.B_AT_B),
    P.UNSURE: (P.EMPTY, P.UNSURE, P.UNSURE, P.UNSURE),
}

#: What has happened when nobody is seen after this: 1 from side a to b, -1 from b to a.
CROSSED: Mapping[Passage, int] = {P.A_AT_B: 1, P.B_AT_A: -1}


def step(passage: Passage, *, in_a: bool, in_b: bool) -> tuple[Passage, int]:
    """The passage after the zones were looked at, and who crossed just now: 1 from a to b, -1 from b to a."""
    seen = (0, 3, 1, 2)[2 * in_a + in_b]
    after = TURNS[passage][seen]
    return after, CROSSED.get(passage, 0) if after is Passage.EMPTY else 0
