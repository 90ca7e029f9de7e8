# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Three collectors share one broker and one store: whichever dies, and whenever, nothing is lost or twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bezet.building import read_building
from bezet.model import Reading
from collector.facts import FactMaker
from store.influx.address import access
from store.influx.store import InfluxStore
from store.sqlite import SqliteStore
from tests.conftest import ROOT, Mosquitto, bezet, find_mosquitto, free_port
from tests.store.influx_server import influx, now_ms
from tests.test_crashes import ROWS, write_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bezet.model import State, Zone
    from store import Store

BUILDING = ROOT / "building.toml"
COLLECTORS = 3
#: Devices and their spaces; two of them measure one space, so that its facts are made of both.
AGENTS = {"pi-a": "1.04", "pi-b": "1.04", "pi-c": "0.02"}
SPEED = 4_000
SEEDS = range(2)
COLUMNS = {"CO2": "co2_ppm", "Motion": "motion", "People": "people_count", "Temperature": "temperature_c"}
GUARD_S = 60

pytestmark = [
    pytest.mark.broker,
    pytest.mark.slow,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]


# --- the stage --------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A store that several programs may open: how they name it, what they need to know, and how we do."""

    address: str
    environ: Mapping[str, str]
    open: Callable[[], AbstractContextManager[Store]]


@contextmanager
def sqlite_place(folder: Path) -> Iterator[Place]:
    """One file for all."""
    path = folder / "bezet.db"
    yield Place(f"sqlite:{path}", {}, lambda: closing(SqliteStore(path)))


@contextmanager
def influx_place(_: Path) -> Iterator[Place]:
    """One InfluxDB for all."""
    server = influx()
    with server.database() as database:
        address = server.address(database)
        found = access(address, server.environ)
        yield Place(address, server.environ, lambda: closing(InfluxStore(found, now_ms=now_ms)))


PLACES = {"influx": influx_place, "sqlite": sqlite_place}


