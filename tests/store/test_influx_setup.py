# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""`bezet store check`: what a server is, what it lacks, and that `--fix` makes it.

The first half speaks to a real server. The second half holds our requests to 2.x and 3 against what their
documentation says; what answers there stands for the documentation, not for the server.
"""

from __future__ import annotations

import json
import threading
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bezet.errors import CannotStart, StoreBusy, StoreError
from bezet.model import Level
from store.influx.address import TOKEN, access
from store.influx.lines import BUCKETS
from store.influx.setup import Finding, examine
from store.influx.store import InfluxStore
from tests.conftest import free_port
from tests.store.influx_server import Influx, influx, now_ms, token
from tests.store.stage import EVER, SITE, SPACE, T_MS, batch, reading, state
from tests.store.test_influx_faults import own_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DAY = timedelta(days=1)
MISSING = r"not found.*bezet store check --fix"
KEEP = {Level.PRESENCE: DAY, Level.ENVIRONMENT: 90 * DAY, Level.STATES: 90 * DAY, Level.FACTS: 761 * DAY}


@contextmanager
def unused() -> Iterator[tuple[Influx, str, str]]:
    """A server, the name of a database that is not there, and its address."""
    server = influx()
    database = server.new_name()
    try:
        yield server, database, server.address(database)
    finally:
        server.drop(database)


def words(findings: list[Finding]) -> list[str]:
    """What was found, without the name of the database."""
    return [one.what.partition("/")[2] if one.what.startswith("bucket") else one.what for one in findings]


# --- a real server ----------------------------------------------------------------------------------------


def test_what_is_missing_is_said_and_made() -> None:
    """Without --fix nothing is changed; with it all is made, and the next look finds nothing to do."""
    with unused() as (server, _, address):
        for _ in range(2):
            before = examine(address, fix=False, environ=server.environ)
            assert before[0].ok
            assert words(before)[1:6] == [f"{bucket} is missing" for bucket in BUCKETS]
            assert not any(one.ok for one in before[1:])
            assert {one.remedy for one in before[1:]} == {"run `bezet store check --fix`"}
        made = examine(address, fix=True, environ=server.environ, keep=KEEP)
        after = examine(address, fix=False, environ=server.environ, keep=KEEP)

    assert words(made)[1:] == [
        "presence was made, keeps 24 hours, can be written and read",
        "environment was made, keeps 90 days, can be written and read",
        "states was made, keeps 90 days, can be written and read",
        "facts was made, keeps 761 days, can be written and read",
        "months was made, keeps for ever, can be written and read",
        "schema 1 was written",
    ]
    assert all(one.ok for one in [*made, *after])
    assert words(after)[1] == "presence is there, keeps 24 hours, can be written and read"
    assert words(after)[-1] == "schema 1"


def test_the_server_and_its_version_are_named() -> None:
    """The first line says which InfluxDB it is and where."""
    with unused() as (server, _, address):
        first = examine(address, fix=False, environ=server.environ)[0]
        with closing(server.server("any")) as opened:
            found = opened.found()

    assert first.what.startswith(f"InfluxDB {found.version} at http://")
    assert found.version.startswith(str(found.generation))


def test_another_retention_is_said_and_changed() -> None:
    """A bucket that keeps longer than it should is a finding, and --fix changes it."""
    with unused() as (server, _, address):
        examine(address, fix=True, environ=server.environ)
        said = examine(address, fix=False, environ=server.environ, keep=KEEP)
        changed = examine(address, fix=True, environ=server.environ, keep=KEEP)
        after = examine(address, fix=False, environ=server.environ, keep=KEEP)

    assert "presence keeps for ever, not 24 hours" in words(said)
    assert "presence now keeps 24 hours; it kept for ever" in words(changed)
    assert all(one.ok for one in [*changed, *after])


def test_a_month_of_another_length_is_no_finding() -> None:
    """25 months are a day longer or shorter as the year goes on; a week is another agreement."""
    with unused() as (server, _, address):
        examine(address, fix=True, environ=server.environ, keep=KEEP)
        near = examine(address, fix=False, environ=server.environ, keep={Level.FACTS: 759 * DAY})
        far = examine(address, fix=False, environ=server.environ, keep={Level.FACTS: 750 * DAY})

    assert all(one.ok for one in near)
    assert "facts keeps 761 days, not 750 days" in words(far)


def test_looking_leaves_nothing_behind() -> None:
    """A look writes no row and removes none."""
    with unused() as (server, _, address):
        examine(address, fix=True, environ=server.environ)
        with closing(InfluxStore(access(address, server.environ), now_ms=now_ms)) as store:
            store.write([batch(reading(1), state(1))])
            before = [*store.readings(SITE, SPACE, **EVER).rows()], store.latest(SITE), store.touched(SITE)
            for fix in (False, True):
                examine(address, fix=fix, environ=server.environ)

            assert before == (
                [*store.readings(SITE, SPACE, **EVER).rows()],
                store.latest(SITE),
                store.touched(SITE),
            )
            assert store.zones() == [(SITE, SPACE, "pi-1")]


def test_a_bucket_that_went_missing_is_waited_for_and_made() -> None:
    """Without its bucket the store is busy and says what to do; once it is there again, it goes on."""
    with (
        unused() as (server, database, address),
        closing(InfluxStore(access(address, server.environ), now_ms=now_ms)) as store,
    ):
        with pytest.raises(StoreBusy, match=MISSING):
            store.write([batch(reading(1))])
        examine(address, fix=True, environ=server.environ)
        store.write([batch(reading(1))])
        server.drop(database)
        with pytest.raises(StoreBusy, match=MISSING):
            store.write([batch(reading(2))])
        with pytest.raises(StoreBusy, match=MISSING):
            store.readings(SITE, SPACE, **EVER)


@pytest.mark.parametrize("wrong", ["", "nobody:nothing", "wrong"])
def test_a_token_that_is_not_taken(wrong: str) -> None:
    """A wrong token, or none, is said with the name of the variable and without the token."""
    with unused() as (_, _, address):
        (only,) = examine(address, fix=True, environ={TOKEN: wrong})

    assert not only.ok
    assert TOKEN in only.remedy
    assert not wrong or wrong not in only.what


def test_a_token_with_too_few_rights(tmp_path: Path) -> None:
    """Which right is missing is said; who may only write and read the buckets can run a collector."""
    server = own_server(tmp_path, tmp_path / "data")
    try:
        root, address = {TOKEN: token("bezet")}, f"influx:{server.url}/bezet"
        examine(address, fix=True, environ=root)
        with closing(InfluxStore(access(address, root), now_ms=now_ms)) as store:
            store.server.command("CREATE USER guest WITH PASSWORD 'secret-of-guest'")
            nothing = examine(address, fix=False, environ={TOKEN: token("guest")})
            store.server.command('GRANT READ ON "bezet" TO guest')
            reads = examine(address, fix=False, environ={TOKEN: token("guest")})
            store.server.command('GRANT ALL ON "bezet" TO guest')
            writes = examine(address, fix=False, environ={TOKEN: token("guest")})
        guest = access(address, {TOKEN: token("guest")})
        with closing(InfluxStore(guest, now_ms=now_ms)) as store:
            store.write([batch(reading(1), state(1))])
            removed = store.remove_before(SITE, {Level.STATES: T_MS + 2_000})
            (told,) = store.keep(KEEP)
    finally:
        server.end()

    assert not all(one.ok for one in nothing)
    assert any("cannot be written" in one.what and TOKEN in one.remedy for one in reads)
    assert all(one.ok for one in writes)
    assert removed == {Level.STATES: 1}
    assert told.startswith("buckets keep as long as before: ")


def test_a_server_that_is_away() -> None:
    """Nobody there is said with the place."""
    (only,) = examine(f"influx:http://127.0.0.1:{free_port()}/bezet", fix=True, environ={})

    assert not only.ok
    assert "refused" in only.what


def test_an_address_that_is_none() -> None:
    """An address of another form ends with one line."""
    with pytest.raises(CannotStart, match="needs the form"):
        examine("influx:localhost", fix=True, environ={})


def test_a_newer_schema() -> None:
    """What a newer version wrote is a finding, and --fix does not touch it."""
    with unused() as (server, database, address):
        examine(address, fix=True, environ=server.environ)
        with closing(server.server(database)) as opened:
            opened.write("months", b"schema version=7i 0")
        last = examine(address, fix=True, environ=server.environ)[-1]

    assert not last.ok
    assert "schema 7" in last.what
    assert last.remedy == "upgrade bezet"


# --- what the documentation says --------------------------------------------------------------------------


class Documented(ThreadingHTTPServer):
    """Answers as a page of documentation says; it stands for that page, and for no server."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, version: str) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.version = version
        self.buckets: dict[str, dict[str, Any]] = {}
        self.mappings: list[dict[str, Any]] = []
        self.orgs = [{"id": "00000000000000aa", "name": "town hall"}]
        self.virtual = True
        self.asked: list[tuple[str, str, Mapping[str, str], Any]] = []

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def bodies(self, method: str, path: str) -> list[Any]:
        """What was sent there."""
        return [body for asked, place, _, body in self.asked if (asked, place) == (method, path)]

    def queries(self, method: str, path: str) -> list[Mapping[str, str]]:
        """What stood behind the question mark there."""
        return [query for asked, place, query, _ in self.asked if (asked, place) == (method, path)]


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    server: Documented

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        is_json = self.headers.get("Content-Type") == "application/json"
        sent = json.loads(body) if is_json and body else body.decode()
        self.server.asked.append((self.command, parts.path, query, sent))
        status, said = self._answer(f"{self.command} {parts.path}", query, sent)
        found = json.dumps(said).encode() if said is not None else b""
        self.send_response(status)
        if parts.path == "/ping" and self.server.version.startswith("v2"):
            self.send_header("X-Influxdb-Version", self.server.version)
        if status != 204:
            self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        if status != 204:
            self.wfile.write(found)

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815  the library's own names

    def _mapped(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        virtual = [
            {"bucketID": one["id"], "virtual": True}
            for one in self.server.buckets.values()
            if self.server.virtual and one["name"] == f"{query['db']}/{query['rp']}"
        ]
        return virtual + [one for one in self.server.mappings if one["retention_policy"] == query["rp"]]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's own name
        """Say nothing."""

    def _answer(  # noqa: PLR0911  one for each page
        self, asked: str, query: Mapping[str, str], sent: Any
    ) -> tuple[int, Any]:
        server = self.server
        if self.headers.get("Authorization") != "Token t" and asked != "GET /ping":
            return 401, {"code": "unauthorized", "message": "unauthorized access"}
        match asked:
            case "GET /ping":
                return (204, None) if server.version.startswith("v2") else (200, {"version": server.version})
            case "GET /api/v2/orgs":
                return 200, {"orgs": server.orgs}
            case "GET /api/v2/buckets":
                return 200, {"buckets": [*server.buckets.values()]}
            case "POST /api/v2/buckets":
                number = f"{len(server.buckets) + 1:016x}"
                server.buckets[number] = {"id": number, **sent}
                return 201, server.buckets[number]
            case "GET /api/v2/dbrps":
                return 200, {"content": self._mapped(query)}
            case "POST /api/v2/dbrps":
                server.mappings.append(sent)
                return 201, sent
            case "GET /api/v3/configure/database":
                return 200, [{"iox::database": one["db"]} for one in server.buckets.values()]
            case "POST /api/v3/configure/database":
                server.buckets[sent["db"]] = sent
                return 200, None
            case "POST /api/v2/write" | "POST /api/v2/delete":
                return 204, None
            case "GET /query":
                if "rp" in query and not self._mapped(query):
                    what = f"retention policy not found: {query['rp']}"
                    return 200, {"results": [{"statement_id": 0, "error": what}]}
                counted = [[0, 3]] if "count(" in query["q"] else []
                series = [{"name": "x", "columns": ["time", "count"], "values": counted}] if counted else []
                return 200, {"results": [{"statement_id": 0, "series": series}]}
        if asked.startswith("PATCH /api/v2/buckets/"):
            server.buckets[asked.rpartition("/")[2]] |= sent
            return 200, {}
        return 404, {"code": "not found", "message": "path not found"}


@contextmanager
def documented(version: str) -> Iterator[Documented]:
    """A page that answers."""
    with Documented(version) as page:
        thread = threading.Thread(target=page.serve_forever, args=[0.01])
        thread.start()
        try:
            yield page
        finally:
            page.shutdown()
            thread.join()


ENVIRON = {TOKEN: "t"}


def test_two_makes_buckets_as_documented() -> None:
    """2.x: the token shows the organisation, buckets are made with their retention, names map."""
    with documented("v2.7.1") as page:
        address = f"influx:{page.url}/bezet"
        before = examine(address, fix=False, environ=ENVIRON, keep=KEEP)
        made = examine(address, fix=True, environ=ENVIRON, keep=KEEP)
        after = examine(address, fix=False, environ=ENVIRON, keep=KEEP)

        assert before[0].what == f"InfluxDB 2.7.1 at {page.url}, organisation town hall; it takes the token"
        assert [one.ok for one in before[1:6]] == [False] * 5
        assert all(one.ok for one in [*made, *after])
        assert page.bodies("POST", "/api/v2/buckets")[0] == {
            "orgID": "00000000000000aa",
            "name": "bezet/presence",
            "retentionRules": [
                {"type": "expire", "everySeconds": 86_400, "shardGroupDurationSeconds": 3_600}
            ],
        }
        assert page.bodies("POST", "/api/v2/buckets")[-1]["retentionRules"][0]["everySeconds"] == 0
        assert page.bodies("POST", "/api/v2/dbrps") == []
        write = page.queries("POST", "/api/v2/write")[0]
        assert write == {"org": "town hall", "bucket": "bezet/presence", "precision": "ms"}
        asked = page.queries("GET", "/query")[1]
        assert (asked["db"], asked["rp"], asked["epoch"], asked["chunked"]) == (
            "bezet",
            "presence",
            "ms",
            "true",
        )


def test_two_maps_what_has_no_mapping() -> None:
    """2.x before virtual mappings: each bucket is mapped for InfluxQL, and that it was not is said."""
    with documented("v2.0.9") as page:
        page.virtual = False
        address = f"influx:{page.url}/bezet?org=town%20hall"
        examine(address, fix=True, environ=ENVIRON)
        mappings = page.bodies("POST", "/api/v2/dbrps")
        page.mappings.clear()
        said = examine(address, fix=False, environ=ENVIRON)

        assert mappings[1] == {
            "orgID": "00000000000000aa",
            "bucketID": f"{2:016x}",
            "database": "bezet",
            "retention_policy": "environment",
            "default": False,
        }
        assert len(mappings) == 5
        assert "presence is not mapped for InfluxQL" in words(said)


def test_two_changes_retention_and_deletes_as_documented() -> None:
    """2.x: buckets are told how long to keep, and rows go by a predicate up to just before an instant."""
    with documented("v2.8.0") as page:
        address = f"influx:{page.url}/bezet"
        examine(address, fix=True, environ=ENVIRON)
        with closing(InfluxStore(access(address, ENVIRON), now_ms=now_ms)) as store:
            changed = store.keep({Level.STATES: 90 * DAY})
            removed = store.remove_before(SITE, {Level.PRESENCE: T_MS})
            store.remove_space(SITE, SPACE)

        assert changed == ["bucket bezet/states keeps 90 days; it kept for ever"]
        assert page.bodies("PATCH", f"/api/v2/buckets/{3:016x}") == [
            {
                "retentionRules": [
                    {"type": "expire", "everySeconds": 7_776_000, "shardGroupDurationSeconds": 86_400}
                ]
            }
        ]
        assert removed == {Level.PRESENCE: 3}
        assert page.queries("POST", "/api/v2/delete")[0] == {"org": "town hall", "bucket": "bezet/presence"}
        assert page.bodies("POST", "/api/v2/delete")[0] == {
            "start": "1970-01-01T00:00:00Z",
            "stop": "2026-09-20T23:59:59.999Z",
            "predicate": '_measurement="presence" AND site="townhall"',
        }
        last = page.bodies("POST", "/api/v2/delete")[-1]
        assert last["predicate"] == '_measurement="mark" AND site="townhall" AND space="1.04"'


def test_two_wants_an_organisation_named() -> None:
    """2.x: a token that sees several organisations does not choose one."""
    with documented("v2.7.1") as page:
        page.orgs.append({"id": "00000000000000bb", "name": "library"})
        (only,) = examine(f"influx:{page.url}/bezet", fix=True, environ=ENVIRON)

    assert not only.ok
    assert (
        "the token sees 2 organisations (town hall, library); name one in the address: ?org=NAME" in only.what
    )


def test_three_has_databases_and_deletes_no_rows() -> None:
    """3 Core: databases are named like buckets and asked by that name; what it cannot do is said in words."""
    with documented("3.0.0") as page:
        address = f"influx:{page.url}/bezet"
        made = examine(address, fix=True, environ=ENVIRON, keep=KEEP)
        after = examine(address, fix=False, environ=ENVIRON, keep=KEEP)
        with closing(InfluxStore(access(address, ENVIRON), now_ms=now_ms)) as store:
            assert store.keep(KEEP) == []
            with pytest.raises(StoreError, match="InfluxDB 3 Core deletes whole databases"):
                store.remove_before(SITE, {Level.PRESENCE: T_MS})

        assert all(one.ok for one in [*made, *after])
        databases = page.bodies("POST", "/api/v3/configure/database")
        assert databases[0] == {"db": "bezet/presence", "retention_period": "86400s"}
        assert databases[-1] == {"db": "bezet/months"}
        assert "rp" not in page.queries("GET", "/query")[0]
        assert page.queries("GET", "/query")[0]["db"] == "bezet/presence"


def test_something_else_answers() -> None:
    """A server that is no InfluxDB is not taken for one."""
    with documented("nginx") as page:
        (only,) = examine(f"influx:{page.url}/bezet", fix=True, environ=ENVIRON)

    assert not only.ok
    assert "does not say that it is InfluxDB 1, 2 or 3" in only.what
