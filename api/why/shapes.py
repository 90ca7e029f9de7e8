# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The public JSON shapes of an explanation."""

# ruff: noqa: TC001  pydantic reads the annotations when it runs

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from api.live import Reason, Shown
from api.schemas import Instant, Shape, instant, maybe_instant
from api.why.reading import Side
from api.why.telling import Teller
from bezet.messages import SensorState
from bezet.model import Because, Kind, Occupancy

if TYPE_CHECKING:
    from api.why.finding import Change, Why
    from api.why.reading import Evidence, Fault
    from api.words import Language


class EvidenceShape(Shape):
    """Wat ervoor of ertegen spreekt dat er iemand is; null wat niet bekend is of niet verteld mag worden."""

    words: str
    side: Side = Field(description="Voor, tegen, of geen van beide.")
    because: Because
    kind: Kind
    device: str
    sensor: str | None = Field(description="Null waar alle doorgangen samen spreken.")
    amount: float | None = Field(description="Wat er gemeten is, in de eenheid van `kind`.")
    at: Instant | None = Field(
        description="Van wanneer die meting is; van een deur sinds wanneer zij dicht is."
    )
    present_at: Instant | None = Field(description="Wanneer hierdoor voor het laatst iemand gezien is.")
    until: Instant | None = Field(description="Tot wanneer het telt, als er niets nieuws komt.")
    log_odds: float | None = Field(description="Hoe zwaar het weegt: boven 0 voor, onder 0 tegen.")
    slope_ppm_min: float | None = Field(description="Hoe snel CO2 stijgt, in ppm per minuut.")


class FaultShape(Shape):
    """Een sensor die zwijgt of niet geloofd wordt, of zonder sensor een heel kastje."""

    words: str
    device: str
    sensor: str | None
    state: SensorState
    since: Instant | None


class ChangeShape(Shape):
    """Een verandering van wat een ruimte was, en waarop die rustte."""

    words: str
    at: Instant
    before: Occupancy
    after: Occupancy
    because: list[Because]
    evidence: list[EvidenceShape] = Field(description="Leeg waar de metingen zelf er niet meer zijn.")


class WhyShape(Shape):
    """Waarom een ruimte is wat zij is, of was."""

    space_id: str
    at: Instant
    summary: str = Field(description="Wat de ruimte is, in één of twee zinnen.")
    occupancy: Shown
    people: float | None
    people_low: float | None
    people_high: float | None
    probability: float | None = Field(description="De kans dat er iemand is; null bij onbekend.")
    since: Instant | None
    as_of: Instant | None = Field(description="Van wanneer de nieuwste gegevens zijn.")
    because: list[Because]
    unknown_because: Reason | None = Field(description="Waarom de ruimte nu onbekend is; anders null.")
    evidence: list[EvidenceShape] = Field(description="Het zwaarste eerst.")
    faults: list[FaultShape]
    changes: list[ChangeShape] = Field(description="De laatste veranderingen in 24 uur, de nieuwste eerst.")
    notes: list[str] = Field(description="Wat men moet weten om de rest goed te lezen.")
    rules: list[str] = Field(description="De versies van de regels waarmee dit bepaald is.")
    read_by: str = Field(description="De versie van de regels waarmee het bewijs gelezen is.")
    coverage: float | None = Field(
        description="Dekking van de laatste 24 uur; null waar die niet getoond wordt."
    )


class WhyQuery(BaseModel):
    """What may be asked of an explanation; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    at: Instant | None = Field(None, description="Van wanneer, RFC 3339 met offset; anders van nu.")


def why_out(why: Why, language: Language) -> WhyShape:
    """The public shape of an explanation, in a language."""
    now, teller = why.now, Teller(why, language)
    return WhyShape(
        space_id=now.space.id,
        at=instant(why.question.at_ms),
        summary=teller.summary(),
        occupancy=now.shown,
        people=now.people,
        people_low=now.people_low,
        people_high=now.people_high,
        probability=now.probability,
        since=maybe_instant(now.since_ms),
        as_of=maybe_instant(now.as_of_ms),
        because=list(now.because),
        unknown_because=now.reason,
        evidence=[_evidence_out(one, teller) for one in why.evidence],
        faults=[_fault_out(one, teller) for one in why.faults],
        changes=[_change_out(one, teller) for one in why.changes],
        notes=teller.notes(),
        rules=list(why.rules),
        read_by=why.installed_rule,
        coverage=why.coverage,
    )


def _evidence_out(one: Evidence, teller: Teller) -> EvidenceShape:
    return EvidenceShape(
        words=teller.evidence(one),
        side=one.side,
        because=one.because,
        kind=one.kind,
        device=one.device,
        sensor=one.sensor or None,
        amount=one.amount,
        at=maybe_instant(one.t_ms),
        present_at=maybe_instant(one.present_ms),
        until=maybe_instant(one.until_ms),
        log_odds=one.log_odds,
        slope_ppm_min=one.slope_ppm_min,
    )


def _fault_out(one: Fault, teller: Teller) -> FaultShape:
    return FaultShape(
        words=teller.fault(one),
        device=one.device,
        sensor=one.sensor or None,
        state=one.how,
        since=maybe_instant(one.since_ms),
    )


def _change_out(one: Change, teller: Teller) -> ChangeShape:
    return ChangeShape(
        words=teller.change(one),
        at=instant(one.t_ms),
        before=one.before,
        after=one.after,
        because=list(one.because),
        evidence=[_evidence_out(found, teller) for found in one.evidence],
    )
