# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The agent's configuration as typed objects; every mistake in the file is reported at once."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bezet import sections
from bezet.building import AREA_MAX_M2, AREA_MIN_M2, CAPACITY_MAX
from bezet.errors import CannotStart
from bezet.link import DEFAULT_BROKER
from bezet.link.address import read_address
from bezet.model import SpaceKind
from bezet.occupancy.room import HEIGHT_M, Room
from bezet.program import read_text
from bezet.wire import ID
from edge.bus import BUSES, load_real, load_tap
from edge.clock import SystemClock, is_set_by_network
from edge.outbox import DEFAULT_MAX_BYTES
from edge.sensing import Sensor
from edge.sensors import Polled, known_drivers, load_driver, row_of
from edge.voice import Device

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from edge.bus.conversation import Tape
    from edge.sensors import Row

#: Shorter than an id of the contract, so that a sensor's parts can be told apart behind it.
SENSOR_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}")
DEFAULT_STATE_FOLDER = "/var/lib/bezet"
MOST_PLACE = 65_535
#: The largest space of a building file, under a high ceiling.
MOST_VOLUME_M3 = 10 * AREA_MAX_M2
#: From a shut room without ventilation to one under a fan that clears it every three minutes.
LEAST_CHANGES_PER_H, MOST_CHANGES_PER_H = 0.1, 20.0

#: What a driver's setting may be by its annotation, and what that is to a person. Others are the driver's to
#: check.
TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "text"),
    "bool": ((bool,), "true or false"),
    "None": ((), ""),
}
#: A driver or a bus says which setting it does not like: `pin = 42: …`, `password_file: …`, `broker 'x': …`.
BLAME = re.compile(r"(\w+)(?: = |: | (?='))(.+)", re.DOTALL)


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
    """What one agent is told: who it is, where the broker is, where it may write, its sensors, its rooms.

    `rooms` are what is known of spaces, by their ids; of a space that is not there nothing is.
    """

    device: Device
    broker: str
    clock_source: ClockSource
    state_folder: Path
    outbox_max_bytes: int
    sensors: Sequence[Sensor]
    wirings: Mapping[str, Wiring]
    buses: Sequence[Any]
    rooms: Mapping[str, Room] = field(default_factory=dict)

    def clock(self) -> SystemClock:
        """The device's clock, believed as the configuration says."""
        is_network = self.clock_source is ClockSource.NETWORK
        return SystemClock(is_set=is_set_by_network) if is_network else SystemClock()

    async def close(self) -> None:
        """Let go of the buses."""
        for bus in self.buses:
            await bus.close()


def read_config(path: Path, load_bus: Callable[[str], Callable[..., Any]] = load_real) -> AgentConfig:
    """Read the file, or raise `ConfigError` with every mistake in it.

    `load_bus` gives what makes a bus of that name from the settings that say which one.
    """
    root = sections.parse(read_text(path), str(path))
    agent = root.section("agent")
    broker = _broker(agent)
    bench = _Bench(broker, load_bus)
    rows = root.sections("sensor", least=1, unique="id")
    found = [(row, bench.sensor(row)) for row in rows]
    config = AgentConfig(
        device=Device(agent.text("site", ID), agent.text("device", ID)),
        broker=broker,
        clock_source=agent.choice("clock", ClockSource, default=ClockSource.NETWORK),
        state_folder=Path(agent.text("state_folder", default=DEFAULT_STATE_FOLDER)),
        outbox_max_bytes=agent.integer("outbox_max_bytes", 100_000, 10**12, default=DEFAULT_MAX_BYTES),
        sensors=[sensor for _, sensor in found if sensor is not None],
        wirings=bench.wirings,
        buses=bench.buses,
        rooms=_rooms(root, {row.text("space", ID) for row in rows}),
    )
    _refuse_namesakes([(row, sensor.id) for row, sensor in found if sensor is not None])
    root.done()
    return config


def _refuse_namesakes(rows: Sequence[tuple[sections.Section, str]]) -> None:
    """The parts of a sensor stand behind its id and a dot, so no other sensor may have such a name."""
    for row, name in rows:
        of = next((other for _, other in rows if name.startswith(f"{other}.")), None)
        if of is not None:
            row.problem(
                "id", f"{name!r} would be taken for a part of sensor {of!r}; write it without the dot"
            )


def _rooms(root: sections.Section, measured: Collection[str]) -> dict[str, Room]:
    """What is said of spaces; one that no sensor measures is noted, for a rule would never hear of it."""
    rooms = {}
    for row in root.sections("space", unique="id"):
        space = row.text("id", ID)
        if space and space not in measured:
            row.problem("id", f"no sensor here measures space {sections.shown(space)}")
        rooms[space] = _room(row)
    return rooms


