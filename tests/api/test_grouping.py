# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""All pages call a space the same; one that is empty and booked is free on none of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.calendars.bookings import Bookings, Known
from api.calendars.reading import Busy
from api.front.grouping import Group, group_of
from api.live import Board
from api.schemas import space_out
from bezet.model import Occupancy
from tests.api.conftest import NOW_MS, Stage, health, live
from tests.api.test_door import book

if TYPE_CHECKING:
    from bezet.model import Building

HOUR_MS = 3_600_000


@pytest.mark.parametrize("path", ["/", "/lobby", "/find?people=4", "/door/0.03", "/spaces/0.03"])
@pytest.mark.parametrize(
    ("lang", "word", "until"), [("nl", "Leeg", "geboekt tot 12:00"), ("en", "Empty", "booked until 12:00")]
)
async def test_what_is_empty_and_booked_is_free_nowhere(
    stage: Stage, path: str, lang: str, word: str, until: str
) -> None:
    """By mark, shape and word, with until when beside it, on every page that shows it."""
    async with stage.running():
        await stage.say(health(), live("0.03"))
        book(stage, "0.03", (-HOUR_MS, HOUR_MS))
        html = (await stage.client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")).text

    assert set(re.findall(r'data-space="0.03" data-occupancy="(\w+)"', html)) == {"booked"}
    assert f'data-part="word">{word}<' in html
    assert f">{until}<" in html
    assert 'href="#shape-booked"' in html


async def test_the_live_page_counts_it_apart(stage: Stage) -> None:
    """Of two empty spaces one is booked: one is free, and one is empty and booked."""
    async with stage.running():
        await stage.say(health(), live("0.02"), live("0.03"))
        book(stage, "0.03", (-HOUR_MS, HOUR_MS))
        html = (await stage.client.get("/")).text

    counts = dict(re.findall(r'<li data-count="(\w+)"[^>]*>.*?data-part="count">(\d+)<', html))
    assert (counts["free"], counts["booked"]) == ("1", "1")


@pytest.mark.parametrize("occupancy", Occupancy)
def test_a_booking_changes_what_is_free_alone(building: Building, occupancy: Occupancy) -> None:
    """A space that is in use, or of which nobody knows, is that, booked or not."""
    bookings = Bookings()
    bookings.learn("0.03", Known([Busy(NOW_MS - HOUR_MS, NOW_MS + HOUR_MS)], NOW_MS))
    board = Board(building, bookings)
    board.link_changed(is_up=True, now_ms=NOW_MS)
    for message in (health(), live("0.03", occupancy)):
        board.hear(message, NOW_MS)

    found = group_of(space_out(board.space("0.03", NOW_MS), NOW_MS))

    assert found is (Group.BOOKED if occupancy is Occupancy.FREE else Group(occupancy))