@dataclass
class Stage:
    """Broker, collectors and agents as processes, of which the collectors may be killed and started again."""

    folder: Path
    recording: Path
    place: Place
    stack: ExitStack
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(COLLECTORS)])
    collectors: list[subprocess.Popen[bytes]] = field(default_factory=list)
    agents: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.chmod(0o777)
        self.broker = Mosquitto(self.folder)
        self.stack.callback(self.broker.stop)
        self.broker.start()
        self.log = self.stack.enter_context((self.folder / "log").open("wb"))
        self.collectors += [self._collect(number) for number in range(COLLECTORS)]
        for number in range(COLLECTORS):
            self._until_up(number)
        self.agents += [self._start(self._replay(*one)) for one in AGENTS.items()]

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **self.place.environ}
        process = subprocess.Popen(words, stdout=self.log, stderr=self.log, env=environ)
        self.stack.callback(_kill, process)
        return process

    def _collect(self, number: int) -> subprocess.Popen[bytes]:
        words = ("--building", BUILDING, "--store", self.place.address, "--broker", self.broker.url)
        return self._start(bezet("collect", *words, "--metrics", f"127.0.0.1:{self.ports[number]}"))

    def _replay(self, device: str, space: str) -> list[str]:
        columns = [word for name, kind in COLUMNS.items() for word in ("--column", f"{name}={kind}")]
        where = ("--site", "townhall", "--space", space, "--device", device, "--broker", self.broker.url)
        pace = ("--speed", str(SPEED), "--outbox", self.folder / "outbox")
        return bezet("replay", self.recording, *where, *columns, *pace)

    def _until_up(self, number: int) -> None:
        """Wait until a collector has its share of the subscription."""
        while self.figure(number, "bezet_collector_link_up") != 1:
            assert self.collectors[number].poll() is None, self.said()

    def figure(self, number: int, name: str) -> float | None:
        """One figure of a collector; None while it does not listen."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.ports[number]}/metrics", timeout=GUARD_S)
        except httpx.ConnectError:
            return None
        found = (one for family in text_string_to_metric_families(answer.text) for one in family.samples)
        return next(one.value for one in found if one.name == name)

    def kill(self, number: int) -> None:
        """SIGKILL, and start the same again."""
        _kill(self.collectors[number])
        self.collectors[number] = self._collect(number)

    def end(self) -> None:
        """Tell the collectors to end, which they do well unless they have hardly begun."""
        for collector in self.collectors:
            collector.terminate()
        codes = {collector.wait(GUARD_S) for collector in self.collectors}
        assert codes <= {0, -signal.SIGTERM}, self.said()

    def wait(self, timeout_s: float) -> bool:
        """Whether all agents are done within the time."""
        try:
            codes = [agent.wait(timeout_s) for agent in self.agents]
        except subprocess.TimeoutExpired:
            return False
        assert codes == [0] * len(self.agents), self.said()
        return True

    def said(self) -> str:
        """What the programs said."""
        return (self.folder / "log").read_text()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGKILL)
    process.wait(10)


# --- what the store holds then ----------------------------------------------------------------------------


class Held(NamedTuple):
    """Every row of a store, and every fact that follows."""

    rows: dict[Zone, list[tuple[int, str, Reading | State]]]
    facts: dict[Zone, dict[int, bytes]]


def held(place: Place) -> Held:
    """What is in a store once all facts are made."""
    building = read_building(BUILDING.read_text(), str(BUILDING))
    with place.open() as store:
        FactMaker(store, building, now_ms).make_due()
        rows = {zone: _rows(store, zone) for zone in store.zones()}
        facts = {
            one.zone: {
                quarter: np.nan_to_num(amounts, nan=-1).tobytes()
                for quarter, amounts in zip(one.quarter_ms.tolist(), one.amounts.T, strict=True)
            }
            for one in store.facts(building.site, start_ms=0, end_ms=2**53)
        }
        assert not store.touched(building.site)
    return Held(rows, facts)


def _rows(store: Store, zone: Zone) -> list[tuple[int, str, Reading | State]]:
    found: list[Reading | State] = []
    for batch in store.batches(zone, start_ms=0, end_ms=2**53):
        found += [*batch.readings, *batch.states]
    return sorted(((row.t_ms, repr(row), row) for row in found), key=lambda row: row[:2])


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The morning of tests/test_crashes.py, moved to the hours before now: neither too old nor too new."""
    path = tmp_path_factory.mktemp("recording") / "morning.csv"
    write_recording(path)
    head, *lines = path.read_text().splitlines()
    instants = [datetime.fromisoformat(line.partition(",")[0]) for line in lines]
    until = datetime.fromtimestamp(now_ms() // 1000, UTC).replace(tzinfo=None)
    shift = until - timedelta(hours=1) - instants[-1]
    moved = (
        f"{(t + shift).isoformat()},{line.partition(',')[2]}" for t, line in zip(instants, lines, strict=True)
    )
    path.write_text("\n".join([head, *moved]) + "\n")
    return path


@pytest.fixture(scope="module", params=PLACES)
def kind(request: pytest.FixtureRequest) -> str:
    """Which store."""
    return str(request.param)


@contextmanager
def staged(kind: str, folder: Path, recording: Path) -> Iterator[Stage]:
    """Collectors and agents at work."""
    with PLACES[kind](folder) as place, ExitStack() as stack:
        yield Stage(folder, recording, place, stack)


@pytest.fixture(scope="module")
def undisturbed(kind: str, tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Held:
    """What the store holds when nothing goes wrong; each collector has done a share of it."""
    with staged(kind, tmp_path_factory.mktemp("undisturbed"), recording) as stage:
        assert stage.wait(GUARD_S), stage.said()
        shares = [stage.figure(number, "bezet_collector_readings_total") for number in range(COLLECTORS)]
        stage.end()
        found = held(stage.place)

    readings = [sum(isinstance(row, Reading) for *_, row in rows) for rows in found.rows.values()]
    assert readings == [ROWS * len(COLUMNS)] * len(AGENTS)
    assert len(found.facts) == len(AGENTS) + 1  # and what the two devices of one space say together
    assert all(shares), shares
    assert sum(map(float, filter(None, shares))) < 2 * sum(readings)  # not each of them all
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_moments(
    seed: int, kind: str, tmp_path: Path, recording: Path, undisturbed: Held
) -> None:
    """Whichever collector is killed, and whenever, the store ends with the rows and facts of a quiet run."""
    dice = random.Random(seed)
    kills = 0
    with staged(kind, tmp_path, recording) as stage:
        while not stage.wait(dice.uniform(0.2, 1.2)):
            if kills < 8:
                kills += 1
                stage.kill(dice.randrange(COLLECTORS))
        stage.end()
        found = held(stage.place)

    assert kills >= 4
    assert found.rows == undisturbed.rows
    assert found.facts == undisturbed.facts


# Not on one file: a program that is frozen while it writes there keeps everybody else from writing.
@pytest.mark.parametrize("kind", ["influx"], indirect=True)
def test_frozen_for_a_while(kind: str, tmp_path: Path, recording: Path, undisturbed: Held) -> None:
    """A collector that freezes keeps nothing from the others, and does no harm when it goes on again."""
    with staged(kind, tmp_path, recording) as stage:
        while not stage.figure(0, "bezet_collector_messages_total"):
            assert not stage.wait(0.05), "the agents were done before the collector could be frozen"
        stage.collectors[0].send_signal(signal.SIGSTOP)
        assert stage.wait(GUARD_S), stage.said()
        stage.collectors[0].send_signal(signal.SIGCONT)
        stage.end()
        found = held(stage.place)

    assert found.rows == undisturbed.rows
    assert found.facts == undisturbed.facts
