# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What spaces need: by the table, on the broker, through the API, and for Home Assistant."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.calendars.bookings import Booked, Known
from api.calendars.reading import Busy
from api.demand.home_assistant import device_discovery, space_discovery
from api.demand.needs import AGAIN_MS, demand, is_news
from api.demand.settings import DemandSettings
from api.live import Shown, SpaceNow
from api.settings import Settings, read_settings
from bezet import wire
from bezet.building import read_building
from bezet.errors import ConfigError
from bezet.link import matches
from bezet.messages import Demand, Need
from bezet.model import Occupancy
from tests.api.conftest import NOW_MS, Stage, building_text, health, live

if TYPE_CHECKING:
    from bezet.model import Building

BUILDING = read_building(building_text(), "building.toml")
MINUTE_MS = 60_000
SINCE_MS = NOW_MS - 10 * MINUTE_MS


def space(shown: Shown, booked: Booked | None = None, space_id: str = "0.02", **rest: Any) -> SpaceNow:
    """A space as it is now."""
    found = BUILDING.spaces[space_id]
    return SpaceNow(found, "", found.layouts[-1], shown, since_ms=SINCE_MS, booked=booked, **rest)


SOON, LATER = NOW_MS + 30 * MINUTE_MS, NOW_MS + 31 * MINUTE_MS
PEOPLE: dict[str, Any] = {"people": 3.0, "people_low": 2.0, "people_high": 5.0}
NOBODY: dict[str, Any] = {"people": 0.0, "people_low": 0.0, "people_high": 0.0}

