# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.model import Agreement, Level, Retention
from bezet.retention import TERMS, months_before_ms

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from(["Europe/Amsterdam", "UTC", "America/St_Johns", "Pacific/Kiritimati"]).map(ZoneInfo)
INSTANTS = st.integers(1_577_836_800_000, 2_208_988_800_000)  # 2020 to 2040
DAY = timedelta(days=1)


def ms(text: str, timezone: ZoneInfo = AMSTERDAM) -> int:
    """The instant of a local date and time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=timezone).timestamp() * 1000)


def local(t_ms: int, timezone: ZoneInfo = AMSTERDAM) -> str:
    """An instant as a local date and time, to the minute."""
    return f"{datetime.fromtimestamp(t_ms / 1000, UTC).astimezone(timezone):%Y-%m-%d %H:%M}"


def retentions() -> st.SearchStrategy[Retention]:
    """Whatever a building file may say, with an agreement or without."""
    agreements = st.builds(Agreement, st.just("OR 7"), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
    terms = {key: st.integers(term.least, term.most) for key, term in TERMS.items()}
    return st.builds(Retention, **terms, agreement=st.none() | agreements)


# --- what was promised ------------------------------------------------------------------------------------


def test_the_promise() -> None:
    """Presence goes after 24 hours, other readings and states after 90 days, facts after 25 months."""
    limits = Retention().limits(ms("2026-11-23 14:00"), AMSTERDAM)

    assert {level: local(limit_ms) for level, limit_ms in limits.items()} == {
        Level.PRESENCE: "2026-11-22 14:00",
        Level.ENVIRONMENT: "2026-08-25 15:00",
        Level.STATES: "2026-08-25 15:00",
        Level.FACTS: "2024-10-23 14:00",
    }


def test_the_page_has_the_terms() -> None:
    """Each row of the page has the promise and the least of its key."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "keep-less.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|.*\| `(\w+)` \| (\d+) \w+ \| (\d+) \|$", page, flags=re.MULTILINE)

    assert rows == [(key, str(term.promised), str(term.least)) for key, term in TERMS.items()]


@given(kept=retentions(), now_ms=INSTANTS, timezone=ZONES)
def test_nothing_is_kept_longer_without_an_agreement(
    kept: Retention, now_ms: int, timezone: ZoneInfo
) -> None:
    """The limits are the site's while its agreement lasts, else the stricter of site and promise."""
    limits = kept.limits(now_ms, timezone)
    promised = Retention().limits(now_ms, timezone)
    asked = Retention(
        kept.presence_hours,
        kept.environment_days,
        kept.states_days,
        kept.facts_months,
        Agreement("", date.max),
    ).limits(now_ms, timezone)
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(timezone).date()
    if kept.agreement and today <= kept.agreement.until:
        assert limits == asked
    else:
        assert limits == {level: max(asked[level], promised[level]) for level in Level}


@pytest.mark.parametrize(
    ("now", "kept_hours"),
    [("2026-10-24 12:00", 100), ("2026-10-25 23:59:59", 100), ("2026-10-26 00:00", 24), ("2027-01-01", 24)],
)
def test_an_agreement_ends_by_itself(now: str, kept_hours: int) -> None:
    """Longer numbers hold to the end of the last day at the site, here one of 25 hours, and no further."""
    kept = Retention(presence_hours=100, states_days=7, agreement=Agreement("OR 7", date(2026, 10, 25)))
    limits = kept.limits(ms(now), AMSTERDAM)

    assert ms(now) - limits[Level.PRESENCE] == kept_hours * 3_600_000
    assert ms(now) - limits[Level.STATES] == 7 * 24 * 3_600_000


# --- calendar months --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        ("2026-11-23 14:00", 1, "2026-10-23 14:00"),
        ("2026-11-23 14:00", 11, "2025-12-23 14:00"),
        ("2026-12-31 23:59", 1, "2026-12-01 00:00"),  # there is no 31 November
        ("2026-03-28 14:00", 1, "2026-02-28 14:00"),
        ("2026-03-29 14:00", 1, "2026-03-01 00:00"),
        ("2028-03-29 14:00", 1, "2028-02-29 14:00"),
        ("2026-04-30 02:30", 1, "2026-03-30 02:30"),
        ("2026-04-29 02:30", 1, "2026-03-29 03:30"),  # the clock jumped over half past two
        ("2027-01-15 09:00", 25, "2024-12-15 09:00"),
    ],
)
def test_months_are_those_of_the_calendar(now: str, months: int, expected: str) -> None:
    """So many months earlier is the same day and time; a day that is not there is the month's end."""
    assert local(months_before_ms(ms(now), months, AMSTERDAM)) == expected


@given(now_ms=INSTANTS, months=st.integers(1, 120), timezone=ZONES)
def test_months_only_go_forward(now_ms: int, months: int, timezone: ZoneInfo) -> None:
    """Day by day the limit moves on or stands, so that what is gone is never wanted again."""
    day_ms = DAY // timedelta(milliseconds=1)
    days = [months_before_ms(now_ms + day * day_ms, months, timezone) for day in range(40)]

    assert days == sorted(days)
    assert 27 * months < (now_ms - days[0]) / day_ms < 31.1 * months
