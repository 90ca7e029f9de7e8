# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""History again, as the rules that are installed would have told it: out of one store, into a new one.

    old store ──▶ readings ──────────────────────────┬─▶ new store ──▶ facts made anew
              │      └─▶ Course ─▶ states of [from, to) ┤
              └─▶ states before and after, as they are ──┘

The old store is only read. Where readings were removed by their age the rules cannot speak as they did, so
from there back the old states are carried over with the rule that made them, and the facts made of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.errors import CannotStart
from bezet.model import KINDS, PRESENCE_KINDS, Because, Kind, Level, Reading
from bezet.occupancy.course import DEAD_MS
from bezet.retention import DAY_MS, day_begins_ms
from bezet.usage.columns import JOINT, ZoneFacts
from bezet.usage.facts import QUARTER_MS, REACH_MS
from collector.facts import FactMaker
from collector.retelling import RUN_UP_MS, Row, Span, Teller, room_at, turns_ms
from store import MAX_REJECTS
from store.portions import portions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from bezet.messages import Batch
    from bezet.model import Building, Zone
    from store import Store

#: So long after the first readings of presence that are held, every sensor has had its word.
WARM_MS = DEAD_MS
EVER_MS = 2**53

#: What the rules hear beside presence.
AIR = frozenset({Kind.CO2_PPM})
#: What a state says when it was made of readings of presence, which may be gone by now.
BY_PRESENCE = frozenset(
    {
        *(Because.MOTION, Because.PRESENCE, Because.TARGET_COUNT),
        *(Because.DOOR_OPEN, Because.DOORWAY, Because.PEOPLE_COUNT),
    }
)


# --- what is asked ----------------------------------------------------------------------------------------


class Wish(NamedTuple):
    """What is to be made anew: of these spaces (none: of all), from and up to these instants where given.

    `without_presence` judges by what else there is, which is kept for longer, for the whole of that time.
    """

    spaces: Collection[str] = ()
    from_ms: int | None = None
    to_ms: int | None = None
    without_presence: bool = False


def wish_of(
    building: Building,
    spaces: Collection[str],
    first: str | None,
    last: str | None,
    *,
    without_presence: bool = False,
) -> Wish:
    """What somebody asks for: these spaces, from a first day of the site to a last one, both included.

    `CannotStart` names a space that is not there, and a day that is none.
    """
    for space in spaces:
        if space not in building.spaces:
            raise CannotStart(f"--space {space}: is not in the building file")
    from_ms, to_ms = None, None
    if first is not None:
        from_ms = day_begins_ms(_day("--from", first), building.timezone)
    if last is not None:
        to_ms = day_begins_ms(_day("--to", last) + timedelta(days=1), building.timezone)
    if from_ms is not None and to_ms is not None and from_ms >= to_ms:
        raise CannotStart(f"--to {last}: is before --from {first}")
    return Wish(frozenset(spaces), from_ms, to_ms, without_presence)