def _room(row: sections.Section) -> Room:
    """One space as the rules see it; its air by its volume, else by its area under a usual ceiling."""
    volume_m3 = None
    if "volume_m3" in row:
        volume_m3 = row.number("volume_m3", AREA_MIN_M2, MOST_VOLUME_M3)
    if "area_m2" in row:
        area_m2 = row.number("area_m2", AREA_MIN_M2, AREA_MAX_M2)
        if volume_m3 is not None:
            row.problem("area_m2", "stands beside volume_m3, which says more; leave one out")
        volume_m3 = area_m2 * HEIGHT_M
    return Room(
        kind=row.choice("kind", SpaceKind) if "kind" in row else None,
        capacity=row.integer("capacity", 1, CAPACITY_MAX) if "capacity" in row else None,
        volume_m3=volume_m3,
        air_changes_per_h=(
            row.number("air_changes_per_h", LEAST_CHANGES_PER_H, MOST_CHANGES_PER_H)
            if "air_changes_per_h" in row
            else None
        ),
    )


def _broker(agent: sections.Section) -> str:
    """The address of the broker; empty where it is none, which is noted."""
    broker = agent.text("broker", default=DEFAULT_BROKER)
    try:
        if broker:
            read_address(broker)
    except CannotStart as error:
        _blame(agent, "broker", error, {"broker": broker})
        return ""
    return broker


class _Bench:
    """Where sensors are put together; sensors with the same place share a bus."""

    def __init__(self, broker: str, load_bus: Callable[[str], Callable[..., Any]]) -> None:
        self._broker = broker
        self._load_bus = load_bus
        self._found: dict[tuple[str, ...], Any] = {}
        self._taken: dict[tuple[str, ...], str] = {}
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
        asked = [key for key in ("every_s", "stands_s") if key in row]
        every_s = row.number("every_s", 0.05, 86_400, default=found.every_s)
        timeout_s = row.number("timeout_s", 0.1, 600, default=max(5.0, min(found.every_s, 60.0)))
        stands_s = row.number("stands_s", 0, 604_800, default=found.stands_s)
        place = self._place(row, found.on)
        arguments = row.rest()
        bus = self._bus(row, driver, found.on, place)
        made = _make(row, driver, arguments, bus, is_on=found.on)
        if made is None:
            return None
        self._take(row, name, made, Wiring(driver, arguments, found.on, place))
        _refuse_idle(row, driver, asked, is_polled=isinstance(made, Polled))
        speaks_every_s = 0.0 if isinstance(made, Polled) else found.speaks_every_s
        return Sensor(name, space, made, every_s, timeout_s, speaks_every_s, stands_s)

    def _place(self, row: sections.Section, on: str) -> dict[str, Any]:
        """The settings that say which bus; a device's own broker is where others speak too."""
        place: dict[str, Any] = {}
        for key, default in BUSES[on].settings.items() if on else ():
            if isinstance(default, int):
                place[key] = row.integer(key, 0, MOST_PLACE, default=default)
            elif key == "broker" and key not in row:
                place[key] = self._broker  # which was looked at where it stands
            else:
                place[key] = row.text(key, default=default)
        return place

    def _bus(self, row: sections.Section, driver: str, on: str, place: Mapping[str, Any]) -> Any:
        """The bus at that place, made where it is new; None where it cannot be made."""
        if not on or not all(map(_is_place, place.values())):
            return None
        key = (on, *map(str, place.values()))
        if key in self._found:
            if not BUSES[on].is_shared:
                which = next(iter(place))
                row.problem(which, f"{key[1]}: another sensor is on it already")
                return None
            return self._found[key]
        try:
            self._found[key] = self._load_bus(on)(**place)
        except ImportError as error:
            row.problem("driver", _missing(driver, error))
        except ValueError as error:
            _blame(row, driver, error, place)
        return self._found.get(key)

    def _take(self, row: sections.Section, name: str, made: Any, wiring: Wiring) -> None:
        """Keep how a sensor hangs here; a pin or a chip that another has is noted in the section."""
        self.wirings[name] = wiring
        for key, what in _parts(made, wiring):
            other = self._taken.setdefault((wiring.on, *map(str, wiring.place.values()), what), name)
            if other != name:
                row.problem(key, f"sensor {sections.shown(other)} has {what} already")


def _is_place(setting: Any) -> bool:
    """Whether a part of a place is one; what is none was noted when it was read."""
    return 0 <= setting <= MOST_PLACE if isinstance(setting, int) else bool(setting)


