# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How many people breathe in a space, by the mass balance of its CO2, and what its air taught us. Pure.

    dC/dt = a (outdoor - C) + born          C in ppm, a: air changes per hour, born: ppm an hour
    people = born / one person's share      one person in V m3: 0.0052 L/s * 3.6e6 / V ppm an hour

A Kalman filter follows C and `born`, which walks at random as people come and go. Two numbers are learned,
each bounded: what the air comes down to when nobody is there, and how fast it does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from bezet.retention import HOUR_MS

if TYPE_CHECKING:
    from bezet.occupancy.room import Room

#: CO2 that one person breathes out: mixed ages 30 to 59 at 1.4 met, 0.0048 L/s at 0 degC, at 24 degC
#: (Persily & de Jonge 2017, table 4), in ppm an hour in one m3.
ONE_PERSON_PPM_M3_H = 0.0052 * 3600 * 1000
#: Where the volume is not known: this much for each place, and never less than a small room (ours).
M3_PER_PLACE, LEAST_M3, USUAL_M3 = 10.0, 15.0, 75.0
USUAL_PLACES = 6
#: What a CO2 reading is off by, ppm: noise of a sensor (SCD41 datasheet: 10 ppm repeatability), the step
#: below which a reading is not news (edge/report.py), and air that is not well mixed.
NOISE_PPM = 20.0
#: How fast the people in a space change: so many in an hour, times the root of its places (ours).
WALK_PEOPLE = 0.4
#: Air of which nothing was heard for so long is begun anew; what was learned stays.
LOST_MS = 2 * HOUR_MS
#: What is learned: where it begins, and its bounds. Outdoor air: sensors are off by some 100 ppm.
OUTDOOR_PPM, LOWEST_PPM, HIGHEST_PPM = 420.0, 250.0, 550.0
CHANGES_PER_H, LEAST_CHANGES, MOST_CHANGES = 0.8, 0.2, 6.0
#: The outdoor air is the lowest there was, forgotten by so much an hour.
FORGET_PPM_H = 1.0
#: Falling air teaches while it is so much above outdoor, and falls by this share an hour at least, and by
#: more than it may do by noise alone.
TEACHES_FROM_PPM, TEACHES_FALL = 60.0, 0.1
#: How fast it is learned: the logarithm changes by so much in an hour of falling air.
LEARN_PER_H = 0.6
#: Whoever is still there makes the air fall slower: so much of the falling time is slower than is learned.
QUANTILE = 0.65
#: What a count by air is off by beside its noise: the share of what leaves with the air (it was learned from
#: few hours, and doors open), what the outdoor air is off by in ppm, and the share of the count itself (20 %
#: for sex, age and activity: Persily & de Jonge 2017).
AIR_OFF, OUTDOOR_OFF_PPM, PERSON_OFF = 0.25, 30.0, 0.2
#: While a space is in use its air is changed so much more often than when it falls after people left: the
#: ventilation is on, and doors open. A guess, chosen on four recorded rooms (docs/decisions/0012).
IN_USE, IN_USE_OFF = 2.0, 0.7
#: What is known of the ventilation is off by this share, because dampers move and doors open.
KNOWN_OFF = 0.4
#: Of an occupied space we expect one person and, spread exponentially, this share of its places more.
MORE_PEOPLE = 0.25
LEAST_MORE = 0.3
#: How often we expect one person alone.
ALONE = 0.5
#: What CO2 may say at most, in log-odds: it lags, so it is slow to believe that somebody came.
CO2_EMPTY, CO2_PRESENT = -2.0, 3.0


class Air(NamedTuple):
    """The air of a space at `t_ms`: CO2 in ppm and what is born an hour, their covariance, what was learned.

    `taught_h` are the hours of falling air that `changes_per_h` was learned from. `log_odds` is what all of
    it says for presence, `people` what it counts, off by `people_sd` (standard deviation).
    """

    t_ms: int
    co2_ppm: float
    born_ppm_h: float
    var_co2: float
    cov: float
    var_born: float
    outdoor_ppm: float = OUTDOOR_PPM
    changes_per_h: float = CHANGES_PER_H
    taught_h: float = 0.0
    log_odds: float = 0.0
    people: float = 0.0
    people_sd: float = 1.0


def volume_m3(room: Room) -> float:
    """The air of a room; guessed by its places where it is not known."""
    if room.volume_m3 is not None:
        return max(room.volume_m3, LEAST_M3)
    return USUAL_M3 if room.capacity is None else max(LEAST_M3, M3_PER_PLACE * room.capacity)


def one_person_ppm_h(room: Room) -> float:
    """What one person adds to the air in an hour, ppm."""
    return ONE_PERSON_PPM_M3_H / volume_m3(room)


