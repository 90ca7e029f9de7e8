# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How people say that spaces were: an answer comes in, and counts come out that name no small group."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotations when it runs

from api.access.caller import caller_of
from api.book.feedback import read_answers
from api.feedback.answers import Face, FeedbackReason
from api.feedback.periods import FEWEST, LEAST_BASE, periods
from api.live import MIN_CAPACITY
from api.problems import Refused, documented
from api.routes.asked import asked_span, known_space, may_show
from api.schemas import Instant, Shape, SpanQuery, in_ms, instant
from bezet.model import Level
from bezet.retention import day_begins_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from api.feedback.periods import Hour, Period
    from api.routes import Sources
    from bezet import model

MAX_SPAN, USUAL_SPAN = timedelta(days=400), timedelta(days=92)
_ABOUT_ANSWER = """
Eén antwoord over een ruimte, zonder naam en zonder tekst. Het wordt geteld in het uur van nu; van wie het
komt, wordt niet bewaard. Eén adres mag een paar keer achter elkaar antwoorden (429). Een ruimte die niet
gemeten wordt of te klein is om los te tonen, neemt geen antwoorden aan (403).
"""
_ABOUT_COUNTS = f"""
Per ruimte en per periode van hele dagen. Een periode duurt tot er {FEWEST} antwoorden zijn; elke maand
begint opnieuw, vandaag telt nog niet, en een rest die te klein is, blijft weg. Perioden die in de gevraagde
tijd vallen, komen heel. Een aandeel staat er vanaf {LEAST_BASE} antwoorden. Een ruimte voor minder dan
{MIN_CAPACITY} mensen komt er niet in voor, en wie haar noemt krijgt 403.
"""


