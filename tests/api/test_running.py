# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What whoever runs the building sees and says on the live page: alarms, devices, air and AV; plain forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.access.settings import Access
from api.settings import Settings
from api.words import Language, words_in
from bezet.av import AVState
from bezet.model import Kind, Occupancy, Reading
from bezet.wire import Batch, Clock, SensorState, Trouble
from tests.api.conftest import BOOT, NOW_MS, Stage, health, live
from tests.api.test_live_page import html_of, rows, words_of

if TYPE_CHECKING:
    import httpx

    from bezet.model import Building

MINUTE_MS = 60_000


async def silent(stage: Stage) -> str:
    """Let a device fall silent, and give the id of the alarm of it."""
    await stage.say(health(), live("0.03"), health(online=False))
    await stage.app.state.alarms.look()
    (found,) = [one for one in await alarms(stage) if one["kind"] == "deviceSilent"]
    return str(found["id"])


async def alarms(stage: Stage) -> list[Any]:
    """All alarms, as the API tells them."""
    return list((await stage.read("/v1/alarms"))["items"])


async def say(stage: Stage, alarm: str, said: str, **headers: str) -> httpx.Response:
    """Send the form of an alarm, as a browser does from our own page."""
    own = {"Origin": "http://window.test", "Content-Type": "application/x-www-form-urlencoded"}
    body = f"said={said}&reason=repair"
    return await stage.client.post(f"/alarms/{alarm}?lang=en", content=body, headers=own | headers)


@pytest.mark.parametrize("language", Language)
async def test_an_alarm_says_what_to_do_on_the_page(stage: Stage, language: Language) -> None:
    """What is wrong, how soon, since when, what to do about it, and the space it makes us doubt."""
    words = words_in(language)
    async with stage.running():
        await silent(stage)
        html = await html_of(stage, f"/?lang={language}")
    panel = words_of(html[html.index("<aside") : html.index("<table")])

    assert words["alarms"] in panel
    assert words["alarm_today"] in panel
    assert {"nl": "trek de stekker eruit", "en": "pull the plug"}[language] in panel
    assert words["alarm_since"].format(time="11:00:00") in panel
    assert words["device_silent"] in panel
    assert words["device_doubt"].format(names="pi-1") in rows(html)["0.03"][1]
    assert words["alarms_jump"].format(n=2) in html


async def test_a_quiet_house_says_so(stage: Stage) -> None:
    """No alarm and no device yet are said, each in words of its own."""
    async with stage.running():
        before = await html_of(stage)
        await stage.say(health(), live("0.03"))
        after = await html_of(stage)

    assert "Er is nu niets te doen." in before
    assert "Nog geen kastje heeft zich gemeld." in before
    assert "Alle 1 kastjes doen het." in after


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        ({"clock": Clock.UNTRUSTED}, "Weet niet hoe laat het is."),
        ({"sensors": {"pir-1": SensorState.STUCK_ON}}, "pir-1:"),
        ({"troubles": (Trouble.DISK_FULL,)}, "schijf"),
    ],
)
async def test_a_device_says_what_is_wrong_with_it(stage: Stage, ill: dict[str, Any], said: str) -> None:
    """Clock, sensors and troubles of a device each stand with what to do."""
    async with stage.running():
        await stage.say(health(**ill), live("0.03"))
        html = await html_of(stage)

    assert said in words_of(html[html.index('id="devices"') :])


