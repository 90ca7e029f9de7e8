# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Air and AV of a room beside what it is: lately, for a few eyes, and never of a room for a few people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.access.view import View, seen
from api.alarms.rules import LOOK_MS
from api.live import SENSED_MS, Board, Sensed
from api.schemas import space_out
from api.sensed import is_left_on, sensed
from bezet.av import AVState
from bezet.model import Kind, Reading
from bezet.usage.air import AirClass, air_class
from bezet.usage.columns import DeviceReading
from bezet.wire import Batch, Clock
from tests.api.conftest import BOOT, NOW_MS, health, live

if TYPE_CHECKING:
    from bezet.model import Building
    from tests.api.conftest import Stage

LIMITS_PPM = (800.0, 950.0, 1_200.0)
MINUTE_MS = 60_000
POOR = Sensed(1_000.0, AirClass.POOR, av_is_on=True)


@pytest.mark.parametrize(
    ("co2_ppm", "found"),
    [
        (799.9, AirClass.GOOD),
        (800.0, AirClass.GOOD),
        (800.1, AirClass.FAIR),
        (950.0, AirClass.FAIR),
        (950.1, AirClass.POOR),
        (1_200.0, AirClass.POOR),
        (1_200.1, AirClass.BAD),
    ],
)
def test_a_level_equal_to_a_limit_is_in_the_better_class(co2_ppm: float, found: AirClass) -> None:
    """Each class goes up to its limit, that limit included."""
    assert air_class(co2_ppm, LIMITS_PPM) is found


def told(*readings: tuple[str, Kind, float]) -> list[DeviceReading]:
    """Readings of one device, a minute after each other."""
    return [
        DeviceReading("pi-1", Reading(NOW_MS + place * MINUTE_MS, sensor, kind, number))
        for place, (sensor, kind, number) in enumerate(readings)
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (told(), Sensed()),
        (
            told(("air", Kind.CO2_PPM, 900.0), ("air", Kind.CO2_PPM, 1_000.0)),
            Sensed(950.0, AirClass.FAIR),
        ),
        (told(("tv", Kind.AV_STATE, AVState.ON)), Sensed(av_is_on=True)),
        (
            told(("tv", Kind.AV_STATE, AVState.ON), ("tv", Kind.AV_STATE, AVState.OFF)),
            Sensed(av_is_on=False),
        ),
        (told(("tv", Kind.AV_STATE, AVState.STANDBY), ("tv", Kind.POWER_W, 80.0)), Sensed(av_is_on=False)),
        (told(("tv", Kind.AV_STATE, AVState.OFF), ("pc", Kind.POWER_W, 80.0)), Sensed(av_is_on=True)),
        (told(("pir", Kind.MOTION, 1.0)), Sensed()),
    ],
    ids=[
        "nothing",
        "a mean",
        "on",
        "off again",
        "its own word goes before its watts",
        "any",
        "no such sensor",
    ],
)
def test_what_readings_say_of_a_room(rows: list[DeviceReading], found: Sensed) -> None:
    """Air is a mean with its class, AV what any device said last, and what nothing measures is not known."""
    assert sensed(rows, LIMITS_PPM) == found


@pytest.mark.parametrize(
    ("words", "is_left"),
    [
        ({-17: 80, -12: 80, -7: 80, -2: 80}, True),
        ({-15: 80, -10: 80, -5: 80}, True),
        ({-16: 80, -8: 80, -1: 60}, True),
        ({-20: 0, -16: 80, -11: 80, -6: 80, -1: 80}, True),
        ({-17: 0, -12: 80, -7: 80, -2: 80}, False),
        ({-17: 80, -12: 80, -7: 0, -2: 80}, False),
        ({-2: 80, -1: 90}, False),
        ({-12: 80, -7: 80, -2: 80}, False),
        ({-20: 80, -14: 80}, False),
        ({}, False),
    ],
    ids=[
        *("a word each five minutes", "one just as it begins", "as seldom as may be", "just before it"),
        *("switched on within", "off for a while", "just begun to speak", "not known as it begins"),
        *("silent since", "nothing"),
    ],
)
def test_a_device_is_left_on_when_every_word_of_a_quarter_says_so(
    words: dict[int, float], is_left: bool
) -> None:
    """Also the word that stood as it began; a sensor that does not speak all along proves nothing."""
    rows = [
        DeviceReading("pi-1", Reading(NOW_MS + minute * MINUTE_MS, "tv", Kind.POWER_W, watts))
        for minute, watts in words.items()
    ]

    assert is_left_on(rows, NOW_MS - LOOK_MS) is is_left


def test_one_device_of_several_is_left_on() -> None:
    """Each device is looked at by itself: words of two make no proof together."""
    rows = told(("tv", Kind.POWER_W, 80), ("tv", Kind.POWER_W, 80), ("pc", Kind.POWER_W, 80))
    more = told(*[("tv", Kind.POWER_W, 80)] * 3, ("pc", Kind.POWER_W, 0))

    assert not is_left_on(rows, NOW_MS)
    assert is_left_on(more, NOW_MS)


def test_what_was_sensed_counts_for_a_while(building: Building) -> None:
    """Nobody looked for five minutes: then nobody knows, and who follows is told so."""
    board = Board(building)
    board.sense("0.03", POOR, NOW_MS)
    board.changed(NOW_MS)

    assert board.space("0.03", NOW_MS + SENSED_MS).sensed == POOR
    assert board.next_change_ms(NOW_MS) == NOW_MS + SENSED_MS + 1
    assert board.space("0.03", NOW_MS + SENSED_MS + 1).sensed == Sensed()


def test_a_room_for_few_tells_nothing_of_its_air(building: Building) -> None:
    """Air and AV would tell when the one or two people of a small room came and went."""
    board = Board(building)
    for space in ("1.01", "1.02", "0.02"):
        board.sense(space, POOR, NOW_MS)

    assert [board.space(space, NOW_MS).sensed for space in ("1.01", "1.02", "0.02")] == [
        Sensed(),
        Sensed(),
        POOR,
    ]


async def test_the_window_tells_air_and_av(stage: Stage) -> None:
    """Each look at the store is told of by the API and to who follows."""
    readings = (
        Reading(NOW_MS - MINUTE_MS, "air", Kind.CO2_PPM, 1_000.4),
        Reading(NOW_MS - MINUTE_MS, "tv", Kind.AV_STATE, AVState.ON),
    )
    async with stage.running():
        await stage.say(health(), live("0.03"))
        before = await stage.client.get("/v1/spaces")
        stage.store.write([Batch("hall", "pi-1", "0.03", BOOT, 1, Clock.TRUSTED, readings)])
        await stage.app.state.alarms.look()
        await stage.settle()
        found = await stage.space("0.03")
        after = await stage.client.get("/v1/spaces", headers={"If-None-Match": before.headers["ETag"]})

    assert (found["co2Ppm"], found["airClass"], found["avOn"]) == (1_000, "poor", True)
    assert after.status_code == 200


def test_who_only_passes_by_is_told_nothing_of_it(building: Building) -> None:
    """For everybody there is whether a room is free, and nothing that follows people through it."""
    board = Board(building)
    board.sense("0.03", POOR, NOW_MS)
    full = space_out(board.space("0.03", NOW_MS), NOW_MS)
    public = seen(full, View.PUBLIC)

    assert (full.co2_ppm, full.air_class, full.av_on) == (1_000, AirClass.POOR, True)
    assert (public.co2_ppm, public.air_class, public.av_on) == (None, None, None)
