# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything on the network of the town hall: projectors, codecs, and devices that speak on the broker.

python -m demo.network --data FOLDER --broker URL --ports JSON

`JSON` gives the TCP port on loopback of each sensor that hangs on one, by its id.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bezet.errors import CannotStart, LinkDown
from bezet.link import Down, Up, Will
from bezet.link.mqtt import MqttLink
from bezet.program import log_to_stderr, now_ms, run_or_say_why, stop_on_signals
from demo.hardware import World
from demo.hardware.projector import LOOPBACK, TownProjector
from demo.hardware.speakers import Speakers
from demo.plan import hung_in
from demo.sensing.topics_zigbee import BRIDGE, OFFLINE
from demo.standing import keep_up, read_town

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.link import Link
    from demo.plan import Hung
    from demo.sensing.topics_speaking import Message

LOG = logging.getLogger("demo.network")
LOOK_AGAIN_S = 0.5
#: What the devices say of themselves is said again so long after the broker was found, because agents that
#: start together with this program listen only then.
HELLO_AFTER_S = (0.0, 3.0, 7.0)


async def run(world: World, folder: Path, broker: str, ports: Mapping[str, int]) -> None:
    """Be everything on the network, until a signal stops it."""
    stop_on_signals()
    sensors = hung_in(world.town.plan)
    speakers = Speakers(world, sensors)
    with contextlib.suppress(asyncio.CancelledError):
        async with (
            MqttLink(broker, "bezet-demo-network", will=Will(BRIDGE, OFFLINE)) as link,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(keep_up(world, folder), name="demo.standing")
            tasks.create_task(speakers.speak(partial(_publish, link)), name="demo.speakers")
            tasks.create_task(_greet(link, speakers), name="demo.hello")
            for hung in sensors:
                if hung.id in ports:
                    tasks.create_task(_be_there(world, hung, ports[hung.id]), name=f"demo[{hung.id}]")


async def _publish(link: Link, message: Message) -> None:
    """Say it if there is a broker: devices do not keep what nobody hears."""
    with contextlib.suppress(LinkDown):
        await link.publish(message.topic, message.payload, retain=message.retained)


async def _greet(link: Link, speakers: Speakers) -> None:
    """Say hello whenever the broker was found."""
    async with asyncio.TaskGroup() as tasks:
        while True:
            match await link.receive():
                case Up():
                    tasks.create_task(_hello(link, speakers), name="demo.hello")
                case Down(why=why):
                    LOG.info("nobody hears the devices: %s", why)


async def _hello(link: Link, speakers: Speakers) -> None:
    said_s = 0.0
    for after_s in HELLO_AFTER_S:
        await asyncio.sleep(after_s - said_s)
        said_s = after_s
        for message in speakers.hello():
            await _publish(link, message)


async def _be_there(world: World, hung: Hung, port: int) -> None:
    """Be the device that a sensor asks."""
    try:
        await (_project if hung.driver == "pjlink" else _come_and_go)(world, hung, port)
    except OSError as error:
        raise CannotStart(f"{hung.id}: port {port} cannot be had ({error.strerror})") from None


async def _project(world: World, hung: Hung, port: int) -> None:
    async with TownProjector(world, hung, password=str(hung.settings.get("password", ""))).on_network(port):
        await asyncio.Event().wait()


async def _come_and_go(world: World, hung: Hung, port: int) -> None:
    """Take connections while the device is on; while it is not, the port refuses them."""
    server: asyncio.Server | None = None
    try:
        while True:
            is_there = world.signal(hung).at(np.array([world.now_ms()]))[0]
            if is_there and server is None:
                server = await asyncio.start_server(_hang_up, LOOPBACK, port)
            elif server is not None and not is_there:
                server.close()
                server = None
            await asyncio.sleep(LOOK_AGAIN_S)
    finally:
        if server is not None:
            server.close()


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def main() -> None:
    """Read the arguments, and be everything on the network of the town in the data folder."""
    parser = argparse.ArgumentParser(prog="demo.network")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--broker", required=True)
    parser.add_argument("--ports", type=json.loads, default={})
    found = parser.parse_args()
    log_to_stderr()
    world = World(now_ms, read_town(found.data))
    asyncio.run(run(world, found.data, found.broker, found.ports))


if __name__ == "__main__":
    run_or_say_why(main)
