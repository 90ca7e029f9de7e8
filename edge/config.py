# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's configuration as typed objects; every mistake in the file is reported at once."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bezet import sections
from bezet.link import DEFAULT_BROKER
from bezet.program import read_text
from bezet.wire import ID
from edge.bus import BUSES, load_real, load_tap
from edge.clock import SystemClock, is_set_by_network
from edge.outbox import DEFAULT_MAX_BYTES
from edge.sensing import Sensor
from edge.sensors import Polled, known_drivers, load_driver, row_of
from edge.voice import Device

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.bus.conversation import Tape
    from edge.sensors import Row

#: Shorter than an id of the contract, so that a sensor's parts can be told apart behind it.
SENSOR_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}")
DEFAULT_STATE_FOLDER = "/var/lib/bezet"


class ClockSource(StrEnum):
    """Who is believed about the time."""

    NETWORK = "network"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a sensor hangs on this device: its driver and its bus, each with its settings."""

    driver: str
    settings: Mapping[str, Any]
    on: str = ""
    place: Mapping[str, Any] = field(default_factory=dict)

    def tapped(self, tape: Tape) -> tuple[Any, list[Any]]:
        """A driver on a bus of its own, whose conversation is written on the tape; and what to close."""
        bus = load_real(self.on)(**self.place)
        tap = load_tap(self.on)(bus, tape)
        return load_driver(self.driver)(bus=tap, **self.settings), [tap, bus]


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What one agent is told: who it is, where the broker is, where it may write, and its sensors."""

    device: Device
    broker: str
    clock_source: ClockSource
    state_folder: Path
    outbox_max_bytes: int
    sensors: Sequence[Sensor]
    wirings: Mapping[str, Wiring]
    buses: Sequence[Any]

    def clock(self) -> SystemClock:
        """The device's clock, believed as the configuration says."""
        is_network = self.clock_source is ClockSource.NETWORK
        return SystemClock(is_set=is_set_by_network) if is_network else SystemClock()

    async def close(self) -> None:
        """Let go of the buses."""
        for bus in self.buses:
            await bus.close()


def read_config(path: Path) -> AgentConfig:
    """Read the file, or raise `ConfigError` with every mistake in it."""
    root = sections.parse(read_text(path), str(path))
    agent = root.section("agent")
    broker = agent.text("broker", default=DEFAULT_BROKER)
    bench = _Bench(broker)
    config = AgentConfig(
        device=Device(agent.text("site", ID), agent.text("device", ID)),
        broker=broker,
        clock_source=agent.choice("clock", ClockSource, default=ClockSource.NETWORK),
        state_folder=Path(agent.text("state_folder", default=DEFAULT_STATE_FOLDER)),
        outbox_max_bytes=agent.integer("outbox_max_bytes", 100_000, 10**12, default=DEFAULT_MAX_BYTES),
        sensors=[
            sensor for row in root.sections("sensor", least=1, unique="id") if (sensor := bench.sensor(row))
        ],
        wirings=bench.wirings,
        buses=bench.buses,
    )
    root.done()
    return config


class _Bench:
    """Where sensors are put together; sensors with the same place share a bus."""

    def __init__(self, broker: str) -> None:
        self._broker = broker
        self._found: dict[tuple[str, ...], Any] = {}
        self.wirings: dict[str, Wiring] = {}

    @property
    def buses(self) -> list[Any]:
        return list(self._found.values())

    def sensor(self, row: sections.Section) -> Sensor | None:
        """One sensor, or None when its driver could not be made; the problem is noted in the section."""
        name, space, driver = row.text("id", SENSOR_ID), row.text("space", ID), row.text("driver")
        found = _row(row, driver)
        if found is None:
            row.rest()
            return None
        every_s = row.number("every_s", 0.05, 86_400, default=found.every_s)
        timeout_s = row.number("timeout_s", 0.1, 600, default=max(5.0, min(found.every_s, 60.0)))
        stands_s = row.number("stands_s", 0, 604_800, default=found.stands_s)
        place = self._place(row, found.on)
        arguments = row.rest()
        bus = self._bus(row, driver, found.on, place)
        if found.on and bus is None:
            return None
        made = _make(row, driver, {"bus": bus, **arguments} if found.on else arguments)
        if made is None:
            return None
        self.wirings[name] = Wiring(driver, arguments, found.on, place)
        speaks_every_s = 0.0 if isinstance(made, Polled) else found.speaks_every_s
        return Sensor(name, space, made, every_s, timeout_s, speaks_every_s, stands_s)

    def _place(self, row: sections.Section, on: str) -> dict[str, Any]:
        """The settings that say which bus; a device's own broker is where others speak too."""
        place: dict[str, Any] = {}
        for key, default in BUSES[on].settings.items() if on else ():
            if isinstance(default, int):
                place[key] = row.integer(key, 0, 65_535, default=default)
            else:
                place[key] = row.text(key, default=self._broker if key == "broker" else default)
        return place

    def _bus(self, row: sections.Section, driver: str, on: str, place: Mapping[str, Any]) -> Any:
        """The bus at that place, made where it is new; None where it cannot be made."""
        if not on:
            return None
        key = (on, *map(str, place.values()))
        if key in self._found:
            if not BUSES[on].is_shared:
                row.problem("driver", f"{driver}: another sensor is on {' '.join(key[1:])} already")
                return None
            return self._found[key]
        try:
            self._found[key] = load_real(on)(**place)
        except ImportError as error:
            row.problem("driver", _missing(driver, error))
        except ValueError as error:
            row.problem("driver", f"{driver}: {error}")
        return self._found.get(key)


def _row(row: sections.Section, name: str) -> Row | None:
    try:
        return row_of(name)
    except KeyError:
        if name:
            row.problem("driver", f"{name!r} is not a driver; there are: {', '.join(known_drivers())}")
    except ImportError as error:
        row.problem("driver", _missing(name, error))
    return None


def _missing(driver: str, error: ImportError) -> str:
    return f"{driver!r} needs a library that is not installed: {error.name} (pip install 'bezet[edge]')"


def _make(row: sections.Section, name: str, arguments: Mapping[str, Any]) -> Any:
    try:
        driver = load_driver(name)
    except ImportError as error:
        row.problem("driver", _missing(name, error))
        return None
    wanted = inspect.signature(driver).parameters
    settings = [key for key in wanted if key != "bus" or "bus" not in arguments]
    unknown = arguments.keys() - wanted.keys()
    missing = [
        key
        for key, parameter in wanted.items()
        if parameter.default is parameter.empty and key not in arguments
    ]
    for key in unknown:
        row.problem(key, f"driver {name} has no such setting; it has: {', '.join(settings) or 'none'}")
    for key in missing:
        row.problem(key, f"driver {name} needs it")
    if unknown or missing:
        return None
    try:
        return driver(**arguments)
    except (TypeError, ValueError) as error:
        row.problem("driver", f"{name}: {error}")
        return None
