# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the simulated sensors see, and what fools them."""

from __future__ import annotations

from bezet.model import SpaceKind
from demo.building_life import SimulatedSpace, stays
from demo.sensing import WALK_MS, counted, sees_motion, smelled_ppm

NOW_MS = 1_795_428_000_000
SECONDS = range(NOW_MS, NOW_MS + 3 * 3_600_000, 1_000)
READING_ROOM = SimulatedSpace("1.01", SpaceKind.FOCUS, 8, 49.0, seed=1)


def test_nobody_moves_in_an_empty_room() -> None:
    """An empty space shows no motion and no people."""
    empty = [t_ms for t_ms in SECONDS if not stays(READING_ROOM, t_ms)]

    assert empty
    assert not any(sees_motion(READING_ROOM, t_ms, eye=1) or counted(READING_ROOM, t_ms) for t_ms in empty)


def test_people_sit_still() -> None:
    """Whoever is in a space is seen now and then, and far from always; two sensors see different seconds."""
    used = [t_ms for t_ms in SECONDS if stays(READING_ROOM, t_ms)]
    first, second = ([sees_motion(READING_ROOM, t_ms, eye) for t_ms in used] for eye in (1, 2))

    assert 0.02 < sum(first) / len(used) < 0.6
    assert first != second


def test_walking_is_seen() -> None:
    """Of those who come into an empty space, most are seen within the first seconds."""
    arrivals = [t for t in SECONDS if stays(READING_ROOM, t) and not stays(READING_ROOM, t - 1_000)]
    seen = [
        any(sees_motion(READING_ROOM, t_ms + later_ms, eye=1) for later_ms in range(0, WALK_MS, 1_000))
        for t_ms in arrivals
    ]

    assert arrivals
    assert all(seen)


def test_a_counter_misses_and_never_invents() -> None:
    """A people counter sees at most whom there is, and sometimes misses one."""
    truth = [len(stays(READING_ROOM, t_ms)) for t_ms in SECONDS]
    sensed = [counted(READING_ROOM, t_ms) for t_ms in SECONDS]

    assert all(seen <= there for seen, there in zip(sensed, truth, strict=True))
    assert 0.9 < sum(sensed) / sum(truth) < 1


def test_co2_comes_in_whole_ppm() -> None:
    """A CO2 sensor gives whole ppm near the truth, and the same each time it is asked about an instant."""
    sensed = {smelled_ppm(612.3, READING_ROOM, t_ms) for t_ms in SECONDS}

    assert all(number.is_integer() and abs(number - 612.3) <= 7 for number in sensed)
    assert len(sensed) > 5
    assert smelled_ppm(612.3, READING_ROOM, NOW_MS) == smelled_ppm(612.3, READING_ROOM, NOW_MS)
