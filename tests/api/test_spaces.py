# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What is told of spaces, now and before: instants, privacy, and the time in which nothing was known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.schemas import in_ms, parse_instant
from bezet.model import Occupancy, State
from bezet.wire import Batch, Clock
from tests.api.conftest import BOOT, MARKUP, NOW_MS, SITE, health, live

if TYPE_CHECKING:
    from tests.api.conftest import Stage

MINUTE_MS = 60_000
FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN


async def test_all_spaces_in_the_order_of_the_building(stage: Stage) -> None:
    """`GET /v1/spaces` tells every space with its place, kind, capacity, layout and state."""
    async with stage.running():
        await stage.say(health(), live("0.03", OCCUPIED, t_ms=NOW_MS - 5_400))
        found = await stage.read("/v1/spaces")

    assert (found["at"], found["name"]) == ("2026-11-23T10:00:00.000Z", "Stadhuis")
    assert found["link"] == {"up": True, "since": "2026-11-23T10:00:00.000Z"}
    assert [space["id"] for space in found["spaces"]] == list(stage.building.spaces)
    assert found["spaces"][2] == {
        "id": "0.03",
        "name": "Raadzaal",
        "floor": "0",
        "floorName": "Begane grond",
        "kind": "hybrid",
        "capacity": 24,
        "layout": "Hoefijzer",
        "occupancy": "occupied",
        "people": None,
        "peopleLow": None,
        "peopleHigh": None,
        "probability": 0.9,
        "since": "2026-11-23T09:59:54.600Z",
        "asOf": "2026-11-23T09:59:54.600Z",
        "ageS": 5,
        "because": ["motion"],
        "unknownBecause": None,
        "booked": None,
        "bookedUntil": None,
        "freeUntil": None,
        "calendarAsOf": None,
        "co2Ppm": None,
        "airClass": None,
        "avOn": None,
    }


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ("0.01", {"occupancy": "free", "unknownBecause": None, "ageS": 0}),
        ("0.02", {"occupancy": "unknown", "unknownBecause": "noSensor", "asOf": None, "ageS": None}),
        ("0.03", {"occupancy": "unknown", "unknownBecause": "offline", "probability": None}),
        ("0.04", {"occupancy": "notMeasured", "unknownBecause": None, "asOf": None}),
        ("1.01", {"occupancy": "occupied", "since": None}),
        ("1.04", {"name": MARKUP}),
    ],
)
async def test_one_space(stage: Stage, space: str, expected: dict[str, object]) -> None:
    """`GET /v1/spaces/{spaceId}` tells the same of one."""
    async with stage.running():
        await stage.say(health(), live(), live("0.03", device="gone"), live("1.01", OCCUPIED))
        found = await stage.space(space)
        everything = await stage.read("/v1/spaces")

    assert expected.items() <= found.items()
    assert found in everything["spaces"]


# --- history ---------------------------------------------------------------------------------------------


def write(stage: Stage, space: str, *rows: tuple[int, Occupancy], device: str = "pi-1") -> None:
    """Store states of a zone at so many minutes before now."""
    states = tuple(
        State(NOW_MS - minutes * MINUTE_MS, occupancy, 0.8, NOW_MS - minutes * MINUTE_MS, (), "rule-1")
        for minutes, occupancy in rows
    )
    stage.store.write([Batch(SITE, device, space, BOOT, 1, Clock.TRUSTED, (), states)])


async def test_a_history_tells_the_unknown_and_its_coverage(stage: Stage) -> None:
    """Intervals tile the asked time in UTC; a dead agent's time is unknown, and not covered."""
    write(stage, "0.01", (60, FREE), (55, FREE), (50, OCCUPIED), (45, OCCUPIED))
    async with stage.running():
        found = await stage.read("/v1/spaces/0.01/states?from=2026-11-23T10:00:00%2B01:00")

    assert (found["spaceId"], found["from"], found["to"], found["rules"]) == (
        "0.01",
        "2026-11-23T09:00:00.000Z",
        "2026-11-23T10:00:00.000Z",
        ["rule-1"],
    )
    assert [(one["start"][11:16], one["end"][11:16], one["occupancy"]) for one in found["intervals"]] == [
        ("09:00", "09:10", "free"),
        ("09:10", "09:25", "occupied"),
        ("09:25", "10:00", "unknown"),
    ]
    assert found["coverage"] == pytest.approx(25 / 60)


