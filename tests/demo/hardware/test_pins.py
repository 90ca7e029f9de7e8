# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What hangs on pins, heard by the shipped drivers on gpiozero's mock pins."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bezet.errors import SensorGone
from bezet.model import SpaceKind
from demo.faults import ALL, Fault
from demo.happenings import Happening, What
from demo.hardware import World, make_bus
from demo.people import Doing
from demo.plan import Hung
from demo.sensing import make_signal
from edge.sensors.pir import PIR
from tests.demo.hardware.listening import expected, hear
from tests.demo.towns import HOUR_MS, clock, small_town, stay
from tests.demo.virtual_time import run_virtual

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from demo.people import Stay
    from tests.demo.virtual_time import Wall

#: Pins are said again at the phase of their sensor, if they are watched from it on.
PHASE_MS = 44
START_MS = clock(9) + PHASE_MS
PIR_PINS = (17, 27)


def coming_and_going() -> Iterator[Stay]:
    """People who come for some minutes each, one to four at once, with pauses."""
    for number in range(200):
        from_h = 8.5 + number * 0.01
        yield stay(f"p{number}", from_h, from_h + 0.03 + 0.001 * (number % 7), Doing.DESK, seat=number % 4)


TOWN = small_town(*coming_and_going(), kind=SpaceKind.MEETING, faults=frozenset({Fault.PIR_BLIND}))
SENSORS = {
    "pir": Hung("pir-1.01", "1.01", "pi", "pir", phase_ms=PHASE_MS, settings={"pin": 17}),
    "door": Hung("door-1.01", "1.01", "pi", "door", phase_ms=PHASE_MS, settings={"pin": 22}),
    "contact that opens": Hung(
        "door-1.01", "1.01", "pi", "door", phase_ms=PHASE_MS, settings={"pin": 22, "open_is": "low"}
    ),
    "feedback": Hung(
        *("feedback-1.01", "1.01", "pi", "feedback"),
        phase_ms=PHASE_MS,
        settings={"good_pin": 5, "so_so_pin": 6, "bad_pin": 13},
    ),
}


@pytest.mark.parametrize("name", SENSORS)
def test_the_driver_hears_the_words(name: str) -> None:
    """Two hours in which people come and go is heard word by word, each at its millisecond."""
    hung, end_ms = SENSORS[name], START_MS + 2 * HOUR_MS
    words = expected(TOWN, hung, START_MS, end_ms)

    heard = hear(TOWN, hung, START_MS, end_ms)

    assert [word for word in heard if word[1]] == words
    assert len({measured[0].value for _, measured in words}) > 1


def test_buttons_show_that_they_are_there() -> None:
    """Buttons that nobody presses are said again every half minute, with nothing to say."""
    heard = hear(small_town(), SENSORS["feedback"], START_MS, START_MS + 61_000)

    assert heard == [(START_MS + 30_000 * turn, []) for turn in range(3) for _ in range(3)]


@pytest.mark.parametrize("what", [What.STICK, What.FILL])
def test_what_is_made_to_happen_is_seen_within_two_seconds(what: What) -> None:
    """A town that takes the place of another while a pin is watched is looked at within a second."""
    hung = dataclasses.replace(SENSORS["pir"], id="pir-1.01")
    where = {What.STICK: hung.id, What.FILL: hung.space}[what]
    happens_ms = START_MS + 100_300
    happening = Happening(what, where, happens_ms, happens_ms + 50_000, people=3)

    def make_happen(world: World, _: object) -> None:
        loop = asyncio.get_running_loop()
        later = small_town(faults=ALL, happenings=(happening,))
        loop.call_later((happens_ms - START_MS) / 1000, setattr, world, "town", later)

    heard = hear(small_town(faults=ALL), hung, START_MS, START_MS + 200_000, make_happen)

    high_ms = [t_ms for t_ms, ((_, value, _),) in heard if value]
    assert happens_ms <= high_ms[0] <= happens_ms + 2_000
    assert heard[-1][1][0].value == 0


async def first(count: int, words: AsyncIterator[tuple[int, bool]]) -> AsyncIterator[tuple[int, bool]]:
    """So many words."""
    for _ in range(count):
        yield await anext(words)


def test_two_sensors_share_the_header() -> None:
    """Each pin goes by its own sensor, also when it is watched later, or for the second time."""
    hungs = [
        Hung(f"pir{seat}", "1.01", "pi", "pir", seat=seat, phase_ms=PHASE_MS, settings={"pin": pin})
        for seat, pin in enumerate(PIR_PINS)
    ]

    async def main(wall: Wall) -> list[list[tuple[int, bool]]]:
        bus = make_bus("gpio", World(wall.now_ms, TOWN), hungs)
        found = []
        for pin in PIR_PINS * 2:
            async with aclosing(bus.watch(pin)) as words:
                found.append([(wall.now_ms(), level) async for _, level in first(50, words)])
        await bus.close()
        return found

    for hung, heard in zip(hungs * 2, run_virtual(main, START_MS), strict=True):
        t_ms = [t_ms for t_ms, _ in heard]
        levels = make_signal(TOWN, hung).levels(t_ms[0], t_ms[-1] + 1)
        assert [level for _, level in heard] == levels.at(np.array(t_ms)).astype(bool).tolist()
        assert len({level for _, level in heard}) == 2


def test_a_bus_that_is_closed_is_gone() -> None:
    """Who watches a pin is told when the bus is closed, and the pin turns no more."""

    async def main(wall: Wall) -> None:
        bus = make_bus("gpio", World(wall.now_ms, TOWN), [SENSORS["pir"]])
        async with aclosing(PIR(bus, pin=17).listen()) as words:
            await anext(words)
            await bus.close()
            with pytest.raises(SensorGone, match="closed"):
                await anext(words)

    run_virtual(main, START_MS)
