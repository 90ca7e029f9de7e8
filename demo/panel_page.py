# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page of the panel as it comes from the server, in Dutch or English; panel.js brings it to life."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from demo.acting import RULES
from demo.happenings import What
from demo.plan import hung_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.town import Town

#: What the page speaks; the first is what it speaks to who asks for neither.
LANGUAGES = ("nl", "en")
PAGES = resources.files("demo") / "pages"


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """The words of the page: for each key the same in every language."""
    return tomllib.loads((PAGES / "words.toml").read_text(encoding="utf-8"))


def choose_language(asked: str, accepted: str) -> str:
    """The language that was asked for, else the first that a browser accepts (the header of that name)."""
    preferred = (part.partition(";")[0].strip().lower()[:2] for part in accepted.split(","))
    return next((one for one in (asked, *preferred) if one in LANGUAGES), LANGUAGES[0])


def render(town: Town, now_ms: int, language: str, page_url: str) -> str:
    """The page of a town; who is where, and what goes on, is filled in by its script."""
    building = town.building
    can_stick = RULES[What.STICK].names(town)
    spaces = sorted(building.spaces.values(), key=lambda space: (space.floor, space.id))
    sensors: dict[str, list[str]] = {}
    for hung in hung_in(town.plan):
        if hung.id in can_stick:
            sensors.setdefault(hung.space, []).append(hung.id)
    return _template().render(
        language=language,
        other=next(one for one in LANGUAGES if one != language),
        words={key: both[language] for key, both in words().items()},
        building=building,
        seed=town.seed,
        page_url=page_url,
        devices=town.plan,
        motion_sensors=[(space, sensors[space.id]) for space in spaces if space.id in sensors],
        floor_names={floor.id: floor.name for floor in building.floors},
        floors=[(floor, list(here)) for floor, here in groupby(spaces, lambda space: space.floor)],
        capacity={space.id: town.layout(space.id, now_ms).capacity for space in spaces},
    )


@cache
def _template() -> Template:
    pages = Environment(
        loader=PackageLoader("demo", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("panel.html")
