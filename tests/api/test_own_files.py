# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The files of our pages, as they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.routes.own_files import takes_gzip

if TYPE_CHECKING:
    from tests.api.conftest import Stage


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("x-gzip-like", False),
    ],
)
def test_only_who_takes_it_gets_it_squeezed(accepted: str, *, wanted: bool) -> None:
    """By the Accept-Encoding header; whoever says nothing gets the plain file."""
    assert takes_gzip(accepted) == wanted


async def test_a_squeezed_file_is_the_same_file(stage: Stage) -> None:
    """Smaller on the wire, and said to depend on what was asked for."""
    async with stage.running():
        plain, squeezed = [
            await stage.client.get("/lobby.js", headers={"Accept-Encoding": accepted})
            for accepted in ("", "gzip")
        ]

    assert plain.content == squeezed.content
    assert ("content-encoding" in plain.headers, squeezed.headers["content-encoding"]) == (False, "gzip")
    assert int(squeezed.headers["content-length"]) < len(plain.content) / 2
    assert plain.headers["vary"] == squeezed.headers["vary"] == "Accept-Encoding"
