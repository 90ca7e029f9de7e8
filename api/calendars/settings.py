# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[calendars]` of window.toml: which feed tells of which space, and how often it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.addresses import ADDRESS
from bezet.sections import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bezet.model import Building
    from bezet.sections import Section

REFRESH_MIN, LEAST_MIN, MOST_MIN = 5, 1, 24 * 60


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """Feeds by space: an address, or a file. An address may hold a secret, and is never shown."""

    feeds: Mapping[str, str | Path] = field(default_factory=dict)
    refresh_min: int = REFRESH_MIN


def read_calendars(section: Section, folder: Path, building: Building) -> CalendarSettings:
    """The calendars that a section describes, its files in `folder`; mistakes are noted in the section."""
    refresh_min = section.integer("refresh_minutes", LEAST_MIN, MOST_MIN, REFRESH_MIN)
    if "feeds" not in section:
        return CalendarSettings(refresh_min=refresh_min)
    found = section.section("feeds")
    feeds: dict[str, str | Path] = {}
    for key in found:
        feed = found.text(key, wanted="an address that begins with https:// or webcal://, or a file")
        feed = re.sub("^webcals?://", "https://", feed)
        if key not in building.spaces:
            found.problem(key, f"{shown(key)} is not a space of the building file")
        elif "://" in feed and not ADDRESS.fullmatch(feed):
            found.problem(key, "needs https:// (http:// on this machine only)")
        else:
            feeds[str(key)] = feed if "://" in feed else folder / feed
    return CalendarSettings(feeds, refresh_min)
