# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Stored rows as batches again, a bounded number at a time: what copying from store to store goes by."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bezet.messages import Batch, Clock
from bezet.model import Reading, State
from store import PORTION_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bezet.model import Zone

#: No agent sent it: it is what a portion says where a message names the start of its agent.
NO_BOOT = "0" * 16


def portions(zone: Zone, rows: Iterable[Reading | State]) -> Iterator[Batch]:
    """Batches of at most `PORTION_ROWS` of the rows, in their order."""
    left = iter(rows)
    while portion := list(islice(left, PORTION_ROWS)):
        yield Batch(
            site=zone.site,
            device=zone.device,
            space=zone.space,
            boot=NO_BOOT,
            seq=1,
            clock=Clock.TRUSTED,
            readings=tuple(row for row in portion if isinstance(row, Reading)),
            states=tuple(row for row in portion if isinstance(row, State)),
        )
