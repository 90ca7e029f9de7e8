# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every device and its sensors: how it is, in words too, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from pydantic import Field
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response  # noqa: TC002  as above

from api.alarms.words import SENSOR_WORDS, TROUBLE_WORDS
from api.problems import documented
from api.schemas import Instant, Shape, instant
from api.words import Language, asked_language
from bezet.wire import Clock, SensorState, Trouble  # noqa: TC001  pydantic reads the annotations when it runs

if TYPE_CHECKING:
    from api.live import HeardHealth
    from api.routes import Sources


class Sensor(Shape):
    """Een sensor van een kastje: hoe het ermee gaat, en wat u kunt doen."""

    id: str
    state: SensorState
    meaning: str
    what_to_do: str = Field(description="Leeg waar niets te doen is.")


class TroubleShape(Shape):
    """Iets wat er mis is met een kastje."""

    trouble: Trouble
    meaning: str
    what_to_do: str


class DeviceShape(Shape):
    """Een kastje en hoe het ermee gaat; null wat het nooit heeft gezegd."""

    id: str
    online: bool
    last_word: Instant
    age_s: int = Field(description="Hoe lang geleden het iets zei, in hele seconden.")
    clock: Clock | None
    uptime_s: int | None
    queued: int | None = Field(description="Berichten die nog niet in de opslag staan.")
    refused: int | None = Field(description="Berichten die het kastje zelf moest weggooien.")
    version: str | None
    spaces: list[str]
    sensors: list[Sensor]
    troubles: list[TroubleShape]


class Devices(Shape):
    """Alle kastjes van het gebouw die ooit iets zeiden, op naam."""

    at: Instant
    versions: list[str] = Field(description="Welke versies van de software er draaien.")
    items: list[DeviceShape]


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["devices"])

    @router.get(
        "/devices",
        summary="Alle kastjes en hoe het ermee gaat",
        description="De uitleg is Nederlands of Engels, naar `Accept-Language`.",
        operation_id="listDevices",
    )
    async def devices(request: Request, response: Response) -> Devices:
        found = [*_devices(sources, _language(request, response))]
        versions = sorted({one.version for one in found if one.version})
        return Devices(at=instant(sources.clock()), versions=versions, items=found)

    @router.get(
        "/devices/{deviceId}",
        summary="Eén kastje en hoe het ermee gaat",
        description="Hetzelfde als in de lijst, voor één kastje.",
        operation_id="readDevice",
        responses=documented(400, 404),
    )
    async def device(request: Request, response: Response, deviceId: str) -> DeviceShape:  # noqa: N803  as in the JSON
        found = {one.id: one for one in _devices(sources, _language(request, response))}
        if deviceId not in found:
            raise HTTPException(404, f"No device {deviceId!r} ever spoke here.")
        return found[deviceId]

    return router


def _language(request: Request, response: Response) -> Language:
    language = asked_language(request.headers.get("accept-language", ""))
    response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
    return language


def _devices(sources: Sources, language: Language) -> list[DeviceShape]:
    now_ms = sources.clock()
    return [
        _device(name, heard, spaces, sources.board.last_word_ms(name), now_ms, language)
        for name, heard, spaces in sources.board.devices()
    ]


def _device(
    name: str, heard: HeardHealth | None, spaces: list[str], last_ms: int, now_ms: int, language: Language
) -> DeviceShape:
    """A device as it is told of; one that only ever told of its spaces is not online."""
    health = heard.health if heard else None
    sensors = sorted(health.sensors.items()) if health else []
    return DeviceShape(
        id=name,
        online=health.online if health else False,
        last_word=instant(last_ms),
        age_s=max(0, now_ms - last_ms) // 1000,
        clock=health.clock if health else None,
        uptime_s=health.uptime_s if health else None,
        queued=health.queued if health else None,
        refused=health.refused if health else None,
        version=health.version if health else None,
        spaces=spaces,
        sensors=[
            Sensor(
                id=sensor,
                state=state,
                meaning=getattr(SENSOR_WORDS[state].meaning, language),
                what_to_do=getattr(SENSOR_WORDS[state].what_to_do, language),
            )
            for sensor, state in sensors
        ],
        troubles=[
            TroubleShape(
                trouble=trouble,
                meaning=getattr(TROUBLE_WORDS[trouble].meaning, language),
                what_to_do=getattr(TROUBLE_WORDS[trouble].what_to_do, language),
            )
            for trouble in (health.troubles if health else ())
        ],
    )
