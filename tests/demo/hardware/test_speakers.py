# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Devices that speak on a broker, in virtual time: at their instants, and of the town that is now."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bezet.errors import SensorGone
from bezet.model import SpaceKind
from demo.happenings import Happening, What
from demo.hardware import World
from demo.hardware.speakers import Speakers, TownTopics
from demo.plan import hung_in
from edge.bus import Heard
from tests.demo.towns import HOUR_MS, Room, clock, small_town, stay
from tests.demo.virtual_time import passing, run_virtual

if TYPE_CHECKING:
    from demo.sensing.topics_speaking import Message
    from demo.town import Town
    from tests.demo.virtual_time import Wall

#: The second phone booth has a radar that speaks on the broker, the third hybrid room a plug and a camera.
BOOTHS = (Room("1.01", SpaceKind.PHONE, 1, 2.25), Room("1.02", SpaceKind.PHONE, 1, 2.25))
RADAR = "zigbee2mqtt/zigbee2mqtt-1.02"


def booth_town() -> Town:
    """Somebody comes into the booth at nine, for half an hour."""
    return small_town(stay("one", 9, 9.5, space="1.02"), spaces=BOOTHS)


def test_speaks_at_its_instants() -> None:
    """Each message is published at the millisecond at which it is said, whatever else takes time."""

    async def until_ten(wall: Wall) -> list[tuple[int, Message]]:
        heard: list[tuple[int, Message]] = []

        async def publish(message: Message) -> None:
            heard.append((wall.now_ms(), message))

        town = booth_town()
        speaking = asyncio.create_task(Speakers(World(wall.now_ms, town), hung_in(town.plan)).speak(publish))
        await passing(2 * HOUR_MS / 1_000)
        speaking.cancel()
        return heard

    heard = run_virtual(until_ten, clock(8))

    assert [now_ms for now_ms, _ in heard] == [message.t_ms for _, message in heard]
    assert min(one.t_ms for _, one in heard if b'"presence":true' in one.payload) == clock(9) + 1_000
    assert {message.topic for _, message in heard} == {RADAR}


def test_speaks_of_the_town_that_is_now() -> None:
    """What was made to happen is told within a second or two of what the device itself takes."""

    async def fill(wall: Wall) -> int:
        world = World(wall.now_ms, booth_town())
        bus = TownTopics(world, hung_in(world.town.plan))
        async with aclosing(bus.listen(RADAR)) as said:
            waiting = asyncio.create_task(anext(said))
            await passing(60.25)
            made = Happening(What.FILL, "1.02", wall.now_ms(), wall.now_ms() + HOUR_MS, 1)
            world.town = replace(world.town, happenings=(made,), _kept={})
            while b'"presence":true' not in (await waiting).payload:
                waiting = asyncio.create_task(anext(said))
        await bus.close()
        return wall.now_ms()

    assert run_virtual(fill, clock(3)) - clock(3) in range(61_250, 62_500)


def test_what_was_slept_through_was_said_to_nobody() -> None:
    """After a long sleep of the computer the devices go on with what they say then."""

    async def sleep(wall: Wall) -> list[int]:
        slept_ms = [0]
        heard: list[int] = []

        async def publish(message: Message) -> None:
            heard.append(message.t_ms)

        town = booth_town()
        world = World(lambda: wall.now_ms() + slept_ms[0], town)
        speaking = asyncio.create_task(Speakers(world, hung_in(town.plan)).speak(publish))
        await passing(10)
        slept_ms[0] = HOUR_MS
        await passing(HOUR_MS / 1_000)
        speaking.cancel()
        return heard

    heard = run_virtual(sleep, clock(8.2))

    assert heard
    assert min(heard) >= clock(9.2)


def test_the_bus_tells_what_was_kept() -> None:
    """Whoever listens hears first what a broker would have kept, of the topics it asked for."""

    async def listen(wall: Wall) -> list[Heard]:
        town = booth_town()
        bus = TownTopics(World(wall.now_ms, town), hung_in(town.plan))
        async with aclosing(bus.listen(f"{RADAR}/availability")) as said:
            first = await anext(said)
        async with aclosing(bus.listen("zigbee2mqtt/bridge/state", RADAR)) as said:
            found = [first, await anext(said), await anext(said)]
        await bus.close()
        return found

    kept, bridge, spoken = run_virtual(listen, clock(8))

    assert kept == Heard(f"{RADAR}/availability", b'{"state":"online"}', retained=True)
    assert bridge == Heard("zigbee2mqtt/bridge/state", b'{"state":"online"}', retained=True)
    assert (spoken.topic, spoken.retained) == (RADAR, False)


def test_a_closed_bus_says_so() -> None:
    """Whoever listens when the bus is closed is told that it is gone."""

    async def close(wall: Wall) -> None:
        town = booth_town()
        bus = TownTopics(World(wall.now_ms, town), hung_in(town.plan))
        waiting = asyncio.create_task(anext(bus.listen("nobody/speaks/here")))
        await passing(1)
        await bus.close()
        for words in (waiting, anext(bus.listen("nobody/speaks/here"))):
            with pytest.raises(SensorGone, match="closed"):
                await words

    run_virtual(close, clock(8))


def test_says_hello_of_all_devices() -> None:
    """Who finds the broker says that it is there, and what it said last; Zigbee2MQTT does so for all."""
    rooms = (*BOOTHS, *(Room(f"1.0{number}", SpaceKind.HYBRID, 12, 36.0) for number in range(3, 6)))
    town = small_town(spaces=rooms)
    said = {
        one.topic: one.retained for one in Speakers(World(lambda: clock(8), town), hung_in(town.plan)).hello()
    }

    uplinks = {topic for topic in said if topic.endswith("/up")}
    assert len(uplinks) == 2
    assert {topic: kept for topic, kept in said.items() if topic not in uplinks} == {
        "zigbee2mqtt/bridge/state": True,
        f"{RADAR}/availability": True,
        RADAR: False,
        "shelly-1.05/online": True,
        "shelly-1.05/status/switch:0": False,
        "tele/tasmota-1.03/LWT": True,
        "stat/tasmota-1.03/POWER": False,
    }
