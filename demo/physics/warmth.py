# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The temperature and the moisture of a space, each two minutes, and straight lines in between.

    C dT/dt = Ue (To - T) + Uv (Ts - T) + heat of people, lamps and radiators
    W dw/dt = Qv (wo - w) + Qi (wo - w) + Qd (wc - w) + moisture of people

with T in °C, the heat capacity C of air, furniture and the skin of the walls, the losses Ue through the
façade and Uv by ventilation; w in g/m³, W the volume of the air and of what takes up moisture as if it were
air, and the flows of `demo.physics.air`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.retention import HOUR_MS
from demo.physics.bodies import EFFORTS
from demo.physics.chain import Chain, evaluated
from demo.physics.spans import heaped
from demo.physics.ventilation import (
    infiltration_m3_s,
    open_hours,
    through_door_m3_s,
    ventilation_m3_s,
    volume_m3,
)
from demo.physics.weather import outdoor_c, outdoor_g_m3, saturation_g_m3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bezet.usage.columns import Floats, Ints
    from demo.physics.spans import Span
    from demo.town import Town

STEP_MS = 120_000
#: By square metre of floor, all ours, of an ordinary office: a full meeting room is 1 or 2 °C warmer after an
#: hour, and a night without heating costs 3 to 5 °C in winter.
CAPACITY_J_M2_C = 60_000.0
FACADE_W_M2_C = 0.4
LAMPS_W_M2 = 4.0
#: Radiators: so much for each °C too cold, and not more than that.
RADIATOR_W_M2_C, RADIATOR_MAX_W_M2 = 15.0, 60.0
#: What it shall be while the space is open, and from when on before that, and otherwise.
SET_C, SETBACK_C, PREHEAT_MS = 21.5, 17.0, 2 * HOUR_MS
#: Ventilation blows in air of this temperature, whatever it is outdoors.
SUPPLY_C = 19.0
AIR_J_M3_C = 1_206.0
#: Furniture, carpets and paper take up so many times the moisture that the air does (ours).
BUFFER = 3.0
#: The corridor is as moist as outdoor air, and as people made it: so much more (ours).
CORRIDOR_G_M3 = 0.5


class WarmthTable(NamedTuple):
    """The warmth of a stretch, at each second minute and at its end; all shape (n,)."""

    span: Span
    t_ms: Ints
    temperature_c: Floats
    moisture_g_m3: Floats
    humidity_pct: Floats

    def temperature_at(self, t_ms: Ints) -> Floats:
        """The temperature in °C."""
        return np.interp(t_ms, self.t_ms, self.temperature_c)

    def humidity_at(self, t_ms: Ints) -> Floats:
        """The relative humidity in per cent."""
        return np.interp(t_ms, self.t_ms, self.humidity_pct)


def temperature_c(town: Town, space: str, t_ms: Ints) -> Floats:
    """The true temperature at these rising instants, in °C."""
    return evaluated(lambda week_ms: _week(town, space, week_ms), WarmthTable.temperature_at, t_ms)


def humidity_pct(town: Town, space: str, t_ms: Ints) -> Floats:
    """The true relative humidity at these rising instants, in per cent."""
    return evaluated(lambda week_ms: _week(town, space, week_ms), WarmthTable.humidity_at, t_ms)


@lru_cache(maxsize=128)
def _week(town: Town, space: str, week_ms: int) -> Chain[WarmthTable]:
    return Chain(town, week_ms, lambda span, before: _table(town, space, span, before))


def _table(town: Town, space: str, span: Span, before: WarmthTable | None) -> WarmthTable:
    t_ms = np.arange(span.from_ms, span.to_ms + 1, STEP_MS, dtype=np.int64)
    first_c = SET_C if before is None else float(before.temperature_c[-1])
    first_g_m3 = float(outdoor_g_m3(town, t_ms[:1])[0] if before is None else before.moisture_g_m3[-1])
    temperature = np.fromiter(_temperatures(town, space, span, t_ms, first_c), np.float64, len(t_ms))
    moisture = np.fromiter(_moistures(town, space, span, t_ms, first_g_m3), np.float64, len(t_ms))
    humidity_pct = np.minimum(100 * moisture / saturation_g_m3(temperature), 100.0)
    return WarmthTable(span, t_ms, temperature, moisture, humidity_pct)


def _temperatures(town: Town, space: str, span: Span, t_ms: Ints, first_c: float) -> Iterator[float]:
    """At each step (Euler; the fastest of it, the radiators, takes an hour)."""
    area_m2 = town.building.spaces[space].area_m2
    is_open, is_heated = (
        heaped(((one.from_ms - early_ms, one.to_ms, 1.0) for one in open_hours(town, space, span)), span)
        for early_ms in (0, PREHEAT_MS)
    )
    people = heaped(
        ((one.from_ms, one.to_ms, EFFORTS[one.doing].heat_w) for one in town.stays(space, *span)), span
    )
    blown_w_c = AIR_J_M3_C * ventilation_m3_s(town, space, span).means(t_ms)
    facade_w_c = FACADE_W_M2_C * area_m2
    from_outside_w = facade_w_c * outdoor_c(town, t_ms[:-1]) + blown_w_c * SUPPLY_C
    gains_w = from_outside_w + people.means(t_ms) + LAMPS_W_M2 * area_m2 * is_open.means(t_ms)
    set_c = np.where(is_heated.at(t_ms[:-1]) > 0, SET_C, SETBACK_C)
    step_c_w = STEP_MS / 1000 / (CAPACITY_J_M2_C * area_m2)
    left = 1 - step_c_w * (facade_w_c + blown_w_c)
    radiator, most_c = step_c_w * RADIATOR_W_M2_C * area_m2, step_c_w * RADIATOR_MAX_W_M2 * area_m2
    yield (at_c := first_c)
    for share, gain_c, wanted_c in zip(
        left.tolist(), (step_c_w * gains_w).tolist(), set_c.tolist(), strict=True
    ):
        heat_c = min(radiator * (wanted_c - at_c), most_c) if at_c < wanted_c else 0.0
        at_c = share * at_c + gain_c + heat_c
        yield at_c


def _moistures(town: Town, space: str, span: Span, t_ms: Ints, first_g_m3: float) -> Iterator[float]:
    """At each step (exact for what is constant over it)."""
    people = heaped(
        (
            (one.from_ms, one.to_ms, EFFORTS[one.doing].moisture_mg_s / 1000)
            for one in town.stays(space, *span)
        ),
        span,
    )
    door_m3_s = through_door_m3_s(town, space, span).means(t_ms)
    outdoor_g_m3_ = outdoor_g_m3(town, t_ms[:-1])
    outdoors_m3_s = ventilation_m3_s(town, space, span).means(t_ms) + infiltration_m3_s(town, space)
    flow_m3_s = outdoors_m3_s + door_m3_s
    brought_g_s = flow_m3_s * outdoor_g_m3_ + door_m3_s * CORRIDOR_G_M3 + people.means(t_ms)
    steady_g_m3 = brought_g_s / flow_m3_s
    left = np.exp(-flow_m3_s * (STEP_MS / 1000) / ((1 + BUFFER) * volume_m3(town, space)))
    yield (at_g_m3 := first_g_m3)
    for to_g_m3, share in zip(steady_g_m3.tolist(), left.tolist(), strict=True):
        at_g_m3 = to_g_m3 + (at_g_m3 - to_g_m3) * share
        yield at_g_m3
