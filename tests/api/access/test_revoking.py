# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""A key that counts no more hears no more, also where it listens already; wrong keys are tried in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.access.caller import Role
from api.access.settings import Access
from api.book.tokens import add_token, remove_token
from api.routes.live_events import LOOK_AGAIN_MS
from api.settings import Settings
from bezet.retention import DAY_MS
from tests.api.access.test_gate import bearer, key
from tests.api.conftest import Stage, Stream

if TYPE_CHECKING:
    from bezet.model import Building


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_a_listener_whose_key_is_gone_hears_no_more(building: Building, how: str) -> None:
    """Revoked or past its term: the stream ends at the first tick after it was looked at."""
    stage = Stage(building, settings=Settings(access=Access()))
    async with stage.running(tick_s=0.001):
        token, sent = key(Role.FACILITIES)
        add_token(stage.book, token)
        async with Stream(stage.app, token=sent) as stream, Stream(stage.app) as other:
            await stream.next("tick")
            if how == "revoked":
                remove_token(stage.book, token.id)
                stage.time.now_ms += LOOK_AGAIN_MS
            else:
                stage.time.now_ms += DAY_MS
            await stream.ended()
            assert await other.next("tick")


async def test_a_listener_whose_key_counts_hears_on(building: Building) -> None:
    """To be looked at again and again disturbs nobody."""
    stage = Stage(building, settings=Settings(access=Access()))
    async with stage.running(tick_s=0.001):
        token, sent = key(Role.FACILITIES)
        add_token(stage.book, token)
        async with Stream(stage.app, token=sent) as stream:
            for _ in range(5):
                stage.time.now_ms += LOOK_AGAIN_MS
                await stream.next("tick")


async def test_wrong_keys_are_tried_so_often_and_no_more(building: Building) -> None:
    """One address has as many tries as questions; then 429, while a good key from there counts."""
    stage = Stage(building, settings=Settings(access=Access(requests_per_minute=10)))
    async with stage.running():
        token, sent = key(Role.PLANNER)
        add_token(stage.book, token)
        answers = [await stage.client.get("/v1/spaces", headers=bearer(f"bezet_{n}")) for n in range(12)]
        good = await stage.client.get("/v1/spaces", headers=bearer(sent))

    assert [one.status_code for one in answers] == [401] * 10 + [429] * 2
    assert good.status_code == 200
