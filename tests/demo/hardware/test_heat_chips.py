# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Thermal arrays on their wires, asked by the shipped drivers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from demo.dice import dice
from demo.hardware import World, make_bus
from demo.hardware.heat_chips import POWER_UP, AMG8833Chip, MLX90640Chip, cells_of, eeprom_of, ram_of
from demo.sensing import make_signal, polls
from edge.sensors import amg8833, load_driver, mlx90640
from tests.demo.sensing.test_heat import LARGE, SMALL, START_MS
from tests.demo.towns import HOUR_MS, Room, clock, meeting, small_town, stay
from tests.demo.virtual_time import passing, run_virtual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.people import Stay
    from demo.plan import Hung
    from demo.town import Town
    from tests.demo.virtual_time import Wall


def changing(people: int, seed: int) -> Iterator[Stay]:
    """A meeting of an hour to which people come late, and in which they change seats; they leave early."""
    for number in range(people):
        comes, moves, goes = (dice(seed, what, number) for what in ("comes", "moves", "goes"))
        from_h, moves_h, to_h = 9.02 + 0.2 * comes, 9.3 + 0.3 * moves, 9.98 - 0.3 * goes
        yield stay(f"p{number}", from_h, moves_h, seat=number)
        yield stay(f"p{number}", moves_h + 0.03, to_h, seat=(number + people) % (people + 1))


def heard(town: Town, hung: Hung, start_ms: int, end_ms: int) -> tuple[list[int], list[float]]:
    """When the driver of a sensor gives its numbers in [`start_ms`, `end_ms`), and the numbers."""

    async def main(wall: Wall) -> list[tuple[int, float]]:
        bus = make_bus("i2c", World(wall.now_ms, town), [hung])
        driver = load_driver(hung.driver)(bus, **hung.settings)
        await driver.open()
        found = []
        for t_ms in polls(wall.now_ms(), end_ms, round(1_000 * hung.every_s), hung.phase_ms).tolist():
            await passing((t_ms - wall.now_ms()) / 1_000)
            ((_, people, _),) = await driver.read()
            found.append((wall.now_ms(), people))
        await bus.close()
        return [one for one in found if one[0] >= start_ms]

    t_ms, people = zip(*run_virtual(main, start_ms - 10_000), strict=True)
    return list(t_ms), list(people)


@pytest.mark.slow
@pytest.mark.parametrize(("hung", "people", "seed"), [(SMALL, 4, 1), (LARGE, 9, 2)])
def test_the_driver_counts_about_the_words(hung: Hung, people: int, seed: int) -> None:
    """In an hour of a changing meeting nine numbers in ten are those of the words, and all at their instants.

    Measured over six rooms: 98, 97 and 95 % with 3, 4 and 5 people below the small one, 99 and 98 % with 6
    and 9 below the large one; the rest is noise. Below the ceiling of a hall, at 4 m, it is more: 90 % with 8
    and 78 % with 20, where most are off by one.
    """
    town = small_town(*changing(people, seed), seed=seed, spaces=(Room(capacity=people + 1),))
    words = make_signal(town, hung).words(START_MS, START_MS + HOUR_MS)

    t_ms, counted = heard(town, hung, START_MS, START_MS + HOUR_MS)

    assert t_ms == words.t_ms.tolist()
    assert len(np.unique(counted)) > people // 2
    assert np.mean(words.amounts[0] == counted) >= 0.9


@pytest.mark.slow
def test_who_sits_for_hours_is_not_taken_for_a_thing() -> None:
    """People move enough to be counted at the end of a long meeting too, and nobody is after it."""
    town = small_town(*meeting(4, 9.0, 11.2), spaces=(Room(capacity=4),))

    t_ms, counted = heard(town, SMALL, START_MS - 60_000, clock(11.25))

    late = np.array(counted)[np.array(t_ms) > clock(11.1)]
    assert np.mean(late[:300] == 4) > 0.8
    assert late[-150:].max() == 0


@pytest.mark.parametrize("chip", range(3))
@pytest.mark.parametrize("seen_c", [(-20, 10), (20, 20), (15, 40), (30, 80)])
def test_an_mlx90640_tells_what_it_sees(chip: int, seen_c: tuple[float, float]) -> None:
    """By the driver's equations its words are the picture again, to 0.2 °C, for any calibration."""
    picture = np.random.default_rng(chip).uniform(*seen_c, (24, 32))
    cells = cells_of(f"chip {chip}")
    calibration = mlx90640.restore(eeprom_of(cells))

    ram = ram_of(picture, cells)

    halves = [mlx90640.decode(ram, POWER_UP, half, calibration) for half in (0, 1)]
    assert not calibration.is_dead.any()
    assert np.abs(mlx90640.whole(halves[0], halves[1], calibration.is_dead) - picture).max() < 0.2


def test_an_mlx90640_measures_half_after_half() -> None:
    """There is news every quarter of a second at 4 Hz, of either half by turns, until it is taken."""
    chip = MLX90640Chip(World(lambda: START_MS, small_town()), LARGE)
    at_once = bytes.fromhex("800d1981"), bytes.fromhex("80000010")
    for written in at_once:
        chip.transfer(written, 0, START_MS)

    def status(now_ms: int) -> int:
        return chip.transfer(bytes.fromhex("8000"), 2, START_MS + now_ms)[1]

    assert [status(now_ms) for now_ms in (0, 249, 250, 499, 500, 750)] == [0, 0, 9, 9, 8, 9]
    chip.transfer(at_once[1], 0, START_MS + 260)
    assert [status(now_ms) for now_ms in (499, 500)] == [1, 8]
    assert chip.transfer(bytes.fromhex("800d"), 2, START_MS).hex() == "1981"


def test_an_amg8833_tells_what_it_sees() -> None:
    """By the driver its bytes are the picture again, to half a step; all of it, or any part."""
    world = World(lambda: START_MS, small_town(*meeting(2, 8.9, 10)))
    chip = AMG8833Chip(world, SMALL)
    for written in ("0000", "013f"):
        assert chip.transfer(bytes.fromhex(written), 0, START_MS) == b""
    frame = chip.transfer(b"\x80", 128, START_MS + 1_099)

    off_c = np.array(amg8833.decode(frame)) - world.signal(SMALL).picture(START_MS + 1_000)
    assert np.abs(off_c).max() <= 0.125
    assert chip.transfer(b"\x86", 4, START_MS + 1_050) == frame[6:10]
    assert chip.transfer(b"\x00", 2, START_MS) == bytes.fromhex("003f")


@pytest.mark.parametrize(
    ("chip", "written", "read"),
    [
        (AMG8833Chip, "80 00", 0),
        (AMG8833Chip, "80", 129),
        (MLX90640Chip, "80 10", 2),
        (MLX90640Chip, "24 00 00 00", 0),
    ],
)
def test_what_no_driver_says_is_not_acknowledged(chip: Any, written: str, read: int) -> None:
    """Pixels and calibrations are not written, and registers that no driver speaks of are refused."""
    found = chip(World(lambda: START_MS, small_town()), {AMG8833Chip: SMALL, MLX90640Chip: LARGE}[chip])

    with pytest.raises(OSError, match="Remote I/O"):
        found.transfer(bytes.fromhex(written), read, START_MS)


def test_they_answer_where_they_are_set() -> None:
    """An AMG8833 whose pad is soldered is at the other address."""
    hung = dataclasses.replace(SMALL, settings={"address": 0x68})

    assert AMG8833Chip(World(lambda: START_MS, small_town()), hung).address == 0x68
