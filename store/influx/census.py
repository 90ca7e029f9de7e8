# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""One row of every zone, without looking for each of them in each file of a quarter of a year.

Most zones spoke today. The server's index names the others, but it may name some that are gone, so those are
looked up one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bezet.errors import StoreBusy
from bezet.model import Zone
from store.influx.lines import tags_of
from store.influx.queries import name, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from store.influx.queries import Series

    Ask = Callable[[str, str], Iterator[Series]]

DAY_MS = 24 * 3_600_000
#: Looking up more than this one by one takes longer than looking for all of them in all files.
MOST_SINGLE = 50


def each_zone(
    ask: Ask,
    bucket: str,
    measurement: str,
    text: Callable[[str], str],
    *,
    now_ms: int,
    site: str | None = None,
) -> list[Series]:
    """What `text(condition)` answers for each zone; it is to group by zone, and to take one row of each.

    For the newest row or for any one: where a zone has a row of the last day, older ones are not looked at.
    """
    found = [*ask(bucket, text(where({"site": site}, start_ms=now_ms - DAY_MS)))]
    named = _named(ask, bucket, measurement)
    missing = {zone for zone in named or () if site in (None, zone.site)} - {*map(zone_of, found)}
    if named is None or len(missing) > MOST_SINGLE:
        return [*ask(bucket, text(where({"site": site})))]
    return found + [one for zone in sorted(missing) for one in ask(bucket, text(where(zone._asdict())))]


def zone_of(series: Series) -> Zone:
    """The zone of an answer that is grouped by it."""
    return Zone(series.tags["site"], series.tags["space"], series.tags["device"])


def _named(ask: Ask, bucket: str, measurement: str) -> set[Zone] | None:
    """The zones in the index; None where the server does not tell, as 3 does not."""
    try:
        keys = [row[0] for one in ask(bucket, f"SHOW SERIES FROM {name(measurement)}") for row in one.rows]
    except StoreBusy:
        return None
    found = map(tags_of, keys)
    return {Zone(tags["site"], tags["space"], tags["device"]) for tags in found}
