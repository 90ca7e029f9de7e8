# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How many people are in a space by who came in and who left, and between which bounds that is sure. Pure.

A counter misses people, so its tally drifts: the bounds widen with each passage and with time. It is never
below nobody and never above `most`. Only other evidence can prove a space empty; then so is the tally.
"""

from __future__ import annotations

from dataclasses import dataclass

#: The share of people in a doorway who are missed or counted twice: a guess, to be replaced by walk tests.
MISSES_PER_PASSAGE = 0.05
#: People who come or go by another way, in an hour: a guess too.
MISSES_PER_HOUR = 0.05
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Tally:
    """People at `t_ms`, surely no fewer than `low` and no more than `high`."""

    t_ms: int
    people: float
    low: float
    high: float


def unknown(now_ms: int, *, most: float) -> Tally:
    """The tally where nothing is known yet: nobody was counted, and anybody may be there."""
    return Tally(now_ms, 0.0, 0.0, most)


def emptied(now_ms: int) -> Tally:
    """The tally at an instant at which other evidence has proven that nobody is there."""
    return Tally(now_ms, 0.0, 0.0, 0.0)


def passed(tally: Tally, now_ms: int, *, people_in: float, people_out: float, most: float) -> Tally:
    """The tally after so many came in and so many left, at one instant, in whatever order.

    One fewer than nobody shows that somebody came in unseen; one more than `most` that somebody left unseen.
    The tally stays at its bound, and what was missed widens the interval.
    """
    hours = max(now_ms - tally.t_ms, 0) / HOUR_MS
    net = people_in - people_out
    spread = MISSES_PER_PASSAGE * (people_in + people_out) + MISSES_PER_HOUR * hours
    people = min(max(tally.people + net, 0.0), most)
    missed = abs(tally.people + net - people)
    return Tally(
        max(now_ms, tally.t_ms),
        people,
        max(min(tally.low + net, people) - spread - missed, 0.0),
        min(max(tally.high + net, people) + spread + missed, most),
    )


def later(tally: Tally, now_ms: int, *, most: float) -> Tally:
    """The tally after time has passed."""
    return passed(tally, now_ms, people_in=0, people_out=0, most=most)
