# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is true and what was sensed side by side, added up: of a space, of a kind of spaces, of all."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.truth.visits import match, sessions_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bezet.usage.columns import Floats, Ints
    from bezet.usage.stretches import Bools

Seconds = tuple[float, ...]


class Stretches(NamedTuple):
    """Stretches of time in order and without gaps, in which nothing changes; all shape (n,).

    `asked` where it counts at all. `known` where the sensors could speak; there `said` is that somebody was
    sensed, and `said_people` how many, NaN where nothing counts. `people` and `things` are true.
    """

    starts_ms: Ints
    ends_ms: Ints
    asked: Bools
    known: Bools
    said: Bools
    said_people: Floats
    people: Ints
    things: Ints


class Tally(NamedTuple):
    """Sums of one or more stretches of time: times in ms, people times ms, and seconds of single sessions.

    Everything but `asked_ms`, `used_asked_ms` and `things_ms` is over known time alone. `true` and `said` go
    before what was so and what was sensed. `filled_ms` is people by capacity times ms; `half_ms` the time in
    which somebody was there, and no more than half of the capacity.
    """

    asked_ms: int = 0
    used_asked_ms: int = 0
    things_ms: int = 0
    known_ms: int = 0
    true_used_ms: int = 0
    said_used_ms: int = 0
    both_used_ms: int = 0
    counted_ms: int = 0
    count_error_ms: float = 0.0
    count_bias_ms: float = 0.0
    true_people_ms: float = 0.0
    true_filled_ms: float = 0.0
    true_half_ms: int = 0
    said_counted_ms: int = 0
    said_people_ms: float = 0.0
    said_filled_ms: float = 0.0
    said_half_ms: int = 0
    true_sessions: int = 0
    said_sessions: int = 0
    true_lengths_s: Seconds = ()
    said_lengths_s: Seconds = ()
    start_delays_s: Seconds = ()
    end_delays_s: Seconds = ()
    co2_instants: int = 0
    co2_error_ppm: float = 0.0
    true_classes: Ints | int = 0
    said_classes: Ints | int = 0
    facts: int = 0
    revised_facts: int = 0


def total(tallies: Iterable[Tally]) -> Tally:
    """Everything of these together."""
    return reduce(lambda one, other: Tally(*map(operator.add, one, other)), tallies, Tally())


def tally_of(stretches: Stretches, capacity: int) -> Tally:
    """What is true and what was sensed in stretches of one space, which is meant for so many people."""
    return total([_presence(stretches), _people(stretches, capacity), _sessions(stretches)])


def _presence(stretches: Stretches) -> Tally:
    spans_ms = stretches.ends_ms - stretches.starts_ms

    def time_ms(so: Bools) -> int:
        return int(spans_ms[stretches.asked & so].sum())

    used, known, said = stretches.people > 0, stretches.known, stretches.said
    return Tally(
        asked_ms=time_ms(np.ones(len(spans_ms), bool)),
        used_asked_ms=time_ms(used),
        things_ms=time_ms((stretches.things > 0) & ~used),
        known_ms=time_ms(known),
        true_used_ms=time_ms(known & used),
        said_used_ms=time_ms(known & said),
        both_used_ms=time_ms(known & used & said),
    )


def _people(stretches: Stretches, capacity: int) -> Tally:
    spans_ms = (stretches.ends_ms - stretches.starts_ms) * (stretches.asked & stretches.known)
    counted = ~np.isnan(stretches.said_people)
    said, people = np.where(counted, stretches.said_people, 0.0), stretches.people
    counted_ms = spans_ms * counted
    true_ms, said_ms = spans_ms * (people > 0), counted_ms * stretches.said
    true_people_ms, said_people_ms = float((true_ms * people).sum()), float((said_ms * said).sum())
    return Tally(
        counted_ms=int(counted_ms.sum()),
        count_error_ms=float((np.abs(said - people) * counted_ms).sum()),
        count_bias_ms=float(((said - people) * counted_ms).sum()),
        true_people_ms=true_people_ms,
        true_filled_ms=true_people_ms / capacity,
        true_half_ms=int(true_ms[people <= capacity / 2].sum()),
        said_counted_ms=int(said_ms.sum()),
        said_people_ms=said_people_ms,
        said_filled_ms=said_people_ms / capacity,
        said_half_ms=int(said_ms[said <= capacity / 2].sum()),
    )


def _sessions(stretches: Stretches) -> Tally:
    """Those that begin in the time that counts; of those whose end is not known there is no length."""
    used, known = stretches.people > 0, stretches.known
    true, said = (
        sessions_of(stretches.starts_ms, stretches.ends_ms, known & so, known & ~so)
        for so in (used, stretches.said)
    )
    true_asked, said_asked = (
        stretches.asked[np.searchsorted(stretches.starts_ms, one.from_ms)] & one.begins
        for one in (true, said)
    )
    found = match(true, said)
    lengths_s = (
        ((one.to_ms - one.from_ms) / 1000)[asked & one.ends]
        for one, asked in ((true, true_asked), (said, said_asked))
    )
    listed = (
        *lengths_s,
        found.start_delay_s[true_asked[found.starts]],
        found.end_delay_s[true_asked[found.ends]],
    )
    true_lengths_s, said_lengths_s, start_delays_s, end_delays_s = (tuple(one.tolist()) for one in listed)
    return Tally(
        true_sessions=int(true_asked.sum()),
        said_sessions=int(said_asked.sum()),
        true_lengths_s=true_lengths_s,
        said_lengths_s=said_lengths_s,
        start_delays_s=start_delays_s,
        end_delays_s=end_delays_s,
    )


def air_tally(true_ppm: Floats, said_ppm: Floats, limits_ppm: tuple[float, ...], used: Used) -> Tally:
    """Air at instants that count, equally far apart; columns of shape (n,), `said_ppm` NaN where unknown.

    Classes are of the time in which somebody was there, or was sensed to be, as each side has it.
    """
    known = ~np.isnan(said_ppm)
    true_classes, said_classes = (
        np.bincount(np.searchsorted(limits_ppm, ppm[known & so]), minlength=len(limits_ppm) + 1)
        for ppm, so in ((true_ppm, used.true), (said_ppm, used.said))
    )
    return Tally(
        co2_instants=int(known.sum()),
        co2_error_ppm=float(np.abs(said_ppm - true_ppm)[known].sum()),
        true_classes=true_classes,
        said_classes=said_classes,
    )


class Used(NamedTuple):
    """Whether a space was used at each instant, and whether that was sensed; both shape (n,)."""

    true: Bools
    said: Bools
