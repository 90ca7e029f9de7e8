# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person gives off."""

from __future__ import annotations

import numpy as np
import pytest

from demo.people import Doing
from demo.physics.bodies import (
    EFFORTS,
    MEN_ML_S,
    METS,
    WARMED,
    WOMEN_ML_S,
    Body,
    body,
    breath_m3_s,
    generation_ml_s,
)


@pytest.mark.parametrize(
    ("is_woman", "age", "met", "ml_s"),
    [
        (False, 25, 1.0, 3.9),
        (False, 35, 1.2, 4.6),
        (False, 45, 1.4, 5.4),
        (False, 59, 1.6, 6.2),
        (False, 60, 2.0, 6.6),
        (True, 21, 1.0, 3.1),
        (True, 30, 1.4, 4.1),
        (True, 49, 1.6, 4.8),
        (True, 50, 2.0, 6.0),
        (True, 69, 1.2, 3.3),
    ],
)
def test_the_published_table(is_woman: bool, age: int, met: float, ml_s: float) -> None:
    """People breathe out what table 4 of Persily & de Jonge (2017) says, by sex, age and met."""
    assert generation_ml_s(Body(is_woman, age), met) == pytest.approx(ml_s)


def test_the_formula_behind_the_table() -> None:
    """The table says what its formula does, here of a man of 35 who burns 7.83 MJ a day at rest."""
    # The formula and this check of it: Persily & de Jonge 2017; 273 K and 101 kPa.
    formula_ml_s = 0.85 * 7.83 * 1.2 * 273 / 101 * 0.211

    assert generation_ml_s(Body(is_woman=False, age=35), 1.2) == pytest.approx(formula_ml_s, rel=0.01)


@pytest.mark.parametrize("row", [*MEN_ML_S, *WOMEN_ML_S])
def test_generation_grows_as_effort_does(row: tuple[float, ...]) -> None:
    """Generation is proportional to met, as far as two figures can show it."""
    assert np.array(row) / METS == pytest.approx(np.full(len(METS), row[-1] / METS[-1]), abs=0.11)


def test_the_mean_of_staff() -> None:
    """Those of 30 to 59 breathe out 0.0052 l/s at 24 °C and 1.4 met on average (4.8 ml/s at 0 °C)."""
    mixed = [generation_ml_s(Body(is_woman, age), 1.4) for is_woman in (False, True) for age in (35, 45, 55)]

    assert WARMED * np.mean(mixed) == pytest.approx(5.2, abs=0.05)


def test_who_there_is() -> None:
    """About half of all are women, ages are those of staff, and the same person is always the same."""
    bodies = [body(1, f"p{number}") for number in range(2_000)]
    ages = np.array([one.age for one in bodies])

    assert np.mean([one.is_woman for one in bodies]) == pytest.approx(0.5, abs=0.04)
    assert (ages.min(), ages.max()) == (21, 69)
    assert ages.mean() == pytest.approx(47, abs=1.5)
    assert body(1, "p7") == bodies[7]
    assert any(body(2, f"p{number}") != bodies[number] for number in range(10))


@pytest.mark.parametrize("doing", Doing)
def test_everything_costs_something(doing: Doing) -> None:
    """Whatever people do is within the table, and breathes, warms and moistens a space."""
    effort = EFFORTS[doing]

    assert METS[0] <= effort.met <= METS[-1]
    assert 60 < effort.heat_w < 110
    assert 15 < effort.moisture_mg_s < 60
    assert 2.9e-6 < breath_m3_s(1, "p1", doing) < 8.0e-6 * WARMED + 1e-12
