# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an agent with six shipped drivers costs on real transports, and how it comes back from a day alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

from bezet import wire
from bezet.errors import LinkDown
from bezet.link import Delivery, Up
from bezet.link.mqtt import MqttLink
from bezet.model import Kind, Reading
from bezet.window import Window
from edge.agent import Agent
from edge.clock import SystemClock
from edge.outbox import Outbox
from edge.report import Reporter
from edge.sensing import Sensor
from edge.voice import Device, new_boot
from tests.bench import device
from tests.bench.processes import collecting, cpu_seconds, resident_mib
from tests.conftest import bezet
from tests.edge.bus.far_end import FarEnd
from tests.edge.sensors.pjlink_server import Projector
from tests.edge.stage import Told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.conftest import Mosquitto

SITE, SPACE = "townhall", "1.04"
SECONDS = 30
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


@asynccontextmanager
async def hardware(folder: Path, broker: Mosquitto) -> AsyncIterator[dict[str, object]]:
    """A radar at 10 Hz and a CO2 sensor on pseudo-terminals, a projector on TCP, and a plug on the broker."""
    (folder / "radar").mkdir()
    (folder / "air").mkdir()
    radar, air, projector = FarEnd(folder / "radar"), FarEnd(folder / "air"), Projector(power="1")
    server = await asyncio.start_server(projector.serve, "127.0.0.1", 0)
    async with server, MqttLink(broker.url, "bench-plug") as plug:
        tasks = [
            asyncio.create_task(_speak(radar)),
            asyncio.create_task(_answer(air)),
            asyncio.create_task(_draw_power(plug)),
        ]
        try:
            yield {
                "radar": radar.port,
                "air": air.port,
                "projector": server.sockets[0].getsockname()[1],
            }
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            radar.unplug()
            air.unplug()


async def _speak(radar: FarEnd) -> None:
    while True:
        with contextlib.suppress(BlockingIOError):  # nobody listens yet
            radar.say(RADAR)
        await asyncio.sleep(0.1)


async def _answer(air: FarEnd) -> None:
    frame = bytes([0xFF, 0x86, 0x02, 0x64, 0x46, 0, 0, 0])
    answer = frame + bytes([(0xFF - sum(frame[1:]) % 256 + 1) & 0xFF])
    while True:
        try:
            await air.hear_until(ASKED)
            air.say(answer)
        except (AssertionError, TimeoutError, OSError):
            await asyncio.sleep(0.1)


async def _draw_power(plug: MqttLink) -> None:
    dice = random.Random(1)
    while True:
        try:
            power_w = round(dice.gauss(140, 6), 1)
            await plug.publish("zigbee2mqtt/1.04 plug", f'{{"power":{power_w},"state":"ON"}}'.encode())
        except LinkDown:
            pass
        await asyncio.sleep(2)


async def cost(folder: Path, broker: Mosquitto) -> None:
    """CPU and memory of `bezet edge run`, and how soon it says its first reading."""
    async with hardware(folder, broker) as places:
        config = folder / "agent.toml"
        config.write_text(CONFIG.format(broker=broker.url, folder=folder / "state", **places))
        with (folder / "agent.log").open("wb") as log, collecting(folder, broker, "", {}):
            wanted = (wire.topic_filter("readings", SITE, "six"),)
            async with MqttLink(broker.url, "bench-ear", subscriptions=wanted) as ear:
                while not isinstance(await ear.receive(), Up):
                    pass
                began_s = time.perf_counter()
                environ = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}
                agent = subprocess.Popen(bezet("edge", "run", config), stdout=log, stderr=log, env=environ)
                try:
                    while not isinstance(await ear.receive(), Delivery):
                        pass
                    first_s = time.perf_counter() - began_s
                    await asyncio.sleep(10)
                    before_s = cpu_seconds(agent.pid)
                    await asyncio.sleep(SECONDS)
                    used_s, memory_mib = cpu_seconds(agent.pid) - before_s, resident_mib(agent.pid)
                finally:
                    agent.terminate()
                    await asyncio.to_thread(agent.wait, 10)
    print(
        f"agent with six drivers (2 pins, radar at 10 Hz, serial CO2, PJLink, Zigbee plug) for {SECONDS} s: "
        f"{used_s / SECONDS:.1%} of one core, {memory_mib:.0f} MiB resident; "
        f"first reading on the broker {first_s:.1f} s after its start",
        flush=True,
    )


