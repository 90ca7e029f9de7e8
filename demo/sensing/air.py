# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What sensors of carbon dioxide say: late, a little off, and with a little noise.

The air must come into a sensor first, so that it follows the truth like a low-pass of first order; then come
an offset, which grows in some sensors until self-calibration finds fresh air, and noise; at last it is put
into the numbers of the sensor's wire, and read of these as its driver does.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.model import Kind
from demo.dice import dice
from demo.faults import WEEK_MS, Fault
from demo.physics.air import co2_ppm
from demo.physics.spans import DAY_MS, spans
from demo.physics.warmth import humidity_pct, temperature_c
from demo.sensing import Said, Words, polls

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.plan import Hung
    from demo.town import Town


class Traits(NamedTuple):
    """How a sensor measures: how late it follows (63 % of a step), how often, and the most that it tells."""

    tau_s: float
    every_ms: int
    most_ppm: int


#: What follows 90 % of a step in so many seconds follows 63 % of it in this share of them.
T90 = 1 / math.log(10)
#: Datasheet SCD4x 1.4, table 1 and section 3.5.1.
SCD4X = Traits(60, 5_000, 40_000)
#: Datasheet SCD30 1.0, table 1; measures every two seconds unless it is told otherwise.
SCD30 = Traits(20, 2_000, 40_000)
#: Manual MH-Z19B V1.5: T90 within 120 s, 5000 ppm unless it is told otherwise. How often is ours.
MHZ19 = Traits(120 * T90, 1_000, 5_000)
#: Product specification PSP126: 2 minutes by 90 %, every 4 seconds, up to 10,000 ppm.
SENSEAIR_S8 = Traits(120 * T90, 4_000, 10_000)

#: A sensor is worked out at these steps, and between them by straight lines.
STEP_MS = 5_000
#: What was so many response times ago is forgotten: two parts in a thousand millions.
FORGOTTEN = 20

#: Noise, each as a standard deviation (ours): one part is new in each measurement, another wanders from one
#: level to the next in ten minutes. Together they stay within ±11.1 ppm; the datasheets of SCD4x and SCD30
#: promise to repeat within ±10 ppm, and that of SCD4x (tables 2 and 3) within ±0.1 °C and ±0.4 %.
WHITE_PPM, WANDER_PPM, WANDER_MS = 2.0, 2.5, 600_000
WHITE_C, WHITE_PCT = 0.03, 0.12

#: Every sensor is off by up to so much (ours; the four datasheets promise ±30 to ±50 ppm and 3 to 5 %).
OFFSET_PPM = 20.0
#: One of so many drifts, by so much a week, up or down, until its self-calibration meets air that is fresh
#: enough (ours). With the offset it stays within ±60 ppm; datasheet SCD30 1.0, table 1: ±50 ppm in its life.
ONE_DRIFTS_OF, DRIFT_PPM_WEEK, CALIBRATES_WEEKS = 4, (4.0, 10.0), 4


class CO2Cell:
    """The air in a sensor, before it is put into the numbers of its wire."""

    def __init__(self, town: Town, hung: Hung, tau_s: float) -> None:
        self._town, self._hung, self._tau_s = town, hung, tau_s
        self._of_span = lru_cache(maxsize=4)(self._worked_out)

    def ppm(self, at_ms: Ints) -> Floats:
        """What it finds at rising instants, but for the noise that is new in each measurement."""
        found = [np.empty(0)]
        ends_ms = (int(at_ms[0]), int(at_ms[-1]) + 1) if len(at_ms) else (0, 0)
        for span in spans(self._town, *ends_ms):
            first, behind = np.searchsorted(at_ms, span)
            place, over_ms = np.divmod(at_ms[first:behind] - span.from_ms, STEP_MS)
            level = self._of_span(span)
            slope = np.diff(level)
            found.append(level[place] + slope[place] * (over_ms / STEP_MS))
        return np.concatenate(found)

    def _worked_out(self, span: Span) -> Floats:
        """The same at each step of a stretch and at its end."""
        town, hung = self._town, self._hung
        warm_up = 0
        if Fault.CO2_LAG in town.faults:
            warm_up = round(FORGOTTEN * self._tau_s * 1000) // STEP_MS
        t_ms = np.arange(span.from_ms - warm_up * STEP_MS, span.to_ms + 1, STEP_MS, dtype=np.int64)
        ppm = co2_ppm(town, hung.space, t_ms)
        if warm_up:
            ppm = lagged(ppm, STEP_MS / 1000, self._tau_s)[warm_up:]
        ppm = ppm + wander_ppm(town.seed, hung.id, t_ms[warm_up:])
        if Fault.CO2_DRIFT in town.faults:
            ppm += off_ppm(town.seed, hung.id, span.from_ms)
        return ppm


