# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a person gives off: carbon dioxide, heat and moisture, by sex, age and what they do."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.dice import dice
from demo.people import Doing

if TYPE_CHECKING:
    from collections.abc import Mapping


class Effort(NamedTuple):
    """What somebody does costs so many met, and gives off so much dry heat and moisture."""

    met: float
    heat_w: float
    moisture_mg_s: float


#: Mets: sitting quietly 1.2, typing 1.3, light office work 1.5 (Persily & de Jonge 2017, table 3); meeting is
#: between those. Cleaning is the most that their table of generation goes to. Heat and moisture: ASHRAE
#: Handbook of Fundamentals, chapter 18, table 1, from memory: seated 70 W dry and 45 W moist, office work 75
#: and 55, at table 80 and 80, light bench work 80 and 140; 2.45 J evaporate a milligram.
EFFORTS: Mapping[Doing, Effort] = {
    Doing.QUIET: Effort(1.2, 70, 45 / 2.45),
    Doing.DESK: Effort(1.3, 70, 45 / 2.45),
    Doing.MEETING: Effort(1.4, 70, 45 / 2.45),
    Doing.CALL: Effort(1.5, 75, 55 / 2.45),
    Doing.MEAL: Effort(1.5, 80, 80 / 2.45),
    Doing.CLEANING: Effort(2.0, 80, 140 / 2.45),
}

#: The efforts that the columns of `WOMEN_ML_S` and `MEN_ML_S` are for, in met.
METS = (1.0, 1.2, 1.4, 1.6, 2.0)
#: From which age on each row of them holds, and the share of staff in it (ours: a mean of 47, as town halls'
#: staff is older than most).
AGES = (21, 30, 40, 50, 60)
AGE_SHARES = (0.09, 0.21, 0.26, 0.29, 0.15)
#: Carbon dioxide that one person breathes out, ml/s at 0 °C and 1 atm (Persily & de Jonge 2017, Indoor Air
#: 27:868, table 4).
MEN_ML_S = (
    (3.9, 4.8, 5.6, 6.4, 8.0),
    (3.7, 4.6, 5.3, 6.1, 7.6),
    (3.8, 4.6, 5.4, 6.2, 7.7),
    (3.8, 4.6, 5.4, 6.2, 7.7),
    (3.3, 4.0, 4.6, 5.3, 6.6),
)
WOMEN_ML_S = (
    (3.1, 3.8, 4.4, 5.0, 6.3),
    (2.9, 3.5, 4.1, 4.7, 5.9),
    (2.9, 3.6, 4.2, 4.8, 6.0),
    (3.0, 3.6, 4.2, 4.8, 6.0),
    (2.7, 3.3, 3.8, 4.4, 5.5),
)
#: A gas at 24 °C takes so much more room than at 0 °C (ideal gas).
WARMED = 297.15 / 273.15


class Body(NamedTuple):
    """What decides how much somebody breathes out."""

    is_woman: bool
    age: int


def body(seed: int, person: str) -> Body:
    """The sex and the age of a person of the town; half of all are women (ours)."""
    band = bisect_right(tuple(accumulate(AGE_SHARES[:-1])), dice(seed, "age", person))
    return Body(dice(seed, "sex", person) < 0.5, AGES[band] + int(10 * dice(seed, "years", person)))


def generation_ml_s(of: Body, met: float) -> float:
    """The carbon dioxide that they breathe out at 0 °C; linear between the columns, as the formula is in met.

    That is 0.85 · BMR · met · T/p · 0.000211 l/s, BMR in MJ a day, T in K, p in kPa (the same paper).
    """
    row = max(bisect_right(AGES, of.age) - 1, 0)
    return float(np.interp(met, METS, (WOMEN_ML_S if of.is_woman else MEN_ML_S)[row]))


@lru_cache(maxsize=16_384)
def breath_m3_s(seed: int, person: str, doing: Doing) -> float:
    """The carbon dioxide that a person of the town breathes out while they do that, m³/s at 24 °C."""
    return generation_ml_s(body(seed, person), EFFORTS[doing].met) * WARMED * 1e-6
