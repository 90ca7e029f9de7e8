# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Closing a file that other threads are using."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

from store.sqlite.file import Database

if TYPE_CHECKING:
    from pathlib import Path


def test_who_closes_waits_for_those_who_use_it(tmp_path: Path) -> None:
    """However often it is closed while threads write and read, each of them goes on, and nothing is lost."""
    with closing(Database(tmp_path / "store.db", 30.0)) as database, ThreadPoolExecutor(4) as threads:

        def work(number: int) -> int:
            with database.transaction() as connection:
                connection.execute("INSERT INTO space (site, name) VALUES ('hall', ?)", (f"{number}",))
            with database.snapshot() as connection:
                found: int = connection.execute("SELECT count(*) FROM space").fetchone()[0]
            return found

        working = [threads.submit(work, number) for number in range(300)]
        while not all(one.done() for one in working):
            database.close()

        assert max(one.result() for one in working) == 300
