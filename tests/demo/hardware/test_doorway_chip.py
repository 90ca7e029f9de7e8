# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The chip in a doorway, asked by the shipped driver at each of its looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.faults import ALL
from demo.hardware import World
from demo.hardware.doorway_chip import VL53L1XChip
from demo.plan import Hung
from edge.cases import read_cases
from tests.conftest import ROOT
from tests.demo.hardware.asking import ask
from tests.demo.hardware.listening import expected
from tests.demo.towns import MINUTE_MS, clock, small_town, stay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from demo.people import Stay
    from edge.cases import Case
    from tests.demo.hardware.listening import Heard

CASES = [
    case
    for case in read_cases(ROOT / "tests" / "edge" / "sensors" / "cases" / "vl53l1x.toml")
    if not any("!" in line for line in case.lines) and not {"BadFrame", "SensorNotReady"} & set(case.turns)
]
START_MS = clock(9)


def busy() -> Iterator[Stay]:
    """A hundred people who come in and go out within ten minutes, often while others do."""
    for number in range(100):
        from_h = 9.005 + 0.0011 * number
        yield stay(f"p{number}", from_h, from_h + 0.01 + 0.004 * (number % 7), seat=number)


def doorway(**settings: object) -> Hung:
    """A sensor in a doorway."""
    return Hung("vl53l1x-1.01", "1.01", "pi", "vl53l1x", phase_ms=33, every_s=0.05, settings=settings)


def counts(heard: Heard) -> Heard:
    """The words in which somebody was counted."""
    return [(t_ms, measured) for t_ms, measured in heard if any(one.value for one in measured)]


@pytest.mark.parametrize(
    ("settings", "late_ms"), [({}, 0), ({"inside": "a", "height_mm": 2_600, "threshold": 0.6}, 50)]
)
def test_the_driver_counts_the_words(settings: dict[str, Any], late_ms: int) -> None:
    """In ten busy minutes each one is counted at the look of the words, whenever the driver was opened."""
    town, hung = small_town(*busy(), faults=ALL), doorway(**settings)
    start_ms, end_ms = START_MS + late_ms, START_MS + 10 * MINUTE_MS
    words = expected(town, hung, start_ms, end_ms)

    heard = ask(town, hung, start_ms, end_ms)

    assert counts(heard) == counts(words)
    assert {t_ms for t_ms, _ in words} <= {t_ms for t_ms, _ in heard}
    assert len(counts(words)) > 120


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recorded_conversations_are_understood(case: Case) -> None:
    """Whatever the library is recorded to say is answered as a real chip does, but for what it measures."""
    chip, now_ms, at = VL53L1XChip(World(lambda: START_MS, small_town()), doorway()), START_MS, ""
    for line in case.lines:
        _, mark, *said = line.split(" ", 2)
        given = bytes.fromhex("".join(said))
        if mark == ">":
            now_ms += 70 * (given == bytes.fromhex("0031"))
            at = given[:2].hex()
            assert chip.transfer(given, 0, now_ms) == b""
        elif at in ("0089", "0096"):
            assert chip.transfer(b"", len(given), now_ms).hex() == {"0089": "09", "0096": "0898"}[at]
        else:
            assert chip.transfer(b"", len(given), now_ms) == given


def test_a_measurement_takes_its_time() -> None:
    """It is ready 33 ms after it was started, until it is taken."""
    chip = VL53L1XChip(World(lambda: START_MS, small_town()), doorway())

    def say(written: str, now_ms: int) -> None:
        chip.transfer(bytes.fromhex(written), 0, START_MS + now_ms)

    def is_ready(now_ms: int) -> bool:
        return chip.transfer(bytes.fromhex("0031"), 1, START_MS + now_ms) == b"\x03"

    say("008700", 0)
    say("0080f7", 0)
    say("008740", 5)
    assert [is_ready(now_ms) for now_ms in (10, 115, 116)] == [False, False, True]
    say("008601", 117)
    assert not is_ready(118)
    say("007fe7", 120)
    say("008740", 120)
    assert [is_ready(now_ms) for now_ms in (152, 153)] == [False, True]
