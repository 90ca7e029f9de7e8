# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The display of a space on HDMI-CEC, asked by the shipped driver."""

from __future__ import annotations

import pytest

from bezet.errors import SensorGone
from bezet.model import SpaceKind
from demo.hardware import World, make_bus
from demo.plan import hung_in
from demo.sensing import make_signal
from edge.sensors.cec import CEC
from tests.demo.towns import Room, clock, meeting, small_town

ROOMS = tuple(Room(f"1.0{number}", SpaceKind.HYBRID, 12, 36.0) for number in (1, 2))


async def test_the_driver_reads_the_words() -> None:
    """Asked at the instants of its words, the driver gives them."""
    town = small_town(
        *(one for hour in range(9, 17) for one in meeting(4, hour, hour + 0.8, "1.02")), spaces=ROOMS
    )
    (hung,) = (one for one in hung_in(town.plan) if one.driver == "cec")
    words = make_signal(town, hung).words(clock(8), clock(20))
    driver = CEC(make_bus("cec", World(lambda: now_ms, town), (hung,)))
    now_ms = clock(8)

    await driver.open()
    found = []
    for now_ms in words.t_ms.tolist():  # noqa: B007  the world's clock
        found += [one.value for one in await driver.read()]

    assert found == words.amounts[0].tolist()
    assert len(set(found)) > 1


async def test_nobody_has_an_address_after_a_start() -> None:
    """Until an address was taken on the wire nothing can be asked, and at other addresses nobody is."""
    town = small_town(spaces=ROOMS)
    (hung,) = (one for one in hung_in(town.plan) if one.driver == "cec")
    bus = make_bus("cec", World(lambda: clock(8), town), (hung,))

    with pytest.raises(SensorGone, match="no address on the wire"):
        await CEC(bus).read()
    await CEC(bus).open()
    assert [one.value for one in await CEC(bus, logical_address=5).read()] == [0]
    await bus.close()
