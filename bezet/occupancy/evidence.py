# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The table of evidence: which kind speaks for presence, how strongly, and for how long.

Strength is in log-odds: 0 says nothing, +2 makes "somebody is there" e² = 7.4 times as likely as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Because, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The name of this version of the table and of filter.py; every state carries it.
RULE = "first-2"


class Evidence(NamedTuple):
    """How one kind speaks: `empty` log-odds at or below `low`, `present` at or above `high`, a line between.

    A reading at or above `high` goes on speaking for `hold_s`, because people sit still; every reading falls
    silent after `valid_s`, because silence is not absence.
    """

    low: float
    high: float
    empty: float
    present: float
    hold_s: int
    valid_s: int
    because: Because

    def log_odds(self, value: float) -> float:
        """What a value says."""
        share = (value - self.low) / (self.high - self.low)
        return self.empty + (self.present - self.empty) * min(max(share, 0.0), 1.0)


#: Five minutes of hold is the best of 0, 5, 10 and 15 on a recorded room with two motion sensors (UCI Room
#: Occupancy Estimation, first three days); the CO2 line is centred on what divides a used office from an
#: empty one without ventilation being known, and is kept weak because people leave faster than their breath.
EVIDENCE: Mapping[Kind, Evidence] = {
    Kind.MOTION: Evidence(0, 1, -2.0, 4.0, 300, 900, Because.MOTION),
    Kind.PRESENCE: Evidence(0, 1, -3.0, 4.0, 60, 900, Because.PRESENCE),
    Kind.TARGET_COUNT: Evidence(0, 1, -2.5, 3.5, 60, 900, Because.TARGET_COUNT),
    Kind.PEOPLE_COUNT: Evidence(0, 1, -4.0, 5.0, 60, 900, Because.PEOPLE_COUNT),
    Kind.CO2_PPM: Evidence(500, 900, -2.0, 2.0, 0, 900, Because.CO2_PPM),
}

#: What a doorway says: surely somebody, by its tally somebody, surely nobody. A tally drifts, so it is weaker
#: than a sensor that looks into the space, until other evidence has proven the space empty.
DOORWAY_SURE, DOORWAY_LIKELY, DOORWAY_EMPTY = 3.0, 1.5, -2.0
DOORWAY_VALID_S = 900
#: More than this are never counted in; no space of a town hall that has one doorway holds more.
DOORWAY_MOST = 150.0
#: The kinds that look into the space, and for how long they must have seen nobody, and nobody come in, until
#: the space is proven empty, whatever the tally says. A motion sensor is blind to who sits still.
PROVEN_EMPTY_S: Mapping[Kind, int] = {
    Kind.MOTION: 7_200,
    Kind.PRESENCE: 1_800,
    Kind.TARGET_COUNT: 1_800,
    Kind.PEOPLE_COUNT: 1_800,
}

#: A space becomes occupied above the first, free below the second, and stays what it was in between.
OCCUPIED_FROM = 0.6
FREE_UP_TO = 0.4

#: A state is said again after this time even if nothing changed; silence for longer is no statement.
SAY_AGAIN_S = 300
