# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Plain rules that anybody would try first, on the same rows with the same figures.

What one learns it learns from recordings to learn from, else from the other days of the same recording.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edge.accuracy.playing import FREE, OCCUPIED, UNKNOWN, Played
from edge.accuracy.scoring import score
from edge.accuracy.seeing import RISES_MIN, SLOTS_A_DAY, see, together
from edge.accuracy.shapes import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from edge.accuracy.scoring import Score
    from edge.accuracy.seeing import Seen
    from edge.accuracy.shapes import Numbers, Recording


class Guess(NamedTuple):
    """For each row how likely somebody is there, and how many; not a number where it has no say."""

    likely: Numbers
    people: Numbers


def _nothing(seen: Seen) -> Numbers:
    return np.full(len(seen.days), np.nan)


def _always_free(_: Seen) -> Callable[[Seen], Guess]:
    return lambda seen: Guess(np.zeros(len(seen.days)), np.zeros(len(seen.days)))


def _habit(taught: Seen) -> Callable[[Seen], Guess]:
    """What it mostly was in this half hour of weekdays or of weekends; free where that was never seen."""
    likely, people = (_means(taught.slot, one) for one in (taught.present, taught.people))
    return lambda seen: Guess(likely[seen.slot], people[seen.slot])


def _means(slot: NDArray[np.int64], truth: Numbers) -> Numbers:
    is_told = ~np.isnan(truth)
    if not is_told.any():
        return np.full(2 * SLOTS_A_DAY, np.nan)
    count = np.bincount(slot[is_told], minlength=2 * SLOTS_A_DAY)
    return np.bincount(slot[is_told], truth[is_told], 2 * SLOTS_A_DAY) / np.maximum(count, 1)


def _above(what: Callable[[Seen], Numbers]) -> Callable[[Seen], Callable[[Seen], Guess]]:
    """Occupied above the threshold that was right most often."""

    def learn(taught: Seen) -> Callable[[Seen], Guess]:
        threshold = _threshold(what(taught), taught.present)

        def guess(seen: Seen) -> Guess:
            numbers = what(seen)
            likely = np.where(np.isnan(numbers), np.nan, (numbers > threshold).astype(float))
            return Guess(likely, _nothing(seen))

        return guess

    return learn


def _threshold(numbers: Numbers, truth: Numbers) -> float:
    is_there = ~np.isnan(numbers) & ~np.isnan(truth)
    order = np.argsort(numbers[is_there], kind="stable")
    ranked, present = numbers[is_there][order], truth[is_there][order] > 0
    if not len(ranked):
        return np.inf
    # Right with the threshold at each number: those up to it that are absent, and above it that are present.
    right = np.cumsum(~present) + present.sum() - np.cumsum(present)
    right[:-1][ranked[:-1] == ranked[1:]] = -1
    return float(ranked[np.argmax(right)])


def _held(hold_min: float) -> Callable[[Seen], Callable[[Seen], Guess]]:
    """Occupied for so long after any motion sensor saw something."""

    def guess(seen: Seen) -> Guess:
        since_s = seen.since_motion_s
        likely = np.where(np.isnan(since_s), np.nan, (since_s <= hold_min * 60).astype(float))
        return Guess(likely, _nothing(seen))

    return lambda _: guess


#: Keeps Newton's steps finite where the classes can be told apart without a mistake.
RIDGE = 1e-3
MOST_STEPS = 30


def _logistic(taught: Seen) -> Callable[[Seen], Guess]:
    """Logistic regression on CO2 and its rises."""
    numbers = np.column_stack([taught.co2_ppm, taught.rises])
    is_there = ~np.isnan(numbers).any(axis=1) & ~np.isnan(taught.present)
    mean, spread = numbers[is_there].mean(axis=0), np.maximum(numbers[is_there].std(axis=0), 1e-9)
    weights = _newton((numbers[is_there] - mean) / spread, (taught.present[is_there] > 0).astype(float))

    def guess(seen: Seen) -> Guess:
        scaled = (np.column_stack([seen.co2_ppm, seen.rises]) - mean) / spread
        return Guess(_sigmoid(weights[0] + scaled @ weights[1:]), _nothing(seen))

    return guess


def _sigmoid(log_odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -50, 50))))


def _newton(numbers: Numbers, truth: Numbers) -> Numbers:
    """The weights of greatest likelihood, the constant first."""
    table = np.column_stack([np.ones(len(numbers)), numbers])
    weights = np.zeros(table.shape[1])
    for _ in range(MOST_STEPS):
        likely = _sigmoid(table @ weights)
        slope = table.T @ (truth - likely) - RIDGE * weights
        bend = (table * (likely * (1 - likely))[:, None]).T @ table + RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    return weights


#: What the constants of the mass balance are chosen from: where outdoor air lies among the CO2 that was seen,
#: per cent, and air changes an hour.
OUTDOOR_PCT = (2, 10, 25, 40, 50, 60, 70)
CHANGES_PER_H = (0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 12.0)
OVER_MIN = RISES_MIN.index(15)


