# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""15-minute facts of a zone or a space, as a pure function of stored states and readings."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bezet.model import KINDS, Level
from bezet.occupancy.zones import SPEAKS_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.messages import Batch

QUARTER_MS = 15 * 60_000
#: A stretch of occupied time begins a session when the space was not occupied for so long before it.
SESSION_GAP_MS = 5 * 60_000
#: How long a CO2 or power reading speaks when no other of its sensor follows.
READING_SPEAKS_MS = 15 * 60_000
#: So long after its instant what is stored can still change a fact.
REACH_MS = max(SPEAKS_MS + SESSION_GAP_MS, READING_SPEAKS_MS)
#: A quarter hour is made so long after its end, so that what was on its way is in it.
GRACE_MS = 2 * 60_000


class Over(StrEnum):
    """How a fact of a longer time follows from those of its quarter hours."""

    SUM = "sum"
    MAX = "max"


class Fact(NamedTuple):
    """One row of the table: how it adds up, and what it means."""

    over: Over
    meaning: str


FACTS: Mapping[str, Fact] = {
    "covered_s": Fact(Over.SUM, "time in which the sensors could speak"),
    "occupied_s": Fact(Over.SUM, "time in which somebody was there"),
    "counted_s": Fact(Over.SUM, "occupied time in which people were counted"),
    "person_s": Fact(Over.SUM, "people times time, over the counted time"),
    "people_max": Fact(Over.MAX, "most people at one instant of the counted time"),
    "co2_s": Fact(Over.SUM, "occupied time in which CO2 was measured"),
    "co2_ppm_s": Fact(Over.SUM, "CO2 times time over that time; divided by co2_s it is the mean in ppm"),
    "co2_max_ppm": Fact(Over.MAX, "highest CO2 in that time"),
    "co2_class_1_s": Fact(Over.SUM, "that time in the best class of the site's CO2 profile"),
    "co2_class_2_s": Fact(Over.SUM, "that time in the second class"),
    "co2_class_3_s": Fact(Over.SUM, "that time in the third class"),
    "co2_class_4_s": Fact(Over.SUM, "that time above every limit of the profile"),
    "av_s": Fact(Over.SUM, "time in which AV power was measured"),
    "av_on_s": Fact(Over.SUM, "time in which an AV device was on"),
    "av_on_occupied_s": Fact(Over.SUM, "time in which an AV device was on while somebody was there"),
    "av_on_empty_s": Fact(Over.SUM, "time in which an AV device was on while the space was known to be free"),
    "sessions_started": Fact(Over.SUM, "sessions that began"),
}
#: Where each fact stands in the rows of `ZoneFacts.amounts`.
ROW: Mapping[str, int] = {name: row for row, name in enumerate(FACTS)}


def touched_quarters(batch: Batch) -> set[int]:
    """The beginnings of the quarter hours whose facts may change with what is in the batch, t in ms."""
    instants = {state.t_ms for state in batch.states}
    instants |= {one.t_ms for one in batch.readings if KINDS[one.kind].level is not Level.PRESENCE}
    return {
        quarter_ms
        for t_ms in instants
        for quarter_ms in range(t_ms - t_ms % QUARTER_MS, t_ms + REACH_MS, QUARTER_MS)
    }
