# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What InfluxDB 1, 2 and 3 do each in their own way: buckets, how long they keep, and deletion."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from bezet.errors import StoreError
from store.influx import queries
from store.influx.lines import MONTHS
from store.influx.queries import name, where
from store.influx.server import Away

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bezet.model import Level
    from store.influx.server import Server

DAY = timedelta(days=1)
#: What keeps for ever, and nothing else, is filed by the year.
YEAR = timedelta(weeks=52)
#: InfluxDB 3 keeps for at least an hour, and so do the others.
LEAST = timedelta(hours=1)


class Administration(Protocol):
    """How one kind of server is set up and cleaned."""

    def buckets(self) -> dict[str, timedelta | None]:
        """Our buckets that are there, and how long they keep; None is for ever."""

    def create(self, bucket: str, keep: timedelta | None) -> None:
        """Make a bucket of ours."""

    def retain(self, bucket: str, keep: timedelta | None) -> None:
        """Change how long a bucket keeps."""

    def unmapped(self, bucket: str) -> bool:
        """Whether InfluxQL cannot find the bucket."""

    def map(self, bucket: str) -> None:
        """Let InfluxQL find it."""

    def delete(self, bucket: str, measurement: str, *, before_ms: int | None, **tags: str) -> None:
        """Delete the rows with these tags, older than `before_ms` or all."""


def administration(server: Server) -> Administration:
    """The way of this server."""
    kinds: dict[int, type[One | Two | Three]] = {1: One, 2: Two, 3: Three}
    return kinds[server.found().generation](server)


def filed_by(keep: timedelta | None) -> timedelta:
    """How much time one file of a bucket spans: what has expired goes file by file, and files are few."""
    if keep is None:
        return YEAR
    return DAY / 24 if keep <= 2 * DAY else DAY if keep <= 180 * DAY else 7 * DAY


def retain(server: Server, durations: Mapping[Level, timedelta]) -> list[str]:
    """Let each bucket keep as long as its level is kept, and say what was changed, or that it may not be.

    The server drops what has expired in whole files, an hour or a day at a time; the exact instant is for
    `remove_before`, which needs fewer rights. 3 keeps as long as it was made to.
    """
    if server.found().generation == 3:
        return []
    how = administration(server)
    try:
        there = how.buckets()
        due = {level: wanted for level, wanted in durations.items() if there.get(level) != max(wanted, LEAST)}
        for level in due.keys() & there.keys():
            how.retain(level, due[level])
    except Away as away:
        if away.status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise
        return [f"buckets keep as long as before: {away}"]
    return [
        f"bucket {server.bucket(level)} keeps {spoken(wanted)}; it kept {spoken(there[level])}"
        for level, wanted in due.items()
        if level in there
    ]


def spoken(keep: timedelta | None) -> str:
    """A time as a person says it."""
    if keep is None:
        return "for ever"
    return f"{keep / DAY:.4g} days" if keep >= 2 * DAY else f"{keep.total_seconds() / 3600:.4g} hours"


