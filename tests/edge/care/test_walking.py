# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The walk-test: what a good sensor, a blind one and a ghost score, and what the tester is told to do."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from bezet.errors import SensorGone
from bezet.model import Kind
from edge.care.walking import PLAN, Score, Stage, keep_score, walk
from edge.care.watching import Watcher
from edge.clock import SystemClock
from edge.sensing import Sensor
from edge.sensors import Measured
from edge.voice import Device
from tests.edge.stage import START_MS, Told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


Sees = "Callable[[Stage, int], float]"

#: What a sensor says in each second of each stage, and what comes of it: points at least and at most, and
#: remarks.
SENSORS: dict[str, tuple[Kind, Callable[[Stage, int], float], tuple[int, int], list[str]]] = {
    "a radar that sees all": (Kind.PRESENCE, lambda stage, _: float(stage.is_there is True), (99, 100), []),
    "a motion sensor, blind to who sits still": (
        Kind.MOTION,
        lambda stage, left_s: float(stage.is_there is True and (stage.name != "sit" or left_s % 40 == 0)),
        (99, 100),
        [],
    ),
    "a sensor that looks at the wall": (Kind.MOTION, lambda *_: 0.0, (50, 50), ["Nobody was seen", "lost"]),
    "a ghost": (Kind.PRESENCE, lambda *_: 1.0, (50, 50), ["saw somebody while nobody was there"]),
    "one that wakes late": (
        Kind.PRESENCE,
        lambda stage, _: float(stage.is_there is True and stage.name != "enter"),
        (85, 95),
        ["It took 30 s", "lost"],
    ),
}


async def walked(kind: Kind, sees: Callable[[Stage, int], float]) -> Score:
    """The score of a walk before one sensor, in time that passes at once."""
    told, now_ms = Told(), [5_000]
    clock = SystemClock(lambda: (START_MS + now_ms[0]) * 1_000_000, lambda: now_ms[0] * 1_000_000)
    watcher = Watcher(Device("townhall", "pi-1"), [Sensor("s", "1.04", told)], clock)
    where: list[tuple[Stage, int]] = []

    async def wait(wait_s: float) -> None:
        now_ms[0] += round(wait_s * 1000)
        told.say(Measured(kind, sees(*where[-1])))
        await told.until_heard()

    hearing = asyncio.create_task(watcher.run())
    try:
        return await walk(watcher, "1.04", say=lambda *one: where.append(one), wait=wait)
    finally:
        hearing.cancel()
        await asyncio.wait([hearing])


@pytest.mark.parametrize("sensor", SENSORS)
async def test_sensors(sensor: str) -> None:
    """A sensor scores what the table says, and every fault has a remark that says what to do."""
    kind, sees, (least, most), remarks = SENSORS[sensor]
    score = await walked(kind, sees)

    assert least <= score.points <= most
    assert len(score.remarks) == len(remarks)
    assert all(words in remark for words, remark in zip(remarks, score.remarks, strict=True))


async def test_each_stage_is_told_apart() -> None:
    """The score shows where a motion sensor is blind, though the state bridges it."""
    score = await walked(*SENSORS["a motion sensor, blind to who sits still"][:2])
    (seen,) = score.seen.values()

    assert (score.delay_s, score.occupied_share) == (0, 1.0)
    assert (seen["enter"], seen["work"]) == (1.0, 1.0)
    assert seen["sit"] < 0.1


def test_one_blind_sensor_among_others_is_named() -> None:
    """A sensor that never saw the tester is told, though others did; a door that stayed shut is not."""
    seen = {"pir motion": 0.0, "radar presence": 1.0, "door door_open": 0.0}
    found = Score("1.04", "1", 0, 1.0, {one: {"sit": share} for one, share in seen.items()}, {})

    assert found.remarks == ["pir motion never saw you: check its wires, and what it looks at."]


async def test_a_space_without_a_word_scores_nothing() -> None:
    """Where no sensor answered there is nothing to be proud of."""
    told = Told()
    watcher = Watcher(Device("townhall", "pi-1"), [Sensor("s", "1.04", told)], SystemClock())
    watcher.failed(Sensor("s", "1.04", told), "absent", SensorGone("no answer"))  # type: ignore[arg-type]

    async def at_once(_: float) -> None:
        """No time passes."""

    score = await walk(watcher, "1.04", say=lambda *_: None, wait=at_once)

    assert (score.points, score.delay_s) == (0, None)


def test_the_plan_takes_five_minutes() -> None:
    """The test is as long as its name says, and begins and ends without anybody in the space."""
    assert sum(stage.seconds for stage in PLAN) == 300
    assert (PLAN[0].is_there, PLAN[1].is_there, PLAN[-1].is_there) == (None, False, False)


async def test_scores_are_kept(tmp_path: Path) -> None:
    """Each score is a line of its own in the state folder, with the day and the version of the rules."""
    score = await walked(*SENSORS["a ghost"][:2])
    keep_score(score, tmp_path, START_MS)
    path = keep_score(score, tmp_path, START_MS + 1_000)
    rows = [json.loads(line) for line in path.read_text().splitlines()]

    assert [row["when"][:10] for row in rows] == ["2026-09-21", "2026-09-21"]
    assert {(row["space"], row["points"], row["rule"]) for row in rows} == {
        ("1.04", score.points, score.rule)
    }
