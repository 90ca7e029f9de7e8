# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet collect`: the collector as a program."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated

import typer

from bezet.cli import (
    DEFAULT_BUILDING,
    DEFAULT_STORE,
    BrokerAddress,
    BuildingFile,
    StoreAddress,
    load_building,
)
from bezet.link import DEFAULT_BROKER
from bezet.program import now_ms, stop_on_signals

if TYPE_CHECKING:
    from bezet.model import Building
    from collector.metrics import Meters
    from store import Store

#: A broker notices in about ten seconds that a collector froze; from then on the others get its share.
KEEPALIVE_S = 5


def collect(
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    broker: BrokerAddress = DEFAULT_BROKER,
    metrics: Annotated[
        str | None,
        typer.Option(
            envvar="BEZET_METRICS",
            help="Serve figures about this collector at HOST:PORT, as 127.0.0.1:9464; off unless asked for, "
            "because each collector on a machine needs a port of its own.",
            show_default=False,
        ),
    ] = None,
    *,
    upkeep: Annotated[
        bool,
        typer.Option(
            envvar="BEZET_UPKEEP",
            help="Also make facts, and remove what is older than the building file lets it be kept.",
        ),
    ] = True,
) -> None:
    """Take in what the devices send, and answer each message once the store has it.

    Any number of collectors may share the work of one site on one broker (MQTT 5) and one store.

    Example: `bezet collect --building building.toml --store sqlite:bezet.db --broker mqtt://127.0.0.1:1883`
    """
    from collector.metrics import Meters, serving
    from store.opening import open_store

    found = load_building(building)
    meters = Meters()
    with ExitStack() as stack:
        if metrics is not None:
            stack.enter_context(serving(meters, metrics))
        opened = stack.enter_context(closing(open_store(store)))
        meters.watch(opened)
        asyncio.run(_run(found, opened, broker, meters, upkeep=upkeep))


async def _run(building: Building, store: Store, broker: str, meters: Meters, *, upkeep: bool) -> None:
    from bezet.link.address import read_address
    from bezet.link.mqtt import MqttLink
    from collector.service import LOG, Collector, subscriptions

    name = f"bezet-collector-{building.site}-{secrets.token_hex(4)}"
    wanted = subscriptions(building.site, shared=read_address(broker).is_version_5)
    link = MqttLink(broker, name, subscriptions=wanted, keepalive_s=KEEPALIVE_S)
    stop_on_signals()
    LOG.info("collecting", site=building.site, spaces=len(building.spaces), pid=os.getpid())
    try:
        async with link, asyncio.TaskGroup() as tasks:
            tasks.create_task(Collector(link, store, building, now_ms, meters).run(), name="collector")
            if upkeep:
                from collector.upkeep import Upkeep

                tasks.create_task(Upkeep(store, building, now_ms, meters).run(), name="collector.upkeep")
    except asyncio.CancelledError:
        LOG.info("stopped")


def retention(
    building: BuildingFile = DEFAULT_BUILDING,
    store: StoreAddress = DEFAULT_STORE,
    *,
    run: Annotated[bool, typer.Option("--run", help="Remove it now; without this, only say it.")] = False,
) -> None:
    """Say what is older than the building file lets it be kept, and with --run remove it now.

    A collector does this by itself every hour. Example: `bezet retention --store sqlite:bezet.db`
    """
    from collector.facts import FactMaker
    from collector.retention import RetentionJob, dry_run, in_words
    from store.opening import open_store

    found = load_building(building)
    with closing(open_store(store)) as opened:
        if run:
            report = RetentionJob(opened, found, now_ms, FactMaker(opened, found, now_ms).make_due).run_once()
        else:
            report = dry_run(opened, found, now_ms())
    for line in in_words(report, found.timezone):
        typer.echo(line)
