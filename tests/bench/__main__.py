# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`make bench`: figures of this machine, printed and never asserted."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import random
import sqlite3
import statistics
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from bezet import wire
from bezet.link import Delivery, Up
from bezet.link.mqtt import MqttLink
from bezet.model import Kind, Reading
from bezet.window import Window
from edge.agent import Agent
from edge.clock import SystemClock
from edge.outbox import Outbox
from edge.sensing import Sensor
from edge.sensors import Measured
from edge.voice import Device
from tests.bench import agent, device, fusion, memory, pages, town, window
from tests.bench.processes import collect_command, collecting, cpu_seconds, resident_mib
from tests.conftest import ROOT, Mosquitto, bezet, find_mosquitto, free_port
from tests.edge.stage import Told
from tests.store.influx_server import influx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

SITE, DEVICE, SPACE = "townhall", "bench", "1.04"
BOOT = "00000000000000aa"
MOST_OUT = 1_000


def print_machine() -> None:
    """What the figures were measured on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    broker = subprocess.run(
        [find_mosquitto() or "", "-h"], capture_output=True, text=True, check=False
    ).stdout
    print(f"machine: {cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}")
    print(
        f"         Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{broker.splitlines()[0] if broker else 'no mosquitto'}"
    )


async def first_up(link: MqttLink) -> None:
    """Wait until a link stands."""
    while not isinstance(await link.receive(), Up):
        pass


def messages(count: int, readings_each: int, *, start: int = 0) -> list[tuple[str, bytes]]:
    """Batches as an agent sends them, a second apart up to now; `start` is the number of the first."""
    start_ms = time.time_ns() // 1_000_000 - (start + count) * 1000
    return [
        wire.encode(
            wire.Batch(
                SITE,
                DEVICE,
                SPACE,
                BOOT,
                seq,
                wire.Clock.TRUSTED,
                tuple(
                    Reading(start_ms + seq * 1000 + n, f"s{n}", Kind.CO2_PPM, 400.0 + seq % 500)
                    for n in range(readings_each)
                ),
            )
        )
        for seq in range(1, count + 1)
    ]


async def pump(link: MqttLink, sending: list[tuple[str, bytes]]) -> float:
    """Send all, never more than `MOST_OUT` without a receipt; seconds until the last receipt."""
    began_s, sent, done = time.perf_counter(), 0, 0
    while done < len(sending):
        while sent < len(sending) and sent - done < MOST_OUT:
            await link.publish(*sending[sent])
            sent += 1
        event = await link.receive()
        if isinstance(event, Delivery):
            link.acknowledge(event)
            receipt = wire.decode(event.topic, event.payload)
            assert isinstance(receipt, wire.Receipt)
            done += sum(last - first + 1 for first, last in receipt.ranges)
    return time.perf_counter() - began_s


async def throughput(folder: Path, broker: Mosquitto, store: Stored, count: int, readings_each: int) -> None:
    """Broker to committed store, answered by receipts."""
    wanted = (wire.topic_filter("receipt", SITE),)
    with collecting(folder, broker, store.address, store.environ) as collector:
        async with MqttLink(broker.url, "bench", subscriptions=wanted) as link:
            await first_up(link)
            await warm_up(link)
            before_s = cpu_seconds(collector.pid)
            took_s = await pump(link, messages(count, readings_each))
            used_s = cpu_seconds(collector.pid) - before_s
        commit_ms = collector.commit_ms(0.99)
    readings = count * readings_each
    print(
        f"{store.name}: {count:,} messages of {readings_each} reading{'s' * (readings_each > 1)}: "
        f"{readings / took_s:,.0f} readings/s ({count / took_s:,.0f} messages/s), "
        f"{readings / used_s:,.0f} readings per CPU-second of the collector, "
        f"99 % of commits within {commit_ms:.0f} ms",
        flush=True,
    )


async def flat(folder: Path, broker: Mosquitto, count: int = 1_000_000, step: int = 100_000) -> None:
    """Memory of a collector over many messages."""
    with collecting(folder, broker, "", {}) as collector:
        async with MqttLink(broker.url, "bench", subscriptions=(wire.topic_filter("receipt", SITE),)) as link:
            await first_up(link)
            await warm_up(link)
            memory_mib = []
            for start in range(0, count, step):
                await pump(link, messages(step, 1, start=start))
                memory_mib.append(resident_mib(collector.pid))
    steps = ", ".join(f"{mib:.0f}" for mib in memory_mib)
    print(f"collector's memory after each {step:,} of {count:,} messages: {steps} MiB", flush=True)


async def warm_up(link: MqttLink) -> None:
    """Repeat one message until the collector answers: then it listens."""
    (topic, payload), *_ = messages(1, 1)
    while True:
        await link.publish(topic, payload)
        try:
            async with asyncio.timeout(0.2):
                while not isinstance(await link.receive(), Delivery):
                    pass
                return
        except TimeoutError:
            continue


class Page:
    """Reads the live stream as a page does, in a thread, and notes when each number of people arrived."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.request("GET", "/v1/live-events")
        self._answer = self._connection.getresponse()

    def until(self, people: int) -> float:
        """The instant (perf_counter) at which the space had so many people."""
        while True:
            line = self._answer.readline()
            if line.startswith(b"data:") and f'"people":{people}' in line.decode().replace(" ", "").replace(
                ".0", ""
            ):
                found = json.loads(line[5:])
                if isinstance(found, dict) and found.get("id") == SPACE:
                    return time.perf_counter()


