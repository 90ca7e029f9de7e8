# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's configuration as typed objects; every mistake in the file is reported at once."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bezet import sections
from bezet.cli import read_text
from bezet.link import DEFAULT_BROKER
from bezet.wire import ID
from edge.agent import Device
from edge.outbox import DEFAULT_MAX_BYTES
from edge.sensing import Sensor
from edge.sensors import known_drivers, load_driver

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Shorter than an id of the contract, so that a sensor's parts can be told apart behind it.
SENSOR_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}")
DEFAULT_STATE_FOLDER = "/var/lib/bezet"


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What one agent is told: who it is, where the broker is, where it may write, and its sensors."""

    device: Device
    broker: str
    state_folder: Path
    outbox_max_bytes: int
    sensors: Sequence[Sensor]


def read_config(path: Path) -> AgentConfig:
    """Read the file, or raise `ConfigError` with every mistake in it."""
    root = sections.parse(read_text(path), str(path))
    agent = root.section("agent")
    config = AgentConfig(
        device=Device(agent.text("site", ID), agent.text("device", ID)),
        broker=agent.text("broker", default=DEFAULT_BROKER),
        state_folder=Path(agent.text("state_folder", default=DEFAULT_STATE_FOLDER)),
        outbox_max_bytes=agent.integer("outbox_max_bytes", 100_000, 10**12, default=DEFAULT_MAX_BYTES),
        sensors=[sensor for row in root.sections("sensor", least=1, unique="id") if (sensor := _sensor(row))],
    )
    root.done()
    return config


def _sensor(row: sections.Section) -> Sensor | None:
    """One sensor, or None when its driver could not be made; the problem is noted in the section."""
    name, space = row.text("id", SENSOR_ID), row.text("space", ID)
    every_s = row.number("every_s", 0.05, 86_400, default=1.0)
    timeout_s = row.number("timeout_s", 0.1, 600, default=5.0)
    driver = _driver(row, row.text("driver"))
    return None if driver is None else Sensor(name, space, driver, every_s, timeout_s)


def _driver(row: sections.Section, name: str) -> Any:
    arguments = row.rest()
    try:
        driver = load_driver(name)
    except KeyError:
        if name:
            row.problem("driver", f"{name!r} is not a driver; there are: {', '.join(known_drivers())}")
        return None
    except ImportError as error:
        row.problem("driver", f"{name!r} needs a library that is not installed: {error.name}")
        return None
    wanted = inspect.signature(driver).parameters
    unknown = arguments.keys() - wanted.keys()
    missing = [
        key
        for key, parameter in wanted.items()
        if parameter.default is parameter.empty and key not in arguments
    ]
    for key in unknown:
        row.problem(key, f"driver {name} has no such setting; it has: {', '.join(wanted) or 'none'}")
    for key in missing:
        row.problem(key, f"driver {name} needs it")
    if unknown or missing:
        return None
    try:
        return driver(**arguments)
    except (TypeError, ValueError) as error:
        row.problem("driver", f"{name}: {error}")
        return None
