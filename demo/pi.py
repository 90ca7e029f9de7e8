# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A Raspberry Pi that isn't there: the shipped agent and drivers, on pins, wires and lines of the town.

python -m demo.pi CONFIG FOLDER
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bezet.program import log_to_stderr, now_ms, run_or_say_why
from demo.faults import Fault
from demo.hardware import BUSES, World, make_bus
from demo.standing import keep_up, read_town
from edge.bus import load_real
from edge.clock import SystemClock
from edge.config import read_config
from edge.running import run_device

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo.plan import Hung


def buses_of(world: World, sensors: Sequence[Hung]) -> Callable[[str], Callable[..., Any]]:
    """What makes the buses of a device on which these sensors hang: simulated where they are a Pi's own."""

    def load(name: str) -> Callable[..., Any]:
        return partial(hang, name) if name in BUSES else load_real(name)

    def hang(name: str, **place: Any) -> Any:
        here = [hung for hung in sensors if hung.on == name and dict(hung.place) == place]
        return make_bus(name, world, here)

    return load


def main(file: Path, folder: Path) -> None:
    """Run the agent of one device of the town in the data folder, until a signal stops it."""
    log_to_stderr()
    world = World(now_ms, read_town(folder))
    (device,) = (one for one in world.town.plan if one.name == file.stem)
    config = read_config(file, buses_of(world, device.sensors))
    clock = SystemClock(is_set=lambda: knows_time(world, device.name))
    run_device(config, watch=lambda _: keep_up(world, folder), clock=clock)


def knows_time(world: World, device: str) -> bool:
    """Whether a device was told the time; after some power cuts that takes a while."""
    now = world.now_ms()
    return not world.town.spells(Fault.CLOCKLESS_BOOT, device, now, now + 1)


if __name__ == "__main__":
    run_or_say_why(partial(main, Path(sys.argv[1]), Path(sys.argv[2])))