def _day(option: str, word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise CannotStart(f"{option} {word!r}: needs a day, as 2026-11-24") from None


# --- what can be made anew --------------------------------------------------------------------------------


class Part(NamedTuple):
    """One zone, and the span of it that is made anew; None: all of it is carried over."""

    zone: Zone
    span: Span | None


def plan(source: Store, building: Building, wish: Wish, now_ms: int) -> list[Part]:
    """What is made anew of each zone; a space in privacy mode is left out altogether.

    `CannotStart` names a time of which not all readings are held any more.
    """
    zones = [zone for zone in source.zones() if zone.site == building.site]
    if not zones:
        raise CannotStart(f"the store holds nothing of site {building.site}, so there is nothing to rederive")
    parts: list[Part] = []
    for space, group in groupby(zones, key=attrgetter("space")):
        here, known = [*group], building.spaces.get(space)
        if known is not None and not known.measured:
            continue
        if known is None or (wish.spaces and space not in wish.spaces):
            parts += [Part(zone, None) for zone in here]
        else:
            parts += _parts(source, building, wish, now_ms, here)
    return parts


def _parts(
    source: Store, building: Building, wish: Wish, now_ms: int, zones: Sequence[Zone]
) -> Iterator[Part]:
    """The parts of one space that is asked for."""
    limits = building.retention.limits(now_ms, building.timezone)
    end_ms = now_ms if wish.to_ms is None else min(wish.to_ms, now_ms)
    if wish.without_presence:
        level, devices = Level.ENVIRONMENT, _devices(source, zones, limits, end_ms, AIR, frozenset())
        spoken = {zone.device: level for zone in zones if zone.device in devices}
    else:
        devices = _devices(source, zones, limits, end_ms, PRESENCE_KINDS, BY_PRESENCE)
        spoken = {
            zone.device: Level.PRESENCE if zone.device in devices else Level.ENVIRONMENT for zone in zones
        }
    for zone in zones:
        if zone.device not in spoken:
            yield Part(zone, None)
            continue
        start_ms = -(-(limits[spoken[zone.device]] + WARM_MS) // QUARTER_MS) * QUARTER_MS
        if wish.from_ms is not None and wish.from_ms < start_ms:
            raise _too_early(zone, spoken[zone.device], wish.from_ms, start_ms, building.timezone)
        start_ms = start_ms if wish.from_ms is None else wish.from_ms
        yield Part(zone, Span(start_ms, end_ms) if start_ms < end_ms else None)


def _devices(
    source: Store,
    zones: Sequence[Zone],
    limits: Mapping[Level, int],
    end_ms: int,
    kinds: Collection[Kind],
    reasons: frozenset[Because],
) -> set[str]:
    """The devices of a space with a reading of such a kind, or with a state that was made of one."""
    place, wanted = zones[0][:2], {zone.device for zone in zones}
    found: set[str] = set()
    # The newest first: there it is soon known of each.
    for before_ms in range(end_ms, limits[Level.ENVIRONMENT], -DAY_MS):
        start_ms = before_ms - DAY_MS
        readings = source.readings(*place, start_ms=start_ms, end_ms=before_ms, kinds=kinds)
        found |= {readings.sources[number].device for number in np.unique(readings.source).tolist()}
        if reasons:
            states = source.states(*place, start_ms=start_ms, end_ms=before_ms)
            said = np.unique(np.array([states.device, states.because]), axis=1).T.tolist()
            found |= {states.devices[device] for device, why in said if reasons & {*states.reasons[why]}}
        if found >= wanted:
            break
    return found


def _too_early(zone: Zone, level: Level, from_ms: int, start_ms: int, timezone: ZoneInfo) -> CannotStart:
    """What to say of a zone whose readings are gone at the instant that was asked for."""
    asked, start = (datetime.fromtimestamp(t_ms / 1000, timezone) for t_ms in (from_ms, start_ms))
    way = "; or take --without-presence" if level is Level.PRESENCE else ""
    return CannotStart(
        f"--from {asked:%Y-%m-%d}: readings of {level} in space {zone.space} are held for less long; "
        f"the rules can speak of it from {start:%Y-%m-%d %H:%M} on. Leave --from out to begin there{way}"
    )


# --- a whole site -----------------------------------------------------------------------------------------


class Rederived(NamedTuple):
    """What was written: the parts, and how many readings and states."""

    parts: Sequence[Part]
    readings: int
    states: int


def rederive(
    source: Store,
    target: Store,
    building: Building,
    wish: Wish,
    now_ms: int,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Rederived:
    """Write the site of a store into an empty one, with states and facts of the rules that are installed.

    `progress` hears what is at work, how many steps are done and how many there are. What comes into the
    source after `now_ms` is not looked at.
    """
    parts = plan(source, building, wish, now_ms)
    run = _Run(source, target, building, wish, now_ms)
    readings = states = done = 0
    for space, group in groupby(parts, key=lambda part: part.zone.space):
        here = [*group]
        for part in here:
            for batch in run.batches(part):
                progress(f"rederiving {space}", done, len(parts) + 1)
                target.write([batch])
                readings, states = readings + len(batch.readings), states + len(batch.states)
            done += 1
        run.carry_facts(space, here)
    run.carry_rest({part.zone.space for part in parts})
    progress("making facts", done, len(parts) + 1)
    FactMaker(target, building, lambda: now_ms, EVER_MS).make_due()
    return Rederived(parts, readings, states)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run: where it reads, where it writes, and what it knows."""

    source: Store
    target: Store
    building: Building
    wish: Wish
    now_ms: int

    @property
    def limits(self) -> Mapping[Level, int]:
        """What is older than these instants is not written."""
        return self.building.retention.limits(self.now_ms, self.building.timezone)

    def batches(self, part: Part) -> Iterator[Batch]:
        """What is to be written of a zone."""
        rows = _rows(self.source, part.zone, self.limits, self.now_ms)
        if part.span is None:
            return portions(part.zone, rows)
        space, first_ms = part.zone.space, part.span.start_ms - RUN_UP_MS
        turns = [first_ms, *(t_ms for t_ms in turns_ms(self.building, space) if t_ms > first_ms)]
        rooms = [(t_ms, room_at(self.building, space, t_ms)) for t_ms in turns]
        return portions(part.zone, Teller(part.span, rooms, self.wish.without_presence).tell(rows))

    def carry_facts(self, space: str, parts: Sequence[Part]) -> None:
        """Copy the facts of what is carried over, and let only the others be made anew."""
        spans = {part.zone.device: part.span for part in parts}
        spans[JOINT] = hull(parts)
        for facts in self.source.facts(self.building.site, space, start_ms=0, end_ms=self.now_ms):
            wanted = facts.quarter_ms >= self.limits[Level.FACTS]
            span = spans.get(facts.zone.device)
            if span is not None:
                wanted &= (facts.quarter_ms < span.start_ms) | (facts.quarter_ms >= span.end_ms)
            if wanted.any():
                amounts, revision = facts.amounts[:, wanted], facts.revision[wanted]
                self.target.write_facts(
                    [ZoneFacts(facts.zone, facts.quarter_ms[wanted], amounts, revision)], []
                )
        self._settle(space, spans[JOINT])

    def _settle(self, space: str, span: Span | None) -> None:
        """Forget the touches of quarter hours whose facts were copied, unless they wait in the source too."""
        site = self.building.site
        waiting = {one.quarter_ms for one in self.source.touched(site) if one.space == space}
        done = [
            one
            for one in self.target.touched(site)
            if one.space == space
            and one.quarter_ms not in waiting
            and (span is None or not span.start_ms <= one.quarter_ms < span.end_ms + REACH_MS)
        ]
        if done:
            self.target.write_facts([], done)

    def carry_rest(self, spaces: Collection[str]) -> None:
        """Copy what is of the whole site, and the facts of spaces of which no rows are left."""
        site, start_ms = self.building.site, self.limits[Level.STATES]
        self.target.write_months(self.source.months(site))
        for day_ms in range(start_ms, self.now_ms, DAY_MS):
            end_ms = min(day_ms + DAY_MS, self.now_ms)
            self.target.write_health(self.source.healths(site, start_ms=day_ms, end_ms=end_ms))
        self.target.reject(self.source.rejects(MAX_REJECTS)[::-1])
        for space in self.building.spaces.keys() - spaces:
            if self.building.spaces[space].measured:
                self.carry_facts(space, ())


def hull(parts: Iterable[Part]) -> Span | None:
    """From the first to the last instant of which anything is made anew."""
    spans = [part.span for part in parts if part.span is not None]
    return Span(min(spans).start_ms, max(span.end_ms for span in spans)) if spans else None


def is_empty(store: Store, site: str) -> bool:
    """Whether nothing of any site, and no figures of this one, is in a store."""
    facts = store.facts(site, start_ms=0, end_ms=EVER_MS)
    return not (store.zones() or store.months(site) or next(iter(facts), None))


def _rows(source: Store, zone: Zone, limits: Mapping[Level, int], end_ms: int) -> Iterator[Row]:
    """Readings and states of a zone in order of time, without those that nobody may find any more."""
    start_ms = min(limits[level] for level in (Level.PRESENCE, Level.ENVIRONMENT, Level.STATES))
    all_from_ms = max(limits[level] for level in (Level.PRESENCE, Level.ENVIRONMENT, Level.STATES))
    for batch in source.batches(zone, start_ms=start_ms, end_ms=end_ms):
        rows: tuple[Sequence[Row], Sequence[Row]] = batch.readings, batch.states
        for row in merge(*rows, key=attrgetter("t_ms")):
            if row.t_ms >= all_from_ms or row.t_ms >= limits[_level(row)]:
                yield row


def _level(row: Row) -> Level:
    return KINDS[row.kind].level if isinstance(row, Reading) else Level.STATES
