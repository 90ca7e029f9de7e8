# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Heat pictures made of physics, for tests; run as a program it prints how many of 0 to 4 people are counted.

A person is a bell of warmth, longer than it is wide, at a height of their own; the room has a gradient and
pixels that differ; a lens spreads each point by half a pixel; there is noise, and the steps of the sensor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edge.heat import HeatCounter, Lens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Picture = NDArray[np.float64]


class Sensor(NamedTuple):
    """What sees the room: `noise_c` is what the datasheet says or more, `step_c` the resolution (0: none)."""

    lens: Lens
    noise_c: float
    step_c: float
    every_s: float
    height_m: float = 2.7


#: The noise of MLX90640 is 0.1 K at 1 Hz, and grows with the root of the rate: 0.2 K at 4 Hz.
AMG8833 = Sensor(Lens(8, 8, 60, 60), 0.16, 0.25, 1.0)
MLX90640 = Sensor(Lens(24, 32, 75, 110), 0.2, 0.0, 2.0)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a place, in metres from below the sensor, so much warmer than the room, and turned."""

    x_m: float
    y_m: float
    warmer_c: float = 3.0
    turned: float = 0.5
    shoulder_m: float = 1.25


@dataclass
class Room:
    """A room with its own gradient and pixels, by a seed."""

    sensor: Sensor
    seed: int = 1
    dice: np.random.Generator = field(init=False)
    empty: Picture = field(init=False)

    def __post_init__(self) -> None:
        """Make the room."""
        self.dice = np.random.default_rng(self.seed)
        size = self.sensor.lens[:2]
        down, across = (place / n for place, n in zip(np.indices(size), size, strict=True))
        slopes = self.dice.uniform(-1.5, 1.5, 2)
        pixels = self.dice.normal(0, 0.3, size)
        self.empty = 21 + self.dice.uniform(-2, 2) + slopes[0] * down + slopes[1] * across + pixels

    def picture(self, people: Sequence[Person] = (), more: Picture | float = 0.0) -> Picture:
        """What the sensor gives of people in the room, and of `more` warmth."""
        seen = self.empty + more + sum(self._warmth(one) for one in people)
        seen = seen + self.dice.normal(0, self.sensor.noise_c, seen.shape)
        step_c = self.sensor.step_c
        return np.round(seen / step_c) * step_c if step_c else seen

    def seen_m(self, shoulder_m: float = 1.25) -> tuple[float, float]:
        """How much of that height is seen, in metres down and across the picture."""
        far_m = self.sensor.height_m - shoulder_m
        high, wide = (2 * far_m * math.tan(math.radians(deg) / 2) for deg in self.sensor.lens[2:])
        return high, wide

    def places(self, count: int, apart_m: float) -> list[Person]:
        """So many people somewhere in the picture, not closer than that."""
        high_m, wide_m = (seen / 2 - 0.25 for seen in self.seen_m())
        found: list[Person] = []
        for _ in range(10_000):
            x_m, y_m = self.dice.uniform(-wide_m, wide_m), self.dice.uniform(-high_m, high_m)
            if len(found) < count and all(math.hypot(x_m - o.x_m, y_m - o.y_m) >= apart_m for o in found):
                shoulder_m = self.dice.choice([1.2, 1.45])
                found.append(
                    Person(x_m, y_m, self.dice.uniform(2, 4), self.dice.uniform(0, math.pi), shoulder_m)
                )
        return found

    def _warmth(self, one: Person) -> Picture:
        rows, columns = self.sensor.lens[:2]
        high_m, wide_m = self.seen_m(one.shoulder_m)
        down, across = np.indices((rows, columns))
        y_m = (down + 0.5) * high_m / rows - high_m / 2 - one.y_m
        x_m = (across + 0.5) * wide_m / columns - wide_m / 2 - one.x_m
        along = x_m * math.cos(one.turned) + y_m * math.sin(one.turned)
        athwart = y_m * math.cos(one.turned) - x_m * math.sin(one.turned)
        blur2 = high_m / rows * wide_m / columns / 4
        spread = along**2 / (0.16**2 + blur2) + athwart**2 / (0.11**2 + blur2)
        return np.asarray(one.warmer_c * np.exp(-spread / 2))


def counter(sensor: Sensor) -> HeatCounter:
    """A counter for that sensor."""
    return HeatCounter(sensor.lens, height_m=sensor.height_m, every_s=sensor.every_s)


def confusion(sensor: Sensor, apart_m: float, rooms: int) -> NDArray[np.int64]:
    """How often 0 to 4 people (rows) are counted as 0 to 6 (columns)."""
    table = np.zeros((5, 7), dtype=np.int64)
    for people in range(5):
        for seed in range(rooms):
            room, counting = Room(sensor, seed=1000 * people + seed), counter(sensor)
            there = room.places(people, apart_m)
            for _ in range(30):
                counting.count(room.picture())
            for _ in range(3):
                table[people, min(counting.count(room.picture(there)).people, 6)] += 1
    return table


if __name__ == "__main__":
    for name, sensor in (("AMG8833", AMG8833), ("MLX90640", MLX90640)):
        for height_m in (2.7, 3.2):
            for apart_m in (0.6, 0.45):
                table = confusion(sensor._replace(height_m=height_m), apart_m, 100)
                print(f"{name} at {height_m} m, people {apart_m} m apart or more: rows true, columns counted")
                print(table)
