# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything on the network of the town hall, as a process, heard by shipped drivers."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import aclosing, asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bezet.av import AVState
from bezet.program import now_ms
from demo.plan import hung_in
from demo.sensing import make_signal
from demo.sensing.av import Power
from demo.standing import found_town, read_town
from edge.bus.mqtt import TopicBus
from edge.bus.tcp import RemotePort
from edge.sensors import load_driver
from tests.bezet.link.stages import GUARD_S
from tests.conftest import ROOT, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from demo.plan import Hung
    from tests.conftest import Mosquitto


@asynccontextmanager
async def network(
    folder: Path, broker: str, ports: dict[str, int]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, ended as the demo ends it."""
    arguments = ("--data", str(folder), "--broker", broker, "--ports", json.dumps(ports))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "demo.network", *arguments, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with the town of the example building."""
    source = (ROOT / "building.toml").read_text(encoding="utf-8")
    found_town(tmp_path, source, 1, (), date(2026, 11, 2))
    return tmp_path


def one_of(folder: Path, driver: str, model: str = "") -> Hung:
    """The first sensor with this driver."""
    return next(
        one for one in hung_in(read_town(folder).plan) if one.driver == driver and one.model.startswith(model)
    )


async def first_word(broker: str, hung: Hung) -> dict[str, float]:
    """What its driver gives first."""
    bus = TopicBus(broker)
    try:
        driver: Any = load_driver(hung.driver)(bus, **hung.settings)
        async with aclosing(driver.listen()) as said:
            return {str(one.kind): one.value for one in await anext(said)}
    finally:
        await bus.close()


@pytest.mark.broker
async def test_is_heard_and_asked(folder: Path, mosquitto: Mosquitto) -> None:
    """Drivers on a real broker hear plug and motion sensor; others ask projector and codec at their ports."""
    plug, motion = one_of(folder, "shelly"), one_of(folder, "zigbee2mqtt", "motion")
    projector, codec = one_of(folder, "pjlink"), one_of(folder, "reachable")
    ports = {one.id: free_port() for one in (projector, codec)}
    words = [asyncio.create_task(first_word(mosquitto.url, one)) for one in (plug, motion)]
    async with network(folder, mosquitto.url, ports) as process, asyncio.timeout(GUARD_S):
        watts, moved = await asyncio.gather(*words)
        power = await load_driver("pjlink")(RemotePort("127.0.0.1", ports[projector.id])).read()
        answers = await load_driver("reachable")(RemotePort("127.0.0.1", ports[codec.id])).read()
        asked_ms = np.array([now_ms()])
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0

    town = read_town(folder)
    is_on = make_signal(town, projector).at(asked_ms).power[0] in (Power.ON, Power.WARMING)
    assert watts.keys() == {"power_w", "av_state"}
    assert moved.keys() == {"motion", "illuminance_lux", "battery_pct"}
    assert (power[0].value >= AVState.ON) == is_on
    assert answers[0].value == make_signal(town, codec).at(asked_ms)[0]


async def test_says_which_port_cannot_be_had(folder: Path) -> None:
    """A port that somebody else has is named, with the sensor that wants it."""
    projector = one_of(folder, "pjlink")
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with taken, network(folder, "mqtt://127.0.0.1:1", {projector.id: port}) as process:
        _, said = await process.communicate()

    assert process.returncode == 1
    assert f"bezet: {projector.id}: port {port} cannot be had" in said.decode()