def lagged(ppm: Floats, step_s: float, tau_s: float) -> Floats:
    """What a low-pass of first order makes of straight lines between steps; exact. It begins at the first.

    y[n] = a y[n-1] + b0 x[n] + b1 x[n-1] with a = exp(-step / tau), which is what a straight line leads to;
    worked out for a block of steps at once, whose weights do not become too large.
    """
    block = max(1, round(10 * tau_s / step_s))
    a = math.exp(-step_s / tau_s)
    bend = tau_s / step_s * (1 - a)
    put_in = (1 - bend) * ppm[1:] + (bend - a) * ppm[:-1]
    weights = a ** np.arange(1, block + 1)
    blocks = np.append(put_in, np.zeros(-len(put_in) % block)).reshape(-1, block)
    own = np.cumsum(blocks / weights, axis=1) * weights
    left = float(weights[-1])
    before = list(accumulate(own[:, -1].tolist(), lambda y, end: end + left * y, initial=float(ppm[0])))
    follows = own + np.array(before[:-1])[:, None] * weights
    return np.concatenate((ppm[:1], follows.ravel()[: len(put_in)]))


def off_ppm(seed: int, sensor: str, t_ms: int) -> float:
    """By how much a sensor is off on the UTC day of an instant."""
    found = OFFSET_PPM * (2 * dice(seed, "offset", sensor) - 1)
    if dice(seed, "drifts", sensor) * ONE_DRIFTS_OF < 1:
        least, most = DRIFT_PPM_WEEK
        ppm_week = least + (most - least) * dice(seed, "drift", sensor)
        sign = 1 if dice(seed, "drift sign", sensor) < 0.5 else -1
        weeks = t_ms // DAY_MS * DAY_MS / WEEK_MS + CALIBRATES_WEEKS * dice(seed, "calibrates", sensor)
        found += sign * ppm_week * (weeks % CALIBRATES_WEEKS)
    return found


# --- noise --------------------------------------------------------------------------------------------------


class Noise(NamedTuple):
    """Noise of measurements, each with a mean of 0 and a standard deviation of 1; shape (n,)."""

    co2: Floats
    temperature: Floats
    humidity: Floats


def noise(seed: int, sensor: str, at_ms: Ints) -> Noise:
    """Noise that depends on the sensor and each instant alone.

    Of CO2 it is the sum of two even ones (a triangle, within ±2.45), of the others it is even (within ±1.74).
    """
    lanes = _scattered(_key(seed, sensor, "white"), at_ms)
    return Noise(_triangle(lanes), _even(lanes[:, 2]), _even(lanes[:, 3]))


def wander_ppm(seed: int, sensor: str, t_ms: Ints) -> Floats:
    """The noise that wanders, at rising instants."""
    first, last = int(t_ms[0]) // WANDER_MS, int(t_ms[-1]) // WANDER_MS + 1
    knots = np.arange(first, last + 1, dtype=np.int64)
    level = WANDER_PPM * _triangle(_scattered(_key(seed, sensor, "wander"), knots))
    return np.interp(t_ms, knots * WANDER_MS, level)


def _triangle(lanes: NDArray[np.uint16]) -> Floats:
    return np.asarray((lanes[:, 0].astype(np.float64) + lanes[:, 1] - 65_535) * (math.sqrt(6) / 65_536))


def _even(lane: NDArray[np.uint16]) -> Floats:
    return np.asarray((lane - 32_767.5) * (math.sqrt(12) / 65_536))


@lru_cache(maxsize=1_024)
def _key(*words: object) -> int:
    return int(dice(*words) * 2**48)


def _scattered(key: int, numbers: Ints) -> NDArray[np.uint16]:
    """Four even numbers of 16 bits for each number, shape (n, 4).

    SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 17)
    of the number in place of the count, so that any of them can be had without the others.
    """
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key << 16)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed.astype("<u8").view("<u2").reshape(-1, 4)


# --- sensors ------------------------------------------------------------------------------------------------

AIR = (Said(Kind.CO2_PPM), Said(Kind.TEMPERATURE_C), Said(Kind.HUMIDITY_PCT))


