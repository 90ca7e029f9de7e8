# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Where a feed is fetched, where it is not, and how the end of its reader is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from api.calendars.fetching import READER, Fetched, Fetcher, Marks, NotFetched, may_lead, read
from tests.api.calendars.test_watching import MOVED, Calendars, feed
from tests.api.conftest import NOW_MS, answering

if TYPE_CHECKING:
    from bezet.model import Building


async def fetched(server: Calendars, building: Building) -> Fetched:
    """What the feed of a server says."""
    fetcher = Fetcher()
    try:
        return await fetcher.fetch(server.url(), Marks(), NOW_MS, building.timezone)
    finally:
        await fetcher.aclose()


async def test_a_feed_that_has_moved_is_read_there(building: Building) -> None:
    """A redirect to an address that window.toml may name is followed."""
    with Calendars() as server, answering(server):
        server.said = 302, {"Location": MOVED}, []
        found = await fetched(server, building)

    assert found.read is not None
    assert server.paths[1:] == [MOVED]


@pytest.mark.parametrize("to", ["http://127.0.0.1/ok", "https://localhost:8080/v1/spaces", "https://[::1]/"])
def test_a_feed_of_elsewhere_does_not_lead_to_this_machine(to: str) -> None:
    """What listens on this machine alone is not for who runs a calendar elsewhere."""
    with pytest.raises(NotFetched, match="not followed there"):
        may_lead(httpx.URL(to), httpx.URL("https://calendar.example/a.ics"))

    if to.startswith("http://"):
        may_lead(httpx.URL(to), httpx.URL("http://localhost:99/a.ics"))


#: Where a feed leads that is not gone to, and how that is told.
ELSEWHERE = {
    "http://169.254.169.254/latest/meta-data?secret": "http://169.254.169.254",
    "http://user:word@a.example:8080/x": "http://a.example:8080",
    "http://localhost@a.example/x": "http://a.example",
    "http://0.0.0.0:{port}/moved/room.ics": "http://0.0.0.0:{port}",  # reaches this machine, and is not named
    "ftp://a.example/x": "ftp://a.example",
}


@pytest.mark.parametrize("to", ELSEWHERE)
async def test_a_redirect_leads_nowhere_that_window_toml_could_not_name(building: Building, to: str) -> None:
    """Where a redirect leads that breaks the rule for feeds is told, without its path, and not asked."""
    with Calendars() as server, answering(server):
        server.said = 302, {"Location": to.format(port=server.server_port)}, []
        with pytest.raises(NotFetched) as told:
            await fetched(server, building)

    where = ELSEWHERE[to].format(port=server.server_port)
    assert str(told.value) == (
        f"it leads to {where}, and is not followed there: "
        "needs an address that begins with https:// (http:// on this machine only)"
    )
    assert len(server.asked) == 1


#: A reader, the instant it reads at, and what is told of its end.
ENDS = {
    "a mistake of ours": (
        READER,
        10**30,
        "an internal mistake in reading it (OverflowError); please report it",
    ),
    "one before it reads": (
        (sys.executable, "-c", "raise ImportError"),
        NOW_MS,
        "an internal mistake: its reader ended with 1; please report it",
    ),
    "nothing said": (
        (sys.executable, "-c", ""),
        NOW_MS,
        "an internal mistake: its reader ended with 0; please report it",
    ),
    "killed": (
        (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),
        NOW_MS,
        "reading it took too much, and was ended by signal 9",
    ),
}


@pytest.mark.parametrize("case", ENDS)
async def test_a_reader_that_ends_is_told_as_what_it_is(building: Building, case: str) -> None:
    """A mistake of ours is told apart from what took too much, in words that hold nothing of the feed."""
    reader, now_ms, why = ENDS[case]
    with pytest.raises(NotFetched) as told:
        await read(feed(("1030", "1100")), now_ms, building.timezone, reader)

    assert str(told.value) == why
