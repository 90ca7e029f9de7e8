# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What each simulated sensor says, faults included; its hardware says the same on the bus.

A *signal* is a sensor of the town: a pure function of the town and the instant. Its `words` are what the
shipped driver gives when it hears the signal's hardware, without the bus in between, so that weeks of history
can be made in a minute.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.model import Kind
    from bezet.usage.columns import Floats, Ints
    from demo.plan import Hung
    from demo.town import Town


class Said(NamedTuple):
    """What a sensor speaks of; `part` tells two of a kind apart, as in `edge.sensors.Measured`."""

    kind: Kind
    part: str = ""


class Words(NamedTuple):
    """What one sensor says in a span of time, word by word.

    `t_ms`, shape (n,), rises; `amounts`, shape (len(said), n), in the unit of each kind; NaN where a word
    does not speak of it.
    """

    said: tuple[Said, ...]
    t_ms: Ints
    amounts: Floats


class Signal(Protocol):
    """A sensor of the town."""

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Everything that its driver gives in [`start_ms`, `end_ms`), at most a few days."""


#: Signals by the driver that hears them: module and class.
SIGNALS: Mapping[str, tuple[str, str]] = {
    "pir": ("motion", "MotionSignal"),
    "door": ("contacts", "DoorSignal"),
    "feedback": ("contacts", "FeedbackSignal"),
    "ld2410": ("radar", "RadarSignal"),
    "ld2450": ("radar", "TargetSignal"),
    "vl53l1x": ("doorways", "DoorwaySignal"),
    "amg8833": ("heat", "SmallHeatSignal"),
    "mlx90640": ("heat", "LargeHeatSignal"),
    "scd4x": ("air", "SCD4xSignal"),
    "scd30": ("air", "SCD30Signal"),
    "mhz19": ("air", "MHZ19Signal"),
    "senseair_s8": ("air", "SenseairS8Signal"),
    "pjlink": ("av", "ProjectorSignal"),
    "cec": ("av", "DisplaySignal"),
    "ina219": ("watts", "INA219Signal"),
    "ina260": ("watts", "INA260Signal"),
    "reachable": ("av", "ReachableSignal"),
    "zigbee2mqtt": ("topics_zigbee", "ZigbeeSignal"),
    "shelly": ("topics_plugs", "ShellySignal"),
    "tasmota": ("topics_plugs", "TasmotaSignal"),
    "chirpstack": ("lorawan", "ChirpStackSignal"),
    "things_stack": ("lorawan", "ThingsStackSignal"),
}


def make_signal(town: Town, hung: Hung) -> Any:
    """The signal of a sensor that hangs in the town."""
    module, made = SIGNALS[hung.driver]
    return getattr(import_module(f"demo.sensing.{module}"), made)(town, hung)


def polls(start_ms: int, end_ms: int, every_ms: int, phase_ms: int = 0) -> Ints:
    """The instants of [`start_ms`, `end_ms`) that are `phase_ms` after a multiple of `every_ms`."""
    first = -((phase_ms - start_ms) // every_ms)
    return np.arange(first * every_ms + phase_ms, end_ms, every_ms, dtype=np.int64)
