# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensors of carbon dioxide: they follow the truth late, are a little off, and have a little noise."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.model import Kind
from demo.faults import ALL, WEEK_MS, Fault
from demo.lens import Piece
from demo.physics.air import co2_ppm
from demo.physics.warmth import humidity_pct, temperature_c
from demo.plan import Hung
from demo.sensing import make_signal
from demo.sensing.air import (
    MHZ19,
    SCD4X,
    SCD30,
    SENSEAIR_S8,
    WANDER_MS,
    WANDER_PPM,
    WHITE_C,
    WHITE_PCT,
    WHITE_PPM,
    lagged,
    noise,
    off_ppm,
    wander_ppm,
)
from edge.report import BEAT_S, Reporter
from edge.sensors import Measured
from tests.demo.physics.weeks import INSTANTS, TO_MS, busy_town
from tests.demo.towns import DAY_MS, HOUR_MS, clock, meeting, small_town

if TYPE_CHECKING:
    from bezet.usage.columns import Floats
    from demo.sensing import Words
    from demo.town import Town

TRAITS = {"scd4x": SCD4X, "scd30": SCD30, "mhz19": MHZ19, "senseair_s8": SENSEAIR_S8}
#: The most that noise can be, and what may come on top of it by rounding to whole ppm, and by straight lines
#: where people come and go at once.
NOISE_PPM, ROUNDED_PPM = math.sqrt(6) * (WHITE_PPM + WANDER_PPM), 1.0
BUSY = busy_town(faults=ALL)
MEETING = meeting(6, 9, 11)
SPAN = clock(8), clock(13)


def sensor(driver: str, every_s: float = 5) -> Hung:
    """A sensor of that driver."""
    return Hung(f"{driver}-1.01", "1.01", "pi", driver, phase_ms=33, every_s=every_s)


def said(town: Town, hung: Hung, start_ms: int, end_ms: int) -> Words:
    """What a sensor says, by a signal that was asked nothing before."""
    words: Words = make_signal(town, hung).words(start_ms, end_ms)
    return words


# --- the lag ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("driver", "after_s", "share"),
    [
        ("scd4x", 60, 1 - math.exp(-1)),
        ("scd30", 20, 1 - math.exp(-1)),
        ("mhz19", 120, 0.9),
        ("senseair_s8", 120, 0.9),
    ],
)
def test_a_step_is_followed_as_the_datasheet_says(driver: str, after_s: int, share: float) -> None:
    """63 % of a step is seen after τ63, and 90 % after T90, whichever the datasheet tells."""
    step = np.concatenate((np.full(500, 400.0), np.full(2_000, 1_400.0)))

    seen = lagged(step, 0.1, TRAITS[driver].tau_s)
    assert seen[:500] == pytest.approx(400)
    assert (seen[500 + 10 * after_s] - 400) / 1_000 == pytest.approx(share, abs=0.002)


@given(
    ppm=st.lists(st.floats(0, 5_000), min_size=1, max_size=200),
    tau_s=st.floats(1, 60),
    step_s=st.floats(1, 10),
)
def test_it_is_worked_out_in_blocks_as_step_by_step(ppm: list[float], tau_s: float, step_s: float) -> None:
    """Blocks are quick, and make no difference."""
    a = math.exp(-step_s / tau_s)
    bend = tau_s / step_s * (1 - a)
    expected = [ppm[0]]
    for before, now in pairwise(ppm):
        expected.append(a * expected[-1] + (1 - bend) * now + (bend - a) * before)

    assert lagged(np.array(ppm), step_s, tau_s) == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize("from_h", [9, 0.95])
@pytest.mark.parametrize("driver", TRAITS)
def test_it_follows_the_truth_late(driver: str, from_h: float) -> None:
    """What a sensor finds is the low-pass of the truth, worked out second by second, and noise.

    A meeting at night goes on while a day of UTC ends.
    """
    town = small_town(*meeting(15, from_h, from_h + 2), faults=frozenset({Fault.CO2_LAG}))
    from_ms, to_ms = clock(from_h - 0.5), clock(from_h + 3)
    words = said(town, sensor(driver), from_ms, to_ms)
    seconds_ms = np.arange(from_ms - HOUR_MS, to_ms, 1_000)
    share = 1 - math.exp(-1 / TRAITS[driver].tau_s)
    late = [400.0]
    for ppm in co2_ppm(town, "1.01", seconds_ms).tolist():
        late.append(late[-1] + share * (ppm - late[-1]))

    measured_ms = words.t_ms // TRAITS[driver].every_ms * TRAITS[driver].every_ms
    off = words.amounts[0] - np.interp(measured_ms, seconds_ms, late[1:])
    assert np.abs(off).max() < NOISE_PPM + ROUNDED_PPM


