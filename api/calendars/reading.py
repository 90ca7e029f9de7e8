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
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
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


class Busy(NamedTuple):
    """A space is booked in `[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int


class Dropped(StrEnum):
    """Why an appointment does not count; the first two of the whole calendar, the others of the time read."""

    NO_START = "without a start"
    TOO_OFTEN = "each hour or more often"
    CANCELLED = "cancelled"
    TRANSPARENT = "shown as free"


class BadFeed(ValueError):
    """What came is no calendar, or one that cannot be read; the words hold nothing of it."""


class Read(NamedTuple):
    """What a feed says: the busy times in order and apart, and how many appointments count not, by why."""

    busy: list[Busy]
    dropped: Mapping[Dropped, int]


def read_feed(text: bytes, now_ms: int, zone: ZoneInfo) -> Read:
    """The busy times around now; touching and overlapping ones are one.

    Times without a zone are those of the site. Cancelled and transparent events do not count.
    """
    calendar, dropped = _calendar(text)
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    first, last = now - BACK, now + AHEAD
    try:
        found = recurring_ical_events.of(calendar, skip_bad_series=True).between(
            first.astimezone(zone), last.astimezone(zone)
        )
        dropped.update(why for event in found if (why := _why_not(event)))
        spans = [span for event in found if _why_not(event) is None and (span := _span(event, zone))]
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError) as error:
        raise BadFeed(f"its events cannot be read ({type(error).__name__})") from None
    if len(spans) > MOST_BUSY:
        raise BadFeed(f"it has more than {MOST_BUSY} appointments in {(AHEAD + BACK).days} days")
    low_ms, high_ms = (round(at.timestamp() * 1000) for at in (first, last))
    busy = joined(Busy(max(one.start_ms, low_ms), min(one.end_ms, high_ms)) for one in spans)
    return Read(busy, dropped)


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
        calendar: Any = icalendar.Calendar.from_ical(text)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadFeed(f"it is not a calendar that can be read ({type(error).__name__})") from None
    looked_at = [(one, _mad(one)) for one in calendar.subcomponents]
    kept = [one for one, why in looked_at if why is None]
    if sum(one.name == "VEVENT" for one in kept) > MOST_EVENTS:
        raise BadFeed(f"it has more than {MOST_EVENTS} events")
    calendar.subcomponents = kept
    return calendar, Counter(why for _, why in looked_at if why is not None)


def _mad(component: Any) -> Dropped | None:
    """Why an event is not even looked at."""
    rules = component.get("RRULE", [])
    rules = rules if isinstance(rules, list) else [rules]
    if component.name != "VEVENT":
        return None
    if "DTSTART" not in component:
        return Dropped.NO_START
    is_too_often = any(str(one) in TOO_OFTEN for rule in rules for one in rule.get("FREQ", []))
    return Dropped.TOO_OFTEN if is_too_often else None


def _why_not(event: Any) -> Dropped | None:
    """Why an event that was looked at makes no room busy."""
    if str(event.get("STATUS", "")) == "CANCELLED":
        return Dropped.CANCELLED
    return Dropped.TRANSPARENT if str(event.get("TRANSP", "")) == "TRANSPARENT" else None


def _span(event: Any, zone: ZoneInfo) -> Busy | None:
    start = event.get("DTSTART")
    if start is None:
        return None
    begins = start.dt
    ends = event["DTEND"].dt if "DTEND" in event else begins + _length(event, begins)
    return Busy(_ms(begins, zone), _ms(ends, zone))


def _length(event: Any, begins: date) -> timedelta:
    """Without an end: a whole day for a date, nothing for a time (RFC 5545, section 3.6.1)."""
    if "DURATION" in event:
        found: timedelta = event["DURATION"].dt
        return found
    return timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)


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


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.writelines(_said())
