# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which sensors hang where in the demo: a building to devices with sensors, and their configuration files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from bezet.errors import CannotStart
from bezet.model import SpaceKind
from edge.sensors import DRIVERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bezet.model import Building, Space

SPACES_PER_DEVICE = 5
#: The pins that are free for any use on a Pi's header, by their BCM numbers.
PINS = (4, 5, 6, 12, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27)
#: The I²C buses of a Pi, one for each space of a device: most chips have one address only.
I2C_BUSES = (1, 3, 4, 5, 6)


class Part(NamedTuple):
    """A sensor of a kit: its driver, which model it is where the driver knows several, and settings."""

    driver: str
    model: str = ""
    settings: Mapping[str, Any] = {}
    every_s: float | None = None


_PIR, _RADAR, _TARGETS = Part("pir"), Part("ld2410"), Part("ld2450")
_AIR = Part("scd4x")
_PLUG = {"device": "display"}
_PEOPLE = Part("chirpstack", "VS121", {"codec": "milesight"})
_ZIGBEE = Part("zigbee2mqtt", "motion")

#: The kits that hang in spaces of each kind: the first in the first space of the kind, and so on; the last
#: one in all others. Together they hold every driver, so that each can be seen at work.
KITS: Mapping[SpaceKind, tuple[tuple[Part, ...], ...]] = {
    SpaceKind.FOCUS: ((_PIR, _PIR, Part("mhz19")), (_PIR, _RADAR)),
    SpaceKind.MEETING: (
        (Part("amg8833"), _AIR),
        (_PIR, Part("door"), _AIR),
        (_PIR, Part("vl53l1x"), Part("scd30")),
    ),
    SpaceKind.HYBRID: (
        (
            *(Part("mlx90640", settings={"height_m": 4.0}, every_s=4), Part("scd30")),
            *(Part("pjlink", every_s=60), Part("tasmota", settings={"device": "projector"})),
        ),
        (Part("things_stack", "ERS Eye", {"codec": "elsys"}), _TARGETS, Part("cec", every_s=60)),
        (_PEOPLE, _AIR, Part("shelly", settings=_PLUG), Part("reachable", every_s=60)),
        (_PEOPLE, _AIR, Part("shelly", settings=_PLUG)),
    ),
    SpaceKind.CREATIVE: (
        (_PIR, _PIR, _AIR, Part("feedback")),
        (_PIR, _PIR, _AIR),
        (_PIR, _PIR, _AIR, Part("ina260", settings=_PLUG, every_s=5)),
    ),
    SpaceKind.SOCIAL: (
        (_PIR, _PIR, _PIR, _TARGETS),
        (Part("vl53l1x"), _PIR, Part("senseair_s8")),
        (_TARGETS, _ZIGBEE),
    ),
    SpaceKind.DESKS: (
        (_ZIGBEE, _ZIGBEE, _ZIGBEE, _ZIGBEE, Part("senseair_s8")),
        (_PIR, _PIR, _PIR, Part("mhz19")),
    ),
    SpaceKind.PHONE: (
        (_RADAR,),
        (Part("zigbee2mqtt", "presence"),),
        (_PIR, Part("ina219", settings=_PLUG, every_s=5)),
    ),
}


@dataclass(frozen=True, slots=True)
class Hung:
    """A sensor that hangs in a space: how a configuration says so, and what it is.

    `seat` counts the sensors of one driver in one space, so that two that look into it differ. A polled
    sensor of the simulation is asked `phase_ms` after a multiple of `every_s`, each of a device at its own.
    """

    id: str
    space: str
    device: str
    driver: str
    model: str = ""
    seat: int = 0
    phase_ms: int = 0
    every_s: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: Mapping[str, Any] = field(default_factory=dict)

    @property
    def on(self) -> str:
        """The bus that it hangs on."""
        return DRIVERS[self.driver].on


@dataclass(frozen=True, slots=True)
class Device:
    """One Raspberry Pi, and the sensors that it reads."""

    name: str
    sensors: tuple[Hung, ...]

    @property
    def spaces(self) -> tuple[str, ...]:
        """The spaces that it measures, in order."""
        return tuple(dict.fromkeys(hung.space for hung in self.sensors))


def make_plan(building: Building) -> tuple[Device, ...]:
    """The devices of a building, each for some spaces of a floor; `CannotStart` where none is measured."""
    measured = [space for space in building.spaces.values() if space.measured]
    if not measured:
        raise CannotStart("no space in the building file is measured, so there is nothing to show")
    nth: Counter[SpaceKind] = Counter()
    kits = {}
    for space in measured:
        kind = space.layouts[-1].kind
        kits[space.id] = KITS[kind][min(nth[kind], len(KITS[kind]) - 1)]
        nth[kind] += 1
    groups = _groups(measured)
    return tuple(
        Device(name, tuple(_hang(name, group, kits)))
        for name, group in ((f"demo-pi-{number}", group) for number, group in enumerate(groups, 1))
    )


