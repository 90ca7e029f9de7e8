# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Hardware that isn't there, answering at the bus: pins, chips, serial lines, and devices on the network.

What it says is what its signal (`demo.sensing`) says, in the bytes of the datasheet. It knows the time by the
loop that it runs in (`asyncio`), so that it can be run faster than life, and the town by its `World`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from demo.sensing import make_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from demo.plan import Hung
    from demo.town import Town


@dataclass
class World:
    """What hardware knows: the time on the wall in ms, and the town, which is another after a happening."""

    now_ms: Callable[[], int]
    town: Town

    def signal(self, hung: Hung) -> Any:
        """The signal of a sensor, in the town that is now; to be kept only as long as the town is."""
        return make_signal(self.town, hung)


#: Simulated buses by the name of the real ones: module and class. Each is made of the world and of the
#: sensors that hang on it, and promises what `edge.bus` promises of the real one, and `close`.
BUSES: Mapping[str, tuple[str, str]] = {
    "gpio": ("pins", "TownPins"),
    "i2c": ("chips", "TownI2C"),
    "uart": ("lines", "TownLine"),
    "cec": ("cec", "TownCec"),
}


def make_bus(name: str, world: World, sensors: Sequence[Hung]) -> Any:
    """The simulated bus of that name on which these sensors hang."""
    module, made = BUSES[name]
    return getattr(import_module(f"demo.hardware.{module}"), made)(world, sensors)
