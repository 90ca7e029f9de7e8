# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How fast the town hall that isn't there lives through its weeks."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from bezet.retention import DAY_MS
from demo.faults import ALL
from demo.history.filling import Filling
from demo.standing import found_town
from tests.conftest import ROOT

DAYS = 28
#: Monday 2 November 2026, 00:00 UTC.
END_MS = 1_793_577_600_000


def print_history() -> None:
    """Space-hours of history made per second, from people to facts, in two processes."""
    source = (ROOT / "building.toml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town = found_town(folder, source, 1, ALL, date(2026, 11, 2))
        database = folder / "bezet.db"
        began_s = time.perf_counter()
        Filling(folder, f"sqlite:{database}", END_MS - DAYS * DAY_MS, END_MS).run(lambda _: None)
        took_s = time.perf_counter() - began_s
        spaces = sum(len(device.spaces) for device in town.plan)
        size_mib = database.stat().st_size / 2**20
        with closing(sqlite3.connect(database)) as connection:
            states = connection.execute("SELECT count(*) FROM state").fetchone()[0]
    print(
        f"demo: {DAYS} days of {spaces} spaces in {took_s:.1f} s: {24 * DAYS * spaces / took_s:,.0f} "
        f"simulated space-hours/s, {states:,} states, {size_mib:.0f} MiB"
    )
