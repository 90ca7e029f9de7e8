# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A `Store` in InfluxDB: what it promises is written before it returns, and a repeat changes nothing."""

from __future__ import annotations

import heapq
import secrets
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bezet.errors import Cause
from bezet.model import KINDS, Level, Zone
from bezet.usage.columns import JOINT
from bezet.usage.facts import QUARTER_MS, touched_quarters
from store import MAX_REJECTS, Month, Reject, Touched
from store.influx import lines, queries
from store.influx.census import each_zone, zone_of
from store.influx.delivery import Delivery, Residue
from store.influx.generations import administration, retain
from store.influx.lines import MONTHS
from store.influx.marks import Marks
from store.influx.queries import NEWEST, select, where
from store.influx.schema import schema
from store.influx.server import TIMEOUT_S, Server
from store.portions import portions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import timedelta

    from bezet.messages import Batch, Health
    from bezet.model import Kind, Reading, State
    from bezet.usage.columns import ReadingColumns, StateColumns, ZoneFacts
    from store.influx.address import Access
    from store.influx.queries import Series

#: What stands in which bucket: the measurement, its level, and a field that every row of it has.
ROWS = (
    ("presence", Level.PRESENCE, "amount"),
    ("environment", Level.ENVIRONMENT, "amount"),
    ("state", Level.STATES, "probability"),
    ("health", Level.STATES, "uptime_s"),
    ("fact", Level.FACTS, "revision"),
)
ZONE = 'GROUP BY "site", "space", "device"'


