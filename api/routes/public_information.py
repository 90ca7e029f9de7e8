# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is measured here, for everybody to read: made of the configuration in force, and nothing else."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date  # noqa: TC003  pydantic reads the annotations when it runs
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import Field

from api.book.keeping import ALARMS_MS, AUDIT_MONTHS
from api.feedback.periods import FEWEST, LEAST_BASE
from api.live import MIN_CAPACITY, PRIVATE_CAPACITY
from api.problems import documented
from api.schemas import Instant, Shape, instant
from bezet.model import KINDS, Kind, Level, SpaceKind
from bezet.occupancy.evidence import RULE
from bezet.retention import HOUR_MS, local_day, months_before_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.heard import HeardKinds
    from api.routes import Sources
    from bezet import model


class Grain(StrEnum):
    """Hoe fijn iets bewaard wordt."""

    MESSAGE = "message"
    CHANGE = "change"
    CHANGE_AND_BEAT = "changeAndBeat"
    QUARTER = "quarter"
    HOUR = "hour"
    BOOKING = "booking"
    ACTION = "action"


class Own(StrEnum):
    """Wat er bewaard wordt naast wat gemeten is."""

    BOOKINGS = "bookings"
    FEEDBACK = "feedback"
    ALARMS = "alarms"
    AUDIT = "audit"


#: In which steps each level of what is measured is kept.
GRAINS = {
    Level.PRESENCE: Grain.MESSAGE,
    Level.ENVIRONMENT: Grain.MESSAGE,
    Level.STATES: Grain.CHANGE_AND_BEAT,
    Level.FACTS: Grain.QUARTER,
}


class MeasuredSpace(Shape):
    """Wat er in een ruimte gemeten wordt."""

    space_id: str
    name: str
    floor_name: str
    kind: SpaceKind
    capacity: int = Field(description="Het aantal mensen waarvoor de ruimte nu is ingericht.")
    measured: bool
    has_since: bool = Field(description="Of er gezegd wordt sinds wanneer zij vrij of bezet is.")
    has_history: bool = Field(description="Of er van deze ruimte alleen een geschiedenis te zien is.")
    has_calendar: bool = Field(description="Of er van haar agenda bezette tijden gelezen worden.")
    takes_feedback: bool
    kinds: list[Kind] = Field(description="Welke soorten metingen het laatste etmaal binnenkwamen.")


class Kept(Shape):
    """Hoe lang iets bewaard wordt."""

    level: Level
    kinds: list[Kind] = Field(description="Welke metingen hieronder vallen; leeg bij wat daaruit volgt.")
    grain: Grain
    hours: float = Field(description="Zo lang, in uren, op dit moment.")


class OwnKept(Shape):
    """Hoe lang iets bewaard wordt dat niet gemeten is."""

    what: Own
    grain: Grain
    hours: float = Field(description="Zo lang, in uren, op dit moment.")


class Agreement(Shape):
    """De afspraak waaronder langer bewaard mag worden."""

    reference: str
    until: date
    in_force: bool


class ContactShape(Shape):
    """Wie er vragen over het meten beantwoordt; leeg wat er niet is."""

    name: str
    email: str
    phone: str


class PublicInformation(Shape):
    """Wat hier gemeten, bewaard en niet gedaan wordt."""

    at: Instant
    site: str
    name: str
    rule: str = Field(description="De versie van de regels waarmee vrij en bezet bepaald worden.")
    heard_at: Instant = Field(description="Wanneer de opslag gevraagd is welke metingen binnenkwamen.")
    spaces: list[MeasuredSpace]
    kept: list[Kept]
    own_kept: list[OwnKept]
    agreement: Agreement | None
    contact: ContactShape | None
    open_to_all: bool = Field(description="Of er geen toegang is ingesteld, zodat iedereen alles ziet.")
    public_view: bool = Field(description="Of wie geen naam geeft, ziet welke ruimtes vrij zijn.")
    smallest_shown_capacity: int = Field(
        description="Een ruimte voor minder mensen heeft geen eigen geschiedenis."
    )
    private_capacity: int = Field(
        description="Van een ruimte voor zo weinig mensen wordt nooit gezegd sinds wanneer."
    )
    fewest_answers: int = Field(description="Minder antwoorden samen worden niet getoond.")
    least_base: int = Field(description="Van minder antwoorden wordt geen aandeel getoond.")


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["sites"])

    @router.get(
        "/public-information",
        summary="Wat hier gemeten wordt, en hoe lang het bewaard blijft",
        description="Gemaakt uit de instellingen van nu. Welke metingen binnenkwamen, is van `heardAt`.",
        operation_id="readPublicInformation",
        responses=documented(503),
    )
    def public_information() -> PublicInformation:
        return informed(sources, sources.hearing.kinds())

    return router


