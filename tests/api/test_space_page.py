# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The page of one space as it comes from the server: what it is, why, its day, and what people said of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.access.settings import Access
from api.feedback.answers import Face, FeedbackReason
from api.settings import Settings
from bezet.errors import StoreBusy
from bezet.messages import Batch, Clock
from bezet.model import Because, Occupancy, State
from bezet.retention import HOUR_MS
from tests.api.conftest import BOOT, NOW_MS, Stage, health, live
from tests.api.feedback.test_feedback import answered
from tests.api.test_live_page import html_of
from tests.api.test_rules import BrokenStore

if TYPE_CHECKING:
    from bezet.model import Building


async def test_a_space_has_a_page_of_its_own(stage: Stage) -> None:
    """What it is, why, and its last day as a bar with its times, in the asked language."""
    states = [
        State(NOW_MS - n * HOUR_MS, one, 0.9, NOW_MS - n * HOUR_MS, (Because.MOTION,), "r") for n, one in DAY
    ]
    stage.store.write([Batch("hall", "pi-1", "0.03", BOOT, 1, Clock.TRUSTED, (), tuple(states))])
    async with stage.running():
        await stage.say(health(), live("0.03", Occupancy.OCCUPIED))
        dutch, english = await html_of(stage, "/spaces/0.03"), await html_of(stage, "/spaces/0.03?lang=en")

    assert "0.03 Raadzaal" in dutch
    assert '<div id="space" data-space="0.03" data-occupancy="occupied"' in dutch
    assert re.findall(r'<rect data-occupancy="(\w+)"', dutch) == [
        "unknown",
        "occupied",
        "unknown",
        "free",
        "unknown",
    ]
    assert "<li>09:00\u201309:10 Bezet</li>" in dutch
    assert '<h2 id="why">Why</h2>' in english


async def test_what_people_said_of_a_space(stage: Stage) -> None:
    """Faces and the reasons named most, of whole days before today; while they are too few, that."""
    async with stage.running():
        none = await html_of(stage, "/spaces/0.03")
        answered(stage, "0.03", 3, Face.GOOD, None, 6)
        answered(stage, "0.03", 2, Face.BAD, FeedbackReason.NOISE, 5)
        answered(stage, "0.03", 0, Face.SO_SO, FeedbackReason.AIR, 9)
        some = await html_of(stage, "/spaces/0.03?lang=en")

    assert "Minder dan 5 samen laten wij niet zien" in none
    assert "11 answers since 01-11-2026" in some
    assert re.findall(r"</svg> ([\w-]+) <b>(\d+)</b>", some) == [("Good", "6"), ("So-so", "0"), ("Bad", "5")]
    assert "<li>Too much noise <b>5</b></li>" in some


@pytest.mark.parametrize("space", ["0.04", "1.02"])
async def test_a_space_that_takes_no_answers_shows_none(stage: Stage, space: str) -> None:
    """A space in privacy mode, or for few, has no place for what people said."""
    async with stage.running():
        html = await html_of(stage, f"/spaces/{space}")

    assert 'id="felt"' not in html


async def test_why_that_cannot_be_told_now_is_said(building: Building) -> None:
    """While the store is away nothing of before stays under its headings."""
    stage = Stage(building, BrokenStore(StoreBusy("locked")))
    async with stage.running():
        await stage.say(health(), live("0.03", Occupancy.OCCUPIED))
        html = await html_of(stage, "/spaces/0.03?lang=en")

    assert "That cannot be told now." in html
    assert "The history cannot be read now." in html


DAY = [(2, Occupancy.OCCUPIED), (1, Occupancy.FREE)]


@pytest.mark.parametrize(
    ("space", "said"),
    [("1.02", "heeft geen eigen geschiedenis"), ("0.04", "heeft geen eigen geschiedenis")],
)
async def test_what_is_not_shown_is_said(stage: Stage, space: str, said: str) -> None:
    """A space for few people, and one in privacy mode, say that they have no day to show."""
    async with stage.running():
        html = await html_of(stage, f"/spaces/{space}")

    assert said in html
    assert "<rect data-occupancy" not in html


async def test_who_has_no_name_sees_no_day(building: Building) -> None:
    """With access configured the public sees what a space is, and neither why nor its day."""
    stage = Stage(building, settings=Settings(access=Access()))
    async with stage.running():
        await stage.say(health(), live("0.03", Occupancy.OCCUPIED))
        html = await html_of(stage, "/spaces/0.03")

    assert "Bezet" in html
    assert "ziet dit na aanmelden" in html
    assert not re.search(r'id="(?:why|felt)"', html)


async def test_a_space_that_is_not_there(stage: Stage) -> None:
    """An id that the building does not know is 404."""
    async with stage.running():
        answer = await stage.client.get("/spaces/9.99")

    assert answer.status_code == 404
