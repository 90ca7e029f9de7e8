# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is said of words known beforehand, held against the agent's own reporter, which hears each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind
from demo.history.saying import TICK_MS, TICK_PHASE_MS, Saying, Spoken
from demo.plan import Hung
from demo.sensing import Said, Words
from edge.report import Reporter
from edge.sensors import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

Heard = list[tuple[Hung, float, Words]]
START_MS = 1_780_000_000_000
HOUR_MS = 3_600_000

#: What sensors say: kinds, how often at most and at least, and which numbers.
SENSORS: Sequence[tuple[tuple[Said, ...], tuple[int, int], tuple[float, ...], float]] = (
    ((Said(Kind.MOTION),), (500, 30_000), (0, 1), 0),
    ((Said(Kind.CO2_PPM), Said(Kind.TEMPERATURE_C)), (5_000, 5_000), (20, 20.1, 20.3, 29, 31, 55), 0),
    ((Said(Kind.PRESENCE), Said(Kind.STILL_ENERGY_PCT)), (1_000, 1_000), (0, 1, 30, 55), 0),
    (
        (Said(Kind.PEOPLE_IN, "line 1"), Said(Kind.PEOPLE_OUT, "line 1")),
        (1_000, 90_000),
        (0, 0, 0, 1, 2),
        900,
    ),
    ((Said(Kind.POWER_W), Said(Kind.AV_STATE)), (60_000, 400_000), (0, 1, 2, 3), 4_000),
    ((Said(Kind.FEEDBACK),), (60_000, 900_000), (-1, 0, 1), 0),
)


def words(said: tuple[Said, ...], paces: tuple[int, int], amounts: tuple[float, ...], seed: int) -> Words:
    """Words of an hour at random: numbers that often stay, and some that are not told."""
    dice = np.random.default_rng(seed)
    t_ms = START_MS + np.cumsum(dice.integers(paces[0], paces[1], 7_200, endpoint=True))
    t_ms = t_ms[t_ms < START_MS + HOUR_MS]
    drawn = dice.choice(np.array(amounts, float), (len(said), len(t_ms)))
    stays = dice.random(drawn.shape) < 0.97
    for column in range(1, len(t_ms)):
        drawn[:, column] = np.where(stays[:, column], drawn[:, column - 1], drawn[:, column])
    drawn[dice.random(drawn.shape) < 0.05] = np.nan
    return Words(said, t_ms, drawn)


def town(seed: int) -> Heard:
    """A device with a sensor of each sort; no two speak in the same millisecond, nor at a tick."""
    found = []
    for number, (said, paces, amounts, stands_s) in enumerate(SENSORS):
        heard = words(said, paces, amounts, 10 * seed + number)
        t_ms = heard.t_ms // 10 * 10 + number
        keep = np.append(True, np.diff(t_ms) > 0)
        hung = Hung(f"sensor-{number}", "1.01", "pi", "pir")
        found.append((hung, stands_s, heard._replace(t_ms=t_ms[keep], amounts=heard.amounts[:, keep])))
    return found


def by_reporter(heard: Heard, end_ms: int) -> list[tuple[int, set[Spoken]]]:
    """What the reporter says when it hears every word and has every tick."""
    reporter = Reporter()
    turns: list[tuple[int, int, int]] = [
        (int(t_ms), place, column)
        for place, (_, _, spoken) in enumerate(heard)
        for column, t_ms in enumerate(spoken.t_ms)
    ]
    first_tick_ms = START_MS + (TICK_PHASE_MS - START_MS) % TICK_MS
    turns += [(t_ms, -1, 0) for t_ms in range(first_tick_ms, end_ms, TICK_MS)]
    found = []
    for t_ms, place, column in sorted(turns):
        if place < 0:
            due = reporter.due(t_ms)
        else:
            hung, stands_s, spoken = heard[place]
            told = zip(spoken.said, spoken.amounts[:, column], strict=True)
            measured = [
                Measured(kind, float(amount), part) for (kind, part), amount in told if not np.isnan(amount)
            ]
            due = reporter.offer(hung.id, measured, t_ms, stands_s=stands_s)
        if due:
            found.append(
                (t_ms, {Spoken("1.01", one.name, one.measured.kind, one.measured.value) for one in due})
            )
    return found


def by_saying(heard: Heard, cuts: Sequence[int]) -> list[tuple[int, set[Spoken]]]:
    """What is said when the words are known beforehand, in spans that end at the cuts."""
    saying, found, start_ms = Saying(), [], START_MS
    for cut_ms in cuts:
        span = [(hung, stands_s, _between(spoken, start_ms, cut_ms)) for hung, stands_s, spoken in heard]
        found += [(t_ms, set(said)) for t_ms, said in saying.say(span, cut_ms)]
        start_ms = cut_ms
    return found


def _between(spoken: Words, start_ms: int, end_ms: int) -> Words:
    inside = (spoken.t_ms >= start_ms) & (spoken.t_ms < end_ms)
    return spoken._replace(t_ms=spoken.t_ms[inside], amounts=spoken.amounts[:, inside])


@pytest.mark.parametrize("seed", range(4))
def test_an_hour_of_every_sort(seed: int) -> None:
    """Jumping from news to news says what the reporter says, at the same instants."""
    heard = town(seed)
    end_ms = START_MS + HOUR_MS

    assert by_saying(heard, [end_ms]) == by_reporter(heard, end_ms)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(10, 10_000), cuts=st.lists(st.integers(1, HOUR_MS - 1), max_size=3, unique=True))
def test_spans_do_not_matter(seed: int, cuts: list[int]) -> None:
    """Whatever spans the words come in, what is said is the same."""
    heard = town(seed)
    ends_ms = [START_MS + cut for cut in sorted(cuts)] + [START_MS + HOUR_MS]

    assert by_saying(heard, ends_ms) == by_reporter(heard, ends_ms[-1])
