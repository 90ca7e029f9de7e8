# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A device with six sensors of different kinds on real transports: pins, serial lines, TCP and a broker."""

from __future__ import annotations

import asyncio
import contextlib
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bezet.errors import LinkDown
from bezet.link.mqtt import MqttLink
from tests.edge.bus.far_end import FarEnd
from tests.edge.sensors.pjlink_server import Projector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.conftest import Mosquitto

#: Somebody sits still before an HLK-LD2410 (basic target data), and 612 ppm of an MH-Z19.
RADAR = bytes.fromhex("f4f3f2f10d0002aa020000037800407800" + "5500" + "f8f7f6f5")
ASKED = bytes.fromhex("ff0186000000000079")

CONFIG = """
[agent]
site = "townhall"
device = "six"
broker = "{broker}"
state_folder = "{folder}"
clock = "system"

[[sensor]]
id = "pir"
space = "1.04"
driver = "pir"
pin = 17

[[sensor]]
id = "door"
space = "1.04"
driver = "door"
pin = 22

[[sensor]]
id = "radar"
space = "1.04"
driver = "ld2410"
port = "{radar}"

[[sensor]]
id = "air"
space = "1.04"
driver = "mhz19"
port = "{air}"

[[sensor]]
id = "projector"
space = "1.04"
driver = "pjlink"
host = "127.0.0.1"
tcp_port = {projector}

[[sensor]]
id = "plug"
space = "1.04"
driver = "zigbee2mqtt"
name = "1.04 plug"
device = "display"
"""


@dataclass
class Hardware:
    """What hangs on the device."""

    radar: FarEnd
    air: FarEnd
    projector: Projector
    port: int

    def config(self, broker: Mosquitto, folder: Path) -> Path:
        """The device's configuration, in a file."""
        path = folder / "agent.toml"
        text = CONFIG.format(
            broker=broker.url,
            folder=folder / "state",
            radar=self.radar.port,
            air=self.air.port,
            projector=self.port,
        )
        path.write_text(text)
        return path


@asynccontextmanager
async def hardware(folder: Path, broker: Mosquitto) -> AsyncIterator[Hardware]:
    """A radar at 10 Hz and a CO2 sensor on pseudo-terminals, a projector on TCP, and a plug on the broker.

    The pins are gpiozero's: `GPIOZERO_PIN_FACTORY=mock`.
    """
    for name in ("radar", "air"):
        (folder / name).mkdir()
    radar, air, projector = FarEnd(folder / "radar"), FarEnd(folder / "air"), Projector(power="1")
    server = await asyncio.start_server(projector.serve, "127.0.0.1", 0)
    async with server, MqttLink(broker.url, "a-plug") as plug:
        lives = (_speak(radar), _answer(air), _draw_power(plug))
        tasks = [asyncio.create_task(life) for life in lives]
        try:
            yield Hardware(radar, air, projector, server.sockets[0].getsockname()[1])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            radar.unplug()
            air.unplug()


async def _speak(radar: FarEnd) -> None:
    while True:
        with contextlib.suppress(OSError):  # nobody listens yet, or it is unplugged
            radar.say(RADAR)
        await _turn(0.1)


async def _answer(air: FarEnd) -> None:
    frame = bytes([0xFF, 0x86, 0x02, 0x64, 0x46, 0, 0, 0])
    answer = frame + bytes([(0xFF - sum(frame[1:]) % 256 + 1) & 0xFF])
    while True:
        try:
            await air.hear_until(ASKED)
            air.say(answer)
        except (TimeoutError, OSError):
            await _turn(0.1)


async def _draw_power(plug: MqttLink) -> None:
    dice = random.Random(1)
    while True:
        power_w = round(dice.gauss(140, 6), 1)
        with contextlib.suppress(LinkDown):
            await plug.publish("zigbee2mqtt/1.04 plug", f'{{"power":{power_w},"state":"ON"}}'.encode())
        await _turn(2)


async def _turn(wait_s: float) -> None:
    """The pace of a device, which no test waits for."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(wait_s, done.set)
    await done.wait()
