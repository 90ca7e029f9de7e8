# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of the window: a thousand listeners from broker to client, and how many questions it answers."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from api.server import open_many
from bezet import wire
from bezet.link import Up
from bezet.link.mqtt import MqttLink
from bezet.messages import Clock, Health, Live
from bezet.model import Because, Occupancy, State
from bezet.program import now_ms
from tests.bench.processes import cpu_seconds, resident_mib
from tests.conftest import ROOT, Mosquitto, bezet, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SITE, DEVICE, SPACE = "townhall", "bench", "1.04"
LISTENERS, CHANGES, QUESTIONS, ASKERS = 1_000, 40, 6_000, 8
MARK = b'"id":"1.04"'


async def figures(folder: Path, broker: Mosquitto) -> None:
    """Print all of them."""
    open_many()
    async with serving(folder, broker) as (port, server), MqttLink(broker.url, "bench-window") as link:
        while not isinstance(await link.receive(), Up):
            pass
        await say(
            link, Health(SITE, DEVICE, now_ms(), "0" * 16, True, 1, 0, 0, Clock.TRUSTED, {}, (), "0.1.0")
        )
        await say(link, state(0))
        await questions(port, server.pid, "")
        await questions(port, server.pid, await tag(port))
        await listeners(port, server.pid, link)


@asynccontextmanager
async def serving(
    folder: Path, broker: Mosquitto, *more: str | Path
) -> AsyncIterator[tuple[int, subprocess.Popen[str]]]:
    """A server of the example building, as a user starts it; `more` are other options."""
    port = free_port()
    files = ("--building", ROOT / "building.toml", "--store", f"sqlite:{folder / 'bezet.db'}")
    where = ("--book", folder / "window.db", "--broker", broker.url, "--port", str(port))
    with subprocess.Popen(bezet("serve", *files, *where, *more), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        await asyncio.to_thread(server.stdout.readline)
        yield port, server
        server.terminate()


async def say(link: MqttLink, message: Live | Health) -> None:
    """Publish what an agent says."""
    topic, payload = wire.encode(message)
    await link.publish(topic, payload, retain=True)


def state(number: int) -> Live:
    """What the space is, another each time."""
    occupancy = (Occupancy.FREE, Occupancy.OCCUPIED)[number % 2]
    t_ms = now_ms()
    return Live(SITE, DEVICE, SPACE, State(t_ms, occupancy, 0.9, t_ms, (Because.MOTION,), "bench"))


async def listeners(port: int, pid: int, link: MqttLink) -> None:
    """From handing a state to the broker until each of many has read the event, all in this one process."""
    before_mib = resident_mib(pid)
    heard: list[float] = []
    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(listen(port, ready, heard)) for _ in range(LISTENERS)]
    for _ in tasks:
        await ready.acquire()
    with_mib, spent_s = resident_mib(pid), cpu_seconds(pid)
    delays_ms = []
    for number in range(1, CHANGES + 1):
        heard.clear()
        began_s = time.perf_counter()
        await say(link, state(number))
        while len(heard) < LISTENERS:
            await asyncio.sleep(0.005)
        delays_ms += [(one - began_s) * 1000 for one in heard]
    spent_s = cpu_seconds(pid) - spent_s
    for task in tasks:
        task.cancel()
    cuts = statistics.quantiles(delays_ms, n=100)
    print(
        f"{LISTENERS} live listeners, broker to client (all clients in one process): p50 {cuts[49]:.0f} ms, "
        f"p99 {cuts[98]:.0f} ms, at most {max(delays_ms):.0f} ms; {spent_s / CHANGES * 1000:.0f} ms of the "
        f"server's processor for each change; {(with_mib - before_mib) / LISTENERS * 1024:.0f} KiB a listener"
    )


async def listen(port: int, ready: asyncio.Semaphore, heard: list[float]) -> None:
    """Follow the live events, and note when each change of the space was read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /v1/live-events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    try:
        is_ready = False
        while True:
            line = await reader.readline()
            if line.startswith(b"event: tick") and not is_ready:
                is_ready = True
                ready.release()
            elif line.startswith(b"data: {" + MARK):
                heard.append(time.perf_counter())
    finally:
        writer.close()


async def tag(port: int) -> str:
    """The tag of what the spaces are now."""
    head, _ = await ask(*await asyncio.open_connection("127.0.0.1", port), "")
    return next(line[6:] for line in head.split("\r\n") if line.lower().startswith("etag: "))


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, known: str) -> tuple[str, bytes]:
    """One question on an open connection: the head and the body of its answer."""
    more = f"If-None-Match: {known}\r\n" if known else ""
    writer.write(f"GET /v1/spaces HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lengths = [line[16:] for line in head.split("\r\n") if line.lower().startswith("content-length: ")]
    return head, await reader.readexactly(int(lengths[0]) if lengths else 0)


async def questions(port: int, pid: int, known: str) -> None:
    """How many questions for all spaces are answered, some asking at once on connections that stay."""
    delays_ms: list[float] = []

    async def asker() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(QUESTIONS // ASKERS):
            began_s = time.perf_counter()
            await ask(reader, writer, known)
            delays_ms.append((time.perf_counter() - began_s) * 1000)
        writer.close()

    spent_s, began_s = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(asker() for _ in range(ASKERS)))
    took_s, spent_s = time.perf_counter() - began_s, cpu_seconds(pid) - spent_s
    cuts = statistics.quantiles(delays_ms, n=100)
    what = "with an ETag that is known (304)" if known else "without an ETag"
    print(
        f"/v1/spaces {what}, {ASKERS} askers: {QUESTIONS / took_s:,.0f} a second, p99 {cuts[98]:.1f} ms, "
        f"{spent_s / QUESTIONS * 1000:.2f} ms of the server's processor each"
    )
