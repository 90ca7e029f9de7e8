# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""When a screen is dim."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

import pytest

from api.screens.night import is_night, nights
from api.screens.settings import Night, Screen

if TYPE_CHECKING:
    from bezet.model import Building

EVENING = Screen("hal", night=Night(time(19), time(7)))
NOON = Screen("hal", night=Night(time(12), time(13)))
NEVER = Screen("hal", night=Night(time(), time()))
CLOSED = Screen("hal")


def at(building: Building, text: str) -> int:
    """A time of the building in milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=building.timezone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("screen", "when", "wanted"),
    [
        (EVENING, "2026-11-23T18:59:59", False),
        (EVENING, "2026-11-23T19:00:00", True),
        (EVENING, "2026-11-24T06:59:59", True),
        (EVENING, "2026-11-24T07:00:00", False),
        (NOON, "2026-11-23T12:30:00", True),
        (NOON, "2026-11-23T13:00:00", False),
        (NEVER, "2026-11-23T00:00:00", False),
        # open on Mondays from 8 to 18, and else closed
        (CLOSED, "2026-11-23T07:59:00", True),
        (CLOSED, "2026-11-23T08:00:00", False),
        (CLOSED, "2026-11-23T18:00:00", True),
        (CLOSED, "2026-11-24T12:00:00", True),
    ],
)
def test_a_screen_is_dim_at_night(building: Building, screen: Screen, when: str, *, wanted: bool) -> None:
    """At its own hours, also past midnight; without them while the site is closed; or never."""
    assert is_night(building, screen, at(building, when)) == wanted


def test_a_night_is_by_the_clock_on_the_wall(building: Building) -> None:
    """From seven to seven is an hour longer when the clock goes back, and an hour shorter when it goes on."""
    long, short = (
        nights(building, EVENING, at(building, day))[0]
        for day in ("2026-10-24T12:00:00", "2026-03-28T12:00:00")
    )

    assert [(ends_ms - begins_ms) / 3_600_000 for begins_ms, ends_ms in (long, short)] == [13, 11]


def test_the_nights_of_a_week_are_known_ahead(building: Building) -> None:
    """A page that is not fetched anew knows more than a week of them, none twice, in order."""
    found = nights(building, EVENING, at(building, "2026-11-23T23:00:00"))

    assert found[0][0] == at(building, "2026-11-23T19:00:00")
    assert len(found) >= 8
    assert found == sorted(set(found))
