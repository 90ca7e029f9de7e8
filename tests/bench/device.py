# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A day of a device with six sensors, second by second at full speed: messages, bytes, wear of the card."""

from __future__ import annotations

import random
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bezet import wire
from bezet.model import Kind, Reading, Zone
from edge.keeping import COMPANY_MS
from edge.outbox import Outbox
from edge.report import Reporter
from edge.sensors import Measured
from edge.zone import ZoneLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BOOT = "00000000000000aa"
DAY_S = 86_400
START_MS = (time.time_ns() // 1_000_000 // 86_400_000 - 1) * 86_400_000
#: When people are in the busy space, as hours of the day, and how many.
MEETINGS = ((8.5, 10.0, 4), (10.25, 12.0, 3), (12.0, 12.75, 6), (13.0, 14.5, 2), (14.75, 17.5, 5))


@dataclass
class Day:
    """What one day of one space came to."""

    readings: int = 0
    messages: int = 0
    payload_bytes: int = 0
    written_bytes: int = 0
    seconds: float = 0.0


def people_at(second: int, *, is_busy: bool) -> int:
    """How many are there."""
    hour = second / 3_600
    return next((count for start, end, count in MEETINGS if is_busy and start <= hour < end), 0)


def measured_at(
    second: int, dice: random.Random, air: list[float], *, is_busy: bool
) -> Iterator[tuple[str, Sequence[Measured]]]:
    """What six sensors say in a second: motion, radar, air, door, doorway and the plug of a display."""
    people = people_at(second, is_busy=is_busy)
    yield "pir", [Measured(Kind.MOTION, float(dice.random() < 0.25 * min(people, 3)))]
    still, moving = (
        (dice.gauss(60, 8), dice.gauss(35, 20)) if people else (dice.gauss(6, 3), dice.gauss(3, 2))
    )
    yield (
        "radar",
        [
            Measured(Kind.PRESENCE, float(people > 0 and dice.random() < 0.98)),
            Measured(Kind.MOVING_ENERGY_PCT, float(round(min(max(moving, 0), 100)))),
            Measured(Kind.STILL_ENERGY_PCT, float(round(min(max(still, 0), 100)))),
        ],
    )
    air[0] += (people * 0.35 - (air[0] - 430) * 0.0008) * 1.0
    if second % 5 == 0:
        yield (
            "air",
            [
                Measured(Kind.CO2_PPM, float(round(air[0] + dice.gauss(0, 3)))),
                Measured(Kind.TEMPERATURE_C, round(20.5 + (air[0] - 430) / 800 + dice.gauss(0, 0.03), 2)),
                Measured(Kind.HUMIDITY_PCT, round(42 + (air[0] - 430) / 150 + dice.gauss(0, 0.1), 2)),
            ],
        )
    change = people - people_at(second - 1, is_busy=is_busy)
    opened = people and dice.random() < 0.002
    yield "door", [Measured(Kind.DOOR_OPEN, float(bool(change) or bool(opened)))]
    yield (
        "doorway",
        [Measured(Kind.PEOPLE_IN, float(max(change, 0))), Measured(Kind.PEOPLE_OUT, float(max(-change, 0)))],
    )
    if second % 10 == 0:
        watts = dice.gauss(140, 6) if people else dice.gauss(0.5, 0.05)
        yield (
            "screen",
            [
                Measured(Kind.POWER_W, round(max(watts, 0), 1)),
                Measured(Kind.AV_STATE, 3.0 if people else 1.0),
            ],
        )


def live_a_day(folder: Path, *, is_busy: bool, is_heard: bool = True) -> Day:
    """The agent's own parts, at the pace of its tick: report, fuse, keep, and forget what is heard."""
    day, dice, air, reporter = Day(), random.Random(1), [430.0], Reporter()
    log = ZoneLog(Zone("townhall", "1.04", "pi-1"), None)
    outbox = Outbox(folder / f"{'busy' if is_busy else 'idle'}{'' if is_heard else '-alone'}.db")
    began, before, kept_ms = time.perf_counter(), _written_bytes(), 0
    with closing(outbox):
        for second in range(DAY_S):
            t_ms = START_MS + second * 1000
            is_news = False
            for sensor, measured in measured_at(second, dice, air, is_busy=is_busy):
                due = reporter.offer(sensor, measured, t_ms)
                readings = [Reading(t_ms, one.sensor, one.measured.kind, one.measured.value) for one in due]
                if readings:
                    is_news = log.take(readings) is not None or is_news
                    day.readings += len(readings)
            is_news = is_news or log.pass_time(t_ms) is not None
            if log.pending and (is_news or t_ms - kept_ms >= COMPANY_MS):
                _keep(log, outbox, day, is_heard=is_heard)
                kept_ms = t_ms
    day.seconds, day.written_bytes = time.perf_counter() - began, _written_bytes() - before
    return day


def _keep(log: ZoneLog, outbox: Outbox, day: Day, *, is_heard: bool) -> None:
    drafts = log.drafts(BOOT, wire.Clock.TRUSTED)
    outbox.put(drafts, {"zone 1.04": log.remember(), "newest 1.04": "0"})
    day.messages += len(drafts)
    day.payload_bytes += sum(len(part) for draft in drafts for part in wire.encode(draft))
    if is_heard:
        for seq in outbox.waiting(10):
            outbox.forget(BOOT, [(seq, seq)])


def _written_bytes() -> int:
    """What this process has handed to files so far."""
    line = next(
        line for line in Path("/proc/self/io").read_text().splitlines() if line.startswith("write_bytes")
    )
    return int(line.split()[1])


def print_days(folder: Path) -> None:
    """Messages and bytes per space per day, idle and busy, and what the card has to bear."""
    for is_busy in (False, True):
        day = live_a_day(folder, is_busy=is_busy)
        print(
            f"six sensors, {'a busy' if is_busy else 'an idle'} day: {day.readings:,} readings in "
            f"{day.messages:,} messages of {day.payload_bytes / 1e6:.2f} MB; "
            f"{day.written_bytes / 1e6:.1f} MB written to the card",
            flush=True,
        )
