# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""How the window is doing: figures of the server, never of a path that somebody made up or of a space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from api.live import STALE_MS
from bezet.errors import StoreBusy
from bezet.model import Occupancy
from tests.api.conftest import NOW_MS, Stage, Stream, health, live
from tests.api.test_rules import BrokenStore
from tests.metrics_page import shown, written

if TYPE_CHECKING:
    from bezet.model import Building

OPENMETRICS = "application/openmetrics-text"
REQUESTS = "bezet_api_requests_total"


async def figures(stage: Stage) -> dict[tuple[str, ...], float]:
    """Every figure by its name and the values of its labels, as a parser of OpenMetrics reads them."""
    answer = await stage.client.get("/metrics", headers={"Accept": f"{OPENMETRICS}; version=1.0.0"})
    assert answer.headers["content-type"].startswith(OPENMETRICS)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


async def test_counts_by_route_and_never_by_path(stage: Stage) -> None:
    """An answer is counted under the template of its route; what is none of ours is counted together."""
    asked = [
        ("GET", "/v1/spaces/0.01"),
        ("GET", "/v1/spaces/0.02"),
        ("GET", "/v1/spaces/9.99"),
        ("GET", "/v1/spaces"),
        ("GET", "/lobby?lang=en"),
        ("GET", "/v1/wp-login.php"),
        ("GET", "/.env"),
        ("POST", "/lobby"),
        ("BREW", "/lobby"),
    ]
    async with stage.running():
        before = await figures(stage)
        for method, path in asked:
            await stage.client.request(method, path)
        after = await figures(stage)

    grown = {key[1:]: after[key] - before.get(key, 0) for key in after if key[0] == REQUESTS}
    assert {key: count for key, count in grown.items() if count} == {
        ("GET", "/v1/spaces/{spaceId}", "200"): 2,
        ("GET", "/v1/spaces/{spaceId}", "404"): 1,
        ("GET", "/v1/spaces", "200"): 1,
        ("GET", "/lobby", "200"): 1,
        ("GET", "other", "404"): 2,
        ("POST", "/lobby", "405"): 1,
        ("other", "/lobby", "405"): 1,
        ("GET", "/metrics", "200"): 1,
    }
    assert after["bezet_api_request_seconds_count", "/v1/spaces/{spaceId}"] == 3
    assert 0 < after["bezet_api_request_seconds_sum", "/v1/spaces/{spaceId}"] < 10


async def test_counts_what_went_wrong(building: Building) -> None:
    """A mistake of ours and a store that is away are counted as what was answered."""
    wrong = {ZeroDivisionError("ours"): "500", StoreBusy("locked"): "503"}
    for error, status in wrong.items():
        stage = Stage(building, BrokenStore(error))
        async with stage.running(), stage.browser(raises=False) as browser:
            await browser.get("/v1/spaces/0.01/states")
            found = await figures(stage)

        assert found[REQUESTS, "GET", "/v1/spaces/{spaceId}/states", status] == 1


async def test_a_stream_is_counted_when_it_begins(stage: Stage) -> None:
    """Who follows the live stream is a listener for as long as it lasts, and a request from its beginning."""
    async with stage.running():
        async with Stream(stage.app) as stream:
            await stream.next("tick")
            during = await figures(stage)
        after = await figures(stage)

    assert during[REQUESTS, "GET", "/v1/live-events", "200"] == 1
    assert (during["bezet_api_listeners",], after["bezet_api_listeners",]) == (1, 0)
    assert during["bezet_api_request_seconds_count", "/v1/live-events"] == 1


async def test_says_how_link_board_and_store_are(stage: Stage) -> None:
    """Link, devices, the age of what they said, the store, and how long the server runs."""
    async with stage.running():
        empty = await figures(stage)
        await stage.say(health(t_ms=NOW_MS - 40_000), live(t_ms=NOW_MS - STALE_MS - 1_000, device="mute"))
        stage.time.now_ms += 5_000
        found = await figures(stage)
        stage.broker.stop()
        await stage.settle()
        down = await figures(stage)

    assert math.isnan(empty["bezet_api_word_age_seconds", "newest"])
    assert (empty["bezet_api_devices",], found["bezet_api_devices",]) == (0, 2)
    assert found["bezet_api_silent_devices",] == 1
    assert found["bezet_api_word_age_seconds", "newest"] == 45
    assert found["bezet_api_word_age_seconds", "oldest"] == STALE_MS / 1000 + 6
    assert (empty["bezet_api_uptime_seconds",], found["bezet_api_uptime_seconds",]) == (0, 5)
    assert (found["bezet_api_link_up",], down["bezet_api_link_up",]) == (1, 0)
    assert found["bezet_api_store_readable",] == 1


async def test_says_that_the_store_is_away(building: Building) -> None:
    """A store that cannot be read is told of, and the figures are there all the same."""
    stage = Stage(building, BrokenStore(StoreBusy("locked")))
    async with stage.running():
        found = await figures(stage)

    assert found["bezet_api_store_readable",] == 0


async def test_says_nothing_of_spaces(stage: Stage) -> None:
    """No figure tells how a space is used, nor names one or a device."""
    async with stage.running():
        quiet = await figures(stage)
        await stage.say(health(), live("0.03", Occupancy.OCCUPIED))
        busy = await figures(stage)

    words = {word for key in busy for word in key}
    assert not words & {"0.03", "pi-1", "Raadzaal", "occupied", "free"}
    assert {key for key in busy if key not in quiet} <= {
        key for key in busy if key[0].startswith("bezet_api_request")
    }


async def test_is_no_part_of_the_api(stage: Stage) -> None:
    """It stands outside of /v1 and its document, can only be read, and speaks the older text format too."""
    async with stage.running():
        document = await stage.read("/v1/openapi.json")
        plain = await stage.client.get("/metrics")
        refused = await stage.client.post("/metrics")
        inside = await stage.client.get("/v1/metrics")

    assert not any("metrics" in path for path in document["paths"])
    assert plain.headers["content-type"].startswith("text/plain")
    assert "bezet_api_requests_total" in plain.text
    assert (refused.status_code, inside.status_code) == (405, 404)


async def test_the_page_says_what_there_is(stage: Stage) -> None:
    """docs/metrics.md has a row for each metric, with the labels and the words that the server shows."""
    async with stage.running():
        await stage.read("/v1/spaces")
        answer = await stage.client.get("/metrics", headers={"Accept": OPENMETRICS})

    assert shown(answer.text) == written("The API")
