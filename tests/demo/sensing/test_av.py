# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What AV equipment is doing: it takes a while to go on and off, and off is not the same to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bezet.av import AVState
from bezet.model import Kind, SpaceKind
from demo.physics.power import av_use
from demo.plan import hung_in
from demo.sensing import make_signal
from demo.sensing.av import Power, Status
from tests.demo.towns import DAY_MS, Room, clock, meeting, small_town

if TYPE_CHECKING:
    from bezet.usage.columns import Ints
    from demo.town import Town

ROOMS = tuple(Room(f"1.0{number}", SpaceKind.HYBRID, 12, 36.0) for number in range(1, 4))
SENSORS = {"pjlink": "1.01", "cec": "1.02", "reachable": "1.03"}


def busy_town(seed: int = 1) -> Town:
    """Three hybrid rooms with meetings through the day."""
    found = [one for room in ROOMS for hour in range(9, 17) for one in meeting(4, hour, hour + 0.8, room.id)]
    return small_town(*found, seed=seed, spaces=ROOMS)


def signal(town: Town, driver: str) -> Any:
    """The signal of the sensor with this driver."""
    return make_signal(town, next(one for one in hung_in(town.plan) if one.driver == driver))


def use(town: Town, driver: str) -> tuple[Ints, Ints]:
    """When the equipment of its space does something else, and what then, on the day of `busy_town`."""
    return av_use(town, SENSORS[driver], clock(0), clock(0) + DAY_MS)


def first(town: Town, driver: str, state: AVState) -> int:
    """The first instant of a state."""
    t_ms, states = use(town, driver)
    return int(t_ms[states == state][0])


def went_off(town: Town, driver: str) -> int:
    """The first instant at which it is on no more."""
    t_ms, states = use(town, driver)
    return int(t_ms[1:][(states[:-1] >= AVState.ON) & (states[1:] < AVState.ON)][0])


@pytest.mark.parametrize(
    ("driver", "after_on_s", "after_off_s"),
    [
        (
            "pjlink",
            {-1: Power.STANDBY, 0: Power.WARMING, 29: Power.WARMING, 30: Power.ON},
            {-1: Power.ON, 0: Power.COOLING, 89: Power.COOLING, 90: Power.STANDBY},
        ),
        (
            "cec",
            {-1: Status.STANDBY, 0: Status.TO_ON, 5: Status.TO_ON, 6: Status.ON},
            {-1: Status.ON, 0: Status.TO_STANDBY, 5: Status.TO_STANDBY, 6: Status.STANDBY},
        ),
        ("reachable", {-1: 0, 0: 0, 19: 0, 20: 1}, {-1: 1, 0: 0, 60: 0}),
    ],
)
def test_going_on_and_off_takes_a_while(
    driver: str, after_on_s: dict[int, int], after_off_s: dict[int, int]
) -> None:
    """So many seconds after it was switched on or off it does this."""
    town = busy_town()
    for begin_ms, wanted in (
        (first(town, driver, AVState.IN_USE), after_on_s),
        (went_off(town, driver), after_off_s),
    ):
        t_ms = np.array([begin_ms + 1_000 * after_s for after_s in wanted])
        found = signal(town, driver).at(t_ms)
        assert (found.power if driver == "pjlink" else found).tolist() == list(wanted.values())


def test_a_projector_is_used_while_a_signal_comes_in() -> None:
    """Its driver gives use where there is a signal, on where it was left on, and standby otherwise."""
    town = busy_town()
    words = signal(town, "pjlink").words(clock(0), clock(0) + DAY_MS)
    states = av_use(town, "1.01", clock(0), clock(0) + DAY_MS).at(words.t_ms)

    assert [one.kind for one in words.said] == [Kind.AV_STATE]
    assert set(words.amounts[0]) == {AVState.STANDBY, AVState.ON, AVState.IN_USE}
    assert np.mean(words.amounts[0] == np.maximum(states, AVState.STANDBY)) > 0.97


@pytest.mark.parametrize(
    ("driver", "off"), [("cec", AVState.OFF), ("pjlink", AVState.STANDBY), ("reachable", 0)]
)
def test_without_power(driver: str, off: float) -> None:
    """A display that is off is not heard, a projector still stands by, and a codec does not answer."""
    seeds = (seed for seed in range(200) if AVState.OFF in use(busy_town(seed), driver)[1])
    town = busy_town(next(seeds))
    off_ms = first(town, driver, AVState.OFF)

    assert signal(town, driver).words(off_ms + 120_000, off_ms + 180_000).amounts.tolist() == [[off]]


@pytest.mark.parametrize("driver", SENSORS)
def test_is_asked_at_its_own_instants(driver: str) -> None:
    """A word comes each time it is asked, and spans give what their parts give."""
    town = busy_town()
    hung = next(one for one in hung_in(town.plan) if one.driver == driver)
    whole = signal(town, driver).words(clock(8), clock(18))
    parts = [signal(town, driver).words(clock(hour), clock(hour + 1)) for hour in range(8, 18)]

    assert set((whole.t_ms - hung.phase_ms) % round(1_000 * hung.every_s)) == {0}
    assert whole.t_ms.tolist() == np.concatenate([one.t_ms for one in parts]).tolist()
    assert whole.amounts.tolist() == np.concatenate([one.amounts for one in parts], axis=1).tolist()
    assert signal(town, driver).words(clock(8), clock(8)).amounts.shape == (1, 0)
