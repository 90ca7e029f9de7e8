# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What no recording shows of the drivers that count people: settings, equations, and any bytes at all."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezet.errors import BadFrame, SensorNotReady
from edge.bus.conversation import Conversation
from edge.bus.i2c import ReplayI2C
from edge.sensors import amg8833, load_driver, mlx90640, vl53l1x
from tests.bezet.strategies import unhurried

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: The words 2410 to 243f of the worked example in the datasheet of the MLX90640 (11.2.2).
EXAMPLE = bytes(32) + bytes.fromhex(
    "4210ffbb0202f202f2f2e2e2d1e1b1d1f10ff00fe0efe0efe1e1f3f2f404e504"
    "79a62f44ffdd2210333322 33ef019acceedc10ff22213333233301 12eeffbbdd"
    "18ef2ff159529d6854540994695653542363e446fbb5044bf020979797972889"
)
ONE_PIXEL = bytes.fromhex("08a0")
#: Room for the gain, PTAT, Vbe, voltage and blind pixels of the example behind the pixels.
AROUND = {0x300: 0x4BF2, 0x308: 0xFFCA, 0x30A: 0x1881, 0x320: 0x06AF, 0x328: 0xFFC8, 0x32A: 0xCCC5}


def eeprom(dead: tuple[int, ...] = ()) -> bytes:
    """That of the example, with its pixel (12, 16) for all pixels but dead ones."""
    return EXAMPLE + b"".join(bytes(2) if pixel in dead else ONE_PIXEL for pixel in range(768))


def ram(pixel: int) -> bytes:
    """That of the example, with the same word in every pixel."""
    words = [AROUND.get(place, pixel if place < 768 else 0) for place in range(832)]
    return b"".join(word.to_bytes(2, "big") for word in words)