# --- the offset ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", TRAITS)
def test_without_faults_it_tells_the_truth(driver: str) -> None:
    """With lag and drift switched off a sensor is right but for its noise, of which the mean is nothing."""
    town = small_town(*MEETING)
    words = said(town, sensor(driver), *SPAN)

    measured_ms = words.t_ms // TRAITS[driver].every_ms * TRAITS[driver].every_ms
    off = words.amounts[0] - co2_ppm(town, "1.01", measured_ms)
    assert np.abs(off).max() < NOISE_PPM + ROUNDED_PPM
    assert off.mean() == pytest.approx(0, abs=2)


def test_drift_is_an_offset_that_is_kept_within_bounds() -> None:
    """Sensors are off by less than 60 ppm at any time; some drift until they calibrate themselves."""
    days_ms = range(0, 26 * WEEK_MS, DAY_MS)
    off = np.array([[off_ppm(1, f"air-{number}", t_ms) for t_ms in days_ms] for number in range(200)])
    drifts = np.ptp(off, axis=1) > 0

    assert np.abs(off).max() < 60
    assert np.abs(off[~drifts]).max() <= 20
    assert 0.15 < drifts.mean() < 0.35
    resets = np.abs(np.diff(off[drifts])) > 10
    assert set(resets.sum(axis=1)) <= {6, 7}
    assert np.abs(np.diff(off[drifts])[~resets]).max() < 10 / 7 + 1e-9


def test_drift_is_added() -> None:
    """The fault moves a sensor by its offset and nothing else."""
    hung = sensor("scd30")
    right = said(small_town(*MEETING), hung, *SPAN)
    wrong = said(small_town(*MEETING, faults=frozenset({Fault.CO2_DRIFT})), hung, *SPAN)

    assert wrong.amounts[0] - right.amounts[0] == pytest.approx(off_ppm(1, hung.id, SPAN[0]), abs=0.02)
    assert (wrong.amounts[1:] == right.amounts[1:]).all()


# --- the noise ----------------------------------------------------------------------------------------------


def test_noise_is_as_large_as_it_says() -> None:
    """Noise has a mean of 0 and a deviation of 1, and nothing to do with any other."""
    drawn = np.stack(noise(1, "air", np.arange(0, DAY_MS, 2_000)))

    assert drawn.mean(axis=1) == pytest.approx(0, abs=0.02)
    assert drawn.std(axis=1) == pytest.approx(1, abs=0.02)
    assert np.abs(drawn).max(axis=1) == pytest.approx([math.sqrt(6), math.sqrt(3), math.sqrt(3)], abs=0.05)
    beside = np.corrcoef(drawn[:, 1:], drawn[:, :-1])
    assert beside == pytest.approx(np.eye(6), abs=0.03)


def test_the_noise_wanders_slowly() -> None:
    """From ten minutes to the next its level is new, and from a second to the next it is nearly the same."""
    levels = wander_ppm(1, "air", np.arange(0, 20 * DAY_MS, WANDER_MS))
    seconds = wander_ppm(1, "air", np.arange(0, DAY_MS, 1_000))

    assert levels.std() == pytest.approx(WANDER_PPM, rel=0.05)
    assert np.corrcoef(levels[1:], levels[:-1])[0, 1] == pytest.approx(0, abs=0.05)
    assert np.abs(np.diff(seconds)).max() < 0.03


@pytest.mark.parametrize("driver", ["scd4x", "scd30"])
def test_temperature_and_humidity_are_true_but_for_noise(driver: str) -> None:
    """They are what the space has, with the noise of the chip."""
    town = small_town(*MEETING, faults=ALL)
    words = said(town, sensor(driver), *SPAN)
    measured_ms = words.t_ms // TRAITS[driver].every_ms * TRAITS[driver].every_ms

    truth = np.stack([of(town, "1.01", measured_ms) for of in (temperature_c, humidity_pct)])
    off = words.amounts[1:] - truth
    assert off.mean(axis=1) == pytest.approx(0, abs=0.01)
    assert off.std(axis=1) == pytest.approx([WHITE_C, WHITE_PCT], rel=0.05)
    assert [one.kind for one in words.said] == [Kind.CO2_PPM, Kind.TEMPERATURE_C, Kind.HUMIDITY_PCT]


