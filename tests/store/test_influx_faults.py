# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A server that is away, full, slow or refuses: nothing is lost or there twice, and all is `StoreBusy`."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bezet.errors import StoreBusy
from bezet.model import Zone
from store.influx.address import TOKEN, access
from store.influx.server import Server
from store.influx.setup import examine
from store.influx.store import InfluxStore
from store.memory import MemoryStore
from tests.bezet.strategies import unhurried
from tests.store.influx_proxy import RETRY_AFTER_S, Fault, Proxy
from tests.store.influx_server import URL, LocalInflux, influx, local_influx, now_ms, token
from tests.store.stage import EVER, SITE, SPACE, batch, reading, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bezet.messages import Batch
    from store import Store

#: A fault that holds back an answer costs this much; a server elsewhere may need longer for what is no fault.
TIMEOUT_S = 2.0 if os.environ.get(URL) else 0.25


class Clock:
    """An instant that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_ms = now_ms()

    def __call__(self) -> int:
        """What a store asks."""
        return self.now_ms


@contextmanager
def behind_proxy(clock: Callable[[], int] = now_ms) -> Iterator[tuple[InfluxStore, Proxy]]:
    """An empty store whose requests pass a proxy."""
    server = influx()
    with server.database() as database, Proxy(server.url) as proxy:
        found = access(server.address(database, proxy.url), server.environ)
        with closing(InfluxStore(found, now_ms=clock, timeout_s=TIMEOUT_S)) as store:
            store.check()
            proxy.requests.clear()
            yield store, proxy


def written_at_last(store: InfluxStore, batches: Sequence[Batch], clock: Clock, tries: int = 40) -> int:
    """Write as a collector does: again and again, until it is written; says how often it was not."""
    for failures in range(tries):
        try:
            store.write(batches)
        except StoreBusy:
            clock.now_ms += (RETRY_AFTER_S + 1) * 1000
        else:
            return failures
    raise AssertionError("never written")


def content(store: Store) -> dict[str, Any]:
    """Everything that a store holds of the space under test."""
    return {
        "readings": [*store.readings(SITE, SPACE, **EVER).rows()],
        "states": [*store.states(SITE, SPACE, **EVER).rows()],
        "zones": store.zones(),
        "touched": [one[:3] for one in store.touched(SITE)],
    }


ROWS = batch(*(reading(second) for second in range(50)), *(state(second) for second in range(20)))


@pytest.mark.parametrize("fault", [one for one in Fault if one not in (Fault.NONE, Fault.CUT_ANSWER)])
@pytest.mark.parametrize("at", [0, 1, 2], ids=["readings", "states", "marks"])
def test_a_fault_is_busy_and_a_repeat_is_whole(fault: Fault, at: int) -> None:
    """Whatever goes wrong at whichever request of a write, it raises StoreBusy, and a repeat writes it."""
    clock = Clock()
    with behind_proxy(clock) as (store, proxy), closing(MemoryStore()) as model:
        proxy.faults.extend([*[Fault.NONE] * at, fault])
        with pytest.raises(StoreBusy):
            store.write([ROWS])
        clock.now_ms += RETRY_AFTER_S * 1000
        store.write([ROWS])
        model.write([ROWS])

        assert content(store) == content(model)
        assert store.parked == store.expired == 0


@settings(unhurried, max_examples=12)
@given(
    faults=st.lists(st.sampled_from(Fault), max_size=12),
    cuts=st.lists(st.integers(0, 30), max_size=4).map(sorted),
)
def test_any_row_of_faults_ends_whole(faults: list[Fault], cuts: list[int]) -> None:
    """After any row of faults and our repeats the content is what was written, and nothing is there twice."""
    clock = Clock()
    rows = [reading(number % 17, amount=float(number)) for number in range(30)]
    edges = list(zip([0, *cuts], [*cuts, 30], strict=True))
    with behind_proxy(clock) as (store, proxy), closing(MemoryStore()) as model:
        proxy.faults.extend(faults)
        for start, end in edges:
            portion = [batch(*rows[start:end], *(state(place) for place in range(start, end)))]
            written_at_last(store, portion, clock)
            model.write(portion)
        proxy.faults.clear()

        assert content(store) == content(model)


@pytest.mark.parametrize("fault", [one for one in Fault if one is not Fault.NONE])
@pytest.mark.parametrize(
    "ask",
    [
        lambda store: [*store.readings(SITE, SPACE, **EVER).rows()],
        lambda store: [*store.states(SITE, SPACE, **EVER).rows()],
        lambda store: store.latest(SITE),
        lambda store: [*store.batches(Zone(SITE, SPACE, "pi-1"), **EVER)],
    ],
    ids=["readings", "states", "latest", "batches"],
)
def test_a_read_is_whole_or_busy(fault: Fault, ask: Callable[[Store], Any]) -> None:
    """An answer that fails or is cut short is never taken for a short answer."""
    with behind_proxy() as (store, proxy):
        store.write([ROWS])
        whole = ask(store)
        proxy.faults.append(fault)
        with pytest.raises(StoreBusy):
            ask(store)

        assert ask(store) == whole


def test_retry_after_is_kept() -> None:
    """Whoever is told to come back later does not ask before; then all is as it was."""
    clock = Clock()
    with behind_proxy(clock) as (store, proxy):
        proxy.faults.append(Fault.TOO_MANY)
        with pytest.raises(StoreBusy, match="429 write limit exceeded"):
            store.write([ROWS])
        for _ in range(3):
            with pytest.raises(StoreBusy, match="asked to be left alone for 7 s more"):
                store.write([ROWS])
        assert proxy.writes() == 1
        clock.now_ms += RETRY_AFTER_S * 1000
        store.write([ROWS])

        assert len(store.readings(SITE, SPACE, **EVER)) == 50


def test_a_clock_set_back_does_not_stop_writing() -> None:
    """An hour that comes twice does not make the server's seven seconds an hour."""
    clock = Clock()
    with behind_proxy(clock) as (store, proxy):
        proxy.faults.append(Fault.TOO_MANY)
        with pytest.raises(StoreBusy):
            store.write([ROWS])
        clock.now_ms -= 3_600_000
        store.write([ROWS])

        assert len(store.readings(SITE, SPACE, **EVER)) == 50