async def test_without_a_span_it_is_the_last_day(stage: Stage) -> None:
    """The span ends now at the latest and begins 24 hours before its end if it is not told."""
    async with stage.running():
        plain = await stage.read("/v1/spaces/0.01/states")
        future = await stage.read("/v1/spaces/0.01/states?to=2099-01-01T00:00:00Z")
        past = await stage.read("/v1/spaces/0.01/states?to=2026-11-01T00:00:00Z")

    assert (plain["from"], plain["to"]) == ("2026-11-22T10:00:00.000Z", "2026-11-23T10:00:00.000Z")
    assert plain == future
    assert past["from"] == "2026-10-31T00:00:00.000Z"
    assert [one["occupancy"] for one in plain["intervals"]] == ["unknown"]
    assert plain["coverage"] == 0


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("0.01/states", 200, None),
        ("0.04/states", 403, "urn:bezet:not-measured"),
        ("1.01/states", 403, "urn:bezet:too-small-to-show"),
        ("1.02/states", 403, "urn:bezet:too-small-to-show"),
        ("1.03/states", 200, None),
        ("1.03/states?from=2026-11-19T23:00:00Z", 200, None),
        ("1.03/states?from=2026-11-19T22:59:59Z", 403, "urn:bezet:too-small-to-show"),
        ("9.99/states", 404, None),
    ],
)
async def test_the_history_of_a_person_is_not_shown(
    stage: Stage, path: str, status: int, kind: str | None
) -> None:
    """A space that was for fewer than five people in the span, or is not measured, has no history."""
    async with stage.running():
        answer = await stage.client.get(f"/v1/spaces/{path}")

    assert (answer.status_code, answer.json().get("type")) == (status, kind)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("from=yesterday", ["from"]),
        ("from=yesterday&to=now", ["from", "to"]),
        ("from=2026-11-23T09:00:00", ["from"]),
        ("from=2026-11-23", ["from"]),
        ("from=1795428000", ["from"]),
        ("from=2026-02-30T09:00:00Z", ["from"]),
        ("from=0001-01-01T00:00:00Z", ["from"]),
        ("from=9999-12-31T23:59:59-12:00", ["from"]),
        ("from=2026-11-23T09:00:00%2B25:00", ["from"]),
        ("from=2026-11-23T10:00:00Z", ["from"]),
        ("from=2026-11-23T09:00:00Z&to=2026-11-23T08:00:00Z", ["to"]),
        ("from=2026-10-23T09:59:59Z", ["from"]),
        ("form=2026-11-23T09:00:00Z", ["form"]),
    ],
)
async def test_a_wrong_span_is_refused_with_all_its_mistakes(
    stage: Stage, query: str, names: list[str]
) -> None:
    """No offset, a span that is turned round or over 31 days, an unknown key: 400, all named."""
    async with stage.running():
        answer = await stage.client.get(f"/v1/spaces/0.01/states?{query}")

    found = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert [(one["location"], one["name"]) for one in found["errors"]] == [("query", name) for name in names]


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001  the offset is drawn apart
    st.integers(-23 * 60, 23 * 60),
)
def test_an_instant_is_the_same_in_every_offset(moment: datetime, offset_minutes: int) -> None:
    """Whatever the offset it is written with, an instant is what it is in UTC, cut to milliseconds."""
    instant = moment.replace(tzinfo=UTC)
    local = instant.astimezone(timezone(timedelta(minutes=offset_minutes)))

    assert parse_instant(local.isoformat()) == instant
    assert parse_instant(local.isoformat().replace("+", " ")) == instant
    assert in_ms(instant) == (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@given(st.text())
def test_no_text_breaks_the_reading_of_an_instant(text: str) -> None:
    """What is no RFC 3339 date-time is refused, and nothing else happens."""
    with pytest.raises(ValueError, match="needs a date-time"):
        parse_instant(text)


@pytest.mark.parametrize("odd", ["", "..", "0.01/", "%00", "<script>", "0.01?x=1#y", "é", "a" * 5_000])
async def test_an_odd_space_id_is_not_found(stage: Stage, odd: str) -> None:
    """Whatever stands in the place of an id, the answer is a plain 404."""
    async with stage.running():
        answer = await stage.client.get(f"/v1/spaces/{quote(odd, safe='')}")

    assert (answer.status_code, answer.json()["status"]) == (404, 404)
