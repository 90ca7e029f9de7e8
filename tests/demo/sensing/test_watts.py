# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Watts as current sensors tell them, in the steps of their registers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.av import av_state
from demo.physics.power import power_w
from demo.plan import Hung
from demo.sensing import make_signal
from tests.demo.towns import DAY_MS, HOUR_MS, clock, meeting, small_town

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints

START_MS = clock(8)
#: Enough days that the equipment is used, left on and off.
TOWN = small_town(*meeting(4, 9, 10.5), *meeting(3, 11, 12), seed=4)


def sensor(driver: str, **settings: object) -> Hung:
    """A sensor of that driver."""
    return Hung(f"{driver}-1.01", "1.01", "pi", driver, phase_ms=44, every_s=5, settings=settings)


def off_w(told_w: Floats, t_ms: Ints, device: str = "generic") -> Floats:
    """How far what is told is from what is drawn then, or was drawn a moment before."""
    drawn_w = [power_w(TOWN, "1.01", device, t_ms - ago_ms) for ago_ms in (0, 300)]
    return np.asarray(np.abs(told_w - drawn_w).min(axis=0))


@pytest.mark.parametrize("device", ["generic", "codec", "amplifier"])
@pytest.mark.parametrize(("driver", "step_w"), [("ina219", 0.0024), ("ina260", 0.01)])
def test_they_are_as_near_as_the_steps(driver: str, step_w: float, device: str) -> None:
    """What is told is what is drawn, to half a step and the rounding of the driver."""
    words = make_signal(TOWN, sensor(driver, device=device)).words(START_MS, START_MS + 8 * HOUR_MS)

    assert len(words.t_ms) == 8 * 720
    assert off_w(words.amounts[0], words.t_ms, device).max() <= step_w / 2 + 0.0006
    assert len(np.unique(words.amounts[0])) > 50
    assert words.amounts[1].tolist() == [av_state(one, device) for one in words.amounts[0].tolist()]


def test_thresholds_of_its_own_hold() -> None:
    """What somebody measured decides what the device does."""
    hung = sensor("ina260", on_above_w=20, in_use_above_w=45)
    words = make_signal(TOWN, hung).words(START_MS, START_MS + 8 * HOUR_MS)

    assert set(words.amounts[1]) == {1, 3}
    assert ((words.amounts[0] > 45) == (words.amounts[1] == 3)).all()


def test_more_than_it_can_tell_is_not_told() -> None:
    """Where an INA219 is at the end of its range the driver refuses it, and so there is no word."""
    hung = sensor("ina219", device="display")
    words = make_signal(TOWN, hung).words(START_MS, START_MS + 8 * HOUR_MS)

    assert 0 < len(words.t_ms) < 8 * 720
    assert words.amounts[0].max() < 24 * 3.2
    assert off_w(words.amounts[0], words.t_ms, "display").max() < 0.002


@pytest.mark.parametrize("driver", ["ina219", "ina260"])
def test_words_do_not_depend_on_what_is_asked(driver: str) -> None:
    """A span says what its parts say; one of no length says nothing."""
    signal = make_signal(TOWN, sensor(driver))
    edges_ms = [START_MS, clock(9.33) + 77, clock(9.33) + 77, clock(24.1), START_MS + DAY_MS]
    whole = signal.words(edges_ms[0], edges_ms[-1])
    parts = [signal.words(*ends) for ends in pairwise(edges_ms)]

    assert [len(part.t_ms) > 0 for part in parts] == [True, False, True, True]
    assert np.concatenate([part.t_ms for part in parts]).tolist() == whole.t_ms.tolist()
    assert np.concatenate([part.amounts for part in parts], axis=1).tolist() == whole.amounts.tolist()