def test_words_of_a_refused_token_name_it() -> None:
    """Somebody has to renew the token, so the error says which one, and not what it is."""
    with behind_proxy() as (store, proxy):
        proxy.faults.append(Fault.REVOKED)
        with pytest.raises(StoreBusy, match=r"401 unauthorized access.*BEZET_INFLUX_TOKEN") as caught:
            store.write([ROWS])

        assert influx().environ[TOKEN] not in str(caught.value)


def test_a_server_that_is_not_there_is_waited_for() -> None:
    """A store opens without its server, says where it looked, and writes once there is one."""
    server = influx()
    with server.database() as database:
        with Proxy(server.url) as proxy:
            url = proxy.url
        found = access(server.address(database, url), server.environ)
        with closing(InfluxStore(found, now_ms=now_ms, timeout_s=TIMEOUT_S)) as store:
            with pytest.raises(StoreBusy, match=f"{url}: .*refused"):
                store.write([ROWS])
            with pytest.raises(StoreBusy):
                store.latest(SITE)


def test_facts_that_were_not_written_stay_touched() -> None:
    """A fault while facts are written leaves their quarter hours touched, or the facts are there."""
    for at in range(4):
        with behind_proxy() as (store, proxy):
            store.write([ROWS])
            touched = store.touched(SITE)
            proxy.faults.extend([*[Fault.NONE] * at, Fault.UNAVAILABLE])
            try:
                store.write_facts([], touched)
            except StoreBusy:
                assert store.touched(SITE) == touched
                store.write_facts([], touched)
            proxy.faults.clear()

            assert store.touched(SITE) == []


# --- a real server of its own -----------------------------------------------------------------------------


def own_server(folder: Path, data: Path, wrap: tuple[str, ...] = ()) -> LocalInflux:
    """A server that a test may hurt."""
    if not local_influx() or os.environ.get(URL):
        pytest.skip("influxd and nginx are not installed, or another server is under test")
    folder.chmod(0o755)
    return LocalInflux(folder, data, wrap)


@contextmanager
def opened(server: LocalInflux, user: str = "bezet") -> Iterator[InfluxStore]:
    """A store on a server of its own."""
    environ = {TOKEN: token("bezet")}
    findings = examine(f"influx:{server.url}/bezet", fix=True, environ=environ)
    assert all(one.ok for one in findings), findings
    found = access(f"influx:{server.url}/bezet", {TOKEN: token(user)})
    with closing(InfluxStore(found, now_ms=now_ms)) as store:
        yield store


