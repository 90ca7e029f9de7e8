# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The table of evidence: which kind speaks for presence, how strongly, and for how long.

Strength is in log-odds: 0 says nothing, +2 makes "somebody is there" e² = 7.4 times as likely as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bezet.model import Because, Kind, SpaceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The name of this version of the rules; every state carries it.
RULE = "fusion-2"


class Evidence(NamedTuple):
    """How one kind speaks. A reading at or above `high` is presence, and speaks with `present` log-odds.

    Because people sit still it goes on speaking so for `hold_s`, and then fades to `empty` within `fade_s`;
    both times the patience of the space's kind. Every reading falls silent after `valid_s`, because silence
    is not absence.
    """

    high: float
    present: float
    empty: float
    hold_s: int
    fade_s: int
    valid_s: int
    because: Because


EVIDENCE: Mapping[Kind, Evidence] = {
    Kind.MOTION: Evidence(1, 3.5, -2.5, 120, 300, 900, Because.MOTION),
    Kind.PRESENCE: Evidence(1, 2.5, -2.5, 120, 60, 900, Because.PRESENCE),
    Kind.TARGET_COUNT: Evidence(1, 2.5, -2.5, 120, 60, 900, Because.TARGET_COUNT),
    Kind.PEOPLE_COUNT: Evidence(1, 5.0, -4.0, 30, 60, 900, Because.PEOPLE_COUNT),
}
#: Of two sensors of one kind that see somebody at the same time, the second counts for this share.
SECOND_WITNESS = 0.5
#: The door: seen inside so long after it was shut, somebody is still there, for these hours at most; who was
#: not seen since it was shut has probably left. A motion sensor still shows who left for up to a minute.
DOOR_INSIDE, DOOR_LEFT = 3.0, -1.0
DOOR_SETTLE_S, DOOR_VALID_S = 90, 900
DOOR_INSIDE_S = 4 * 3_600
#: CO2 speaks by what people breathe out (air.py), as long as it was heard.
CO2_VALID_S = 900
#: Lamps: light that gains so many lux and this share at once was switched on, by somebody; that loses so much
#: was switched off, and in the dark nobody works. Daylight comes and goes more slowly. What is on may have
#: been forgotten, so it counts for these hours at most; and only where nothing looks into the space.
LAMP_ON, LAMP_OFF = 1.8, -2.5
LAMP_STEP_LUX, LAMP_ON_SHARE, LAMP_OFF_SHARE, DARK_LUX = 25.0, 0.3, 0.2, 5.0
LAMP_VALID_S, LAMP_ON_S = 900, 4 * 3_600
#: Beside sensors that look into the space air counts for this share: it says late what they say at once.
BESIDE = 0.5
#: For how much longer or shorter a space of a kind is believed to be used after somebody was seen: who reads
#: sits still, and a phone booth is left as soon as the call is over.
PATIENCE: Mapping[SpaceKind | None, float] = {
    SpaceKind.FOCUS: 2.0,
    SpaceKind.DESKS: 2.0,
    SpaceKind.PHONE: 0.4,
}

#: Patience is learned where people sit still alone and only motion looks; where groups follow each other, a
#: return is another group. Each time a space was called free and somebody moved in it again this soon, it
#: grows; each time nobody did for so long, it shrinks.
RETURN_WITHIN_S, LEFT_AFTER_S = 2_400, 3_600
MORE_PATIENCE, LESS_PATIENCE, MOST_PATIENCE = 1.2, 0.98, 3.0
LEARNS_PATIENCE = frozenset({SpaceKind.FOCUS})

#: What a doorway says: surely somebody, by its tally somebody, surely nobody. A tally drifts, so it is weaker
#: than a sensor that looks into the space, until other evidence has proven the space empty.
DOORWAY_SURE, DOORWAY_LIKELY, DOORWAY_EMPTY = 3.0, 1.5, -2.0
DOORWAY_VALID_S = 900
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

#: A sensor that still sees somebody says so at least this often (edge/report.py), with some time to spare.
SAID_EACH_S = 90
#: A state is said again after this time even if nothing changed; silence for longer is no statement.
SAY_AGAIN_S = 300
