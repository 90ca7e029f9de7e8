# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Alarms: what is wrong, what to do about it, and who said that they know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs
from starlette.responses import Response  # noqa: TC002  as above

from api.access.caller import caller_of
from api.alarms.rules import AlarmKind, Of, Why
from api.alarms.shapes import AlarmShape, AlarmState, shape_of
from api.paging import PageQuery, cursor_of
from api.problems import Refused, documented
from api.routes.asked import known_space, told_language, wrong
from api.schemas import Instant, Shape, in_ms, instant
from bezet.hours import next_opening_ms
from bezet.retention import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.access.caller import Caller
    from api.alarms.judging import Alarm
    from api.book.alarms import Mute
    from api.routes import Sources

#: Nothing is muted for longer: who comes after must find it again.
LONGEST_MUTE_MS = 92 * DAY_MS
_ABOUT = """
Wat nog niet over is, staat voorop, en dan het nieuwste. Wie bladert, krijgt elk alarm dat gelijk blijft één
keer, wat er ook bij komt of verandert; een dat intussen overgaat, kan nog eens komen, en een dat intussen
terugkomt, staat weer vooraan. De uitleg is Nederlands of Engels, naar `Accept-Language`. Zolang de opslag of
de broker weg is, blijft staan wat niemand nu weten kan.
"""
_ABOUT_CHANGE = """
`acknowledged`: iemand weet ervan, tot het over is. `mutedUntil`: er wordt niets meer van gezegd tot dan, ook
als het terugkomt; `nextWorkingDay` is tot het gebouw weer opengaat, null is weer wel. De reden is er een van
een vaste lijst, omdat vrije tekst over mensen kan gaan.
"""


class AlarmsQuery(PageQuery):
    """Which alarms are asked for; anything else is refused."""

    numbers: ClassVar[int] = 3

    state: list[AlarmState] = Field([], description="Alleen die zo staan; anders alle.")
    kind: list[AlarmKind] = Field([], description="Alleen deze soorten; anders alle.")
    space_id: str | None = Field(None, alias="spaceId", max_length=64, description="Alleen van deze ruimte.")


class AlarmsShape(Shape):
    """Een bladzijde met alarmen."""

    at: Instant
    open: int = Field(description="Hoeveel er open staan.")
    items: list[AlarmShape]
    next_cursor: str | None = Field(description="Waar de volgende bladzijde begint; null aan het eind.")


class AlarmChange(BaseModel):
    """What somebody says of an alarm; anything else is refused."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    reason: Why
    acknowledged: bool | None = None
    muted_until: Instant | Literal["nextWorkingDay"] | None = None


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["alarms"])

    @router.get(
        "/alarms",
        summary="Wat er mis is, en wat te doen",
        description=_ABOUT,
        operation_id="listAlarms",
        responses=documented(400, 503),
    )
    def alarms(request: Request, response: Response, query: Annotated[AlarmsQuery, Query()]) -> AlarmsShape:
        if query.space_id is not None:
            known_space(sources, query.space_id, "query")
        language = told_language(request, response)
        found = [
            (_place(one), shape_of(one, mute, sources.building, language))
            for one, mute in sources.alarms.alarms()
        ]
        page = [(place, one) for place, one in found if _fits(one, query) and _is_after(place, query.place)]
        return AlarmsShape(
            at=instant(sources.clock()),
            open=sum(one.state is AlarmState.OPEN for _, one in found),
            items=[one for _, one in page[: query.limit]],
            next_cursor=cursor_of(*page[query.limit - 1][0]) if len(page) > query.limit else None,
        )

    @router.get(
        "/alarms/{alarmId}",
        summary="Eén alarm",
        description="Hetzelfde als in de lijst, voor één alarm.",
        operation_id="readAlarm",
        responses=documented(400, 404, 503),
    )
    def alarm(request: Request, response: Response, alarmId: str) -> AlarmShape:  # noqa: N803  the name in the path is that in the JSON
        language = told_language(request, response)
        return shape_of(*_found(sources, alarmId), sources.building, language)

    @router.patch(
        "/alarms/{alarmId}",
        summary="Zeg dat u ervan weet, of zet het stil",
        description=_ABOUT_CHANGE,
        operation_id="changeAlarm",
        responses=documented(400, 404, 409, 415, 503),
    )
    def change(request: Request, response: Response, alarmId: str, change: AlarmChange) -> AlarmShape:  # noqa: N803  as above
        change_alarm(sources, caller_of(request), alarmId, change)
        language = told_language(request, response)
        return shape_of(*_found(sources, alarmId), sources.building, language)

    return router


def _place(alarm: Alarm) -> tuple[int, int, int]:
    """Where an alarm stands in the list: those that are not over first, then the newest, then by id."""
    return int(alarm.ended_ms is not None), alarm.since_ms, int(alarm.id, 16)


def _is_after(place: tuple[int, int, int], asked: Sequence[int] | None) -> bool:
    """Whether something stands behind the place at which the page before ended."""
    if asked is None:
        return True
    (over, since_ms, number), (asked_over, asked_since_ms, asked_number) = place, asked
    return (over, -since_ms, number) > (asked_over, -asked_since_ms, asked_number)


def change_alarm(sources: Sources, caller: Caller, alarm_id: str, change: AlarmChange) -> None:
    """Do what somebody says of an alarm, and write down who."""
    found, _ = _found(sources, alarm_id)
    _apply(sources, found, change)
    what = change.model_dump_json(by_alias=True, exclude_unset=True)
    about = f"{found.key.kind} {found.key.subject}"
    sources.write_down(caller, f"alarm {what}", about, "done")


def _found(sources: Sources, alarm_id: str) -> tuple[Alarm, Mute | None]:
    found = next((one for one in sources.alarms.alarms() if one[0].id == alarm_id), None)
    if found is None:
        raise HTTPException(404, f"There is no alarm {alarm_id!r}, or not any more.")
    return found


def _apply(sources: Sources, alarm: Alarm, change: AlarmChange) -> None:
    asked = change.model_fields_set
    if not asked & {"acknowledged", "muted_until"}:
        raise wrong("body", "acknowledged", "or mutedUntil must be there")
    until_ms = _until_ms(sources, change) if "muted_until" in asked else None
    if "acknowledged" in asked:
        if alarm.ended_ms is not None:
            raise Refused(409, "alarm-is-over", "It is over", "An alarm that is over needs nobody any more.")
        sources.alarms.acknowledge(alarm, change.reason if change.acknowledged else None)
    if "muted_until" in asked:
        sources.alarms.mute(alarm, until_ms, change.reason)


def _until_ms(sources: Sources, change: AlarmChange) -> int | None:
    until, now_ms = change.muted_until, sources.clock()
    if until is None:
        return None
    if until == "nextWorkingDay":
        return next_opening_ms(sources.building, now_ms) or now_ms + LONGEST_MUTE_MS
    until_ms = in_ms(until)
    if not now_ms < until_ms <= now_ms + LONGEST_MUTE_MS:
        raise wrong("body", "mutedUntil", f"must lie ahead, at most {LONGEST_MUTE_MS // DAY_MS} days")
    return until_ms


def _fits(shape: AlarmShape, query: AlarmsQuery) -> bool:
    return (
        (not query.state or shape.state in query.state)
        and (not query.kind or shape.kind in query.kind)
        and (query.space_id is None or (shape.of is Of.SPACE and shape.subject == query.space_id))
    )