def test_a_token_that_is_taken_away(tmp_path: Path) -> None:
    """A user that may not write, or is gone, makes the store busy; given the right, it goes on."""
    server = own_server(tmp_path, tmp_path / "data")
    try:
        with (
            opened(server, "leaver") as store,
            closing(Server(access(f"influx:{server.url}/bezet", {TOKEN: token("bezet")}))) as root,
        ):
            root.command("CREATE USER leaver WITH PASSWORD 'secret-of-leaver'")
            with pytest.raises(StoreBusy, match=r"403 .*BEZET_INFLUX_TOKEN"):
                store.write([ROWS])
            root.command('GRANT ALL ON "bezet" TO leaver')
            store.write([ROWS])
            root.command("DROP USER leaver")
            with pytest.raises(StoreBusy, match=r"401 .*BEZET_INFLUX_TOKEN"):
                store.write([batch(reading(99))])
            root.command("CREATE USER leaver WITH PASSWORD 'secret-of-leaver'")
            root.command('GRANT ALL ON "bezet" TO leaver')
            store.write([batch(reading(99))])

            assert len(store.readings(SITE, SPACE, **EVER)) == 51
    finally:
        server.end()


class SmallDisk:
    """A disk of 3 MiB at `folder` that only programs begun with the words `inside` see; it goes with us."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        root = os.geteuid() == 0
        own = ["unshare", "--mount"] if root else ["unshare", "--map-root-user", "--mount"]
        mount = f'mount -t tmpfs -o size=3m none "{folder}" && echo mounted && exec cat'
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._holder = subprocess.Popen([*own, "sh", "-c", mount], stderr=subprocess.DEVNULL, **pipes)
        assert self._holder.stdout is not None
        self.is_there = self._holder.stdout.readline() == "mounted\n"
        enter = ["nsenter", "--target", str(self._holder.pid), "--mount"]
        self.inside = (*enter, *([] if root else ["--user", "--preserve-credentials"]))

    def grow(self) -> None:
        """Make room."""
        subprocess.run([*self.inside, "mount", "-o", "remount,size=64m", str(self._folder)], check=True)

    def end(self) -> None:
        """Let it go."""
        self._holder.communicate()


def test_a_full_disk(tmp_path: Path) -> None:
    """On a full disk the store is busy and keeps what it took; with room, and influxd anew, it goes on.

    The restart is for 1.x, which does not try again to write where it once could not.
    """
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("small disks can only be made on Linux")
    data = tmp_path / "data"
    data.mkdir()
    with ExitStack() as stack:
        disk = SmallDisk(data)
        stack.callback(disk.end)
        if not disk.is_there:
            pytest.skip("this user may not make a small disk")
        server = own_server(tmp_path, data, disk.inside)
        stack.callback(server.end)
        store = stack.enter_context(opened(server))
        written = _fill(store)
        with pytest.raises(StoreBusy, match="no space left on device"):
            store.write([_many(written)])
        disk.grow()
        server.kill()
        server.start()
        store.write([_many(written)])

        assert written > 0
        assert len(store.readings(SITE, SPACE, **EVER)) == (written + 1) * 5_000
        assert store.parked == 0


def _many(number: int) -> Batch:
    """5,000 readings that do not press well."""
    return batch(*(reading(number * 5_000 + second, amount=second / 7) for second in range(5_000)))


def _fill(store: InfluxStore) -> int:
    """Write until the disk is full; says how many times it was not."""
    for number in range(1_000):
        try:
            store.write([_many(number)])
        except StoreBusy:
            return number
    raise AssertionError("the disk is never full")


def test_a_killed_server_keeps_what_was_written() -> None:
    """SIGKILL takes nothing back that a write returned from."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = own_server(folder, folder / "data")
        try:
            with opened(server) as store:
                store.write([ROWS])
                before = content(store)
                server.kill()
                with pytest.raises(StoreBusy):
                    store.write([batch(reading(99))])
                server.start()
                assert content(store) == before
                store.write([batch(reading(99))])

                assert len(store.readings(SITE, SPACE, **EVER)) == 51
        finally:
            server.end()
