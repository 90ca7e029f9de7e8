# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What a collector shows of itself is what happened, and is there for whoever asks for it."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from bezet.errors import CannotStart, Cause, StoreUnusable
from bezet.link import Down, Up
from bezet.model import Level
from collector.metrics import BATCH_MESSAGES, LAG_S, Meters, serving
from collector.service import BATCH_MESSAGES as MOST_MESSAGES
from tests.collector.stage import (
    GUARD_S,
    NOW_MS,
    PRIVATE,
    BrokenStore,
    BusyStore,
    SlowStore,
    batch,
    collecting,
)
from tests.conftest import ROOT, bezet, free_port
from tests.metrics_page import shown, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.collector.stage import Stage

HOUR_MS = 3_600_000
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


def asked(port: int) -> str:
    """What somebody reads who asks over HTTP."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=OPENMETRICS, timeout=GUARD_S)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    return answer.text


def figures(meters: Meters) -> dict[tuple[str, ...], float]:
    """Every figure by its name and the values of its labels, as a parser of OpenMetrics reads them."""
    text = generate_latest(meters.registry).decode()  # type: ignore[no-untyped-call]
    return {
        (sample.name.removeprefix("bezet_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def shows(stage: Stage) -> dict[tuple[str, ...], float]:
    """What the collector at work shows."""
    return figures(stage.collector.meters)


async def test_counts_what_is_committed() -> None:
    """Messages, readings, receipts, and what is not recorded, once each, however they arrive."""
    two = replace(batch(2), readings=batch(2).readings + batch(3).readings)
    async with collecting() as stage:
        await stage.send(batch(1), two, batch(4, space=PRIVATE))
        await stage.receipts(1, 2, 4)
        await stage.send(batch(5))
        await stage.receipts(5)
        found = shows(stage)

    assert found["collector_messages_total",] == 4
    assert found["collector_readings_total",] == 4
    assert found["collector_states_total",] == 0
    assert found["collector_not_recorded_total",] == 1
    assert found["collector_batch_messages_sum",] == 4
    assert 2 <= found["collector_batch_messages_count",] == found["collector_commit_seconds_count",] <= 4
    assert found["collector_receipts_total",] >= 2


def test_every_label_is_there_before_it_is_needed() -> None:
    """A first refusal, error or removal is a step from 0 to 1, which a rate can see."""
    found = figures(Meters())

    assert {key[1] for key in found if key[0] == "collector_rejects_total"} == set(Cause)
    assert {key[1] for key in found if key[0] == "retention_removed_rows_total"} == set(Level)
    assert {key[1] for key in found if key[0] == "store_errors_total"} == {"busy", "unusable"}
    assert {key[1] for key in found if key[0] == "collector_upkeep_failures_total"} == {"facts", "retention"}
    assert math.isnan(found["collector_touched_quarters",])


@pytest.mark.parametrize(
    ("age_ms", "first_s"),
    [(-60_000, 0.1), (0, 0.1), (100, 0.1), (101, 0.2), (60_000, 60), (3 * 24 * HOUR_MS, math.inf)],
)
async def test_the_lag_of_a_message(age_ms: int, first_s: float) -> None:
    """It is the time since the newest instant in it; a clock ahead of ours is no lag; old data comes last."""
    older = batch(7, t_ms=NOW_MS - age_ms - HOUR_MS).readings
    message = batch(1, t_ms=NOW_MS - age_ms)
    async with collecting() as stage:
        await stage.send(replace(message, readings=older + message.readings))
        await stage.receipts(1)
        found = shows(stage)

    buckets = [found["collector_lag_seconds_bucket", f"{edge:.1f}"] for edge in LAG_S]
    assert found["collector_lag_seconds_sum",] == max(0, age_ms) / 1000
    assert buckets == [float(edge >= first_s) for edge in LAG_S]


async def test_a_message_that_says_nothing_has_no_lag() -> None:
    """An empty message is counted, but its age is not known."""
    async with collecting() as stage:
        await stage.send(replace(batch(1), readings=()))
        await stage.receipts(1)
        found = shows(stage)

    assert (found["collector_messages_total",], found["collector_lag_seconds_count",]) == (1, 0)


async def test_how_much_goes_into_one_write() -> None:
    """What waited for a slow store goes into few writes, which the sizes show."""
    store = SlowStore()
    async with collecting(store, receive_maximum=5_000) as stage:
        await stage.send(batch(1))
        assert await asyncio.to_thread(store.asked.wait, GUARD_S)
        await stage.send(*(batch(seq) for seq in range(2, 1_202)))
        store.go_on.set()
        await stage.receipts(*range(1, 1_202))
        found = shows(stage)

    sizes = {edge: found["collector_batch_messages_bucket", f"{edge:.1f}"] for edge in BATCH_MESSAGES}
    assert BATCH_MESSAGES[-1] == MOST_MESSAGES
    assert (sizes[1], sizes[100], sizes[200], sizes[500]) == (1, 1, 2, 4)
    assert found["collector_batch_messages_sum",] == 1_201


async def test_what_the_store_could_not_do() -> None:
    """Each try that the store refuses is counted, and the time of a commit is that of the try that worked."""
    async with collecting(BusyStore(writes=2)) as stage:
        await stage.send(batch(1))
        await stage.receipts(1)
        found = shows(stage)

    assert found["store_errors_total", "busy"] == 2
    assert found["collector_commit_seconds_count",] == 1
    assert found["collector_commit_seconds_sum",] < 0.2


async def test_a_store_that_ends_the_collector() -> None:
    """A store that can not be used any more is counted before the collector ends with it."""
    meters: list[Meters] = []

    async def send_one() -> None:
        async with collecting(BrokenStore()) as stage:
            meters.append(stage.collector.meters)
            await stage.send(batch(1))
            await stage.receipt()

    with pytest.raises(ExceptionGroup) as ended:
        await send_one()

    assert ended.group_contains(StoreUnusable)
    assert figures(*meters)["store_errors_total", "unusable"] == 1


async def test_how_the_link_is() -> None:
    """The link is up or down, and a name that another client took is counted."""
    async with collecting() as stage:
        await stage.send(batch(1))
        await stage.receipts(1)
        up = shows(stage)
        async with stage.broker.link(stage.link.name) as other:
            assert isinstance(await other.receive(), Up)
            down = up
            while down == up:
                await asyncio.to_thread(str)  # a turn of the loop, in which the collector may hear of it
                down = shows(stage)
        stage.broker.stop()
        assert isinstance(await stage.device.receive(), Down)
        stage.broker.start()
        assert isinstance(await stage.device.receive(), Up)
        await stage.send(batch(2))
        await stage.receipts(2)
        again = shows(stage)

    link_up, taken = ("collector_link_up",), ("collector_names_taken_total",)
    assert (up[link_up], down[link_up], again[link_up]) == (1, 0, 1)
    assert (up[taken], down[taken], again[taken]) == (0, 1, 1)


@dataclass
class Server:
    """What a store counts that writes to a server."""

    parked: int = 0
    expired: int = 0


def test_shows_what_the_store_counts_itself() -> None:
    """Where a store counts what its server would not have, that is shown as it is now."""
    store, meters = Server(), Meters()
    before = figures(meters)
    meters.watch(store)
    store.parked, store.expired = 3, 5
    after = figures(meters)

    assert (before["store_parked_points",], before["store_expired_points",]) == (0, 0)
    assert (after["store_parked_points",], after["store_expired_points",]) == (3, 5)


def test_two_in_one_process_share_nothing() -> None:
    """There is no global state: what one counts another does not show."""
    one, other = Meters(), Meters()
    one.messages.inc()

    assert figures(one)["collector_messages_total",] == 1
    assert figures(other)["collector_messages_total",] == 0


def test_the_page_says_what_there_is() -> None:
    """docs/metrics.md has a row for each metric, with the labels and the words that the collector shows."""
    with serving(Meters(), "127.0.0.1:0") as port:
        text = asked(port)

    assert shown(text) == written("The collector")


# --- serving ----------------------------------------------------------------------------------------------


def test_is_gone_afterwards() -> None:
    """The port is free again when the collector has ended."""
    with serving(Meters(), "127.0.0.1:0") as port:
        asked(port)
    with serving(Meters(), f"127.0.0.1:{port}") as again:
        assert asked(again)
    with pytest.raises(httpx.ConnectError):
        asked(port)


@pytest.mark.parametrize(
    "address",
    ["", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:70000", "a:1/b", "u@a:1"],
)
def test_refuses_an_address(address: str) -> None:
    """An address that is not whole is refused with the form it should have."""
    with (
        pytest.raises(CannotStart, match=r"--metrics .* needs the form HOST:PORT"),
        serving(Meters(), address),
    ):
        pass


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    """A port that somebody else has is named, and the collector ends with exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        found = subprocess.run(
            bezet("collect", *_places(tmp_path), "--broker", "mqtt://127.0.0.1:1", "--metrics", address),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == f"bezet: --metrics {address}: cannot listen there: Address already in use\n"


def _places(folder: Path) -> list[str]:
    return ["--building", str(ROOT / "building.toml"), "--store", f"sqlite:{folder / 'bezet.db'}"]


@pytest.mark.slow
@pytest.mark.parametrize("upkeep", ["--upkeep", "--no-upkeep"])
def test_as_a_program(tmp_path: Path, upkeep: str) -> None:
    """`bezet collect --metrics` shows its figures, does upkeep unless told not to, and ends at a signal."""
    port = free_port()
    words = ["--broker", "mqtt://127.0.0.1:1", "--metrics", f"127.0.0.1:{port}", upkeep]
    process = subprocess.Popen(
        bezet("collect", *_places(tmp_path), *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        awaited = {"--upkeep": "removed what was too old", "--no-upkeep": "no broker"}[upkeep]
        said = []
        for line in process.stdout:
            said.append(line)
            if awaited in line:
                break
        text = asked(port)
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(GUARD_S) == 0
    finally:
        process.kill()
        process.stdout.close()

    assert "process_resident_memory_bytes" in text
    assert "stopped" in rest
    if upkeep == "--no-upkeep":
        assert "bezet_collector_touched_quarters NaN" in text
        assert not any("removed" in line for line in [*said, rest])
    else:
        assert "bezet_collector_touched_quarters 0.0" in text
