# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which sensors hang where in the demo: a building file to agents with simulated sensors, and recordings."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from bezet.errors import CannotStart
from bezet.model import Kind, SpaceKind
from demo.building_life import SimulatedSpace, tables, walks_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bezet.model import Building


class Hung(NamedTuple):
    """A sensor that hangs in a space, asked every `every_s` seconds; `eye` tells two motion sensors apart."""

    measures: Kind
    every_s: int
    eye: int = 0

    @property
    def name(self) -> str:
        """Its name among the sensors of its space."""
        return f"{self.measures.value.partition('_')[0]}{self.eye or ''}"


DRIVERS: Mapping[Kind, str] = {
    Kind.MOTION: "simulated-motion",
    Kind.PEOPLE_COUNT: "simulated-count",
    Kind.CO2_PPM: "simulated-co2",
}
_MOTION, _COUNT, _CO2 = Hung(Kind.MOTION, 1), Hung(Kind.PEOPLE_COUNT, 1), Hung(Kind.CO2_PPM, 10)
SENSORS: Mapping[SpaceKind, tuple[Hung, ...]] = {
    SpaceKind.FOCUS: (_MOTION,),
    SpaceKind.MEETING: (_COUNT, _CO2),
    SpaceKind.HYBRID: (_COUNT, _CO2),
    SpaceKind.CREATIVE: (_MOTION, _CO2),
    SpaceKind.SOCIAL: (_COUNT, _CO2),
    SpaceKind.DESKS: (_MOTION._replace(eye=1), _MOTION._replace(eye=2)),
    SpaceKind.PHONE: (_COUNT,),
}

SPACES_PER_AGENT = 4
#: Of so many measured spaces one is played from a recording, up to the most.
SPACES_PER_RECORDING = 5
MOST_RECORDINGS = 2

#: A new visitor must see spaces change at once: so many spaces must get their first people within this time.
EARLY_SPACES = 2
EARLY_MS = (3_000, 8_000)
SEEDS_TO_TRY = 2_000


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent: the name of its device, and the spaces in which its sensors hang."""

    device: str
    spaces: tuple[SimulatedSpace, ...]


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """One recording that is played: the name of its device, and the space that it was recorded in."""

    device: str
    space: SimulatedSpace

    @property
    def columns(self) -> Mapping[str, Kind]:
        """What was recorded: the columns of the file."""
        return {hung.name: hung.measures for hung in SENSORS[self.space.kind]}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that measures in the demo, of one site."""

    site: str
    agents: tuple[AgentPlan, ...]
    recordings: tuple[RecordingPlan, ...]

    @property
    def measured(self) -> int:
        """How many spaces are measured."""
        return sum(len(agent.spaces) for agent in self.agents) + len(self.recordings)


def make_plan(building: Building, today: date, now_ms: int, seed: int | None = None) -> Plan:
    """Share the measured spaces out; without a seed, take one with which something happens soon."""
    measured = [space for space in building.spaces.values() if space.measured]
    if not measured:
        raise CannotStart("no space in the building file is measured, so there is nothing to show")
    recorded = [space.id for space in measured[SPACES_PER_RECORDING - 2 :: SPACES_PER_RECORDING]]
    recorded = recorded[:MOST_RECORDINGS]
    floors, spaces = {}, []
    for space in measured:
        layout = space.layout_on(today)
        floors[space.id] = space.floor
        spaces.append(SimulatedSpace(space.id, layout.kind, layout.capacity, space.area_m2, seed or 1))
    live = [space for space in spaces if space.id not in recorded]
    chosen = lively_seed(live, now_ms) if seed is None else seed
    spaces = [replace(space, seed=chosen) for space in spaces]
    groups = _groups([space for space in spaces if space.id not in recorded], floors)
    return Plan(
        site=building.site,
        agents=tuple(AgentPlan(f"demo-pi-{number}", group) for number, group in enumerate(groups, 1)),
        recordings=tuple(
            RecordingPlan(f"demo-recording-{number}", space)
            for number, space in enumerate((space for space in spaces if space.id in recorded), 1)
        ),
    )


def _groups(
    spaces: Sequence[SimulatedSpace], floors: Mapping[str, str]
) -> Iterable[tuple[SimulatedSpace, ...]]:
    """The spaces of each floor in groups that one agent can serve."""
    for _, floor in groupby(sorted(spaces, key=lambda one: floors[one.id]), lambda one: floors[one.id]):
        here = tuple(floor)
        for first in range(0, len(here), SPACES_PER_AGENT):
            yield here[first : first + SPACES_PER_AGENT]


def lively_seed(spaces: Sequence[SimulatedSpace], now_ms: int) -> int:
    """The first seed with which people walk into empty spaces in the first seconds; 1 if there is none."""
    rooms = [space for space in spaces if len(tables(space)) == 1]
    for seed in range(1, SEEDS_TO_TRY):
        early = (walks_in(replace(room, seed=seed), now_ms, within_ms=EARLY_MS) for room in rooms)
        if sum(early) >= EARLY_SPACES:
            return seed
    return 1


def agent_config(plan: AgentPlan, site: str, broker: str, state_folder: Path) -> str:
    """The configuration of an agent, as somebody would write it for a Pi."""
    lines = [
        "# Written by `bezet demo` at each start.",
        "[agent]",
        # The computer of whoever tries this knows the time well enough.
        *_pairs(site=site, device=plan.device, broker=broker, state_folder=str(state_folder), clock="system"),
    ]
    for space in plan.spaces:
        for hung in SENSORS[space.kind]:
            eye = {"eye": hung.eye} if hung.eye else {}
            named = {"id": f"{hung.name}-{space.id}"[:64], "space": space.id}
            lines += ["", "[[sensor]]", *_pairs(**named, driver=DRIVERS[hung.measures], every_s=hung.every_s)]
            lines += _pairs(
                simulates=space.id,
                kind=space.kind.value,
                capacity=space.capacity,
                area_m2=space.area_m2,
                seed=space.seed,
                **eye,
            )
    return "\n".join(lines) + "\n"


def _pairs(**pairs: str | float) -> list[str]:
    """Lines of TOML; text as JSON writes it is text in TOML too."""
    return [f"{key} = {json.dumps(found, ensure_ascii=False)}" for key, found in pairs.items()]
