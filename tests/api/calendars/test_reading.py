# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""iCalendar text becomes busy times, and nothing else of it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.calendars.reading import BadFeed, Busy, Dropped, joined, read_feed

ZONE = ZoneInfo("Europe/Amsterdam")
#: A Friday, two days before the clock is put back.
NOW = datetime(2026, 10, 23, 6, 0, tzinfo=UTC)

OUTLOOK = """BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def feed(*events: str, before: str = "") -> bytes:
    """A calendar with these events, each a few lines."""
    body = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nDTSTAMP:20260101T000000Z\n{one}\nEND:VEVENT\n"
        for n, one in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{before}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def free_busy(lines: str, before: str = "") -> bytes:
    """A calendar with a free/busy component of these lines, beside an event at nine."""
    return feed(
        NINE, before=f"{before}BEGIN:VFREEBUSY\nUID:f\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VFREEBUSY\n"
    )


def busy(text: bytes) -> list[str]:
    """The busy times around now, as in "24-10 09:00-10:00" by the clock on the wall."""
    found = read_feed(text, round(NOW.timestamp() * 1000), ZONE).busy
    local = [[datetime.fromtimestamp(t_ms / 1000, ZONE) for t_ms in one] for one in found]
    return [f"{start:%d-%m %H:%M}-{end:%H:%M}" for start, end in local]


LOCAL = "DTSTART;TZID=Europe/Amsterdam:{0}\nDTEND;TZID=Europe/Amsterdam:{1}"
NINE = LOCAL.format("20261023T090000", "20261023T100000")

#: What a calendar holds, and when the room is booked.
CASES: dict[str, tuple[bytes, list[str]]] = {
    "one": (feed(NINE), ["23-10 09:00-10:00"]),
    "nothing": (feed(), []),
    "in UTC": (feed("DTSTART:20261023T070000Z\nDTEND:20261023T080000Z"), ["23-10 09:00-10:00"]),
    "of another place": (
        feed("DTSTART;TZID=Europe/London:20261023T080000\nDTEND;TZID=Europe/London:20261023T090000"),
        ["23-10 09:00-10:00"],
    ),
    "floating: the site's own time": (
        feed("DTSTART:20261023T090000\nDTEND:20261023T100000"),
        ["23-10 09:00-10:00"],
    ),
    "a zone as Outlook calls it": (
        feed(
            "DTSTART;TZID=W. Europe Standard Time:20261026T090000\n"
            "DTEND;TZID=W. Europe Standard Time:20261026T100000",
            before=OUTLOOK,
        ),
        ["26-10 09:00-10:00"],
    ),
    "a whole day": (feed("DTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261025"), ["24-10 00:00-00:00"]),
    "a day without an end": (feed("DTSTART;VALUE=DATE:20261024"), ["24-10 00:00-00:00"]),
    "a duration": (feed("DTSTART:20261023T070000Z\nDURATION:PT90M"), ["23-10 09:00-10:30"]),
    "no length": (feed("DTSTART:20261023T070000Z"), []),
    "backwards is turned round": (
        feed("DTSTART:20261023T080000Z\nDTEND:20261023T070000Z"),
        ["23-10 09:00-10:00"],
    ),
    "cancelled": (feed(f"{NINE}\nSTATUS:CANCELLED"), []),
    "tentative counts": (feed(f"{NINE}\nSTATUS:TENTATIVE"), ["23-10 09:00-10:00"]),
    "shown as free": (feed(f"{NINE}\nTRANSP:TRANSPARENT"), []),
    "two that touch are one": (
        feed(NINE, LOCAL.format("20261023T100000", "20261023T110000")),
        ["23-10 09:00-11:00"],
    ),
    "two that overlap are one": (
        feed(NINE, LOCAL.format("20261023T093000", "20261023T094500")),
        ["23-10 09:00-10:00"],
    ),
    "each week, over the change of the clock": (
        feed(f"{LOCAL.format('20261009T090000', '20261009T100000')}\nRRULE:FREQ=WEEKLY;COUNT=5"),
        ["23-10 09:00-10:00", "30-10 09:00-10:00"],
    ),
    "through the night in which the clock goes back": (
        feed(LOCAL.format("20261025T013000", "20261025T033000")),
        ["25-10 01:30-03:30"],
    ),
    "each day but one": (
        feed(
            f"{NINE}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Europe/Amsterdam:20261024T090000",
        ),
        ["23-10 09:00-10:00", "25-10 09:00-10:00"],
    ),
    "and one day more": (
        feed(f"{NINE}\nRDATE;TZID=Europe/Amsterdam:20261027T150000"),
        ["23-10 09:00-10:00", "27-10 15:00-16:00"],
    ),
    "outside of what is read": (feed(LOCAL.format("20270101T090000", "20270101T100000")), []),
    "the year 9999": (feed("DTSTART:99991231T070000Z\nDTEND:99991231T080000Z", NINE), ["23-10 09:00-10:00"]),
    "each second": (feed(f"{NINE}\nRRULE:FREQ=SECONDLY", NINE), ["23-10 09:00-10:00"]),
    "without a start": (feed("DTEND:20261023T080000Z", NINE), ["23-10 09:00-10:00"]),
    "free/busy, as a start and how long": (
        free_busy("FREEBUSY;FBTYPE=BUSY:20261024T090000Z/PT1H"),
        ["23-10 09:00-10:00", "24-10 11:00-12:00"],
    ),
    "free/busy, without a type": (
        free_busy("FREEBUSY:20261024T090000Z/20261024T100000Z"),
        ["23-10 09:00-10:00", "24-10 11:00-12:00"],
    ),
    "free/busy, a list and more lines": (
        free_busy(
            "FREEBUSY;VALUE=PERIOD:20261024T090000Z/PT1H,20261024T120000Z/20261024T123000Z\n"
            "FREEBUSY:20261026T090000Z/PT30M"
        ),
        ["23-10 09:00-10:00", "24-10 11:00-12:00", "24-10 14:00-14:30", "26-10 10:00-10:30"],
    ),
    "free/busy, only FREE is free": (
        free_busy(
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261024T090000Z/PT1H\n"
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261024T120000Z/PT1H\n"
            "FREEBUSY;FBTYPE=X-OURS:20261024T140000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20261024T160000Z/PT1H"
        ),
        ["23-10 09:00-10:00", "24-10 11:00-12:00", "24-10 14:00-15:00", "24-10 16:00-17:00"],
    ),
    "free/busy, in a zone": (
        free_busy("FREEBUSY;TZID=Europe/London:20261024T080000/20261024T090000"),
        ["23-10 09:00-10:00", "24-10 09:00-10:00"],
    ),
    "free/busy, in a zone as Outlook calls it": (
        free_busy("FREEBUSY;TZID=W. Europe Standard Time:20261026T090000/PT1H", before=OUTLOOK),
        ["23-10 09:00-10:00", "26-10 09:00-10:00"],
    ),
    "free/busy, outside of what is read and over its end": (
        free_busy("FREEBUSY:20260901T090000Z/PT1H,20261106T000000Z/P30D,20270101T090000Z/PT1H"),
        ["23-10 09:00-10:00", "06-11 01:00-07:00"],
    ),
    "free/busy, one that cannot be read": (
        free_busy("FREEBUSY:rubbish,20261024T090000Z/PT1H,99991231T000000Z/P9999D"),
        ["23-10 09:00-10:00", "24-10 11:00-12:00"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_when_a_room_is_booked(case: str) -> None:
    """A calendar says when the room is booked, by the clock on the wall, as its cases say."""
    text, times = CASES[case]

    assert busy(text) == times


def test_what_does_not_count_is_counted() -> None:
    """Of each appointment that makes no room busy it is told why, and nothing else of it."""
    text = feed(
        *(NINE, f"{NINE}\nSTATUS:CANCELLED", f"{NINE}\nSTATUS:CANCELLED", f"{NINE}\nTRANSP:TRANSPARENT"),
        *(f"{NINE}\nRRULE:FREQ=MINUTELY", "DTEND:20261023T080000Z"),
        f"{LOCAL.format('20270101T090000', '20270101T100000')}\nSTATUS:CANCELLED",
    )
    found = read_feed(text, round(NOW.timestamp() * 1000), ZONE)

    assert len(found.busy) == 1
    assert found.dropped == {
        Dropped.CANCELLED: 2,
        Dropped.TRANSPARENT: 1,
        Dropped.TOO_OFTEN: 1,
        Dropped.NO_START: 1,
    }


#: An event, or free/busy, that cannot be read, and why.
UNREAD = {
    "a start": (feed("DTSTART:notadate", NINE), Dropped.BAD_TIME),
    "an end": (feed("DTSTART:20261023T070000Z\nDTEND:soon", NINE), Dropped.BAD_TIME),
    "a day that is not in its rule": (feed(f"{NINE}\nRRULE:FREQ=DAILY\nEXDATE:x", NINE), Dropped.BAD_TIME),
    "a rule": (feed(f"{NINE}\nRRULE:FREQ=NEVER", NINE), Dropped.BAD_RULE),
    "the second of two rules": (
        feed(f"{NINE}\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=NEVER", NINE),
        Dropped.BAD_RULE,
    ),
    "a rule that is said to be text": (feed(f"{NINE}\nRRULE;VALUE=TEXT:FREQ=DAILY", NINE), Dropped.BAD_RULE),
    "each 0 days": (feed(f"{NINE}\nRRULE:FREQ=DAILY;INTERVAL=0", NINE), Dropped.BAD_RULE),
    "a rule without how often": (feed(f"{NINE}\nRRULE:COUNT=3", NINE), Dropped.UNREADABLE),
    "two starts": (feed("DTSTART:20261023T070000Z\nDTSTART:20261023T080000Z", NINE), Dropped.UNREADABLE),
    "a length for a start": (feed("DTSTART:PT1H", NINE), Dropped.UNREADABLE),
    "a free/busy time": (free_busy("FREEBUSY:rubbish"), Dropped.BAD_TIME),
}


@pytest.mark.parametrize("case", UNREAD)
def test_what_cannot_be_read_is_counted_and_the_others_stay(case: str) -> None:
    """One event that cannot be read is left out and counted, with why, and is in the way of no other."""
    text, why = UNREAD[case]
    found = read_feed(text, round(NOW.timestamp() * 1000), ZONE)

    assert busy(text) == ["23-10 09:00-10:00"]
    assert found.dropped == {why: 1}


@pytest.mark.parametrize("line", ["X-WR-TIMEZONE:Nowhere/Land\n", "CALSCALE:JULIAN\n"])
def test_a_calendar_of_which_no_event_can_be_read_is_refused(line: str) -> None:
    """Where no event can be read the calendar is not told to be empty."""
    with pytest.raises(BadFeed, match="not a calendar that can be read"):
        read_feed(feed(NINE, before=line), round(NOW.timestamp() * 1000), ZONE)


WEEK_2 = "RECURRENCE-ID;TZID=Europe/Amsterdam:20261030T090000"


def series(change: str) -> bytes:
    """A weekly appointment, and what became of one of its weeks."""
    main = f"{LOCAL.format('20261023T090000', '20261023T100000')}\nRRULE:FREQ=WEEKLY;COUNT=3"
    text = feed(main, change).decode()
    return text.replace("UID:1\r\n", "UID:0\r\n").encode()


def test_one_of_a_series_is_moved() -> None:
    """An occurrence with a time of its own stands there, and not where it was."""
    moved = f"{WEEK_2}\n{LOCAL.format('20261029T140000', '20261029T150000')}"

    assert busy(series(moved)) == ["23-10 09:00-10:00", "29-10 14:00-15:00"]


def test_one_of_a_series_that_cannot_be_read() -> None:
    """An occurrence whose change cannot be read stands where it was."""
    text = series(f"{WEEK_2}\nDTSTART:later")

    assert busy(text) == ["23-10 09:00-10:00", "30-10 09:00-10:00"]
    assert read_feed(text, round(NOW.timestamp() * 1000), ZONE).dropped == {Dropped.BAD_TIME: 1}


def test_one_of_a_series_is_cancelled() -> None:
    """An occurrence that was cancelled is free again, and the others stay."""
    off = f"{WEEK_2}\n{LOCAL.format('20261030T090000', '20261030T100000')}"

    assert busy(series(f"{off}\nSTATUS:CANCELLED")) == ["23-10 09:00-10:00"]


BAD = {
    "empty": b"",
    "a page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "zeros": b"\0" * 1_000,
    "random": bytes(range(256)) * 40,
    "begun only": b"BEGIN:VCALENDAR\r\n",
    "too many": feed(*[f"DTSTART:202610{20 + n % 9}T0{n % 7}0000Z\nDURATION:PT1M" for n in range(3_000)]),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_calendar_is_refused(case: str) -> None:
    """It raises BadFeed, whose words hold nothing of what came."""
    with pytest.raises(BadFeed) as refused:
        read_feed(BAD[case], round(NOW.timestamp() * 1000), ZONE)

    assert "Sign in" not in str(refused.value)


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=6, max_size=30))
def test_nothing_but_times_comes_through(secret: str) -> None:
    """Whatever stands in a title, a place, a name or an id, the result is whole numbers."""
    lines = [
        f"SUMMARY:{secret}",
        f"LOCATION:{secret}",
        f"ORGANIZER;CN={secret}:mailto:a@b.c",
        f"DESCRIPTION:{secret}",
    ]
    found = read_feed(feed("\n".join([NINE, *lines])), round(NOW.timestamp() * 1000), ZONE).busy

    assert len(found) == 1
    assert all(type(t_ms) is int for one in found for t_ms in one)


@given(st.lists(st.builds(Busy, st.integers(0, 50), st.integers(0, 50))))
def test_joined_spans_cover_the_same_and_stand_apart(spans: list[Busy]) -> None:
    """An instant is in one of them if it is in one of the given, and no two touch."""
    found = joined(spans)

    for t in range(52):
        is_in = any(one.start_ms <= t < one.end_ms for one in spans)
        assert is_in == any(one.start_ms <= t < one.end_ms for one in found)
    assert all(before.end_ms < after.start_ms for before, after in pairwise(found))
