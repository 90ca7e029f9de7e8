# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Radars on their serial lines, heard by the shipped drivers."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from demo.faults import Fault
from demo.happenings import Happening, What
from demo.hardware import World
from demo.hardware.lines import FAR_ENDS, KEEPS_MS, TownLine
from demo.hardware.radars import ld2410_frame, ld2450_frame
from demo.people import Doing
from demo.plan import Hung
from edge.report import Reporter
from edge.sensors import ld2410, ld2450
from tests.demo.hardware.listening import expected, hear
from tests.demo.towns import HOUR_MS, clock, meeting, small_town, stay
from tests.demo.virtual_time import run_virtual

if TYPE_CHECKING:
    from bezet.model import Kind
    from tests.demo.hardware.listening import Heard
    from tests.demo.virtual_time import Wall

START_MS = clock(9)
RADARS = ("ld2410", "ld2450")
FRAME_BYTES = {"ld2410": 23, "ld2450": 30}
#: A meeting, somebody who reads, pauses, and ghosts that may come in them.
TOWN = small_town(
    *meeting(4, 9.05, 9.3),
    stay("reads", 9.4, 9.7, Doing.QUIET, seat=5),
    faults=frozenset({Fault.RADAR_GHOSTS}),
)


def radar(driver: str) -> Hung:
    """A radar of that driver."""
    return Hung(f"{driver}-1.01", "1.01", "pi", driver, phase_ms=33)


def slow(_: World, line: Any) -> None:
    """Let it speak once a second."""
    line.far_end.reports_per_s = 1


@pytest.mark.parametrize("driver", RADARS)
def test_the_driver_hears_the_words(driver: str) -> None:
    """An hour of reports, one each second, is heard word by word, each at its millisecond."""
    words = expected(TOWN, radar(driver), START_MS, START_MS + HOUR_MS)

    assert hear(TOWN, radar(driver), START_MS, START_MS + HOUR_MS, slow) == words
    assert len(words) == 3_600
    assert len({tuple(measured) for _, measured in words}) > 2


def reported(heard: Heard) -> list[tuple[int, str, Kind, float]]:
    """What an agent says of what it heard from one sensor."""
    reporter = Reporter()
    return [
        (t_ms, due.name, due.measured.kind, due.measured.value)
        for t_ms, measured in heard
        for due in reporter.offer("radar", measured, t_ms)
    ]


@pytest.mark.parametrize("driver", RADARS)
def test_ten_reports_a_second_say_what_one_does(driver: str) -> None:
    """What an agent says is the same, reading for reading, however often the radar speaks."""
    span = clock(9.04), clock(9.09)
    often, seldom = hear(TOWN, radar(driver), *span), hear(TOWN, radar(driver), *span, slow)

    assert reported(often) == reported(seldom)
    assert len(often) == 10 * len(seldom) == 1_800


@pytest.mark.parametrize("state", range(4))
def test_the_first_radar_speaks_as_its_protocol_says(state: int) -> None:
    """A report is taken for whole by the driver, which reads the same of it."""
    report = ld2410_frame(state, 70, 55)

    assert len(report) == FRAME_BYTES["ld2410"]
    assert ld2410.size_of(report[:6]) == len(report)
    assert [one.value for one in ld2410.decode(report)] == [float(state > 0), 70, 55]


def test_the_first_radar_speaks_like_the_example() -> None:
    """Somebody who sits still, of the protocol V1.07, 2.3.2, but for distances."""
    example = bytes.fromhex("f4 f3 f2 f1 0d 00 02 aa 02 51 00 00 00 00 3b 00 00 55 00 f8 f7 f6 f5")
    report = ld2410_frame(2, 0, 59)

    assert report[:9] == example[:9]
    assert report[17:] == example[17:]


@pytest.mark.parametrize("count", range(4))
def test_the_second_radar_speaks_as_its_manual_says(count: int) -> None:
    """So many targets are where somebody can be, and no two at one place."""
    targets = ld2450.decode(ld2450_frame(count))

    assert len(ld2450_frame(count)) == FRAME_BYTES["ld2450"]
    assert len(set(targets)) == count
    assert all(0 < target.y_mm < 6_000 and abs(target.x_mm) < target.y_mm for target in targets)


def test_a_line_keeps_little_of_what_nobody_reads() -> None:
    """Whoever comes back to a line after a minute hears the last second, not the minute."""

    async def main(wall: Wall) -> tuple[bytes, int]:
        line = TownLine(World(wall.now_ms, TOWN), [radar("ld2410")])
        await line.open(256_000)
        await line.read()
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(60, passed.set)
        await passed.wait()
        heard = b""
        while wall.now_ms() <= START_MS + 60_100:
            heard += await line.read()
        return heard, wall.now_ms()

    heard, now_ms = run_virtual(main, START_MS)
    assert len(heard) // FRAME_BYTES["ld2410"] == (KEEPS_MS + now_ms - START_MS - 60_000) // 100
    assert len(heard) % FRAME_BYTES["ld2410"] == 0


def test_what_is_made_to_happen_is_reported() -> None:
    """A town that takes the place of another is reported a second later."""
    happens_ms = START_MS + 100_500
    happening = Happening(What.FILL, "1.01", happens_ms, happens_ms + 60_000, people=2)

    def make_happen(world: World, line: Any) -> None:
        slow(world, line)
        town = small_town(happenings=(happening,))
        asyncio.get_running_loop().call_later(100.5, setattr, world, "town", town)

    heard = hear(small_town(), radar("ld2410"), START_MS, START_MS + 200_000, make_happen)
    present_ms = [t_ms for t_ms, measured in heard if measured[0].value]

    assert happens_ms <= present_ms[0] <= happens_ms + 2_000
    assert heard[-1][1][0].value == 0


class Parrot:
    """A far end that answers what it is told, and says nothing by itself."""

    def answer(self, sent: bytes, now_ms: int) -> bytes:
        """The same, with the time."""
        return sent + b" %d" % now_ms

    def next_report(self, after_ms: int) -> None:
        """Never."""


def test_a_line_hears_answers() -> None:
    """What the far end answers can be read once; what was not read is dropped when the line is opened."""

    async def main(wall: Wall) -> list[bytes]:
        line = TownLine(World(wall.now_ms, TOWN), [radar("ld2410")])
        line.far_end = Parrot()
        await line.open(9_600)
        await line.write(b"before")
        await line.open(9_600)
        await line.write(b"one")
        found = [await line.read()]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await line.read()
        await line.write(b"two")
        return [*found, await line.read()]

    assert run_virtual(main, START_MS) == [b"one %d" % START_MS, b"two %d" % (START_MS + 5_000)]


@pytest.mark.parametrize("driver", FAR_ENDS)
def test_every_far_end_is_there(driver: str) -> None:
    """What sits at the end of a line is in the file that the table names."""
    module, made = FAR_ENDS[driver]
    assert hasattr(import_module(f"demo.hardware.{module}"), made)
