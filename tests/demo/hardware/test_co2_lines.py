# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Sensors of carbon dioxide on their serial lines, asked by the shipped drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from demo.faults import ALL
from demo.hardware import World
from demo.hardware.co2_lines import MHZ19End, SenseairS8End
from demo.plan import Hung
from edge.cases import read_cases
from edge.sensors import mhz19, senseair_s8
from tests.conftest import ROOT
from tests.demo.hardware.asking import ask
from tests.demo.hardware.listening import expected
from tests.demo.towns import HOUR_MS, clock, meeting, small_town

if TYPE_CHECKING:
    from edge.cases import Case

START_MS = clock(9)
TOWN = small_town(*meeting(5, 9.2, 10), faults=ALL)
ENDS: dict[str, Any] = {"mhz19": MHZ19End, "senseair_s8": SenseairS8End}
DECODE = {"mhz19": mhz19.decode, "senseair_s8": senseair_s8.decode}
CASES = [
    case
    for driver in ENDS
    for case in read_cases(ROOT / "tests" / "edge" / "sensors" / "cases" / f"{driver}.toml")
    if not any("!" in line for line in case.lines)
]


def sensor(driver: str, every_s: float = 10, **settings: object) -> Hung:
    """A sensor of that driver."""
    return Hung(f"{driver}-1.01", "1.01", "pi", driver, phase_ms=33, every_s=every_s, settings=settings)


def far_end(driver: str) -> Any:
    """What is at the other end of its line."""
    return ENDS[driver](World(lambda: START_MS, TOWN), sensor(driver))


@pytest.mark.parametrize(
    "hung",
    [
        sensor("mhz19"),
        sensor("mhz19", self_calibration=False, range_ppm=2_000),
        sensor("senseair_s8"),
        sensor("senseair_s8", every_s=1.5),
    ],
    ids=lambda hung: f"{hung.driver} {hung.every_s} {hung.settings}",
)
def test_the_driver_reads_the_words(hung: Hung) -> None:
    """Two hours are read number by number."""
    words = expected(TOWN, hung, START_MS, START_MS + 2 * HOUR_MS)

    assert ask(TOWN, hung, START_MS, START_MS + 2 * HOUR_MS) == words
    assert len(words) == 2 * 3_600 / hung.every_s
    assert max(measured[0].value for _, measured in words) > 700


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.driver}: {case.name}")
def test_recorded_conversations_are_understood(case: Case) -> None:
    """What was answered when it was recorded is answered, and believed by the driver; the rest is not."""
    found = far_end(case.driver)
    for line, following in zip(case.lines, [*case.lines[1:], ""], strict=True):
        if line.startswith(">"):
            answer = found.answer(bytes.fromhex(line[1:]), START_MS)
            assert bool(answer) == following.startswith("<")
            assert not answer or 300 < DECODE[case.driver](answer) < 700
    assert found.next_report(START_MS) is None


@pytest.mark.parametrize(
    ("driver", "sent"),
    [
        ("mhz19", "ff 01 86 00 00 00 00 00 78"),  # a wrong checksum
        ("mhz19", "ff 02 86 00 00 00 00 00 78"),  # for another
        ("mhz19", "ff 01 85 00 00 00 00 00 7a"),  # no command
        ("mhz19", "ff 01 86"),
        ("senseair_s8", "fe 04 00 00 00 04 e5 c7"),  # a wrong CRC
        ("senseair_s8", "01 04 00 00 00 04 f1 c9"),  # for another
        ("senseair_s8", "fe"),
    ],
)
def test_what_it_does_not_understand_is_not_answered(driver: str, sent: str) -> None:
    """What is damaged, for another or no command is met by silence."""
    assert far_end(driver).answer(bytes.fromhex(sent), START_MS) == b""


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ("fe 06 00 00 00 04", "fe 86 01"),  # it does not know the function
        ("fe 04 00 1f 00 02", "fe 84 02"),  # nor the second register
        ("fe 04 00 00 00 00", "fe 84 03"),  # and does not like the number of registers
        ("fe 04 00 00 00", "fe 84 03"),
    ],
)
def test_what_it_cannot_tell_is_an_exception(asked: str, refusal: str) -> None:
    """A question that is whole but not one for it is refused (Modbus application protocol V1.1b3, 7)."""
    inside, refused = bytes.fromhex(asked), bytes.fromhex(refusal)

    answer = far_end("senseair_s8").answer(inside + senseair_s8.crc(inside), START_MS)
    assert answer == refused + senseair_s8.crc(refused)