def _mass_balance(taught: Seen) -> Callable[[Seen], Guess]:
    """People by the balance of the air, N = V/G (dC/dt + a (C - outdoor)), with the three constants that are
    nearest to the counts that it was taught.
    """
    is_there = ~np.isnan(taught.co2_ppm) & ~np.isnan(taught.people)
    rows = taught.at(is_there)
    choices = product(np.percentile(rows.co2_ppm, OUTDOOR_PCT), CHANGES_PER_H)
    fits = [(_scale(_born_ppm_h(rows, *one), rows.people), one) for one in choices]
    (_, scale), constants = min(fits)

    def guess(seen: Seen) -> Guess:
        people = scale * _born_ppm_h(seen, *constants)
        return Guess(np.where(np.isnan(people), np.nan, (people >= 0.5).astype(float)), people)

    return guess


def _born_ppm_h(seen: Seen, outdoor_ppm: float, changes_per_h: float) -> Numbers:
    """What people add to the air, never less than nothing."""
    return np.maximum(seen.rises[:, OVER_MIN] * 60 + changes_per_h * (seen.co2_ppm - outdoor_ppm), 0.0)


def _scale(born: Numbers, people: Numbers) -> tuple[float, float]:
    """The mean error of the scale that makes it least, and that scale: the median ratio, by weight."""
    is_born = born > 0
    if not is_born.any():
        return float(people.mean()), 0.0
    ratios = people[is_born] / born[is_born]
    order = np.argsort(ratios)
    weights = np.cumsum(born[is_born][order])
    scale = float(ratios[order][np.searchsorted(weights, weights[-1] / 2)])
    return float(np.abs(scale * born - people).mean()), scale


class Baseline(NamedTuple):
    """A plain rule: what it is called, what of a recording it needs somewhere, and how it learns."""

    name: str
    needs: Callable[[Seen], Numbers]
    learn: Callable[[Seen], Callable[[Seen], Guess]]
    is_taught: bool = True


def _light(seen: Seen) -> Numbers:
    return seen.light_lux


def _co2(seen: Seen) -> Numbers:
    return seen.co2_ppm


def _motion(seen: Seen) -> Numbers:
    return seen.since_motion_s


BASELINES: tuple[Baseline, ...] = (
    Baseline("always free", lambda seen: seen.slot.astype(float), _always_free, is_taught=False),
    Baseline("habit by the half hour", lambda seen: seen.slot.astype(float), _habit),
    Baseline("light above a threshold", lambda seen: seen.light_lux * seen.present, _above(_light)),
    Baseline("CO2 above a threshold", lambda seen: seen.co2_ppm * seen.present, _above(_co2)),
    *(Baseline(f"PIR held {hold} min", _motion, _held(hold), is_taught=False) for hold in (0, 5, 10, 15)),
    Baseline("logistic, CO2 and rises", lambda seen: seen.co2_ppm * seen.present, _logistic),
    Baseline("constant mass balance", lambda seen: seen.co2_ppm * seen.people, _mass_balance),
)


def baselines(recording: Recording, others: Sequence[Recording]) -> Iterator[tuple[str, Score]]:
    """The figures of each baseline that has what it needs; `others` are all recordings that there are."""
    seen = see(recording)
    lessons = [see(one) for one in others if one.set == recording.set and one.part is Part.TRAINING]
    by_days = recording.part is not Part.TEST or not lessons
    can_learn = not recording.is_spots and (not by_days or len(np.unique(seen.days)) > 1)
    for one in BASELINES:
        if np.isnan(one.needs(seen)).all() or (one.is_taught and not can_learn):
            continue
        if not one.is_taught:
            guess = one.learn(seen)(seen)
        else:
            guess = _day_by_day(one, seen) if by_days else _taught(one, together(lessons), seen)
        yield one.name, score(_played(recording, guess))


def _taught(one: Baseline, lessons: Seen, seen: Seen) -> Guess:
    """What it guesses after its lessons; nothing where they had nothing to teach it."""
    if np.isnan(one.needs(lessons)).all():
        return Guess(_nothing(seen), _nothing(seen))
    return one.learn(lessons)(seen)


def _day_by_day(one: Baseline, seen: Seen) -> Guess:
    """Each day guessed by what the other days taught."""
    guess = Guess(_nothing(seen), _nothing(seen))
    for day in np.unique(seen.days):
        is_today = seen.days == day
        today = _taught(one, seen.at(~is_today), seen.at(is_today))
        guess.likely[is_today], guess.people[is_today] = today
    return guess


def _played(recording: Recording, guess: Guess) -> Played:
    """A guess as if it had been said."""
    is_known = ~np.isnan(guess.likely)
    occupancy = np.where(is_known, np.where(guess.likely >= 0.5, OCCUPIED, FREE), UNKNOWN).astype(np.int8)
    if np.isnan(recording.present).all():
        occupancy = np.where(np.isnan(guess.people), UNKNOWN, FREE).astype(np.int8)
    switches = (recording.follows & (occupancy != np.roll(occupancy, 1))).astype(np.int64)
    none = np.full(len(occupancy), np.nan)
    return Played(recording, occupancy, guess.likely, guess.people, none, none, switches)
