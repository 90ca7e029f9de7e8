# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A device of the town loses its power and its time when the town says so."""

from __future__ import annotations

import pytest

from demo.faults import POWER_CUT_MS, Fault
from demo.hardware import World
from demo.pi import knows_time
from tests.demo.towns import DAY_MS, clock, small_town

TOWN = small_town(faults=frozenset({Fault.CLOCKLESS_BOOT}))
(DEVICE,) = (device.name for device in TOWN.plan)
BOOT = TOWN.spells(Fault.CLOCKLESS_BOOT, DEVICE, clock(0), clock(0) + 30 * DAY_MS)[0]


@pytest.mark.parametrize(
    ("now_ms", "has_power", "knows"),
    [
        (BOOT.from_ms - POWER_CUT_MS - 1, True, True),
        (BOOT.from_ms - 1, False, True),
        (BOOT.from_ms, True, False),
        (BOOT.to_ms - 1, True, False),
        (BOOT.to_ms, True, True),
    ],
)
def test_a_boot_without_a_clock(now_ms: int, *, has_power: bool, knows: bool) -> None:
    """The power goes first; when it is back, the time is not known for a while."""
    assert (TOWN.without_power(DEVICE, now_ms, now_ms + 1) == []) is has_power
    assert knows_time(World(lambda: now_ms, TOWN), DEVICE) is knows
