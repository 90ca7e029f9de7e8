# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet collect`: the collector as a program."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING

from bezet.cli import (
    DEFAULT_BUILDING,
    DEFAULT_STORE,
    BrokerAddress,
    BuildingFile,
    StoreAddress,
    load_building,
    now_ms,
    stop_on_signals,
)
from bezet.link import DEFAULT_BROKER

if TYPE_CHECKING:
    from bezet.model import Building
    from store import Store


def collect(
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    broker: BrokerAddress = DEFAULT_BROKER,
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
    stop_on_signals()
    LOG.info("collecting", site=building.site, spaces=len(building.spaces), pid=os.getpid())
    async with link:
        try:
            await Collector(link, store, building, now_ms).run()
        except asyncio.CancelledError:
            LOG.info("stopped")
