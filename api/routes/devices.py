# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Every device and its sensors: how it is, in words too, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException
from pydantic import Field
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response  # noqa: TC002  as above

from api.alarms.words import SENSOR_WORDS, TROUBLE_WORDS
from api.problems import documented
from api.routes.asked import told_language
from api.schemas import DeviceFacts, Instant, Shape, device_facts, instant
from bezet.wire import SensorState, Trouble  # noqa: TC001  pydantic reads the annotations when it runs

if TYPE_CHECKING:
    from api.routes import Sources
    from api.words import Language
    from bezet.wire import Health


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


class DeviceShape(DeviceFacts):
    """Een kastje en hoe het ermee gaat; null wat het nooit heeft gezegd."""

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
        found = [*devices_out(sources, told_language(request, response))]
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
        found = {one.id: one for one in devices_out(sources, told_language(request, response))}
        if deviceId not in found:
            raise HTTPException(404, f"No device {deviceId!r} ever spoke here.")
        return found[deviceId]

    return router


def devices_out(sources: Sources, language: Language) -> list[DeviceShape]:
    """The public shape of every device, in words of a language."""
    now_ms = sources.clock()
    return [
        _device(device_facts(name, health, spaces, last_word_ms, now_ms), health, language)
        for name, health, spaces, last_word_ms in sources.devices()
    ]


def _device(facts: dict[str, Any], health: Health | None, language: Language) -> DeviceShape:
    """A device with what its sensors and troubles mean."""
    return DeviceShape(
        **facts,
        sensors=[
            Sensor(
                id=sensor,
                state=state,
                meaning=getattr(SENSOR_WORDS[state].meaning, language),
                what_to_do=getattr(SENSOR_WORDS[state].what_to_do, language),
            )
            for sensor, state in (sorted(health.sensors.items()) if health else ())
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
