# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A real InfluxDB for tests: Debian's 1.6 behind nginx, or the one that BEZET_TEST_INFLUX_URL names."""

from __future__ import annotations

import atexit
import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

from store.influx.address import TOKEN, access
from store.influx.server import Server
from store.influx.setup import examine
from store.influx.store import InfluxStore
from tests.conftest import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

URL, URL_TOKEN = "BEZET_TEST_INFLUX_URL", "BEZET_TEST_INFLUX_TOKEN"
#: Users of the local server; nginx knows their tokens, as 1.8 does by itself. Only the first one is there.
USERS = ("bezet", "guest", "leaver")

INFLUXD = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{data}/meta"
logging-enabled = false
[data]
dir = "{data}/data"
wal-dir = "{data}/wal"
wal-fsync-delay = "0s"
index-version = "inmem"
query-log-enabled = false
[monitor]
store-enabled = false
[subscriber]
enabled = false
[continuous_queries]
enabled = false
[http]
bind-address = "127.0.0.1:{http}"
log-enabled = false
auth-enabled = true
[logging]
level = "warn"
"""

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
{user}
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 25m;
  client_body_buffer_size 4m;
  map $http_authorization $basic {{ default $http_authorization; {tokens} }}
  map $arg_bucket $before {{ "~^(?<db>[^/%]+)" $db; }}
  map $arg_bucket $after {{ "~(?:/|%2[Ff])(?<rp>.+)$" $rp; }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Authorization $basic;
  upstream influxd {{ server 127.0.0.1:{http}; keepalive 32; }}
  server {{
    listen 127.0.0.1:{port};
    location = /api/v2/write {{
      rewrite ^ /write?db=$before&rp=$after&precision=$arg_precision? break;
      proxy_pass http://influxd;
    }}
    location / {{
      proxy_pass http://influxd;
      proxy_buffering off;
    }}
  }}
}}
"""


