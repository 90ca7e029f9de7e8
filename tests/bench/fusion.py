# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How fast readings become states, and what a space costs in memory."""

from __future__ import annotations

import time
import tracemalloc
from collections import defaultdict
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from bezet.building import read_building
from bezet.occupancy.belief import freeze, thaw
from bezet.occupancy.course import Course
from bezet.occupancy.room import room_on
from bezet.retention import DAY_MS
from demo.history.telling import Telling
from demo.town import make_town
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bezet.model import Reading
    from demo.town import Town

#: Tuesday 6 October 2026, and a day of history in which presence is kept.
DAY = date(2026, 10, 6)
START_MS = 1_791_244_800_000


def print_fusion() -> None:
    """Readings of a busy day of the town hall, fused space by space on one core."""
    town = make_town(read_building((ROOT / "building.toml").read_text(encoding="utf-8"), "building.toml"), 1)
    said = _said(town)
    total, took_s, slowest = 0, 0.0, (0.0, "")
    courses = {}
    for space, instants in said.items():
        course = Course(room_on(town.building.spaces[space], DAY))
        began_s = time.process_time()
        for readings in instants:
            course.take(readings)
        spent_s = time.process_time() - began_s
        count = sum(map(len, instants))
        total, took_s = total + count, took_s + spent_s
        slowest = max(slowest, (spent_s / count, space))
        courses[space] = course
    kept = [len(freeze(course.belief)) for course in courses.values()]
    print(
        f"fusion: {total:,} readings of {len(said)} spaces, {total / took_s:,.0f} readings/s on one core "
        f"({1e6 * took_s / total:.1f} µs each; slowest {slowest[1]}: {1e6 * slowest[0]:.1f} µs); "
        f"a belief is {sum(kept) / len(kept) / 1024:.1f} KiB on disk, {_in_memory_kib(courses):.1f} in memory"
    )


def _said(town: Town) -> dict[str, list[list[Reading]]]:
    """What the devices say of each space, by instant."""
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for device in town.plan:
        told = Telling(town, device).tell(town, START_MS, START_MS + DAY_MS, presence_from_ms=START_MS)
        for batch in (*told.batches, *told.late):
            found[batch.space] += batch.readings
    by_time = attrgetter("t_ms")
    return {
        space: [list(group) for _, group in groupby(sorted(readings, key=by_time), by_time)]
        for space, readings in found.items()
    }


def _in_memory_kib(courses: dict[str, Course]) -> float:
    """What beliefs that were read back from disk take, each."""
    texts: Sequence[str] = [freeze(course.belief) for course in courses.values()]
    tracemalloc.start()
    beliefs = [thaw(text) for text in texts]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(beliefs) / 1024