class One:
    """1.8, or older behind a proxy that knows `/api/v2/write`: buckets are retention policies."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def buckets(self) -> dict[str, timedelta | None]:
        """From `SHOW RETENTION POLICIES`."""
        if not self._there():
            return {}
        policies = self._server.command(f"SHOW RETENTION POLICIES ON {name(self._server.database)}")
        return {row[0]: _go_duration(row[1]) for one in policies for row in one.rows}

    def _there(self) -> bool:
        found = self._server.command("SHOW DATABASES")
        return any(row[0] == self._server.database for one in found for row in one.rows)

    def create(self, bucket: str, keep: timedelta | None) -> None:
        """`CREATE RETENTION POLICY`, and the database before the first one."""
        database = name(self._server.database)
        if not self._there():  # with a default of ours, or there would be one more that nobody uses
            terms = f"DURATION INF REPLICATION 1 SHARD DURATION {_influxql(YEAR)} NAME {name(MONTHS)}"
            self._server.command(f"CREATE DATABASE {database} WITH {terms}")
        if bucket != MONTHS or bucket not in self.buckets():
            terms = f"DURATION {_influxql(keep)} REPLICATION 1 SHARD DURATION {_influxql(filed_by(keep))}"
            self._server.command(f"CREATE RETENTION POLICY {name(bucket)} ON {database} {terms}")

    def retain(self, bucket: str, keep: timedelta | None) -> None:
        """`ALTER RETENTION POLICY`."""
        terms = f"DURATION {_influxql(keep)} SHARD DURATION {_influxql(filed_by(keep))}"
        policy = f"{name(bucket)} ON {name(self._server.database)}"
        self._server.command(f"ALTER RETENTION POLICY {policy} {terms}")

    def unmapped(self, bucket: str) -> bool:  # noqa: ARG002  see the protocol
        """InfluxQL is its own language."""
        return False

    def map(self, bucket: str) -> None:
        """Nothing to do."""

    def delete(self, bucket: str, measurement: str, *, before_ms: int | None, **tags: str) -> None:  # noqa: ARG002
        """`DELETE`, which looks in every retention policy; hence no measurement stands in two of them."""
        self._server.command(queries.delete(measurement, where(tags, end_ms=before_ms)))


class Two:
    """2.x: buckets named DATABASE/POLICY, which InfluxQL finds by mappings of that name."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._org = server.found().org

    def buckets(self) -> dict[str, timedelta | None]:
        """From `/api/v2/buckets`."""
        return {
            short: timedelta(seconds=seconds) if seconds else None
            for short, one in self._found().items()
            for seconds in [sum(rule.get("everySeconds", 0) for rule in one.get("retentionRules", ()))]
        }

    def _found(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        ours, after = f"{self._server.database}/", ""
        while True:
            more = {"after": after} if after else {}
            asked = urlencode({"org": self._org, "limit": 100, **more})
            page = self._server.call("GET", f"/api/v2/buckets?{asked}")["buckets"]
            found |= {one["name"].removeprefix(ours): one for one in page if one["name"].startswith(ours)}
            if len(page) < 100:
                return found
            after = page[-1]["id"]

    def _org_id(self) -> str:
        orgs = self._server.call("GET", "/api/v2/orgs?" + urlencode({"org": self._org}))["orgs"]
        return str(orgs[0]["id"])

    def create(self, bucket: str, keep: timedelta | None) -> None:
        """`POST /api/v2/buckets`."""
        whole = {
            "orgID": self._org_id(),
            "name": self._server.bucket(bucket),
            "retentionRules": [_rule(keep)],
        }
        self._server.call("POST", "/api/v2/buckets", whole)

    def retain(self, bucket: str, keep: timedelta | None) -> None:
        """`PATCH /api/v2/buckets/ID`."""
        there = self._found()[bucket]["id"]
        self._server.call("PATCH", f"/api/v2/buckets/{there}", {"retentionRules": [_rule(keep)]})

    def unmapped(self, bucket: str) -> bool:
        """2.4 and later make "virtual" mappings for buckets of our form; a second one would do harm."""
        place = {"org": self._org, "db": self._server.database, "rp": bucket}
        mappings = self._server.call("GET", "/api/v2/dbrps?" + urlencode(place))["content"] or []
        there = self._found()[bucket]["id"]
        return not any(one["bucketID"] == there for one in mappings)

    def map(self, bucket: str) -> None:
        """`POST /api/v2/dbrps`."""
        place = {"database": self._server.database, "retention_policy": bucket, "default": False}
        ids = {"orgID": self._org_id(), "bucketID": self._found()[bucket]["id"]}
        self._server.call("POST", "/api/v2/dbrps", {**ids, **place})

    def delete(self, bucket: str, measurement: str, *, before_ms: int | None, **tags: str) -> None:
        """`POST /api/v2/delete`, whose end is in the span."""
        conditions = [f'{tag}="{word}"' for tag, word in {"_measurement": measurement, **tags}.items()]
        stop = "2262-01-01T00:00:00Z" if before_ms is None else _just_before(before_ms)
        span = {"start": "1970-01-01T00:00:00Z", "stop": stop, "predicate": " AND ".join(conditions)}
        asked = urlencode({"org": self._org, "bucket": self._server.bucket(bucket)})
        self._server.call("POST", f"/api/v2/delete?{asked}", span)


class Three:
    """3 Core: databases named like buckets, which keep as long as they were made to, and delete no rows."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def buckets(self) -> dict[str, timedelta | None]:
        """From `/api/v3/configure/database`, which does not say how long they keep."""
        found = self._server.call("GET", "/api/v3/configure/database?format=json")
        names = [str(next(iter(one.values()))) for one in found]
        ours = f"{self._server.database}/"
        return {one.removeprefix(ours): None for one in names if one.startswith(ours)}

    def create(self, bucket: str, keep: timedelta | None) -> None:
        """`POST /api/v3/configure/database`."""
        lasting = {} if keep is None else {"retention_period": f"{round(max(keep, LEAST).total_seconds())}s"}
        self._server.call(
            "POST", "/api/v3/configure/database", {"db": self._server.bucket(bucket), **lasting}
        )

    def retain(self, bucket: str, keep: timedelta | None) -> None:  # noqa: ARG002  see the protocol
        """3 Core says no."""
        raise StoreError(
            f"{self._server.place}: InfluxDB 3 cannot change how long {self._server.bucket(bucket)} keeps"
        )

    def unmapped(self, bucket: str) -> bool:  # noqa: ARG002  see the protocol
        """InfluxQL asks a database by its name."""
        return False

    def map(self, bucket: str) -> None:
        """Nothing to do."""

    def delete(self, bucket: str, measurement: str, *, before_ms: int | None, **tags: str) -> None:  # noqa: ARG002
        """3 Core says no."""
        what = f"rows of {measurement} cannot be deleted from {self._server.bucket(bucket)}"
        raise StoreError(
            f"{self._server.place}: {what}: InfluxDB 3 Core deletes whole databases, and what expired"
        )


def _rule(keep: timedelta | None) -> dict[str, Any]:
    seconds = 0 if keep is None else round(max(keep, LEAST).total_seconds())
    filed_s = round(filed_by(keep).total_seconds())
    return {"type": "expire", "everySeconds": seconds, "shardGroupDurationSeconds": filed_s}


def _influxql(keep: timedelta | None) -> str:
    return "INF" if keep is None else f"{round(max(keep, LEAST).total_seconds())}s"


def _go_duration(words: str) -> timedelta | None:
    """From `2160h0m0s`, where `0s` is for ever."""
    parts = {unit: int(number) for number, unit in re.findall(r"(\d+)([hms])", words)}
    found = timedelta(hours=parts.get("h", 0), minutes=parts.get("m", 0), seconds=parts.get("s", 0))
    return found or None


def _just_before(t_ms: int) -> str:
    seconds, ms = divmod(max(t_ms, 1) - 1, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03}Z"
