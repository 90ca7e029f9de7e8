# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Devices and alarms as they are told: in the language of whoever asks, and no words of what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.alarms.words import SENSOR_WORDS, TROUBLE_WORDS
from bezet.wire import SensorState, Trouble
from tests.api.conftest import health

if TYPE_CHECKING:
    from tests.api.conftest import Stage

POORLY = health(
    sensors={"pir": SensorState.STUCK_ON, "air": SensorState.OK}, troubles=(Trouble.DISK_FULL,), online=False
)


@pytest.mark.parametrize(("asked", "language"), [("", "nl"), ("en-GB,en;q=0.9", "en"), ("fr", "nl")])
async def test_a_device_says_what_is_wrong_and_what_to_do(stage: Stage, asked: str, language: str) -> None:
    """Sensors and troubles are told in the language that is asked for, and the answer says which that is."""
    async with stage.running():
        await stage.say(POORLY)
        headers = {"Accept-Language": asked}
        answers = [
            await stage.client.get(path, headers=headers) for path in ("/v1/devices", "/v1/devices/pi-1")
        ]
    (listed,), one = answers[0].json()["items"], answers[1].json()
    stuck, full = SENSOR_WORDS[SensorState.STUCK_ON], TROUBLE_WORDS[Trouble.DISK_FULL]

    assert listed == one
    assert one["sensors"] == [
        {"id": "air", "state": "ok", "meaning": {"nl": "Werkt.", "en": "Works."}[language], "whatToDo": ""},
        {
            "id": "pir",
            "state": "stuck_on",
            "meaning": getattr(stuck.meaning, language),
            "whatToDo": getattr(stuck.what_to_do, language),
        },
    ]
    assert one["troubles"] == [
        {
            "trouble": "disk_full",
            "meaning": getattr(full.meaning, language),
            "whatToDo": getattr(full.what_to_do, language),
        }
    ]
    assert {one.headers["content-language"] for one in answers} == {language}
    assert all("accept-language" in one.headers["vary"].lower() for one in answers)


@pytest.mark.parametrize(
    ("asked", "language", "text"),
    [("", "nl", "pi-1: kastje zegt niets meer"), ("en", "en", "pi-1: the device is silent")],
)
async def test_an_alarm_says_in_which_language_it_is(
    stage: Stage, asked: str, language: str, text: str
) -> None:
    """The list, one alarm, and the answer to what is said of it are in the language that is asked for."""
    async with stage.running():
        await stage.say(health(online=False))
        await stage.app.state.alarms.look()
        stage.client.headers["Accept-Language"] = asked
        listed = await stage.client.get("/v1/alarms")
        path = f"/v1/alarms/{listed.json()['items'][0]['id']}"
        one = await stage.client.get(path)
        said = await stage.client.patch(path, json={"acknowledged": True, "reason": "known"})

    assert [listed.json()["items"][0]["text"], one.json()["text"], said.json()["text"]] == [text] * 3
    for answer in (listed, one, said):
        assert answer.headers["content-language"] == language
        assert "accept-language" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/v1/devices/pi-9", "No device 'pi-9' ever spoke here."),
        ("/v1/alarms/000000000000", "There is no alarm '000000000000', or not any more."),
    ],
)
async def test_what_is_not_there_is_a_problem(stage: Stage, path: str, detail: str) -> None:
    """An unknown device or alarm is 404, and named."""
    async with stage.running():
        await stage.say(health())
        answer = await stage.client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == detail