def _parts(made: Any, wiring: Wiring) -> Iterator[tuple[str, str]]:
    """What of its bus a sensor has for itself, and the setting that says so: a pin, or a chip on I2C."""
    if wiring.on == "gpio":
        for key, pin in wiring.settings.items():
            if key == "pin" or key.endswith("_pin"):
                yield key, f"pin {pin}"
    elif wiring.on == "i2c":
        parameter = inspect.signature(type(made)).parameters.get("address")
        if parameter is None:  # such a chip has one address only
            yield "driver", f"the {wiring.driver} of this bus"
        else:
            address = wiring.settings.get("address", parameter.default)
            yield "address", f"address {address:#04x}" if isinstance(address, int) else str(address)


def _refuse_idle(row: sections.Section, name: str, asked: Iterable[str], *, is_polled: bool) -> None:
    """A setting that a sensor of the other manner would need does nothing here, which somebody must hear."""
    idle, why = ("stands_s", "answers when it is asked") if is_polled else ("every_s", "speaks by itself")
    if idle in asked:
        row.problem(idle, f"driver {name} {why}, and has no use for it; leave it out")


def _row(row: sections.Section, name: str) -> Row | None:
    try:
        return row_of(name)
    except KeyError:
        if name:
            known = known_drivers()
            what = f"{name!r} is not a driver{_meant(name, known)}; there are: {', '.join(known)}"
            row.problem("driver", what)
    except ImportError as error:
        row.problem("driver", _missing(name, error))
    return None


def _meant(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, if any."""
    close = get_close_matches(word, list(known), 1)
    return f" (did you mean {close[0]}?)" if close else ""


def _missing(driver: str, error: ImportError) -> str:
    return f"{driver!r} needs a library that is not installed: {error.name} (pip install 'bezet[edge]')"


# --- a driver and its settings ------------------------------------------------------------------------------


def _make(row: sections.Section, name: str, arguments: Mapping[str, Any], bus: Any, *, is_on: str) -> Any:
    """The driver with its settings; None where one of them is wrong or its bus is not there."""
    try:
        driver = load_driver(name)
    except ImportError as error:
        row.problem("driver", _missing(name, error))
        return None
    wanted = {
        key: one for key, one in inspect.signature(driver).parameters.items() if key != "bus" or not is_on
    }
    left = _check_settings(row, name, wanted, arguments)
    if left is None:
        return None
    is_right = len(left) == len(arguments) and (bus is not None or not is_on)
    while True:
        try:
            made = driver(bus=bus, **left) if is_on else driver(**left)
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            is_right, key = False, _blame(row, name, error, left)
            if key not in wanted or wanted[key].default is inspect.Parameter.empty:
                return None
            del left[key]  # and what does it say of the rest?
        else:
            return made if is_right else None


def _check_settings(
    row: sections.Section, name: str, wanted: Mapping[str, inspect.Parameter], arguments: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The settings whose name and type are right; None if the driver cannot be made of them."""
    left, can_be_made = {}, True
    for key, found in arguments.items():
        if key not in wanted:
            close = _meant(key, [*wanted, "every_s", "timeout_s", "stands_s"])
            has = ", ".join(wanted) or "none"
            row.problem(key, f"driver {name} has no such setting{close}; it has: {has}")
        elif words := _wrong_type(wanted[key].annotation, found):
            shown = "what stands there" if key == "password" else sections.shown(found)
            row.problem(key, f"needs {words}, not {shown}")
            can_be_made &= wanted[key].default is not inspect.Parameter.empty
        else:
            left[key] = found
    for key, parameter in wanted.items():
        if parameter.default is parameter.empty and key not in arguments:
            row.problem(key, f"driver {name} needs it")
            can_be_made = False
    return left if can_be_made else None


def _wrong_type(annotation: Any, found: Any) -> str:
    """What is wanted for a value of the wrong type; empty where it is right, or the driver must say."""
    # As they are written: names that only a type checker imports cannot be resolved, and need not be.
    written = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    words = written.split(" | ")
    if not all(word in TYPES for word in words):
        return ""
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    is_finite = not is_number or (abs(found) < 2**63 and math.isfinite(found))
    if is_finite and any(type(found) in TYPES[word][0] for word in words):
        return ""
    return " or ".join(filter(None, (TYPES[word][1] for word in words)))


def _blame(row: sections.Section, name: str, error: Exception, settings: Mapping[str, Any]) -> str:
    """Note what a driver or a bus does not like, at the setting that it names; returns that, if it does."""
    found = BLAME.fullmatch(str(error))
    if found is None or found[1] not in settings:
        row.problem("driver", f"{name}: {error}")
        return ""
    row.problem(found[1], found[2])
    return found[1]
