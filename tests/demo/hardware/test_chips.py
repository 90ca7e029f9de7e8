# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Two wires with chips on them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from bezet.errors import SensorGone
from demo.happenings import Happening, What
from demo.hardware import World
from demo.hardware.chips import AHEAD_MS, CHIPS, Foreseen, TownI2C
from demo.plan import Hung
from edge.sensors import DRIVERS
from tests.demo.towns import MINUTE_MS, clock, small_town
from tests.demo.virtual_time import run_virtual

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.demo.virtual_time import Wall

START_MS = clock(9)
SCD4X, SCD30 = (Hung(f"{driver}-1.01", "1.01", "pi", driver) for driver in ("scd4x", "scd30"))
HERE = 0x77


class Witness:
    """A chip that remembers when it was spoken to, and answers with what it was told."""

    def __init__(self) -> None:
        self.heard_ms: list[int] = []

    def transfer(self, write: bytes, read: int, now_ms: int) -> bytes:
        """The first bytes of what was written."""
        self.heard_ms.append(now_ms - START_MS)
        return write[:read]


def converse(*conversations: Callable[[TownI2C], object]) -> tuple[list[object], list[int], int]:
    """What comes of conversations one after the other, when the chip was spoken to, and how long it took."""
    witness = Witness()

    async def main(wall: Wall) -> list[object]:
        bus = TownI2C(World(wall.now_ms, small_town()), [SCD4X, SCD30])
        bus.chips[HERE] = witness
        found: list[object] = []
        for work in conversations:
            try:
                found.append(await bus.run(lambda work=work: work(bus)))  # type: ignore[misc]
            except (SensorGone, TimeoutError, ZeroDivisionError) as error:
                found.append(type(error))
        found.append(wall.now_ms() - START_MS)
        await bus.close()
        return found

    *found, took_ms = run_virtual(main, START_MS)
    assert isinstance(took_ms, int)
    return found, witness.heard_ms, took_ms


def patient(bus: TownI2C) -> bytes:
    """Speak, wait, and speak again."""
    bus.transfer(HERE, b"a")
    bus.wait(0.5)
    return bus.transfer(HERE, b"abc", 2)


def test_a_conversation_takes_its_time() -> None:
    """What is said after a wait is said so much later, and the next conversation begins after it."""
    assert converse(patient, patient) == ([b"ab", b"ab"], [0, 500, 500, 1_000], 1_000)


def test_nobody_is_gone() -> None:
    """A chip that is not there does not acknowledge, also after a wait, which is waited for all the same."""

    def absent(bus: TownI2C) -> bytes:
        bus.wait(0.2)
        return bus.transfer(0x10, b"a")

    assert converse(absent, patient) == ([SensorGone, b"ab"], [200, 700], 700)


@pytest.mark.parametrize("error", [TimeoutError(), ZeroDivisionError()])
def test_other_errors_are_what_they_are(error: Exception) -> None:
    """Only a chip that does not acknowledge is taken for gone."""

    def wrong(_: TownI2C) -> None:
        raise error

    assert converse(wrong)[0] == [type(error)]


def test_an_address_is_for_one() -> None:
    """Two chips at one address could not be told apart."""
    with pytest.raises(ValueError, match=r"scd4x-1\.01: another chip answers at 62"):
        TownI2C(World(lambda: START_MS, small_town()), [SCD4X, SCD30, SCD4X])


def test_what_is_foreseen_is_that_of_the_town_that_is() -> None:
    """The signal is asked again when the town is another, and when what was foreseen has passed."""
    world = World(lambda: START_MS, small_town())
    asked: list[int] = []

    def numbers(signal: object, at_ms: object) -> object:
        asked.append(id(signal))
        return at_ms

    foreseen = Foreseen(world, SCD4X, numbers)
    read = [foreseen.newest(START_MS + after_ms, 5_000) - START_MS for after_ms in (0, 7_000, AHEAD_MS - 1)]
    assert (read, len(asked)) == ([0, 5_000, AHEAD_MS - 5_000], 1)
    foreseen.newest(START_MS + AHEAD_MS, 5_000)
    assert len(asked) == 2
    world.town = small_town(happenings=(Happening(What.FILL, "1.01", START_MS, START_MS + MINUTE_MS, 3),))
    foreseen.newest(START_MS + AHEAD_MS, 5_000)
    assert len(set(asked)) == 2


def test_every_chip_is_there() -> None:
    """What hangs on two wires is in the file that the table names, for every driver of such a chip."""
    assert set(CHIPS) == {driver for driver, row in DRIVERS.items() if row.on == "i2c"}
    for module, made in CHIPS.values():
        assert hasattr(import_module(f"demo.hardware.{module}"), made)
