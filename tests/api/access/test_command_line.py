# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is written down of whoever works on the machine itself, and of files that leave the window."""

from __future__ import annotations

import os
import pwd
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

from api.access.command_line import note_configuration, user
from api.book.audit import written_down
from api.book.book import Book
from bezet.messages import Batch, Clock
from bezet.model import Kind, Reading
from tests.api.conftest import BOOT, NOW_MS, Stage

if TYPE_CHECKING:
    from pathlib import Path


def test_a_changed_file_is_written_down_once(tmp_path: Path) -> None:
    """At a start with other settings than the last one: who, which file, and what it holds by its digest."""
    file = tmp_path / "window.toml"
    with closing(Book(tmp_path / "window.db")) as book:
        for text in ("", "", "[access]\n", "[access]\n", ""):
            file.write_text(text)
            note_configuration(book, [file])
        lines = [one for _, one in written_down(book)]

    assert {(one.actor, one.action, one.object, one.origin) for one in lines} == {
        (user(), "configure", "window.toml", "command line")
    }
    digests = [sha256(text).hexdigest() for text in (b"", b"[access]\n", b"")]
    assert [one.result for one in lines] == [f"sha256 {digest}" for digest in digests]


def test_who_is_at_the_command_line_is_an_account() -> None:
    """The name of the account, not a word that stands for all of them."""
    assert pwd.getpwuid(os.getuid()).pw_name in user()


async def test_a_file_of_readings_is_an_export(stage: Stage) -> None:
    """Who took which space, of when, and how many rows; a page on the screen is none."""
    readings = (Reading(NOW_MS - 1_000, "air", Kind.CO2_PPM, 600.0),)
    stage.store.write([Batch("hall", "pi-1", "0.03", BOOT, 1, Clock.TRUSTED, readings, ())])
    async with stage.running():
        await stage.read("/v1/spaces/0.03/readings")
        none = written_down(stage.book)
        await stage.client.get("/v1/spaces/0.03/readings", headers={"Accept": "text/csv"})
        [(_, line)] = written_down(stage.book)

    assert none == []
    assert (line.actor, line.action, line.result) == ("anybody", "export readings", "1 rows")
    assert line.object == "space 0.03 from 2026-11-22T10:00:00Z to 2026-11-23T10:00:00Z"
