# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The one file that talks to InfluxDB: requests out, answers or `StoreBusy` back, and no retry of its own."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import orjson
import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from bezet.errors import StoreBusy, StoreError
from store.influx.address import TOKEN
from store.influx.queries import CHUNK_ROWS, BadAnswer, Series, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from store.influx.address import Access

#: No answer for so long is no answer; a write that was taken all the same is repeated, which changes nothing.
TIMEOUT_S = 20.0
#: As many requests as threads that ask at once.
CONNECTIONS = 8
#: What 1.x and 3 want where 2.x wants an organisation.
NO_ORG = "-"

_ABOUT_THE_LINES = re.compile(
    r"partial write|unable to parse|parsing failed|line protocol|field type conflict"
)
#: What a bucket keeps no longer, in the words of 1.x, of 2.x, and of a server that drops it just now.
_LATE = re.compile(r"(?:beyond|outside) retention policy|is pending deletion")
_DROPPED = re.compile(r"dropped=(\d+)")


Precision = Literal["ms", "ns"]


class Refused(StoreError):
    """The server took the request and refused lines of it; whole or in part, as `dropped` may say."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.late = _LATE.search(what) is not None
        dropped = _DROPPED.findall(what)
        self.dropped = int(dropped[-1]) if dropped and "unable to parse" not in what else None


class Away(StoreBusy):
    """The server took nothing; `retry_after_s` is when it said to come back."""

    def __init__(self, what: str, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(what)
        self.status = status
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Found:
    """What a server said it is: 1, 2 or 3, its version in its own words, and the organisation to name."""

    generation: int
    version: str
    org: str


class Server:
    """One InfluxDB as one token sees it. May be used from several threads."""

    def __init__(self, access: Access, *, timeout_s: float = TIMEOUT_S) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._found: Found | None = None
        self._client = InfluxDBClient(
            url=access.url,
            token=access.token or "",
            org=NO_ORG,
            timeout=round(timeout_s * 1000),
            retries=False,
            connection_pool_maxsize=CONNECTIONS,
        )
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS,
            retries=False,
            timeout=urllib3.Timeout(timeout_s),
            headers={"Authorization": f"Token {access.token}"} if access.token else {},
        )

    @property
    def place(self) -> str:
        """The server as errors name it."""
        return self._access.url

    @property
    def database(self) -> str:
        """Our database there."""
        return self._access.database

    def found(self) -> Found:
        """What the server is; asked once, raises `StoreBusy` while it is away."""
        with self._lock:
            if self._found is None:
                self._found = self._look()
            return self._found

    def _look(self) -> Found:
        status, headers, body = self._request("GET", "/ping")
        version = str(headers.get("X-Influxdb-Version") or "")
        if not version and isinstance(body, dict):
            version = str(body.get("version", ""))
        if not version:  # the first ones of 2.x say it here only
            _, _, health = self._request("GET", "/health")
            version = str(health.get("version", "")) if isinstance(health, dict) else ""
        number = re.match(r"v?([123])\.", version)
        if number is None:
            raise Away(f"{self.place}: answers {status}, but does not say that it is InfluxDB 1, 2 or 3")
        generation = int(number[1])
        return Found(generation, version.removeprefix("v"), self._org(generation))

    def _org(self, generation: int) -> str:
        if self._access.org or generation != 2:
            return self._access.org or NO_ORG
        seen = [str(one["name"]) for one in self.call("GET", "/api/v2/orgs")["orgs"]]
        if len(seen) != 1:
            what = (
                f"the token sees {len(seen)} organisations ({', '.join(seen)})" if seen else "it shows none"
            )
            raise Away(f"{self.place}: {what}; name one in the address: ?org=NAME")
        return seen[0]

    # --- writing and asking -------------------------------------------------------------------------------

    def write(self, bucket: str, lines: bytes, *, precision: Precision = "ms") -> None:
        """Write lines; raises `Refused` for what they say, `StoreBusy` for everything that may pass."""
        org = self.found().org
        try:
            with self._translated():
                unit: Any = precision  # the library's constants are texts, whatever its annotations say
                self._writer.write(self.bucket(bucket), org, lines, write_precision=unit)
        except ApiException as error:
            status = int(error.status or 0)
            what = _words(error.body or error.reason)
            too_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            # The first ones of 2.x call it 500; what it is about is said in words.
            if too_large or (status in (400, 422, 500) and _ABOUT_THE_LINES.search(what)):
                raise Refused(what) from error
            raise self._away(status, what, error.headers or {}) from error

    def bucket(self, name: str) -> str:
        """The whole name of a bucket of ours."""
        return f"{self.database}/{name}"

    def query(self, bucket: str, text: str) -> Iterator[Series]:
        """What InfluxQL answers, series by series in portions, as it comes in."""
        # 3 knows databases only, and ours there are named like buckets.
        whole = self.found().generation == 3
        place = {"db": self.bucket(bucket)} if whole else {"db": self.database, "rp": bucket}
        asked = {**place, "epoch": "ms", "chunked": "true", "chunk_size": str(CHUNK_ROWS), "q": text}
        with self._translated(), self._answer("GET", "/query?" + urlencode(asked)) as response:
            if response.status != HTTPStatus.OK:
                raise self._away(response.status, _words(response.read()), response.headers)
            try:
                yield from parsed(_lines(response))
            except BadAnswer as error:
                raise self._away(None, str(error), {}) from error

    def command(self, text: str) -> list[Series]:
        """Carry out InfluxQL that changes something, or that is about the server; for 1.x."""
        asked = urlencode({"db": self.database, "q": text})
        try:
            return list(parsed([orjson.dumps(self.call("POST", "/query?" + asked))]))
        except BadAnswer as error:
            raise StoreError(f"{self.place}: {error}") from error

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Another request of the server's API, JSON there and back; raises `StoreBusy` when it is refused."""
        status, headers, found = self._request(method, path, body)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise self._away(status, _words(orjson.dumps(found)), headers)
        return found

    def close(self) -> None:
        """Close all connections."""
        self._client.close()  # type: ignore[no-untyped-call]
        self._pool.clear()

    # --- how ----------------------------------------------------------------------------------------------

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, Mapping[str, str], Any]:
        with self._translated(), self._answer(method, path, body) as response:
            said = response.read()
            try:
                return response.status, response.headers, orjson.loads(said) if said else None
            except orjson.JSONDecodeError:
                return response.status, response.headers, said.decode(errors="replace")

    @contextmanager
    def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        more = {} if body is None else {"Content-Type": "application/json"}
        response = self._pool.request(
            method,
            self.place + path,
            body=None if body is None else orjson.dumps(body),
            headers={**self._pool.headers, **more},
            preload_content=False,
        )
        try:
            yield response
        except BaseException:
            response.close()  # what is left of an answer that nobody wants is not read
            raise
        finally:
            response.release_conn()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except urllib3.exceptions.HTTPError as error:
            raise Away(f"{self.place}: {_reason(error)}") from error

    def _away(self, status: int | None, what: str, headers: Mapping[str, str]) -> Away:
        where = f"{self.place}: {what}" if status is None else f"{self.place}: {status} {what}"
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            has = "does not take the token" if self._access.token else "wants a token"
            return Away(f"{where}: the server {has}; put one that may write into {TOKEN}", status)
        if "not found" in what:
            return Away(f"{where}: run `bezet store check --fix`", status)
        after = headers.get("Retry-After", "")
        return Away(where, status, float(after) if after.isdecimal() else None)


def _lines(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    # A line may be megabytes long and comes in small pieces, which are put together once.
    begun: list[bytes] = []
    for piece in response.stream(1 << 16):
        *whole, rest = piece.split(b"\n")
        for end in whole:
            yield b"".join((*begun, end))
            begun.clear()
        begun.append(rest)
    yield b"".join(begun)


def _words(body: bytes | str | None) -> str:
    """What an error says: `{"error": …}` in 1.x and 3, `{"message": …}` in 2.x, else as it is."""
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body or "")
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        said = text
    if isinstance(said, dict):
        words = (said.get(key) for key in ("error", "message"))
        said = next((word for word in words if word), text)
    return " ".join(str(said).split())[:500]


def _reason(error: urllib3.exceptions.HTTPError) -> str:
    """The system's own words, without the names of objects that libraries put before them."""
    words = str(error.args[-1] if error.args else error) or type(error).__name__
    return re.sub(r"<[^>]*>[:,]?\s*|HTTPS?Connection(?:Pool)?\([^)]*\): ", "", words)