@pytest.mark.parametrize(
    ("driver", "settings", "complaint"),
    [
        ("amg8833", {"address": 0x33}, "address = 0x33: 0x69 or 0x68 is wanted"),
        ("amg8833", {"height_m": 1.9}, "height_m = 1.9: 2 to 5 m are wanted"),
        ("amg8833", {"height_m": math.nan}, "height_m = nan"),
        ("mlx90640", {"height_m": 5.1}, "height_m = 5.1: 2 to 5 m are wanted"),
        ("mlx90640", {"lens_deg": 60}, "lens_deg = 60: 110 or 55 is wanted"),
        ("mlx90640", {"refresh_hz": 8}, "refresh_hz = 8: 0.5, 1, 2 or 4 is wanted"),
        ("vl53l1x", {"inside": "c"}, 'inside = c: "a" or "b" is wanted'),
        ("vl53l1x", {"height_mm": 1_800}, "height_mm = 1800: 1900 to 3500 mm are wanted"),
        ("vl53l1x", {"threshold": 1}, "threshold = 1: a share of 0.3 to 0.9 is wanted"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(driver: str, settings: dict[str, Any], complaint: str) -> None:
    """A wrong setting is refused before anything is said, with its key, its value and what is wanted."""
    with pytest.raises(ValueError, match=re.escape(complaint)):
        load_driver(driver)(ReplayI2C(Conversation([])), **settings)


@pytest.mark.parametrize(
    ("driver", "settings"),
    [
        ("amg8833", {"address": 0x68, "height_m": 5}),
        ("mlx90640", {"height_m": 2, "lens_deg": 55, "refresh_hz": 0.5}),
        ("vl53l1x", {"height_mm": 3_500, "threshold": 0.9}),
        ("vl53l1x", {"height_mm": 1_900, "threshold": 0.3, "inside": "a"}),
    ],
)
def test_a_setting_at_its_end_is_taken(driver: str, settings: dict[str, Any]) -> None:
    """Both ends of a range belong to it."""
    load_driver(driver)(ReplayI2C(Conversation([])), **settings)


@pytest.mark.parametrize("driver", ["mlx90640", "vl53l1x"])
async def test_who_was_never_opened_has_nothing(driver: str) -> None:
    """A driver that needs to know its chip says nothing before it does."""
    with pytest.raises(SensorNotReady):
        await load_driver(driver)(ReplayI2C(Conversation([]))).read()


def picture_or_reason(decode: Callable[[], NDArray[np.float64]]) -> str | NDArray[np.float64]:
    """A picture, or why there is none."""
    try:
        return decode()
    except (BadFrame, SensorNotReady) as error:
        return str(error)


# --- MLX90640 ----------------------------------------------------------------------------------------------


def test_the_calibration_is_that_of_the_datasheets_example() -> None:
    """Every number of the worked example comes out of its EEPROM; arrays at its pixel (12, 16)."""
    chip, at = mlx90640.restore(eeprom()), (11, 15)

    assert (chip.kvdd, chip.vdd25, chip.v_ptat25, chip.gain) == (-3168, -13056, 12273, 6383)
    assert (chip.kt_ptat, chip.alpha_ptat, chip.tgc, chip.resolution, chip.is_chess) == (42.25, 9, 1, 2, True)
    assert (chip.kv_ptat, chip.ks_ta, chip.ks_to) == (0.00537109375, -0.001953125, -0.00080108642578125)
    assert (chip.offset[at], chip.kta[at], chip.kv[at]) == (-75, 0.005126953125, 0.5)
    assert chip.alpha[at] == pytest.approx(1.26223312690854e-7)
    assert [blind.offset for blind in chip.blind] == [-75, -77]
    assert [blind.alpha for blind in chip.blind] == pytest.approx([4.07453626394272e-9, 3.85171006200835e-9])
    assert {(blind.kta, blind.kv) for blind in chip.blind} == {(0.00457763671875, 0.5)}


def test_the_temperature_is_that_of_the_datasheets_example() -> None:
    """What pixel (12, 16) of the example gets is 80.36 °C."""
    got, alpha = np.array(679.250909123826), np.array(1.1876487360496e-7)
    seen_c = mlx90640.celsius(got, alpha, 9_516_495_632.56, -0.00080108642578125)

    assert seen_c == pytest.approx(80.36331250659185)


def test_each_half_has_its_pixels_of_the_chess_board() -> None:
    """Half 0 is where row and column together are even, half 1 the others; together they are whole."""
    chip = mlx90640.restore(eeprom())
    halves = [mlx90640.decode(ram(0xFF50), 0x1901, half, chip) for half in (0, 1)]
    rows, columns = np.indices((24, 32))

    for half in (0, 1):
        assert (~np.isnan(halves[half]) == ((rows + columns) % 2 == half)).all()
    assert np.isfinite(mlx90640.whole(halves[1], halves[0], chip.is_dead)).all()


@pytest.mark.parametrize("dead", [0, 31, 100, 767])
def test_a_dead_pixel_is_as_warm_as_those_beside_it(dead: int) -> None:
    """A pixel that the EEPROM calls dead says nothing, and its neighbours speak for it."""
    chip = mlx90640.restore(eeprom((dead,)))
    picture = np.arange(768.0).reshape(24, 32)
    beside = [place for place in (dead - 1, dead + 1) if place // 32 == dead // 32]

    assert mlx90640.whole(picture, picture, chip.is_dead).ravel()[dead] == np.mean(beside)


def test_two_chips_are_strangers() -> None:
    """The calibration of one chip is not touched by that of another, opened after it."""
    one = mlx90640.restore(eeprom())
    other = mlx90640.restore(eeprom((5,)))

    assert (one.is_dead.sum(), other.is_dead.sum()) == (0, 1)
    assert mlx90640.restore(eeprom()).is_dead.sum() == 0


@pytest.mark.parametrize("dead", [(1, 3, 5, 7, 9), tuple(range(768))])
def test_more_than_four_dead_pixels_are_no_calibration(dead: tuple[int, ...]) -> None:
    """The datasheet allows four; more are bytes that got lost."""
    with pytest.raises(BadFrame, match="no calibration"):
        mlx90640.restore(eeprom(dead))


@unhurried
@given(st.binary(min_size=64, max_size=64), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 1))
def test_whatever_a_chip_says_is_a_picture_or_refused(
    around: bytes, pixel: int, control: int, half: int
) -> None:
    """Any RAM becomes temperatures that the chip can see, or is refused without a picture in the message."""
    chip = mlx90640.restore(eeprom())
    said = ram(pixel)[:1536] + around + ram(pixel)[1600:]
    found = picture_or_reason(lambda: mlx90640.decode(said, control, half, chip))
    if isinstance(found, str):
        assert len(found) < 90
    else:
        seen_c = found[~np.isnan(found)]
        assert len(seen_c) == 384
        assert mlx90640.COLDEST_C <= seen_c.min() <= seen_c.max() <= mlx90640.HOTTEST_C


@unhurried
@given(st.binary(min_size=96, max_size=96), st.binary(min_size=2, max_size=2))
def test_whatever_an_eeprom_says_is_a_calibration_or_refused(head: bytes, pixel: bytes) -> None:
    """No EEPROM hangs the driver, or makes it fail in any other way."""
    said = bytes(32) + head + pixel * 768
    found = picture_or_reason(lambda: mlx90640.decode(ram(0xFF50), 0x1901, 0, mlx90640.restore(said)))

    assert not isinstance(found, str) or len(found) < 160


# --- AMG8833 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected_c"),
    [("9001", 100.0), ("6400", 25.0), ("0100", 0.25), ("ff0f", -0.25), ("b00f", -20.0), ("6450", 25.0)],
)
def test_a_pixel_is_twelve_bits_of_a_quarter_degree(word: str, expected_c: float) -> None:
    """The low byte comes first, negative numbers are two's complement, and four bits say nothing."""
    seen_c = np.array(amg8833.decode(bytes.fromhex(word) + bytes.fromhex("5400") * 63))

    assert (seen_c.shape, seen_c[0, 0], seen_c[7, 7]) == ((8, 8), expected_c, 21.0)


@given(st.binary(min_size=128, max_size=128))
def test_whatever_an_amg8833_says_is_a_picture_or_refused(frame: bytes) -> None:
    """Any bytes become temperatures that such a chip can see, or are refused without a picture."""
    found = picture_or_reason(lambda: np.array(amg8833.decode(frame)))
    if isinstance(found, str):
        assert len(found) < 60
    else:
        assert amg8833.COLDEST_C <= found.min() <= found.max() <= amg8833.HOTTEST_C


# --- VL53L1X -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance_mm", "expected_mm"),
    [(2_200, 2_200), (2_010, 2_010), (2_390, 2_390), (1_900, 2_200), (2_500, 2_200), (None, 2_200)],
)
def test_a_floor_is_where_the_mounting_says(distance_mm: float | None, expected_mm: float) -> None:
    """What is measured within a tenth of the height is the floor; anything else is somebody, or nothing."""
    assert vl53l1x.floor_mm(distance_mm, 2_200) == expected_mm


def test_a_chip_that_never_becomes_ready_is_not_waited_for() -> None:
    """The library would ask for ever; after some writes it is told that time is up."""
    face = vl53l1x.ImpatientFace(ReplayI2C(Conversation(["29 > 00"] * vl53l1x.MOST_WRITES)))
    for _ in range(vl53l1x.MOST_WRITES):
        face.writeto(0x29, b"\x00")

    with pytest.raises(TimeoutError, match="0x29 does not become ready"):
        face.writeto(0x29, b"\x00")
