# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an InfluxDB has and lacks of what the store needs, in words, and making what is missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from bezet.errors import StoreError, StoreUnusable
from bezet.model import Level
from store.influx.address import TOKEN, access
from store.influx.generations import administration, spoken
from store.influx.lines import BUCKETS, MONTHS, SCHEMA, schema_line
from store.influx.queries import select
from store.influx.schema import schema
from store.influx.server import Away, Refused, Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from store.influx.generations import Administration

FIX = "run `bezet store check --fix`"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it where it is not well."""

    what: str
    ok: bool
    remedy: str = ""


def examine(
    address: str,
    *,
    fix: bool,
    keep: Mapping[Level, timedelta] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """Look at everything the store needs, and with `fix` make what is missing.

    `keep` is how long each level is kept; without it new buckets keep for ever, old ones as they do.
    Raises `CannotStart` for an address that is none.
    """
    server = Server(access(address, environ))
    try:
        return list(_findings(server, fix, keep or {}))
    finally:
        server.close()


def _findings(server: Server, fix: bool, keep: Mapping[Level, timedelta]) -> Iterator[Finding]:
    try:
        found = server.found()
        there = administration(server).buckets()
    except StoreError as error:
        yield Finding(str(error), ok=False, remedy=f"start it, or correct the address or {TOKEN}")
        return
    org = f", organisation {found.org}" if found.generation == 2 else ""
    yield Finding(f"InfluxDB {found.version} at {server.place}{org}; it takes the token", ok=True)
    for bucket in BUCKETS:
        try:
            yield from _bucket(server, bucket, there, fix, keep)
        except StoreError as error:
            what = f"bucket {server.bucket(bucket)}: {error}"
            yield Finding(what, ok=False, remedy=f"give {TOKEN} the right to make and change buckets")
            return
    yield _schema(server, fix)


def _bucket(
    server: Server,
    bucket: str,
    there: Mapping[str, timedelta | None],
    fix: bool,
    keep: Mapping[Level, timedelta],
) -> Iterator[Finding]:
    """That it is there, keeps as long as it should, is found by InfluxQL, and may be written and read."""
    whole, how = server.bucket(bucket), administration(server)
    wanted = None if bucket == MONTHS else keep.get(Level(bucket))
    done = "is there"
    if bucket not in there:
        if not fix:
            yield Finding(f"bucket {whole} is missing", ok=False, remedy=FIX)
            return
        how.create(bucket, wanted)
        done = "was made"
    keeps = there.get(bucket, wanted)
    tells = server.found().generation != 3 or bucket not in there
    if tells and wanted is not None and not _is_as_long(keeps, wanted):
        yield _kept(how, bucket, whole, keeps, wanted, fix)
        keeps = wanted if fix else keeps
    lasting = spoken(keeps) if tells else "as long as it was made to"
    yield from _rights(server, bucket, f"bucket {whole} {done}, keeps {lasting}", fix)


def _is_as_long(keeps: timedelta | None, wanted: timedelta) -> bool:
    """A hundredth more or less is the calendar's: months are not equally long."""
    return keeps is not None and abs(keeps - wanted) <= wanted / 100


def _kept(
    how: Administration,
    bucket: str,
    whole: str,
    keeps: timedelta | None,
    wanted: timedelta,
    fix: bool,
) -> Finding:
    if fix:
        how.retain(bucket, wanted)
        return Finding(f"bucket {whole} now keeps {spoken(wanted)}; it kept {spoken(keeps)}", ok=True)
    return Finding(f"bucket {whole} keeps {spoken(keeps)}, not {spoken(wanted)}", ok=False, remedy=FIX)


def _rights(server: Server, bucket: str, so_far: str, fix: bool) -> Iterator[Finding]:
    """Whether the token may write and read, and InfluxQL finds what it reads."""
    why_not_read = _why_not_read(server, bucket)
    how = administration(server)
    if why_not_read is not None and how.unmapped(bucket):
        whole = server.bucket(bucket)
        if not fix:
            yield Finding(f"bucket {whole} is not mapped for InfluxQL", ok=False, remedy=FIX)
            return
        how.map(bucket)
        yield Finding(f"bucket {whole} is now mapped for InfluxQL", ok=True)
        why_not_read = _why_not_read(server, bucket)
    for what, why_not in (("written", _why_not_write(server, bucket)), ("read", why_not_read)):
        if why_not is not None:
            remedy = f"give {TOKEN} that right"
            yield Finding(f"{so_far}, but cannot be {what}: {why_not}", ok=False, remedy=remedy)
            return
    yield Finding(f"{so_far}, can be written and read", ok=True)


def _why_not_read(server: Server, bucket: str) -> StoreError | None:
    try:
        list(server.query(bucket, select(["version"], "schema", "", "LIMIT 1")))
    except StoreError as error:
        return error
    return None


def _why_not_write(server: Server, bucket: str) -> StoreError | None:
    """A comment is a write that leaves nothing behind; only who may write is told that it says nothing."""
    try:
        server.write(bucket, b"# may I write?")
    except Refused:
        return None
    except Away as away:
        return None if away.status == HTTPStatus.BAD_REQUEST else away
    return None


def _schema(server: Server, fix: bool) -> Finding:
    try:
        version = schema(server)
        if version is None and fix:
            server.write(MONTHS, schema_line())
    except StoreUnusable as error:
        return Finding(str(error), ok=False, remedy="upgrade bezet")
    except StoreError as error:
        return Finding(f"the schema cannot be read: {error}", ok=False, remedy=FIX)
    if version is None:
        return Finding("nothing was written yet" if not fix else f"schema {SCHEMA} was written", ok=True)
    return Finding(f"schema {version}", ok=True)
