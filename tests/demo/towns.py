# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Small towns with people whose stays are written by hand, so that a test knows what it looks at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from bezet.building import read_building
from bezet.model import SpaceKind
from demo.people import Booking, Day, Doing, Stay, Thing, Visit
from demo.plan import make_plan
from demo.town import Town

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bezet.model import Building
    from demo.faults import Fault

#: The day that hand-made stays are on if nothing else is said: a Tuesday in winter, on which all is open.
TUESDAY = date(2026, 11, 24)
TIMEZONE = ZoneInfo("Europe/Amsterdam")
Timed = TypeVar("Timed", Stay, Booking, Thing)

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000


class Room(NamedTuple):
    """A space of a small town; one room of 20 m² for six to meet in, if nothing else is said."""

    id: str = "1.01"
    kind: SpaceKind = SpaceKind.MEETING
    capacity: int = 6
    area_m2: float = 20.0


def clock(hour: float, day: date = TUESDAY) -> int:
    """The instant in ms at which clocks in a small town show `hour` (10.5 is half past ten)."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=TIMEZONE)
    return round(midnight.timestamp() * 1_000 + hour * HOUR_MS)


def stay(
    person: str, from_h: float, to_h: float, doing: Doing = Doing.MEETING, space: str = "1.01", seat: int = 0
) -> Stay:
    """A stay on `TUESDAY`, between two hours of the clock."""
    return Stay(person, space, clock(from_h), clock(to_h), doing, seat)


def meeting(people: int, from_h: float, to_h: float, space: str = "1.01") -> tuple[Stay, ...]:
    """People who meet on `TUESDAY`, each at a seat, all from the first instant to the last."""
    return tuple(stay(f"p{seat}", from_h, to_h, space=space, seat=seat) for seat in range(people))


class StayingPeople:
    """People who stay where and when they are told to: `demo.people.days.People` without the dice.

    A stay belongs to the day on which it begins.
    """

    def __init__(
        self,
        stays: Iterable[Stay],
        timezone: ZoneInfo,
        bookings: Iterable[Booking] = (),
        things: Iterable[Thing] = (),
    ) -> None:
        self._timezone = timezone
        self._stays = sorted(stays, key=lambda one: (one.from_ms, one.person))
        self._bookings = tuple(bookings)
        self._things = tuple(things)
        self._days: dict[date, Day] = {}

    def day(self, day: date) -> Day:
        """What happens on a day."""
        if day not in self._days:
            stays = self._begun(self._stays, day)
            bookings, things = self._begun(self._bookings, day), self._begun(self._things, day)
            self._days[day] = Day(day, tuple(_visits(stays)), stays, bookings, things)
        return self._days[day]

    def _begun(self, those: Iterable[Timed], day: date) -> tuple[Timed, ...]:
        return tuple(
            one
            for one in those
            if datetime.fromtimestamp(one.from_ms / 1000, UTC).astimezone(self._timezone).date() == day
        )


def _visits(stays: Iterable[Stay]) -> Iterable[Visit]:
    """One visit for each person: from the first stay of the day to the last."""
    found: dict[str, Visit] = {}
    for one in stays:
        here = found.get(one.person, Visit(one.person, one.from_ms, one.to_ms))
        found[one.person] = Visit(one.person, here.from_ms, max(here.to_ms, one.to_ms))
    return sorted(found.values(), key=lambda one: (one.from_ms, one.person))


def small_building(*spaces: Room) -> Building:
    """A building of one floor, open from 08:00 to 18:00 on working days."""
    hours = "".join(f'{day} = "08:00-18:00"\n' for day in ("mon", "tue", "wed", "thu", "fri"))
    text = f'[site]\nid = "small"\nname = "Small"\ntimezone = "{TIMEZONE.key}"\n[site.hours]\n{hours}'
    text += '[[floor]]\nid = "1"\nname = "First"\n'
    for room in spaces or (Room(),):
        text += (
            f'[[space]]\nid = "{room.id}"\nname = "Room {room.id}"\nfloor = "1"\narea_m2 = {room.area_m2}\n'
        )
        text += f'[[space.layout]]\nstart = 2026-01-05\nkind = "{room.kind}"\n'
        text += f'capacity = {room.capacity}\nname = "As it is"\n'
    return read_building(text, "small.toml")


def small_town(
    *stays: Stay,
    seed: int = 1,
    faults: frozenset[Fault] = frozenset(),
    kind: SpaceKind = SpaceKind.MEETING,
    spaces: tuple[Room, ...] = (),
    bookings: Iterable[Booking] = (),
    things: Iterable[Thing] = (),
    **more: Any,
) -> Town:
    """A town of one room of that kind (or of those `spaces`), with these stays, and no fault by itself.

    `more` are the other fields of a `Town`: `happenings`, `bent`.
    """
    building = small_building(*(spaces or (Room(kind=kind),)))
    people = cast("Any", StayingPeople(stays, building.timezone, bookings, things))
    return Town(building, people, make_plan(building), seed, faults, **more)