#: What a space is, and what it needs.
CASES: dict[str, tuple[SpaceNow, dict[str, Any]]] = {
    "used": (space(Shown.OCCUPIED, **PEOPLE), {"need": Need.OCCUPIED, "since_ms": SINCE_MS, **PEOPLE}),
    "used and booked": (
        space(Shown.OCCUPIED, Booked(True, SOON, NOW_MS)),
        {"need": Need.OCCUPIED, "since_ms": SINCE_MS},
    ),
    "free": (space(Shown.FREE), {"need": Need.EMPTY, "since_ms": SINCE_MS}),
    "free, and counted": (space(Shown.FREE, **NOBODY), {"need": Need.EMPTY, "since_ms": SINCE_MS, **NOBODY}),
    "booked soon": (
        space(Shown.FREE, Booked(False, SOON, NOW_MS)),
        {"need": Need.EXPECTED, "since_ms": SINCE_MS, "until_ms": SOON},
    ),
    "booked later": (
        space(Shown.FREE, Booked(False, LATER, NOW_MS)),
        {"need": Need.EMPTY, "since_ms": SINCE_MS},
    ),
    "booked now, and nobody yet": (
        space(Shown.FREE, Booked(True, LATER, NOW_MS)),
        {"need": Need.EXPECTED, "since_ms": SINCE_MS, "until_ms": LATER},
    ),
    "never booked again": (
        space(Shown.FREE, Booked(False, None, NOW_MS)),
        {"need": Need.EMPTY, "since_ms": SINCE_MS},
    ),
    "unknown": (space(Shown.UNKNOWN, Booked(True, SOON, NOW_MS)), {"need": Need.UNKNOWN}),
    "in privacy mode": (space(Shown.NOT_MEASURED), {"need": Need.UNKNOWN}),
    "for one person": (space(Shown.OCCUPIED, space_id="1.01"), {"need": Need.OCCUPIED}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_space_needs(case: str) -> None:
    """The table says it; since when is never told of a space for one person, and unknown is not empty."""
    now, needs = CASES[case]

    assert demand("hall", now, NOW_MS, 30) == Demand("hall", now.space.id, NOW_MS, **needs)


def test_what_is_news() -> None:
    """Another need, a whole person, another time; and the same again after five minutes."""
    before = Demand("hall", "0.02", NOW_MS, Need.OCCUPIED, 3.0)

    assert is_news(None, before)
    assert not is_news(before, replace(before, t_ms=NOW_MS + AGAIN_MS - 1, people=3.4))
    assert is_news(before, replace(before, t_ms=NOW_MS + AGAIN_MS))
    assert is_news(before, replace(before, people=4.0))
    assert is_news(before, replace(before, people=None))
    assert is_news(before, replace(before, need=Need.EMPTY))


# --- on the broker and through the API -------------------------------------------------------------------


async def said(stage: Stage, topics: str) -> dict[str, bytes]:
    """What is retained on the broker, after the window had its turn."""
    await stage.settle()
    return {topic: text for topic, text in stage.broker.retained.items() if matches(topics, topic)}


async def test_needs_are_said_where_a_site_asks_for_it(building: Building) -> None:
    """Each measured space has a retained demand that follows it; without asking there is none."""
    stage = Stage(building, settings=Settings(demand=DemandSettings(is_published=True)))
    async with stage.running():
        await stage.say(health(), live("0.02"), live("0.03", Occupancy.OCCUPIED))
        stage.app.state.bookings.learn("0.02", Known([Busy(NOW_MS + 60_000, NOW_MS + 120_000)], NOW_MS))
        await stage.say(live("0.01"))
        told = {
            topic: wire.decode(topic, text)
            for topic, text in (await said(stage, "bezet/v1/hall/+/demand")).items()
        }
        listed = {one["spaceId"]: one["need"] for one in (await stage.read("/v1/zone-demands"))["items"]}
    quiet = Stage(building)
    async with quiet.running():
        await quiet.say(health(), live("0.02"))
        nothing = await said(quiet, "bezet/v1/hall/+/demand")

    needs = {one.space: one.need for one in told.values() if isinstance(one, Demand)}
    assert needs == {space: need for space, need in listed.items() if space != "0.04"}
    assert [needs[one] for one in ("0.01", "0.02", "0.03", "1.01")] == [
        "empty",
        "expected",
        "occupied",
        "unknown",
    ]
    assert listed["0.04"] == "unknown"
    assert nothing == {}


# --- Home Assistant --------------------------------------------------------------------------------------

#: Which keys a component may have, by Home Assistant's documentation of each MQTT platform.
SHARED = {
    *("platform", "name", "unique_id", "state_topic", "value_template", "device_class", "expire_after"),
    *("entity_category", "availability", "icon", "enabled_by_default"),
}
KEYS = {
    "binary_sensor": SHARED | {"payload_on", "payload_off", "off_delay"},
    "sensor": SHARED | {"state_class", "unit_of_measurement", "options", "suggested_display_precision"},
}
CLASSES = {"binary_sensor": {"occupancy", "connectivity"}, "sensor": {"enum"}}


def checked(topic: str, payload: bytes) -> dict[str, Any]:
    """A discovery message whose keys are all documented, and whose ids it can take."""
    found: dict[str, Any] = json.loads(payload)
    assert re.fullmatch(r"homeassistant/device/[A-Za-z0-9_-]+/config", topic)
    assert found.keys() == {"device", "origin", "components", "qos"}
    assert found["device"].keys() <= {"identifiers", "name", "manufacturer", "model", "sw_version"}
    assert found["origin"].keys() == {"name", "sw_version", "support_url"}
    for part in found["components"].values():
        assert part.keys() <= KEYS[part["platform"]]
        assert part.get("device_class", next(iter(CLASSES[part["platform"]]))) in CLASSES[part["platform"]]
        assert part["state_topic"].startswith("bezet/v1/")
    return found


def test_spaces_and_devices_are_made_known() -> None:
    """Each message has documented keys only, ids of its own, and reads a topic of the contract."""
    found = [
        *(checked(*space_discovery(BUILDING, one, "homeassistant")) for one in BUILDING.spaces.values()),
        *(checked(*device_discovery("hall", name, "homeassistant")) for name in ("pi-1", "pi_1", "pi.1")),
    ]
    ids = [part["unique_id"] for one in found for part in one["components"].values()]

    assert len(set(ids)) == len(ids) == 8 * 3 + 3 * 2


async def test_home_assistant_hears_it_again_when_it_starts(building: Building) -> None:
    """Discovery is retained, said again at its `online`, and taken back on demand; privacy mode has none."""
    settings = DemandSettings(is_published=True, home_assistant="homeassistant")
    stage = Stage(building, settings=Settings(demand=settings))
    stage.link = stage.broker.link("window-2", subscriptions=("bezet/#", "homeassistant/status"))
    async with stage.running():
        await stage.say(health(), live("0.02"))
        first = await said(stage, "homeassistant/device/#")
        for topic in first:
            await stage.agent.publish(topic, b"", retain=True)
        await stage.agent.publish("homeassistant/status", b"online")
        await stage.say(live("0.02", Occupancy.OCCUPIED))
        again = await said(stage, "homeassistant/device/#")
    leaving = Stage(building, settings=Settings(demand=replace(settings, is_leaving=True)))
    leaving.broker, leaving.link, leaving.agent = (
        stage.broker,
        stage.broker.link("w3", subscriptions=("bezet/#",)),
        stage.agent,
    )
    async with leaving.running():
        await leaving.say(health(), live("0.02"))
        left = await said(leaving, "homeassistant/device/#")

    assert first.keys() == again.keys()
    assert len(first) == 8  # seven measured spaces, and a device
    assert not any("0_04" in topic for topic in first)
    assert left == {}


def test_home_assistant_needs_what_it_reads(building: Building) -> None:
    """Discovery without demands would make entities that never say anything; it is refused with the key."""
    with pytest.raises(ConfigError, match=r"window\.toml:1: home_assistant, prefix: needs \[demand\]"):
        read_settings("[home_assistant]\n", "window.toml", building)
    found = read_settings("[demand]\npublish = true\n[home_assistant]\n", "window.toml", building)

    assert found.demand == DemandSettings(is_published=True, home_assistant="homeassistant")