class _Sensirion:
    """What both of Sensirion's sensors find."""

    def __init__(self, town: Town, hung: Hung, traits: Traits) -> None:
        self._town, self._hung, self._most_ppm = town, hung, traits.most_ppm
        self._cell = CO2Cell(town, hung, traits.tau_s)

    def found(self, at_ms: Ints) -> Floats:
        """CO2 in ppm, temperature in °C and humidity in per cent at rising instants, shape (3, n)."""
        town, space = self._town, self._hung.space
        white = noise(town.seed, self._hung.id, at_ms)
        ppm = self._cell.ppm(at_ms) + WHITE_PPM * white.co2
        warmth_c = temperature_c(town, space, at_ms) + WHITE_C * white.temperature
        moist_pct = humidity_pct(town, space, at_ms) + WHITE_PCT * white.humidity
        return np.stack((np.clip(ppm, 0, self._most_ppm), warmth_c, np.clip(moist_pct, 0, 100)))


class SCD4xSignal:
    """An SCD40 or SCD41, which measures at each fifth second."""

    every_ms = SCD4X.every_ms

    def __init__(self, town: Town, hung: Hung) -> None:
        self._hung, self._sensor = hung, _Sensirion(town, hung, SCD4X)

    def ticks(self, at_ms: Ints) -> Ints:
        """The three words of each measurement, shape (3, n): of 16 bits, datasheet SCD4x 1.4, 3.5.2."""
        ppm, warmth_c, moist_pct = self._sensor.found(at_ms)
        scaled = np.stack((ppm, (warmth_c + 45) * (65_535 / 175), moist_pct * (65_535 / 100)))
        return np.asarray(np.rint(scaled).clip(0, 65_535), np.int64)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """What is read of each new measurement."""
        t_ms, at_ms = _fresh(self._hung, self.every_ms, start_ms, end_ms)
        ppm, warmth, moist = self.ticks(at_ms)
        amounts = np.stack((ppm, -45 + 175 * warmth / 65_535, 100 * moist / 65_535))
        return Words(AIR, t_ms, amounts.round(2))


class SCD30Signal:
    """An SCD30, which measures as often as its setting says."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._hung, self._sensor = hung, _Sensirion(town, hung, SCD30)
        self.every_ms = 1000 * hung.settings.get("interval_s", SCD30.every_ms // 1000)

    def numbers(self, at_ms: Ints) -> NDArray[np.float32]:
        """The three numbers of each measurement, shape (3, n): Interface Description SCD30 1.0, 1.4.5."""
        return self._sensor.found(at_ms).astype(np.float32)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """What is read of each new measurement."""
        t_ms, at_ms = _fresh(self._hung, self.every_ms, start_ms, end_ms)
        return Words(AIR, t_ms, self.numbers(at_ms).astype(np.float64).round(2))


class _InfraredSignal:
    """A sensor at the end of a line, which tells the whole ppm of its newest measurement."""

    def __init__(self, town: Town, hung: Hung, traits: Traits) -> None:
        self._seed, self._hung, self._every_ms = town.seed, hung, traits.every_ms
        self._most_ppm = hung.settings.get("range_ppm") or traits.most_ppm
        self._cell = CO2Cell(town, hung, traits.tau_s)

    def ppm(self, t_ms: Ints) -> Ints:
        """What it answers at these rising instants."""
        at_ms = t_ms // self._every_ms * self._every_ms
        found = self._cell.ppm(at_ms) + WHITE_PPM * noise(self._seed, self._hung.id, at_ms).co2
        return np.rint(found).clip(0, self._most_ppm).astype(np.int64)

    def words(self, start_ms: int, end_ms: int) -> Words:
        """The same, when it is asked."""
        t_ms = _polls(self._hung, start_ms, end_ms)
        return Words(AIR[:1], t_ms, self.ppm(t_ms).astype(np.float64)[None, :])


class MHZ19Signal(_InfraredSignal):
    """An MH-Z19B or MH-Z19C."""

    def __init__(self, town: Town, hung: Hung) -> None:
        super().__init__(town, hung, MHZ19)


class SenseairS8Signal(_InfraredSignal):
    """A Senseair S8."""

    def __init__(self, town: Town, hung: Hung) -> None:
        super().__init__(town, hung, SENSEAIR_S8)


def _polls(hung: Hung, start_ms: int, end_ms: int) -> Ints:
    return polls(start_ms, end_ms, round(1_000 * hung.every_s), hung.phase_ms)


def _fresh(hung: Hung, every_ms: int, start_ms: int, end_ms: int) -> tuple[Ints, Ints]:
    """When a sensor is asked and has measured since it was last asked, and when it measured.

    It measures at each multiple of `every_ms`.
    """
    t_ms = _polls(hung, start_ms, end_ms)
    number = t_ms // every_ms
    is_new = number > (t_ms - round(1_000 * hung.every_s)) // every_ms
    return t_ms[is_new], number[is_new] * every_ms
