# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The services of docker-compose.yml as programs of this machine: each command, file, variable and check."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT, bezet
from tests.deploy.stage import Native, has_program
from tests.deploy.test_kubernetes import DEPLOYMENTS, container, title
from tests.store.influx_server import local_influx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.store.influx_server import LocalInflux

SPACE = "1.04"
PROGRAMS = ("make", "mosquitto", "mosquitto_sub", "curl")
MISSING = [name for name in PROGRAMS if not has_program(name)]

pytestmark = [
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(not local_influx(), reason="influxd and nginx are not installed"),
]


class Installation:
    """The stack, and the InfluxDB that stands for its container."""

    def __init__(self, native: Native, influxdb: LocalInflux) -> None:
        self.native = native
        self.influxdb = influxdb

    def ask(self, service: str, port: int, path: str, *, token: str = "", **query: str) -> Any:
        """What a service answers, as JSON, to whoever holds a token."""
        address = f"http://127.0.0.1:{self.native.port(service, port)}{path}?{urllib.parse.urlencode(query)}"
        asked = urllib.request.Request(address)
        if token:
            asked.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)


@contextmanager
def running(folder: Path) -> Iterator[Installation]:
    """Broker, store, setup, collector and API, started in the order that the file tells."""
    folder.chmod(0o755)
    with ExitStack() as ending:
        native = ending.enter_context(Native(folder))
        influxdb = native.take_influxdb()
        ending.callback(influxdb.end)
        broker_port = native.port("mosquitto", 1883)
        # Started by root Mosquitto would become another user, who may not look into this folder.
        user = "\nuser root" if os.geteuid() == 0 else ""
        native.copy(
            "mosquitto",
            "/mosquitto/config/mosquitto.conf",
            ("\nlistener 1883\n", f"\nlistener {broker_port} 127.0.0.1{user}\n"),
        )
        for service in ("mosquitto", "collector", "api"):
            native.up(service)
        yield Installation(native, influxdb)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation, which every test leaves running."""
    with running(tmp_path_factory.mktemp("stack")) as found:
        yield found


def test_one_reading_from_the_broker_to_the_api(stack: Installation, tmp_path: Path) -> None:
    """A motion that an agent heard is answered, stands in the history, and is told of in figures."""
    seen = datetime.fromtimestamp(time.time() - 600, UTC).replace(microsecond=0)
    recording = tmp_path / "motion.csv"
    recording.write_text(f"time,Motion\n{seen:%Y-%m-%dT%H:%M:%S},1\n")
    broker = f"mqtt://127.0.0.1:{stack.native.port('mosquitto', 1883)}"
    place = ("--site", "townhall", "--space", SPACE, "--broker", broker, "--outbox", tmp_path / "outbox")
    agent = bezet("replay", recording, *place, "--column", "Motion=motion")

    # It ends with 0 when the store has committed everything.
    ended = subprocess.run(agent, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 0, ended.stderr
    book = stack.native.mounts("api")["/var/lib/bezet"] / "window.db"
    make = bezet("token", "create", "evaluator", "--role", "evaluator", "--book", book)
    made = subprocess.run(make, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    path = f"/v1/spaces/{SPACE}/states"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        stack.ask("api", 8080, path)
    states = stack.ask("api", 8080, path, token=made)
    [occupied] = [one for one in states["intervals"] if one["occupancy"] == "occupied"]
    assert datetime.fromisoformat(occupied["start"]) == seen
    figures = _figures(stack, "collector", 9464)
    assert figures["bezet_collector_readings_total"] == 1
    assert figures["bezet_collector_lag_seconds_count"] >= 1


def _figures(stack: Installation, service: str, port: int) -> dict[str, float]:
    address = f"http://127.0.0.1:{stack.native.port(service, port)}/metrics"
    with urllib.request.urlopen(address, timeout=20) as answer:
        lines = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[0] != "#"]
    return {name: float(figure) for name, figure in lines}


def test_setup_may_run_again(stack: Installation) -> None:
    """What setup does at each start changes nothing where all is well, and says so."""
    assert "can be written and read" in stack.native.run("setup")
    assert stack.native.is_healthy("collector")


def test_a_dead_service_is_not_healthy(tmp_path: Path) -> None:
    """Each health check of the file succeeds while its program lives, and fails when that is dead."""
    with running(tmp_path) as stack:
        native, influxd = stack.native, stack.influxdb.influxd.process
        for service in ("api", "collector", "mosquitto"):
            assert native.is_healthy(service)
            native.kill(service)
            assert not native.is_healthy(service)

        assert native.is_healthy("influxdb")
        influxd.kill()
        influxd.wait(10)
        assert not native.is_healthy("influxdb")


def test_the_broker_keeps_what_is_retained(stack: Installation) -> None:
    """What a space is now survives a restart of the broker, in the folder that the file mounts."""
    port = str(stack.native.port("mosquitto", 1883))
    send = ["mosquitto_pub", "-h", "127.0.0.1", "-p", port, "-t", "kept", "-r", "-q", "1", "-m", "still here"]
    hear = ["mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-t", "kept", "-C", "1", "-W", "5"]
    subprocess.run(send, check=True, timeout=10)
    stack.native.stop("mosquitto")

    stack.native.up("mosquitto")

    assert subprocess.check_output(hear, timeout=10) == b"still here\n"


needs_prometheus = pytest.mark.skipif(
    not (has_program("prometheus") and has_program("wget")), reason="prometheus or wget is not installed"
)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=title)
def test_the_probes_of_kubernetes_are_answered(stack: Installation, deployment: dict[str, Any]) -> None:
    """What deploy/kubernetes asks of a program is there, on the port that it names."""
    inside, name = container(deployment), deployment["metadata"]["name"]
    ports = {port["name"]: port["containerPort"] for port in inside["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = inside[probe]["httpGet"]
        address = f"http://127.0.0.1:{stack.native.port(name, ports[asked['port']])}{asked['path']}"
        with urllib.request.urlopen(address, timeout=inside[probe].get("timeoutSeconds", 1)) as answer:
            assert answer.status == 200


@needs_prometheus
def test_prometheus_asks_collector_and_api(stack: Installation) -> None:
    """Both answer it, and every question of the dashboard is understood and about figures that there are."""
    stack.native.copy(
        "prometheus",
        "/etc/prometheus/prometheus.yml",
        ("scrape_interval: 15s", "scrape_interval: 1s"),
        ("scrape_timeout: 5s", "scrape_timeout: 1s"),
    )
    # Inside its container it may listen on every address.
    stack.native.up("prometheus", "--web.listen-address=127.0.0.1:9090")
    dashboard = json.loads((ROOT / "dashboards" / "bezet-itself.json").read_text())
    questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    figures = re.compile(r"\b(?:bezet|process)_\w+|\bup\b")
    wanted = {name for question in questions for name in figures.findall(question)}

    jobs, there = _scraped(stack, wanted)

    assert jobs == {"api": "1", "collector": "1"}
    assert wanted - there == set()
    for question in questions:
        asked = question.replace("$__rate_interval", "1m")
        assert stack.ask("prometheus", 9090, "/api/v1/query", query=asked)["status"] == "success"
    stack.native.kill("prometheus")
    assert not stack.native.is_healthy("prometheus")


def _scraped(stack: Installation, wanted: set[str]) -> tuple[dict[str, str], set[str]]:
    """Which jobs answer and which figures there are: all that are wanted, or those of half a minute."""
    jobs: dict[str, str] = {}
    there: set[str] = set()
    until_s = time.monotonic() + 30
    while ([*jobs.values()] != ["1", "1"] or not wanted <= there) and time.monotonic() < until_s:
        stack.native.wait("prometheus")
        up = stack.ask("prometheus", 9090, "/api/v1/query", query="up")["data"]["result"]
        jobs = {one["metric"]["job"]: one["value"][1] for one in up}
        there = {*stack.ask("prometheus", 9090, "/api/v1/label/__name__/values")["data"]}
    return jobs, there
