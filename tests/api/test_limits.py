# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is sent to us is short: what is longer is refused before anybody reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.limits import MOST_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.api.conftest import Stage

JSON = {"Content-Type": "application/json"}


class Unread:
    """A body that nobody may ask for."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Nobody does."""
        raise AssertionError("somebody read it")


@pytest.mark.parametrize("path", ["/v1/feedback", "/v1/spaces", "/feedback/0.03", "/none"])
@pytest.mark.parametrize(
    ("length", "status"),
    [({"Content-Length": str(MOST_BODY_BYTES + 1)}, 413), ({"Transfer-Encoding": "chunked"}, 411)],
    ids=["too long", "of no length"],
)
async def test_a_long_body_is_refused_unread(
    stage: Stage, path: str, length: dict[str, str], status: int
) -> None:
    """On whatever path: a problem, the connection ends, and not a byte of it is read."""
    async with stage.running():
        answer = await stage.client.post(path, content=Unread(), headers={**JSON, **length})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers["connection"] == "close"
    assert "api-version" in answer.headers


async def test_a_body_that_just_fits_is_read(stage: Stage) -> None:
    """What is as long as may be is judged by what it says."""
    body = b'{"spaceId": "0.02", "face": "good"}'
    async with stage.running():
        answer = await stage.client.post(
            "/v1/feedback", content=body + b" " * (MOST_BODY_BYTES - len(body)), headers=JSON
        )

    assert answer.status_code == 201
