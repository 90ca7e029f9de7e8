# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What an InfluxDB has and lacks of what the store needs, in words, and making what is missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bezet.errors import StoreError, StoreUnusable
from bezet.model import Level
from store.influx.address import TOKEN, access
from store.influx.generations import administration, spoken
from store.influx.lines import BUCKETS, MONTHS, SCHEMA, schema_line
from store.influx.queries import select
from store.influx.schema import schema
from store.influx.server import Refused, Server

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
    if wanted is not None and keeps != wanted:
        yield _kept(how, bucket, whole, keeps, wanted, fix)
        keeps = wanted if fix else keeps
    if how.unmapped(bucket):
        if fix:
            how.map(bucket)
        yield Finding(
            f"bucket {whole} {'is now' if fix else 'is not'} mapped for InfluxQL",
            ok=fix,
            remedy="" if fix else FIX,
        )
        if not fix:
            return
    yield _usable(server, bucket, f"bucket {whole} {done}, keeps {spoken(keeps)}")


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


def _usable(server: Server, bucket: str, so_far: str) -> Finding:
    """Whether the token may write and read; a comment is a write that leaves nothing behind."""
    try:
        server.write(bucket, b"# may I write?")
    except Refused:
        pass  # that there is nothing to write is said to those who may
    except StoreError as error:
        return Finding(
            f"{so_far}, but cannot be written: {error}", ok=False, remedy=f"give {TOKEN} that right"
        )
    try:
        list(server.query(bucket, select(["version"], "schema", "", "LIMIT 1")))
    except StoreError as error:
        return Finding(f"{so_far}, but cannot be read: {error}", ok=False, remedy=f"give {TOKEN} that right")
    return Finding(f"{so_far}, can be written and read", ok=True)


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
