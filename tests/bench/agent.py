# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an agent with six shipped drivers costs on real transports, and how it comes back from a day alone."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bezet import wire
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
from tests.edge.hardware import hardware
from tests.edge.stage import Told

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Mosquitto

SITE, SPACE = "townhall", "1.04"
SECONDS = 30


async def cost(folder: Path, broker: Mosquitto) -> None:
    """CPU and memory of `bezet edge run`, and how soon it says its first reading."""
    async with hardware(folder, broker) as hung:
        config = hung.config(broker, folder)
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
