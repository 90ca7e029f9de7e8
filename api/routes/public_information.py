# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is measured here, for everybody to read: made of the configuration in force, and nothing else."""

from __future__ import annotations

from datetime import date  # noqa: TC003  pydantic reads the annotations when it runs
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field

from api.live import MIN_CAPACITY, PRIVATE_CAPACITY
from api.problems import documented
from api.schemas import Instant, Shape, instant
from bezet.model import KINDS, Kind, Level
from bezet.occupancy.evidence import RULE
from bezet.retention import DAY_MS, HOUR_MS, local_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.routes import Sources
    from bezet import model

#: A kind that was not heard for so long is not measured any more.
HEARD_MS = DAY_MS


class MeasuredSpace(Shape):
    """Wat er in een ruimte gemeten wordt."""

    space_id: str
    name: str
    measured: bool
    kinds: list[Kind] = Field(description="Welke soorten metingen het laatste etmaal binnenkwamen.")


class Kept(Shape):
    """Hoe lang iets bewaard wordt."""

    level: Level
    kinds: list[Kind] = Field(description="Welke metingen hieronder vallen; leeg bij wat daaruit volgt.")
    hours: float = Field(description="Zo lang, in uren, op dit moment.")


class Agreement(Shape):
    """De afspraak waaronder langer bewaard mag worden."""

    reference: str
    until: date
    in_force: bool


class PublicInformation(Shape):
    """Wat hier gemeten, bewaard en niet gedaan wordt."""

    at: Instant
    site: str
    name: str
    rule: str = Field(description="De versie van de regels waarmee vrij en bezet bepaald worden.")
    spaces: list[MeasuredSpace]
    kept: list[Kept]
    agreement: Agreement | None
    smallest_shown_capacity: int = Field(
        description="Een ruimte voor minder mensen heeft geen eigen geschiedenis."
    )
    private_capacity: int = Field(
        description="Van een ruimte voor zo weinig mensen wordt nooit gezegd sinds wanneer."
    )


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["sites"])

    @router.get(
        "/public-information",
        summary="Wat hier gemeten wordt, en hoe lang het bewaard blijft",
        description="Gemaakt uit de instellingen die nu gelden.",
        operation_id="readPublicInformation",
        responses=documented(503),
    )
    def public_information() -> PublicInformation:
        now_ms, building = sources.clock(), sources.building
        return PublicInformation(
            at=instant(now_ms),
            site=building.site,
            name=building.name,
            rule=RULE,
            spaces=[_measured(sources, one, now_ms) for one in building.spaces.values()],
            kept=[*_kept(building, now_ms)],
            agreement=_agreement(building, now_ms),
            smallest_shown_capacity=MIN_CAPACITY,
            private_capacity=PRIVATE_CAPACITY,
        )

    return router


def _measured(sources: Sources, space: model.Space, now_ms: int) -> MeasuredSpace:
    kinds: list[Kind] = []
    if space.measured:
        found = sources.store.readings(
            sources.building.site, space.id, start_ms=now_ms - HEARD_MS, end_ms=now_ms + 1
        )
        heard = {source.kind for source in found.sources}
        kinds = [kind for kind in Kind if kind in heard]
    return MeasuredSpace(space_id=space.id, name=space.name, measured=space.measured, kinds=kinds)


def _kept(building: model.Building, now_ms: int) -> Iterator[Kept]:
    for level, before_ms in building.retention.limits(now_ms, building.timezone).items():
        kinds = [kind for kind, bounds in KINDS.items() if bounds.level is level]
        yield Kept(level=level, kinds=kinds, hours=(now_ms - before_ms) / HOUR_MS)


def _agreement(building: model.Building, now_ms: int) -> Agreement | None:
    found = building.retention.agreement
    if found is None:
        return None
    is_in_force = local_day(now_ms, building.timezone) <= found.until
    return Agreement(reference=found.reference, until=found.until, in_force=is_in_force)
