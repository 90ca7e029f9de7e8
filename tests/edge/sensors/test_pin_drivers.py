# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import threading
from contextlib import aclosing
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from bezet.model import Kind
from edge.bus.gpio import PinBus
from edge.sensors import Measured, load_driver
from edge.sensors.feedback import FeedbackButtons

BUTTONS = {"good_pin": 5, "so_so_pin": 6, "bad_pin": 13}


@pytest.mark.parametrize(
    ("driver", "settings", "what"),
    [
        ("pir", {"pin": 40}, "pin = 40: a pin is wanted by its BCM number, 0 to 27"),
        ("pir", {"pin": "GPIO17"}, "pin = 'GPIO17': a pin is wanted"),
        ("door", {"pin": -1}, "pin = -1: a pin is wanted"),
        ("door", {"pin": 22, "open_is": "up"}, 'open_is = \'up\': "high" or "low" is wanted'),
        ("feedback", BUTTONS | {"bad_pin": 28}, "bad_pin = 28: a pin is wanted"),
        ("feedback", BUTTONS | {"bad_pin": 5}, "bad_pin = 5: this pin is good_pin already"),
    ],
)
def test_a_wrong_setting_is_refused(driver: str, settings: dict[str, Any], what: str) -> None:
    """A wrong setting is refused before anything is opened, by its key and what it was."""
    with pytest.raises(ValueError, match=what):
        load_driver(driver)(PinBus(MockFactory()), **settings)


async def test_two_people_at_once() -> None:
    """Two buttons pressed at the same time, each told by a thread of its own, are two answers."""
    factory = MockFactory()
    async with aclosing(FeedbackButtons(PinBus(factory), **BUTTONS).listen()) as words:
        assert [await anext(words) for _ in BUTTONS] == [[], [], []]
        presses = [threading.Thread(target=factory.pin(pin).drive_low) for pin in (5, 13)]
        for press in presses:
            press.start()
        heard = [await anext(words) for _ in presses]

    assert sorted(heard) == [
        [Measured(Kind.FEEDBACK, -1, "bad")],
        [Measured(Kind.FEEDBACK, 1, "good")],
    ]


@pytest.mark.parametrize(
    ("driver", "settings"), [("pir", {"pin": 17}), ("door", {"pin": 17}), ("feedback", BUTTONS)]
)
async def test_pins_are_free_when_nobody_listens(driver: str, settings: dict[str, Any]) -> None:
    """When the agent stops listening another sensor can have the pins at once."""
    factory = MockFactory()
    for _ in range(2):
        async with aclosing(load_driver(driver)(PinBus(factory), **settings).listen()) as words:
            await anext(words)
