# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent put together and run: on a device until a signal ends it, or on a recording until its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from typing import TYPE_CHECKING, Any

from bezet import wire
from bezet.link import Will
from bezet.link.mqtt import MqttLink
from bezet.program import stop_on_signals
from bezet.window import Window
from edge.agent import Agent
from edge.clock import kernel_boot
from edge.outbox import Outbox
from edge.report import Reporter
from edge.systemd import Notifier
from edge.voice import health_message, new_boot

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from edge.clock import Clock
    from edge.config import AgentConfig
    from edge.sensing import Sensor
    from edge.voice import Device


def run_device(
    config: AgentConfig,
    watch: Callable[[Agent], Coroutine[Any, Any, None]] | None = None,
    clock: Clock | None = None,
) -> None:
    """Run the agent of this device until a signal stops it; under systemd, tell how it is.

    `watch` runs beside it; `clock` stands in the place of the device's own.
    """
    outbox = Outbox(config.state_folder / "outbox.db", max_bytes=config.outbox_max_bytes)
    with contextlib.closing(outbox):
        asyncio.run(_run_device(config, outbox, watch, clock or config.clock()))


async def _run_device(
    config: AgentConfig,
    outbox: Outbox,
    watch: Callable[[Agent], Coroutine[Any, Any, None]] | None,
    clock: Clock,
) -> None:
    notifier = Notifier.from_environ(os.environ, os.getpid())
    notifier.ready()
    try:
        await run_agent(
            *(config.device, config.sensors, config.broker, outbox, clock, watch),
            reporter=Reporter(),
            alive=notifier.watchdog,
            kernel_boot=kernel_boot(),
            rooms=config.rooms,
        )
    finally:
        notifier.stopping()
        await config.close()


async def run_agent(
    device: Device,
    sensors: Sequence[Sensor],
    broker: str,
    outbox: Outbox,
    clock: Clock,
    watch: Callable[[Agent], Coroutine[Any, Any, None]] | None = None,
    **rest: Any,
) -> bool:
    """Run an agent over MQTT until it is done (True) or a signal stops it (False)."""
    boot = new_boot()
    will = Will(*wire.encode(health_message(device, boot, clock.now_ms())))
    subscriptions = (
        wire.topic_filter("receipt", device.site, device.name),
        wire.topic_filter("health", device.site, device.name),
    )
    link = MqttLink(broker, f"bezet-{device.site}-{device.name}", subscriptions=subscriptions, will=will)
    window = Window(random.Random())  # noqa: S311  jitter, not cryptography
    stop_on_signals()
    async with link:
        agent = Agent(
            device, sensors, outbox=outbox, link=link, window=window, clock=clock, boot=boot, **rest
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(watch(agent)) if watch else None
                await agent.run()
                if watching is not None:
                    watching.cancel()
        except asyncio.CancelledError:
            return False
    return True
