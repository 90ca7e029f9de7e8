# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The carbon dioxide in a space: the mass balance of a well-mixed zone.

    V dC/dt = Qv (Co - C) + Qi (Co - C) + Qd (Cc - C) + 1e6 G

with C in ppm, the volume V in m³, the flows of ventilation, infiltration and door in m³/s, Co outdoors, Cc in
the corridor, and G in m³/s of all people there. Between two changes of these C approaches a steady level by
an exponential, which is the exact solution (Batterman 2017, eq. 16).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.physics.bodies import breath_m3_s
from demo.physics.chain import Chain, evaluated, tables
from demo.physics.spans import heaped
from demo.physics.ventilation import (
    CORRIDOR_PPM,
    infiltration_m3_s,
    through_door_m3_s,
    ventilation_m3_s,
    volume_m3,
)
from demo.physics.weather import HOUR_MS, outdoor_ppm

if TYPE_CHECKING:
    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.town import Town


class Flows(NamedTuple):
    """What changes the air, from each instant of a table on; all shape (n,) but for infiltration."""

    ventilation_m3_s: Floats
    infiltration_m3_s: float
    door_m3_s: Floats
    outdoor_ppm: Floats
    corridor_ppm: Floats
    breath_m3_s: Floats


class AirTable(NamedTuple):
    """The air of a stretch: from `t_ms[n]` on it goes from `co2_ppm[n]` towards `steady_ppm[n]`.

    `rate_per_s[n]` is how fast; shape (n,), but `co2_ppm` has one more, which is that at the end.
    """

    span: Span
    t_ms: Ints
    co2_ppm: Floats
    steady_ppm: Floats
    rate_per_s: Floats
    volume_m3: float
    flows: Flows

    def at(self, t_ms: Ints) -> Floats:
        """The concentration at rising instants of the stretch, in ppm."""
        here = np.searchsorted(t_ms, self.t_ms)
        place = np.repeat(np.arange(len(here)), np.diff(here, append=len(t_ms)))
        away_ppm = self.co2_ppm[:-1] - self.steady_ppm
        seconds = (t_ms - self.t_ms[place]) / 1000
        return np.asarray(
            self.steady_ppm[place] + away_ppm[place] * np.exp(-self.rate_per_s[place] * seconds)
        )


class Balance(NamedTuple):
    """Where the carbon dioxide of a span of time came from and went to, in litres at 24 °C."""

    generated_l: float
    ventilated_l: float
    infiltrated_l: float
    through_door_l: float
    stored_l: float


def co2_ppm(town: Town, space: str, t_ms: Ints) -> Floats:
    """The true concentration at these rising instants."""
    return evaluated(lambda week_ms: _week(town, space, week_ms), AirTable.at, t_ms)


def balance(town: Town, space: str, start_ms: int, end_ms: int) -> Balance:
    """What people breathed out, what left by each way, and what is more in the space at the end."""
    parts = [
        _balance(table, max(start_ms, table.span.from_ms), min(end_ms, table.span.to_ms))
        for table in tables(lambda week_ms: _week(town, space, week_ms), start_ms, end_ms)
    ]
    return Balance(*(sum(part) for part in zip(*parts, strict=True)))


@lru_cache(maxsize=128)
def _week(town: Town, space: str, week_ms: int) -> Chain[AirTable]:
    return Chain(town, week_ms, lambda span, before: _table(town, space, span, before))


def _table(town: Town, space: str, span: Span, before: AirTable | None) -> AirTable:
    t_ms, flows = _flows(town, space, span)
    volume = volume_m3(town, space)
    outdoors_m3_s = flows.ventilation_m3_s + flows.infiltration_m3_s
    flow_m3_s = outdoors_m3_s + flows.door_m3_s
    brought = outdoors_m3_s * flows.outdoor_ppm + flows.door_m3_s * flows.corridor_ppm
    steady_ppm = (brought + 1e6 * flows.breath_m3_s) / flow_m3_s
    rate_per_s = flow_m3_s / volume
    left = np.exp(-rate_per_s * np.diff(t_ms, append=span.to_ms) / 1000)
    first_ppm = float(flows.outdoor_ppm[0]) if before is None else float(before.co2_ppm[-1])
    steps = zip(steady_ppm.tolist(), left.tolist(), strict=True)
    reached = accumulate(steps, lambda ppm, to: to[0] + (ppm - to[0]) * to[1], initial=first_ppm)
    return AirTable(span, t_ms, np.array(list(reached)), steady_ppm, rate_per_s, volume, flows)


def _flows(town: Town, space: str, span: Span) -> tuple[Ints, Flows]:
    """The instants of a stretch at which something changes, and what it is from then on."""
    blown, door = ventilation_m3_s(town, space, span), through_door_m3_s(town, space, span)
    people = heaped(
        (
            (stay.from_ms, stay.to_ms, breath_m3_s(town.seed, stay.person, stay.doing))
            for stay in town.stays(space, *span)
        ),
        span,
    )
    hours_ms = np.arange(span.from_ms, span.to_ms, HOUR_MS, dtype=np.int64)
    t_ms = np.unique(np.concatenate((blown.t_ms, door.t_ms, people.t_ms, hours_ms)))
    ventilation = blown.at(t_ms)
    outdoor = outdoor_ppm(town, t_ms)
    corridor = np.where(ventilation > 0, outdoor + CORRIDOR_PPM, outdoor)
    leaks = infiltration_m3_s(town, space)
    return t_ms, Flows(ventilation, leaks, door.at(t_ms), outdoor, corridor, people.at(t_ms))


def _balance(table: AirTable, from_ms: int, to_ms: int) -> Balance:
    """The balance of a part of one stretch; a ppm of a cubic metre is a millilitre."""
    flows = table.flows
    edges_ms = np.clip(np.append(table.t_ms, table.span.to_ms), from_ms, to_ms)
    seconds = np.diff(edges_ms) / 1000
    first_ppm = table.at(edges_ms[:-1])
    gone = -np.expm1(-table.rate_per_s * seconds) / table.rate_per_s
    exposure = table.steady_ppm * seconds + (first_ppm - table.steady_ppm) * gone
    above_outdoor = exposure - flows.outdoor_ppm * seconds
    first, last = table.at(np.array([from_ms, to_ms]))
    return Balance(
        generated_l=1e3 * float(flows.breath_m3_s @ seconds),
        ventilated_l=1e-3 * float(flows.ventilation_m3_s @ above_outdoor),
        infiltrated_l=1e-3 * float(flows.infiltration_m3_s * above_outdoor.sum()),
        through_door_l=1e-3 * float(flows.door_m3_s @ (exposure - flows.corridor_ppm * seconds)),
        stored_l=1e-3 * table.volume_m3 * float(last - first),
    )
