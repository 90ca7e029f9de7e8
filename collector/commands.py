# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet collect`: the collector as a program."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bezet.cli import load_building

if TYPE_CHECKING:
    from bezet.model import Building
    from store import Store


def collect(
    building: Annotated[Path, typer.Option(envvar="BEZET_BUILDING", help="The building file.")] = Path(
        "building.toml"
    ),
    store: Annotated[
        str, typer.Option(envvar="BEZET_STORE", help="Where history is kept: sqlite:FILE.")
    ] = "sqlite:bezet.db",
    broker: Annotated[
        str, typer.Option(envvar="BEZET_BROKER", help="The MQTT broker: mqtt://host:port.")
    ] = "mqtt://127.0.0.1:1883",
) -> None:
    """Take in what the devices send, and answer each message once the store has it.

    Example: `bezet collect --building building.toml --store sqlite:bezet.db --broker mqtt://127.0.0.1:1883`
    """
    from store.opening import open_store

    found = load_building(building)
    opened = open_store(store)
    try:
        asyncio.run(_run(found, opened, broker))
    finally:
        opened.close()


async def _run(building: Building, store: Store, broker: str) -> None:
    from bezet.link.mqtt import MqttLink
    from collector.service import LOG, Collector

    name = f"bezet-collector-{building.site}-{secrets.token_hex(4)}"
    # The version stands open, so that messages of versions to come are counted and not silently missed.
    wanted = f"bezet/+/{building.site}/+/+/readings"
    link = MqttLink(broker, name, subscriptions=(wanted,))
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    LOG.info("collecting", site=building.site, broker=broker, spaces=len(building.spaces), pid=os.getpid())
    async with link:
        try:
            await Collector(link, store, building, now_ms).run()
        except asyncio.CancelledError:
            LOG.info("stopped")


def now_ms() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000
