# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A recording in CSV of simulated sensors, so that the demo can replay one without a file from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bezet.model import Kind
from demo.air import Air
from demo.sensing import counted, sees_motion, smelled_ppm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from demo.building_life import SimulatedSpace

ROW_MS = 2_000
LENGTH_MS = 6 * 3_600_000


def recording(
    space: SimulatedSpace, columns: Mapping[str, Kind], first_ms: int, length_ms: int = LENGTH_MS
) -> Iterator[str]:
    """The lines of a recording of the space from `first_ms` on; `columns` names what is recorded."""
    air = Air(space)
    yield ",".join(["time", *columns])
    for t_ms in range(first_ms, first_ms + length_ms, ROW_MS):
        time = datetime.fromtimestamp(t_ms / 1000, UTC).isoformat(timespec="milliseconds")
        cells = (_cell(space, air, kind, t_ms, eye) for eye, kind in enumerate(columns.values(), 1))
        yield ",".join([time, *cells])


def _cell(space: SimulatedSpace, air: Air, kind: Kind, t_ms: int, eye: int) -> str:
    match kind:
        case Kind.MOTION:
            return str(int(sees_motion(space, t_ms, eye)))
        case Kind.PEOPLE_COUNT:
            return str(counted(space, t_ms))
        case Kind.CO2_PPM:
            return f"{smelled_ppm(air.co2_ppm(t_ms), space, t_ms):.0f}"
        case _:
            raise ValueError(f"{kind} is not simulated")
