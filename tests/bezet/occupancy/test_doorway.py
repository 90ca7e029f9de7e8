# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The tally of a doorway: never below nobody, no crowd of its own making, and honest about its bounds."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.occupancy.doorway import (
    HOUR_MS,
    MISSES_PER_HOUR,
    MISSES_PER_PASSAGE,
    Tally,
    emptied,
    later,
    passed,
    unknown,
)

T_MS = 1_780_000_000_000
MOST = 20.0
FEW = st.integers(0, 3)
#: What happens one after the other: minutes since the last, who came in, who left; None: proven empty.
LIVES = st.lists(st.tuples(st.integers(0, 600), st.none() | st.tuples(FEW, FEW)), max_size=60)


def live(life: list[tuple[int, tuple[int, int] | None]], first: Tally) -> list[Tally]:
    """The tallies of a life, the first one too."""

    def happen(tally: Tally, event: tuple[int, tuple[int, int] | None]) -> Tally:
        minutes, passage = event
        now_ms = tally.t_ms + minutes * 60_000
        if passage is None:
            return emptied(now_ms)
        return passed(tally, now_ms, people_in=passage[0], people_out=passage[1], most=MOST)

    return list(accumulate(life, happen, initial=first))


@given(LIVES)
def test_minus_three_people_never_happen(life: list[tuple[int, tuple[int, int] | None]]) -> None:
    """Whatever is counted, nobody <= low <= people <= high <= most."""
    for tally in live(life, unknown(T_MS, most=MOST)):
        assert 0 <= tally.low <= tally.people <= tally.high <= MOST


@given(LIVES)
def test_imaginary_people_do_not_outlive_proven_emptiness(
    life: list[tuple[int, tuple[int, int] | None]],
) -> None:
    """A space that is proven empty is exactly empty, and no more people are in it than came in since."""
    came_in = 0
    for (_, passage), tally in zip(life, live(life, emptied(T_MS))[1:], strict=True):
        came_in = 0 if passage is None else came_in + passage[0]
        if passage is None:
            assert tally == emptied(tally.t_ms)
        assert tally.people <= came_in


def test_fifteen_imaginary_people_are_gone_when_nobody_is_there() -> None:
    """A counter that misses everybody who leaves piles people up until the next proven emptiness."""
    tally = emptied(T_MS)
    for _ in range(15):
        for _ in range(15):
            tally = passed(tally, tally.t_ms + HOUR_MS, people_in=1, people_out=0, most=MOST)
        assert tally.people == 15
        tally = emptied(tally.t_ms + HOUR_MS)

        assert (tally.people, tally.low, tally.high) == (0, 0, 0)


@pytest.mark.parametrize(
    ("before", "people_in", "people_out", "after"),
    [
        ((0, 0, 0), 0, 1, (0, 0, 1)),
        ((0, 0, 0), 0, 3, (0, 0, 3)),
        ((2, 1, 4), 0, 1, (1, 0, 3)),
        ((2, 0, 4), 0, 2, (0, 0, 2)),
        ((0, 0, 2), 0, 1, (0, 0, 2)),
        ((20, 19, 20), 1, 0, (20, 19, 20)),
        ((19, 19, 19), 3, 0, (20, 18, 20)),
        ((3, 3, 3), 1, 1, (3, 3, 3)),
    ],
)
def test_what_must_have_been_missed_widens_the_interval(
    before: tuple[float, float, float], people_in: int, people_out: int, after: tuple[float, float, float]
) -> None:
    """A count beyond a bound stays at the bound, and who was missed may be there, or may not be there."""
    tally = passed(Tally(T_MS, *before), T_MS, people_in=people_in, people_out=people_out, most=MOST)
    spread = MISSES_PER_PASSAGE * (people_in + people_out)

    assert tally.people == after[0]
    assert tally.low == pytest.approx(max(after[1] - spread, 0))
    assert tally.high == pytest.approx(min(after[2] + spread, MOST))


def test_each_passage_and_each_hour_widen_the_interval() -> None:
    """After forty passages that cancel out, and ten hours, the tally is sure by so much less."""
    tally = Tally(T_MS, 8, 8, 8)
    for _ in range(20):
        tally = passed(tally, T_MS, people_in=1, people_out=0, most=MOST * 2)
        tally = passed(tally, T_MS, people_in=0, people_out=1, most=MOST * 2)
    tally = later(tally, T_MS + 10 * HOUR_MS, most=MOST * 2)
    spread = 40 * MISSES_PER_PASSAGE + 10 * MISSES_PER_HOUR

    assert tally.people == 8
    assert [tally.low, tally.high] == pytest.approx([8 - spread, 8 + spread])


@given(FEW, FEW, FEW, FEW)
def test_the_order_within_an_instant_does_not_matter(inside: int, came: int, left: int, met: int) -> None:
    """Who come and go at the same instant change nothing but the certainty, as if they had not been there."""
    tally = Tally(T_MS, inside, inside, inside)
    without = passed(tally, T_MS, people_in=came, people_out=left, most=MOST)
    with_them = passed(tally, T_MS, people_in=came + met, people_out=left + met, most=MOST)

    assert with_them.people == without.people
    assert with_them.low <= without.low
    assert with_them.high >= without.high


def test_a_clock_that_goes_back_narrows_nothing() -> None:
    """An instant before the last one counts as the last one."""
    tally = Tally(T_MS, 2, 1, 3)

    assert later(tally, T_MS - HOUR_MS, most=MOST) == tally


@given(LIVES)
def test_a_tally_survives_being_written_down(life: list[tuple[int, tuple[int, int] | None]]) -> None:
    """A restart takes the tally up where it was."""
    tally = live(life, unknown(T_MS, most=MOST))[-1]

    assert Tally(**json.loads(json.dumps(asdict(tally)))) == tally
