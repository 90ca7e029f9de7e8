# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How people use a Dutch town hall, as tables: who comes when, who meets where, what the pilot really does.

Figures that were published name their source. All others are ours: plausible, and chosen so that the example
building is as busy as its sources say.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bezet.model import SpaceKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bezet.model import Building, Layout, Space

T = TypeVar("T")

# --- who comes --------------------------------------------------------------------------------------------

#: Employees per place at a desk, in a focus room or at a meeting table (ours): so many that a Tuesday fills
#: the desks and meetings find people. Those who have no desk in the building file work elsewhere in the hall.
STAFF_PER_PLACE = 1.5
#: The share of employees who come, by weekday, 0 = Monday, in an ordinary week. The mean from Monday to
#: Friday is 51 %, that of the public sector, and Tuesday and Thursday are the busiest (CBRE, occupancy of
#: Dutch offices, 2025). Friday is near the 15-20 % of an insurer (NRC, 2022). How the rest is spread is ours.
#: A weekend is only for buildings that are open then.
PRESENT: Mapping[int, float] = {0: 0.50, 1: 0.67, 2: 0.50, 3: 0.67, 4: 0.21, 5: 0.05, 6: 0.03}
MEAN_PRESENT = sum(PRESENT[weekday] for weekday in range(5)) / 5
#: The weather and all the rest: a day is busier or quieter by up to this share (ours).
SWING = 0.08
#: School holidays of the Dutch region North in 2026 by ISO week, and the share of those who would come who
#: still do (ours). Other regions and years have other weeks; we leave that out.
SCHOOL_HOLIDAYS: Mapping[int, float] = {
    week: share
    for weeks, share in (
        ((1, 52, 53), 0.45),
        ((9, 28, 42), 0.87),
        ((18, 29, 33), 0.77),
        ((30, 31, 32), 0.63),
    )
    for week in weeks
}


class Spread(NamedTuple):
    """The share of people who have done something by an hour; straight lines in between."""

    shares: tuple[float, ...]
    hours: tuple[float, ...]


#: When those who come arrive, and when they leave, where the building is open in these hours (ours).
ORDINARY_H = (8.0, 18.0)
ARRIVED = Spread((0, 0.06, 0.22, 0.5, 0.78, 0.92, 1), (7.2, 7.6, 8.1, 8.6, 9.1, 9.7, 10.6))
LEFT = Spread((0, 0.1, 0.3, 0.6, 0.85, 0.96, 1), (15.3, 16.0, 16.6, 17.1, 17.5, 18.0, 18.8))
#: The share who come for the morning only, and as many for the afternoon only; they change over in these
#: hours.
HALF_DAY, NOON_H = 0.06, (12.2, 13.2)
#: The share who stay until the building closes, where it is open so late in the evening.
EVENING, EVENING_FROM_H = 0.06, 19.0

#: Lunch begins between these hours and lasts so long. So many have it in social spaces, as far as these have
#: room, and so many out of the building; the others eat where they work.
LUNCH_H, LUNCH_MIN = (12.0, 12.75), (18, 38)
LUNCH_SOCIAL, LUNCH_OUT = 0.58, 0.17
#: Of those who leave their desk for 20 minutes or longer, so many leave a bag or a coat on the chair. In
#: combined offices 23 % of places were found kept by things (CfPB, 2012).
THING, THING_FROM_MIN = 0.4, 20


def presence(building: Building, day: date) -> float:
    """The share of employees who come on a day; 0 on days on which the building is closed."""
    if day in building.holidays or day.weekday() not in building.hours:
        return 0.0
    return PRESENT[day.weekday()] * SCHOOL_HOLIDAYS.get(day.isocalendar().week, 1.0)


# --- rooms to meet in ---------------------------------------------------------------------------------------


class Habit(NamedTuple):
    """How rooms of a kind are used to meet, on a day on which an average number of employees comes.

    `series` is the share of the places of the weekly timetable that a series has; `singles` and `ad_hoc` are
    how many are booked once and not booked at all. `large` is the share of groups that are sized after the
    room.
    """

    series: float
    singles: float
    ad_hoc: float
    minutes: Mapping[int, float]
    large: float


_HOUR = {30: 0.22, 60: 0.53, 90: 0.15, 120: 0.10}
_LONG = {60: 0.25, 90: 0.35, 120: 0.25, 180: 0.15}
#: Kinds of rooms that can be booked. A meeting room and a hybrid one differ only by what the pilot does.
HABITS: Mapping[SpaceKind, Habit] = {
    SpaceKind.MEETING: Habit(0.36, 1.6, 1.2, _HOUR, 0.08),
    SpaceKind.HYBRID: Habit(0.36, 1.6, 1.2, _HOUR, 0.08),
    SpaceKind.CREATIVE: Habit(0.2, 0.9, 0.7, _LONG, 0.25),
    SpaceKind.FOCUS: Habit(0.0, 0.2, 0.0, _HOUR, 0.0),
}
#: A focus room of more places than this is a reading room, and nobody books it.
FOCUS_BOOKABLE = 4
#: Kinds that are rooms to meet in.
ROOMS = frozenset({SpaceKind.MEETING, SpaceKind.HYBRID, SpaceKind.CREATIVE})
#: One room is liked better than another by up to this share.
LIKED = 0.2
#: The size of a group; most are of two to four.
GROUPS: Mapping[int, float] = {1: 0.08, 2: 0.35, 3: 0.25, 4: 0.17, 5: 0.06, 6: 0.04, 8: 0.03, 10: 0.02}
#: A group is larger than the room is meant for in so many meetings, and a space never holds more than this.
CROWDED, FULLEST = 0.02, 1.15
#: Each one who was invited comes with this chance; at least one does.
COMES = 0.93

