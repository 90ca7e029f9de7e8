# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensirion's chips on their wires, asked by the shipped drivers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from demo.faults import ALL
from demo.hardware import World
from demo.hardware.air_chips import SCD4xChip, SCD30Chip, word
from demo.plan import Hung
from edge.cases import read_cases
from tests.conftest import ROOT
from tests.demo.hardware.asking import ask
from tests.demo.hardware.listening import expected
from tests.demo.towns import HOUR_MS, clock, meeting, small_town

if TYPE_CHECKING:
    from edge.cases import Case

START_MS = clock(9)
TOWN = small_town(*meeting(5, 9.2, 10), faults=ALL)
CHIPS: dict[str, Any] = {"scd4x": SCD4xChip, "scd30": SCD30Chip}
CASES = [
    case
    for driver in CHIPS
    for case in read_cases(ROOT / "tests" / "edge" / "sensors" / "cases" / f"{driver}.toml")
    if not any("!" in line for line in case.lines) and "BadFrame" not in case.turns
]
STOP, START, READY, READ = (bytes.fromhex(command) for command in ("3f86", "21b1", "e4b8", "ec05"))


def sensor(driver: str, every_s: float = 5, **settings: object) -> Hung:
    """A sensor of that driver."""
    return Hung(f"{driver}-1.01", "1.01", "pi", driver, phase_ms=33, every_s=every_s, settings=settings)


def chip(driver: str) -> Any:
    """The chip of such a sensor."""
    return CHIPS[driver](World(lambda: START_MS, TOWN), sensor(driver))


@pytest.mark.parametrize(
    "hung",
    [
        sensor("scd4x", altitude_m=5),
        sensor("scd4x", every_s=2),
        sensor("scd4x", every_s=13),
        sensor("scd30", self_calibration=False),
        sensor("scd30", interval_s=7),
    ],
    ids=lambda hung: f"{hung.driver} {hung.every_s} {hung.settings}",
)
def test_the_driver_reads_the_words(hung: Hung) -> None:
    """Two hours are read number by number, and nothing is where there is no new measurement."""
    words = expected(TOWN, hung, START_MS, START_MS + 2 * HOUR_MS)

    assert ask(TOWN, hung, START_MS, START_MS + 2 * HOUR_MS) == words
    each_s = max(5, hung.every_s, hung.settings.get("interval_s", 0))
    assert len(words) == pytest.approx(2 * 3_600 / each_s, abs=1)
    assert max(measured[0].value for _, measured in words) > 700


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.driver}: {case.name}")
def test_recorded_conversations_are_understood(case: Case) -> None:
    """Whatever a driver is recorded to say is acknowledged, and as many words with right checksums come."""
    found, now_ms = chip(case.driver), START_MS
    for line in case.lines:
        _, mark, said = line.split(" ", 2)
        if mark == ">":
            now_ms += 10_000
            found.transfer(bytes.fromhex(said), 0, now_ms)
        else:
            heard = found.transfer(b"", len(bytes.fromhex(said)), now_ms + 3)
            words = [heard[place : place + 3] for place in range(0, len(heard), 3)]
            assert [word(int.from_bytes(one[:2], "big")) for one in words] == words


@pytest.mark.parametrize(("number", "said"), [(0xBEEF, "beef92"), (0x01F4, "01f433"), (0x0000, "000081")])
def test_a_word_is_that_of_the_datasheet(number: int, said: str) -> None:
    """The examples of datasheet SCD4x 1.4, sections 3.5 and 3.11."""
    assert word(number) == bytes.fromhex(said)


@pytest.mark.parametrize(
    ("driver", "written", "read"),
    [
        ("scd4x", "36 82", 0),  # get_serial_number, which no driver says
        ("scd4x", "ec 05", 0),  # nothing was measured
        ("scd4x", "24 27 00 05 75", 0),  # a wrong checksum
        ("scd4x", "24 27 00", 0),  # half a word
        ("scd4x", "", 3),  # nothing was asked
        ("scd4x", "e4 b8", 3),  # without a stop
        ("scd30", "d1 00", 0),
        ("scd30", "03 00", 0),
        ("scd30", "46 00 00 05 75", 0),
        ("scd30", "", 3),
        ("scd30", "02 02", 3),
    ],
)
def test_what_it_does_not_understand_is_not_acknowledged(driver: str, written: str, read: int) -> None:
    """An unknown, damaged or untimely command, and a read of nothing, are refused."""
    with pytest.raises(OSError, match="Remote I/O"):
        chip(driver).transfer(bytes.fromhex(written), read, START_MS)


@pytest.mark.parametrize("driver", CHIPS)
def test_it_says_that_it_is_there(driver: str) -> None:
    """A transfer without bytes is acknowledged."""
    assert chip(driver).transfer(b"", 0, START_MS) == b""


def test_a_measurement_is_read_once() -> None:
    """An SCD4x is ready at the next fifth second after its start, until it is read."""
    found = chip("scd4x")
    found.transfer(START, 0, START_MS + 1)

    def is_ready(now_ms: int) -> bool:
        found.transfer(READY, 0, now_ms)
        answer: bytes = found.transfer(b"", 3, now_ms)
        return int.from_bytes(answer[:2], "big") & 0x7FF > 0

    assert not is_ready(START_MS + 4_999)
    assert is_ready(START_MS + 5_000)
    found.transfer(READ, 0, START_MS + 5_001)
    assert not is_ready(START_MS + 5_002)
    with pytest.raises(OSError, match="Remote I/O"):
        found.transfer(READ, 0, START_MS + 5_003)
    assert is_ready(START_MS + 10_000)


def test_while_it_measures_it_takes_no_settings() -> None:
    """An SCD4x must be stopped first, and is busy with that for half a second (3.5, 3.5.3)."""
    found, setting = chip("scd4x"), bytes.fromhex("24 27 00 05 74")
    found.transfer(START, 0, START_MS)
    for what, now_ms in ((setting, START_MS + 1), (START, START_MS + 1)):
        with pytest.raises(OSError, match="Remote I/O"):
            found.transfer(what, 0, now_ms)
    found.transfer(STOP, 0, START_MS + 2)
    with pytest.raises(OSError, match="Remote I/O"):
        found.transfer(setting, 0, START_MS + 501)
    found.transfer(setting, 0, START_MS + 502)


def test_settings_are_kept() -> None:
    """An SCD30 says again what it was told, and measures as often as that."""
    found = chip("scd30")
    found.transfer(bytes.fromhex("46 00 00 05 74"), 0, START_MS)
    found.transfer(bytes.fromhex("46 00"), 0, START_MS)
    assert found.transfer(b"", 3, START_MS) == bytes.fromhex("00 05 74")
    found.transfer(bytes.fromhex("00 10 00 00 81"), 0, START_MS + 1)
    for now_ms, is_ready in ((START_MS + 4_999, 0), (START_MS + 5_000, 1)):
        found.transfer(bytes.fromhex("02 02"), 0, now_ms)
        assert found.transfer(b"", 3, now_ms) == word(is_ready)
    found.transfer(bytes.fromhex("03 00"), 0, START_MS + 5_000)
    answer = found.transfer(b"", 18, START_MS + 5_003)
    ppm, warmth_c, moist_pct = struct.unpack(
        ">3f", b"".join(answer[place : place + 2] for place in range(0, 18, 3))
    )
    assert (300 < ppm < 700, 10 < warmth_c < 30, 10 < moist_pct < 80) == (True,) * 3
