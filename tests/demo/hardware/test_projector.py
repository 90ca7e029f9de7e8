# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The projector of a space as a real server on loopback, asked by the shipped driver."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.errors import SensorError
from bezet.model import SpaceKind
from demo.hardware import World
from demo.hardware.projector import LOOPBACK, TownProjector
from demo.plan import hung_in
from demo.sensing import make_signal
from edge.bus.tcp import RemotePort
from edge.sensors.pjlink import PJLink
from tests.demo.towns import Room, clock, meeting, small_town

if TYPE_CHECKING:
    from demo.plan import Hung
    from demo.town import Town

HYBRID = Room("1.01", SpaceKind.HYBRID, 12, 36.0)


def busy_town() -> tuple[Town, Hung]:
    """A hybrid room with meetings, and the sensor that asks its projector."""
    town = small_town(
        *(one for hour in range(9, 17) for one in meeting(4, hour, hour + 0.8)), spaces=(HYBRID,)
    )
    return town, next(one for one in hung_in(town.plan) if one.driver == "pjlink")


@pytest.mark.parametrize("password", ["", "JBMIAProjectorLink"])
async def test_the_driver_reads_the_words(password: str) -> None:
    """Around each change of what it does, the driver gives the words, with a password and without."""
    town, hung = busy_town()
    words = make_signal(town, hung).words(clock(8), clock(20))
    changes = np.flatnonzero(np.diff(words.amounts[0]))
    world = World(lambda: now_ms, town)
    async with TownProjector(world, hung, password=password).on_network() as port:
        driver = PJLink(RemotePort(LOOPBACK, port), password=password)
        for place in [*changes, *(changes + 1)]:
            now_ms = int(words.t_ms[place])
            assert [one.value for one in await driver.read()] == [words.amounts[0, place]]

    assert len(changes) > 8


async def test_a_wrong_password_is_refused() -> None:
    """Whoever has another password, or none, is told so."""
    town, hung = busy_town()
    async with TownProjector(World(lambda: clock(8), town), hung, password="right").on_network() as port:
        for password in ("wrong", ""):
            with pytest.raises(SensorError, match="password"):
                await PJLink(RemotePort(LOOPBACK, port), password=password).read()


async def test_hangs_up_on_what_is_no_line() -> None:
    """A line that is too long ends the conversation, and so does taking the projector away."""
    town, hung = busy_town()
    async with TownProjector(World(lambda: clock(8), town), hung).on_network() as port:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(b"x" * 1_000)
        assert await left_alone(reader) in (b"PJLINK 0\r", b"")
        writer.close()
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        assert await reader.readuntil(b"\r") == b"PJLINK 0\r"
    assert await left_alone(reader) == b""
    writer.close()


async def left_alone(reader: asyncio.StreamReader) -> bytes:
    """What is said until the other end hangs up, in whatever way."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    ("pjlink_class", "asked", "answered"),
    [
        (2, "%1POWR ?", "%1POWR=0"),
        (2, "%1powr ?", "%1POWR=0"),
        (2, "%1CLSS ?", "%1CLSS=2"),
        (1, "%1CLSS ?", "%1CLSS=1"),
        (2, "%2IRES ?", "%2IRES=ERR3"),
        (1, "%2IRES ?", "%2IRES=ERR1"),
        (2, "%1ERST ?", "%1ERST=000000"),
        (2, "%1NAME ?", "%1NAME=Projector"),
        (2, "%1WXYZ ?", "%1WXYZ=ERR1"),
        (2, "%1POWR 1", "%1POWR=ERR3"),
        (2, "", "=ERR3"),
    ],
)
def test_answers(pjlink_class: int, asked: str, answered: str) -> None:
    """What it does not know is ERR1; what it cannot say or do now is ERR3 (2.2)."""
    town, hung = busy_town()
    projector = TownProjector(World(lambda: clock(3), town), hung, pjlink_class=pjlink_class)

    assert projector.answer(asked) == answered
