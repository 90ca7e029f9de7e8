# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every sensor: the list of drivers, and what a driver is.

A driver talks to its bus and decodes; it does no smoothing, retry, logging or sleeping, and knows neither
the space nor the time. It raises a `bezet.errors.SensorError` when the sensor could not speak.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bezet.model import Kind

#: Drivers by the name of their file. Drivers kept elsewhere register under the entry point `bezet.sensors`.
DRIVERS: Mapping[str, str] = {
    "recorded": "Recorded",  # columns of a recording in CSV
}

ENTRY_POINTS = "bezet.sensors"


class Measured(NamedTuple):
    """One number that a sensor gave, in the unit of its kind; `part` tells two of a kind apart."""

    kind: Kind
    value: float
    part: str = ""


@runtime_checkable
class Polled(Protocol):
    """A sensor that answers when it is asked."""

    async def open(self) -> None:
        """Make the sensor ready; also after it was gone."""

    async def read(self) -> list[Measured]:
        """What it measures now."""


@runtime_checkable
class Speaking(Protocol):
    """A sensor that speaks by itself; only where asking would miss something."""

    async def open(self) -> None:
        """Make the sensor ready; also after it was gone."""

    def listen(self) -> AsyncIterator[list[Measured]]:
        """What it says, at the moment it says it; ends when it has nothing more to say."""


def known_drivers() -> list[str]:
    """The names that a configuration may use, sorted."""
    return sorted({*DRIVERS, *(point.name for point in metadata.entry_points(group=ENTRY_POINTS))})


def load_driver(name: str) -> type[Any]:
    """The driver class of that name, imported only now; `KeyError` for a name that is not known."""
    if name in DRIVERS:
        found: type[Any] = getattr(import_module(f"edge.sensors.{name}"), DRIVERS[name])
        return found
    (point,) = metadata.entry_points(group=ENTRY_POINTS, name=name) or [None]
    if point is None:
        raise KeyError(name)
    loaded: type[Any] = point.load()
    return loaded
