# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The site and its floors: when it is open, and where each space is."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException
from pydantic import Field, PlainSerializer, WithJsonSchema

from api.problems import documented
from api.schemas import Shape
from bezet.building import WEEKDAYS
from bezet.model import AreaType, SpaceKind  # noqa: TC001  pydantic reads the annotations when it runs
from bezet.retention import local_day

if TYPE_CHECKING:
    from api.routes import Sources
    from bezet import model


#: A time on the wall of the building: without an offset, which changes twice a year.
LocalTime = Annotated[
    time,
    PlainSerializer(lambda at: at.strftime("%H:%M:%S"), return_type=str),
    WithJsonSchema({"type": "string", "format": "time-local", "examples": ["08:00:00"]}),
]


class Opening(Shape):
    """Op welke dag van de week open, van wanneer tot wanneer."""

    weekday: str = Field(description="mon, tue, wed, thu, fri, sat of sun.")
    opens: LocalTime = Field(description="Tijd van het gebouw.")
    closes: LocalTime


class Site(Shape):
    """Eén gebouw."""

    id: str
    name: str
    timezone: str
    openings: list[Opening]
    holidays: list[date] = Field(description="Dagen waarop het gebouw dicht is.")
    floors: list[str]


class Sites(Shape):
    """De gebouwen die dit venster kent: één."""

    items: list[Site]


class PlacedSpace(Shape):
    """Een ruimte op haar verdieping."""

    id: str
    name: str
    kind: SpaceKind
    capacity: int
    area_m2: float
    area_type: AreaType = Field(description="NEN 2580: netto, bruto of verhuurbaar.")
    measured: bool = Field(description="Onwaar in de privacystand: dan wordt niets gemeten.")
    corners: list[tuple[float, float]] = Field(
        description="Hoekpunten op de plattegrond in meters, x naar rechts en y omlaag; leeg zonder tekening."
    )
    openings: list[Opening] = Field(description="Eigen openingstijden; leeg waar die van het gebouw gelden.")


class Floor(Shape):
    """Een verdieping en haar ruimtes."""

    id: str
    name: str
    spaces: list[PlacedSpace]


class Floors(Shape):
    """De verdiepingen, in de volgorde van het gebouwbestand."""

    items: list[Floor]


def routes(sources: Sources) -> APIRouter:
    """The routes of these resources."""
    router = APIRouter(tags=["sites"])
    building = sources.building

    @router.get("/sites", summary="De gebouwen", operation_id="listSites", description="Eén, in deze versie.")
    async def sites() -> Sites:
        return Sites(items=[_site(building)])

    @router.get(
        "/sites/{siteId}",
        summary="Eén gebouw: openingstijden, sluitdagen, verdiepingen",
        description="Tijden zijn die van het gebouw.",
        operation_id="readSite",
        responses=documented(400, 404),
    )
    async def site(siteId: str) -> Site:  # noqa: N803  the name in the path is the name in the JSON
        if siteId != building.site:
            raise HTTPException(404, f"There is no site {siteId!r} here.")
        return _site(building)

    @router.get(
        "/floors",
        summary="De verdiepingen en wat erop ligt",
        description="Met de omtrek van elke ruimte, zoals het gebouwbestand haar geeft.",
        operation_id="listFloors",
    )
    async def floors() -> Floors:
        return Floors(items=[_floor(sources, one) for one in building.floors])

    @router.get(
        "/floors/{floorId}",
        summary="Eén verdieping en wat erop ligt",
        description="Hetzelfde als in de lijst, voor één verdieping.",
        operation_id="readFloor",
        responses=documented(400, 404),
    )
    async def floor(floorId: str) -> Floor:  # noqa: N803  as above
        found = next((one for one in building.floors if one.id == floorId), None)
        if found is None:
            raise HTTPException(404, f"There is no floor {floorId!r} in this building.")
        return _floor(sources, found)

    return router


def _site(building: model.Building) -> Site:
    return Site(
        id=building.site,
        name=building.name,
        timezone=building.timezone.key,
        openings=_openings(building.hours),
        holidays=sorted(building.holidays),
        floors=[one.id for one in building.floors],
    )


def _openings(hours: model.Hours | None) -> list[Opening]:
    return [
        Opening(weekday=WEEKDAYS[day], opens=opens, closes=closes)
        for day, (opens, closes) in sorted((hours or {}).items())
    ]


def _floor(sources: Sources, floor: model.Floor) -> Floor:
    today = local_day(sources.clock(), sources.building.timezone)
    here = [one for one in sources.building.spaces.values() if one.floor == floor.id]
    return Floor(
        id=floor.id,
        name=floor.name,
        spaces=[
            PlacedSpace(
                id=one.id,
                name=one.name,
                kind=one.layout_on(today).kind,
                capacity=one.layout_on(today).capacity,
                area_m2=one.area_m2,
                area_type=one.area_type,
                measured=one.measured,
                corners=[*one.polygon],
                openings=_openings(one.hours),
            )
            for one in here
        ],
    )
