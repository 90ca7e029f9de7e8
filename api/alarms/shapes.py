# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""An alarm as it is told to whoever asks or listens."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from api.alarms.rules import RULES, AlarmKind, Of, Severity, Why
from api.schemas import Instant, Shape, instant, maybe_instant

if TYPE_CHECKING:
    from api.alarms.judging import Alarm
    from api.book.alarms import Mute
    from api.words import Language
    from bezet.model import Building


class AlarmState(StrEnum):
    """Hoe het met een alarm staat."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    ENDED = "ended"


class AlarmFacts(Shape):
    """Wat er van een alarm is, zonder woorden."""

    id: str
    kind: AlarmKind
    state: AlarmState
    severity: Severity = Field(description="Of iemand nu, vandaag of deze week moet kijken.")
    of: Of = Field(description="Waar `subject` een id van is.")
    subject: str
    since: Instant
    ended: Instant | None
    number: float | None = Field(description="Het getal in de tekst, waar de soort er een heeft.")
    acknowledged_at: Instant | None
    muted_until: Instant | None
    reason: Why | None = Field(description="Waarom iemand het weet of stil zette.")


class AlarmShape(AlarmFacts):
    """Iets wat er mis is, en wat eraan te doen is."""

    text: str
    what_to_do: str


def state_of(alarm: Alarm, mute: Mute | None) -> AlarmState:
    """How it is with an alarm: that it is over goes before that it is muted, and that before who knows."""
    if alarm.ended_ms is not None:
        return AlarmState.ENDED
    if mute is not None:
        return AlarmState.MUTED
    return AlarmState.OPEN if alarm.known_why is None else AlarmState.ACKNOWLEDGED


def facts_of(alarm: Alarm, mute: Mute | None) -> AlarmFacts:
    """An alarm without words, for whoever listens, in whatever language."""
    rule = RULES[alarm.key.kind]
    return AlarmFacts(
        id=alarm.id,
        kind=alarm.key.kind,
        state=state_of(alarm, mute),
        severity=rule.severity,
        of=rule.of,
        subject=alarm.key.subject,
        since=instant(alarm.since_ms),
        ended=maybe_instant(alarm.ended_ms),
        number=alarm.number,
        acknowledged_at=maybe_instant(alarm.known_ms),
        muted_until=None if mute is None else instant(mute.until_ms),
        reason=mute.why if mute is not None else alarm.known_why,
    )


def shape_of(alarm: Alarm, mute: Mute | None, building: Building, language: Language) -> AlarmShape:
    """An alarm in the words of a language."""
    rule = RULES[alarm.key.kind]
    space = building.spaces.get(alarm.key.subject)
    subject = f"{space.id} {space.name}" if rule.of is Of.SPACE and space is not None else alarm.key.subject
    number = "" if alarm.number is None else f"{alarm.number:g}"
    return AlarmShape(
        **dict(facts_of(alarm, mute)),
        text=getattr(rule.words, language).format(subject=subject, number=number),
        what_to_do=getattr(rule.what_to_do, language),
    )