def imports() -> None:
    """How long it takes to load an agent, without and with the drivers that are not configured."""
    for words, code in (
        ("agent", "import edge.commands, edge.config, edge.agent, bezet.link.mqtt"),
        (
            "agent and every driver",
            "import edge.sensors as s; [s.load_driver(n) for n, r in s.DRIVERS.items() if r.on]",
        ),
    ):
        took_s = min(_seconds(code) for _ in range(3)) - min(_seconds("pass") for _ in range(3))
        print(f"import of the {words}: {took_s * 1000:.0f} ms", flush=True)


def _seconds(code: str) -> float:
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began_s


def outbox_throughput(folder: Path, count: int = 5_000) -> None:
    """Messages on disk, each by itself, then loaded, settled and removed."""
    batch = wire.Batch(
        SITE,
        "six",
        SPACE,
        device.BOOT,
        1,
        wire.Clock.TRUSTED,
        (Reading(device.START_MS, "a", Kind.CO2_PPM, 612.0),),
    )
    with closing(Outbox(folder / "throughput.db")) as outbox:
        began_s = time.perf_counter()
        for _ in range(count):
            outbox.put([batch], {"zone 1.04": "x" * 1_000})
        put_s, began_s = time.perf_counter() - began_s, time.perf_counter()
        while seqs := outbox.waiting(64):
            for seq in seqs:
                outbox.load(seq)
            outbox.forget(device.BOOT, [(seqs[0], seqs[-1])])
        forgot_s = time.perf_counter() - began_s
    print(
        f"outbox: {count / put_s:,.0f} messages/s put, each on disk by itself; "
        f"{count / forgot_s:,.0f} messages/s loaded and settled",
        flush=True,
    )


async def recovery(folder: Path, broker: Mosquitto) -> None:
    """A device that was alone for a busy day comes back: when screens know, and when history is complete."""
    await asyncio.to_thread(device.live_a_day, folder, is_busy=True, is_heard=False)
    filters = (wire.topic_filter("receipt", SITE, "pi-1"),)
    with closing(Outbox(folder / "busy-alone.db")) as outbox, collecting(folder, broker, "", {}):
        queued = outbox.queued
        async with MqttLink(
            broker.url, "bench-ear", subscriptions=(wire.topic_filter("state", SITE),)
        ) as ear:
            while not isinstance(await ear.receive(), Up):
                pass
            began_s = time.perf_counter()
            async with MqttLink(broker.url, "bezet-bench", subscriptions=filters) as link:
                agent = Agent(
                    *(Device(SITE, "pi-1"), [Sensor("pir", SPACE, Told())]),
                    outbox=outbox,
                    link=link,
                    window=Window(random.Random()),
                    clock=SystemClock(),
                    boot=new_boot(),
                    reporter=Reporter(),
                )
                task = asyncio.create_task(agent.run())
                try:
                    while not isinstance(await ear.receive(), Delivery):
                        pass
                    live_s = time.perf_counter() - began_s
                    await agent.courier.until_queued(0)
                    took_s = time.perf_counter() - began_s
                finally:
                    task.cancel()
                    await asyncio.wait([task])
    print(
        f"after a busy day alone: the newest state is on the broker {live_s * 1000:.0f} ms after the start, "
        f"all {queued:,} messages are committed after {took_s:.1f} s ({queued / took_s:,.0f} messages/s)",
        flush=True,
    )
