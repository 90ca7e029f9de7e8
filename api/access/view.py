# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How much of a space somebody is shown: whether it is free, or also how many people are in it. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from api.access.matrix import RUNNING

if TYPE_CHECKING:
    from api.access.caller import Caller
    from api.schemas import Space


class View(StrEnum):
    """What a space looks like to whoever asks."""

    PUBLIC = "public"
    FULL = "full"


def view_of(caller: Caller) -> View:
    """What a caller may see of now: who runs the building, all; everybody else, whether a space is free."""
    return View.FULL if caller.roles & RUNNING else View.PUBLIC


def seen(space: Space, view: View) -> Space:
    """A space as it looks in a view."""
    if view is View.FULL:
        return space
    hidden: dict[str, object] = {
        "people": None,
        "people_low": None,
        "people_high": None,
        "probability": None,
        "because": [],
        "co2_ppm": None,
        "air_class": None,
        "av_on": None,
    }
    return space.model_copy(update=hidden)