def program(name: str) -> str | None:
    """A server program, also where Debian puts it outside an ordinary user's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def token(user: str) -> str:
    """The token of a user of the local server."""
    return f"{user}:secret-of-{user}"


class Program:
    """A server of ours that ends with us, however we end."""

    def __init__(self, words: list[str], port: int, log: Path) -> None:
        # Whoever kills the tests does not leave servers behind.
        leash = [setpriv, "--pdeathsig", "KILL", "--"] if (setpriv := shutil.which("setpriv")) else []
        with log.open("ab") as sink:
            self.process = subprocess.Popen([*leash, *words], stdout=sink, stderr=sink)
        until = time.monotonic() + 30
        while not _listens(port):
            assert time.monotonic() < until, log.read_text()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)
                raise AssertionError(f"{words[0]} ended: {log.read_text()}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait until it has ended."""
        self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class LocalInflux:
    """influxd 1.6 with its data in `data`, and nginx that makes its API that of 1.8.

    `wrap` are the words before influxd's own.
    """

    def __init__(self, folder: Path, data: Path, wrap: tuple[str, ...] = ()) -> None:
        ports = {"rpc": free_port(), "http": free_port(), "port": free_port()}
        tokens = " ".join(f'"Token {token(user)}" "Basic {_basic(user)}";' for user in USERS)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "influxd.conf").write_text(INFLUXD.format(data=data, **ports))
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, tokens=tokens, user=user, **ports))
        self._words = [*wrap, str(program("influxd")), "-config", str(folder / "influxd.conf")]
        self._port, self._log = ports["http"], folder / "influxd.log"
        self.start()
        words = [str(program("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        self.nginx = Program(words, ports["port"], folder / "nginx.log")
        self.url = f"http://127.0.0.1:{ports['port']}"
        # The first user may be made by anybody; from then on nobody may do anything without a token.
        with closing(Server(access(f"influx:{self.url}/none", {}))) as server:
            server.command("CREATE USER bezet WITH PASSWORD 'secret-of-bezet' WITH ALL PRIVILEGES")

    def start(self) -> None:
        """Start influxd, again on the same port with the same data."""
        self.influxd = Program(self._words, self._port, self._log)

    def kill(self) -> None:
        """SIGKILL for influxd: nothing is saved."""
        self.influxd.end(signal.SIGKILL)

    def end(self) -> None:
        """End both."""
        self.nginx.end()
        self.influxd.end()


def _basic(user: str) -> str:
    return base64.b64encode(token(user).encode()).decode()


class Influx:
    """A running InfluxDB that tests may make databases in."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.environ: Mapping[str, str] = {TOKEN: token}
        self._numbers = count(1)

    def address(self, database: str, url: str | None = None) -> str:
        """The address of a database, there or by way of a proxy."""
        parts = urlsplit(self.url)
        query = f"?{parts.query}" if parts.query else ""
        return f"influx:{url or f'{parts.scheme}://{parts.netloc}'}/{database}{query}"

    def new_name(self) -> str:
        """The name of a database that nobody else uses."""
        return f"test-{os.getpid()}-{next(self._numbers)}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new database made by `examine`, and dropped afterwards."""
        database = self.new_name()
        try:
            findings = examine(self.address(database), fix=True, environ=self.environ)
            assert all(one.ok for one in findings), findings
            yield database
        finally:
            self.drop(database)

    def server(self, database: str) -> Server:
        """A way to a database."""
        return Server(access(self.address(database), self.environ))

    def drop(self, database: str) -> None:
        """Remove a database with everything in it."""
        with closing(self.server(database)) as server:
            found = server.found()
            if found.generation == 1:
                server.command(f'DROP DATABASE "{database}"')
            elif found.generation == 2:
                _drop_buckets(server, found.org, f"{database}/")
            else:
                for one in server.call("GET", "/api/v3/configure/database?format=json"):
                    if (name := str(next(iter(one.values())))).startswith(f"{database}/"):
                        server.call("DELETE", f"/api/v3/configure/database?{urlencode({'db': name})}")


def _drop_buckets(server: Server, org: str, start: str) -> None:
    org_id = server.call("GET", "/api/v2/orgs?" + urlencode({"org": org}))["orgs"][0]["id"]
    found: list[dict[str, Any]] = server.call("GET", f"/api/v2/buckets?orgID={org_id}&limit=100")["buckets"]
    for bucket in (one for one in found if one["name"].startswith(start)):
        asked = urlencode({"orgID": org_id, "bucketID": bucket["id"]})
        for mapping in server.call("GET", f"/api/v2/dbrps?{asked}")["content"] or []:
            if not mapping.get("virtual"):
                server.call("DELETE", f"/api/v2/dbrps/{mapping['id']}?orgID={org_id}")
        server.call("DELETE", f"/api/v2/buckets/{bucket['id']}")


def local_influx() -> bool:
    """Whether the programs of a local server are installed."""
    return program("influxd") is not None and program("nginx") is not None


def _folder() -> Path:
    """A new folder, in memory where that can be: hundreds of databases are made and dropped.

    What a run left there that was killed is cleared away.
    """
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for old in place.glob("bezet-influx-*-*"):
        with suppress(ValueError, PermissionError):
            try:
                os.kill(int(old.name.split("-")[2]), 0)
            except ProcessLookupError:
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"bezet-influx-{os.getpid()}-", dir=place))
    folder.chmod(0o755)
    return folder


@cache
def influx() -> Influx:
    """The server of this run: the one in the environment, else a local one that is started now."""
    if url := os.environ.get(URL):
        return Influx(url, os.environ.get(URL_TOKEN, ""))
    if not local_influx():
        pytest.skip("influxd and nginx are not installed")
    folder = _folder()
    server = LocalInflux(folder, folder / "data")

    @atexit.register
    def end() -> None:
        server.end()
        shutil.rmtree(folder, ignore_errors=True)

    return Influx(server.url, token("bezet"))


def now_ms() -> int:
    """The clock of this machine."""
    return time.time_ns() // 1_000_000


@contextmanager
def influx_store(now_ms: Callable[[], int] = now_ms) -> Iterator[InfluxStore]:
    """An empty store in a database of its own."""
    server = influx()
    with (
        server.database() as database,
        closing(InfluxStore(access(server.address(database), server.environ), now_ms=now_ms)) as store,
    ):
        yield store
