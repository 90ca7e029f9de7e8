# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The public JSON shapes: camelCase, instants in UTC with a Z, null for what is not known."""

# ruff: noqa: TC001  pydantic reads the annotations when it runs

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    field_validator,
)
from pydantic.alias_generators import to_camel

from api.live import Reason, Shown
from bezet.model import Because, Occupancy, SpaceKind
from bezet.usage.air import AirClass
from bezet.usage.facts import FACTS
from bezet.wire import Clock, Health, SensorState, Trouble

if TYPE_CHECKING:
    from api.live import SpaceNow
    from api.notice import Notice
    from bezet.occupancy.zones import Interval

# --- instants --------------------------------------------------------------------------------------------

_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3])(:[0-5]\d:[0-5]\d(?:\.\d{1,9})?)(?:([Zz])|([+ -])(\d\d:\d\d))"
)


def parse_instant(text: object) -> datetime:
    """An RFC 3339 date-time with any offset, in UTC; raises ValueError saying what is wanted.

    A space is taken for the plus of an offset: that is what a plus is in a query that was not encoded.
    """
    found = _RFC_3339.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("needs a date-time with an offset, such as 2026-11-23T09:00:00Z or …T10:00:00+01:00")
    day, hour, rest, zulu, sign, offset = found.groups()
    whole, _, fraction = rest.partition(".")
    zone = "+00:00" if zulu else f"{sign.replace(' ', '+')}{offset}"
    try:
        instant = datetime.fromisoformat(f"{day}T{hour}{whole}.{fraction:0<6.6}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no day, hour or offset that exists") from None
    if instant.year < 1970:
        raise ValueError("lies before 1970")
    return instant