@pytest.mark.parametrize(
    ("said", "state", "until"),
    [
        ("known", "acknowledged", None),
        ("nextWorkingDay", "muted", "2026-11-30T07:00:00.000Z"),
        ("week", "muted", "2026-11-30T10:00:00.000Z"),
        ("month", "muted", "2026-12-21T10:00:00.000Z"),
    ],
)
async def test_what_the_form_says_of_an_alarm(stage: Stage, said: str, state: str, until: str | None) -> None:
    """Each choice of the form is what the API would be asked, and can be taken back."""
    async with stage.running():
        alarm = await silent(stage)
        answer = await say(stage, alarm, said)
        (found,) = [one for one in await alarms(stage) if one["id"] == alarm]
        html = await html_of(stage)
        await say(stage, alarm, "again")
        (after,) = [one for one in await alarms(stage) if one["id"] == alarm]

    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=en#alarms")
    assert (found["state"], found["mutedUntil"], found["reason"]) == (state, until, "repair")
    assert "Bekend of stil (1)" in html
    assert "reparatie is gepland" in html
    assert (after["state"], after["mutedUntil"]) == ("open", None)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("said=known&reason=boredom", {}, 400),
        ("said=everything", {}, 400),
        ("", {}, 400),
        ("said=known", {"Content-Type": "text/plain"}, 400),
        ("said=known&" + "x" * 5_000, {}, 400),
        ("said=known", {"Origin": "http://elsewhere.test"}, 403),
        ("said=known", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_form_that_does_not_count(
    stage: Stage, body: str, headers: dict[str, str], status: int
) -> None:
    """Words that we do not know, too much, and forms of other sites change nothing."""
    own = {"Origin": "http://window.test", "Content-Type": "application/x-www-form-urlencoded"}
    async with stage.running():
        alarm = await silent(stage)
        answer = await stage.client.post(f"/alarms/{alarm}", content=body, headers=own | headers)
        states = {one["state"] for one in await alarms(stage)}

    assert answer.status_code == status
    assert states == {"open"}


async def test_an_alarm_that_is_not_there(stage: Stage) -> None:
    """A form about an alarm that nobody knows is 404."""
    async with stage.running():
        answer = await say(stage, "nothing", "known")

    assert answer.status_code == 404


async def test_air_and_av_stand_with_each_space(stage: Stage) -> None:
    """The class of the air in words with its CO2, and AV that is on while nobody is there."""
    readings = (
        Reading(NOW_MS - MINUTE_MS, "air", Kind.CO2_PPM, 1_000.4),
        Reading(NOW_MS - MINUTE_MS, "tv", Kind.AV_STATE, AVState.ON),
    )
    stage.store.write([Batch("hall", "pi-1", "0.03", BOOT, 1, Clock.TRUSTED, readings)])
    async with stage.running():
        await stage.say(health(), live("0.03"))
        await stage.app.state.alarms.look()
        empty = rows(await html_of(stage))["0.03"][1]
        await stage.say(live("0.03", Occupancy.OCCUPIED))
        used = rows(await html_of(stage))["0.03"][1]

    assert "lucht matig, 1000 ppm AV aan, niemand er" in empty
    assert "lucht matig, 1000 ppm AV aan" in used
    assert "niemand er" not in used


async def test_who_has_no_name_sees_none_of_it(building: Building) -> None:
    """With access configured the public has the drawing and the list, and neither alarms nor devices."""
    stage = Stage(building, settings=Settings(access=Access()))
    async with stage.running():
        await stage.say(health(), live("0.03"), health(online=False))
        await stage.app.state.alarms.look()
        html = await html_of(stage)
        answer = await stage.client.post("/alarms/any", content="said=known")

    assert "<aside" not in html
    assert "pi-1" not in html
    assert "welcome" not in html
    assert answer.status_code in (401, 403, 303)


async def test_alarms_that_cannot_be_read_are_said_to_be_so(stage: Stage) -> None:
    """With a damaged book the page still shows the building, and says that it knows no alarms."""
    async with stage.running():
        with stage.book.transaction() as connection:
            connection.execute("DROP TABLE alarm")
        html = await html_of(stage)

    assert "De alarmen zijn nu niet te lezen." in html
    assert rows(html).keys() == stage.building.spaces.keys()


async def test_a_newcomer_is_told_what_this_is(stage: Stage) -> None:
    """Where no access is set up, the page explains itself, with every sign that it uses."""
    async with stage.running():
        dutch, english = await html_of(stage), await html_of(stage, "/?lang=en")

    assert "Welkom bij Bezet" in dutch
    assert "Onbekend is nooit vrij." in dutch
    assert "Unknown is never free." in english