class NewAnswer(BaseModel):
    """What somebody says of a space; anything else is refused."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    space_id: str = Field(max_length=64)
    face: Face
    reason: FeedbackReason | None = None


class CountedAnswer(Shape):
    """Een antwoord zoals het geteld is."""

    space_id: str
    face: Face
    reason: FeedbackReason | None
    hour: Instant = Field(description="Het begin van het uur waarin het meetelt.")


class FaceCount(Shape):
    """Hoe vaak een gezicht gekozen is."""

    face: Face
    answers: int
    share: float | None = Field(description=f"Aandeel, 0 tot 1; null onder {LEAST_BASE} antwoorden.")


class ReasonCount(Shape):
    """Hoe vaak een reden gekozen is."""

    reason: FeedbackReason
    answers: int
    share: float | None = Field(description=f"Aandeel van alle antwoorden; null onder {LEAST_BASE}.")


class FeedbackPeriod(Shape):
    """Hele dagen van het gebouw, en wat er in die dagen gezegd is."""

    start: Instant
    end: Instant
    answers: int
    faces: list[FaceCount]
    reasons: list[ReasonCount]


class SpaceFeedback(Shape):
    """Wat er over één ruimte gezegd is."""

    space_id: str
    periods: list[FeedbackPeriod]


class Feedback(Shape):
    """Wat er over ruimtes gezegd is, in aantallen."""

    start: Instant = Field(serialization_alias="from")
    end: Instant = Field(serialization_alias="to")
    fewest: int = Field(description="Minder antwoorden worden niet getoond.")
    spaces: list[SpaceFeedback]


class FeedbackQuery(SpanQuery):
    """What may be asked of feedback; anything else is refused."""

    space_id: str | None = Field(None, alias="spaceId", max_length=64, description="Alleen deze ruimte.")
    start: Instant | None = Field(
        None, alias="from", description="Begin, RFC 3339 met offset; anders 92 dagen voor het eind."
    )


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["feedback"])

    @router.post(
        "/feedback",
        summary="Zeg hoe een ruimte was",
        description=_ABOUT_ANSWER,
        operation_id="createFeedback",
        status_code=201,
        responses=documented(400, 403, 404, 415, 429, 503),
    )
    def answer(request: Request, answer: NewAnswer) -> CountedAnswer:
        space = known_space(sources, answer.space_id, "body")
        wait_s = sources.feedback.put(space, answer.face, answer.reason, caller_of(request).origin)
        if wait_s:
            headers = {"Retry-After": str(math.ceil(wait_s))}
            raise HTTPException(429, "A few answers for this space came from this address just now.", headers)
        hour = instant(sources.feedback.hour_ms(sources.clock()))
        return CountedAnswer(space_id=space.id, face=answer.face, reason=answer.reason, hour=hour)

    @router.get(
        "/feedback",
        summary="Wat er over ruimtes gezegd is",
        description=_ABOUT_COUNTS,
        operation_id="listFeedback",
        responses=documented(400, 403, 503),
    )
    def counts(query: Annotated[FeedbackQuery, Query()]) -> Feedback:
        start, end = asked_span(query, instant(sources.clock()), MAX_SPAN, USUAL_SPAN)
        if query.space_id is not None:
            space = known_space(sources, query.space_id, "query")
            may_show(sources, space, start, end)
            spaces = [space]
        else:
            spaces = [one for one in sources.building.spaces.values() if _is_shown(sources, one, start, end)]
        return Feedback(start=start, end=end, fewest=FEWEST, spaces=[*_told(sources, spaces, start, end)])

    return router


def _is_shown(sources: Sources, space: model.Space, start: datetime, end: datetime) -> bool:
    try:
        may_show(sources, space, start, end)
    except Refused:
        return False
    return True


def _told(
    sources: Sources, spaces: Sequence[model.Space], start: datetime, end: datetime
) -> Iterator[SpaceFeedback]:
    for space, told in told_in(sources, spaces, start, end):
        yield SpaceFeedback(space_id=space.id, periods=[_shape(one) for one in told])


def told_in(
    sources: Sources, spaces: Sequence[model.Space], start: datetime, end: datetime
) -> Iterator[tuple[model.Space, list[Period]]]:
    """The periods that lie in the span in part or whole, of the months that are kept in whole."""
    building, now_ms = sources.building, sources.clock()
    found = _months(sources, start, end)
    for space in spaces:
        told = periods(
            found.get(space.id, []),
            building.timezone,
            now_ms,
            lambda day, space=space: space.layout_on(day).capacity >= MIN_CAPACITY,  # type: ignore[misc]
        )
        yield space, [one for one in told if one.start_ms < in_ms(end) and one.end_ms > in_ms(start)]


def _months(sources: Sources, start: datetime, end: datetime) -> Mapping[str, list[Hour]]:
    """All answers of the months that the span touches; a month of which a part is gone would be cut anew."""
    building, now_ms = sources.building, sources.clock()
    first, last = (one.astimezone(building.timezone).date().replace(day=1) for one in (start, end))
    kept_ms = building.retention.limits(now_ms, building.timezone)[Level.FACTS]
    kept = instant(kept_ms - 1).astimezone(building.timezone).date().replace(day=1)
    begins = max(first, _next_month(kept))
    return read_answers(
        sources.book,
        start_ms=day_begins_ms(begins, building.timezone),
        end_ms=day_begins_ms(_next_month(last), building.timezone),
    )


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _shape(period: Period) -> FeedbackPeriod:
    base = period.answers

    def share(answers: int) -> float | None:
        return answers / base if base >= LEAST_BASE else None

    faces, reasons = period.faces, period.reasons
    return FeedbackPeriod(
        start=instant(period.start_ms),
        end=instant(period.end_ms),
        answers=base,
        faces=[FaceCount(face=one, answers=faces[one], share=share(faces[one])) for one in Face],
        reasons=[
            ReasonCount(reason=one, answers=reasons[one], share=share(reasons[one]))
            for one in FeedbackReason
            if reasons[one]
        ],
    )