async def latency(folder: Path, broker: Mosquitto, rounds: int = 300) -> None:
    """From the driver's word to the event at the page, through agent, disk, broker and API."""
    port = free_port()
    store = ("--store", f"sqlite:{folder / 'bezet.db'}", "--book", folder / "window.db")
    command = bezet(
        "serve", "--building", ROOT / "building.toml", *store, "--broker", broker.url, "--port", str(port)
    )
    log = (folder / "serve.log").open("wb")
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    collector = subprocess.Popen(collect_command(folder, broker), stdout=log, stderr=log)
    assert server.stdout is not None
    server.stdout.readline()
    try:
        page = Page(port)
        async with running_agent(folder, broker) as counter:
            took_s = []
            for people in range(1, rounds + 20):
                said_s = time.perf_counter()
                counter.say(Measured(Kind.PEOPLE_COUNT, people))
                arrived_s = await asyncio.to_thread(page.until, people)
                if people >= 20:
                    took_s.append(arrived_s - said_s)
    finally:
        for process in (server, collector):
            process.terminate()
            process.wait(10)
        server.stdout.close()
        log.close()
    cuts = statistics.quantiles(took_s, n=100)
    print(f"sensor to page, {rounds} changes: p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")


@asynccontextmanager
async def running_agent(folder: Path, broker: Mosquitto) -> AsyncIterator[Told]:
    """A real agent with one sensor that says what it is told."""
    counter = Told()
    filters = (wire.topic_filter("receipt", SITE, DEVICE),)
    with closing(Outbox(folder / "outbox.db")) as outbox:
        async with MqttLink(broker.url, "bezet-bench", subscriptions=filters) as link:
            running = Agent(
                Device(SITE, DEVICE),
                [Sensor("count", SPACE, counter)],
                outbox=outbox,
                link=link,
                window=Window(random.Random()),
                clock=SystemClock(),
                boot=BOOT,
            )
            task = asyncio.create_task(running.run())
            try:
                yield counter
            finally:
                task.cancel()
                await asyncio.wait([task])


def main() -> None:
    """Print every figure."""
    if find_mosquitto() is None:
        raise SystemExit("bench: mosquitto is not installed")
    print_machine()
    for where in (in_sqlite, in_influx):
        for count, readings_each in ((20_000, 1), (10_000, 10), (1_000, 400)):
            with stage() as (folder, broker), where() as store:
                asyncio.run(throughput(folder, broker, store, count, readings_each))
    with stage() as (folder, broker):
        asyncio.run(flat(folder, broker))
    memory.print_figures()
    with stage() as (folder, broker):
        asyncio.run(latency(folder, broker))
    with stage() as (folder, broker):
        asyncio.run(window.figures(folder, broker))
    with stage() as (folder, broker):
        asyncio.run(pages.figures(folder, broker))
    agent.imports()
    with stage() as (folder, broker):
        asyncio.run(agent.cost(folder, broker))
    with stage() as (folder, broker):
        agent.outbox_throughput(folder)
        device.print_days(folder)
        asyncio.run(agent.recovery(folder, broker))
    fusion.print_fusion()
    town.print_history()


@dataclass(frozen=True)
class Stored:
    """Where a collector keeps what it collects; an empty address is a file of its own."""

    name: str
    address: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def in_sqlite() -> Iterator[Stored]:
    """A file."""
    yield Stored("SQLite")


@contextmanager
def in_influx() -> Iterator[Stored]:
    """A database on a real server."""
    server = influx()
    with server.database() as database:
        yield Stored("InfluxDB", server.address(database), server.environ)


@contextmanager
def stage() -> Iterator[tuple[Path, Mosquitto]]:
    """A folder and a broker of one's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        broker = Mosquitto(folder).start()
        try:
            yield folder, broker
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