def shown_instant(instant: datetime) -> str:
    """The instant in UTC with milliseconds, as in 2026-11-23T09:00:00.000Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    BeforeValidator(lambda found: found if isinstance(found, datetime) else parse_instant(found)),
    PlainSerializer(shown_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T09:00:00.000Z"]}),
]


def instant(t_ms: int) -> datetime:
    """Milliseconds since 1970 UTC as an instant."""
    return datetime.fromtimestamp(t_ms / 1000, UTC)


def maybe_instant(t_ms: int | None) -> datetime | None:
    """The same where there may be none."""
    return None if t_ms is None else instant(t_ms)


def in_ms(instant: datetime) -> int:
    """An instant as whole milliseconds since 1970 UTC; the rest is cut off."""
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


class By(StrEnum):
    """How long a period of facts is, in the site's own time."""

    QUARTER = "quarter"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Shape(BaseModel):
    """What all shapes have in common."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True, frozen=True
    )


# --- spaces ----------------------------------------------------------------------------------------------


class Space(Shape):
    """Een ruimte en wat zij nu is."""

    id: str
    name: str
    floor: str = Field(description="De verdieping, zoals het gebouwbestand haar noemt.")
    floor_name: str
    kind: SpaceKind
    capacity: int = Field(description="Het aantal mensen waarvoor de ruimte nu is ingericht.")
    layout: str = Field(description="De naam van de inrichting van nu.")
    occupancy: Shown
    people: float | None = Field(description="Schatting van het aantal mensen; null waar niets telt.")
    people_low: float | None = Field(description="Ondergrens van het 90 %-interval.")
    people_high: float | None = Field(description="Bovengrens van het 90 %-interval.")
    probability: float | None = Field(description="De kans dat er iemand is; null bij onbekend.")
    since: Instant | None = Field(
        description="Sinds wanneer; null bij onbekend en bij ruimtes voor één mens."
    )
    as_of: Instant | None = Field(description="Van wanneer de gegevens zijn waarop dit rust.")
    age_s: int | None = Field(description="Hoe oud die gegevens zijn, in hele seconden.")
    because: list[Because] = Field(description="Waarop dit rust.")
    unknown_because: Reason | None = Field(description="Waarom de ruimte onbekend is; anders null.")
    booked: bool | None = Field(description="Of er nu geboekt is; null waar geen agenda bekend is.")
    booked_until: Instant | None = Field(description="Tot wanneer er nu geboekt is.")
    free_until: Instant | None = Field(description="Wanneer de volgende boeking begint, als er nu geen is.")
    calendar_as_of: Instant | None = Field(description="Van wanneer de agenda is.")
    co2_ppm: int | None = Field(
        description="Gemiddelde van 15 min; null waar niets het meet, of voor minder dan vijf mensen."
    )
    air_class: AirClass | None = Field(description="De klasse daarvan in het profiel van het gebouw.")
    av_on: bool | None = Field(description="Of er AV aan staat; null waar niets dat zegt, of als bij CO2.")


def space_out(now: SpaceNow, now_ms: int) -> Space:
    """The public shape of a space at `now_ms`."""
    booked = now.booked
    changes = None if booked is None else maybe_instant(booked.changes_ms)
    return Space(
        id=now.space.id,
        name=now.space.name,
        floor=now.space.floor,
        floor_name=now.floor_name,
        kind=now.layout.kind,
        capacity=now.layout.capacity,
        layout=now.layout.name,
        occupancy=now.shown,
        people=now.people,
        people_low=now.people_low,
        people_high=now.people_high,
        probability=now.probability,
        since=maybe_instant(now.since_ms),
        as_of=maybe_instant(now.as_of_ms),
        age_s=None if now.as_of_ms is None else max(0, now_ms - now.as_of_ms) // 1000,
        because=list(now.because),
        unknown_because=now.reason,
        booked=None if booked is None else booked.is_booked,
        booked_until=changes if booked is not None and booked.is_booked else None,
        free_until=changes if booked is not None and not booked.is_booked else None,
        calendar_as_of=None if booked is None else instant(booked.as_of_ms),
        co2_ppm=None if now.sensed.co2_ppm is None else round(now.sensed.co2_ppm),
        air_class=now.sensed.air,
        av_on=now.sensed.av_is_on,
    )


class LinkShape(Shape):
    """De verbinding met de sensoren."""

    up: bool
    since: Instant | None = Field(description="Sinds wanneer zo; null zolang er nog geen geweest is.")


class Spaces(Shape):
    """Alle ruimtes van het gebouw, in de volgorde van het gebouwbestand."""

    at: Instant = Field(description="De tijd van de server.")
    site: str
    name: str = Field(description="De naam van het gebouw.")
    link: LinkShape
    spaces: list[Space]


class Tick(Shape):
    """De server leeft."""

    at: Instant
    link: LinkShape


class NoticeShape(Shape):
    """De mededeling van de beheerder in elke taal; null als er geen is."""

    nl: str | None
    en: str | None

    @classmethod
    def of(cls, notice: Notice | None) -> NoticeShape:
        """The public shape of a notice."""
        return cls(nl=notice and notice.nl, en=notice and notice.en)


# --- history ---------------------------------------------------------------------------------------------


class StateInterval(Shape):
    """Een aaneengesloten tijd waarin de ruimte één ding was."""

    start: Instant
    end: Instant
    occupancy: Occupancy
    people: float | None = Field(description="Gemiddelde over de tijd waarin geteld werd.")
    probability: float | None = Field(description="Gemiddelde kans dat er iemand was; null bij onbekend.")


class States(Shape):
    """Wat een ruimte was, van begin tot eind zonder gaten."""

    space_id: str
    start: Instant = Field(serialization_alias="from")
    end: Instant = Field(serialization_alias="to")
    coverage: float = Field(description="Het deel van de tijd waarin de sensoren konden spreken, 0 tot 1.")
    rules: list[str] = Field(description="De versies van de regels waarmee dit is bepaald.")
    intervals: list[StateInterval]


def interval_out(found: Interval) -> StateInterval:
    """The public shape of an interval."""
    return StateInterval(
        start=instant(found.start_ms),
        end=instant(found.end_ms),
        occupancy=found.occupancy,
        people=found.people,
        probability=found.probability,
    )


class SpanQuery(BaseModel):
    """What may be asked of a history; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    start: Instant | None = Field(
        None, alias="from", description="Begin, RFC 3339 met offset; anders 24 uur voor het eind."
    )
    end: Instant | None = Field(None, alias="to", description="Eind, RFC 3339 met offset; anders nu.")

    @field_validator("end")
    @classmethod
    def _is_after_start(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if start is not None and end is not None and end <= start:
            raise ValueError("must lie after `from`")
        return end


# --- facts -----------------------------------------------------------------------------------------------


def _amounts() -> type[Shape]:
    """A public shape with one field for each fact of the table, so that the two cannot differ."""
    fields: Any = {
        name: (float | None, Field(description=f"{fact.meaning} ({fact.over})"))
        for name, fact in FACTS.items()
    }
    words = "Feiten van een tijd; null waar niets te zeggen valt."
    return create_model("Amounts", __base__=Shape, __doc__=words, **fields)


if TYPE_CHECKING:

    class Amounts(Shape):
        """Facts of a time, by the names of the table."""
else:
    Amounts = _amounts()


class Period(Shape):
    """Een tijd en wat er in die tijd was; zonder feiten waar de dekking te laag is."""

    start: Instant
    end: Instant
    coverage: float = Field(description="Het deel van de tijd waarin de sensoren konden spreken, 0 tot 1.")
    status: Literal["complete", "incomplete", "withheld"] = Field(
        description="Onder 90 % dekking onvolledig, onder 50 % achtergehouden."
    )
    exact: bool = Field(description="Onwaar waar een late melding kwam toen andere gegevens al weg waren.")
    revised: bool = Field(description="Waar iets hierin later is bijgesteld.")
    amounts: Amounts | None


class Facts(Shape):
    """Wat er in een ruimte was, per kwartier of langer."""

    space_id: str
    start: Instant = Field(serialization_alias="from")
    end: Instant = Field(serialization_alias="to")
    by: By
    periods: list[Period]


class FactsQuery(SpanQuery):
    """What may be asked of facts; anything else is refused."""

    by: By = Field(By.HOUR, description="Hoe lang een periode is, in de tijd van het gebouw.")


# --- health ----------------------------------------------------------------------------------------------


class DeviceFacts(Shape):
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


class Device(DeviceFacts):
    """Een kastje en hoe het ermee gaat; null wat het nooit heeft gezegd."""

    sensors: dict[str, SensorState]
    troubles: list[Trouble]


def device_facts(
    name: str, health: Health | None, spaces: list[str], last_word_ms: int, now_ms: int
) -> dict[str, Any]:
    """The fields of `DeviceFacts`; a device that only ever told of its spaces is not online."""
    said = ("clock", "uptime_s", "queued", "refused", "version")
    return {
        "id": name,
        "online": health is not None and health.online,
        "last_word": instant(last_word_ms),
        "age_s": max(0, now_ms - last_word_ms) // 1000,
        "spaces": spaces,
        **{field: getattr(health, field, None) for field in said},
    }


# --- problems --------------------------------------------------------------------------------------------


class FieldError(Shape):
    """Eén veld van de vraag dat niet klopt."""

    location: str = Field(description="Waar het veld staat: query, path of header.")
    name: str
    detail: str


class Problem(Shape):
    """Waarom er geen antwoord is (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = Field(default=[], description="Alle velden die niet kloppen.")
