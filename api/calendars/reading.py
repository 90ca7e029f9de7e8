# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""iCalendar text → busy times, and nothing else of it (RFC 5545).

Run as a program of its own (`python -m api.calendars.reading`): a feed that is made to take for ever, or all
of the memory, takes neither from the window.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Busy times are read from a day back to so far ahead.
BACK, AHEAD = timedelta(days=1), timedelta(days=14)
#: Nobody books a room each minute; such rules are there to keep us busy.
TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
#: A room has no more appointments than this in the time that is read, nor in its whole calendar.
MOST_BUSY, MOST_EVENTS = 2_000, 50_000
MEMORY_BYTES = 1_000_000_000
#: What is raised of what stands in a feed, here and in the libraries.
UNREADABLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, AssertionError)
#: The properties without which nobody knows when an event is.
TIMES = {"DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RDATE", "EXDATE"}
_PERIOD: Any = icalendar.vPeriod  # it has no types


class Busy(NamedTuple):
    """A space is booked in `[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int


class Dropped(StrEnum):
    """Why an appointment does not count; the last two of the time read, the others of the whole calendar."""

    NO_START = "without a start"
    BAD_TIME = "with a time that cannot be read"
    BAD_RULE = "with a rule that cannot be read"
    UNREADABLE = "that cannot be read"
    TOO_OFTEN = "each hour or more often"
    CANCELLED = "cancelled"
    TRANSPARENT = "shown as free"


class BadFeed(ValueError):
    """What came is no calendar, or one that cannot be read; the words hold nothing of it."""


class Read(NamedTuple):
    """What a feed says: the busy times in order and apart, and how many appointments count not, by why."""

    busy: list[Busy]
    dropped: Mapping[Dropped, int]


class _Types(icalendar.TypesFactory):
    """Takes FREEBUSY as words: the library gives up a whole calendar for one period that it cannot read."""

    def for_property(self, name: str, value_param: str | None = None) -> type:
        """The class for what stands at a property."""
        found: type = self["text"] if name == "FREEBUSY" else super().for_property(name, value_param)
        return found


class _Calendar(icalendar.Calendar):
    types_factory = _Types()


def read_feed(text: bytes, now_ms: int, zone: ZoneInfo) -> Read:
    """The busy times around now; touching and overlapping ones are one.

    Times without a zone are those of the site. Cancelled and transparent events do not count, nor do times
    that are said to be free. What cannot be read is left out and counted, and the others stay.
    """
    calendar, dropped = _calendar(text)
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    low, high = (at.astimezone(zone) for at in (now - BACK, now + AHEAD))
    low_ms, high_ms = _ms(low, zone), _ms(high, zone)
    spans = []
    for one in chain(_events(calendar, low, high, zone), _periods(calendar, zone)):
        if isinstance(one, Dropped):
            dropped[one] += 1
        elif one.end_ms > low_ms and one.start_ms < high_ms:
            spans.append(Busy(max(one.start_ms, low_ms), min(one.end_ms, high_ms)))
    if len(spans) > MOST_BUSY:
        raise BadFeed(f"it has more than {MOST_BUSY} appointments in {(AHEAD + BACK).days} days")
    return Read(joined(spans), dropped)


def joined(spans: Iterable[Busy]) -> list[Busy]:
    """Spans in order, those that touch or overlap as one; empty ones are none."""
    found: list[Busy] = []
    for one in sorted(span for span in spans if span.start_ms < span.end_ms):
        if found and one.start_ms <= found[-1].end_ms:
            found[-1] = Busy(found[-1].start_ms, max(found[-1].end_ms, one.end_ms))
        else:
            found.append(one)
    return found


def _calendar(text: bytes) -> tuple[Any, Counter[Dropped]]:
    """The calendar without what is not read of it, and how much that was."""
    if b"BEGIN:VCALENDAR" not in text[:4_096].upper():
        raise BadFeed("it is not a calendar")
    try:
        calendar: Any = _Calendar.from_ical(text)
        # Where the calendar itself is of another kind, or in a zone that is none, no event of it can be read.
        recurring_ical_events.of(calendar.copy())
    except UNREADABLE as error:
        raise BadFeed(f"it is not a calendar that can be read ({type(error).__name__})") from None
    looked_at = [(one, _mad(one)) for one in calendar.subcomponents]
    kept = [one for one, why in looked_at if why is None]
    if sum(max(len(_all(one, "FREEBUSY")), one.name == "VEVENT") for one in kept) > MOST_EVENTS:
        raise BadFeed(f"it has more than {MOST_EVENTS} events")
    calendar.subcomponents = kept
    return calendar, Counter(why for _, why in looked_at if why is not None)


def _all(component: Any, name: str) -> list[Any]:
    """What stands at a property, however often it is there."""
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]


def _mad(component: Any) -> Dropped | None:
    """Why an event is not even looked at."""
    rules = _all(component, "RRULE")
    if component.name != "VEVENT":
        return None
    if "DTSTART" not in component:
        return Dropped.NO_START
    if any(name in TIMES for name, _ in component.errors):
        return Dropped.BAD_TIME
    # The library would look for ever for what comes each 0 days.
    if any(not isinstance(rule, icalendar.vRecur) or min(rule.get("INTERVAL", [1])) < 1 for rule in rules):
        return Dropped.BAD_RULE
    is_too_often = any(str(one) in TOO_OFTEN for rule in rules for one in rule.get("FREQ", []))
    return Dropped.TOO_OFTEN if is_too_often else None


def _events(calendar: Any, low: datetime, high: datetime, zone: ZoneInfo) -> Iterator[Busy | Dropped]:
    """When each event is in the time that is read; of a series that cannot be unfolded, why not."""
    for series in _series(calendar):
        try:
            found = recurring_ical_events.of(series).between(low, high)
            yield from [_why_not(event) or _span(event, zone) for event in found]
        except UNREADABLE:
            yield from [Dropped.UNREADABLE] * len(series.subcomponents)


def _series(calendar: Any) -> Iterator[Any]:
    """A calendar for each event with what became of its occurrences, so that none is in the way of others."""
    found = defaultdict(list)
    for number, event in enumerate(calendar.subcomponents):
        if event.name == "VEVENT":
            found[str(event["UID"]) if "UID" in event else number].append(event)
    for events in found.values():
        alone = calendar.copy()
        alone.subcomponents = events
        yield alone


def _periods(calendar: Any, zone: ZoneInfo) -> Iterator[Busy | Dropped]:
    """The busy times of free/busy components (RFC 5545, section 3.6.4), whenever they are."""
    for component in calendar.subcomponents:
        if component.name == "VFREEBUSY":
            for period in _all(component, "FREEBUSY"):
                # Whatever is not FREE is busy, also of a kind that nobody knows (section 3.2.9).
                if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                    yield _period(period, zone)


def _period(period: Any, zone: ZoneInfo) -> Busy | Dropped:
    try:
        start, end = _PERIOD.from_ical(str(period), period.params.get("TZID"))
        ends = start + end if isinstance(end, timedelta) else end
        return Busy(*sorted((_ms(start, zone), _ms(ends, zone))))
    except UNREADABLE:
        return Dropped.BAD_TIME


def _why_not(event: Any) -> Dropped | None:
    """Why an event that was looked at makes no room busy."""
    if str(event.get("STATUS", "")) == "CANCELLED":
        return Dropped.CANCELLED
    return Dropped.TRANSPARENT if str(event.get("TRANSP", "")) == "TRANSPARENT" else None


def _span(event: Any, zone: ZoneInfo) -> Busy:
    return Busy(_ms(event["DTSTART"].dt, zone), _ms(event["DTEND"].dt, zone))


def _ms(at: date, zone: ZoneInfo) -> int:
    whole = at if isinstance(at, datetime) else datetime.combine(at, time())
    return round((whole if whole.tzinfo else whole.replace(tzinfo=zone)).timestamp() * 1000)


def _said() -> Iterator[str]:
    """What the program says: the busy times and what was dropped as JSON, or why there is nothing."""
    now_ms, zone = int(sys.argv[1]), ZoneInfo(sys.argv[2])
    try:
        yield json.dumps(read_feed(sys.stdin.buffer.read(), now_ms, zone)._asdict())
    except BadFeed as error:
        yield json.dumps({"why": str(error)})
    except (MemoryError, RecursionError) as error:
        yield json.dumps({"why": f"it cannot be read ({type(error).__name__})"})
    except Exception as error:  # noqa: BLE001  the window tells it; a traceback would hold words of the feed
        yield json.dumps(
            {"why": f"an internal mistake in reading it ({type(error).__name__}); please report it"}
        )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.writelines(_said())
