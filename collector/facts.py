# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Which quarter hours were written to, and their facts again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from bezet.model import Level, Zone
from bezet.occupancy.zones import GONE_MS
from bezet.retention import DAY_MS, HOUR_MS
from bezet.usage.air import limits_ppm
from bezet.usage.columns import JOINT, ZoneFacts
from bezet.usage.facts import (
    FACTS,
    GRACE_MS,
    MEASURED,
    QUARTER_MS,
    REACH_MS,
    READING_SPEAKS_MS,
    ROW,
    SESSION_GAP_MS,
    quarter_facts,
)
from collector.months import make_months, months_of, recent_months

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from bezet.model import Building
    from bezet.usage.columns import Floats, Ints, Places, ReadingColumns, StateColumns
    from store import Store, Touched

#: A quarter hour that is made for the first time so long after its end changes figures that were read before;
#: whoever fills a store with what nobody has read yet may say otherwise.
LATE_MS = HOUR_MS
#: So many touches are settled in one write.
MOST_DONE = 5_000


@dataclass(frozen=True, slots=True)
class Made:
    """What one turn did: quarter hours of zones written, how many are revised, and touches not due yet."""

    quarters: int = 0
    revised: int = 0
    waiting: int = 0


class FactMaker:
    """Makes the facts of one site from what its store holds; the same rows give the same facts.

    Whatever order rows arrive in, the facts end the same as long as the raw rows of all devices of a space
    are kept (`_exact_from_ms`). For older quarter hours a late device changes its own zone's facts only, and
    readers merge the zones (`bezet.usage.facts.merged`).
    """

    def __init__(
        self, store: Store, building: Building, now_ms: Callable[[], int], late_ms: int = LATE_MS
    ) -> None:
        self._store = store
        self._building = building
        self._now_ms = now_ms
        self._late_ms = late_ms
        self._months = recent_months(now_ms(), building.timezone)

    def make_due(self) -> Made:
        """Make every quarter hour that was touched and is over, and the months that change with them."""
        now_ms = self._now_ms()
        touched = self._store.touched(self._building.site)
        due = [one for one in touched if one.quarter_ms + QUARTER_MS + GRACE_MS <= now_ms]
        turn = _Turn(self._store)
        devices: defaultdict[str, set[str]] = defaultdict(set)
        for zone in self._store.zones() if due else ():
            devices[zone.space].add(zone.device)
        for (space, _day), group in groupby(due, key=lambda one: (one.space, one.quarter_ms // DAY_MS)):
            done = [*group]
            place = _Space(self._store, self._building, space, devices[space], now_ms, self._late_ms)
            turn.add(place.make(done), done)
        turn.write()
        self._months |= turn.months(self._building.timezone)
        make_months(self._store, self._building, self._months, now_ms)
        self._months.clear()
        return Made(turn.quarters, turn.revised, len(touched) - len(due))


class _Turn:
    """What was made and is not written yet, so that not every space and day waits for the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: list[ZoneFacts] = []
        self._done: list[Touched] = []
        self._spans: set[tuple[int, int]] = set()
        self.quarters = self.revised = 0

    def add(self, made: list[ZoneFacts], done: list[Touched]) -> None:
        """Take in the facts of one space and day, and the touches that they settle."""
        self._made += made
        self._done += done
        self._spans |= {(int(facts.quarter_ms[0]), int(facts.quarter_ms[-1])) for facts in made}
        self.quarters += sum(map(len, made))
        self.revised += sum(int(np.count_nonzero(facts.revision)) for facts in made)
        if len(self._done) >= MOST_DONE:
            self.write()

    def write(self) -> None:
        """Write what is there."""
        if self._done:
            self._store.write_facts(self._made, self._done)
        self._made, self._done = [], []

    def months(self, timezone: ZoneInfo) -> set[str]:
        """The months that changed."""
        return {month for span in self._spans for month in months_of(span, timezone)}


class _Space:
    """One space at the instant of making."""

    def __init__(
        self,
        store: Store,
        building: Building,
        space: str,
        devices: set[str],
        now_ms: int,
        late_ms: int,
    ) -> None:
        self._late_ms = late_ms
        self._store = store
        self._devices = devices
        self._site = building.site
        self._space = space
        self._now_ms = now_ms
        air = building.air
        self._limits_ppm = limits_ppm(air.profile, air.outdoor_ppm, air.limits_ppm or None)
        before_ms = building.retention.limits(now_ms, building.timezone)
        # Where states are kept for less than it takes a device to be gone, it is gone sooner.
        self._gone_ms = min(GONE_MS, (now_ms - before_ms[Level.STATES]) // 2)
        self._exact_from_ms = max(
            before_ms[Level.STATES] + self._gone_ms + QUARTER_MS,
            before_ms[Level.ENVIRONMENT] + READING_SPEAKS_MS + QUARTER_MS,
        )

    def make(self, touched: Sequence[Touched]) -> list[ZoneFacts]:
        """Facts of the touched quarter hours of every zone, and of all together where there are several."""
        quarters = np.array([one.quarter_ms for one in touched], np.int64)
        states, readings = self._read(quarters)
        stored = self._stored(quarters)
        told = {*states.devices, *(source.device for source in readings.sources)}
        made = []
        for device in sorted(told):
            amounts = self._facts(states.of_device(device), readings.of_device(device), quarters)
            made.append(self._revised(device, quarters, amounts, stored.get(device)))
        kept = stored.keys() - {JOINT}
        if len(self._devices | kept) > 1:
            # Between touched quarter hours too: who spoke in one may be known as silent in the next.
            spoken = [facts.quarter_ms for facts in (*made, *(stored[device] for device in kept))]
            made.append(self._joint(np.unique(np.concatenate([*spoken, self._tail(quarters, states)]))))
        return [facts for facts in made if len(facts)]

    def _joint(self, quarters: Ints) -> ZoneFacts:
        """What all devices say together; NaN where rows of some may be gone: there zones are merged."""
        amounts = np.full((len(FACTS), len(quarters)), np.nan)
        exact = quarters >= self._exact_from_ms
        if exact.any():
            states, readings = self._read(quarters[exact])
            amounts[:, exact] = self._facts(states, readings, quarters[exact])
            alone = self._speakers(states, readings, quarters) < 2
            amounts[:, exact & alone] = np.nan
        stored = self._stored(quarters) if len(quarters) else {}
        return self._revised(JOINT, quarters, amounts, stored.get(JOINT))

    def _speakers(self, states: StateColumns, readings: ReadingColumns, quarters: Ints) -> Ints:
        """How many devices have something to say, or are known to be silent, in each quarter hour."""
        count = np.zeros(len(quarters), np.int64)
        for device in {*states.devices, *(source.device for source in readings.sources)}:
            stated = _speaks(states.of_device(device).t_ms, quarters, self._gone_ms)
            count += stated | _speaks(readings.of_device(device).t_ms, quarters, READING_SPEAKS_MS)
        return count

    def _tail(self, quarters: Ints, states: StateColumns) -> Ints:
        """Later quarter hours, made before, in which a device that spoke in these is now known as silent."""
        end_ms = int(quarters[-1]) + QUARTER_MS
        if self._silent_until_ms(states, int(quarters[0]), end_ms, REACH_MS) == end_ms:
            return quarters[:0]  # nobody fell silent, so there is no need to look a week ahead
        until_ms = self._silent_until_ms(states, int(quarters[0]), end_ms, self._gone_ms)
        found = self._store.facts(self._site, self._space, start_ms=end_ms, end_ms=until_ms)
        return np.unique(np.concatenate([quarters[:0], *(facts.quarter_ms for facts in found)]))

    def _silent_until_ms(self, states: StateColumns, start_ms: int, end_ms: int, ahead_ms: int) -> int:
        """When the last device that spoke since `start_ms`, and then fell silent, speaks again or is gone."""
        until_ms = min(end_ms + ahead_ms, self._now_ms)
        after = self._store.states(self._site, self._space, start_ms=end_ms, end_ms=until_ms)
        silent_ms = [end_ms]
        for device in states.devices:
            spoke_ms = states.of_device(device).t_ms
            if not len(spoke_ms):
                continue
            last_ms = int(spoke_ms[-1])
            again_ms = after.of_device(device).t_ms
            again_ms = again_ms[again_ms >= end_ms]
            next_ms = int(again_ms[0]) if len(again_ms) else last_ms + self._gone_ms
            if last_ms >= start_ms and next_ms > last_ms + REACH_MS:
                silent_ms.append(next_ms)
        return max(silent_ms)

    def _revised(self, device: str, quarters: Ints, amounts: Floats, stored: ZoneFacts | None) -> ZoneFacts:
        """These facts beside what was stored of the zone: what is worth writing, with its revision."""
        if stored is None:
            before, revision = np.full_like(amounts, np.nan), np.full(len(quarters), -1, np.int64)
        else:
            before, revision = stored.at(quarters)
        was_there = revision >= 0
        if device != JOINT:
            # Raw rows may be gone by now: what was made when more of them were there is not made worse.
            fuller = was_there & (quarters < self._exact_from_ms) & (_told(before) > _told(amounts))
            amounts = np.where(fuller, before, amounts)
        says = ~np.isnan(_told(amounts)) if device == JOINT else _told(amounts) > 0
        differs = (~np.isclose(amounts, before, rtol=0, atol=0, equal_nan=True)).any(axis=0)
        late = self._now_ms - quarters - QUARTER_MS > self._late_ms
        wanted = np.where(was_there, differs, says)
        counted: Places = np.where(was_there, revision + 1, late)[wanted].astype(np.int32)
        zone = Zone(self._site, self._space, device)
        return ZoneFacts(zone, quarters[wanted], amounts[:, wanted], counted)

    def _read(self, quarters: Ints) -> tuple[StateColumns, ReadingColumns]:
        start_ms, end_ms = int(quarters[0]), int(quarters[-1]) + QUARTER_MS
        place = self._site, self._space
        states = self._store.states(*place, start_ms=start_ms - SESSION_GAP_MS, end_ms=end_ms)
        readings = self._store.readings(
            *place, start_ms=start_ms - READING_SPEAKS_MS, end_ms=end_ms, kinds=MEASURED
        )
        return states, readings

    def _stored(self, quarters: Ints) -> dict[str, ZoneFacts]:
        start_ms, end_ms = int(quarters[0]), int(quarters[-1]) + QUARTER_MS
        found = self._store.facts(self._site, self._space, start_ms=start_ms, end_ms=end_ms)
        return {facts.zone.device: facts for facts in found}

    def _facts(self, states: StateColumns, readings: ReadingColumns, quarters: Ints) -> Floats:
        return quarter_facts(states, readings, quarters, self._limits_ppm, gone_ms=self._gone_ms)


def _speaks(t_ms: Ints, quarters: Ints, for_ms: int) -> NDArray[np.bool_]:
    """Whether a row from before the end of each quarter hour still counts in it."""
    last = np.searchsorted(t_ms, quarters + QUARTER_MS) - 1
    return np.asarray((last >= 0) & (quarters - t_ms[last] < for_ms)) if len(t_ms) else quarters < 0


def _told(amounts: Floats) -> Floats:
    """How long presence or AV devices were spoken of; NaN where the whole quarter hour is not there."""
    return np.asarray(amounts[ROW["covered_s"]] + amounts[ROW["av_s"]], np.float64)