#: The weekly timetable of series: from when to when each place in it lasts, in hours.
TIMETABLE: tuple[tuple[float, float], ...] = ((8.5, 10.0), (10.0, 12.0), (13.0, 15.0), (15.0, 17.0))
#: A series runs for so many weeks, and then another takes its place; so many are every other week.
SERIES_WEEKS, FORTNIGHTLY = 26, 0.4
#: When what is booked once begins, in hours.
STARTS: Mapping[float, float] = {
    8.5: 0.04,
    9.0: 0.13,
    9.5: 0.09,
    10.0: 0.15,
    10.5: 0.09,
    11.0: 0.1,
    11.5: 0.03,
    13.0: 0.1,
    13.5: 0.08,
    14.0: 0.1,
    14.5: 0.04,
    15.0: 0.05,
}
#: What is not booked begins at any time between these hours, and lasts so many minutes.
AD_HOC_H, AD_HOC_MIN = (8.6, 16.8), (15, 65)
#: Of what is booked so much is cancelled. To the rest nobody comes where nobody is free, and besides in
#: shares that differ by room, between these two. Vendors tell of 29-45 % booked and not used; we take less.
CANCELLED_SERIES, CANCELLED_SINGLE = 0.08, 0.05
NO_SHOW = (0.14, 0.26)
#: So many end early, by so many minutes, and so many late.
ENDS_EARLY, EARLY_MIN = 0.22, (10, 25)
ENDS_LATE, LATE_MIN = 0.15, (2, 9)
#: A meeting begins up to so long after its time, most of them soon, and people trickle in and out.
BEGINS_LATE_MIN, TRICKLE_S = 5, 110
#: The chance that on a day somebody sits still alone in a room that can be booked, if it has up to so many
#: places; between which hours they begin, and for how long.
STILL, STILL_ROOM, STILL_H, STILL_MIN = 0.06, 8, (9.0, 15.0), (120, 150)

# --- the pilot ----------------------------------------------------------------------------------------------

#: The known true effect of the pilot: by so much is the number of uses a day multiplied in a room to meet in
#: whose kind changes from the one to the other. Any other change of a layout does nothing to it.
EFFECT = 1.6
EFFECTS: Mapping[tuple[SpaceKind, SpaceKind], float] = {(SpaceKind.MEETING, SpaceKind.HYBRID): EFFECT}


def effect_of(space: Space, day: date) -> float:
    """By how much the changes of its layout up to a day multiply how often a space is used to meet."""
    kinds = [one.kind for one in sorted(space.layouts, key=_start) if one.start <= day]
    factor = 1.0
    for before, after in pairwise(kinds):
        factor *= EFFECTS.get((before, after), 1.0)
    return factor


def _start(layout: Layout) -> date:
    return layout.start


# --- alone, on the phone, with coffee -----------------------------------------------------------------------


class Errand(NamedTuple):
    """What spaces of a kind are used for besides meetings: how often for each place on an average day.

    `hours` are (first, last) of when it begins, `minutes` (shortest, longest).
    """

    per_place: float
    hours: tuple[float, float]
    minutes: tuple[int, int]
    groups: Mapping[int, float]


_ALONE = {1: 1.0}
#: Coffee is drunk, and people talk standing or sitting, where they meet by chance.
ERRANDS: Mapping[SpaceKind, Errand] = {
    SpaceKind.FOCUS: Errand(1.3, (8.4, 16.0), (40, 140), _ALONE),
    SpaceKind.PHONE: Errand(9.0, (8.7, 17.2), (4, 22), _ALONE),
    SpaceKind.SOCIAL: Errand(1.0, (8.8, 17.0), (7, 28), {1: 0.35, 2: 0.35, 3: 0.2, 4: 0.1}),
}
#: Of those who work alone in a focus room, so many read and hardly move; of groups with coffee so many meet.
READS, TALKS = 0.25, 0.3

# --- who does not work here ---------------------------------------------------------------------------------

#: Visitors who come in an hour for each place of a social space: where it has hours of its own, and elsewhere
#: in the hours of the site.
VISITORS_OWN_HOURS, VISITORS = 0.08, 0.02
VISIT_MIN, VISIT_PAIR = (8, 50), 0.3
#: The council: every other Thursday evening in the biggest hybrid room, if it is for so many; cancelled in a
#: week in which fewer employees come than this share of the usual. How many sit there, as shares of the room.
COUNCIL_WEEKDAY, COUNCIL_H, COUNCIL_ROOM, COUNCIL_RECESS = 3, (19.5, 22.25), 12, 0.8
COUNCIL_MEMBERS, COUNCIL_PUBLIC = 0.7, (0.1, 0.4)
#: Cleaners come so long after the building closes, take up to so many spaces each, and so long for each
#: square metre, but at least and at most so many minutes a space.
CLEANED_AFTER_H, SPACES_PER_CLEANER, CLEANING_S_M2, CLEANING_MIN = 0.5, 16, 5.0, (2, 10)


def choose(table: Mapping[T, float], share: float) -> T:
    """What lies at a share in [0, 1) of a table of shares."""
    for one, part in table.items():  # noqa: B007 # the last one, where the shares are a little less than 1
        if share < part:
            break
        share -= part
    return one