def test_an_empty_space_says_little_but_that_it_is_there() -> None:
    """Noise alone is no news: in a night an agent hardly tells more than its beats."""
    words = said(small_town(faults=ALL), sensor("scd4x"), clock(0), clock(6))
    reporter = Reporter()
    kinds = [one.kind for one in words.said]
    told = [
        due.measured.kind
        for t_ms, row in zip(words.t_ms.tolist(), words.amounts.T.tolist(), strict=True)
        for due in reporter.offer("air", list(map(Measured, kinds, row)), t_ms)
    ]

    beats = 6 * 3_600 / BEAT_S
    assert all(beats <= told.count(kind) < 1.1 * beats for kind in kinds)


# --- words --------------------------------------------------------------------------------------------------


def test_words_on_the_wire_are_read_as_the_driver_rounds_them() -> None:
    """All words that a chip can say are rounded by arrays as Python rounds them one by one."""
    ticks = np.arange(65_536)
    for read, one_by_one in (
        (-45 + 175 * ticks / 65_535, [round(-45 + 175 * tick / 65_535, 2) for tick in range(65_536)]),
        (100 * ticks / 65_535, [round(100 * tick / 65_535, 2) for tick in range(65_536)]),
    ):
        assert read.round(2).tolist() == one_by_one


@given(st.lists(st.floats(0, 5_000, width=32), max_size=50))
def test_floats_on_the_wire_are_read_as_the_driver_rounds_them(numbers: list[float]) -> None:
    """The same holds for floats of 32 bits."""
    assert np.array(numbers).round(2).tolist() == [round(number, 2) for number in numbers]


@pytest.mark.parametrize(("every_s", "expected"), [(1, 720), (5, 720), (7, 514), (12, 300)])
def test_a_measurement_is_said_once(every_s: float, expected: int) -> None:
    """Whoever asks an SCD4x more often than it measures hears nothing in between."""
    words = said(small_town(), sensor("scd4x", every_s), clock(9), clock(10))

    assert len(words.t_ms) == expected
    assert (np.diff(words.t_ms // 5_000) >= 1).all()


@pytest.mark.parametrize("driver", ["mhz19", "senseair_s8"])
def test_a_measurement_is_held(driver: str) -> None:
    """Whoever asks an infrared sensor more often than it measures hears the same again."""
    words = said(BUSY, sensor(driver, 0.5), clock(9), clock(9.2))
    measured = words.t_ms // TRAITS[driver].every_ms

    held = words.amounts[0][1:][np.diff(measured) == 0] == words.amounts[0][:-1][np.diff(measured) == 0]
    assert held.all()
    assert len(np.unique(words.amounts[0])) > 5


def test_it_tells_no_more_than_its_range() -> None:
    """A sensor that was told a range stops there."""
    hung = Hung("mhz19-1.01", "1.01", "pi", "mhz19", settings={"range_ppm": 1_000}, every_s=10)
    crowded = small_town(*meeting(20, 9, 11))
    ppm: Floats = said(crowded, hung, *SPAN).amounts[0]

    assert ppm.max() == 1_000 < co2_ppm(crowded, "1.01", np.array([clock(10.9)]))[0]


@pytest.mark.parametrize("driver", TRAITS)
@settings(max_examples=15)
@given(start_ms=INSTANTS, lengths_ms=st.lists(st.integers(0, 20 * HOUR_MS), min_size=2, max_size=3))
def test_it_says_the_same_whatever_span_is_asked(driver: str, start_ms: int, lengths_ms: list[int]) -> None:
    """Spans that follow each other say what one span says that holds them, asked before or after."""
    edges_ms = np.minimum(start_ms + np.cumsum([0, *lengths_ms]), TO_MS).tolist()
    signal = make_signal(BUSY, sensor(driver, 10))
    parts = [signal.words(*span) for span in pairwise(edges_ms)]
    whole = said(BUSY, sensor(driver, 10), edges_ms[0], edges_ms[-1])

    assert np.concatenate([one.t_ms for one in parts]).tolist() == whole.t_ms.tolist()
    assert np.concatenate([one.amounts for one in parts], axis=1).tolist() == whole.amounts.tolist()


def test_it_says_the_same_when_life_goes_faster() -> None:
    """The same holds while life is bent, and its pace is not seen in how often the sensor speaks."""
    town = busy_town(faults=ALL, bent=(Piece(clock(10), clock(11), clock(9), 60.0),))
    edges_ms = clock(9.5), clock(10.7), clock(11.5)
    whole = said(town, sensor("scd4x"), edges_ms[0], edges_ms[-1])
    parts = [said(town, sensor("scd4x"), *span).amounts for span in pairwise(edges_ms)]

    assert np.concatenate(parts, axis=1).tolist() == whole.amounts.tolist()
    assert len(whole.t_ms) == 2 * 720
