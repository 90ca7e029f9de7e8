# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""15-minute facts of one space, and what hangs on them: hours, days and months."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import numpy as np
from fastapi import APIRouter, Query

from api.live import MIN_CAPACITY
from api.problems import documented
from api.routes.asked import asked_span, found_space, may_show
from api.schemas import Amounts, By, Facts, FactsQuery, Period, in_ms, instant
from bezet.usage.facts import FACTS, GRACE_MS, QUARTER_MS, ROW
from bezet.usage.rollup import Periods, Span, rolled_up
from bezet.usage.spaces import LOOK_BACK_MS, merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.routes import Sources
    from bezet.usage.spaces import SpaceFacts

MAX_SPAN: Mapping[By, timedelta] = {
    By.QUARTER: timedelta(days=31),
    By.HOUR: timedelta(days=31),
    By.DAY: timedelta(days=400),
    By.MONTH: timedelta(days=800),
}
#: A figure with less coverage is incomplete, or withheld.
FLOOR, LEAST = 0.9, 0.5

_ABOUT = f"""
Per kwartier, uur, dag of maand van het gebouw. Een kwartier staat er twee minuten na zijn eind; late gegevens
stellen het bij, en alles wat erop rust (`revised`). Onder {FLOOR:.0%} dekking is iets onvolledig, onder
{LEAST:.0%} blijven de feiten weg. Een ruimte voor minder dan {MIN_CAPACITY} mensen heeft geen eigen feiten.
"""


def routes(sources: Sources) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(tags=["spaces"])

    @router.get(
        "/spaces/{spaceId}/facts",
        summary="Feiten van een ruimte, per kwartier of langer",
        description=_ABOUT,
        operation_id="listFacts",
        responses=documented(400, 403, 404, 503),
    )
    def facts(spaceId: str, query: Annotated[FactsQuery, Query()]) -> Facts:  # noqa: N803  as in the JSON
        space = found_space(sources, spaceId)
        start, end = asked_span(query, instant(sources.clock()), MAX_SPAN[query.by])
        may_show(sources, space, start, end)
        over_ms = (sources.clock() - GRACE_MS) // QUARTER_MS * QUARTER_MS
        first_ms, end_ms = in_ms(start) // QUARTER_MS * QUARTER_MS, min(in_ms(end), over_ms)
        found = sources.store.facts(
            sources.building.site, space.id, start_ms=first_ms - LOOK_BACK_MS, end_ms=end_ms
        )
        told = merged([*found], np.arange(first_ms, end_ms, QUARTER_MS, dtype=np.int64))
        return Facts(
            space_id=space.id,
            start=instant(first_ms),
            end=instant(max(first_ms, end_ms)),
            by=query.by,
            periods=[*_periods(_by(told, query.by, sources), first_ms, end_ms)],
        )

    return router


def _by(told: SpaceFacts, by: By, sources: Sources) -> Periods:
    if by is not By.QUARTER:
        return rolled_up(told, sources.building.timezone, Span(by))
    start_ms, one = told.quarter_ms, np.ones(len(told), np.int64)
    return Periods(start_ms, start_ms + QUARTER_MS, told.amounts, one, told.exact, told.revised)


def _periods(found: Periods, first_ms: int, end_ms: int) -> Iterator[Period]:
    """Each period, cut to what was asked."""
    starts_ms, ends_ms = np.maximum(found.start_ms, first_ms), np.minimum(found.end_ms, end_ms)
    coverage = np.minimum(found.amounts[ROW["covered_s"]] * 1000 / (ends_ms - starts_ms), 1.0)
    for n, share in enumerate(coverage.tolist()):
        yield Period(
            start=instant(int(starts_ms[n])),
            end=instant(int(ends_ms[n])),
            coverage=share,
            status="complete" if share >= FLOOR else "incomplete" if share >= LEAST else "withheld",
            exact=bool(found.exact[n]),
            revised=bool(found.revised[n]),
            amounts=_amounts(found.amounts[:, n].tolist()) if share >= LEAST else None,
        )


def _amounts(column: list[float]) -> Amounts:
    named = zip(FACTS, column, strict=True)
    return Amounts(**{name: None if np.isnan(amount) else amount for name, amount in named})
