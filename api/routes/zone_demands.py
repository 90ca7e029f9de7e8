# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What each space needs of the building, for the systems that ventilate and heat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field

from api.demand.publishing import needs
from api.schemas import Instant, Shape, instant, maybe_instant
from bezet.messages import Need  # noqa: TC001  pydantic reads the annotations when it runs

if TYPE_CHECKING:
    from api.routes import Sources

_ABOUT = """
`occupied`, `expected` (binnenkort geboekt, of geboekt en nog niet gebruikt), `empty` of `unknown`. Onbekend
is niet leeg: doe dan wat het gebouw zonder ons zou doen. Hetzelfde staat op de broker waar dat aanstaat.
"""


class ZoneDemand(Shape):
    """Wat een ruimte van het gebouw nodig heeft."""

    space_id: str
    need: Need
    people: float | None = Field(description="Schatting; null waar niets telt.")
    people_low: float | None
    people_high: float | None
    since: Instant | None
    until: Instant | None = Field(description="Bij `expected`: wanneer de boeking begint, of eindigt.")


class ZoneDemands(Shape):
    """Wat alle ruimtes nodig hebben, in de volgorde van het gebouwbestand."""

    at: Instant
    items: list[ZoneDemand]


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/zone-demands",
        summary="Wat de ruimtes van ventilatie en verwarming nodig hebben",
        description=_ABOUT,
        operation_id="listZoneDemands",
    )
    async def zone_demands() -> ZoneDemands:
        now_ms = sources.clock()
        found = needs(sources.feed, sources.building, sources.settings.demand, now_ms)
        return ZoneDemands(
            at=instant(now_ms),
            items=[
                ZoneDemand(
                    space_id=one.space,
                    need=one.need,
                    people=one.people,
                    people_low=one.people_low,
                    people_high=one.people_high,
                    since=maybe_instant(one.since_ms),
                    until=maybe_instant(one.until_ms),
                )
                for one in found
            ],
        )

    return router