def _groups(spaces: Sequence[Space]) -> Iterator[tuple[Space, ...]]:
    for _, floor in groupby(sorted(spaces, key=lambda one: one.floor), lambda one: one.floor):
        here = tuple(floor)
        for first in range(0, len(here), SPACES_PER_DEVICE):
            yield here[first : first + SPACES_PER_DEVICE]


def _hang(device: str, spaces: Sequence[Space], kits: Mapping[str, Sequence[Part]]) -> Iterator[Hung]:
    pins = iter(PINS)
    phase_ms = 0
    for space, i2c in zip(spaces, I2C_BUSES, strict=False):
        seats: Counter[str] = Counter()
        for part in kits[space.id]:
            seat, phase_ms = seats[part.driver], phase_ms + 11
            seats[part.driver] += 1
            row = DRIVERS[part.driver]
            name = f"{part.driver.replace('_', '-')}{seat + 1 if seat else ''}-{space.id}"[:31]
            yield Hung(
                id=name,
                space=space.id,
                device=device,
                driver=part.driver,
                model=part.model,
                seat=seat,
                phase_ms=phase_ms,
                every_s=part.every_s or row.every_s,
                settings={**_settings(part.driver, name, pins), **part.settings},
                place=_place(row.on, name, i2c),
            )


def _settings(driver: str, name: str, pins: Iterator[int]) -> dict[str, Any]:
    """What a driver must be told of this one."""
    if driver in ("pir", "door"):
        return {"pin": next(pins)}
    if driver == "feedback":
        return {"good_pin": next(pins), "so_so_pin": next(pins), "bad_pin": next(pins)}
    spoken = {
        "zigbee2mqtt": {"name": name},
        "shelly": {"topic_prefix": name},
        "tasmota": {"topic": name},
        "chirpstack": {"dev_eui": blake2b(name.encode(), digest_size=8).hexdigest()},
        "things_stack": {"application": "townhall", "device": name.replace(".", "-")},
    }
    return spoken.get(driver, {})


def _place(on: str, name: str, i2c: int) -> dict[str, Any]:
    """Where on its bus it hangs; the port of one on the network is only known when it is started."""
    match on:
        case "i2c":
            return {"i2c": i2c}
        case "uart":
            return {"port": f"/dev/serial/by-id/{name}"}
        case "cec":
            return {"cec": f"/dev/cec-{name}"}
        case "tcp":
            return {"host": "127.0.0.1", "tcp_port": 0}
    return {}


def agent_config(
    device: Device, building: Building, day: date, broker: str, state_folder: Path, ports: Mapping[str, int]
) -> str:
    """The configuration of an agent, as somebody would write it for a Pi.

    `ports` are the TCP ports of the devices on the network, by the ids of their sensors.
    Its spaces are told as they are on that day.
    """
    lines = [
        "# Written by `bezet demo` at each start.",
        "[agent]",
        # The computer of whoever tries this knows the time well enough.
        *_pairs(
            site=building.site,
            device=device.name,
            broker=broker,
            state_folder=str(state_folder),
            clock="system",
        ),
    ]
    for space in device.spaces:
        found = building.spaces[space]
        layout = found.layout_on(day)
        lines += ["", "[[space]]", *_pairs(id=space, kind=layout.kind)]
        lines += _pairs(capacity=layout.capacity, area_m2=found.area_m2)
    for hung in device.sensors:
        lines += ["", "[[sensor]]", *_pairs(id=hung.id, space=hung.space, driver=hung.driver)]
        if hung.every_s != DRIVERS[hung.driver].every_s:
            lines += _pairs(every_s=hung.every_s)
        port = {"tcp_port": ports[hung.id]} if hung.on == "tcp" else {}
        lines += _pairs(**{**hung.place, **port}, **hung.settings)
    return "\n".join(lines) + "\n"


def _pairs(**pairs: str | float) -> list[str]:
    """Lines of TOML; text as JSON writes it is text in TOML too."""
    return [f"{key} = {json.dumps(found, ensure_ascii=False)}" for key, found in pairs.items()]


def hung_in(devices: Iterable[Device]) -> tuple[Hung, ...]:
    """All sensors of these devices."""
    return tuple(hung for device in devices for hung in device.sensors)