def informed(sources: Sources, heard: HeardKinds) -> PublicInformation:
    """What holds now; the page about measuring says the same in words."""
    now_ms, building, settings = sources.clock(), sources.building, sources.settings
    contact = settings.contact
    return PublicInformation(
        at=instant(now_ms),
        site=building.site,
        name=building.name,
        rule=RULE,
        heard_at=instant(heard.at_ms),
        spaces=[
            _measured(sources, one, [*heard.by_space.get(one.id, ())], now_ms)
            for one in building.spaces.values()
        ],
        kept=[*_kept(building, now_ms)],
        own_kept=[*_own_kept(sources, now_ms)],
        agreement=_agreement(building, now_ms),
        contact=None if contact is None else ContactShape(**asdict(contact)),
        open_to_all=settings.access is None,
        public_view=settings.access is None or settings.access.is_public,
        smallest_shown_capacity=MIN_CAPACITY,
        private_capacity=PRIVATE_CAPACITY,
        fewest_answers=FEWEST,
        least_base=LEAST_BASE,
    )


def _measured(sources: Sources, space: model.Space, kinds: list[Kind], now_ms: int) -> MeasuredSpace:
    building = sources.building
    layout = space.layout_on(local_day(now_ms, building.timezone))
    return MeasuredSpace(
        space_id=space.id,
        name=space.name,
        floor_name=next((one.name for one in building.floors if one.id == space.floor), space.floor),
        kind=layout.kind,
        capacity=layout.capacity,
        measured=space.measured,
        has_since=space.measured and layout.capacity > PRIVATE_CAPACITY,
        has_history=space.measured and layout.capacity >= MIN_CAPACITY,
        has_calendar=space.id in sources.settings.calendars.feeds and layout.capacity > PRIVATE_CAPACITY,
        takes_feedback=sources.feedback.is_there(space),
        kinds=kinds,
    )


def _kept(building: model.Building, now_ms: int) -> Iterator[Kept]:
    for level, before_ms in building.retention.limits(now_ms, building.timezone).items():
        kinds = [kind for kind, bounds in KINDS.items() if bounds.level is level]
        yield Kept(level=level, kinds=kinds, grain=GRAINS[level], hours=(now_ms - before_ms) / HOUR_MS)


def _own_kept(sources: Sources, now_ms: int) -> Iterator[OwnKept]:
    """What the window keeps in its own book, as `api.book.keeping` removes it."""
    limits = sources.building.retention.limits(now_ms, sources.building.timezone)
    audit_ms = months_before_ms(now_ms, AUDIT_MONTHS, sources.building.timezone)
    rows = [
        (Own.FEEDBACK, Grain.HOUR, limits[Level.FACTS]),
        (Own.ALARMS, Grain.CHANGE, now_ms - ALARMS_MS),
        (Own.AUDIT, Grain.ACTION, audit_ms),
    ]
    if sources.settings.calendars.feeds:
        rows.insert(0, (Own.BOOKINGS, Grain.BOOKING, limits[Level.STATES]))
    for what, grain, before_ms in rows:
        yield OwnKept(what=what, grain=grain, hours=(now_ms - before_ms) / HOUR_MS)


def _agreement(building: model.Building, now_ms: int) -> Agreement | None:
    found = building.retention.agreement
    if found is None:
        return None
    is_in_force = local_day(now_ms, building.timezone) <= found.until
    return Agreement(reference=found.reference, until=found.until, in_force=is_in_force)
