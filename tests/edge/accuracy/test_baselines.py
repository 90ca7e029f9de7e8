# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Plain rules on rows where the best of them can be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.model import Kind
from edge.accuracy.baselines import _newton, _scale, _threshold, baselines
from edge.accuracy.seeing import see
from edge.accuracy.shapes import Part
from tests.edge.accuracy.made import NAN, recorded

if TYPE_CHECKING:
    from edge.accuracy.scoring import Score
    from edge.accuracy.shapes import Recording

DAY_MIN = 24 * 60


def _scores(recording: Recording, *others: Recording) -> dict[str, Score]:
    return dict(baselines(recording, [recording, *others]))


def test_always_free_is_right_when_nobody_is_there() -> None:
    """Its accuracy is the share of empty rows."""
    found = _scores(recorded(range(4), present=[0, 1, 0, 0], people=[0, 2, 0, 0]))

    assert found["always free"].accuracy == 0.75
    assert found["always free"].count_mae == 0.5
    assert found.keys() == {"always free"}  # one day teaches nothing about itself


@pytest.mark.parametrize(("hold_min", "wrong"), [(0, 4), (5, 0), (10, 5), (15, 10)])
def test_motion_that_is_held(hold_min: int, wrong: int) -> None:
    """Any motion sensor counts; it holds so long after the last motion, and not a row more."""
    present = [0.0] * 10 + [1.0] * 6 + [0.0] * 20
    quiet = [0.0] * 36
    moves = [*quiet[:10], 1.0, *quiet[11:]]
    pirs = {"a": (Kind.MOTION, quiet), "b": (Kind.MOTION, moves)}
    found = _scores(recorded(range(36), pirs, present=present))

    missed = 5 if hold_min == 0 else wrong
    assert found[f"PIR held {hold_min} min"].accuracy == pytest.approx(1 - missed / 36)


def test_a_threshold_is_learned_from_what_is_to_learn_from() -> None:
    """The judged recording's own truth teaches nothing."""
    co2_ppm = {"air": (Kind.CO2_PPM, [500.0, 600.0, 900.0, 950.0])}
    lesson = recorded(range(4), co2_ppm, present=[0, 0, 1, 1], part=Part.TRAINING)
    judged = recorded(range(4), co2_ppm, present=[0, 1, 1, 1], part=Part.TEST)

    right = _scores(judged, lesson)["CO2 above a threshold"]
    upside_down = _scores(replace(judged, present=1 - judged.present), lesson)["CO2 above a threshold"]

    assert right.accuracy == 0.75
    assert upside_down.accuracy == 0.25


def test_a_day_is_guessed_by_what_other_days_taught() -> None:
    """Two days that were alike teach the third, which was another, what is wrong for it."""
    minutes = [60 * hour + DAY_MIN * day for day in range(3) for hour in range(4)]
    same, other = [0, 1, 1, 0], [1, 0, 0, 1]
    found = _scores(recorded(minutes, present=[*same, *same, *other], people=[*same, *same, *other]))

    habit = found["habit by the half hour"]
    # Of the first two days one other day says so and one not: half is taken for occupied.
    assert habit.accuracy == pytest.approx((2 + 2 + 0) / 12)
    assert habit.count_mae == pytest.approx((4 * 0.5 + 4 * 0.5 + 4 * 1) / 12)


def test_the_best_threshold() -> None:
    """It lies at the number that is right most often, and equal numbers are never told apart."""
    assert _threshold(np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 1, 1])) == 2
    assert _threshold(np.array([1.0, 1, 1, 4]), np.array([0.0, 0, 1, 1])) == 1
    assert _threshold(np.array([NAN, 2.0]), np.array([1.0, NAN])) == np.inf


def test_newton_finds_the_odds() -> None:
    """With one cause of two values the log-odds of each can be counted by hand."""
    cause = np.array([[0.0]] * 4 + [[1.0]] * 4)
    truth = np.array([0.0, 0, 0, 1, 0, 1, 1, 1])

    constant, slope = _newton(cause, truth)

    assert constant == pytest.approx(np.log(1 / 3), abs=0.01)
    assert constant + slope == pytest.approx(np.log(3), abs=0.01)


def test_the_scale_of_least_error() -> None:
    """The median of the ratios, each by its weight; of nothing born it is nothing."""
    error, scale = _scale(np.array([0.0, 100, 100, 100]), np.array([0.0, 1, 2, 9]))

    assert scale == pytest.approx(0.02)
    assert error == pytest.approx((1 + 0 + 7) / 4)
    assert _scale(np.zeros(2), np.array([1.0, 3])) == (2.0, 0.0)


def test_air_that_obeys_the_balance_is_counted() -> None:
    """Where CO2 rises as the balance says, the constants that made it are found on the other days."""
    people = [0.0] * 60 + [4.0] * 120 + [0.0] * 120
    co2_ppm, level = [], 420.0
    for count in people:
        level += (2.0 * (420.0 - level) + 150.0 * count) / 60
        co2_ppm.append(level)
    minutes = [minute + DAY_MIN * day for day in range(3) for minute in range(300)]
    present = [float(count > 0) for count in people]
    air = {"air": (Kind.CO2_PPM, co2_ppm * 3)}
    found = _scores(recorded(minutes, air, present=present * 3, people=people * 3))

    assert found["constant mass balance"].count_mae < 0.4
    assert found["constant mass balance"].count_mae < found["always free"].count_mae / 3
    assert found["logistic, CO2 and rises"].accuracy > 0.9


def test_days_that_teach_nothing_leave_it_unknown() -> None:
    """Where the other days had no number of a sensor, a rule that needs it has no say."""
    minutes = [*range(10), *range(DAY_MIN, DAY_MIN + 10)]
    air = {"air": (Kind.CO2_PPM, [NAN] * 10 + [400.0] * 5 + [900.0] * 5)}
    present = [0.0] * 5 + [1.0] * 5
    found = _scores(recorded(minutes, air, present=present * 2, people=present * 2))

    for name in ("CO2 above a threshold", "logistic, CO2 and rises", "constant mass balance"):
        assert found[name].unknown == 1
    assert found["habit by the half hour"].unknown == 0


def test_nothing_of_later_is_seen() -> None:
    """Rises look back, old numbers are stale, and a day that stands apart sees nothing of the one before."""
    minutes = [0, 5, 10, 40, DAY_MIN, DAY_MIN + 5]
    air = {"air": (Kind.CO2_PPM, [400.0, 450, NAN, NAN, 500, 520])}
    seen = see(recorded(minutes, air, days_apart=True))

    np.testing.assert_array_equal(seen.co2_ppm, [400, 450, 450, NAN, 500, 520])
    np.testing.assert_allclose(seen.rises[:, 0], [0, 10, 0, 0, 0, 4])
    assert np.isnan(seen.since_motion_s).all()
