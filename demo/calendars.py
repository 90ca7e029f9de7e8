# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The calendars of the town hall: what is booked, by the time on the wall, and as iCalendar feeds (RFC 5545).

A feed tells when a space is booked and nothing else: no subject, no names.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from icalendar import Calendar, Event, vRecur

from demo.lens import pieces
from demo.people import Booking, Fate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from demo.town import Town

WEEK_DAYS = 7
#: Later than anything.
_FAR_MS = 2**53
SUMMARY = "Bezet"


class _Told(NamedTuple):
    """A booking by the time on the wall; `is_bent` where that is not its own time, or cuts it."""

    booking: Booking
    is_bent: bool


def town_bookings(town: Town, space: str, start_ms: int, end_ms: int) -> list[Booking]:
    """What is booked in a space in [`start_ms`, `end_ms`) by the time on the wall, in order of time.

    Bookings are whole, but for what bent time cuts off.
    """
    return sorted((one.booking for one in _told(town, space, start_ms, end_ms)), key=_by_time)


def _told(town: Town, space: str, start_ms: int, end_ms: int) -> Iterator[_Told]:
    for piece in pieces(town.bent, 0, _FAR_MS):
        from_ms, to_ms = max(piece.from_ms, start_ms), min(piece.to_ms, end_ms)
        if from_ms >= to_ms:
            continue
        life_end_ms = piece.life_at(piece.to_ms)
        for day in town.days(piece.life_at(from_ms), piece.life_at(to_ms)):
            for one in day.bookings:
                if one.space != space or one.from_ms >= life_end_ms or one.to_ms <= piece.life_ms:
                    continue
                begin_ms = piece.wall_at(max(one.from_ms, piece.life_ms))
                finish_ms = piece.wall_at(min(one.to_ms, life_end_ms))
                if begin_ms < end_ms and finish_ms > start_ms:
                    is_bent = (begin_ms, finish_ms) != (one.from_ms, one.to_ms)
                    yield _Told(one._replace(from_ms=begin_ms, to_ms=finish_ms), is_bent)


def feed(town: Town, space: str, start_day: date, end_day: date) -> str:
    """The iCalendar feed of what begins in a space from one day up to another, the last one not included.

    The same town and days give the same text.
    """
    zone = town.building.timezone
    start_ms, end_ms = (
        round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000
        for day in (start_day, end_day)
    )
    calendar = Calendar()
    calendar.add("prodid", "-//Bezet//demo//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", town.building.spaces[space].name)
    stamp = datetime(start_day.year, start_day.month, start_day.day, tzinfo=UTC)
    for event in _events(town, space, start_ms, end_ms):
        event.add("dtstamp", stamp)
        event.add("summary", SUMMARY)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    calendar.add_missing_timezones(start_day - timedelta(days=366), end_day + timedelta(days=366))
    told: bytes = calendar.to_ical()
    return told.decode()


def _events(town: Town, space: str, start_ms: int, end_ms: int) -> Iterator[Event]:
    zone = town.building.timezone
    series: defaultdict[str, list[Booking]] = defaultdict(list)
    for booking, is_bent in sorted(
        _told(town, space, start_ms, end_ms), key=lambda one: _by_time(one.booking)
    ):
        if booking.from_ms < start_ms:
            continue
        if booking.series and not is_bent:
            series[booking.series].append(booking)
        else:
            # Who lives through a day again books again.
            uid = f"{booking.uid}-{booking.from_ms}" if is_bent else booking.uid
            yield _event(uid, booking, zone)
    for name, bookings in series.items():
        yield from _series(name, bookings, zone)


def _event(uid: str, booking: Booking, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{uid}@bezet.example")
    event.add("dtstart", _local(booking.from_ms, zone))
    event.add("dtend", _local(booking.to_ms, zone))
    event.add("status", "CANCELLED" if booking.fate is Fate.CANCELLED else "CONFIRMED")
    return event


def _series(name: str, bookings: Sequence[Booking], zone: ZoneInfo) -> Iterator[Event]:
    """One event that recurs, and one for each that was cancelled; those that are not there are left out."""
    first, *_, last = [bookings[0], *bookings]
    main = _event(name, first._replace(fate=Fate.HELD), zone)
    days = [_local(one.from_ms, zone).date() for one in bookings]
    every_weeks = gcd(*((day - days[0]).days // WEEK_DAYS for day in days)) or 1
    main.add("rrule", vRecur(freq="WEEKLY", interval=every_weeks, until=_local(last.from_ms, UTC)))
    begins = _local(first.from_ms, zone)
    for number in range(0, (days[-1] - days[0]).days, WEEK_DAYS * every_weeks):
        if (days[0] + timedelta(days=number)) not in days:
            main.add("exdate", begins + timedelta(days=number))
    yield main
    for one in bookings:
        if one.fate is Fate.CANCELLED:
            event = _event(name, one, zone)
            event.add("recurrence-id", _local(one.from_ms, zone))
            yield event


def _local(t_ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(t_ms / 1_000, zone)


def _by_time(booking: Booking) -> tuple[int, int, str]:
    return booking.from_ms, booking.to_ms, booking.uid
