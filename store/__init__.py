# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Time series: one protocol, and stores that keep it; what `write` returned from is committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bezet.errors import Cause
    from bezet.messages import Batch, Health
    from bezet.model import Kind, Level, State, Zone
    from bezet.usage.columns import Floats, ReadingColumns, StateColumns, ZoneFacts

#: Rejects are for people to look at; older ones make room.
MAX_REJECTS = 1_000
MAX_REJECT_BYTES = 4_096
#: The most readings and states of a batch that `batches` gives.
PORTION_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Reject:
    """A message that was refused: when, on which topic, why, and how it began (at most 4 KiB)."""

    t_ms: int
    topic: str
    cause: Cause
    what: str
    payload: bytes


class Touched(NamedTuple):
    """A quarter hour of a space that was written to since its facts were made.

    `token` is the store's own: it tells this touch from a later one.
    """

    site: str
    space: str
    quarter_ms: int
    token: int


class Month(NamedTuple):
    """The facts of a whole site in a calendar month of its own time, `"2026-11"`; amounts as in `FACTS`.

    `revision` counts how often they changed after the month was over.
    """

    site: str
    month: str
    amounts: Floats
    revision: int


class Store(Protocol):
    """What the collector writes and the API reads. Spans are `[start_ms, end_ms)`.

    Every method may raise `StoreBusy` (nothing was done, another try may help) or `StoreUnusable`.
    """

    # --- what devices say ---------------------------------------------------------------------------------

    def write(self, batches: Sequence[Batch]) -> None:
        """Commit all of it, or raise; a repeat changes nothing, and of two that differ the last word stays.

        The quarter hours that it touches are marked together with it. What raised may be there in part when
        the store is a server; it was not promised to anybody, and is written again.
        """

    def write_health(self, healths: Sequence[Health]) -> None:
        """Commit what agents say of themselves; identity is (site, device, t)."""

    def readings(
        self,
        site: str,
        space: str,
        *,
        start_ms: int,
        end_ms: int,
        kinds: Collection[Kind] | None = None,
    ) -> ReadingColumns:
        """Readings of a space, of some kinds or of all."""

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> StateColumns:
        """States of a space, and each device's last ones before the span, however long ago."""

    def latest(self, site: str) -> list[tuple[Zone, State]]:
        """The newest state of every zone, in order of the zone."""

    def healths(self, site: str, *, start_ms: int, end_ms: int) -> list[Health]:
        """What agents said of themselves, in order of time and device."""

    def zones(self) -> list[Zone]:
        """Every zone of which there is a reading or a state, in order."""

    def batches(self, zone: Zone, *, start_ms: int, end_ms: int) -> Iterator[Batch]:
        """Everything of one zone in order of time, in portions of at most `PORTION_ROWS`, in constant memory.

        `boot` and `seq` of the portions mean nothing.
        """

    # --- facts ----------------------------------------------------------------------------------------------

    def touched(self, site: str) -> list[Touched]:
        """Quarter hours written to since their facts were made, in order of space and time."""

    def write_facts(self, facts: Sequence[ZoneFacts], done: Sequence[Touched]) -> None:
        """Put these quarter hours in the place of what was there; then forget the touches that are done.

        A quarter hour that was touched again in the meantime stays touched, and one whose touch somebody else
        has settled is touched anew: nobody can tell whose facts were made of the later rows.
        """

    def facts(
        self, site: str, space: str | None = None, *, start_ms: int, end_ms: int
    ) -> Iterator[ZoneFacts]:
        """Facts of one space or of all, zone by zone in order (`JOINT` first), in constant memory."""

    def write_months(self, months: Sequence[Month]) -> None:
        """Put these months in the place of what was there."""

    def months(self, site: str) -> list[Month]:
        """The months of a site, in order."""

    # --- removal --------------------------------------------------------------------------------------------

    def remove_before(self, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:
        """Remove what is older, and say how many rows went of each level that was named.

        Health goes with the states. Whoever calls sees to it that the facts are made.
        """

    def remove_space(self, site: str, space: str) -> dict[Level, int]:
        """Remove everything of a space, its facts too, and say how many rows went."""

    # --- what was refused -----------------------------------------------------------------------------------

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep refused messages for people to see: counted for ever, the newest 1,000 whole."""

    def rejects(self, limit: int = 50) -> list[Reject]:
        """The newest refused messages, newest first."""

    def reject_counts(self) -> dict[Cause, int]:
        """How many messages were ever refused, by cause."""

    def close(self) -> None:
        """Release files and connections; the store is not used after."""
