# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The facts of the whole site by calendar month: what stays when the quarter hours have gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from bezet.model import Level
from bezet.retention import local_day
from bezet.usage.facts import FACTS, QUARTER_MS, Over
from bezet.usage.spaces import LOOK_BACK_MS, merged
from store import Month

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from bezet.model import Building
    from bezet.usage.columns import Floats
    from store import Store

#: Late data may come for so long; the months of it are made again at every start.
LATE_DAYS = 40


def recent_months(now_ms: int, timezone: ZoneInfo) -> set[str]:
    """The months that data may still arrive for."""
    today = local_day(now_ms, timezone)
    return {f"{today - timedelta(days=days):%Y-%m}" for days in range(LATE_DAYS + 1)}


def months_of(instants_ms: Iterable[int], timezone: ZoneInfo) -> set[str]:
    """The months, local to the site, that instants lie in."""
    return {f"{local_day(t_ms, timezone):%Y-%m}" for t_ms in instants_ms}


def make_months(store: Store, building: Building, months: Iterable[str], now_ms: int) -> None:
    """Make these months from the stored quarter hours, and write those that changed.

    A month whose quarter hours have begun to go by their age stays as it was made when they were there.
    """
    kept_from_ms = building.retention.limits(now_ms, building.timezone)[Level.FACTS]
    before = {one.month: one for one in store.months(building.site)}
    made = []
    for name in sorted(months):
        start_ms, end_ms = _span(name, building.timezone)
        old = before.get(name)
        if old and start_ms < kept_from_ms:
            continue
        amounts = _total(_spaces(store, building.site, start_ms, end_ms))
        if amounts is None or (old and np.array_equal(old.amounts, amounts, equal_nan=True)):
            continue
        revision = old.revision + (end_ms + QUARTER_MS < now_ms) if old else 0
        made.append(Month(building.site, name, amounts, revision))
    if made:
        store.write_months(made)


def _spaces(store: Store, site: str, start_ms: int, end_ms: int) -> Iterator[Floats]:
    """The facts of each space, from those of its zones."""
    found = store.facts(site, start_ms=start_ms - LOOK_BACK_MS, end_ms=end_ms)
    for _, group in groupby(found, key=lambda facts: facts.zone.space):
        zones = [*group]
        quarters = np.unique(np.concatenate([zone.quarter_ms for zone in zones]))
        quarters = quarters[quarters >= start_ms]
        if len(quarters):
            yield merged(zones, quarters).amounts


#: Rounded once, so that neither order nor quarter hours of nothing show in the last bit.
_OVER: Mapping[Over, Callable[[Floats], float]] = {Over.SUM: fsum, Over.MAX: np.fmax.reduce}


def _total(spaces: Iterable[Floats]) -> Floats | None:
    """One column of amounts over all quarter hours of all spaces; None of nothing."""
    columns = [_column(amounts) for amounts in spaces]
    return _column(np.array(columns).T) if columns else None


def _column(amounts: Floats) -> Floats:
    return np.array([_OVER[fact.over](row) for fact, row in zip(FACTS.values(), amounts, strict=True)])


def _span(month: str, timezone: ZoneInfo) -> tuple[int, int]:
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=timezone)
    end = (start + timedelta(days=32)).replace(day=1)
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000)
