# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The cards with a code for feedback: which spaces have one, and where it leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.access.settings import Access
from api.feedback.box import Box
from api.screens.codes import svg
from api.settings import Settings
from tests.api.conftest import Stage

if TYPE_CHECKING:
    from bezet.model import Building


async def test_every_space_that_takes_answers_has_a_card(stage: Stage, building: Building) -> None:
    """And no other: not one in privacy mode, nor one for few; each card speaks both languages."""
    box = Box(stage.book, building, stage.time)
    async with stage.running():
        html = (await stage.client.get("/cards?lang=en")).text

    found = re.findall(r'src="/feedback/([\w.-]+)/qr\.svg"', html)
    assert found == [one.id for one in building.spaces.values() if box.is_there(one)]
    assert 0 < len(found) < len(building.spaces)
    assert (
        html.count('lang="nl">Hoe was deze ruimte?')
        == html.count('lang="en">How was this room?')
        == len(found)
    )


async def test_a_code_leads_to_the_page_for_feedback(stage: Stage) -> None:
    """At the address by which the page of cards was asked for; of a space that is not there there is none."""
    async with stage.running():
        code = await stage.client.get("/feedback/0.03/qr.svg", headers={"Host": "bezet.example"})
        none = await stage.client.get("/feedback/9.99/qr.svg")

    assert code.content == svg("http://bezet.example/feedback/0.03")
    assert code.headers["content-type"] == "image/svg+xml"
    assert none.status_code == 404


@pytest.mark.parametrize(("access", "status"), [(None, 200), (Access(), 303)])
async def test_who_runs_the_building_prints_them(
    building: Building, access: Access | None, status: int
) -> None:
    """Where nothing was set up that is everybody; else whoever has no name is led to sign in."""
    stage = Stage(building, settings=Settings(access=access))
    async with stage.running():
        answer = await stage.client.get("/cards")

    assert answer.status_code == status
