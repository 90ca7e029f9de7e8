# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""TI's current sensors on their wires, asked by the shipped drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from demo.hardware import World
from demo.hardware.watt_chips import INA219Chip, INA260Chip
from tests.demo.hardware.asking import ask
from tests.demo.hardware.listening import expected
from tests.demo.sensing.test_watts import START_MS, TOWN, sensor
from tests.demo.towns import HOUR_MS

if TYPE_CHECKING:
    from demo.plan import Hung

CHIPS: dict[str, Any] = {"ina219": INA219Chip, "ina260": INA260Chip}


def chip(driver: str, **settings: object) -> Any:
    """The chip of such a sensor."""
    return CHIPS[driver](World(lambda: START_MS, TOWN), sensor(driver, **settings))


@pytest.mark.parametrize(
    "hung",
    [
        sensor("ina219"),
        sensor("ina219", device="amplifier", address=0x41, shunt_ohm=0.01, current_max_a=10),
        sensor("ina260", device="display"),
        sensor("ina260", address=0x4F, on_above_w=20, in_use_above_w=45),
    ],
    ids=lambda hung: f"{hung.driver} {hung.settings}",
)
def test_the_driver_reads_the_words(hung: Hung) -> None:
    """Five hours are read number by number."""
    words = expected(TOWN, hung, START_MS, START_MS + 5 * HOUR_MS)

    assert ask(TOWN, hung, START_MS, START_MS + 5 * HOUR_MS) == words
    assert len(words) == 5 * 720
    assert len({measured[1].value for _, measured in words}) > 1


@pytest.mark.parametrize(
    ("driver", "register", "word"),
    [("ina219", 0x00, "399f"), ("ina260", 0xFE, "5449"), ("ina260", 0xFF, "2270")],
)
def test_registers_that_never_change(driver: str, register: int, word: str) -> None:
    """What stands in a chip after power-up is what its datasheet says (8.6.2.1; 8.6.7 and 8.6.8)."""
    assert chip(driver).transfer(bytes([register]), 2, START_MS).hex() == word


def test_a_configuration_is_kept() -> None:
    """The driver knows an INA219 by that."""
    found = chip("ina219")
    found.transfer(bytes.fromhex("0027ff"), 0, START_MS)

    assert found.transfer(b"\x00", 2, START_MS) == bytes.fromhex("27ff")


def test_an_ina219_has_converted_some_time_after_it_was_configured() -> None:
    """The bit in the bus voltage register says so (SBOS448G, 8.6.3.2)."""
    found = chip("ina219")
    begun_ms = START_MS // 136 * 136
    found.transfer(bytes.fromhex("003fff"), 0, begun_ms)

    def converted(now_ms: int) -> int:
        return int(found.transfer(b"\x02", 2, begun_ms + now_ms)[1] & 2)

    assert [converted(now_ms) for now_ms in (0, 135, 136, 137, 10_000)] == [0, 0, 2, 2, 2]


def test_an_ina260_tells_once_that_it_has_converted() -> None:
    """The bit in the mask/enable register is gone when it was read (SBOS656C, 8.6.5)."""
    found = chip("ina260")
    begun_ms = START_MS // 282 * 282
    found.transfer(bytes.fromhex("006927"), 0, begun_ms)

    def converted(now_ms: int) -> int:
        return int(found.transfer(b"\x06", 2, begun_ms + now_ms)[1])

    assert [converted(now_ms) for now_ms in (0, 281, 282, 283, 563, 564)] == [0, 0, 8, 0, 0, 8]


@pytest.mark.parametrize(
    ("driver", "written", "read"),
    [("ina219", "05 1000", 0), ("ina219", "03", 2), ("ina260", "06 0400", 0), ("ina260", "01", 2)],
)
def test_what_no_driver_says_is_not_acknowledged(driver: str, written: str, read: int) -> None:
    """A register that no driver speaks of is refused, so that a new one is not answered by chance."""
    with pytest.raises(OSError, match="Remote I/O"):
        chip(driver).transfer(bytes.fromhex(written), read, START_MS)
