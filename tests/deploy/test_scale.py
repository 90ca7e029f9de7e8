# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""docs/scale.md: every figure of its second table follows from those of the first."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from bezet.model import Retention
from bezet.occupancy.evidence import SAY_AGAIN_S
from edge.voice import REPEAT_S
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = (ROOT / "docs" / "scale.md").read_text()
GIVEN, FOLLOWS = PAGE.split("## What follows\n")
SIZES = (100, 5_000, 100_000)
DAY_S = 86_400
QUARTERS_PER_DAY = 96
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \|$", re.MULTILINE)


def given() -> SimpleNamespace:
    """The figures of the first table, by name."""
    figures = {name: cells.split(" | ")[0] for name, cells in _ROW.findall(GIVEN)}
    return SimpleNamespace(**{name: float(words.replace(",", "")) for name, words in figures.items()})


def told() -> dict[str, list[str]]:
    """The rows of the second table, by name: the figure for each size."""
    return {name: cells.split(" | ")[: len(SIZES)] for name, cells in _ROW.findall(FOLLOWS)}


def reckon(one: SimpleNamespace, spaces: int) -> Mapping[str, float]:
    """What so many spaces ask of an installation: all the arithmetic of the page."""
    sites = math.ceil(spaces / one.spaces_per_site)
    together = min(spaces, one.spaces_per_site)
    live_per_s = 2 / one.live_repeat_s
    states_per_day = one.heartbeats_per_day + one.changes_per_day
    # A message goes in and out to one collector, its receipt likewise; state and health go in, out to every
    # API, and health to one collector too.
    through_broker_per_s = 4 * one.messages_per_s + live_per_s * (1.5 + one.apis_per_site)
    influx_per_day = {
        "presence": one.presence_per_s * DAY_S * one.influx_presence_b,
        "environment": one.environment_per_s * DAY_S * one.influx_environment_b,
        "states": states_per_day * one.influx_state_b,
        "facts": one.influx_facts_b,
    }
    kept_days = {
        "presence": one.presence_days,
        "environment": one.environment_days,
        "states": one.states_days,
        "facts": one.facts_days,
    }
    sqlite_kept = (
        one.presence_per_s * DAY_S * one.sqlite_reading_b * one.presence_days
        + one.environment_per_s * DAY_S * one.sqlite_reading_b * one.environment_days
        + states_per_day * one.sqlite_state_b * one.states_days
        + one.sqlite_facts_b * one.facts_days
    )
    programs_mb = one.collectors_per_site * one.collector_mb + one.apis_per_site * one.api_mb
    readings_per_s = one.presence_per_s + one.environment_per_s
    return {
        "sites": sites,
        "connections": spaces + sites * (one.collectors_per_site + one.apis_per_site),
        "messages_per_s": spaces * one.messages_per_s,
        "readings_per_s": spaces * readings_per_s,
        "broker_messages_per_s": spaces * through_broker_per_s,
        "mosquittos": spaces * through_broker_per_s / (2 * one.mosquitto_messages_per_s),
        "collectors_kept_busy": spaces * one.messages_per_s / one.collector_messages_per_s,
        "catch_up_h": spaces * one.messages_per_s * DAY_S / one.mosquitto_messages_per_s / 3600,
        "states_per_day": spaces * states_per_day,
        "quarters_per_s": spaces * QUARTERS_PER_DAY / DAY_S,
        "points_per_s": spaces * (readings_per_s + (states_per_day + QUARTERS_PER_DAY) / DAY_S),
        "influx_mb_per_day": spaces * sum(influx_per_day.values()) / 1e6,
        "influx_gb_kept": spaces * sum(size * kept_days[kind] for kind, size in influx_per_day.items()) / 1e9,
        "sqlite_gb_kept": spaces * sqlite_kept / 1e9,
        "api_cores": together * live_per_s * together * one.api_live_us / 1e6,
        "api_cores_as_one_site": spaces * live_per_s * spaces * one.api_live_us / 1e6,
        "programs_gb": sites * programs_mb / 1e3,
        "screens": spaces * one.screens_per_space,
    }


def written(figure: float) -> str:
    """A figure as the page has it, with no more digits than anybody should believe."""
    if figure >= 100:
        return f"{round(figure, 2 - math.floor(math.log10(figure))):,.0f}"
    return f"{figure:.2g}"


def test_the_second_table_follows_from_the_first() -> None:
    """What the page says of each size is what its inputs give; else this prints the rows as they must be."""
    columns = [reckon(given(), spaces) for spaces in SIZES]
    rows = {name: [written(column[name]) for column in columns] for name in columns[0]}

    assert told() == rows, "\n".join(f"| `{name}` | {' | '.join(cells)} |" for name, cells in rows.items())


def test_every_figure_says_where_it_is_from() -> None:
    """Each input has a unit, and is assumed, set in the code, or measured by a command that is named."""
    rows = {name: cells.split(" | ") for name, cells in _ROW.findall(GIVEN)}

    assert rows
    for name, (_, unit, source) in rows.items():
        assert unit, name
        assert re.match(r"assumed: |`\w+` in `|measured: `|measured once: ", source), name


def test_what_the_code_sets_is_what_the_code_says() -> None:
    """Inputs that are constants of the product are those of today."""
    one, terms = given(), Retention()

    assert one.live_repeat_s == REPEAT_S
    assert one.heartbeats_per_day == DAY_S / SAY_AGAIN_S
    assert one.presence_days * 24 == terms.presence_hours
    assert (one.environment_days, one.states_days) == (terms.environment_days, terms.states_days)
    assert one.facts_days == pytest.approx(terms.facts_months * 365.25 / 12, abs=1)
