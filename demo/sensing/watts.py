# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What current sensors in the supply of an AV device say: its watts, in the steps of their registers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.av import thresholds
from bezet.errors import BadFrame
from bezet.model import Kind
from demo.physics.power import power_w
from demo.sensing import Said, Words, polls
from edge.sensors import ina219, ina260

if TYPE_CHECKING:
    from collections.abc import Callable

    from bezet.usage.columns import Floats, Ints
    from demo.plan import Hung
    from demo.town import Town

AV = (Said(Kind.POWER_W), Said(Kind.AV_STATE))
#: The voltage of the supply, in V: that of displays with a supply of their own (ours). At 12 V a lit one
#: would draw more than the 3.2 A that an INA219 with its usual shunt can tell.
SUPPLY_V = 24.0


class Traits(NamedTuple):
    """How often a chip has new numbers, as its driver configures it, and the steps of its registers."""

    every_ms: int
    steps: tuple[float, ...]


#: Datasheet SBOS448G: two averages of 68.1 ms each (table 5); 4 mV and 10 µV (8.6.3).
INA219 = Traits(136, (0.004, 0.00001))
#: Datasheet SBOS656C: two averages of 128 samples of 1.1 ms each (8.6.1); 10 mW, without a sign (8.6.4).
INA260 = Traits(282, (0.01,))


class INA219Signal:
    """An INA219 with its shunt; the voltage of its bus is that of the supply."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung
        self._shunt_ohm: float = hung.settings.get("shunt_ohm", 0.1)
        most_mv = 1_000 * hung.settings.get("current_max_a", math.inf) * self._shunt_ohm
        fits = (one for one in ina219.RANGES_MV if round(most_mv, 6) <= one)
        self.range_mv: int = next(fits, ina219.RANGES_MV[-1])

    def registers(self, t_ms: Ints) -> Ints:
        """The bus and the shunt voltage register at rising instants, shape (2, n)."""
        bus_step_v, shunt_step_v = INA219.steps
        shunt_v = _drawn_w(self._town, self._hung, t_ms) / SUPPLY_V * self._shunt_ohm
        shunt = np.rint(shunt_v / shunt_step_v).astype(np.int64).clip(max=100 * self.range_mv)
        return np.stack((np.full_like(shunt, round(SUPPLY_V / bus_step_v) << 3), shunt))

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Watts, and what the device does by them, whenever it is asked."""

        def decode(bus: int, shunt: int) -> float:
            converted = _word(bus | ina219.CONVERTED)
            return ina219.decode(converted, _word(shunt), self._shunt_ohm, self.range_mv)

        t_ms = _asked(self._hung, start_ms, end_ms)
        return _words(self._hung, t_ms, self.registers(_measured(t_ms, INA219)), decode)


class INA260Signal:
    """An INA260, which has its shunt inside."""

    def __init__(self, town: Town, hung: Hung) -> None:
        self._town, self._hung = town, hung

    def registers(self, t_ms: Ints) -> Ints:
        """The power register at rising instants, shape (1, n)."""
        steps = np.rint(_drawn_w(self._town, self._hung, t_ms) / INA260.steps[0])
        return np.asarray(steps, np.int64).clip(max=0xFFFF)[None, :]

    def words(self, start_ms: int, end_ms: int) -> Words:
        """Watts, and what the device does by them, whenever it is asked."""

        def decode(power: int) -> float:
            return ina260.decode(_word(ina260.CONVERTED), _word(power))

        t_ms = _asked(self._hung, start_ms, end_ms)
        return _words(self._hung, t_ms, self.registers(_measured(t_ms, INA260)), decode)


def _drawn_w(town: Town, hung: Hung, t_ms: Ints) -> Floats:
    return power_w(town, hung.space, hung.settings.get("device", "generic"), t_ms)


def _asked(hung: Hung, start_ms: int, end_ms: int) -> Ints:
    return polls(start_ms, end_ms, round(1_000 * hung.every_s), hung.phase_ms)


def _measured(t_ms: Ints, traits: Traits) -> Ints:
    """When that was measured which is read at these instants."""
    return t_ms // traits.every_ms * traits.every_ms


def _word(register: int) -> bytes:
    return register.to_bytes(2, "big")


def _words(hung: Hung, t_ms: Ints, registers: Ints, decode: Callable[..., float]) -> Words:
    """What a driver makes of registers, whose numbers change once a minute; what it refuses is left out."""
    settings = {key: hung.settings.get(key) for key in ("device", "on_above_w", "in_use_above_w")}
    does = thresholds(**{key: found for key, found in settings.items() if found is not None})
    first = np.flatnonzero(np.append(True, (np.diff(registers) != 0).any(axis=0)))[: len(t_ms)]
    rows = []
    for numbers in registers[:, first].T.tolist():
        try:
            read_w = decode(*numbers)
        except BadFrame:
            rows.append((math.nan, math.nan))
        else:
            rows.append((read_w, float(does.state(read_w))))
    each = np.array(rows, np.float64).reshape(-1, 2)
    amounts = np.repeat(each, np.diff(first, append=len(t_ms)), axis=0).T
    is_told = ~np.isnan(amounts[0])
    return Words(AV, t_ms[is_told], amounts[:, is_told])
