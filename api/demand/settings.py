# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`[demand]` and `[home_assistant]` of window.toml: what goes on the broker; nothing unless it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bezet.sections import Section

EXPECTED_MIN = 30
_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,64}(?:/[A-Za-z0-9_-]{1,64}){0,3}")


@dataclass(frozen=True, slots=True)
class DemandSettings:
    """Whether what spaces need is published, and how long before a booking a space is expected.

    `home_assistant` is the prefix of its discovery, "" where it is not told; `is_leaving`: what it was told
    before is taken back.
    """

    is_published: bool = False
    expected_min: int = EXPECTED_MIN
    home_assistant: str = ""
    is_leaving: bool = False


def read_demand(root: Section) -> DemandSettings:
    """What the two sections say; mistakes are noted in them."""
    demand = root.section("demand") if "demand" in root else None
    home = root.section("home_assistant") if "home_assistant" in root else None
    is_published = demand is not None and demand.flag("publish", default=False)
    prefix, is_leaving = "", False
    if home is not None:
        prefix = home.text("prefix", _PREFIX, "homeassistant", "a topic such as homeassistant")
        is_leaving = home.flag("remove", default=False)
        if not is_published and not is_leaving:
            home.problem(
                "prefix", "needs [demand] with publish = true: Home Assistant reads what is said there"
            )
    minutes = EXPECTED_MIN if demand is None else demand.integer("expected_minutes", 0, 240, EXPECTED_MIN)
    return DemandSettings(is_published, minutes, prefix, is_leaving)
