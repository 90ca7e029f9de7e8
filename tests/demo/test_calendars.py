# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The feeds of the town hall, read as a calendar program reads them, against what is booked."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import recurring_ical_events
from icalendar import Calendar

from bezet.building import read_building
from demo.calendars import feed, town_bookings
from demo.lens import Piece
from demo.people import Booking, Fate
from demo.town import make_town
from tests.conftest import ROOT
from tests.demo.towns import clock, small_town

if TYPE_CHECKING:
    from demo.town import Town

BUILDING = read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml")
TOWN = make_town(BUILDING, 1)
ROOMS = ("0.02", "0.03", "1.07", "1.11")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


class Seen(NamedTuple):
    """An event as a calendar program shows it."""

    from_ms: int
    to_ms: int


def shown(text: str, first: date, last: date) -> list[Seen]:
    """What a calendar program shows from one day up to another, without what is cancelled; in order."""
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(first, last)
    return sorted(
        Seen(*(round(event[key].dt.timestamp() * 1_000) for key in ("DTSTART", "DTEND")))
        for event in found
        if event["STATUS"] == "CONFIRMED"
    )


def events(text: str) -> list[Any]:
    """The events of a feed."""
    return Calendar.from_ical(text).walk("VEVENT")


def booked(town: Town, space: str, first: date, last: date) -> list[Seen]:
    """What is booked in a space on the days of life from one up to another, and not cancelled; in order."""
    days = (town.day(first + timedelta(days=number)) for number in range((last - first).days))
    return [
        Seen(one.from_ms, one.to_ms)
        for day in days
        for one in day.bookings
        if one.space == space and one.fate is not Fate.CANCELLED
    ]


@pytest.mark.parametrize(
    ("first", "weeks"),
    [
        pytest.param(date(2026, 10, 12), 5, id="clock set back on 25 October"),
        pytest.param(date(2026, 3, 16), 5, id="clock set forward on 29 March, and Easter"),
        pytest.param(date(2026, 8, 31), 3, id="the pilot's change"),
        pytest.param(date(2026, 12, 21), 2, id="Christmas"),
    ],
)
@pytest.mark.parametrize("space", ROOMS)
def test_a_feed_shows_what_is_booked(space: str, first: date, weeks: int) -> None:
    """A calendar program finds exactly what is booked and not cancelled, also where clocks change."""
    last = first + timedelta(days=7 * weeks)
    text = feed(TOWN, space, first, last)

    assert shown(text, first, last) == booked(TOWN, space, first, last)


def test_a_feed_holds_each_sort_of_event() -> None:
    """Series recur, with what is cancelled and what is left out; other events stand alone."""
    found = [
        one for space in ROOMS for one in events(feed(TOWN, space, date(2026, 3, 16), date(2026, 5, 18)))
    ]
    sorts = Counter(
        key for event in found for key in ("RRULE", "EXDATE", "RECURRENCE-ID") if key in event
    ) + Counter(str(event["STATUS"]) for event in found)

    assert all(sorts[key] for key in ("RRULE", "EXDATE", "RECURRENCE-ID", "CONFIRMED", "CANCELLED"))
    assert all(event["STATUS"] == "CANCELLED" for event in found if "RECURRENCE-ID" in event)


def test_a_series_keeps_its_name() -> None:
    """The uid of an event is the same in every feed that holds it, and no two events of a feed share one."""
    first, last = date(2026, 10, 5), date(2026, 11, 16)
    whole, later = (events(feed(TOWN, "1.07", begin, last)) for begin in (first, first + timedelta(days=14)))
    names = Counter((str(one["UID"]), str(one.get("RECURRENCE-ID"))) for one in whole)

    assert max(names.values()) == 1
    assert {str(one["UID"]) for one in later} <= {str(one["UID"]) for one in whole}


def test_a_feed_tells_nothing_but_time() -> None:
    """Events say that a space is taken and nothing of whom or of why."""
    told = {
        (str(one["SUMMARY"]), str(one["CLASS"]), *sorted(set(one) - {"RRULE", "EXDATE", "RECURRENCE-ID"}))
        for space in ROOMS
        for one in events(feed(TOWN, space, date(2026, 10, 5), date(2026, 11, 2)))
    }

    assert told == {("Bezet", "PRIVATE", "CLASS", "DTEND", "DTSTAMP", "DTSTART", "STATUS", "SUMMARY", "UID")}


