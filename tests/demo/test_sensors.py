# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The drivers of simulated sensors, as an agent uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bezet.errors import ConfigError
from bezet.model import KINDS, Kind, SpaceKind
from demo.air import Air
from demo.building_life import SimulatedSpace
from demo.sensing import counted, sees_motion, smelled_ppm
from edge.config import read_config
from edge.sensors import Measured, Polled, known_drivers, load_driver

if TYPE_CHECKING:
    from pathlib import Path

NOW_MS = 1_795_428_000_000
DRIVERS = {
    "simulated-motion": Kind.MOTION,
    "simulated-count": Kind.PEOPLE_COUNT,
    "simulated-co2": Kind.CO2_PPM,
}
SPACE = SimulatedSpace("1.03", SpaceKind.HYBRID, 10, 31.5, seed=7)


class SetClock:
    """A clock that a test sets, in nanoseconds since 1970 UTC."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        """The time that it was set to."""
        return self.now_ms * 1_000_000


def make(name: str, clock: SetClock) -> Any:
    """The driver of that name in the space."""
    return load_driver(name)(
        simulates=SPACE.id, kind="hybrid", capacity=10, area_m2=31.5, seed=7, clock=clock
    )


def test_they_are_announced() -> None:
    """An agent knows the drivers by their entry points."""
    assert set(known_drivers()) >= DRIVERS.keys()


@pytest.mark.parametrize("name", DRIVERS)
async def test_they_are_polled(name: str) -> None:
    """Each is a polled sensor that gives one number of its kind, within the bounds of the kind."""
    driver = make(name, SetClock())
    assert isinstance(driver, Polled)
    await driver.open()
    (measured,) = await driver.read()

    assert measured.kind is DRIVERS[name]
    assert KINDS[measured.kind].low <= measured.value <= KINDS[measured.kind].high


async def test_they_live_in_one_world() -> None:
    """At each instant of the clock a sensor gives what is to be sensed in its space then."""
    clock, air = SetClock(), Air(SPACE)
    motion, count, co2 = (make(name, clock) for name in DRIVERS)
    for _ in range(300):
        now_ms = clock.now_ms
        smelled = smelled_ppm(air.co2_ppm(now_ms), SPACE, now_ms)
        assert await motion.read() == [Measured(Kind.MOTION, sees_motion(SPACE, now_ms, eye=1))]
        assert await count.read() == [Measured(Kind.PEOPLE_COUNT, counted(SPACE, now_ms))]
        assert await co2.read() == [Measured(Kind.CO2_PPM, smelled)]
        clock.now_ms += 1_000


def problems(folder: Path, settings: str) -> str:
    """What an agent says of a simulated sensor with these settings."""
    path = folder / "agent.toml"
    path.write_text(
        '[agent]\nsite = "hall"\ndevice = "pi"\n[[sensor]]\nid = "x"\nspace = "1.03"\n'
        f'driver = "simulated-count"\n{settings}'
    )
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('simulates = "1.03"\nkind = "ballroom"\ncapacity = 4\n', "'ballroom' is not a valid SpaceKind"),
        ('simulates = "1.03"\nkind = "hybrid"\ncapacity = 0\n', "need to be above 0"),
        ('simulates = "1.03"\nkind = "hybrid"\ncapacity = 4\nclock = 5\n', "clock is not a setting"),
        ('simulates = "1.03"\nkind = "hybrid"\ncapacity = 4\neye = 2\n', "no such setting"),
        ('simulates = "1.03"\nkind = "hybrid"\n', "capacity: driver simulated-count needs it"),
    ],
)
def test_wrong_settings(tmp_path: Path, settings: str, words: str) -> None:
    """A setting that cannot be is told at the start, with file and line."""
    assert words in problems(tmp_path, settings)
