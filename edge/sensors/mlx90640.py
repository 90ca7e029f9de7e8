# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""Melexis MLX90640: 32 by 24 thermopiles under one lens, counted on the spot; the picture stays in here.

A word is two bytes, the high one first, behind its address (datasheet 3901090640, address map):

    2400-273f  EEPROM: 64 words for all pixels, then one for each: offset, sensitivity, drift, bad or not
    0400-06ff  the pixels, a row after the other        ┌ 0700 Vbe     0708, 0728 blind pixels
    0700-073f  what is the same for all of them: ───────┤ 070a gain    0720 PTAT (warmth of the chip)
                                                        └ 072a supply voltage
    8000       status: bit 3 new since cleared, 2-0 which half, 4 may be overwritten
    800d       control: bit 12 chess, 11-10 resolution, 9-7 refresh rate, 0 in halves

One measurement is of half of the pixels (the white squares of a chess board, or the black). It becomes °C by
the numbers in the EEPROM (section 11.2.2, whose equations stand below in its order, with its names).

(Adafruit's library is not used: it keeps the calibration in its class, so that a second chip spoils that of
the first, and a chip with a bad pixel is opened only once; where an EEPROM reads as zeros it loops for ever.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bezet.errors import BadFrame, SensorNotReady
from bezet.model import Kind
from edge.heat import HeatCounter, Lens
from edge.sensors import DRIVERS, Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.bus import I2C

    Pixels = NDArray[np.float64]
    Words = NDArray[np.int64]

ADDRESS = 0x33
EEPROM, RAM, STATUS, CONTROL = (bytes.fromhex(at) for at in ("2400", "0400", "8000", "800d"))
ROWS, COLUMNS, ALL_WORDS = 24, 32, 832
NEWS, TAKEN = 0x0008, bytes.fromhex("0010")
#: The place of a rate is its number in bits 9 to 7. Faster, a bus of 100 kHz would not keep up.
RATES_HZ = (0.5, 1, 2, 4)
RATE_AND_PATTERN = 0x1380
ASK_AGAIN_S = 0.05
LENSES = {110: Lens(ROWS, COLUMNS, 75, 110), 55: Lens(ROWS, COLUMNS, 35, 55)}
#: What the chip can see, in °C.
COLDEST_C, HOTTEST_C = -40.0, 300.0
#: Clothes, skin and furniture send out so much of their warmth; what they reflect is as warm as the chip
#: without its own heat.
EMISSIVITY, OWN_HEAT_C = 0.95, 8.0
KELVIN = 273.15


class MLX90640:
    """A chip at the ceiling, `height_m` above the floor, whose lens sees `lens_deg` wide: 110 or 55.

    `refresh_hz` halves of a picture are measured in a second.
    """

    def __init__(
        self, bus: I2C, *, height_m: float = 2.7, lens_deg: int = 110, refresh_hz: float = 4
    ) -> None:
        if not 2 <= height_m <= 5:
            raise ValueError(f"height_m = {height_m}: 2 to 5 m are wanted")
        if lens_deg not in LENSES:
            raise ValueError(f"lens_deg = {lens_deg}: 110 or 55 is wanted")
        if refresh_hz not in RATES_HZ:
            raise ValueError(f"refresh_hz = {refresh_hz}: 0.5, 1, 2 or 4 is wanted")
        self._bus = bus
        self._rate = RATES_HZ.index(refresh_hz)
        self._patience = round(2 / refresh_hz / ASK_AGAIN_S)
        self._chip: Calibration | None = None
        self._counter = HeatCounter(LENSES[lens_deg], height_m=height_m, every_s=DRIVERS["mlx90640"].every_s)

    async def open(self) -> None:
        """Read the calibration and set the rate; `BadFrame` if there is no calibration."""
        self._chip = await self._bus.run(self._start)

    def _start(self) -> Calibration:
        chip = restore(self._bus.transfer(ADDRESS, EEPROM, 2 * ALL_WORDS))
        control = self._word(CONTROL) & ~RATE_AND_PATTERN | self._rate << 7 | chip.is_chess << 12
        self._bus.transfer(ADDRESS, CONTROL + control.to_bytes(2, "big"))
        return chip

    async def read(self) -> list[Measured]:
        """How many people it sees; `SensorNotReady` where there is no new picture in time."""
        chip = self._chip
        if chip is None:
            raise SensorNotReady("not opened")
        picture = await self._bus.run(lambda: self._see(chip))
        return [Measured(Kind.PEOPLE_COUNT, self._counter.count(picture).people)]

    def _see(self, chip: Calibration) -> Pixels:
        """A picture of two halves, whichever comes first; the second may have to be waited for."""
        control = self._word(CONTROL)
        halves: dict[int, Pixels] = {}
        while len(halves) < 2:
            half = self._wait_for_news()
            if half in halves:
                raise SensorNotReady("the other half did not come")
            self._bus.transfer(ADDRESS, STATUS + TAKEN)
            halves[half] = decode(self._bus.transfer(ADDRESS, RAM, 2 * ALL_WORDS), control, half, chip)
        return whole(halves[0], halves[1], chip.is_dead)

    def _wait_for_news(self) -> int:
        """Which half is new."""
        for _ in range(self._patience):
            status = self._word(STATUS)
            if status & NEWS:
                return status & 1
            self._bus.wait(ASK_AGAIN_S)
        raise SensorNotReady("no new picture")

    def _word(self, at: bytes) -> int:
        return int.from_bytes(self._bus.transfer(ADDRESS, at, 2), "big")


# --- words to °C -------------------------------------------------------------------------------------------


class Blind(NamedTuple):
    """A pixel that sees only the inside of the chip; there is one for each half."""

    offset: float
    alpha: float
    kta: float
    kv: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The numbers of one chip; arrays are rows by columns."""

    is_chess: bool
    resolution: int
    kvdd: int
    vdd25: int
    kv_ptat: float
    kt_ptat: float
    v_ptat25: int
    alpha_ptat: float
    gain: int
    tgc: float
    ks_ta: float
    ks_to: float
    offset: Words
    alpha: Pixels
    kta: Pixels
    kv: Pixels
    blind: tuple[Blind, Blind]
    is_dead: NDArray[np.bool_]


def restore(eeprom: bytes) -> Calibration:
    """The EEPROM to the numbers of the chip (11.2.2); `BadFrame` if it holds none."""
    words: Words = np.frombuffer(eeprom, ">u2").astype(np.int64)
    head, pixels = [int(word) for word in words[:64]], words[64:].reshape(ROWS, COLUMNS)
    is_dead = (pixels == 0) | (pixels & 1 == 1)
    kvdd, gain, kt_ptat = (
        _signed(head[0x33] >> 8, 8) * 32,
        _signed(head[0x30], 16),
        _signed(head[0x32], 10) / 8,
    )
    if is_dead.sum() > 4 or not kvdd or not kt_ptat or gain <= 0:
        raise BadFrame(f"no calibration of an MLX90640: {eeprom[0x60:0x80].hex(' ')} at 2430")
    kta_scale, kv_scale = 2.0 ** ((head[0x38] >> 4 & 15) + 8), 2.0 ** (head[0x38] >> 8 & 15)
    kta = _quarters([head[0x36] >> 8, head[0x37] >> 8, head[0x36], head[0x37]], 8)
    kv = _quarters([head[0x34] >> 12, head[0x34] >> 4, head[0x34] >> 8, head[0x34]], 4)
    offset_0, alpha_0 = _signed(head[0x3A], 10), _signed(head[0x39], 10) / 2.0 ** ((head[0x20] >> 12) + 27)
    drift = _signed(head[0x3B], 8) / kta_scale, _signed(head[0x3B] >> 8, 8) / kv_scale
    alpha_1 = alpha_0 * (1 + _signed(head[0x39] >> 10, 6) / 128)
    return Calibration(
        is_chess=not head[0x0A] >> 11 & 1,
        resolution=head[0x38] >> 12 & 3,
        kvdd=kvdd,
        vdd25=((head[0x33] & 0xFF) - 256) * 32 - 8192,
        kv_ptat=_signed(head[0x32] >> 10, 6) / 4096,
        kt_ptat=kt_ptat,
        v_ptat25=_signed(head[0x31], 16),
        alpha_ptat=(head[0x10] >> 12) / 4 + 8,
        gain=gain,
        tgc=_signed(head[0x3C], 8) / 32,
        ks_ta=_signed(head[0x3C] >> 8, 8) / 8192,
        ks_to=_signed(head[0x3D] >> 8, 8) / 2.0 ** ((head[0x3F] & 15) + 8),
        offset=_signed(head[0x11], 16) + _spread(words[0x10:0x20], _signed_all(pixels >> 10, 6)),
        alpha=(head[0x21] + _spread(words[0x20:0x30], _signed_all(pixels >> 4, 6)))
        / 2.0 ** ((head[0x20] >> 12) + 30),
        kta=(kta + _signed_all(pixels >> 1, 3) * 2 ** (head[0x38] & 15)) / kta_scale,
        kv=kv / kv_scale,
        blind=(
            Blind(offset_0, alpha_0, *drift),
            Blind(offset_0 + _signed(head[0x3A] >> 10, 6), alpha_1, *drift),
        ),
        is_dead=is_dead,
    )


def decode(ram: bytes, control: int, half: int, chip: Calibration) -> Pixels:
    """The RAM to °C, rows by columns, NaN in the other half; `BadFrame` for what the chip cannot see."""
    words = _signed_all(np.frombuffer(ram, ">u2").astype(np.int64), 16)
    gain, ptat = int(words[0x30A]), int(words[0x320])
    if gain <= 0 or ptat <= 0:
        raise BadFrame(f"gain {ram[0x614:0x616].hex(' ')}, PTAT {ram[0x640:0x642].hex(' ')}: not above 0")
    volts = (2.0 ** (chip.resolution - (control >> 10 & 3)) * int(words[0x32A]) - chip.vdd25) / chip.kvdd
    art = ptat / (ptat * chip.alpha_ptat + int(words[0x300])) * 2**18
    warmth_c = (art / (1 + chip.kv_ptat * volts) - chip.v_ptat25) / chip.kt_ptat

    def infrared(word: Words, one: Calibration | Blind) -> Pixels:
        dark = one.offset * (1 + one.kta * warmth_c) * (1 + one.kv * volts)
        return np.asarray(word * (chip.gain / gain) - dark)

    blind = chip.blind[half]
    got = infrared(words[: ROWS * COLUMNS].reshape(ROWS, COLUMNS), chip)
    got = (got - chip.tgc * infrared(words[0x308 + 0x20 * half], blind)) / EMISSIVITY
    alpha = (chip.alpha - chip.tgc * blind.alpha) * (1 + chip.ks_ta * warmth_c)
    seen_c = celsius(got, alpha, _reflected_k4(25 + warmth_c), chip.ks_to)
    _check(seen_c, ~chip.is_dead & (_half_of_each(is_chess=chip.is_chess) == half), ram)
    return np.where(_half_of_each(is_chess=chip.is_chess) == half, seen_c, math.nan)


def whole(one: Pixels, other: Pixels, is_dead: NDArray[np.bool_]) -> Pixels:
    """Two halves together; a dead pixel, which never has a dead neighbour, is as warm as those beside it."""
    picture = np.where(np.isnan(one), other, one)
    for row, column in np.argwhere(is_dead):
        beside = [place for place in (column - 1, column + 1) if 0 <= place < COLUMNS]
        picture[row, column] = picture[row, beside].mean()
    return picture


def celsius(got: Pixels, alpha: Pixels, reflected_k4: float, ks_to: float) -> Pixels:
    """Radiation to °C (11.2.2.9); what cannot be becomes NaN or infinite."""
    with np.errstate(all="ignore"):
        slope = ks_to * (alpha**3 * got + alpha**4 * reflected_k4) ** 0.25
        return np.asarray((got / (alpha * (1 - ks_to * KELVIN) + slope) + reflected_k4) ** 0.25 - KELVIN)


def _reflected_k4(chip_c: float) -> float:
    chip_k4, around_k4 = (chip_c + KELVIN) ** 4, (chip_c - OWN_HEAT_C + KELVIN) ** 4
    return around_k4 - (around_k4 - chip_k4) / EMISSIVITY


def _check(seen_c: Pixels, is_seen: NDArray[np.bool_], ram: bytes) -> None:
    """`BadFrame` with the first pixel that cannot be; never with a picture, as messages leave the device."""
    is_wrong = is_seen & ~((seen_c >= COLDEST_C) & (seen_c <= HOTTEST_C))
    for row, column in np.argwhere(is_wrong)[:1]:
        at = 2 * (row * COLUMNS + column)
        raise BadFrame(
            f"{ram[at : at + 2].hex(' ')} at row {row}, column {column}: {seen_c[row, column]:.0f} °C"
        )


def _half_of_each(*, is_chess: bool) -> Words:
    """The half of each pixel: by chess, or by rows."""
    rows, columns = np.indices((ROWS, COLUMNS))
    return np.asarray((rows + columns if is_chess else rows) % 2)


def _spread(words: Words, own: Words) -> Words:
    """What rows, columns and pixels add: the scales, a word, 6 words of rows, 8 of columns, 4 bits each."""
    nibbles = _signed_all(words[:, np.newaxis] >> np.array([0, 4, 8, 12]), 4)
    rows, columns = nibbles[2:8].reshape(ROWS, 1), nibbles[8:].reshape(1, COLUMNS)
    scales = int(words[0])
    return np.asarray((rows << (scales >> 8 & 15)) + (columns << (scales >> 4 & 15)) + (own << (scales & 15)))


def _quarters(words: list[int], bits: int) -> Words:
    """A number for each pixel by odd or even row, and by odd or even column."""
    rows, columns = np.indices((ROWS, COLUMNS)) % 2
    return np.asarray(np.array([_signed(word, bits) for word in words])[2 * rows + columns])


def _signed(word: int, bits: int) -> int:
    """The lowest bits of a word, as two's complement."""
    sign = 1 << bits - 1
    return (word & (sign << 1) - 1 ^ sign) - sign


def _signed_all(words: Words, bits: int) -> Words:
    sign = 1 << bits - 1
    return np.asarray((words & (sign << 1) - 1 ^ sign) - sign)