class InfluxStore:
    """A `Store` in the database that `access` names. May be used from several threads, and by many at once.

    It opens without asking the server anything; what a newer version made is refused at the first use.
    """

    def __init__(self, access: Access, *, now_ms: Callable[[], int], timeout_s: float = TIMEOUT_S) -> None:
        self.server = Server(access, timeout_s=timeout_s)
        self._now_ms = now_ms
        self._delivery = Delivery(self.server, now_ms)
        self._marks = Marks()
        self._lock = threading.Lock()
        self._checked = False
        self._rejected = 0
        #: Lines that the server would not have and that stand with the rejects now.
        self.parked = 0
        #: Lines that were older than their bucket keeps.
        self.expired = 0

    # --- what devices say ---------------------------------------------------------------------------------

    def write(self, batches: Sequence[Batch]) -> None:
        """Write all of it, then mark what it touches: a mark that can be seen speaks of data that can be."""
        touched = {(one.site, one.space, quarter) for one in batches for quarter in touched_quarters(one)}
        rows = {**lines.reading_lines(batches), Level.STATES: lines.state_lines(batches)}
        residues = [self._write(bucket, found) for bucket, found in rows.items()]
        residues.append(self._touch(touched))
        self._set_aside(*residues)

    def _touch(self, touched: set[tuple[str, str, int]]) -> Residue:
        now_ms = self._now_ms()
        missing, look = self._marks.missing(touched, now_ms)
        token = secrets.randbits(62) + 1
        residue = self._write(Level.STATES, [lines.touch_line(*one, token) for one in missing])
        self._marks.written(missing, look, now_ms)
        return Residue(bad=residue.bad)  # marks that have expired are nobody's loss

    def _write(self, bucket: str, found: Sequence[str]) -> Residue:
        if not found:
            return Residue()
        self.check(writes=True)
        return self._delivery.write(bucket, found)

    def _set_aside(self, *residues: Residue) -> None:
        """Park what can never be written, so that nothing is tried for ever; what has expired is counted.

        Once all the rest is written: else a repeat would park it again.
        """
        bad = [one for residue in residues for one in residue.bad]
        now_ms = self._now_ms()
        self.reject(
            [Reject(now_ms, lines.topic(line), Cause.BAD_VALUE, what, line.encode()) for line, what in bad]
        )
        with self._lock:
            self.parked += len(bad)
            self.expired += sum(residue.expired for residue in residues)

    def write_health(self, healths: Sequence[Health]) -> None:
        """Write what agents say of themselves."""
        self._set_aside(self._write(Level.STATES, lines.health_lines(healths)))

    def readings(
        self,
        site: str,
        space: str,
        *,
        start_ms: int,
        end_ms: int,
        kinds: Collection[Kind] | None = None,
    ) -> ReadingColumns:
        """Readings of a space, of some kinds or of all."""
        found: list[Series] = []
        for level in queries.READING_LEVELS:
            asked = {
                kind for kind in KINDS if KINDS[kind].level is level and (kinds is None or kind in kinds)
            }
            if asked and start_ms < end_ms:
                only = () if kinds is None else asked
                condition = where(
                    {"site": site, "space": space}, start_ms=start_ms, end_ms=end_ms, kinds=only
                )
                by = 'GROUP BY "device", "sensor", "kind"'
                found += self._ask(level, select(["amount"], level, condition, by))
        return queries.reading_columns(found)

    def states(self, site: str, space: str, *, start_ms: int, end_ms: int) -> StateColumns:
        """States of a space, and each device's last ones before the span."""
        by = 'GROUP BY "device", "rule"'
        before = where({"site": site, "space": space}, end_ms=start_ms)
        last = list(self._ask(Level.STATES, select(queries.STATE_FIELDS, "state", before, by, NEWEST)))
        newest_ms: defaultdict[str, int] = defaultdict(int)
        for one in last:
            newest_ms[one.tags["device"]] = max(newest_ms[one.tags["device"]], one.rows[0][0])
        found = [one for one in last if one.rows[0][0] == newest_ms[one.tags["device"]]]
        if start_ms < end_ms:
            condition = where({"site": site, "space": space}, start_ms=start_ms, end_ms=end_ms)
            found += self._ask(Level.STATES, select(queries.STATE_FIELDS, "state", condition, by))
        return queries.state_columns(found)

    def latest(self, site: str) -> list[tuple[Zone, State]]:
        """The newest state of every zone, in order of the zone."""

        def text(condition: str) -> str:
            return select(queries.STATE_FIELDS, "state", condition, f'{ZONE}, "rule"', NEWEST)

        found = each_zone(self._ask, Level.STATES, "state", text, now_ms=self._now_ms(), site=site)
        newest: dict[Zone, tuple[int, str, list[Any]]] = {}
        for one in found:
            candidate = one.rows[0][0], one.tags["rule"], one.rows[0]
            before = newest.get(zone_of(one), candidate)
            newest[zone_of(one)] = max(before, candidate, key=lambda row: row[:2])
        return [(zone, queries.state(row, rule)) for zone, (_, rule, row) in sorted(newest.items())]

    def healths(self, site: str, *, start_ms: int, end_ms: int) -> list[Health]:
        """What agents said of themselves, in order of time and device."""
        condition = where({"site": site}, start_ms=start_ms, end_ms=end_ms)
        text = select(lines.HEALTH_FIELDS, "health", condition, 'GROUP BY "device"')
        found = [
            lines.health(site, one.tags["device"], row)
            for one in self._ask(Level.STATES, text)
            for row in one.rows
        ]
        return sorted(found, key=lambda one: (one.t_ms, one.device))

    def zones(self) -> list[Zone]:
        """Every zone of which there is a reading or a state, in order."""
        found: set[Zone] = set()
        for measurement, level, field in ROWS[:3]:

            def text(condition: str, measurement: str = measurement, field: str = field) -> str:
                return select([field], measurement, condition, ZONE, "LIMIT 1")

            series = each_zone(self._ask, level, measurement, text, now_ms=self._now_ms())
            found |= {*map(zone_of, series)}
        return sorted(found)

    def batches(self, zone: Zone, *, start_ms: int, end_ms: int) -> Iterator[Batch]:
        """Everything of one zone in order of time, in portions, in constant memory."""
        condition = where(zone._asdict(), start_ms=start_ms, end_ms=end_ms)
        streams: list[Iterator[Reading | State]] = [
            self._readings_of(level, condition) for level in queries.READING_LEVELS
        ]
        if start_ms < end_ms:
            rows = heapq.merge(*streams, self._states_of(condition), key=lambda row: row.t_ms)
            yield from portions(zone, rows)

    def _readings_of(self, level: Level, condition: str) -> Iterator[Reading | State]:
        for one in self._ask(level, select(["amount", "sensor", "kind"], level, condition)):
            yield from map(queries.reading, one.rows)

    def _states_of(self, condition: str) -> Iterator[Reading | State]:
        for one in self._ask(Level.STATES, select([*queries.STATE_FIELDS, "rule"], "state", condition)):
            for *row, rule in one.rows:
                yield queries.state(row, rule)

    # --- facts ----------------------------------------------------------------------------------------------

    def touched(self, site: str) -> list[Touched]:
        """Quarter hours written to since their facts were made, in order of space and time."""
        look = self._marks.look(site, self._now_ms())
        condition = where({"site": site}, start_ms=look.start_ms) + ' AND "touched" != "done"'
        asked = self._ask(Level.STATES, select(["touched"], "mark", condition, 'GROUP BY "space"'))
        found = sorted(Touched(site, one.tags["space"], *row) for one in asked for row in one.rows)
        self._marks.found(look, [one.quarter_ms for one in found], self._now_ms())
        return found

    def write_facts(self, facts: Sequence[ZoneFacts], done: Sequence[Touched]) -> None:
        """Put these quarter hours in the place of what was there; then forget the touches that are done.

        A quarter hour that another one's touch has reached meanwhile is touched once more: who saw that touch
        may have written better facts before these.
        """
        made = self._write(Level.FACTS, list(lines.fact_lines(facts)))
        said: list[str] = []
        token = secrets.randbits(62) + 1
        for site in {one.site for one in done}:
            ours = [one for one in done if one.site == site]
            standing = self._tokens(site, ours)
            for _, space, quarter_ms, seen in ours:
                now = standing.get((space, quarter_ms), 0)
                if now == seen:
                    said.append(lines.done_line(site, space, quarter_ms, seen))
                elif now:
                    said.append(lines.touch_line(site, space, quarter_ms, token))
        self._set_aside(made, self._write(Level.STATES, said))

    def _tokens(self, site: str, done: Sequence[Touched]) -> dict[tuple[str, int], int]:
        """The newest touch of each quarter hour, from the first to the last one asked for."""
        quarters = [one.quarter_ms for one in done]
        condition = where({"site": site}, start_ms=min(quarters), end_ms=max(quarters) + QUARTER_MS)
        found = self._ask(Level.STATES, select(["touched"], "mark", condition, 'GROUP BY "space"'))
        return {(one.tags["space"], quarter_ms): token for one in found for quarter_ms, token in one.rows}

    def facts(
        self, site: str, space: str | None = None, *, start_ms: int, end_ms: int
    ) -> Iterator[ZoneFacts]:
        """Facts of one space or of all, zone by zone in order, one zone in memory."""
        if start_ms >= end_ms:
            return
        condition = where({"site": site, "space": space}, start_ms=start_ms, end_ms=end_ms)
        groups = self._ask(Level.FACTS, select(["revision"], "fact", condition, ZONE, "LIMIT 1"))
        for zone_space, device in sorted(
            {(one.tags["space"], queries.device_of(one.tags["device"])) for one in groups}
        ):
            tag = lines.JOINT_TAG if device == JOINT else device
            tags = {"site": site, "space": zone_space, "device": tag}
            condition = where(tags, start_ms=start_ms, end_ms=end_ms)
            found = self._ask(Level.FACTS, select(queries.FACT_FIELDS, "fact", condition))
            facts = queries.zone_facts(Zone(site, zone_space, device), found)
            if len(facts):
                yield facts

    def write_months(self, months: Sequence[Month]) -> None:
        """Put these months in the place of what was there."""
        first_ms = {one.month: _first_ms(one.month) for one in months}
        self._set_aside(self._write(MONTHS, lines.month_lines(months, first_ms)))

    def months(self, site: str) -> list[Month]:
        """The months of a site, in order."""
        text = select(queries.FACT_FIELDS, "month", where({"site": site}))
        found = queries.zone_facts(Zone(site, "", ""), self._ask(MONTHS, text))
        rows = zip(found.quarter_ms.tolist(), found.amounts.T.copy(), found.revision.tolist(), strict=True)
        return [Month(site, _month(t_ms), amounts, revision) for t_ms, amounts, revision in rows]

    # --- removal --------------------------------------------------------------------------------------------

    def remove_before(self, site: str, before_ms: Mapping[Level, int]) -> dict[Level, int]:
        """Remove what is older, and say how many rows went of each level that was named."""
        removed = dict.fromkeys(before_ms, 0)
        for measurement, level, field in ROWS:
            if level in before_ms:
                removed[level] += self._remove(measurement, level, field, before_ms[level], site=site)
        return removed

    def remove_space(self, site: str, space: str) -> dict[Level, int]:
        """Remove everything of a space, its facts too, and say how many rows went."""
        removed = dict.fromkeys(Level, 0)
        for measurement, level, field in ROWS:
            if measurement != "health":
                removed[level] += self._remove(measurement, level, field, None, site=site, space=space)
        self._remove("mark", Level.STATES, "touched", None, site=site, space=space)
        self._marks.forget()
        return removed

    def _remove(self, measurement: str, level: Level, field: str, before_ms: int | None, **tags: str) -> int:
        text = queries.count(field, measurement, where(tags, end_ms=before_ms))
        rows = sum(int(row[1]) for one in self._ask(level, text) for row in one.rows)
        if rows:
            administration(self.server).delete(level, measurement, before_ms=before_ms, **tags)
        return rows

    def keep(self, durations: Mapping[Level, timedelta]) -> list[str]:
        """Have the server drop by itself what is older, and say what was changed for it."""
        return retain(self.server, durations)

    # --- what was refused -----------------------------------------------------------------------------------

    def reject(self, rejects: Sequence[Reject]) -> None:
        """Keep refused messages: counted for ever, the newest 1,000 whole."""
        if not rejects:
            return
        self.check(writes=True)
        kept, counted = lines.reject_lines(rejects)
        # What is refused here is not set aside once more: it would come back here.
        self._delivery.write(Level.STATES, kept, precision="ns")
        self._delivery.write(MONTHS, counted, precision="ns")
        self._rejected += len(rejects)
        if self._rejected >= MAX_REJECTS:
            self._rejected = 0
            self._trim()

    def _trim(self) -> None:
        """Older ones make room; they would expire with the states anyhow."""
        if self.server.found().generation == 3:
            return
        text = select(["what"], "reject", "", f"ORDER BY time DESC LIMIT 1 OFFSET {MAX_REJECTS - 1}")
        for one in self._ask(Level.STATES, text):
            administration(self.server).delete(Level.STATES, "reject", before_ms=one.rows[0][0])

    def rejects(self, limit: int = 50) -> list[Reject]:
        """The newest refused messages, newest first."""
        newest = f"ORDER BY time DESC LIMIT {min(limit, MAX_REJECTS)}"
        text = select([*lines.REJECT_FIELDS, "cause"], "reject", "", newest)
        return [lines.reject(row) for one in self._ask(Level.STATES, text) for row in one.rows]

    def reject_counts(self) -> dict[Cause, int]:
        """How many messages were ever refused, by cause."""
        counted: Counter[Cause] = Counter()
        text = 'SELECT sum("messages") FROM "reject_count" GROUP BY "cause"'
        for one in self._ask(MONTHS, text):
            counted[Cause(one.tags["cause"])] += int(one.rows[0][1])
        return dict(counted)

    def close(self) -> None:
        """Close all connections."""
        self.server.close()

    # --- how ----------------------------------------------------------------------------------------------

    def _ask(self, bucket: str, text: str) -> Iterator[Series]:
        self.check()
        return self.server.query(bucket, text)

    def check(self, *, writes: bool = False) -> None:
        """Raise `StoreUnusable` for what a newer version wrote; the first one to write says its own."""
        if self._checked:
            return
        if schema(self.server) is not None:
            self._checked = True
        elif writes:
            self.server.write(MONTHS, lines.schema_line())
            self._checked = True


def _first_ms(month: str) -> int:
    return round(datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC).timestamp() * 1000)


def _month(t_ms: int) -> str:
    return f"{datetime.fromtimestamp(t_ms / 1000, UTC):%Y-%m}"
