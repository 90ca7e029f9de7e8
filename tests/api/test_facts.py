# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is told of quarter hours and longer: their coverage, and what stays untold without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bezet.model import Occupancy, State
from bezet.usage.facts import FACTS
from bezet.wire import Batch, Clock
from collector.facts import FactMaker
from tests.api.conftest import BOOT, NOW_MS, SITE

if TYPE_CHECKING:
    from tests.api.conftest import Stage

MINUTE_MS = 60_000
START_MS = NOW_MS - 60 * MINUTE_MS


def remember(stage: Stage, space: str = "0.01", *, until: int = 60, late_ms: int = 0) -> None:
    """Store that people came after a quarter of an hour, told every five minutes, and make the facts."""
    states = tuple(
        State(
            START_MS + minute * MINUTE_MS,
            Occupancy.OCCUPIED if minute >= 15 else Occupancy.FREE,
            0.9,
            START_MS,
            (),
            "rule-1",
            4.0 if minute >= 15 else 0.0,
        )
        for minute in range(0, until, 5)
    )
    stage.store.write([Batch(SITE, "pi-1", space, BOOT, 1, Clock.TRUSTED, (), states)])
    FactMaker(stage.store, stage.building, lambda: NOW_MS + 20 * MINUTE_MS + late_ms).make_due()
    stage.time.now_ms = NOW_MS + 10 * MINUTE_MS


async def test_quarter_hours(stage: Stage) -> None:
    """Every quarter hour that was asked is there, with its coverage and all facts of the table."""
    remember(stage)
    async with stage.running():
        found = await stage.read("/v1/spaces/0.01/facts?by=quarter&from=2026-11-23T09:05:00Z")

    assert (found["spaceId"], found["by"], found["from"]) == ("0.01", "quarter", "2026-11-23T09:00:00.000Z")
    assert [one["start"][11:16] for one in found["periods"]] == ["09:00", "09:15", "09:30", "09:45"]
    assert found["to"] == "2026-11-23T10:00:00.000Z", "the quarter hour that is running has no facts yet"
    assert [one["status"] for one in found["periods"]] == ["complete"] * 4
    first, second = (one["amounts"] for one in found["periods"][:2])
    assert len(second) == len(FACTS)
    assert (first["occupiedS"], second["occupiedS"], second["personS"]) == (0, 900, 3_600)
    assert (second["sessionsStarted"], second["peopleMax"], second["co2MaxPpm"]) == (1, 4, None)


@pytest.mark.parametrize(
    ("until", "status", "occupied_s"),
    [(60, "complete", 2_700), (35, "incomplete", 1_500), (15, "withheld", None)],
)
async def test_coverage_decides(stage: Stage, until: int, status: str, occupied_s: float | None) -> None:
    """Under 90 % of coverage an hour is incomplete, and under half of it is not told."""
    remember(stage, until=until)
    async with stage.running():
        (hour,) = (await stage.read("/v1/spaces/0.01/facts?from=2026-11-23T09:00:00Z"))["periods"]

    assert hour["status"] == status
    assert (hour["amounts"] or {}).get("occupiedS") == occupied_s


async def test_days_are_of_the_building(stage: Stage) -> None:
    """A day begins at midnight of the building, and one with nothing known has no coverage."""
    remember(stage)
    async with stage.running():
        found = await stage.read("/v1/spaces/0.01/facts?by=day&from=2026-11-21T23:00:00Z")

    assert [one["start"] for one in found["periods"]] == [
        "2026-11-21T23:00:00.000Z",
        "2026-11-22T23:00:00.000Z",
    ]
    assert [one["coverage"] for one in found["periods"]] == [0, pytest.approx(1 / 11)]


async def test_what_came_late_is_revised(stage: Stage) -> None:
    """Hours that hold a quarter hour told late say so."""
    remember(stage, late_ms=5 * 60 * MINUTE_MS)
    async with stage.running():
        (hour,) = (await stage.read("/v1/spaces/0.01/facts?from=2026-11-23T09:00:00Z"))["periods"]

    assert hour["revised"]
    assert hour["exact"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("1.01/facts", 403),
        ("0.04/facts", 403),
        ("9.99/facts", 404),
        ("0.01/facts?by=week", 400),
        ("0.01/facts?by=hour&from=2026-10-01T00:00:00Z", 400),
        ("0.01/facts?by=day&from=2026-10-01T00:00:00Z", 200),
        ("0.01/facts?limit=5", 400),
    ],
)
async def test_what_is_refused(stage: Stage, path: str, status: int) -> None:
    """No facts of one person, of privacy mode, or of too long a time in too small steps."""
    async with stage.running():
        assert (await stage.client.get(f"/v1/spaces/{path}")).status_code == status
