# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The running server is asked what nobody thought of, by its own document (schemathesis)."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from bezet.messages import Batch, Clock
from bezet.model import Kind, Occupancy, Reading, State
from bezet.program import now_ms
from store.sqlite import SqliteStore
from tests.api.conftest import BOOT, building_text
from tests.conftest import bezet, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

MINUTE_MS = 60_000
#: What is switched off, where, and why; everything else is on for every operation.
EXPLAINED = {
    "positive_data_acceptance": (
        [
            *("listStates", "listFacts", "listSessions", "listReadings", "explainSpace", "listAuditEntries"),
            *("listAlarms", "listFeedback", "createFeedback"),
        ],
        (
            "a schema cannot say that `from` lies before `to` and now, which cursors were given out, nor "
            "which spaces there are and take answers"
        ),
    ),
}
#: Never ends, so that nobody could judge its answer; tests/api/test_stream.py asks it.
ENDLESS = "followLiveEvents"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server with some history and access configured: its address, and an administrator's token."""
    (tmp_path / "building.toml").write_text(building_text())
    (tmp_path / "window.toml").write_text("[access]\nrequests_per_minute = 100000\n")
    with closing(SqliteStore(tmp_path / "bezet.db")) as store:
        store.write([lived()])
    book = ("--book", str(tmp_path / "window.db"))
    made = subprocess.run(
        bezet("token", "create", "fuzz", "--role", "administrator", *book),
        capture_output=True,
        text=True,
        check=True,
    )
    port = free_port()
    files = ("--building", tmp_path / "building.toml", "--window", tmp_path / "window.toml")
    where = (
        "--store",
        f"sqlite:{tmp_path / 'bezet.db'}",
        "--broker",
        "mqtt://127.0.0.1:1",
        "--port",
        str(port),
    )
    with subprocess.Popen(bezet("serve", *files, *where, *book), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("The lobby page is at")
        yield f"http://127.0.0.1:{port}/v1", made.stdout.strip()
        server.terminate()


def lived() -> Batch:
    """An hour of a space, up to now."""
    ends_ms = now_ms()
    times_ms = range(ends_ms - 60 * MINUTE_MS, ends_ms, 5 * MINUTE_MS)
    readings = tuple(Reading(t_ms, "air", Kind.CO2_PPM, 600.0) for t_ms in times_ms)
    states = tuple(State(t_ms, Occupancy.OCCUPIED, 0.9, t_ms, (), "rule-1") for t_ms in times_ms)
    return Batch("hall", "pi-1", "0.01", BOOT, 1, Clock.TRUSTED, readings, states)


def test_nothing_unexpected_is_answered(served: tuple[str, str], tmp_path: Path) -> None:
    """Of all that can be asked nothing is a mistake of ours, nor answered as the document does not say."""
    address, token = served
    config = ""
    for check, (operations, reason) in EXPLAINED.items():
        for operation in operations:
            config += f'# {reason}\n[[operations]]\ninclude-operation-id = "{operation}"\n'
            config += f"checks.{check}.enabled = false\n"
    (tmp_path / "schemathesis.toml").write_text(config)
    known = {
        operation["operationId"]
        for methods in httpx.get(f"{address}/openapi.json").json()["paths"].values()
        for operation in methods.values()
    }
    assert {ENDLESS, *(one for operations, _ in EXPLAINED.values() for one in operations)} <= known

    found = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", f"{address}/openapi.json", "--header", f"Authorization: Bearer {token}"),
            *(
                "--phases",
                "examples,coverage,fuzzing",
                "--max-examples",
                "10",
                "--seed",
                "1",
                "--workers",
                "1",  # with two it parses Python in two threads at once, on which CPython 3.11 may fail
            ),
            *("--exclude-operation-id", ENDLESS, "--continue-on-failure", "--warnings", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert found.returncode == 0, found.stdout[-6_000:] + found.stderr[-2_000:]