def breathed(before: Air | None, t_ms: int, co2_ppm: float, room: Room) -> Air:
    """The air after a reading of CO2, not older than the one before."""
    one = one_person_ppm_h(room)
    walk = WALK_PEOPLE * one * math.sqrt(room.capacity or USUAL_PLACES)
    if before is None or t_ms - before.t_ms > LOST_MS:
        return _judged(_begun(before, t_ms, co2_ppm, one), room)
    _, co2, born, var_co2, cov, var_born, outdoor, changes, taught_h, *_ = before
    hours = (t_ms - before.t_ms) / HOUR_MS
    kept = math.exp(-changes * hours)
    fresh = (1 - kept) / changes
    expected = outdoor + (co2 - outdoor) * kept + born * fresh
    spread = walk * walk * hours
    var_co2 = kept * kept * var_co2 + 2 * kept * fresh * cov + fresh * fresh * (var_born + spread / 3)
    cov = kept * cov + fresh * (var_born + spread / 2)
    var_born += spread
    gain = 1 / (var_co2 + NOISE_PPM * NOISE_PPM)
    news = co2_ppm - expected
    co2 = expected + var_co2 * gain * news
    born += cov * gain * news
    var_born -= cov * cov * gain
    cov -= cov * var_co2 * gain
    var_co2 -= var_co2 * var_co2 * gain
    # Where air falls fast the estimate may shoot below what was read, which no outdoor air is.
    outdoor = min(max(min(outdoor + FORGET_PPM_H * hours, max(co2, co2_ppm)), LOWEST_PPM), HIGHEST_PPM)
    above = co2 - outdoor
    fall = changes * above - born
    if above > TEACHES_FROM_PPM and fall > max(TEACHES_FALL * above, math.sqrt(var_born)):
        taught_h += hours
        step = LEARN_PER_H * hours
        learn = math.exp(step * QUANTILE if fall > changes * above else -step * (1 - QUANTILE))
        changes = min(max(changes * learn, LEAST_CHANGES), MOST_CHANGES)
    return _judged(Air(t_ms, co2, born, var_co2, cov, var_born, outdoor, changes, taught_h), room)


def _judged(air: Air, room: Room) -> Air:
    people, people_sd = people_breathing(air, room)
    return air._replace(
        log_odds=presence_log_odds(breathing(air, room), room), people=people, people_sd=people_sd
    )


class Breath(NamedTuple):
    """How many people the air speaks of, and the standard deviation of that."""

    people: float
    sd: float


def breathing(air: Air, room: Room) -> Breath:
    """How many people breathe, by the air that was learned; below nobody where it falls faster than that."""
    one = one_person_ppm_h(room)
    off_air = AIR_OFF * air.changes_per_h * max(air.co2_ppm - air.outdoor_ppm, 0.0)
    off_outdoor = air.changes_per_h * OUTDOOR_OFF_PPM
    return Breath(air.born_ppm_h / one, math.sqrt(air.var_born + off_air**2 + off_outdoor**2) / one)


def people_breathing(air: Air, room: Room) -> Breath:
    """How many people breathe in a space that is in use, when more air is changed than when it was left."""
    one = one_person_ppm_h(room)
    above = max(air.co2_ppm - air.outdoor_ppm, 0.0)
    changes, off_share = room.air_changes_per_h, KNOWN_OFF
    if changes is None:
        changes, off_share = max(min(IN_USE * air.changes_per_h, MOST_CHANGES), air.changes_per_h), IN_USE_OFF
    people = (air.born_ppm_h + (changes - air.changes_per_h) * above) / one
    off = math.hypot(off_share * changes * above / one, changes * OUTDOOR_OFF_PPM / one, PERSON_OFF * people)
    return Breath(people, math.hypot(math.sqrt(air.var_born) / one, off))


def presence_log_odds(breath: Breath, room: Room) -> float:
    """What the air says for presence: how much likelier it is with somebody there than with nobody.

    With nobody the count is normal around 0; with somebody around 1 and an exponential number more, whose
    sum has a closed form (the exponentially modified Gaussian).
    """
    people, sd = breath
    rate = 1 / max(LEAST_MORE, MORE_PEOPLE * (room.capacity or USUAL_PLACES) - 0.5)
    z = (people - 1 - rate * sd * sd) / sd
    several = math.log(rate) + rate * (rate * sd * sd / 2 - people + 1) + _log_normal_cdf(z)
    nobody = -people * people / (2 * sd * sd) - math.log(sd * math.sqrt(2 * math.pi))
    one = (people - 0.5) / (sd * sd)
    more = several - nobody
    most = max(one, more)
    log_odds = most + math.log(ALONE * math.exp(one - most) + (1 - ALONE) * math.exp(more - most))
    return min(max(log_odds, CO2_EMPTY), CO2_PRESENT)


def _log_normal_cdf(z: float) -> float:
    if z > -30:
        return math.log(math.erfc(-z / math.sqrt(2)) / 2)
    # Far out erfc is 0, and the first terms of its series are exact.
    return -z * z / 2 - math.log(-z * math.sqrt(2 * math.pi)) + math.log1p(-1 / (z * z) + 3 / z**4)


def _begun(before: Air | None, t_ms: int, co2_ppm: float, one_ppm_h: float) -> Air:
    """Air of which nothing is known but a reading, taken for steady, and what an earlier life taught."""
    outdoor = OUTDOOR_PPM if before is None else before.outdoor_ppm
    outdoor = min(max(min(outdoor, co2_ppm), LOWEST_PPM), HIGHEST_PPM)
    changes, taught_h = (CHANGES_PER_H, 0.0) if before is None else (before.changes_per_h, before.taught_h)
    born = changes * (co2_ppm - outdoor)
    noise = NOISE_PPM * NOISE_PPM
    var_born = (born * born + one_ppm_h * one_ppm_h) / 4
    return Air(t_ms, co2_ppm, born, noise, 0.0, var_born, outdoor, changes, taught_h)