def test_a_feed_is_the_same_each_time() -> None:
    """Two towns of one seed give the same text; times are those of the building's zone, which it explains."""
    first, last = date(2026, 10, 19), date(2026, 11, 2)
    text = feed(TOWN, "0.02", first, last)

    assert text == feed(make_town(BUILDING, 1), "0.02", first, last)
    assert "TZID:Europe/Amsterdam" in text
    assert all(str(one["DTSTART"].params["TZID"]) == "Europe/Amsterdam" for one in events(text))


def test_a_space_that_nobody_books_has_an_empty_calendar() -> None:
    """The feed of a space that cannot be booked is one without events."""
    text = feed(TOWN, "0.05", date(2026, 10, 19), date(2026, 11, 2))

    assert text.startswith("BEGIN:VCALENDAR")
    assert not events(text)


# --- bent time --------------------------------------------------------------------------------------------


def test_bookings_are_whole_and_in_order() -> None:
    """Whoever asks for a span gets each booking that touches it, whole."""
    one, other = (
        Booking(name, "1.01", clock(begin), clock(begin + 2), 3, Fate.HELD)
        for name, begin in (("b", 9), ("a", 13))
    )
    town = small_town(bookings=(other, one))

    assert town_bookings(town, "1.01", clock(10), clock(14)) == [one, other]
    assert town_bookings(town, "1.01", clock(11), clock(14)) == [other]
    assert town_bookings(town, "1.01", clock(11), clock(13)) == []
    assert town_bookings(town, "1.02", clock(8), clock(18)) == []


@pytest.mark.parametrize("end", [clock(23), math.inf])
def test_bookings_are_told_by_the_time_on_the_wall(end: float) -> None:
    """Where a morning is lived through ten times as fast at night, its bookings are there then, and short."""
    series = Booking("a", "1.01", clock(9), clock(10), 3, Fate.HELD, "s")
    lived_again = Piece(clock(22), end, clock(8.5), 10)
    town = replace(small_town(bookings=[series]), bent=(lived_again,))
    found = town_bookings(town, "1.01", clock(0), clock(24))

    assert [(one.uid, one.from_ms, one.to_ms) for one in found] == [
        ("a", clock(9), clock(10)),
        ("a", clock(22.05), clock(22.15)),
    ]
    assert town_bookings(town, "1.01", clock(22.1), clock(22.12)) == found[1:]


def test_bent_time_cuts_bookings() -> None:
    """A booking in whose middle life leaps elsewhere ends there, and one into which it leaps begins there."""
    one, other = (
        Booking(name, "1.01", clock(begin), clock(begin + 2), 3, Fate.HELD)
        for name, begin in (("a", 9), ("b", 13))
    )
    town = small_town(bookings=(one, other), bent=(Piece(clock(10), clock(10.5), clock(14), 1),))

    assert [(b.uid, b.from_ms, b.to_ms) for b in town_bookings(town, "1.01", clock(8), clock(12))] == [
        ("a", clock(9), clock(10)),
        ("b", clock(10), clock(10.5)),
        ("a", clock(10.5), clock(11)),
    ]


def test_a_feed_shows_bent_bookings_one_by_one() -> None:
    """Inside a bent piece events are single, on the wall; the series goes on around it."""
    first, last = date(2026, 10, 12), date(2026, 11, 9)
    leap_ms = round(datetime(2026, 10, 20, tzinfo=UTC).timestamp()) * 1_000
    bent = (Piece(leap_ms, leap_ms + DAY_MS // 4, leap_ms - 8 * DAY_MS, 4),)
    town = replace(TOWN, bent=bent)
    for space in ROOMS:
        text = feed(town, space, first, last)
        told = [
            Seen(one.from_ms, one.to_ms)
            for one in town_bookings(town, space, leap_ms - 8 * DAY_MS, leap_ms + 30 * DAY_MS)
            if one.fate is not Fate.CANCELLED and one.from_ms < clock(0, last)
        ]
        singles = [one for one in events(text) if "RRULE" not in one and "RECURRENCE-ID" not in one]

        assert shown(text, first, last) == told
        assert len({str(one["UID"]) for one in singles}) == len(singles)
