# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The window on the small building with screens, and calendars of some spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.calendars.bookings import Known
from api.calendars.reading import Busy
from api.settings import read_settings
from tests.api.conftest import NOW_MS, Stage

if TYPE_CHECKING:
    from bezet.model import Building

HOUR_MS = 3_600_000
WINDOW = """
[[screen]]
id = "hal"
place = "Hal"
languages = ["nl", "en"]
viewing_distance_m = 2
diagonal_inch = 55
width_px = 1920
height_px = 1080
public_url = "https://bezet.stadhuis.example"

[[screen]]
id = "boven"
floors = ["1"]
kinds = ["hybrid", "focus"]
languages = ["en"]

[[screen]]
id = "deur-0.02"
spaces = ["0.02"]
viewing_distance_m = 0.7
diagonal_inch = 7.5
public_url = "https://bezet.stadhuis.example"
[screen.image]
width_px = 800
height_px = 480
greys = 16

[[screen]]
id = "lijst"
[screen.image]
width_px = 1200
height_px = 825
rotate = 90

[directions]
"0.02" = {nl = "links van de balie", en = "left of the desk"}
"""


def booked(stage: Stage, space: str, start_ms: int, end_ms: int) -> None:
    """Let a calendar say that a space is booked then, in milliseconds from now."""
    busy = Busy(NOW_MS + start_ms, NOW_MS + end_ms)
    stage.app.state.bookings.learn(space, Known((busy,), NOW_MS))


@pytest.fixture
async def screens(building: Building) -> Stage:
    """The window with screens, not yet running."""
    return Stage(building, settings=read_settings(WINDOW, "window.toml", building))
